//! Streams of events from files and standard input.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use agentfold::Code;
use agentfold::stream::{Stream, Unreadable};
use agentfold_unpack::{Damage, Unpacked};
use indicatif::{ProgressBar, ProgressStyle};

use crate::args::Source;
use crate::failure::Failure;
use crate::output::tell;

/// How many problems with the same code are printed.
const SHOWN: u64 = 20;

/// How many unpacked bytes a file may have that is read as a whole.
const WHOLE: u64 = 256 << 20;

/// The file that records come from, for messages.
pub(crate) struct Place<'a> {
    /// The file's name.
    pub(crate) file: &'a str,
    bar: &'a ProgressBar,
    problems: &'a Problems,
}

/// The problems that were reported, in all files.
struct Problems {
    all: bool,
    counts: RefCell<BTreeMap<Code, u64>>,
}

impl Problems {
    /// Counts a problem, and returns whether to print it.
    fn add(&self, code: Code) -> bool {
        let mut counts = self.counts.borrow_mut();
        let count = counts.entry(code).or_default();
        *count += 1;
        self.all || *count <= SHOWN
    }

    /// Says how many were not printed.
    fn tell_rest(&self) {
        let counts = self.counts.borrow();
        let rest = counts.iter().map(|(code, count)| (code, count.saturating_sub(SHOWN)));
        let mut rest = rest.filter(|(_, more)| !self.all && *more > 0).peekable();
        if rest.peek().is_none() {
            return;
        }
        for (code, more) in rest {
            let noun = if more == 1 { "problem" } else { "problems" };
            tell(&format!("... and {more} more {noun} with {code}"));
        }
        tell("print all of them with --verbose or `agentfold check`");
    }
}

impl Place<'_> {
    /// Reports a record that could not be read on standard error.
    pub(crate) fn report(&self, bad: &Unreadable<'_>) {
        for issue in &bad.issues {
            if self.problems.add(issue.code) {
                let line = format!("{}:{}: {issue}", self.file, bad.text.line);
                self.bar.suspend(|| tell(&line));
            }
        }
    }
}

/// A consumer of the records of a source.
pub(crate) trait Reader {
    /// Whether to show a progress bar: only if nothing is printed while reading.
    const PROGRESS: bool;

    /// Takes all complete records of the stream, which comes from `place`.
    fn take(&mut self, place: &Place<'_>, stream: &mut Stream) -> Result<(), Failure>;

    /// Called before waiting for more bytes.
    fn waiting(&mut self) -> Result<(), Failure> {
        Ok(())
    }
}

/// Passes all records of a source to a reader.
pub(crate) fn read<R: Reader>(source: &Source, reader: &mut R) -> Result<(), Failure> {
    let files =
        if source.files.is_empty() { vec![PathBuf::from("-")] } else { source.files.clone() };
    let problems = Problems { all: source.verbose, counts: RefCell::default() };
    let bar = if R::PROGRESS { progress_bar(&files) } else { ProgressBar::hidden() };
    for file in &files {
        let is_input = file == Path::new("-");
        let name = if is_input { "standard input".into() } else { file.display().to_string() };
        let wrong = |error| Failure::WrongUse(format!("cannot read {name}: {error}"));
        let plain: Box<dyn Read> = match is_input {
            true => Box::new(io::stdin().lock()),
            false => Box::new(File::open(file).map_err(wrong)?),
        };
        let mut bytes = Unpacked::new(bar.wrap_read(plain));
        let place = Place { file: &name, bar: &bar, problems: &problems };
        let mut stream = Stream::new(&source.options());
        loop {
            stream.set_now(source.now());
            reader.take(&place, &mut stream)?;
            if stream.is_finished() {
                break;
            }
            reader.waiting()?;
            match stream.read_from(&mut bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => match Damage::of(&error) {
                    Some(Damage { words, at }) => stream.end_damaged(words, at),
                    None => return Err(wrong(error)),
                },
                Ok(_) => {}
            }
        }
    }
    bar.finish_and_clear();
    problems.tell_rest();
    Ok(())
}

/// Reads the bytes of a file or of standard input; at most one more than `most`.
pub(crate) fn bytes(file: Option<&Path>, most: Option<usize>) -> Result<Vec<u8>, Failure> {
    let file = file.filter(|file| *file != Path::new("-"));
    let name = file.map_or("standard input".into(), |file| file.display().to_string());
    let wrong = |error| Failure::WrongUse(format!("cannot read {name}: {error}"));
    let stream: Box<dyn Read> = match file {
        Some(file) => Box::new(File::open(file).map_err(wrong)?),
        None => Box::new(io::stdin().lock()),
    };
    let most = most.and_then(|most| u64::try_from(most).ok()?.checked_add(1)).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    stream.take(most).read_to_end(&mut bytes).map_err(wrong)?;
    Ok(bytes)
}

/// Reads a file, decompressed if it is gzip or zstd.
pub(crate) fn whole(file: &Path) -> Result<Vec<u8>, Failure> {
    let name = file.display();
    let mut bytes = Vec::new();
    open(file)
        .and_then(|file| file.take(WHOLE + 1).read_to_end(&mut bytes))
        .map_err(|error| Failure::WrongUse(format!("cannot read {name}: {error}")))?;
    match bytes.len() as u64 > WHOLE {
        true => {
            let most = WHOLE >> 20;
            Err(Failure::WrongUse(format!("{name} has more than {most} MiB, unpacked: split it")))
        }
        false => Ok(bytes),
    }
}

/// Opens a file, decompressed if it is gzip or zstd.
pub(crate) fn open(file: &Path) -> io::Result<impl Read> {
    Ok(Unpacked::new(File::open(file)?))
}

/// A progress bar over the bytes of all files, shown on terminals only.
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
