//! `agentfold report`: time in states, occupancy, offers, handle times and adherence per bucket.

mod against;
mod args;
mod bounds;
mod columns;
mod csv;
mod schedule;
mod tables;

use agentfold::report::{AdherenceRow, Row, Scheduled};
use agentfold::{Agent, Fold, Selection};
use clap::ValueEnum;

pub(crate) use self::args::ReportArgs;

use self::args::{By, RowKind};
use self::bounds::{Bounded, Bounds};
use crate::failure::Failure;
use crate::folding;
use crate::output::{Output, tell};

pub(crate) fn run(args: &ReportArgs) -> Result<(), Failure> {
    // Report mistakes in the arguments before reading any events.
    let bounds = Bounds::new(args)?;
    let kinds = kinds(args)?;
    let schedule = args.schedule.as_deref().map(schedule::read).transpose()?;
    let saved = args.against.as_deref().map(against::read).transpose()?;

    let (fold, counts) = folding::fold(&args.fold)?;
    let bounded = bounds.of(&fold)?;
    match (fold.first_and_last_event_at(), &bounded) {
        (None, _) => tell("nothing to report: no events"),
        (Some((first, last)), None) => tell(&format!(
            "nothing to report: no bucket begins before --as-of; events are from {first} to {last}"
        )),
        _ => {}
    }
    let mut selection = Selection::all();
    if let Some(name) = args.agent {
        if !fold.agents().any(|agent| name.names(agent)) {
            tell(&format!("nothing is known about agent {name}"));
        }
        selection = selection.agent(name);
    }
    let mut schedule = schedule.unwrap_or_default();
    schedule.retain(|line| selection.has_agent(Agent::new(line.account_id, line.agent_id)));
    let adherence = adherence(&fold, schedule, bounded.as_ref())?;
    let report =
        Report { fold, bounded, adherence, by: args.by, kinds, selection, sparse: args.sparse };
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

/// The requested kinds of rows.
fn kinds(args: &ReportArgs) -> Result<Vec<RowKind>, Failure> {
    let wrong = |message: &str| Err(Failure::WrongUse(message.to_owned()));
    if args.rows.contains(&RowKind::Adherence) && args.schedule.is_none() {
        return wrong("rows of adherence need a schedule: give --schedule");
    }
    match &args.rows[..] {
        [] if args.csv && args.schedule.is_some() => {
            wrong("CSV holds one kind of row: choose it with --rows, such as --rows adherence")
        }
        [] if args.csv => Ok(vec![RowKind::Channel]),
        [] => Ok(RowKind::value_variants().to_vec()),
        [_, _, ..] if args.csv => wrong(
            "CSV holds one kind of row: give one with --rows, and run the command for each kind",
        ),
        kinds => Ok(kinds.to_vec()),
    }
}

/// The rows of adherence for the entries of a schedule in the window.
fn adherence(
    fold: &Fold,
    mut schedule: Vec<Scheduled>,
    bounded: Option<&Bounded>,
) -> Result<Vec<AdherenceRow>, Failure> {
    let Some(Bounded { from, to, as_of, .. }) = bounded else {
        return Ok(Vec::new());
    };
    schedule.retain(|line| line.from < *to && line.to > *from);
    let wrong = |error| Failure::WrongUse(format!("cannot measure adherence: {error}"));
    fold.adherence(&schedule, *as_of).map_err(wrong)
}

/// A report whose rows can be computed several times.
struct Report {
    fold: Fold,
    bounded: Option<Bounded>,
    adherence: Vec<AdherenceRow>,
    by: By,
    kinds: Vec<RowKind>,
    selection: Selection,
    sparse: bool,
}

impl Report {
    /// The requested rows, computed one agent at a time.
    fn rows(&self) -> impl Iterator<Item = Row> {
        let only_adherence = self.kinds == [RowKind::Adherence];
        let bounded = self.bounded.iter().filter(move |_| !only_adherence);
        let measured = bounded.flat_map(|b| {
            let rows = self.fold.report(&b.buckets, self.by.roll_up(), &self.selection);
            rows.expect("INVARIANT: these buckets have no limit of rows")
        });
        let adherence = self.adherence.iter().cloned().map(Row::Adherence);
        measured.chain(adherence).filter(|row| self.takes(row))
    }

    /// Whether a row, of this report or an earlier one, is requested.
    fn takes(&self, row: &Row) -> bool {
        let is_of_kind = self.kinds.contains(&RowKind::of(row.kind()));
        let about = row.about();
        let is_of_agent = match (about.account_id, about.agent_id) {
            (Some(account_id), Some(agent_id)) => {
                self.selection.has_agent(Agent { account_id, agent_id })
            }
            _ => true,
        };
        is_of_kind && is_of_agent && !(self.sparse && row.is_unknown())
    }
}
