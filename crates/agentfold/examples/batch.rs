//! A job that reads compressed files and pages of the Chat export, and prints each agent's hours as CSV.
//!
//! ```sh
//! cargo run --features jiff --example batch -- Europe/Berlin monday.ndjson.gz page1.json page2.json
//! ```

use std::error::Error;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::time::Duration;

use agentfold::report::{Buckets, Every, RollUp, Row};
use agentfold::{Agent, BadInstant, Fold, Instant, Selection};
use flate2::bufread::MultiGzDecoder;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};

/// An hour of an agent, on one channel.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Hour {
    pub(crate) agent: Agent,
    pub(crate) channel: String,
    pub(crate) from: ZonedDateTime,
    pub(crate) to: ZonedDateTime,
    pub(crate) online: Duration,
    pub(crate) occupancy: Option<f64>,
}

/// Reads files and folds their events. Pages and lines need no telling apart: all of them are records.
pub(crate) fn fold_files(paths: &[impl AsRef<Path>]) -> io::Result<Fold> {
    let mut fold = Fold::new();
    for path in paths {
        let path = path.as_ref();
        let file = BufReader::new(File::open(path)?);
        let reader: Box<dyn Read> = match path.extension() {
            Some(extension) if extension == "gz" => Box::new(MultiGzDecoder::new(file)),
            _ => Box::new(file),
        };
        fold.read_from(reader, |bad| eprintln!("{}: {bad}", path.display()))?;
    }
    Ok(fold)
}

/// The hours of all agents on the clocks of a zone.
pub(crate) fn hours(
    fold: &Fold,
    zone: &TimeZone,
    from: Instant,
    to: Instant,
) -> Result<Vec<Hour>, Box<dyn Error>> {
    let local = |at| Ok::<_, BadInstant>(Timestamp::try_from(at)?.to_zoned_datetime(zone.clone()));
    let buckets = Buckets::every(Every::HOUR, zone, from, to, to)?;
    let mut hours = Vec::new();
    for row in fold.report(&buckets, RollUp::Agent, &Selection::all())? {
        let Row::Channel(row) = row else {
            continue;
        };
        let (Some(account_id), Some(agent_id)) = (row.about.account_id, row.about.agent_id) else {
            continue;
        };
        hours.push(Hour {
            agent: Agent::new(account_id, agent_id),
            channel: row.channel,
            from: local(row.from)?,
            to: local(row.to)?,
            online: Duration::from_nanos(u64::try_from(row.online_ns)?),
            occupancy: row.occupancy,
        });
    }
    Ok(hours)
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let zone = TimeZone::get(&args.next().ok_or("usage: batch ZONE FILE...")?)?;
    let fold = fold_files(&args.collect::<Vec<_>>())?;
    let last = fold.agents().filter_map(|agent| Some(fold.state(agent)?.last_event_at)).max();
    let to = last.ok_or("no event in these files")?;
    let from = Every::DAY.beginning(&zone, to);
    println!("account,agent,channel,from,to,online_seconds,occupancy");
    for Hour { agent, channel, from, to, online, occupancy } in hours(&fold, &zone, from, to)? {
        let occupancy = occupancy.map(|ratio| format!("{ratio:.3}")).unwrap_or_default();
        let (account, agent) = (agent.account_id, agent.agent_id);
        println!("{account},{agent},{channel},{from},{to},{},{occupancy}", online.as_secs());
    }
    Ok(())
}
