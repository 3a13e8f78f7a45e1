//! `agentfold pull --names`, with a server on loopback.

use serde_json::{Value, json};

use crate::pull::{TOKEN, command, finish};
use crate::run::{Folder, Run};
use crate::zendesk::{Behaviour, Zendesk};

fn pull(folder: &Folder, zendesk: &Zendesk, arguments: &str) -> Run {
    let address = zendesk.address;
    finish(&mut command(folder, &format!("--base-url http://{address} --names n {arguments}")))
}

/// A page of a list, as Zendesk paginates it by cursor.
fn page(key: &str, items: &[(u64, &str)], next: Option<&str>) -> Behaviour {
    let items = items.iter().map(|(id, name)| {
        json!({ "id": id, "name": name, "email": "someone@example.com", "role": "agent", "active": true })
    });
    let link = next.map(|after| {
        format!("https://acme.zendesk.com/api/v2/{key}.json?page[after]={after}&page[size]=100")
    });
    let page = json!({
        key: items.collect::<Vec<_>>(),
        "meta": { "has_more": next.is_some(), "after_cursor": next },
        "links": { "next": link, "prev": null },
    });
    Behaviour::Body(page.to_string())
}

/// Two pages of users and one of groups, in turn.
fn page_of(number: usize) -> Behaviour {
    match number {
        0 => page("users", &[(10011, "Ann Lee"), (10012, "Bo Ng")], Some("eyJ.x")),
        1 => page("users", &[(10013, "Cy")], None),
        _ => page("groups", &[(360, "Tier 2")], None),
    }
}

fn names(folder: &Folder) -> Value {
    serde_json::from_slice(&folder.read("n")).expect("JSON")
}

/// The targets of the requests.
fn targets(zendesk: &Zendesk) -> Vec<String> {
    let heads = zendesk.heads().into_iter();
    heads.map(|head| head.split(' ').nth(1).expect("a target").to_owned()).collect()
}

#[test]
fn the_names_of_all_pages_of_agents_and_groups_are_stored_alone() {
    let folder = Folder::new();
    let zendesk = Zendesk::of(0, page_of);
    let run = pull(&folder, &zendesk, "");
    assert_eq!(run.stderr, "pulled the names of 3 agents and 1 group\n");
    assert_eq!(run.printed(), "");
    let expected = json!({
        "agents": { "10011": "Ann Lee", "10012": "Bo Ng", "10013": "Cy" }, "groups": { "360": "Tier 2" },
    });
    assert_eq!(names(&folder), expected);
    assert_eq!(
        targets(&zendesk),
        [
            "/api/v2/users.json?role%5B%5D=agent&role%5B%5D=admin&page%5Bsize%5D=100",
            "/api/v2/users.json?page[after]=eyJ.x&page[size]=100",
            "/api/v2/groups.json?page%5Bsize%5D=100",
        ]
    );
    // All go to this host, whatever the links say.
    let token = format!("authorization: Bearer {TOKEN}\r\n");
    assert!(zendesk.heads().iter().all(|head| head.contains(&token)));
    assert_eq!(folder.files(), ["n"]);
}

#[test]
fn pulled_names_are_read_by_other_commands() {
    let folder = Folder::with(
        "events",
        crate::events::support_is("online", 10011, 1, "2026-01-05T09:00:00Z"),
    );
    pull(&folder, &Zendesk::of(0, page_of), "").printed();
    let table = folder.run("state events --table --names n").printed();
    assert!(table.contains(" 10011   Ann Lee "), "{table}");
}

