//! `agentfold simulate`: the events of a simulated floor.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use agentfold::Instant;
use agentfold_simulate::{Feed, Simulation, Spelling};
use clap::{Args, ValueEnum, value_parser};

use crate::clock::now;
use crate::failure::Failure;
use crate::output::{Output, tell};

/// Simulate the events of a support floor
///
/// Prints one event per line, in Zendesk's format: shifts, breaks, offers, missed offers,
/// transfers, capacity changes and idle time-outs in several accounts. The same options give the
/// same bytes on every machine.
///
/// Examples:
///   agentfold simulate --agents 10 --hours 8 > day.ndjson
///   agentfold simulate --agents 200 --seed 7 --duplicate 0.02 --shuffle 90 --truth true.ndjson
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct SimulateArgs {
    /// Number of agents
    #[arg(long, default_value_t = 100, value_name = "N", value_parser = value_parser!(u32).range(1..=1_000_000))]
    pub(crate) agents: u32,
    /// Number of hours to simulate, from --start
    #[arg(long, default_value_t = 24, value_name = "H")]
    pub(crate) hours: u32,
    /// Seed of the random numbers
    #[arg(long, default_value_t = 1, value_name = "S")]
    pub(crate) seed: u64,
    /// Share of events that are lost, from 0 to 1
    #[arg(long, default_value_t = 0.0, value_name = "P", value_parser = share)]
    pub(crate) drop: f64,
    /// Share of events that are delivered twice, from 0 to 1
    #[arg(long, default_value_t = 0.0, value_name = "P", value_parser = share)]
    pub(crate) duplicate: f64,
    /// Maximum delay of a delivery; delayed events arrive out of order
    #[arg(long, default_value_t = 0, value_name = "SECONDS")]
    pub(crate) shuffle: u32,
    /// By how much an agent's version rises with each event; above 1, most versions never arrive
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) version_step: u64,
    /// Feed to simulate
    #[arg(long, value_enum, default_value_t = FeedArg::Availability, value_name = "FEED")]
    pub(crate) feed: FeedArg,
    /// How the JSON of each event is written; every spelling means the same
    #[arg(long, value_enum, default_value_t = SpellingArg::Documented, value_name = "SPELLING")]
    pub(crate) spelling: SpellingArg,
    /// When the simulation begins (RFC 3339); default: 2026-01-05T00:00:00Z
    ///
    /// By default, a simulation of more than 300 days begins 52 weeks earlier, or a multiple of them,
    /// so that it ends in the past.
    #[arg(long, value_name = "INSTANT")]
    pub(crate) start: Option<Instant>,
    /// End now, so that the floor is that of this moment; the bytes differ from run to run
    #[arg(long, conflicts_with = "start")]
    pub(crate) until_now: bool,
    /// Write the true history of every track to this file, to compare answers with
    ///
    /// JSON lines, complete before the first event is printed. Losses, duplicates and delays do not
    /// change it.
    #[arg(long, value_name = "FILE")]
    pub(crate) truth: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum FeedArg {
    /// Agent availability webhooks
    Availability,
    /// The Chat incremental export
    Chat,
    /// Both, for the same agents
    Both,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum SpellingArg {
    /// As in Zendesk's documentation, without spaces
    Documented,
    /// The type, or the `field_name` of a chat event, before the other keys
    TypeFirst,
    /// A space after each colon and each comma
    Spaced,
    /// Indented, one key per line, so an event has several lines
    Pretty,
    /// Keys in a random order, which differs from event to event
    Shuffled,
    /// Texts with escapes such as \u00e9 and \/
    Escaped,
    /// With two fields that no document has, `source` and `sequence`
    ExtraFields,
}

pub(crate) fn run(args: &SimulateArgs) -> Result<(), Failure> {
    let start = match args.start {
        Some(start) => start.unix_seconds(),
        None if args.until_now => now().unix_seconds() - i64::from(args.hours) * 3600,
        None => usual_start(args.hours),
    };
    let start = u64::try_from(start)
        .map_err(|_| Failure::WrongUse("the simulation cannot begin before 1970".to_owned()))?;
    let simulation = Simulation {
        agents: args.agents,
        hours: args.hours,
        seed: args.seed,
        drop: args.drop,
        duplicate: args.duplicate,
        shuffle: args.shuffle,
        feed: match args.feed {
            FeedArg::Availability => Feed::Availability,
            FeedArg::Chat => Feed::Chat,
            FeedArg::Both => Feed::Both,
        },
        version_step: args.version_step,
        spelling: match args.spelling {
            SpellingArg::Documented => Spelling::Documented,
            SpellingArg::TypeFirst => Spelling::TypeFirst,
            SpellingArg::Spaced => Spelling::Spaced,
            SpellingArg::Pretty => Spelling::Pretty,
            SpellingArg::Shuffled => Spelling::Shuffled,
            SpellingArg::Escaped => Spelling::Escaped,
            SpellingArg::ExtraFields => Spelling::ExtraFields,
        },
        start,
    };
    // Write the truth first: the reader of standard output may close it early.
    if let Some(file) = &args.truth {
        write_truth(file, &simulation)?;
    }
    let mut output = Output::new();
    let mut events = simulation.events();
    let mut count = 0_u64;
    for event in events.by_ref() {
        output.line(&event)?;
        count += 1;
    }
    output.flush()?;
    let (dropped, duplicated) = (events.dropped(), events.duplicated());
    tell(&format!(
        "wrote {count} events, including {duplicated} duplicates; {dropped} more were lost"
    ));
    Ok(())
}

/// The default start, in seconds since 1970.
fn usual_start(hours: u32) -> i64 {
    const MONDAY: i64 = 1_767_571_200;
    const DAY: i64 = 24 * 3600;
    let beyond = (i64::from(hours) * 3600 - 300 * DAY).max(0);
    let steps = (beyond + 364 * DAY - 1) / (364 * DAY);
    (MONDAY - steps * 364 * DAY).max(0)
}

fn write_truth(file: &Path, simulation: &Simulation) -> Result<(), Failure> {
    let write = || {
        let mut out = BufWriter::with_capacity(1 << 16, File::create(file)?);
        for span in simulation.truth() {
            writeln!(out, "{span}")?;
        }
        out.flush()
    };
    write().map_err(|e| Failure::WrongUse(format!("cannot write {}: {e}", file.display())))
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("not a share: write a number from 0 to 1".to_owned()),
    }
}
