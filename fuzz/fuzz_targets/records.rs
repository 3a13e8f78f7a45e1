//! A stream gives the same records in chunks of any size, and uses every byte.
#![no_main]

use agentfold::stream::{Next, Record, Records};

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    // The last byte is the size of the chunks.
    let Some((chunk, bytes)) = input.split_last() else { return };
    let chunk = usize::from(*chunk) + 1;
    let whole: Vec<Record<'_>> = Records::iter(bytes).collect();
    let (mut records, mut chunked) = (Records::default(), Vec::new());
    let (mut from, mut to) = (0, 0);
    loop {
        let (used, next) = records.next(&bytes[from..to], to == bytes.len());
        from += used;
        match next {
            Next::Item(record) => chunked.push(record),
            Next::More if to < bytes.len() => to = bytes.len().min(to + chunk),
            Next::More => panic!("the reader waits for more bytes at the end"),
            Next::End => break,
        }
    }
    assert_eq!((chunked, from), (whole, bytes.len()));
});
