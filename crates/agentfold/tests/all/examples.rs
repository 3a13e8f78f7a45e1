//! The programs in `examples` run, and give the same answers as the fold.

#![allow(dead_code, reason = "the examples have a `main`")]

#[path = "../../examples/batch.rs"]
mod batch;
#[path = "../../examples/channel.rs"]
mod channel;
#[path = "../../examples/receiver.rs"]
mod receiver;

use std::error::Error;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};
use std::time::SystemTime;

use agentfold::floor::{ChannelFloor, Trust};
use agentfold::report::{Buckets, Every, RollUp, Row};
use agentfold::webhook::{Secret, sign};
use agentfold::{Agent, Fold, Instant, Selection};
use agentfold_simulate::{Feed, Simulation};
use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::tz::TimeZone;
use tokio::net::TcpListener;
use tokio::runtime;
use tokio::sync::oneshot;

type Done = Result<(), Box<dyn Error>>;

/// A folder for one test, removed when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> std::io::Result<Folder> {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder)?;
        Ok(Folder(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Returns the events of a day of a small team, one per line.
fn day(feed: Feed) -> Vec<String> {
    let simulation = Simulation { agents: 6, hours: 9, seed: 11, feed, ..Simulation::default() };
    simulation.events().collect()
}

fn folded(lines: &[String]) -> Fold {
    let mut fold = Fold::new();
    fold.read(lines.join("\n").as_bytes(), |bad| panic!("{bad}"));
    fold
}

fn last(fold: &Fold) -> Instant {
    fold.first_and_last_event_at().expect("events").1
}

/// The receiver, serving on its own port.
struct Server {
    url: String,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Server {
    fn start(path: &Path, secret: &str) -> Result<Server, Box<dyn Error>> {
        let team = receiver::Team::open(path, vec![Secret::new(secret)?])?;
        let runtime = runtime::Builder::new_current_thread().enable_io().build()?;
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let url = format!("http://{}", listener.local_addr()?);
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = thread::spawn(move || {
            let serving = axum::serve(listener, team.into_router());
            runtime.block_on(
                serving.with_graceful_shutdown(async { stopped.await.unwrap_or(()) }).into_future(),
            )
        });
        Ok(Server { url, stop, serving })
    }

    fn stop(self) -> Done {
        let _ = self.stop.send(());
        Ok(self.serving.join().map_err(|_| "the server panicked")??)
    }
}

/// Returns a client that keeps no connection open, so that the server can stop.
fn client() -> ureq::Agent {
    let config = ureq::Agent::config_builder().http_status_as_error(false);
    config.max_idle_connections(0).proxy(None).build().into()
}

#[test]
fn the_receiver_answers_as_the_fold_does_also_after_a_restart() -> Done {
    let folder = Folder::new("receiver")?;
    let (path, secret) = (folder.0.join("team"), "only-zendesk-and-we-know");
    let lines = day(Feed::Availability);
    let expected = folded(&lines);
    let (client, at) = (client(), last(&expected));

    let server = Server::start(&path, secret)?;
    let deliver = |body: &str, secret: &str| -> Result<u16, Box<dyn Error>> {
        let now = Instant::try_from(SystemTime::now())?;
        let mut request = client.post(format!("{}/webhook", server.url));
        for (name, value) in sign(body.as_bytes(), &Secret::new(secret)?, now) {
            request = request.header(name, value);
        }
        Ok(request.send(body)?.status().as_u16())
    };
    for line in lines.iter().chain(&lines[..3]) {
        assert_eq!(deliver(line, secret)?, 200);
    }
    assert_eq!(deliver(&lines[0], "somebody-elses-secret")?, 401);
    assert_eq!(deliver("{}", secret)?, 400);

    let mut server = Some(server);
    for _ in 0..3 {
        let now = server.take().map_or_else(|| Server::start(&path, secret), Ok)?;
        let get = |question: &str| client.get(format!("{}/{question}", now.url)).call();

        let floor: Vec<ChannelFloor> =
            serde_json::from_str(&get(&format!("floor?at={at}"))?.body_mut().read_to_string()?)?;
        assert!(!floor.is_empty());
        assert_eq!(floor, expected.floor(at, &Trust::default(), &Selection::all())?);

        let zone = TimeZone::get("Europe/Berlin")?;
        let from = Every::DAY.beginning(&zone, at);
        let report = format!("report?tz=Europe/Berlin&every=1h&from={from}&to={at}");
        let rows: Vec<Row> = serde_json::from_str(&get(&report)?.body_mut().read_to_string()?)?;
        let buckets = Buckets::every(Every::HOUR, &zone, from, at, Instant::MAX)?;
        let all: Vec<Row> = expected.report(&buckets, RollUp::Agent, &Selection::all())?.collect();
        assert!(!rows.is_empty());
        assert_eq!(rows, all);

        for wrong in ["report?tz=Mars/Olympus&every=1h", "report?tz=UTC&every=25h", "floor?at=noon"]
        {
            assert_eq!(get(wrong)?.status(), 400, "{wrong}");
        }
        // The file contains the fold only after the next start. Until then, the journal has it.
        now.stop()?;
    }
    Ok(())
}

#[test]
fn the_batch_job_reads_gzip_and_pages() -> Done {
    let folder = Folder::new("batch")?;
    let (webhooks, chats) = (day(Feed::Availability), day(Feed::Chat));
    let (zipped, page) = (folder.0.join("day.ndjson.gz"), folder.0.join("page.json"));
    let mut writer = GzEncoder::new(fs::File::create(&zipped)?, Compression::default());
    writer.write_all(webhooks.join("\n").as_bytes())?;
    writer.finish()?;
    let events = chats.join(",");
    fs::write(
        &page,
        format!(r#"{{"agent_events":[{events}],"count":{},"end_time":1}}"#, chats.len()),
    )?;

    let fold = batch::fold_files(&[&zipped, &page])?;
    assert!(fold == folded(&[webhooks, chats].concat()));

    let (zone, to) = (TimeZone::get("Asia/Kolkata")?, last(&fold));
    let hours = batch::hours(&fold, &zone, Every::DAY.beginning(&zone, to), to)?;
    assert!(hours.iter().any(|hour| !hour.online.is_zero() && hour.occupancy.is_some()));
    for hour in &hours {
        // Half an hour off UTC: the hours are those of local time in Kolkata.
        assert_eq!((hour.from.minute(), hour.from.time_zone()), (0, &zone));
        assert!(hour.online <= (&hour.to - &hour.from).try_into()?);
    }
    Ok(())
}

#[test]
fn built_events_cross_a_channel_and_read_back() -> Done {
    let at: Instant = "2026-01-05T08:00:00Z".parse()?;
    let agents: Vec<Agent> = (1..50).map(|agent| Agent::new(2, agent)).collect();
    let events = agents.iter().map(|agent| channel::comes_online(*agent, "support", at));
    let events = events.collect::<Result<Vec<_>, _>>()?;
    let (fold, lines) = channel::folded_and_stored(events.clone())?;
    assert_eq!(channel::read_back(&lines)?, events);
    assert!(fold == folded(&lines));
    assert!(fold.agents().eq(agents));
    Ok(())
}