#[test]
fn an_earlier_file_is_replaced_as_a_whole_or_not_at_all() {
    let folder = Folder::with("n", "earlier");
    let zendesk = Zendesk::of(0, |number| match number {
        0 | 1 => page_of(number),
        _ => Behaviour::Says(403, r#"{"error": "Forbidden"}"#),
    });
    let message = pull(&folder, &zendesk, "").refused(1);
    assert!(message.contains(
        "agentfold: forbidden (status 403): the credentials lack permission to list users"
    ));
    assert_eq!(folder.read("n"), b"earlier");
    pull(&folder, &Zendesk::of(0, page_of), "").printed();
    assert_eq!(names(&folder)["groups"], json!({ "360": "Tier 2" }));
    assert_eq!(folder.files(), ["n"]);
}

#[test]
fn temporary_failures_are_retried() {
    let folder = Folder::new();
    let mut good = 0;
    let zendesk = Zendesk::of(0, move |number| match number {
        0 => Behaviour::Status(429, "retry-after: 1"),
        2 => Behaviour::GoesAway,
        4 => Behaviour::Body(r#"{"groups": [{"id":"#.to_owned()),
        _ => {
            good += 1;
            page_of(good - 1)
        }
    });
    let run = pull(&folder, &zendesk, "");
    let lines: Vec<&str> = run.stderr.lines().collect();
    assert_eq!(lines[0], "too_many_requests (status 429): trying again in 1.0 s");
    assert!(lines[1].starts_with("no_reply ("), "{lines:?}");
    assert!(lines[2].starts_with("cut_off (status 200): trying again in "), "{lines:?}");
    assert_eq!(lines[3], "pulled the names of 3 agents and 1 group");
    run.printed();
    assert_eq!(targets(&zendesk).len(), 6);
}

#[test]
fn a_pull_without_success_gives_up_after_patience() {
    let zendesk = Zendesk::of(0, |_| Behaviour::Status(429, "retry-after: 3600"));
    let folder = Folder::new();
    let message = pull(&folder, &zendesk, "").refused(1);
    assert!(
        message.contains("run the command again in 3600.0 s or later; no file was written"),
        "{message}"
    );
    assert!(folder.files().is_empty());
}

#[test]
fn pages_that_are_wrong_or_never_end_are_refused_without_a_name() {
    let wrong = r#"{"users": [{"id": "Ann Lee", "name": "Ann Lee"}]}"#;
    let no_link =
        r#"{"users": [], "links": {"next": "https://acme.zendesk.com/api/v2/users.json"}}"#;
    for (behaviour, message) in [
        (Behaviour::Body(wrong.to_owned()), "/api/v2/users.json: bad_id at /users/0/id: not an id"),
        (Behaviour::Body(no_link.to_owned()), "/api/v2/users.json: the next page has no query"),
        (
            page("users", &[(7, "Ann Lee")], Some("x")),
            "/api/v2/users.json: the next page is one that came before",
        ),
        (
            Behaviour::Says(401, r#"{"error": "x"}"#),
            "unauthorized (status 401): zendesk did not accept",
        ),
        (
            Behaviour::Says(404, r#"{"error": "x"}"#),
            "not_found (status 404): the host has no users",
        ),
    ] {
        let folder = Folder::new();
        let told = pull(&folder, &Zendesk::of(0, move |_| behaviour.clone()), "").refused(1);
        assert!(told.contains(&format!("agentfold: {message}")), "{told}");
        assert!(!told.contains("Ann") && !told.contains(TOKEN), "{told}");
        assert!(folder.files().is_empty());
    }
}

#[test]
fn options_of_events_and_files_that_are_no_files_are_refused() {
    let folder = Folder::new();
    let zendesk = Zendesk::of(0, page_of);
    for options in [
        "--since 2018-10-19T12:00:00Z",
        "--cursor c",
        "--out o",
        "--follow",
        "--limit 9",
        "--endpoint chat",
    ] {
        let message = pull(&folder, &zendesk, options).refused(2);
        assert!(message.contains("cannot be used with"), "{message}");
    }
    let address = zendesk.address;
    let message = finish(&mut command(&folder, &format!("--base-url http://{address} --names .")));
    assert!(message.refused(2).contains(". is not a regular file"));
    assert!(zendesk.heads().is_empty());
}
