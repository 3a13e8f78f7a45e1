//! [`Tokens`]: who may read. The database has their hashes; a running server asks it again each second.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use agentfold::Id;
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rusqlite::{Connection, ErrorCode, params};
use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;
use zeroize::Zeroizing;

use crate::clock::now;
use crate::database::{Database, StoreError};
use crate::lockout::Lockout;

/// What every token begins with, so that people and scanners for secrets recognise one.
const PREFIX: &str = "af_";
/// How many characters 32 random bytes have as text.
const RANDOM: usize = 43;
/// How many characters a name has at most.
const NAME: usize = 40;
/// How old the list of tokens may be that a request is compared with.
const FRESH: Duration = Duration::from_secs(1);
/// How many tokens may wait to be hashed. Each takes some 20 ms and 19 MB, one after the other.
const HASHING: usize = 16;

/// The table of tokens. `account_id` is null for all accounts.
const TABLE: &str = "CREATE TABLE IF NOT EXISTS token (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, account_id TEXT, hash TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT";

/// A token as it is listed. Its text is not known any more.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Token {
    /// Its name, of which there is one.
    pub name: String,
    /// The account whose data it reads; `None` for all.
    pub account: Option<Id>,
    /// When it was added.
    pub created_at: agentfold::Instant,
}

/// Why a token was not added, listed or revoked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// The name cannot be part of a token.
    #[error("a name has 1 to 40 of the characters `A-Z a-z 0-9 . -`")]
    BadName,
    /// The name is taken.
    #[error("there is a token `{0}` already: choose another name, or revoke it first")]
    Taken(String),
    /// There is no token of this name.
    #[error("there is no token `{0}`: `agentfold serve token list` lists them")]
    Unknown(String),
    /// There is no database.
    #[error("there is no database {}: name it with --database, or add a token to create it", .0.display())]
    NoDatabase(PathBuf),
    /// The system gives no random bytes, or no memory to hash.
    #[error("cannot make a token: {0}")]
    System(String),
    /// The database cannot be read or written.
    #[error("cannot read or write tokens: {0}")]
    Database(#[from] rusqlite::Error),
    /// The file is not a database that can be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Opens the database beside a server that may be running, and creates it if there is none.
pub(crate) fn open(database: &Path) -> Result<Connection, TokenError> {
    if !database.exists() {
        Database::create_or_open(database)?;
    }
    Ok(Database::open_beside(database)?.into_connection())
}

/// Opens a database that is there.
fn open_existing(database: &Path) -> Result<Connection, TokenError> {
    match database.exists() {
        true => open(database),
        false => Err(TokenError::NoDatabase(database.to_owned())),
    }
}

/// Creates the table if it is not there.
pub(crate) fn create(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute(TABLE, []).map(|_| ())
}

/// Adds a token to a database, which is created if it is not there, and returns the token's text. Nobody can find
/// it out later: only its hash is stored.
///
/// # Errors
/// If the name is taken or cannot be part of a token, or the database cannot be written.
pub fn add_token(
    database: &Path,
    name: &str,
    account: Option<Id>,
) -> Result<Zeroizing<String>, TokenError> {
    // Before a database is created.
    if !is_name(name) {
        return Err(TokenError::BadName);
    }
    add(&open(database)?, name, account)
}

/// Lists the tokens of a database by name.
///
/// # Errors
/// If there is no database, or it cannot be read.
pub fn list_tokens(database: &Path) -> Result<Vec<Token>, TokenError> {
    let tokens = rows(&open_existing(database)?)?.into_iter().map(|row| Token {
        name: row.name.to_string(),
        account: row.account,
        created_at: row.created_at,
    });
    Ok(tokens.collect())
}

/// Removes a token from a database. A running server refuses it within seconds.
///
/// # Errors
/// If there is no such token or no database, or it cannot be written.
pub fn revoke_token(database: &Path, name: &str) -> Result<(), TokenError> {
    revoke(&open_existing(database)?, name)
}

fn add(
    connection: &Connection,
    name: &str,
    account: Option<Id>,
) -> Result<Zeroizing<String>, TokenError> {
    let system = |error: &dyn fmt::Display| TokenError::System(error.to_string());
    let mut random = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *random).map_err(|error| system(&error))?;
    let random = Zeroizing::new(URL_SAFE_NO_PAD.encode(*random));
    let token = Zeroizing::new(format!("{PREFIX}{name}_{}", *random));
    let hash = Argon2::default().hash_password(token.as_bytes());
    let hash = hash.map_err(|error| system(&error))?.to_string();
    let account = account.map(|id| id.to_string());
    let added = connection.execute(
        "INSERT INTO token (name, account_id, hash, created_at) VALUES (?, ?, ?, ?)",
        params![name, account, hash, now().unix_seconds()],
    );
    match added {
        Ok(_) => Ok(token),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
            Err(TokenError::Taken(name.to_owned()))
        }
        Err(error) => Err(error.into()),
    }
}

