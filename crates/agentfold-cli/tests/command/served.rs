//! [`Served`]: a running server, for tests.

use std::time::{Duration, SystemTime};

use agentfold::webhook::{Secret, sign};
use agentfold::{Event, Fold, Instant};
use serde_json::Value;

use crate::run::{Folder, Running};

pub(crate) const ACCOUNT: &str = "10000084";
pub(crate) const SECRET: &str = "the-secret-of-a-test-server";

/// A server in a folder.
pub(crate) struct Served {
    pub(crate) folder: Folder,
    pub(crate) token: String,
    pub(crate) running: Running,
    pub(crate) address: String,
}

impl Served {
    pub(crate) fn new() -> Served {
        Served::with("")
    }

    /// A server with more settings of the account, as lines.
    pub(crate) fn with(more: &str) -> Served {
        Served::in_folder(Folder::with("agentfold.toml", settings(&[SECRET], more)))
    }

    /// A server in a folder with its settings.
    pub(crate) fn in_folder(folder: Folder) -> Served {
        let token = folder
            .run(&format!("serve token add test --only {ACCOUNT}"))
            .printed()
            .trim()
            .to_owned();
        let (running, address) = started(&folder);
        Served { folder, token, running, address }
    }

    /// Starts the server again as one that saves nothing while a test runs.
    pub(crate) fn pause_saving(&mut self) {
        self.running.killed();
        self.running = self.folder.start("serve --address 127.0.0.1:0 --log warn --save-after 1h");
        self.address = address(&self.running);
    }

    /// Kills the server, and starts it again.
    pub(crate) fn kill(&mut self) {
        self.running.child.kill().expect("it runs");
        self.running.child.wait().expect("it has ended");
        (self.running, self.address) = started(&self.folder);
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn get(&self, path: &str) -> (u16, String) {
        self.get_with(path, &self.token)
    }

    pub(crate) fn get_with(&self, path: &str, token: &str) -> (u16, String) {
        asked(&self.url(path), token)
    }

    pub(crate) fn json(&self, path: &str) -> Value {
        let (status, text) = self.get(path);
        assert_eq!(status, 200, "{path}: {text}");
        serde_json::from_str(&text).expect("JSON")
    }

    /// All that the server knows of the account.
    pub(crate) fn fold(&self) -> Fold {
        let mut fold = Fold::new();
        for row in self.json(&format!("/accounts/{ACCOUNT}/folds")).as_array().expect("rows") {
            let text = row["fold"].as_str().expect("base64");
            let saved = base64::Engine::decode(&base64::prelude::BASE64_STANDARD, text);
            fold.restore(&saved.expect("base64")).expect("a saved fold");
        }
        fold
    }

    pub(crate) fn deliver(&self, event: &str) -> u16 {
        delivered(&agent(), &self.address, event).expect("an answer")
    }

    /// Pulls the Chat export into the folder `pulled`, from where the last pull ended.
    pub(crate) fn pull(&self, options: &str) {
        let mut command = self.folder.command(&format!(
            "pull --base-url http://{} --since 2026-01-01T00:00:00Z --cursor cursor --out pulled {options}",
            self.address
        ));
        command.env("ZENDESK_EMAIL", "a@example.com").env("ZENDESK_API_TOKEN", &self.token);
        let output = command.output().expect("it runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// How many deliveries had an outcome since the start.
    pub(crate) fn outcomes(&self, outcome: &str) -> u64 {
        let (_, text) = self.get("/metrics");
        let line = format!("agentfold_deliveries_total{{outcome=\"{outcome}\"}} ");
        let count = text.lines().find_map(|it| it.strip_prefix(&line));
        count.map_or(0, |count| count.parse().expect("a number"))
    }
}

/// The file of settings with secrets of the account, and more of its settings as lines.
pub(crate) fn settings(secrets: &[&str], more: &str) -> String {
    format!("[accounts.{ACCOUNT}]\nsecrets = {secrets:?}\n{more}\n")
}

/// The arguments of the servers here.
pub(crate) const SERVE: &str = "serve --address 127.0.0.1:0 --log warn --save-after 1s";

pub(crate) fn started(folder: &Folder) -> (Running, String) {
    let running = folder.start(SERVE);
    let address = address(&running);
    (running, address)
}

/// Where a server listens once it does.
pub(crate) fn address(running: &Running) -> String {
    loop {
        let line = running.error();
        let rest = line.strip_prefix("open ").and_then(|rest| rest.split("://").nth(1));
        if let Some(address) = rest.and_then(|rest| rest.split('/').next()) {
            return address.to_owned();
        }
    }
}

pub(crate) fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder().http_status_as_error(false);
    config.timeout_global(Some(Duration::from_secs(30))).build().into()
}

/// The status and the text of an answer.
pub(crate) fn asked(url: &str, token: &str) -> (u16, String) {
    let request = agent().get(url).header("authorization", format!("Bearer {token}"));
    let mut response = request.call().expect("an answer");
    let text = response.body_mut().with_config().limit(1 << 30).read_to_string();
    (response.status().as_u16(), text.expect("text"))
}

pub(crate) fn now() -> Instant {
    Instant::try_from(SystemTime::now()).expect("a date")
}

pub(crate) fn delivered(
    agent: &ureq::Agent,
    address: &str,
    event: &str,
) -> Result<u16, ureq::Error> {
    signed(agent, &format!("http://{address}"), event, SECRET, now())
}

/// Delivers an event to the server at a URL, signed with a secret at an instant.
pub(crate) fn signed(
    agent: &ureq::Agent,
    url: &str,
    event: &str,
    secret: &str,
    at: Instant,
) -> Result<u16, ureq::Error> {
    let secret = Secret::new(secret).expect("a secret");
    let request = agent.post(format!("{url}/webhooks/zendesk"));
    let mut request = request.header("x-zendesk-account-id", ACCOUNT);
    for (name, value) in sign(event.as_bytes(), &secret, at) {
        request = request.header(name, value);
    }
    Ok(request.send(event)?.status().as_u16())
}

/// Simulated events of one account of the last hours.
pub(crate) fn events(folder: &Folder, hours: u32) -> Vec<String> {
    let start = Instant::from_unix(now().unix_seconds() - i64::from(hours) * 3600, 0);
    let start = start.expect("a date");
    let lines = folder
        .run(&format!(
            "simulate --agents 12 --hours {hours} --seed 3 --feed availability --start {start}"
        ))
        .printed();
    let of_account = format!("\"account_id\":{ACCOUNT},");
    lines.lines().filter(|line| line.contains(&of_account)).map(str::to_owned).collect()
}

pub(crate) fn fold_of<'a>(events: impl IntoIterator<Item = &'a String>) -> Fold {
    let mut fold = Fold::new();
    for event in events {
        fold.apply(&Event::parse(event.as_bytes()).expect("an event"));
    }
    fold
}
