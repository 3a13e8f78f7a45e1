//! The blocks of code in README.md and in the pages of `docs`.
//!
//! The `console` blocks of a page, and the `sh` blocks that call `agentfold`, run in order, in one empty
//! folder, each in `bash -euo pipefail`. An `sh` block is a script. A `console` block is a session:
//! `$ ` begins a command, `> ` continues it, and the other lines, if there are any, are the whole
//! standard output. `...` in them matches any text; space at the end of a line does not matter.
//! Commands that must not run, such as `agentfold` after `tail -f`, are in `text` blocks. Each
//! picture that the commands of a page draw is the one in `docs`, if that has one of this name.
//!
//! A block that names a file after its language is a part of that file. `toml` blocks are settings of the server.
//! The tests of each language run the other blocks.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::run::{AGENTFOLD, Folder};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The files of a folder with this extension, sorted.
fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(folder)).expect("the folder is there");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("a file").path()).collect();
    files.retain(|file| file.extension().is_some_and(|it| it == extension));
    files.sort();
    files
}

/// README.md, the guide and the contract.
fn pages() -> Vec<PathBuf> {
    let mut pages = vec![root().join("README.md")];
    pages.extend(files("docs", "md"));
    pages.extend(files("docs/contract", "md"));
    pages
}

fn read(page: &Path) -> String {
    fs::read_to_string(page).expect("the page can be read")
}

#[test]
fn the_commands_of_the_pages_do_what_they_show() {
    let (mut run, mut drawn) = (0, Vec::new());
    for page in pages() {
        let folder = Folder::new();
        for block in blocks(&read(&page)).iter().filter(|block| block.runs_here()) {
            if let Err(problem) = block.run(&folder) {
                panic!("{}:{}: {problem}\n{}", page.display(), block.line, block.script);
            }
            run += 1;
        }
        for name in folder.files() {
            let shown = root().join("docs").join(&name);
            if name.ends_with(".svg") && shown.exists() {
                let shown = fs::read(shown).expect("the picture can be read");
                assert!(folder.read(&name) == shown, "{}: draws another {name}", page.display());
                drawn.push(name);
            }
        }
    }
    assert!(run > 15, "{run}");
    for picture in files("docs", "svg") {
        let name = picture.file_name().and_then(|name| name.to_str()).expect("a name");
        assert!(drawn.iter().any(|drawn| drawn == name), "no page draws {name}");
    }
}

#[test]
fn each_block_of_the_pages_is_tried_by_some_test() {
    let doctests = read(&root().join("crates/agentfold/src/lib.rs"));
    for page in pages() {
        for block in blocks(&read(&page)) {
            let problem = match (block.language.as_str(), &block.file) {
                (_, Some(file)) => {
                    let text = read(&root().join(file));
                    (!text.contains(&block.text)).then(|| format!("is not in {file}"))
                }
                ("json", _) => {
                    let values = serde_json::Deserializer::from_str(&block.text).into_iter();
                    let bad = values.filter_map(Result::<serde_json::Value, _>::err).next();
                    bad.map(|error| error.to_string())
                }
                ("toml", _) => settings_problem(&block.text),
                ("rust", _) => {
                    let name = page.file_name().and_then(|name| name.to_str()).expect("a name");
                    let is_mounted = doctests.contains(&format!("/{name}\")"));
                    (!is_mounted).then(|| "is not in the doctests of the core".to_owned())
                }
                ("sh", _) => {
                    // Installs packages, which the tests of each language do.
                    let installs = ["pip install", "npm install", "cargo add"];
                    let is_tried =
                        block.runs_here() || installs.iter().any(|it| block.script.starts_with(it));
                    (!is_tried).then(|| "calls no `agentfold`".to_owned())
                }
                ("console" | "js" | "python" | "text", _) => None,
                (language, _) => Some(format!("nothing tries blocks of `{language}`")),
            };
            if let Some(problem) = problem {
                panic!("{}:{}: {problem}\n{}", page.display(), block.line, block.text);
            }
        }
    }
}

/// Why the server does not take settings, if it does not.
fn settings_problem(settings: &str) -> Option<String> {
    let run = Folder::with("agentfold.toml", settings).run("serve --print-config");
    (run.code != Some(0)).then_some(run.stderr)
}