fn revoke(connection: &Connection, name: &str) -> Result<(), TokenError> {
    match connection.execute("DELETE FROM token WHERE name = ?", [name])? {
        0 => Err(TokenError::Unknown(name.to_owned())),
        _ => Ok(()),
    }
}

fn is_name(name: &str) -> bool {
    let is_good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    (1..=NAME).contains(&name.len()) && name.bytes().all(is_good)
}

/// A token in the database.
struct Row {
    id: i64,
    name: Arc<str>,
    account: Option<Id>,
    hash: String,
    created_at: agentfold::Instant,
}

fn rows(connection: &Connection) -> rusqlite::Result<Vec<Row>> {
    let query = "SELECT id, name, account_id, hash, created_at FROM token ORDER BY name";
    let mut statement = connection.prepare_cached(query)?;
    let rows = statement.query_map([], |row| {
        // What is no id must not become the right to read all accounts.
        let account: Option<String> = row.get(2)?;
        let account = account.map(|text| text.parse::<Id>()).transpose();
        let account = account.map_err(|_| rusqlite::Error::InvalidQuery)?;
        let created_at = agentfold::Instant::from_unix(row.get(4)?, 0);
        Ok(Row {
            id: row.get(0)?,
            name: row.get::<_, String>(1)?.into(),
            account,
            hash: row.get(3)?,
            created_at: created_at.unwrap_or(agentfold::Instant::MAX),
        })
    })?;
    rows.collect()
}

/// The right to read, given by a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Access {
    /// Not the name, which may be given again.
    id: i64,
    pub(crate) name: Arc<str>,
    /// The account that may be read; `None` for all.
    pub(crate) account: Option<Id>,
}

impl Access {
    pub(crate) fn allows(&self, account: Id) -> bool {
        self.account.is_none_or(|own| own == account)
    }
}

/// Why a request may not read.
#[derive(Debug)]
pub(crate) enum Refused {
    /// It has no token: 401.
    Missing,
    /// There is no such token: 401.
    Wrong,
    /// The client sent many wrong ones, or too many tokens are looked at: 429, with `Retry-After`.
    Wait(Duration),
    /// The tokens cannot be read: 503.
    Failed(TokenError),
}

/// The tokens of a running server.
pub(crate) struct Tokens {
    connection: Mutex<Connection>,
    known: Mutex<Known>,
    lockout: Lockout,
    /// Held while a token is hashed, so that many at once take the memory of one.
    hashing: Mutex<()>,
    waiting: AtomicUsize,
}

struct Known {
    read_at: Instant,
    rows: Vec<Arc<Row>>,
    /// The tokens that were right before, by their SHA-256: they are random, so no slow hash is needed to
    /// hide them in memory.
    right: HashMap<[u8; 32], Access>,
}

impl Tokens {
    /// Takes a connection of its own, on which nothing else waits.
    pub(crate) fn new(connection: Connection) -> Result<Tokens, TokenError> {
        let rows = rows(&connection)?.into_iter().map(Arc::new).collect();
        let known = Known { read_at: Instant::now(), rows, right: HashMap::new() };
        Ok(Tokens {
            connection: Mutex::new(connection),
            known: Mutex::new(known),
            lockout: Lockout::default(),
            hashing: Mutex::new(()),
            waiting: AtomicUsize::new(0),
        })
    }

    /// Whether a request may read, and what. A token that was right before is compared at once; others are
    /// hashed on a blocking thread.
    pub(crate) async fn access(
        self: &Arc<Self>,
        client: IpAddr,
        headers: &HeaderMap,
    ) -> Result<Access, Refused> {
        let token = token_of(headers).ok_or(Refused::Missing)?;
        let digest = Sha256::digest(token.as_bytes()).into();
        // Others may share the address of a client that has to wait.
        if let Some(access) = self.known().map_err(Refused::Failed)?.right.get(&digest) {
            return Ok(access.clone());
        }
        let now = Instant::now();
        if let Some(wait) = self.lockout.holds(client, now) {
            return Err(Refused::Wait(wait));
        }
        let Some(row) = self.row(&token)? else {
            self.lockout.note_wrong(client, now);
            return Err(Refused::Wrong);
        };
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= HASHING {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(Refused::Wait(Duration::from_secs(1)));
        }
        // Counted until the thread is done, even if the client left before.
        let all = Arc::clone(self);
        let hashed = spawn_blocking(move || {
            let access = all.hash(&token, digest, &row);
            all.waiting.fetch_sub(1, Ordering::Relaxed);
            access
        });
        let access = hashed.await.map_err(|_| {
            Refused::Failed(TokenError::System("the thread that hashes has ended".to_owned()))
        })?;
        access.ok_or_else(|| {
            self.lockout.note_wrong(client, now);
            Refused::Wrong
        })
    }

