//! [`Folder`], [`Run`] and [`Running`]: run the command in tests.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// The path of the command.
pub(crate) const AGENTFOLD: &str = env!("CARGO_BIN_EXE_agentfold");

/// How long a command may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(30);

/// A new folder to run commands in, removed when dropped.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Folder {
        Folder(tempfile::tempdir().expect("a folder for the test can be made"))
    }

    /// A folder with one file.
    pub(crate) fn with(name: &str, bytes: impl AsRef<[u8]>) -> Folder {
        Folder::new().and(name, bytes)
    }

    /// The same folder with another file.
    pub(crate) fn and(self, name: &str, bytes: impl AsRef<[u8]>) -> Folder {
        self.write(name, bytes);
        self
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path().join(name), bytes).expect("the folder can be written to");
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path().join(name)).expect("the file was written")
    }

    /// The names of its files, sorted.
    pub(crate) fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path()).expect("the folder is there");
        let name = |path: PathBuf| path.file_name().map(OsStr::to_string_lossy).map(String::from);
        let mut names: Vec<String> =
            entries.filter_map(|entry| name(entry.expect("a file").path())).collect();
        names.sort();
        names
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// The command with arguments that contain no spaces, to run in this folder.
    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(AGENTFOLD);
        command.args(arguments.split_whitespace()).current_dir(self.path()).stdin(Stdio::null());
        command
    }

    /// Runs the command; its standard input is empty.
    pub(crate) fn run(&self, arguments: &str) -> Run {
        self.run_on("", arguments)
    }

    /// Runs the command on an input.
    pub(crate) fn run_on(&self, input: impl AsRef<[u8]>, arguments: &str) -> Run {
        let mut running = self.start(arguments);
        let mut stdin = running.stdin.take().expect("standard input is a pipe");
        let input = input.as_ref().to_vec();
        // The command may end before it has read all input.
        let writing = thread::spawn(move || drop(stdin.write_all(&input)));
        let run = running.finish();
        writing.join().expect("writing does not panic");
        run
    }

    /// Starts the command, and leaves its standard input open.
    pub(crate) fn start(&self, arguments: &str) -> Running {
        Running::start(self.command(arguments))
    }
}

/// The lines of a stream with their line breaks, as they arrive.
fn lines_of(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (send, lines) = mpsc::channel();
    thread::spawn(move || {
        let mut stream = BufReader::new(stream);
        loop {
            let mut line = Vec::new();
            match stream.read_until(b'\n', &mut line) {
                Ok(1..) if send.send(String::from_utf8_lossy(&line).into_owned()).is_ok() => {}
                _ => return,
            }
        }
    });
    lines
}

/// The result of a command.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// The standard output of a command that must have succeeded.
    #[track_caller]
    pub(crate) fn printed(self) -> String {
        assert_eq!(self.code, Some(0), "{}", self.stderr);
        self.stdout
    }

    /// The standard error of a command that must have failed with an exit code and printed nothing.
    #[track_caller]
    pub(crate) fn refused(self, code: i32) -> String {
        assert_eq!((self.code, self.stdout.as_str()), (Some(code), ""), "{}", self.stderr);
        self.stderr
    }
}

/// A running command. It is killed when dropped, so that no test leaves it behind.
pub(crate) struct Running {
    pub(crate) stdin: Option<ChildStdin>,
    pub(crate) child: Child,
    lines: Receiver<String>,
    errors: Receiver<String>,
}

impl Running {
    /// Starts a command, and leaves its standard input open.
    pub(crate) fn start(mut command: Command) -> Running {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the command can be started");
        let lines = lines_of(child.stdout.take().expect("standard output is a pipe"));
        let errors = lines_of(child.stderr.take().expect("standard error is a pipe"));
        Running { stdin: child.stdin.take(), child, lines, errors }
    }

    /// Writes a line to standard input.
    pub(crate) fn send(&mut self, line: &str) {
        let stdin = self.stdin.as_mut().expect("standard input is open");
        stdin.write_all(format!("{line}\n").as_bytes()).expect("it reads its standard input");
    }

    /// Waits for the next lines on standard output.
    #[track_caller]
    pub(crate) fn lines(&self, count: usize) -> Vec<String> {
        (0..count).map(|i| next(&self.lines, &format!("line {i} of {count}"))).collect()
    }

    /// Waits for the next line on standard error.
    #[track_caller]
    pub(crate) fn error(&self) -> String {
        next(&self.errors, "a line on standard error")
    }

    /// Kills the command, and returns all that is left on standard error.
    pub(crate) fn killed(&mut self) -> String {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it has ended");
        self.errors.iter().collect()
    }

    /// Waits for the end of the command, without closing its standard input.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("it can be waited for") {
                return status;
            }
            assert!(started.elapsed() < PATIENCE, "it does not end");
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Closes standard input, and waits for the end of the command.
    pub(crate) fn finish(mut self) -> Run {
        self.stdin = None;
        // The streams end with the command, so all output is complete after this.
        let code = self.wait().code();
        let (stdout, stderr) = (self.lines.iter().collect(), self.errors.iter().collect());
        Run { code, stdout, stderr }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended before.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[track_caller]
fn next(lines: &Receiver<String>, what: &str) -> String {
    let line = lines.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("{what} does not come"));
    line.trim_end_matches('\n').to_owned()
}
