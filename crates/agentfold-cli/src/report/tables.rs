//! Tables of a report, for people.

use std::collections::BTreeSet;
use std::fmt;

use agentfold::Instant;
use agentfold::history::Basis;
use agentfold::report::{
    About, AdherenceRow, ChannelRow, ChatRow, Correction, Row, RowKey, Times, UnifiedStateRow,
};
use comfy_table::{Attribute, Cell, CellAlignment};

use super::Report;
use super::columns::{self, Field};
use crate::args::RowKind;
use crate::table::ruled;
use crate::zone::Zone;

/// A table for each kind of row that is asked for; if none is, for each that tells something.
pub(super) fn of(report: &Report, asked: &[RowKind], zone: Zone) -> Vec<String> {
    let rows: Vec<Row> = report.rows().collect();
    let mut tables = Vec::new();
    for kind in &report.kinds {
        let of_kind: Vec<&Row> = rows.iter().filter(|row| row.kind() == kind.as_str()).collect();
        if asked.contains(kind) || !of_kind.iter().all(|row| row.is_unknown()) {
            tables.push(table(*kind, &of_kind, zone));
        }
    }
    tables
}

/// The rows of a kind, under a heading.
fn table(kind: RowKind, rows: &[&Row], zone: Zone) -> String {
    let (heading, columns): (_, &[_]) = match kind {
        RowKind::Channel => ("Channels", &CHANNEL),
        RowKind::UnifiedState => ("Unified states", &UNIFIED_STATE),
        RowKind::Chat => ("Chat", &CHAT),
        RowKind::Adherence => ("Adherence to the schedule", &ADHERENCE),
    };
    let whom = Whom::of(rows.iter().map(|row| row.about()));
    let mut table = ruled();
    table.set_header(headings(whom.headings().into_iter().chain(columns.iter().copied())));
    for row in rows {
        let cells = match row {
            Row::Channel(row) => channel(row, zone),
            Row::UnifiedState(row) => unified_state(row, zone),
            Row::Chat(row) => chat(row, zone),
            Row::Adherence(row) => adherence(row, zone),
            _ => unreachable!("INVARIANT: a test walks over every kind of row"),
        };
        table.add_row(whom.cells(row.about()).into_iter().chain(cells));
    }
    format!("{heading}{whom}, times in {zone}\n{table}")
}

/// What changed: a line for each measure of each row.
pub(super) fn corrections(corrections: &[Correction], zone: Zone) -> String {
    let whom = Whom::of(corrections.iter().map(|correction| &correction.about));
    let mut table = ruled();
    let rest = ["row", "from", "of", "measure", "before", "after"];
    table.set_header(headings(whom.headings().into_iter().chain(rest)));
    for correction in corrections {
        let of = match (&correction.key, correction.after.as_ref().or(correction.before.as_ref())) {
            (_, Some(Row::UnifiedState(row))) => state_name(row),
            (Some(RowKey::Channel(key) | RowKey::Track(key)), _) => key,
            _ => "",
        };
        for (measure, before, after) in changes(correction, zone) {
            let place = [
                Cell::new(correction.row),
                Cell::new(zone.clock(correction.from)),
                Cell::new(of),
                Cell::new(measure),
                right(before),
                right(after),
            ];
            table.add_row(whom.cells(&correction.about).into_iter().chain(place));
        }
    }
    format!("Corrections{whom}, times in {zone}\n{table}")
}

/// The measures that differ: name, before and after.
fn changes(correction: &Correction, zone: Zone) -> Vec<(String, String, String)> {
    let (before, after) = match (&correction.before, &correction.after) {
        (Some(before), Some(after)) => (before, after),
        (None, _) => return vec![("the whole row".into(), "none".into(), "new".into())],
        (_, None) => return vec![("the whole row".into(), "there".into(), "gone".into())],
    };
    let kind = RowKind::of(correction.row);
    let names = columns::names(kind).iter().map(|name| (*name).to_owned());
    let ((fixed, extras), (fixed_after, extras_after)) =
        (columns::fields(before), columns::fields(after));
    let fixed = names.zip(fixed.into_iter().zip(fixed_after));
    let mut all: Vec<(String, (Field, Field))> = fixed.collect();
    all.push(("agents".into(), (agents(before), agents(after))));
    let mut keys: Vec<_> = extras.iter().chain(&extras_after).map(|(extra, _)| extra).collect();
    keys.sort_unstable();
    keys.dedup();
    for key in keys {
        let find = |extras: &[(columns::Extra, Field)]| {
            let found = extras.iter().find(|(extra, _)| extra == key);
            found.map_or_else(|| key.none(), |(_, field)| field.clone())
        };
        all.push((key.to_string(), (find(&extras), find(&extras_after))));
    }
    let differ = all.into_iter().filter(|(_, (before, after))| before != after);
    let mut changes: Vec<_> = differ
        .map(|(name, (before, after))| {
            let (short, short_after) = (before.short(zone), after.short(zone));
            if short == short_after {
                return (name, before.exact(zone), after.exact(zone));
            }
            (name.strip_suffix("_s").unwrap_or(&name).to_owned(), short, short_after)
        })
        .collect();
    if changes.is_empty() {
        // Its states and its bases each add up as before.
        changes.push(("which state on which basis".into(), String::new(), String::new()));
    }
    changes
}

