//! `agentfold serve` asks Zendesk: its record of agents, names, and the Chat export.

use std::io::{BufRead, BufReader};
use std::thread;
use std::time::{Duration, Instant as Clock, SystemTime};

use agentfold::Instant;
use agentfold::export::{Exported, Served as Export, answer};
use serde_json::{Value, json};

use crate::host::{Asked, Host, Reply};
use crate::served::{ACCOUNT, SECRET, Served, agent, fold_of, settings};

/// `admin@example.com/token:hush`, as Basic credentials.
const AUTHORIZATION: &str = "Basic YWRtaW5AZXhhbXBsZS5jb20vdG9rZW46aHVzaA==";

/// The settings for a host in place of Zendesk.
fn zendesk(host: &Host, more: &str) -> String {
    let url = host.url();
    format!(
        "[accounts.{ACCOUNT}.zendesk]\nsubdomain = \"example\"\nemail = \"admin@example.com\"\ntoken = \"hush\"\nurl = \"{url}\"\n{more}"
    )
}

fn reply(status: u16, body: &Value) -> Reply {
    (status, "content-type: application/json".to_owned(), body.to_string())
}

fn ago(seconds: i64) -> Instant {
    let now = Instant::try_from(SystemTime::now()).expect("a date");
    Instant::from_unix(now.unix_seconds() - seconds, 0).expect("a date")
}

/// A host with these pages of lists, by path.
fn lists(pages: impl Fn(&str) -> Vec<Value> + Send + Sync + 'static) -> Host {
    Host::of(move |asked| {
        if asked.header("authorization") != AUTHORIZATION {
            return reply(401, &json!({}));
        }
        let (path, query) = asked.path.split_once('?').unwrap_or((&asked.path, ""));
        let pages = pages(path);
        let place = query.strip_prefix("place=").map_or(0, |place| place.parse().expect("a place"));
        let Some(mut page) = pages.get(place).cloned() else { return reply(404, &json!({})) };
        // The last page has a link, too.
        let next = format!("http://{}{path}?place={}", asked.header("host"), place + 1);
        page["links"] = json!({"next": next});
        page["meta"] = json!({"has_more": place + 1 < pages.len()});
        reply(200, &page)
    })
}

/// A page of the record with an agent that is online on `messaging`, and items that are open there.
fn record(agent: u64, version: u64, items: &[&str]) -> Value {
    let id = format!("agent_availabilities|{agent}");
    let channel = format!("{id}|channels|messaging");
    let resource =
        |item: &&str| json!({"type": "work_items", "id": format!("{channel}|work_items|{item}")});
    let listed: Vec<Value> = items.iter().map(resource).collect();
    let mut included = vec![json!({
        "type": "channels", "id": channel,
        "attributes": {"max_capacity": 3, "name": "messaging", "status": "online",
            "updated_at": ago(2 * 86_400).to_string(), "work_item_count": items.len()},
        "relationships": {"work_items": {"data": listed, "meta": {"has_more": false}}},
    })];
    included.extend(listed.iter().map(|item| {
        let mut item = item.clone();
        item["attributes"] = json!({"reason": "ASSIGNED", "added_at": ago(7200).to_string()});
        item
    }));
    json!({
        "data": [{
            "type": "agent_availabilities", "id": id,
            "attributes": {"agent_id": agent, "group_ids": [1], "version": version},
            "relationships": {"channels": {"data": [{"type": "channels", "id": channel}]}},
        }],
        "included": included,
    })
}

/// Asks a server for a comparison once the settings of Zendesk are read.
fn compared(url: &str, token: &str) -> (u16, Value) {
    let begin = Clock::now();
    loop {
        let request = agent().post(url).header("authorization", format!("Bearer {token}"));
        let mut response = request.send_empty().expect("an answer");
        let text = response.body_mut().read_to_string().expect("text");
        let body: Value = serde_json::from_str(&text).expect("JSON");
        if body["code"] != "no_credentials" || begin.elapsed() > Duration::from_secs(10) {
            return (response.status().as_u16(), body);
        }
        thread::sleep(Duration::from_millis(50));
    }
}

impl Served {
    fn compare(&self) -> (u16, Value) {
        compared(&self.url(&format!("/accounts/{ACCOUNT}/compare")), &self.token)
    }

    fn ask(&self, question: &str) -> Value {
        self.json(&format!("/accounts/{ACCOUNT}/{question}"))
    }
}

