//! `agentfold report`: time in states, occupancy, offers, handle times and adherence per bucket.

mod against;
mod args;
mod bounds;
mod columns;
mod csv;
mod schedule;
mod tables;

use agentfold::names::Names;
use agentfold::report::{Buckets, Row, Scheduled};
use agentfold::{Agent, Fold, Instant, Selection};
use clap::ValueEnum;

pub(crate) use self::args::ReportArgs;

use self::args::{By, RowKind};
use self::bounds::Bounds;
use crate::failure::Failure;
use crate::folding;
use crate::output::{Output, tell};
use crate::spreadsheet::Csv;

/// How many rows are printed, compared with an earlier report, and shown in tables by default.
const PRINTED: u64 = Buckets::ROW_LIMIT;
const COMPARED: u64 = 1_000_000;
const IN_TABLES: u64 = 100_000;
/// How many words of a schedule are reported.
const WORDS: usize = 20;

pub(crate) fn run(args: &ReportArgs) -> Result<(), Failure> {
    // Report mistakes in the arguments before reading any events.
    let names = args.names.read(args.csv || args.table, "--csv and --table")?;
    let bounds = Bounds::new(args)?;
    let kinds = kinds(args)?;
    let schedule = args.schedule.as_deref().map(schedule::read).transpose()?;
    let saved = args.against.as_deref().map(against::read).transpose()?;

    let (fold, counts) = folding::fold(&args.fold)?;
    let mut selection = Selection::all();
    if let Some(name) = args.agent {
        if !fold.agents().any(|agent| name.names(agent)) {
            tell(&format!("nothing is known about agent {name}"));
        }
        selection = selection.agent(name);
    }
    let mut schedule = schedule.unwrap_or_default();
    schedule.retain(|line| selection.has_agent(Agent::new(line.account_id, line.agent_id)));
    schedule.retain(|line| bounds.has(line));

    let as_of = bounds.as_of(&fold);
    let limit = args.limit_rows.unwrap_or(match args {
        _ if args.table => IN_TABLES,
        _ if saved.is_some() => COMPARED,
        _ => PRINTED,
    });
    let buckets = bounds.of(&fold, limit)?;
    match (fold.first_and_last_event_at(), &buckets) {
        (None, _) if schedule.is_empty() => tell("nothing to report: no events"),
        (None, _) if as_of.is_none() => tell("nothing to report: no events; give --as-of"),
        (Some((first, last)), None) => tell(&format!(
            "nothing to report: no bucket begins before --as-of; events are from {first} to {last}"
        )),
        _ => {}
    }
    tell_schedule(&fold, &schedule, as_of, args);
    let of_schedule = match as_of {
        Some(as_of) => of_schedule(&fold, &schedule, as_of, &kinds)?,
        None => Vec::new(),
    };
    let report = Report {
        fold,
        buckets,
        of_schedule,
        by: args.by,
        kinds,
        selection,
        sparse: args.sparse,
        names,
    };
    report.check_rows()?;
    let mut output = Output::new();
    match (saved, Csv::of(args.csv, args.exact)) {
        (Some(saved), _) => against::print(&saved, &report, args, &mut output)?,
        (None, Some(how)) => csv::print(&report, args.tz, how, &mut output)?,
        (None, None) if args.table => {
            let tables = tables::of(&report, &args.rows, args.tz);
            if !tables.is_empty() {
                output.line(&tables.join("\n\n"))?;
            }
        }
        (None, None) => {
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
    if args.schedule.is_none()
        && let Some(kind) = args.rows.iter().find(|kind| kind.is_of_schedule())
    {
        return wrong(match kind {
            RowKind::Adherence => "rows of adherence need a schedule: give --schedule",
            _ => "rows of exceptions need a schedule: give --schedule",
        });
    }
    let by_default = RowKind::value_variants().iter().copied().filter(|kind| kind.is_default());
    match &args.rows[..] {
        [] if args.csv && args.schedule.is_some() => {
            wrong("CSV holds one kind of row: choose it with --rows, such as --rows adherence")
        }
        [] if args.csv => Ok(vec![RowKind::Channel]),
        [] => Ok(by_default.collect()),
        [_, _, ..] if args.csv => wrong(
            "CSV holds one kind of row: give one with --rows, and run the command for each kind",
        ),
        kinds => Ok(kinds.to_vec()),
    }
}

/// Tells what in a schedule is probably wrong: words that no agent ever had, and entries without rows.
fn tell_schedule(fold: &Fold, schedule: &[Scheduled], as_of: Option<Instant>, args: &ReportArgs) {
    let Some(file) = &args.schedule else {
        return;
    };
    let warnings = fold.schedule_warnings(schedule);
    for warning in warnings.iter().take(WORDS) {
        let entries = counted_entries(warning.lines);
        tell(&format!("{}: {} ({entries})", file.display(), warning.message));
    }
    if let Some(more @ 1..) = warnings.len().checked_sub(WORDS) {
        tell(&format!("{}: {more} more words that no agent ever had", file.display()));
    }
    if let Some(as_of) = as_of {
        let later = schedule.iter().filter(|line| line.from >= as_of).count() as u64;
        if later > 0 {
            let entries = counted_entries(later);
            tell(&format!("{}: no rows for {entries} from {as_of} on (--as-of)", file.display()));
        }
    }
}

fn counted_entries(count: u64) -> String {
    if count == 1 { "1 entry".to_owned() } else { format!("{count} entries") }
}

/// The requested rows for the entries of a schedule.
fn of_schedule(
    fold: &Fold,
    schedule: &[Scheduled],
    as_of: Instant,
    kinds: &[RowKind],
) -> Result<Vec<Row>, Failure> {
    let wrong = |error| Failure::WrongUse(format!("cannot measure adherence: {error}"));
    let mut rows = Vec::new();
    if kinds.contains(&RowKind::Adherence) {
        rows.extend(
            fold.adherence(schedule, as_of).map_err(wrong)?.into_iter().map(Row::Adherence),
        );
    }
    if kinds.contains(&RowKind::Exception) {
        rows.extend(
            fold.exceptions(schedule, as_of).map_err(wrong)?.into_iter().map(Row::Exception),
        );
    }
    Ok(rows)
}

/// A report whose rows can be computed several times.
struct Report {
    fold: Fold,
    buckets: Option<Buckets>,
    /// The rows for the entries of the schedule.
    of_schedule: Vec<Row>,
    by: By,
    kinds: Vec<RowKind>,
    selection: Selection,
    sparse: bool,
    /// What agents and groups are called, if that is to be printed.
    names: Option<Names>,
}

impl Report {
    /// Fails if there are too many rows. Computes none of them.
    fn check_rows(&self) -> Result<(), Failure> {
        let wrong = |error: agentfold::Error| {
            Failure::WrongUse(format!(
                "{}: {error} (--every, --from and --to, --agent, --limit-rows)",
                error.code()
            ))
        };
        if let Some(buckets) = self.buckets.iter().find(|_| self.has_measured()) {
            let rows = self.fold.report(buckets, self.by.roll_up(), &self.selection);
            drop(rows.map_err(wrong)?);
        }
        if let Some(buckets) = self.buckets.iter().find(|_| self.has_sessions()) {
            drop(self.fold.sessions(buckets, &self.selection).map_err(wrong)?);
        }
        Ok(())
    }

    fn has_sessions(&self) -> bool {
        self.kinds.contains(&RowKind::Sessions)
    }

    /// Whether rows are requested that a roll-up has.
    fn has_measured(&self) -> bool {
        let is_measured = |kind: &RowKind| !kind.is_of_schedule() && *kind != RowKind::Sessions;
        self.kinds.iter().any(is_measured)
    }

    /// The requested rows, computed a part of one agent's or one roll-up's at a time.
    fn rows(&self) -> impl Iterator<Item = Row> {
        let measured = self.buckets.iter().filter(|_| self.has_measured()).flat_map(|buckets| {
            let rows = self.fold.report(buckets, self.by.roll_up(), &self.selection);
            rows.expect("INVARIANT: the number of rows was checked")
        });
        let sessions = self.buckets.iter().filter(|_| self.has_sessions()).flat_map(|buckets| {
            let rows = self.fold.sessions(buckets, &self.selection);
            rows.expect("INVARIANT: the number of rows was checked").map(Row::Sessions)
        });
        let all = measured.chain(sessions).chain(self.of_schedule.iter().cloned());
        all.filter(|row| self.takes(row))
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
        // That an agent did not come is information.
        let is_sparse = self.sparse && !RowKind::of(row.kind()).is_of_schedule();
        is_of_kind && is_of_agent && !(is_sparse && row.is_unknown())
    }
}
