//! Events from files and standard input, streamed.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};

use agentfold::{Next, Records};
use flate2::read::MultiGzDecoder;
use indicatif::{ProgressBar, ProgressStyle};

use crate::args::Source;
use crate::failure::Failure;

/// How many bytes are asked for at a time.
const CHUNK: usize = 1 << 18;

/// What a caller does with each step through the records of a source.
pub(crate) trait Reader {
    /// Takes the next record from `bytes`, and tells how many of them were used.
    fn next(
        &mut self,
        records: &mut Records,
        bytes: &[u8],
        end: bool,
    ) -> Result<(usize, Next<()>), Failure>;

    /// Called at the beginning of each file, with its name.
    fn file(&mut self, name: &str);

    /// Called before more bytes are waited for.
    fn waiting(&mut self) -> Result<(), Failure> {
        Ok(())
    }
}

/// Reads all records of a source.
pub(crate) fn read(source: &Source, reader: &mut impl Reader) -> Result<(), Failure> {
    let files =
        if source.files.is_empty() { vec![PathBuf::from("-")] } else { source.files.clone() };
    let bar = progress_bar(&files);
    for file in &files {
        let name = if file.as_os_str() == "-" {
            "standard input".into()
        } else {
            file.display().to_string()
        };
        reader.file(&name);
        let wrong = |error| Failure::WrongUse(format!("can't read {name}: {error}"));
        let plain: Box<dyn Read> = match file.as_os_str() == OsStr::new("-") {
            true => Box::new(io::stdin().lock()),
            false => Box::new(File::open(file).map_err(wrong)?),
        };
        let mut bytes = decompressed(bar.wrap_read(plain)).map_err(wrong)?;
        read_stream(&mut bytes, &mut Records::new(&source.options()), reader, wrong)?;
    }
    bar.finish_and_clear();
    Ok(())
}

fn read_stream(
    stream: &mut dyn Read,
    records: &mut Records,
    reader: &mut impl Reader,
    wrong: impl Fn(io::Error) -> Failure,
) -> Result<(), Failure> {
    let mut buffer = vec![0; CHUNK];
    let (mut start, mut filled, mut end) = (0, 0, false);
    loop {
        let (used, next) = reader.next(records, &buffer[start..filled], end)?;
        start += used;
        match next {
            Next::Item(()) => {}
            Next::End => return Ok(()),
            Next::More => {
                buffer.copy_within(start..filled, 0);
                (start, filled) = (0, filled - start);
                if filled == buffer.len() {
                    buffer.resize(2 * filled, 0);
                }
                reader.waiting()?;
                let count = loop {
                    match stream.read(&mut buffer[filled..]) {
                        Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                        count => break count.map_err(&wrong)?,
                    }
                };
                filled += count;
                end = count == 0;
            }
        }
    }
}

/// The bytes of a stream as they were before gzip or zstd.
fn decompressed<'r>(mut stream: impl Read + 'r) -> io::Result<Box<dyn Read + 'r>> {
    let mut magic = Vec::new();
    stream.by_ref().take(4).read_to_end(&mut magic)?;
    let is_gzip = magic.starts_with(&[0x1f, 0x8b]);
    let is_zstd = magic == [0x28, 0xb5, 0x2f, 0xfd];
    let whole = Cursor::new(magic).chain(stream);
    Ok(match (is_gzip, is_zstd) {
        (true, _) => Box::new(MultiGzDecoder::new(whole)),
        (_, true) => Box::new(zstd::Decoder::new(whole)?),
        _ => Box::new(whole),
    })
}

/// A bar over the bytes of all files, shown on terminals only.
fn progress_bar(files: &[PathBuf]) -> ProgressBar {
    let sizes: Option<Vec<u64>> = files.iter().map(|file| size(file)).collect();
    let Some(sizes) = sizes else {
        return ProgressBar::hidden();
    };
    let style = "{bar:40} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left";
    let style = ProgressStyle::with_template(style).expect("the template is right");
    ProgressBar::new(sizes.iter().sum()).with_style(style)
}

fn size(file: &Path) -> Option<u64> {
    fs::metadata(file).ok().filter(fs::Metadata::is_file).map(|data| data.len())
}