#[test]
fn the_record_is_taken_in_where_agents_differ_and_stays_after_a_restart() {
    let host = lists(|path| match path {
        "/api/v2/agent_availabilities" => vec![record(7, 9, &[]), record(8, 5, &["100"])],
        "/api/v2/users.json" => {
            let users = [(7, "Ann Lee"), (8, "Bo Li")];
            users.map(|(id, name)| json!({"users": [{"id": id, "name": name}]})).into()
        }
        "/api/v2/groups.json" => vec![json!({"groups": [{"id": 1, "name": "Support"}]})],
        _ => vec![],
    });
    let mut served = Served::new();
    assert_eq!(served.ask("drift"), Value::Null);
    assert_eq!(served.ask("names"), json!({"agents": {}, "groups": {}}));
    // The removal of this item was lost.
    let ghost = format!(
        r#"{{"account_id":{ACCOUNT},"detail":{{"agent_id":"7","version":"9"}},"event":{{"updated_at":"{}","work_item_id":"55","channel":"messaging","reason":"ASSIGNED"}},"id":"ghost","type":"zen:event-type:agent.work_item_added"}}"#,
        ago(7200)
    );
    assert_eq!(served.deliver(&ghost), 200);
    let request = agent()
        .get(served.url("/api/changes"))
        .header("authorization", format!("Bearer {}", served.token));
    let changes = BufReader::new(request.call().expect("an answer").into_body().into_reader());
    served.folder.write("agentfold.toml", settings(&[SECRET], &zendesk(&host, "")));
    let (status, drift) = served.compare();
    assert_eq!((status, &drift["agents"]), (200, &json!(2)), "{drift}");
    let differences = drift["differences"].as_array().expect("differences");
    assert_eq!(drift["count"], differences.len());
    let has = |agent: &str, kind: &str| {
        differences.iter().any(|it| it["agent_id"] == agent && it["difference"] == kind)
    };
    assert!(has("7", "ghost_item") && has("8", "unknown_agent"), "{drift}");
    // Followers read everything again.
    let mut kinds = changes.lines().map(|line| line.expect("a line"));
    assert!(kinds.any(|line| line == "event: missed"));
    assert_eq!(served.ask("drift"), drift);
    assert_eq!(served.json("/api/drift"), drift);
    let names = json!({"agents": {"7": "Ann Lee", "8": "Bo Li"}, "groups": {"1": "Support"}});
    assert_eq!(served.ask("names"), names);
    let states = served.ask("state");
    assert_eq!(states[0]["channels"]["messaging"]["work_items"], json!([]));
    assert_eq!(states[1]["channels"]["messaging"]["work_items"][0]["id"], "100");
    let (status, problem) = served.compare();
    assert_eq!((status, &problem["code"]), (429, &json!("compared_just_now")));

    let before = host.asked().len();
    served.kill();
    assert_eq!(served.ask("state"), states);
    assert_eq!(served.ask("drift"), drift);
    // On the same day nothing is asked again.
    thread::sleep(Duration::from_millis(300));
    assert_eq!(host.asked().len(), before);
    served.running.child.kill().expect("it runs");
    served.running.child.wait().expect("it has ended");
    assert_eq!(served.folder.run("serve --verify").code, Some(0));
}

#[test]
fn what_is_no_good_answer_of_zendesk_is_refused_and_credentials_go_nowhere_else() {
    let elsewhere = Host::of(|_| reply(200, &json!({"data": []})));
    let other = elsewhere.url();
    let mut page = record(7, 9, &[]);
    page["links"] = json!({"next": format!("{other}/api/v2/agent_availabilities")});
    let location = format!("location: {other}/api/v2/agent_availabilities");
    for answered in [
        reply(200, &page),
        (302, location, String::new()),
        reply(500, &json!({})),
        reply(401, &json!({})),
        (200, String::new(), "no page".to_owned()),
        reply(200, &json!({"data": [{"id": 7}]})),
    ] {
        let shown = answered.1.clone();
        let host = Host::of(move |_| answered.clone());
        let mut served = Served::new();
        // Once it runs, it does not look by itself for a minute.
        assert_eq!(served.ask("drift"), Value::Null);
        served.folder.write("agentfold.toml", settings(&[SECRET], &zendesk(&host, "")));
        let (status, problem) = served.compare();
        assert_eq!((status, &problem["code"]), (502, &json!("zendesk_failed")), "{shown}");
        let (status, problem) = served.compare();
        assert_eq!((status, &problem["code"]), (429, &json!("compared_just_now")), "{shown}");
        assert_eq!(host.asked().len(), 1, "{shown}");
        assert_eq!(host.asked()[0].header("authorization"), AUTHORIZATION);
        assert_eq!(served.ask("drift"), Value::Null);
        assert_eq!(served.json("/healthz")["status"], "ok");
        // Nothing of the credentials is logged, though it is logged why.
        served.running.child.kill().expect("it runs");
        let told = served.running.finish().stderr;
        assert!(told.contains("are not compared"), "{told}");
        assert!(!told.contains("hush") && !told.contains("YWRtaW5"), "{told}");
        assert!(!told.contains("admin@"), "{told}");
    }
    assert_eq!(elsewhere.asked().len(), 0);
}