fn agents(row: &Row) -> Field {
    row.about().agents.map_or(Field::Nothing, Field::Count)
}

impl Field {
    fn short(&self, zone: Zone) -> String {
        match self {
            Field::At(at) => zone.clock(*at),
            Field::Time(ns) => duration(*ns),
            Field::Share(share) => percent(*share),
            Field::Average(average) => format!("{average:.2}"),
            Field::Nothing => "-".to_owned(),
            _ => self.exact(zone),
        }
    }
}

/// Which of the columns that tell whom a row is about are needed.
struct Whom {
    /// One that all rows are about needs none.
    one_account: Option<u64>,
    account: bool,
    agent: bool,
    group: bool,
    agents: bool,
}

impl fmt::Display for Whom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.one_account.map_or(Ok(()), |account| write!(f, " of account {account}"))
    }
}

impl Whom {
    fn of<'a>(abouts: impl Iterator<Item = &'a About> + Clone) -> Whom {
        let accounts: BTreeSet<Option<u64>> =
            abouts.clone().map(|about| about.account_id).collect();
        let one_account = accounts.first().copied().flatten().filter(|_| accounts.len() == 1);
        let account = accounts.len() > 1;
        let mut whom = Whom { one_account, account, agent: false, group: false, agents: false };
        for about in abouts {
            whom.agent |= about.agent_id.is_some();
            whom.group |= about.group_id.is_some();
            whom.agents |= about.agents.is_some();
        }
        whom
    }

    fn headings(&self) -> Vec<&'static str> {
        self.needed(["account", "agent", "group", "agents"])
    }

    fn cells(&self, about: &About) -> Vec<Cell> {
        let id = |id: Option<u64>| id.map_or_else(String::new, |id| id.to_string());
        let group = match &about.group_id {
            Some(group) => group.as_deref().unwrap_or("none"),
            None => "",
        };
        let cells = [id(about.account_id), id(about.agent_id), group.to_owned(), id(about.agents)];
        self.needed(cells.map(right))
    }

    fn needed<T>(&self, columns: [T; 4]) -> Vec<T> {
        let needed = [self.account, self.agent, self.group, self.agents];
        columns.into_iter().zip(needed).filter(|(_, needed)| *needed).map(|(c, _)| c).collect()
    }
}

const CHANNEL: [&str; 15] = [
    "from",
    "to",
    "channel",
    "online",
    "busy",
    "occupancy",
    "utilisation",
    "added",
    "removed",
    "accepted",
    "missed",
    "acceptance",
    "offer time\n(median)",
    "handle time\n(median)",
    "unsure",
];

fn channel(row: &ChannelRow, zone: Zone) -> Vec<Cell> {
    let median = |times: &Times| right(times.p50_ns.map_or("-".to_owned(), duration));
    let mut cells = bucket(row.from, row.to, zone);
    cells.extend([
        Cell::new(&row.channel),
        right(duration(row.online_ns)),
        right(duration(row.busy_ns)),
        ratio(row.occupancy),
        ratio(row.utilisation),
        right(row.added.to_string()),
        right(row.removed.iter().map(|removed| removed.count).sum::<u64>().to_string()),
        right(row.accepted.to_string()),
        right(row.missed.to_string()),
        ratio(row.acceptance_rate),
        median(&row.offer_time),
        median(&row.handle_time),
        unsure(row.state.iter().map(|time| (time.basis, time.ns)), row.length_ns),
    ]);
    cells
}

const UNIFIED_STATE: [&str; 7] =
    ["from", "to", "state", "time", "share", "not by choice", "unsure"];

