use agentfold::rest::Page;
use agentfold_simulate::{Feed, Simulation};

use super::*;
use crate::history::day_of;
use crate::verify::verify;

fn days(count: u32, agents: u32) -> Vec<String> {
    let simulation = Simulation {
        agents,
        hours: 24 * count,
        seed: 7,
        feed: Feed::Both,
        ..Simulation::default()
    };
    simulation.events().collect()
}

fn import(path: &Path, bytes: &[u8]) -> Imported {
    import_events(path, &mut { bytes }, &Options::default(), Some(2.into())).expect("imported")
}

/// What is stored of all agents, as they are loaded.
fn stored(path: &Path) -> Vec<(Agent, Vec<u8>)> {
    let database = Database::open_to_read(path).expect("opened");
    let mut all = Vec::new();
    for account in History::accounts(database.connection()).expect("read") {
        let history = History::new(database.connection(), account, today());
        for agent in history.agents().expect("read") {
            let mut fold = Fold::new();
            history.load(agent, i64::MIN, None, &mut fold).expect("loaded");
            all.extend(fold.save_agent(agent).map(|saved| (agent, saved)));
        }
    }
    all
}

const MOOD: &str = r#"{"account_id": 2, "id": "m", "type": "zen:event-type:agent.mood_changed",
    "event": {}, "detail": {}}"#;

#[test]
fn an_import_that_is_repeated_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.db");
    let lines = days(2, 3);
    let bytes = format!("{}\n{MOOD}\n{{}}\n", lines.join("\n"));
    let first = import(&path, bytes.as_bytes());
    assert_eq!((first.added, first.duplicate, first.unreadable), (lines.len() as u64 + 1, 0, 1));
    let mut whole = Fold::new();
    whole.read(bytes.as_bytes(), |_| {});
    let known: Vec<(Agent, Vec<u8>)> = whole.save_agents().collect();
    assert_eq!(stored(&path), known);
    let again = import(&path, bytes.as_bytes());
    assert_eq!((again.added, again.duplicate, again.unreadable), (0, first.added, 1));
    assert_eq!(stored(&path), known);
    let verified = verify(&path).expect("verified");
    assert_eq!(
        (verified.agents, verified.events, verified.differing),
        (known.len() as u64, first.added, Vec::new())
    );
}

#[test]
fn events_in_an_array_or_an_envelope_are_imported() {
    let folder = tempfile::tempdir().expect("a folder");
    let lines = days(1, 1);
    let path = folder.path().join("a.db");
    assert_eq!(import(&path, format!("[{}]", lines[..20].join(",")).as_bytes()).added, 20);
    let body = serde_json::json!({ "headers": {}, "body": lines[20] });
    assert_eq!(import(&path, body.to_string().as_bytes()).added, 1);
}

#[test]
fn another_instances_database_is_imported_with_seeds_and_what_retention_left() {
    let folder = tempfile::tempdir().expect("a folder");
    let (other, path) = (folder.path().join("other.db"), folder.path().join("a.db"));
    let lines = days(3, 3);
    import(&other, format!("{}\n{MOOD}", lines.join("\n")).as_bytes());
    let page = serde_json::json!({"data": [{"type": "agent_availabilities", "id": "agent_availabilities|99",
        "attributes": {"agent_id": 99, "version": 3, "agent_status": {"id": 1, "name": "online",
        "updated_at": "2026-01-05T09:00:00Z"}}}]});
    let page = Page::parse(page.to_string().as_bytes()).expect("a page");
    let mut database = Database::create_or_open(&other).expect("opened");
    let first = Event::parse(lines[0].as_bytes()).expect("an event");
    let account = first.agent().expect("of an agent").account_id;
    let seeded = Agent { account_id: account, agent_id: 99.into() };
    database
        .transaction(|connection| {
            let history = History::new(connection, account, today());
            let mut record = Fold::new();
            record.seed(account, &page, "2026-01-05T10:00:00Z".parse().expect("an instant"));
            history.add(
                seeded,
                day_of("2026-01-05T09:00:00Z".parse().expect("an instant")),
                record,
            )?;
            let cut = history.first()?.expect("history") + 1;
            history.set_cut(cut)?;
            history.agents()?.into_iter().try_for_each(|agent| history.forget(agent, cut))
        })
        .expect("stored");
    drop(database);
    assert_eq!(verify(&other).expect("verified").differing, []);
    let imported = import_database(&path, &other).expect("imported");
    assert!(imported.added > 0, "{imported:?}");
    assert_eq!(stored(&path), stored(&other));
    assert!(stored(&path).iter().any(|(agent, _)| *agent == seeded));
    assert_eq!(verify(&path).expect("verified").differing, []);
    let again = import_database(&path, &other).expect("imported again");
    assert_eq!((again.added, again.duplicate), (0, imported.added));
    assert_eq!(stored(&path), stored(&other));
    // Where history begins is taken in, too.
    assert_eq!(import(&path, lines[0].as_bytes()).expired, 1);
}

#[test]
fn what_another_instance_removed_stays_where_it_is_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let (other, path) = (folder.path().join("other.db"), folder.path().join("a.db"));
    let lines = days(3, 3);
    let all = lines.join("\n");
    for path in [&other, &path] {
        import(path, all.as_bytes());
    }
    let before = stored(&path);
    let mut database = Database::create_or_open(&other).expect("opened");
    database
        .transaction(|connection| {
            for account in History::accounts(connection)? {
                let history = History::new(connection, account, today());
                let cut = history.first()?.expect("history") + 2;
                history.set_cut(cut)?;
                history.agents()?.into_iter().try_for_each(|agent| history.forget(agent, cut))?;
            }
            Ok(())
        })
        .expect("stored");
    drop(database);
    assert_ne!(stored(&other), before);
    assert_eq!(import_database(&path, &other).expect("imported").added, 0);
    assert_eq!(stored(&path), before);
    assert_eq!(import(&path, all.as_bytes()).expired, 0);
    assert_eq!(verify(&path).expect("verified").differing, []);
}

#[test]
fn what_differs_from_the_events_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.db");
    import(&path, days(2, 2).join("\n").as_bytes());
    let change = |sql: &str| {
        let database = Database::open_beside(&path).expect("opened");
        assert!(database.connection().execute(sql, []).expect("changed") > 0);
        drop(database);
        let verified = verify(&path).expect("verified");
        verified.differing.into_iter().map(|differing| differing.part).collect::<BTreeSet<&str>>()
    };
    assert_eq!(change("UPDATE meta SET value = value WHERE key = 'first'"), BTreeSet::new());
    let other = "(SELECT bytes FROM day AS o WHERE o.agent_id = day.agent_id AND o.day <> day.day)";
    assert!(change(&format!("UPDATE day SET bytes = {other}")).contains("day"));
    let day = "(SELECT bytes FROM day AS o WHERE o.agent_id = base.agent_id)";
    let parts = change(&format!("UPDATE base SET bytes = {day}"));
    assert!(parts.contains("base") && parts.contains("now"), "{parts:?}");
}
