//! The commands in README.md and docs/command.md print what they show.
//!
//! The `sh` and `console` blocks of each document that call `agentfold` run in order, in one empty
//! folder, each in `bash -euo pipefail`. An `sh` block is a script. A `console` block is a session:
//! `$ ` begins a command, `> ` continues it, and the other lines, if there are any, are the whole
//! standard output. `...` in them matches any text; space at the end of a line does not matter.
//! Commands that must not run, such as `agentfold` after `tail -f`, are in `text` blocks. The
//! picture in `docs` is the one that these commands draw.

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::run::{AGENTFOLD, Folder};

#[test]
fn the_commands_of_the_readme_do_what_it_shows() {
    run("README.md");
}

#[test]
fn the_commands_of_the_examples_do_what_they_show() {
    run("docs/command.md");
}

/// Runs the blocks of a document, which draw the picture in `docs`.
fn run(document: &str) {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let text = fs::read_to_string(root.join(document)).expect("the document can be read");
    let blocks = blocks(&text);
    assert!(!blocks.is_empty(), "{document} calls `agentfold` in no `sh` or `console` block");
    let folder = Folder::new();
    for block in &blocks {
        if let Err(problem) = block.run(&folder) {
            panic!("{document}:{}: {problem}\n{}", block.line, block.script);
        }
    }
    let shown = fs::read(root.join("docs/day.svg")).expect("the picture can be read");
    assert!(folder.read("day.svg") == shown, "docs/day.svg is not what {document} draws");
}

#[test]
fn a_block_fails_by_its_exit_code_or_by_other_output() {
    let outcomes = |text: &str| -> Vec<bool> {
        let folder = Folder::new();
        blocks(text).iter().map(|block| block.run(&folder).is_ok()).collect()
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

/// A block of commands.
struct Block {
    /// The line of its fence.
    line: usize,
    script: String,
    /// The expected output; empty if none is shown.
    shown: String,
}

/// The blocks that call the command.
fn blocks(markdown: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = markdown.lines().enumerate();
    while let Some((at, fence)) = lines.next() {
        let Some(language) = fence.strip_prefix("```") else { continue };
        let inner = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```");
        let mut block = Block { line: at + 1, script: String::new(), shown: String::new() };
        let mut in_command = false;
        for line in inner {
            let command = match (language, line.split_at_checked(2)) {
                ("sh", _) => Some(line),
                ("console", Some(("$ ", command))) => Some(command),
                ("console", Some(("> ", more))) if in_command => Some(more),
                _ => None,
            };
            in_command = command.is_some();
            let text = if in_command { &mut block.script } else { &mut block.shown };
            text.extend([command.unwrap_or(line).trim_end(), "\n"]);
        }
        if block
            .script
            .lines()
            .any(|line| line.starts_with("agentfold ") || line.contains("| agentfold "))
        {
            blocks.push(block);
        }
    }
    blocks
}

impl Block {
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