#[test]
fn a_block_fails_by_its_exit_code_or_by_other_output() {
    let outcomes = |text: &str| -> Vec<bool> {
        let folder = Folder::new();
        let blocks = blocks(text);
        let calls = blocks.iter().filter(|block| block.runs_here());
        calls.map(|block| block.run(&folder).is_ok()).collect()
    };
    let simulated = "```sh\nagentfold simulate --agents 1 --hours 9 | head -n 1 > one\n```\n";
    let shown = |output: &str| {
        format!("{simulated}```console\n$ agentfold state \\\n> one | cut -c 1-14\n{output}```\n")
    };
    assert_eq!(outcomes(&shown("{\"account_id\":\n")), [true, true]);
    assert_eq!(outcomes(&shown("{\"acc...\":\n")), [true, true]);
    assert_eq!(outcomes(&shown("...\n")), [true, true]);
    assert_eq!(outcomes(&shown("")), [true, true]);
    assert_eq!(outcomes(&shown("{\"account_id\"\n")), [true, false]);
    assert_eq!(outcomes(&shown("{\"account_id\":\n...more\n")), [true, false]);
    let page = r#"{"agent_events":[]}"#;
    let typed_in = |output: &str| {
        format!("```console\n$ agentfold check - <<'END' 2>&1\n> {page}\n> END\n{output}\n```\n")
    };
    assert_eq!(outcomes(&typed_in("0 records: ...")), [true]);
    assert_eq!(outcomes(&typed_in("1 records: ...")), [false]);
    assert_eq!(outcomes("```console\n$ agentfold state nofile\n```\n"), [false]);
    assert_eq!(outcomes("```sh\nagentfold state nofile | cat\n```\n"), [false]);
    assert_eq!(outcomes("```sh\nagentfold --version\nfalse\n```\n"), [false]);
    assert_eq!(
        outcomes("```sh\ncargo install agentfold-cli\n```\n```text\nagentfold\n```\n"),
        [false; 0]
    );
}

/// A block of code.
struct Block {
    /// The line of its fence.
    line: usize,
    language: String,
    /// The file of which it is a part, if it names one.
    file: Option<String>,
    text: String,
    /// The commands of a session or script.
    script: String,
    /// The expected output; empty if none is shown.
    shown: String,
}

fn blocks(markdown: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = markdown.lines().enumerate();
    while let Some((at, fence)) = lines.next() {
        let Some(info) = fence.strip_prefix("```") else { continue };
        let inner = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```");
        let text: String = inner.flat_map(|line| [line, "\n"]).collect();
        let mut words = info.split_whitespace();
        let language = words.next().unwrap_or_default().to_owned();
        let (mut script, mut shown) = (String::new(), String::new());
        let mut in_command = false;
        for line in text.lines() {
            let command = match (&*language, line.split_at_checked(2)) {
                ("sh", _) => Some(line),
                ("console", Some(("$ ", command))) => Some(command),
                ("console", Some(("> ", more))) if in_command => Some(more),
                _ => None,
            };
            in_command = command.is_some();
            let part = if in_command { &mut script } else { &mut shown };
            part.extend([command.unwrap_or(line).trim_end(), "\n"]);
        }
        let file = words.next().map(str::to_owned);
        blocks.push(Block { line: at + 1, language, file, text, script, shown });
    }
    blocks
}

impl Block {
    fn runs_here(&self) -> bool {
        let mut lines = self.script.lines();
        let mut calls =
            || lines.any(|line| line.starts_with("agentfold ") || line.contains("| agentfold "));
        self.language == "console" || calls()
    }

    fn run(&self, folder: &Folder) -> Result<(), String> {
        let bin = Path::new(AGENTFOLD).parent().expect("the command is in a folder");
        let path = env::var_os("PATH").unwrap_or_default();
        let path = [bin.to_owned()].into_iter().chain(env::split_paths(&path));
        let mut bash = Command::new("bash");
        bash.args(["-euo", "pipefail", "-c", &self.script]).current_dir(folder.path());
        bash.env("PATH", env::join_paths(path).expect("no folder has a `:` in its name"));
        let output = bash.stdin(Stdio::null()).output().map_err(|error| error.to_string())?;
        let printed = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() {
            return Err(format!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr)));
        }
        let printed: String = printed.lines().flat_map(|line| [line.trim_end(), "\n"]).collect();
        if self.shown.is_empty() || shows(&self.shown, &printed) {
            return Ok(());
        }
        Err(format!("it prints\n{printed}"))
    }
}

/// Whether a text matches the one shown, in which `...` matches any text.
fn shows(shown: &str, printed: &str) -> bool {
    let (shown, printed) = (shown.trim_end(), printed.trim_end());
    let Some((first, rest)) = shown.split_once("...") else {
        return shown == printed;
    };
    let Some(mut printed) = printed.strip_prefix(first) else {
        return false;
    };
    let (middle, last) = rest.rsplit_once("...").unwrap_or(("", rest));
    for part in middle.split("...") {
        let Some(at) = printed.find(part) else {
            return false;
        };
        printed = &printed[at + part.len()..];
    }
    printed.ends_with(last)
}
