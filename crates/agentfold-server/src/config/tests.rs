use std::fs;

use super::file::parse;
use super::*;

fn wrong(text: &str) -> Vec<String> {
    let file = Some(PathBuf::from("f"));
    let problems = parse(text).expect_err("it is wrong");
    let error = ConfigError { file, problems }.to_string();
    error.lines().skip(1).map(|line| line.trim_start().to_owned()).collect()
}

#[test]
fn all_that_is_wrong_with_a_file_is_named_with_its_line_and_the_near_name() {
    let text = r#"
adress = "127.0.0.1:80"
keep = "forever"
behind_proxy = "yes"
log_format = "xml"

[accounts.10000345]
secrets = ["good", "", 7]
zendesk = { subdomain = "a.b", oauth_token = "hush" }

[accounts.02]
secret = ["hush"]

[accounts.3.alerts]
thresholds = { silense = { longer_than = "4h" } }
[[accounts.3.alerts.send]]
url = "hush"
[[accounts.3.alerts.send]]
urls = "hush"
"#;
    let told = wrong(text);
    assert_eq!(
        told,
        [
            "line 2: `adress` is not an option; did you mean `address`?",
            "line 3: `keep`: must be a length of time, such as `90s`, `30m`, `8h` or `400d`",
            "line 4: `behind_proxy` must be true or false",
            "line 5: `log_format` must be `text` or `json`",
            "line 8: item 1 of `secrets`: the secret is empty, so anyone can sign",
            "line 8: item 2 of `secrets` must be a string",
            "line 9: `zendesk`: `subdomain` must be the first part of the host: `acme` for acme.zendesk.com",
            "line 11: `02` is not the id of an account: ids are whole numbers",
            "line 12: `secret` is not an option; did you mean `secrets`?",
            "line 15: `silense` is not an option; did you mean `silence`?",
            "line 17: `url`: must be a URL that begins with https:// or http://",
            "line 18: `url` is missing",
            "line 19: `urls` is not an option; did you mean `url`?",
        ]
    );
    assert!(!told.concat().contains("hush"));
}

#[test]
fn what_is_not_toml_is_told_by_its_line_without_its_text() {
    let told = wrong("address = \"127.0.0.1:80\"\n[accounts.1]\nsecrets = [\"hush\n");
    assert!(told[0].starts_with("line 3: not TOML: "), "{told:?}");
    assert!(!told.concat().contains("hush"), "{told:?}");
    assert!(
        wrong("keep = \"1d\"\nkeep = \"2d\"")[0].starts_with("line 2: not TOML: duplicate key")
    );
}

#[test]
fn credentials_are_complete_and_sent_to_zendesk_or_within_the_machine() {
    let zendesk = |text: &str| parse(&format!("[accounts.1.zendesk]\n{text}"));
    let both = "subdomain = \"acme\"\nemail = \"a@acme.example\"\ntoken = \"t\"\n";
    let settings = zendesk(&format!("{both}chat_since = 2026-01-01T00:00:00Z")).expect("good");
    let credentials = settings.accounts["1"].zendesk.as_ref().expect("they are there");
    assert_eq!(credentials.authorization().reveal(), "Basic YUBhY21lLmV4YW1wbGUvdG9rZW46dA==");
    assert_eq!(credentials.origin(), "https://acme.zendesk.com");
    assert_eq!(
        credentials.chat_since.map(|at| at.to_string()).as_deref(),
        Some("2026-01-01T00:00:00Z")
    );
    for text in [
        "subdomain = \"acme\"",
        "subdomain = \"acme\"\nemail = \"a@acme.example\"",
        &format!("{both}oauth_token = \"o\""),
        &format!("{both}url = \"http://example.com\""),
        &format!("{both}url = \"http://localhost@example.com\""),
        "subdomain = \"acme\"\noauth_token = \"two words\"",
    ] {
        assert!(zendesk(text).is_err(), "{text}");
    }
    assert!(zendesk(&format!("{both}url = \"http://127.0.0.1:9000\"")).is_ok());
}

