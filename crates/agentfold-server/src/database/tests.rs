use std::fs;
use std::sync::Arc;

use super::*;
use crate::backup::backup;
use crate::outbox::Messages;
use crate::tokens::Tokens;
use crate::verify::verify;

fn code<T>(result: Result<T, StoreError>) -> &'static str {
    result.map(|_| ()).expect_err("refused").code()
}

fn count(database: &Database) -> i64 {
    database
        .connection()
        .query_row("SELECT count(*) FROM event", [], |row| row.get(0))
        .expect("read")
}

fn put(connection: &Connection, bytes: &[u8]) -> Result<(), StoreError> {
    connection.execute(
        "INSERT INTO event (account_id, agent_id, crc, bytes) VALUES ('2', '7', 0, ?)",
        [bytes],
    )?;
    Ok(())
}

#[test]
fn a_second_instance_is_refused_until_the_first_one_ends() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.db");
    let first = Database::create_or_open(&path).expect("created");
    assert_eq!(code(Database::create_or_open(&path)), "locked");
    Database::open_to_read(&path).expect("readers may");
    Database::open_beside(&path).expect("small changes may");
    drop(first);
    Database::create_or_open(&path).expect("opened");
}

#[test]
fn a_file_that_is_no_database_of_this_program_is_left_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.db");
    let text =
        "not a database, but long enough to be the head of one, as SQLite has it. ".repeat(20);
    fs::write(&path, &text).expect("written");
    assert_eq!(code(Database::create_or_open(&path)), "not_a_database");
    assert_eq!(code(Database::open_to_read(&path)), "not_a_database");
    assert_eq!(fs::read_to_string(&path).expect("read"), text);

    fs::remove_file(&path).expect("removed");
    Connection::open(&path)
        .and_then(|other| other.execute_batch("CREATE TABLE t (a)"))
        .expect("another program's");
    let before = fs::read(&path).expect("read");
    assert_eq!(code(Database::create_or_open(&path)), "not_a_database");
    assert_eq!(fs::read(&path).expect("read"), before);
    assert_eq!(code(Database::open_to_read(&folder.path().join("none.db"))), "io");
    assert_eq!(code(Database::create_or_open(&folder.path().join("none/a.db"))), "io");
}

#[test]
fn a_database_of_a_newer_version_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.db");
    let database = Database::create_or_open(&path).expect("created");
    database.connection().pragma_update(None, "user_version", VERSION + 1).expect("set");
    drop(database);
    assert_eq!(code(Database::create_or_open(&path)), "newer_version");
    assert_eq!(code(Database::open_to_read(&path)), "newer_version");
}

#[test]
fn a_damaged_database_is_told_as_damaged() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.db");
    let mut database = Database::create_or_open(&path).expect("created");
    database
        .transaction(|connection| (0..100).try_for_each(|_| put(connection, &[7; 1000])))
        .expect("stored");
    drop(database);
    let mut bytes = fs::read(&path).expect("read");
    let end = bytes.len();
    bytes[4096..end].fill(0xff);
    fs::write(&path, bytes).expect("written");
    let read = Database::create_or_open(&path).and_then(|database| {
        Ok(database
            .connection()
            .query_row("SELECT max(bytes) FROM event", [], |row| row.get::<_, Vec<u8>>(0))?)
    });
    assert_eq!(code(read), "damaged");
    assert_eq!(code(verify(&path)), "damaged");
}

#[test]
fn a_change_that_does_not_fit_on_the_disk_leaves_nothing_half_done() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.db");
    let mut database = Database::create_or_open(&path).expect("created");
    database.transaction(|connection| put(connection, b"first")).expect("stored");
    let pages: i64 = database
        .connection()
        .pragma_query_value(None, "page_count", |row| row.get(0))
        .expect("read");
    let limit = |pages: i64| format!("PRAGMA max_page_count = {pages}");
    database.connection().query_row(&limit(pages + 4), [], |_| Ok(())).expect("set");
    let fill = |connection: &Connection| (0..100).try_for_each(|_| put(connection, &[7; 1000]));
    assert_eq!(code(database.transaction(fill)), "full");
    assert_eq!(count(&database), 1);
    // There is room again.
    database.connection().query_row(&limit(1_000_000), [], |_| Ok(())).expect("set");
    database.transaction(fill).expect("stored");
    assert_eq!(count(&database), 101);
}

#[test]
fn a_change_that_fails_is_undone() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut database = Database::create_or_open(&folder.path().join("a.db")).expect("created");
    let failed = database.transaction(|connection| {
        put(connection, b"first")?;
        Err::<(), _>(StoreError::Full)
    });
    assert_eq!((code(failed), count(&database)), ("full", 0));
}

#[test]
fn a_backup_has_what_was_committed_and_replaces_no_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, to) = (folder.path().join("a.db"), folder.path().join("b.db"));
    let mut database = Database::create_or_open(&path).expect("created");
    database.transaction(|connection| put(connection, b"first")).expect("stored");
    let copied = database.transaction(|connection| {
        put(connection, b"second")?;
        backup(&path, &to)
    });
    copied.expect("a backup while another connection writes");
    assert_eq!((count(&database), count(&Database::open_to_read(&to).expect("opened"))), (2, 1));
    assert_eq!(code(backup(&path, &to)), "io");
    assert_eq!(count(&Database::create_or_open(&to).expect("a database to go on with")), 1);
}

/// What version 1 wrote, to go on with.
fn saved() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.db");
    let saved = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/saved/1.db");
    fs::write(&path, fs::read(saved).expect("read")).expect("written");
    (folder, path)
}

#[tokio::test]
async fn a_database_that_version_1_wrote_is_used() {
    let (_folder, path) = saved();
    let database = Database::create_or_open(&path).expect("opened");
    let verified = verify(&path).expect("read");
    assert_eq!((verified.agents, verified.events, verified.differing), (2, 1088, Vec::new()));
    let messages = Messages::of_all(&database).expect("read");
    assert_eq!((messages.waiting, messages.dropped), (1, 0));
    let tokens = Arc::new(Tokens::new(database.into_connection()).expect("read"));
    let token = "Bearer af_floor_Shao78WuZfMUEh2RCRHxugIhR6eyKFXdz-vY2sBt6hU";
    let headers = [("authorization".parse().expect("a name"), token.parse().expect("a value"))];
    let client = "192.0.2.1".parse().expect("an address");
    let access = tokens.access(client, &headers.into_iter().collect()).await.expect("it may read");
    assert!(access.allows(10_000_345.into()) && !access.allows(2.into()));
}

#[test]
fn other_tables_need_another_version() {
    let (folder, path) = saved();
    let tables = |path: &Path| {
        let database = Database::create_or_open(path).expect("opened");
        let sql = "SELECT name || ' ' || coalesce(sql, '') FROM sqlite_schema ORDER BY name";
        let mut select = database.connection().prepare(sql).expect("SQL");
        let rows = select.query_map([], |row| row.get::<_, String>(0)).expect("read");
        rows.collect::<Result<Vec<_>, _>>().expect("read")
    };
    assert_eq!(tables(&folder.path().join("new.db")), tables(&path));
}
