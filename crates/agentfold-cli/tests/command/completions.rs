//! Scripts of shells and manual pages know the commands that help knows.

use std::fs;

use crate::run::Folder;

/// The commands that the help lists.
fn commands(folder: &Folder) -> Vec<String> {
    let help = folder.run("--help").printed();
    let (_, listed) = help.split_once("Commands:\n").expect("a list of commands");
    let listed = listed.lines().map_while(|line| line.strip_prefix("  "));
    let name = |line: &str| line.split(' ').next().map(str::to_owned);
    listed.filter_map(name).filter(|name| !name.is_empty()).collect()
}

#[test]
fn the_script_of_each_shell_names_each_command() {
    let folder = Folder::new();
    let commands = commands(&folder);
    assert!(commands.contains(&"cloud-events".to_owned()), "{commands:?}");
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = folder.run(&format!("completions {shell}")).printed();
        for command in &commands {
            assert!(script.contains(command), "{shell}: {command}");
        }
    }
}

#[test]
fn each_command_has_a_manual_page() {
    let folder = Folder::new();
    assert_eq!(folder.run("manual pages/man1").code, Some(0));
    for command in commands(&folder).iter().filter(|command| *command != "help") {
        let page = format!("pages/man1/agentfold-{command}.1");
        let page = fs::read_to_string(folder.path().join(page)).expect("a page");
        assert!(page.contains("SYNOPSIS"), "{command}: {page}");
    }
    assert!(!folder.path().join("pages/man1/agentfold-manual.1").exists());
}
