//! A server that receives webhooks, shows the floor, makes reports, and loses nothing when it restarts.
//!
//! ```sh
//! ZENDESK_SECRET=… cargo run --features jiff --example receiver -- team
//! curl 'http://127.0.0.1:8080/floor'
//! curl 'http://127.0.0.1:8080/report?tz=Europe/Berlin&every=1h'
//! ```
//!
//! Each delivery is appended to `team.ndjson` before it is answered. When the server starts, it restores
//! `team.fold`, reads `team.ndjson`, and saves the fold again. A repeated event changes nothing, so it does
//! not matter where a crash happens.

use std::error::Error;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use agentfold::floor::{ChannelFloor, Trust};
use agentfold::report::{Buckets, Every, RollUp, Row};
use agentfold::webhook::{self, Handled, Policy, Secret};
use agentfold::{BadInstant, Fold, Instant, Selection};
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use jiff::tz::TimeZone;
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::task::spawn_blocking;

/// A fold that is kept in two files.
pub(crate) struct Team {
    fold: Mutex<Fold>,
    journal: Mutex<File>,
    secrets: Vec<Secret>,
}

impl Team {
    /// Restores the team from its files, if there are any.
    pub(crate) fn open(path: &Path, secrets: Vec<Secret>) -> Result<Team, Box<dyn Error>> {
        let (saved, journal) = (path.with_extension("fold"), path.with_extension("ndjson"));
        let mut fold = Fold::new();
        if saved.exists() {
            fold.restore(&fs::read(&saved)?)?;
        }
        if journal.exists() {
            fold.read_from(File::open(&journal)?, |bad| eprintln!("{bad}"))?;
        }
        // Renaming replaces the file at once, so that a crash leaves the old one or the new one.
        let new = path.with_extension("new");
        fs::write(&new, fold.save())?;
        File::open(&new)?.sync_all()?;
        fs::rename(new, saved)?;
        Ok(Team { fold: Mutex::new(fold), journal: Mutex::new(File::create(journal)?), secrets })
    }

    /// The routes of the server.
    pub(crate) fn into_router(self) -> Router {
        Router::new()
            .route("/webhook", post(receive))
            .route("/floor", get(floor))
            .route("/report", get(report))
            .with_state(Arc::new(self))
    }

    /// The team as it is now. Later events do not change it, so that questions block no deliveries.
    fn snapshot(&self) -> Fold {
        self.fold.lock().unwrap_or_else(PoisonError::into_inner).snapshot()
    }

    /// Verifies a delivery, stores it and folds it.
    fn receive(&self, headers: &HeaderMap, body: &[u8]) -> Handled {
        let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        let now = now().expect("the clock shows a year before 10,000");
        let policy = Policy::default();
        let received = match webhook::receive(&headers.collect(), body, &self.secrets, now, &policy)
        {
            Ok(received) => received,
            Err(refused) => return Handled::from(&refused),
        };
        if self.store(body).is_err() {
            return Handled::NotStored;
        }
        let mut fold = self.fold.lock().unwrap_or_else(PoisonError::into_inner);
        Handled::from(&fold.insert(&received.event))
    }

    fn store(&self, body: &[u8]) -> io::Result<()> {
        let mut journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
        journal.write_all(&[body, b"\n"].concat())?;
        journal.sync_data()
    }
}

async fn receive(State(team): State<Arc<Team>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    // It waits for the disk.
    let handled = spawn_blocking(move || team.receive(&headers, &body)).await;
    let status = webhook::advise(handled.unwrap_or(Handled::NotStored));
    StatusCode::from_u16(status).expect("a status")
}

#[derive(Deserialize)]
struct FloorQuery {
    at: Option<Instant>,
}

async fn floor(
    State(team): State<Arc<Team>>,
    Query(query): Query<FloorQuery>,
) -> Result<Json<Vec<ChannelFloor>>, BadRequest> {
    let at = query.at.map_or_else(now, Ok)?;
    Ok(Json(team.snapshot().floor(at, &Trust::default(), &Selection::all())?))
}

/// Today by default, on the clocks of the zone.
#[derive(Deserialize)]
struct ReportQuery {
    tz: String,
    every: Every,
    from: Option<Instant>,
    to: Option<Instant>,
}

async fn report(
    State(team): State<Arc<Team>>,
    Query(query): Query<ReportQuery>,
) -> Result<Json<Vec<Row>>, BadRequest> {
    let (zone, now) = (TimeZone::get(&query.tz)?, now()?);
    let from = query.from.unwrap_or_else(|| Every::DAY.beginning(&zone, now));
    let buckets = Buckets::every(query.every, &zone, from, query.to.unwrap_or(now), now)?;
    Ok(Json(team.snapshot().report(&buckets, RollUp::Agent, &Selection::all())?.collect()))
}

/// What is wrong with a question.
struct BadRequest(String);

impl<E: Error> From<E> for BadRequest {
    fn from(error: E) -> BadRequest {
        BadRequest(error.to_string())
    }
}

impl IntoResponse for BadRequest {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, self.0).into_response()
    }
}

fn now() -> Result<Instant, BadInstant> {
    Instant::try_from(SystemTime::now())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: receiver PATH")?;
    let secret = Secret::new(std::env::var("ZENDESK_SECRET")?)?;
    let team = Team::open(path.as_ref(), vec![secret])?;
    let listener = TcpListener::bind("127.0.0.1:8080").await?;
    Ok(axum::serve(listener, team.into_router()).await?)
}