    /// Whether a token is still there: for answers that last, such as changes as they happen.
    pub(crate) fn is_valid(&self, access: &Access) -> Result<bool, TokenError> {
        Ok(self.known()?.rows.iter().any(|row| row.id == access.id))
    }

    /// How many tokens there are.
    pub(crate) fn count(&self) -> Result<usize, TokenError> {
        Ok(self.known()?.rows.len())
    }

    /// The row that a token names. The names are no secret, so it may show by the time whether there is one.
    fn row(&self, token: &str) -> Result<Option<Arc<Row>>, Refused> {
        let Some(name) = name_in(token) else { return Ok(None) };
        let known = self.known().map_err(Refused::Failed)?;
        Ok(known.rows.iter().find(|row| *row.name == *name).cloned())
    }

    fn hash(&self, token: &str, digest: [u8; 32], row: &Row) -> Option<Access> {
        let _one = self.hashing.lock().unwrap_or_else(PoisonError::into_inner);
        let lock = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        // Another request with the same token may have been first.
        if let Some(access) = lock().right.get(&digest) {
            return Some(access.clone());
        }
        let hash = PasswordHash::new(&row.hash).ok()?;
        Argon2::default().verify_password(token.as_bytes(), &hash).ok()?;
        let access = Access { id: row.id, name: Arc::clone(&row.name), account: row.account };
        let mut known = lock();
        // It may have been revoked in the meantime, and would then stay.
        if !known.rows.iter().any(|known| known.id == row.id) {
            return None;
        }
        known.right.insert(digest, access.clone());
        Some(access)
    }

    /// What is known, after the table was read again if that is a second ago.
    fn known(&self) -> Result<MutexGuard<'_, Known>, TokenError> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.read_at.elapsed() >= FRESH {
            let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
            let rows: Vec<Arc<Row>> = rows(&connection)?.into_iter().map(Arc::new).collect();
            known.right.retain(|_, access| rows.iter().any(|row| row.id == access.id));
            (known.rows, known.read_at) = (rows, Instant::now());
        }
        Ok(known)
    }
}

/// Shows how many tokens there are, not their hashes.
impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").finish_non_exhaustive()
    }
}

/// The name in a token; `None` if no token looks like this. The random part may have a `_`, too.
fn name_in(token: &str) -> Option<&str> {
    let (name, random) = token.strip_prefix(PREFIX)?.split_once('_')?;
    (is_name(name) && random.len() == RANDOM).then_some(name)
}