#[test]
fn requests_at_once_share_one_comparison_and_the_end_of_the_server_does_not_wait_for_it() {
    let host = Host::of(|_| {
        thread::sleep(Duration::from_secs(2));
        reply(200, &json!({"data": []}))
    });
    let mut served = Served::new();
    assert_eq!(served.ask("drift"), Value::Null);
    served.folder.write("agentfold.toml", settings(&[SECRET], &zendesk(&host, "")));
    let (url, token) = (served.url(&format!("/accounts/{ACCOUNT}/compare")), &served.token);
    thread::scope(|scope| {
        let asking: Vec<_> = (0..8).map(|_| scope.spawn(|| compared(&url, token))).collect();
        let answers = asking.into_iter().map(|asking| asking.join().expect("no panic"));
        let drifts: Vec<(u16, Value)> = answers.collect();
        for drift in &drifts {
            assert_eq!((drift.0, &drift.1), (200, &drifts[0].1));
        }
    });
    let records = host.wait_for(1, "/api/v2/agent_availabilities");
    assert_eq!(records.len(), 1);

    let host = Host::of(|_| {
        thread::sleep(Duration::from_secs(20));
        reply(200, &json!({"data": []}))
    });
    served = Served::with(&zendesk(&host, ""));
    host.wait_for(1, "/api/v2/agent_availabilities");
    let begin = Clock::now();
    let pid = served.running.child.id().to_string();
    let status = std::process::Command::new("kill").arg(&pid).status().expect("it runs");
    assert!(status.success());
    assert!(served.running.wait().success());
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
}

/// Events of the Chat export of the last month.
fn chats() -> Vec<String> {
    let event = |i: i64| {
        let at = ago(30 * 86_400 - i * 2100);
        let agent = 100 + i % 20;
        let (field, value) = match i % 3 {
            0 => ("status", ["\"online\"", "\"away\"", "\"offline\""][i as usize / 3 % 3]),
            _ => ("engagements", ["0", "1", "2", "3", "4"][i as usize % 5]),
        };
        format!(
            r#"{{"account_id":{ACCOUNT},"agent_id":{agent},"field_name":"{field}","id":"chat-{i}","timestamp":"{at}","value":{value}}}"#
        )
    };
    (0..1200).map(event).collect()
}

#[test]
fn the_chat_export_is_pulled_through_kills_without_a_hole_and_not_from_the_start_again() {
    let events = chats();
    let served_events = events.clone();
    let export = move |asked: &Asked| {
        let (path, query) = asked.path.split_once('?').expect("a query");
        let query: Vec<&str> = query.split('&').filter(|it| !it.starts_with("limit=")).collect();
        let url = format!("http://{}{path}", asked.header("host"));
        let exported: Vec<_> = served_events
            .iter()
            .map(|text| {
                let event: Value = serde_json::from_str(text).expect("JSON");
                let id = event["id"].as_str().expect("an id").to_owned();
                let at = event["timestamp"].as_str().expect("an instant").parse().expect("one");
                Exported { id: id.into(), at, json: text.into() }
            })
            .collect();
        let served = Export { url: &url, now: ago(0), end: None };
        let answered = answer(&format!("{}&limit=100", query.join("&")), exported, &served);
        (answered.status, String::new(), answered.body)
    };
    let host = Host::of(move |asked| match asked.path.starts_with("/api/v2/chat/") {
        true => export(asked),
        false => reply(404, &json!({})),
    });
    let since = format!("chat_since = \"{}\"", ago(40 * 86_400));
    let mut served = Served::with(&zendesk(&host, &since));
    for kill in 1..=3 {
        host.wait_for(kill * 3, "/api/v2/chat/");
        served.kill();
    }
    let pulled = |served: &Served| served.fold().save() == fold_of(&events).save();
    let begin = Clock::now();
    while !pulled(&served) {
        assert!(begin.elapsed() < Duration::from_secs(30), "the folds differ");
        thread::sleep(Duration::from_millis(100));
    }
    // Twelve pages and a last one; each kill repeats one page at most, and asks for one that is not stored.
    let pages = host.wait_for(13, "/api/v2/chat/");
    assert!(pages.len() <= 13 + 3 * 2, "{}", pages.len());
    served.running.child.kill().expect("it runs");
    served.running.child.wait().expect("it has ended");
    assert_eq!(served.folder.run("serve --verify").code, Some(0));
}