fn unified_state(row: &UnifiedStateRow, zone: Zone) -> Vec<Cell> {
    let bases = [row.observed_ns, row.assumed_ns, row.inferred_ns, row.disputed_ns, row.unknown_ns];
    let mut cells = bucket(row.from, row.to, zone);
    cells.extend([
        Cell::new(state_name(row)),
        right(duration(row.ns)),
        share(row.ns, row.length_ns),
        right(duration(row.involuntary_ns)),
        unsure(Basis::ALL.into_iter().zip(bases), row.ns),
    ]);
    cells
}

const CHAT: [&str; 8] = [
    "from",
    "to",
    "online",
    "busy",
    "occupancy",
    "engagements\n(average)",
    "engagements\n(most)",
    "unsure",
];

fn chat(row: &ChatRow, zone: Zone) -> Vec<Cell> {
    let average = row.concurrency_ns as f64 / row.length_ns.max(1) as f64;
    let most = row.engagements.iter().filter_map(|time| time.engagements).max();
    let mut cells = bucket(row.from, row.to, zone);
    cells.extend([
        right(duration(row.online_ns)),
        right(duration(row.busy_ns)),
        ratio(row.occupancy),
        right(format!("{average:.2}")),
        right(most.map_or("-".to_owned(), |most| most.to_string())),
        unsure(row.status.iter().map(|time| (time.basis, time.ns)), row.length_ns),
    ]);
    cells
}

const ADHERENCE: [&str; 9] =
    ["from", "to", "track", "scheduled", "elapsed", "adherent", "out", "adherence", "unsure"];

fn adherence(row: &AdherenceRow, zone: Zone) -> Vec<Cell> {
    let mut cells = bucket(row.from, row.to, zone);
    cells.extend([
        Cell::new(&row.track),
        right(duration(row.scheduled_ns)),
        right(duration(row.elapsed_ns)),
        right(duration(row.adherent_ns)),
        right(duration(row.out_ns)),
        ratio(row.adherence),
        share(row.unknown_ns + row.disputed_ns + row.inferred_ns, row.elapsed_ns),
    ]);
    cells
}

fn state_name(row: &UnifiedStateRow) -> &str {
    row.name.as_deref().or(row.id.as_deref()).unwrap_or("unknown")
}

fn headings(names: impl Iterator<Item = &'static str>) -> Vec<Cell> {
    names.map(|name| Cell::new(name).add_attribute(Attribute::Bold)).collect()
}

/// Where a bucket begins and ends; on one day, the end is a time alone.
fn bucket(from: Instant, to: Instant, zone: Zone) -> Vec<Cell> {
    let (from, to) = (zone.clock(from), zone.clock(to));
    let is_one_day = from.get(..11) == to.get(..11);
    let to = if is_one_day { to.get(11..).unwrap_or(&to).to_owned() } else { to };
    vec![Cell::new(from), right(to)]
}

/// How much of a time is inferred, disputed or unknown.
fn unsure(parts: impl Iterator<Item = (Basis, u128)>, whole: u128) -> Cell {
    let is_sure = |basis| matches!(basis, Basis::Observed | Basis::Assumed);
    share(parts.filter(|(basis, _)| !is_sure(*basis)).map(|(_, ns)| ns).sum(), whole)
}

fn share(part: u128, whole: u128) -> Cell {
    ratio((whole > 0).then(|| part as f64 / whole as f64))
}

fn ratio(ratio: Option<f64>) -> Cell {
    right(ratio.map_or("-".to_owned(), percent))
}

fn percent(ratio: f64) -> String {
    format!("{:.1} %", 100.0 * ratio)
}

/// Hours, minutes and seconds, to the nearest second.
fn duration(ns: u128) -> String {
    let seconds = (ns + 500_000_000) / 1_000_000_000;
    format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

fn right(text: String) -> Cell {
    Cell::new(text).set_alignment(CellAlignment::Right)
}

#[cfg(test)]
mod tests {
    use super::super::columns::tests::rows;
    use super::*;

    #[test]
    fn every_kind_of_row_has_a_table_with_a_cell_under_each_heading() {
        let zone: Zone = "UTC".parse().expect("a zone");
        for row in rows() {
            let table = table(RowKind::of(row.kind()), &[&row], zone);
            let cells = table.lines().filter(|line| line.contains("2023-04-05"));
            assert_eq!(cells.count(), 1, "{table}");
        }
    }
}