/// The token of a request: of Bearer, of Zendesk's Basic (`{email}/token:{token}`), or of a WebSocket, whose
/// protocols are the only header that browsers let scripts set.
fn token_of(headers: &HeaderMap) -> Option<Zeroizing<String>> {
    let own = |text: &str| Zeroizing::new(text.trim().to_owned());
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(authorization) = text(header::AUTHORIZATION) else {
        return text(header::SEC_WEBSOCKET_PROTOCOL)?.split(',').nth(1).map(own);
    };
    let (scheme, value) = authorization.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(own(value));
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = Zeroizing::new(STANDARD.decode(value.trim()).ok()?);
    let (_, token) = std::str::from_utf8(&pair).ok()?.split_once("/token:")?;
    Some(own(token))
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    fn request(name: &str, value: &str) -> HeaderMap {
        [(name.parse().expect("a name"), value.parse().expect("a value"))].into_iter().collect()
    }

    fn bearer(token: &str) -> HeaderMap {
        request("authorization", &format!("Bearer {token}"))
    }

    const CLIENT: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

    /// A database with a token, beside a server that has opened it.
    fn running(
        account: Option<Id>,
    ) -> (tempfile::TempDir, Connection, Arc<Tokens>, Zeroizing<String>) {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("agentfold.db");
        let beside = open(&file).expect("it can be opened");
        let token = add(&beside, "floor", account).expect("added");
        let tokens = Tokens::new(open(&file).expect("it can be opened")).expect("it can be read");
        (folder, beside, Arc::new(tokens), token)
    }

    #[tokio::test]
    async fn a_token_reads_its_account_by_each_way_to_send_it() {
        let (_folder, _beside, tokens, token) = running(Some(Id::new(7)));
        let basic = STANDARD.encode(format!("a@acme.example/token:{}", *token));
        for headers in [
            bearer(&token),
            request("authorization", &format!("Basic {basic}")),
            request("sec-websocket-protocol", &format!("agentfold, {}", *token)),
            request("sec-websocket-protocol", &format!("agentfold,{}", *token)),
        ] {
            let access = tokens.access(CLIENT, &headers).await.expect("it may read");
            assert_eq!((&*access.name, access.account), ("floor", Some(Id::new(7))));
            assert!(access.allows(Id::new(7)) && !access.allows(Id::new(8)));
        }
        assert!(matches!(tokens.access(CLIENT, &HeaderMap::new()).await, Err(Refused::Missing)));
    }

    #[tokio::test]
    async fn a_wrong_token_is_refused_and_after_twenty_the_client_waits_but_no_right_one() {
        let (_folder, beside, tokens, token) = running(None);
        let later = add(&beside, "later", None).expect("added");
        tokens.access(CLIENT, &bearer(&token)).await.expect("it may read");
        let end = if token.ends_with('A') { "B" } else { "A" };
        let almost = format!("{}{end}", &token[..token.len() - 1]);
        for wrong in
            ["nonsense", "af_", "af_floor_short", &almost, &token.replace("floor", "flood")]
        {
            let refused = tokens.access(CLIENT, &bearer(wrong)).await;
            assert!(matches!(refused, Err(Refused::Wrong)), "{wrong}: {refused:?}");
        }
        for _ in 5..20 {
            assert!(tokens.access(CLIENT, &bearer("nonsense")).await.is_err());
        }
        for waits in ["nonsense", &later] {
            assert!(matches!(tokens.access(CLIENT, &bearer(waits)).await, Err(Refused::Wait(_))));
        }
        assert!(tokens.access(CLIENT, &bearer(&token)).await.is_ok(), "it was right before");
        let other = "192.0.2.2".parse().expect("an address");
        thread::sleep(FRESH);
        assert!(tokens.access(other, &bearer(&later)).await.is_ok());
    }

    #[tokio::test]
    async fn a_token_counts_and_is_revoked_while_the_server_runs() {
        let (_folder, beside, tokens, token) = running(None);
        let access = tokens.access(CLIENT, &bearer(&token)).await.expect("it may read");
        revoke(&beside, "floor").expect("revoked");
        let again = add(&beside, "floor", None).expect("added");
        thread::sleep(FRESH);
        assert!(matches!(tokens.access(CLIENT, &bearer(&token)).await, Err(Refused::Wrong)));
        assert!(!tokens.is_valid(&access).expect("it can be read"));
        assert!(tokens.access(CLIENT, &bearer(&again)).await.is_ok());
    }

    #[tokio::test]
    #[expect(clippy::await_holding_lock, reason = "the threads that hash are held up by it")]
    async fn a_token_is_hashed_once_and_only_some_wait_for_it() {
        let (_folder, _beside, tokens, token) = running(None);
        let hashing = tokens.hashing.lock().expect("not poisoned");
        let ask = || {
            let (tokens, headers) = (Arc::clone(&tokens), bearer(&token));
            tokio::spawn(async move { tokens.access(CLIENT, &headers).await })
        };
        let asked: Vec<_> = (0..HASHING).map(|_| ask()).collect();
        while tokens.waiting.load(Ordering::Relaxed) < HASHING {
            tokio::task::yield_now().await;
        }
        assert!(matches!(ask().await.expect("no panic"), Err(Refused::Wait(_))));
        let started = Instant::now();
        drop(hashing);
        for task in asked {
            assert!(task.await.expect("no panic").is_ok());
        }
        let one = started.elapsed();
        assert_eq!(tokens.waiting.load(Ordering::Relaxed), 0);
        assert_eq!(tokens.known.lock().expect("not poisoned").right.len(), 1, "after {one:?}");
    }

    #[test]
    fn names_are_unique_and_part_of_the_token_and_hashes_are_not_listed() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("agentfold.db");
        for name in ["", "a b", "a_b", "ä", &"a".repeat(41)] {
            let refused = add_token(&file, name, None);
            assert!(matches!(refused, Err(TokenError::BadName)), "{name}");
        }
        assert!(matches!(list_tokens(&file), Err(TokenError::NoDatabase(_))));
        assert!(!file.exists());
        let token = add_token(&file, "wall-2.b", Some(Id::new(7))).expect("added");
        assert_eq!(name_in(&token), Some("wall-2.b"));
        assert!(matches!(add_token(&file, "wall-2.b", None), Err(TokenError::Taken(_))));
        let listed = list_tokens(&file).expect("listed");
        assert_eq!((&*listed[0].name, listed[0].account), ("wall-2.b", Some(Id::new(7))));
        assert_eq!(list_tokens(&file).expect("one").len(), 1);
        let hash = rows(&open(&file).expect("open")).expect("read")[0].hash.clone();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(!hash.contains(&token[12..]));
        revoke_token(&file, "wall-2.b").expect("revoked");
        assert!(matches!(revoke_token(&file, "wall-2.b"), Err(TokenError::Unknown(_))));
    }
}
