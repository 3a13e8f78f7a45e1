//! `agentfold report`: how long, how busy, how fast, bucket by bucket.

mod against;
mod bounds;
mod columns;
mod csv;
mod schedule;
mod tables;

use agentfold::report::{AdherenceRow, Row, Scheduled};
use agentfold::{Agent, Fold};
use clap::ValueEnum;

use self::bounds::{Bounded, Bounds};
use crate::args::{AgentFilter, By, ReportArgs, RowKind};
use crate::failure::Failure;
use crate::folding;
use crate::output::{Output, tell};

pub(crate) fn run(args: &ReportArgs) -> Result<(), Failure> {
    // What can be wrong without events is told before they are read.
    let bounds = Bounds::new(args)?;
    let kinds = kinds(args)?;
    let schedule = args.schedule.as_deref().map(schedule::read).transpose()?;
    let saved = args.against.as_deref().map(against::read).transpose()?;

    let (mut fold, counts) = folding::fold(&args.fold)?;
    let bounded = bounds.of(&fold)?;
    match (fold.first_and_last_event_at(), &bounded) {
        (None, _) => tell("nothing to report: no event was accepted"),
        (Some((first, last)), None) => tell(&format!(
            "nothing to report: no bucket begins before --as-of; events are from {first} to {last}"
        )),
        _ => {}
    }
    if let Some(filter) = args.agent {
        fold = only(&fold, filter)?;
        if fold.agents().is_empty() {
            tell(&format!("nothing is known of agent {filter}"));
        }
    }
    let adherence = adherence(&fold, schedule.unwrap_or_default(), bounded.as_ref())?;
    let report = Report {
        fold,
        bounded,
        adherence,
        by: args.by,
        kinds,
        agent: args.agent,
        sparse: args.sparse,
    };
    let mut output = Output::new();
    match saved {
        Some(saved) => against::print(&saved, &report, args, &mut output)?,
        None if args.csv => csv::print(&report, args.tz, &mut output)?,
        None if args.table => {
            let tables = tables::of(&report, &args.rows, args.tz);
            if !tables.is_empty() {
                output.line(&tables.join("\n\n"))?;
            }
        }
        None => {
            for row in report.rows() {
                output.json(&row)?;
            }
        }
    }
    output.flush()?;
    folding::all_read(&counts)
}

/// The kinds of rows that are asked for.
fn kinds(args: &ReportArgs) -> Result<Vec<RowKind>, Failure> {
    let wrong = |message: &str| Err(Failure::WrongUse(message.to_owned()));
    if args.rows.contains(&RowKind::Adherence) && args.schedule.is_none() {
        return wrong("rows of adherence need a schedule: name its file by --schedule");
    }
    match &args.rows[..] {
        [] if args.csv && args.schedule.is_some() => wrong(
            "CSV holds one kind of row: say which by --rows adherence or, without --schedule, --rows \
             channel",
        ),
        [] if args.csv => Ok(vec![RowKind::Channel]),
        [] => Ok(RowKind::value_variants().to_vec()),
        [_, _, ..] if args.csv => wrong(
            "CSV holds one kind of row: name one by --rows, such as --rows channel, and run this once \
             for each kind",
        ),
        kinds => Ok(kinds.to_vec()),
    }
}

/// A fold of some agents of another.
fn only(fold: &Fold, filter: AgentFilter) -> Result<Fold, Failure> {
    let mut some = Fold::with_options(fold.options());
    for agent in fold.agents().into_iter().filter(|agent| filter.takes(*agent)) {
        let saved = fold.save_agent(agent).unwrap_or_default();
        let wrong = |error| Failure::Problems(format!("can't part agent {agent}: {error}"));
        some.restore(&saved).map_err(wrong)?;
    }
    Ok(some)
}

/// The rows of adherence for the lines of a schedule in the window.
fn adherence(
    fold: &Fold,
    mut schedule: Vec<Scheduled>,
    bounded: Option<&Bounded>,
) -> Result<Vec<AdherenceRow>, Failure> {
    let Some(Bounded { from, to, as_of, .. }) = bounded else {
        return Ok(Vec::new());
    };
    schedule.retain(|line| line.from < *to && line.to > *from);
    let wrong =
        |error| Failure::WrongUse(format!("can't hold anybody against the schedule: {error}"));
    fold.adherence(&schedule, *as_of).map_err(wrong)
}

/// A report that can be walked through again and again.
struct Report {
    /// Of the agents that are asked for.
    fold: Fold,
    bounded: Option<Bounded>,
    adherence: Vec<AdherenceRow>,
    by: By,
    kinds: Vec<RowKind>,
    agent: Option<AgentFilter>,
    sparse: bool,
}

impl Report {
    /// The rows that are asked for, one agent's computed at a time.
    fn rows(&self) -> impl Iterator<Item = Row> {
        let only_adherence = self.kinds == [RowKind::Adherence];
        let bounded = self.bounded.iter().filter(move |_| !only_adherence);
        let measured = bounded.flat_map(|b| self.fold.report(&b.buckets, self.by.roll_up()));
        let adherence = self.adherence.iter().cloned().map(Row::Adherence);
        measured.chain(adherence).filter(|row| self.takes(row))
    }

    /// Whether a row, also one of an earlier report, is asked for.
    fn takes(&self, row: &Row) -> bool {
        let is_of_kind = self.kinds.contains(&RowKind::of(row.kind()));
        let about = row.about();
        let is_of_agent = match (self.agent, about.account_id, about.agent_id) {
            (Some(filter), Some(account_id), Some(agent_id)) => {
                filter.takes(Agent { account_id, agent_id })
            }
            _ => true,
        };
        is_of_kind && is_of_agent && !(self.sparse && row.is_unknown())
    }
}
