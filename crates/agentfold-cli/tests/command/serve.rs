//! What `agentfold serve` does without a running server: settings, tokens, and refusals to start.

use std::process::Output;

use crate::run::{Folder, Run};

/// Runs `agentfold serve` with variables of the environment, and none of the machine's.
fn serve(folder: &Folder, variables: &[(&str, &str)], arguments: &str) -> Run {
    let mut command = folder.command(&format!("serve {arguments}"));
    let own =
        std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("AGENTFOLD"));
    for (name, _) in own {
        command.env_remove(name);
    }
    let Output { status, stdout, stderr } =
        command.envs(variables.iter().copied()).output().expect("it runs");
    let text = |bytes| String::from_utf8(bytes).expect("it prints text");
    Run { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
}

const FILE: &str = r#"
keep = "400d"
export_channel = "talk"
address = "127.0.0.1:1"

[accounts.10000345]
secrets = ["abracadabra", "simsalabim"]
"#;

#[test]
fn a_flag_outweighs_a_variable_which_outweighs_the_file_which_outweighs_the_default() {
    let folder = Folder::with("agentfold.toml", FILE);
    let variables = [("AGENTFOLD_ADDRESS", "127.0.0.1:2"), ("AGENTFOLD_EXPORT_CHANNEL", "chat")];
    let printed = serve(&folder, &variables, "--address 127.0.0.1:3 --print-config").printed();
    for line in [
        "address = \"127.0.0.1:3\"",
        "export_channel = \"chat\"",
        "keep = \"400d\"",
        "webhook_path = \"/webhooks/zendesk\"",
        "behind_proxy = false",
    ] {
        assert!(printed.lines().any(|printed| printed == line), "{line}: {printed}");
    }
}

#[test]
fn printed_settings_hide_secrets_and_can_be_read_again() {
    let folder = Folder::with("agentfold.toml", FILE);
    let printed = serve(&folder, &[], "--print-config").printed();
    assert!(printed.contains("[accounts.10000345]\nsecrets = [\"…\", \"…\"]"), "{printed}");
    assert!(!printed.contains("abracadabra") && !printed.contains("simsalabim"), "{printed}");
    folder.write("again.toml", &printed);
    assert_eq!(serve(&folder, &[], "--config again.toml --print-config").printed(), printed);
    assert_eq!(folder.files(), ["again.toml", "agentfold.toml"], "nothing else is done");
}

#[test]
fn an_account_needs_no_file() {
    let folder = Folder::new();
    let secret = [("AGENTFOLD_SECRET", "abracadabra")];
    let printed = serve(&folder, &secret, "--account 7 --print-config").printed();
    assert!(printed.ends_with("[accounts.7]\nsecrets = [\"…\"]\n"), "{printed}");
    let told = serve(&folder, &[], "--account 7 --print-config").refused(2);
    assert!(told.contains("AGENTFOLD_SECRET"), "{told}");
}

#[test]
fn a_typo_is_named_wherever_it_is() {
    let file =
        "adress = \"127.0.0.1:1\"\nkeep = \"soon\"\n[accounts.7]\nsecret = [\"abracadabra\"]\n";
    let folder = Folder::with("agentfold.toml", file);
    let told = serve(&folder, &[], "--print-config").refused(2);
    assert_eq!(
        told,
        "agentfold: agentfold.toml is wrong:\n  \
         line 1: `adress` is not an option; did you mean `address`?\n  \
         line 2: `keep`: must be a length of time, such as `90s`, `30m`, `8h` or `400d`\n  \
         line 4: `secret` is not an option; did you mean `secrets`?\n"
    );
    let folder = Folder::new();
    let told = serve(&folder, &[("AGENTFOLD_ADRESS", "127.0.0.1:1")], "--print-config").refused(2);
    assert!(told.contains("`AGENTFOLD_ADRESS`") && told.contains("`AGENTFOLD_ADDRESS`"), "{told}");
    // Such as Kubernetes sets them for a service of this name.
    let others = [("AGENTFOLD_SERVICE_HOST", "10.0.0.1"), ("AGENTFOLD_PORT", "tcp://10.0.0.1:80")];
    serve(&folder, &others, "--print-config").printed();
    let told = serve(&folder, &[], "--adress 127.0.0.1:1").refused(2);
    assert!(told.contains("'--address'"), "{told}");
    let told = serve(&folder, &[], "--config nofile.toml --print-config").refused(2);
    assert!(told.contains("nofile.toml"), "{told}");
}

