//! The files of `deploy` start the server as this version of the command is started.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::run::{AGENTFOLD, Folder};
use crate::served::Served;

fn deploy(name: &str) -> String {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy"));
    fs::read_to_string(folder.join(name)).expect("the file can be read")
}

/// What follows a key at the begin of a line.
fn value<'a>(text: &'a str, key: &str) -> &'a str {
    let mut values = text.lines().filter_map(|line| line.strip_prefix(key));
    values.next().unwrap_or_else(|| panic!("no line begins with {key}"))
}

#[test]
fn the_systemd_unit_starts_the_server_with_its_credential_and_its_state() {
    let unit = deploy("agentfold.service");
    let (credential, _) = value(&unit, "LoadCredential=").split_once(':').expect("its source");
    let folder = Folder::with(credential, "export_channel = \"talk\"");
    let place = folder.path().to_str().expect("text");
    let start = value(&unit, "ExecStart=/usr/local/bin/agentfold ")
        .replace("${CREDENTIALS_DIRECTORY}", place)
        .replace("${STATE_DIRECTORY}", "/state");
    let printed = folder.run(&format!("{start} --print-config")).printed();
    assert!(printed.contains("export_channel = \"talk\""), "{printed}");
    assert!(printed.contains("database = \"/state/agentfold.db\""), "{printed}");
}

#[test]
fn the_image_starts_the_server_at_the_port_that_it_exposes_and_asks_it_how_it_is() {
    let file = deploy("Containerfile");
    assert_eq!(value(&file, "ENTRYPOINT "), r#"["/agentfold"]"#);
    let folder = Folder::new();
    let run = |words: Vec<String>| {
        let (name, setting) = value(&file, "ENV ").split_once('=').expect("a variable");
        let mut command = Command::new(AGENTFOLD);
        command.args(words).env(name, setting).current_dir(folder.path());
        command.output().expect("it runs")
    };
    let words = |text: &str| -> Vec<String> { serde_json::from_str(text).expect("JSON") };
    let mut start = words(value(&file, "CMD "));
    start.push("--print-config".to_owned());
    let printed = String::from_utf8(run(start).stdout).expect("text");
    let address = format!("address = \"0.0.0.0:{}\"", value(&file, "EXPOSE "));
    assert!(printed.contains(&address), "{printed}");

    let check = value(&file, "HEALTHCHECK ").split_once("CMD ").expect("a command").1;
    let check = words(check);
    assert_eq!((&*check[0], &*check[1..].join(" ")), ("/agentfold", "serve health"));
}

#[test]
fn health_is_that_of_the_server_at_the_address() {
    let served = Served::new();
    let health = |address: &str| served.folder.run(&format!("serve --address {address} health"));
    health(&served.address).printed();
    let (address, folder) = (served.address.clone(), Folder::new());
    drop(served);
    let told = folder.run(&format!("serve --address {address} health")).refused(1);
    assert!(told.contains("no good answer from "), "{told}");
}