#[test]
fn nothing_shows_a_secret() {
    let text = r#"
[accounts.1]
secrets = ["hush-1"]
zendesk = { subdomain = "acme", email = "hush-2", token = "hush-3" }
[accounts.1.alerts]
thresholds = {}
send = [{ url = "https://hush-4.example/", secret = "hush-5" }]
[accounts.2]
zendesk = { subdomain = "acme", oauth_token = "hush-6" }
"#;
    let settings = parse(text).expect("good");
    let accounts = by_id(parse(text).expect("good").accounts);
    let shown = format!("{settings:?}{}{accounts:?}", to_toml(&settings));
    assert!(!shown.contains("hush"), "{shown}");
    assert_eq!(to_toml(&settings).matches("\"…\"").count(), 6, "{shown}");
}

#[test]
fn lengths_are_written_as_they_are_read() {
    for text in ["400d", "90s", "8h", "30m", "0s", "1h 1ms"] {
        assert_eq!(text.parse::<Length>().expect("a length").to_string(), text);
    }
}

#[test]
fn webhooks_do_not_take_a_path_of_the_server() {
    for path in ["/webhooks/zendesk", "/zendesk", "/apis", "/z-1/x.y_~"] {
        assert_eq!(wrong_path(path), None, "{path}");
    }
    for path in
        ["", "/", "zendesk", "/a/", "//a", "/a b", "/{a}", "/a?b", "/api", "/api/x", "/metrics"]
    {
        assert!(wrong_path(path).is_some(), "{path}");
    }
}

#[test]
fn accounts_are_read_again_and_stay_as_they_were_after_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("agentfold.toml");
    let write = |text: &str| fs::write(&file, text).expect("written");
    write("keep = \"10d\"\n[accounts.1]\nsecrets = [\"old\"]");
    let given = || Settings { config: Some(file.clone()), ..Settings::default() };
    let config = Config::load(given()).expect("good");
    let secrets = || config.accounts.of(Id::new(1)).map(|account| account.secrets.len());
    assert_eq!((config.keep, secrets()), (Some(DAY * 10), Some(1)));
    write("keep = \"10d\"\n[accounts.1]\nsecrets = [\"old\", \"new\"]");
    assert_eq!((config.reload(), secrets()), (Ok(false), Some(2)));
    write("keep = \"10d\"\n[accounts.1]\nsecrets = [\"new\"");
    assert!(config.reload().is_err());
    assert_eq!(secrets(), Some(2));
    fs::remove_file(&file).expect("removed");
    assert!(config.reload().is_err());
    assert_eq!(secrets(), Some(2));
    write("keep = \"20d\"\n[accounts.2]");
    assert_eq!((config.reload(), secrets()), (Ok(true), None));
}

#[test]
fn other_machines_are_let_in_only_with_a_secret_a_token_and_tls() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("agentfold.toml");
    let refused = |text: &str, tokens| {
        fs::write(&file, text).expect("written");
        let given = Settings { config: Some(file.clone()), ..Settings::default() };
        let config = Config::load(given).expect("good");
        config.refuse_exposure(tokens).err().map(|error| error.problems.len() - 1)
    };
    assert_eq!(refused("", 0), None);
    assert_eq!(refused("address = \"[::1]:0\"", 0), None);
    assert_eq!(refused("address = \"[::ffff:127.0.0.1]:0\"", 0), None);
    let all = "address = \"0.0.0.0:0\"";
    assert_eq!(refused(all, 0), Some(3));
    assert_eq!(refused(&format!("{all}\nbehind_proxy = true"), 0), Some(2));
    assert_eq!(refused(&format!("{all}\nbehind_proxy = true\n[accounts.1]"), 1), Some(1));
    let good = format!("{all}\nbehind_proxy = true\n[accounts.1]\nsecrets = [\"s\"]");
    assert_eq!(refused(&good, 1), None);
}