#[test]
fn settings_that_do_not_go_together_are_refused() {
    let folder = Folder::new();
    for (arguments, message) in [
        ("--keep 1h", "`keep`"),
        ("--keep soon", "a length of time"),
        ("--address localhost:80", "an IP address and a port"),
        ("--webhook-path /api/hooks", "`webhook_path`"),
        ("--tls-certificate c.pem", "`tls_key`"),
        ("--tls-key k.pem", "`tls_certificate`"),
    ] {
        let told = serve(&folder, &[], arguments).refused(2);
        assert!(told.contains(message), "{arguments}: {told}");
    }
    assert_eq!(folder.files(), [""; 0]);
}

#[test]
fn a_token_is_printed_once_and_only_its_name_is_kept() {
    let folder = Folder::new();
    let told = serve(&folder, &[], "token list").refused(2);
    assert!(told.contains("agentfold.db"), "{told}");
    let token = serve(&folder, &[], "token add wallboard").printed();
    let random =
        token.trim_end().strip_prefix("af_wallboard_").expect("it has the name").to_owned();
    assert_eq!(random.len(), 43, "{token}");
    serve(&folder, &[], "token add bi --only 7").printed();
    let listed = serve(&folder, &[], "token list").printed();
    let row = |name: &str| listed.lines().find(|line| line.contains(name)).expect("it is listed");
    assert!(row("wallboard").contains("all") && row("bi").contains('7'), "{listed}");
    assert!(!listed.contains(&random) && !listed.contains("argon2"), "{listed}");
    let is_kept = |file: &String| {
        let bytes = folder.read(file);
        bytes.windows(random.len()).any(|part| part == random.as_bytes())
    };
    assert!(!folder.files().iter().any(is_kept), "the token is in a file");

    let told = serve(&folder, &[], "token add wallboard").refused(2);
    assert!(told.contains("`wallboard`"), "{told}");
    let told = serve(&folder, &[], "token add wall_board").refused(2);
    assert!(told.contains("A-Z a-z 0-9"), "{told}");
    serve(&folder, &[], "token revoke wallboard").printed();
    let told = serve(&folder, &[], "token revoke wallboard").refused(2);
    assert!(told.contains("there is no token `wallboard`"), "{told}");
    assert!(!serve(&folder, &[], "token list").printed().contains("wallboard"));
}

#[test]
fn tokens_are_in_the_database_that_the_settings_name() {
    let folder = Folder::with("other.toml", "database = \"b.db\"");
    serve(&folder, &[], "--database a.db token add one").printed();
    serve(&folder, &[], "--config other.toml token add two").printed();
    serve(&folder, &[("AGENTFOLD_DATABASE", "c.db")], "token add three").printed();
    // After the subcommand, too.
    serve(&folder, &[("AGENTFOLD_DATABASE", "c.db")], "token add four --database d.db").printed();
    serve(&folder, &[], "token add five --config other.toml").printed();
    for (database, name) in
        [("a.db", "one"), ("b.db", "two"), ("c.db", "three"), ("d.db", "four"), ("b.db", "five")]
    {
        let listed = serve(&folder, &[], &format!("token list --database {database}")).printed();
        assert!(listed.contains(name), "{database}: {listed}");
    }
}

#[test]
fn other_machines_are_let_in_only_with_a_secret_a_token_and_tls() {
    let folder = Folder::new();
    // A port of the machine is never opened: each start is refused before.
    let told = serve(&folder, &[], "--address 0.0.0.0:0").refused(2);
    assert_eq!(told.lines().count(), 4, "{told}");
    for missing in ["no account has a secret", "token add", "--tls-certificate", "--behind-proxy"] {
        assert!(told.contains(missing), "{missing}: {told}");
    }
    assert_eq!(folder.files(), [""; 0], "no database is created");
    serve(&folder, &[], "token add wallboard").printed();
    let told = serve(&folder, &[], "--address 0.0.0.0:0 --behind-proxy").refused(2);
    assert!(told.contains("no account has a secret"), "{told}");
    assert!(!told.contains("token add") && !told.contains("--tls-certificate"), "{told}");
    folder.write("agentfold.toml", FILE);
    let told = serve(&folder, &[], "--address 0.0.0.0:0").refused(2);
    assert!(told.contains("--tls-certificate") && !told.contains("secret"), "{told}");
}

#[test]
fn a_certificate_that_cannot_be_used_is_named() {
    let folder = Folder::with("c.pem", "no certificate").and("k.pem", "no key");
    let files = "--tls-certificate c.pem --tls-key k.pem";
    let told = serve(&folder, &[], &format!("--address 127.0.0.1:0 {files}")).refused(2);
    assert!(told.contains("c.pem: has no certificate"), "{told}");
    assert_eq!(folder.files(), ["c.pem", "k.pem"], "no database is created");
}
