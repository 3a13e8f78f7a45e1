//! Handles eight bytes at a time in one word, to read digits and to find the end of a string.

const ONES: u64 = u64::MAX / 255;
const HIGHS: u64 = ONES << 7;

/// Eight bytes as a word, the first in the lowest byte.
#[inline(always)]
pub(crate) fn word(bytes: [u8; 8]) -> u64 {
    u64::from_le_bytes(bytes)
}

/// The index of the first byte that ends or breaks a plain string (a quote, a backslash, a control
/// character), or 8.
#[inline(always)]
pub(crate) fn first_special(word: u64) -> usize {
    specials(word).trailing_zeros() as usize / 8
}

/// Sets the high bits of special bytes; 0 if there are none. Only the lowest hit is reliable.
#[inline(always)]
pub(crate) fn specials(word: u64) -> u64 {
    // A borrow can only corrupt the bytes above a hit, so the lowest hit is correct.
    let zero = |word: u64| word.wrapping_sub(ONES) & !word;
    let quote = zero(word ^ (ONES * b'"' as u64));
    let backslash = zero(word ^ (ONES * b'\\' as u64));
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    (quote | backslash | control) & HIGHS
}

/// The number at the beginning of `bytes`, and its count of digits: at most 19, which fit into 64 bits.
#[inline(always)]
pub(crate) fn number(bytes: &[u8]) -> Option<(u64, usize)> {
    let Some(chunk) = bytes.first_chunk::<16>() else {
        return rest_of_number(bytes, 0, 0);
    };
    // Both words at once, without a branch: numbers of few and of many digits come in turns.
    let [first, second] = [0, 8]
        .map(|at| chunk[at..].first_chunk().map_or(0, |bytes| word(*bytes) ^ (ONES * b'0' as u64)));
    let count = |digits: u64| (not_digits(digits).trailing_zeros() / 8) as usize;
    let head = count(first);
    let tail = if head < 8 { 0 } else { count(second) };
    let length = head + tail;
    if length == 0 || length == 16 {
        return rest_of_number(bytes, 0, 0);
    }
    // A shift moves the digits to the highest bytes and fills the lowest with leading zeros.
    let shifted = |digits: u64, count: usize| {
        if count == 0 { 0 } else { eight_digits(digits << (64 - 8 * count)) }
    };
    Some((shifted(first, head) * POWERS[tail] + shifted(second, tail), length))
}

/// Reads one digit at a time, near the end of the bytes or for sixteen digits and more.
#[cold]
fn rest_of_number(bytes: &[u8], mut number: u64, mut length: usize) -> Option<(u64, usize)> {
    while let Some(digit) =
        bytes.get(length).map(|byte| byte.wrapping_sub(b'0')).filter(|d| *d <= 9)
    {
        if length == 19 {
            return None;
        }
        number = number * 10 + u64::from(digit);
        length += 1;
    }
    (length > 0).then_some((number, length))
}

const POWERS: [u64; 9] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

/// Sets the high bits of bytes above 9. Only the lowest hit is reliable.
#[inline(always)]
fn not_digits(digits: u64) -> u64 {
    (digits.wrapping_add(ONES * 0x76) | digits) & HIGHS
}

/// The number of eight digits, the first in the lowest byte.
#[inline(always)]
fn eight_digits(digits: u64) -> u64 {
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_ffff_0000_ffff;
    fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff
}

/// The number of eight digits.
#[inline(always)]
pub(crate) fn eight(bytes: [u8; 8]) -> Option<u64> {
    let digits = word(bytes) ^ (ONES * b'0' as u64);
    (not_digits(digits) == 0).then(|| eight_digits(digits))
}

/// The three numbers of `HH:MM:SS`.
#[inline(always)]
pub(crate) fn time_of_day(bytes: [u8; 8]) -> Option<(u32, u32, u32)> {
    pairs(word(bytes) ^ word(*b"00:00:00"), 0x7676_7f76_767f_7676)
        .map(|d| (pair(d, 0), pair(d, 3), pair(d, 6)))
}

/// Year and month of `YYYY-MM-`.
#[inline(always)]
pub(crate) fn year_and_month(bytes: [u8; 8]) -> Option<(u32, u32)> {
    pairs(word(bytes) ^ word(*b"0000-00-"), 0x7f76_767f_7676_7676)
        .map(|d| (pair(d, 0) * 100 + pair(d, 2), pair(d, 5)))
}

/// The word itself, if no byte plus its limit reaches 128: 0x76 accepts digits, 0x7f only zero.
#[inline(always)]
fn pairs(digits: u64, limits: u64) -> Option<u64> {
    ((digits.wrapping_add(limits) | digits) & HIGHS == 0).then_some(digits)
}

#[inline(always)]
fn pair(digits: u64, at: u32) -> u32 {
    let bytes = (digits >> (8 * at)) as u32;
    (bytes & 15) * 10 + (bytes >> 8 & 15)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn numbers_are_read_as_the_standard_library_does(text in "[0-9]{0,21}([^0-9].{0,9})?") {
            let length = text.bytes().take_while(u8::is_ascii_digit).count();
            let expected = (1..=19).contains(&length).then(|| {
                (text[..length].parse().expect("at most 19 digits"), length)
            });
            prop_assert_eq!(number(text.as_bytes()), expected);
        }

        #[test]
        fn the_first_special_byte_is_found(bytes in any::<[u8; 8]>(), few in "[a-z\"\\\\\n\u{7f}é]{8}") {
            for bytes in [bytes, *few.as_bytes().first_chunk().expect("eight")] {
                let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
                let expected = bytes.iter().position(special).unwrap_or(8);
                prop_assert_eq!(first_special(word(bytes)), expected);
            }
        }

        #[test]
        fn pairs_are_read_if_all_is_digits(text in "[0-9:]{8}|[0-9]{2}[:;9][0-9]{2}[:;9][0-9]{2}", odd in any::<u8>(), at in 0_usize..9) {
            let mut bytes: [u8; 8] = text.as_bytes().try_into().expect("eight");
            if let Some(byte) = bytes.get_mut(at) {
                *byte = odd;
            }
            let two = |i: usize| -> Option<u32> { std::str::from_utf8(&bytes[i..i + 2]).ok()?.parse().ok() };
            let plain = bytes[2] == b':' && bytes[5] == b':' && bytes.iter().filter(|b| b.is_ascii_digit()).count() == 6;
            let expected = plain.then(|| (two(0), two(3), two(6)));
            let read = time_of_day(bytes).map(|(a, b, c)| (Some(a), Some(b), Some(c)));
            prop_assert_eq!(read, expected);
        }
    }
}
