//! Tables of a report.

use std::collections::BTreeSet;
use std::fmt;

use agentfold::history::Basis;
use agentfold::names::Names;
use agentfold::report::{
    About, AdherenceRow, ChannelRow, ChatRow, Correction, ExceptionRow, Row, RowKey, SessionsRow,
    Times, UnifiedStateRow,
};
use agentfold::{Id, Instant, Shown};
use comfy_table::{Attribute, Cell, CellAlignment};

use super::Report;
use super::args::RowKind;
use super::columns::{self, Field};
use crate::table::{ruled, text};
use crate::zone::Zone;

/// A table for each requested kind of row; without a request, for each kind with information.
pub(super) fn of(report: &Report, asked: &[RowKind], zone: Zone) -> Vec<String> {
    let rows: Vec<Row> = report.rows().collect();
    let mut tables = Vec::new();
    for kind in &report.kinds {
        let of_kind: Vec<&Row> = rows.iter().filter(|row| row.kind() == kind.as_str()).collect();
        let tells = |row: &&Row| kind.is_of_schedule() || !row.is_unknown();
        if asked.contains(kind) || of_kind.iter().any(tells) {
            tables.push(table(*kind, &of_kind, report.names.as_ref(), zone));
        }
    }
    tables
}

/// A table of the rows of a kind, with a heading.
fn table(kind: RowKind, rows: &[&Row], names: Option<&Names>, zone: Zone) -> String {
    let (heading, columns) = match kind {
        RowKind::Channel => ("Channels", headings_of(CHANNEL)),
        RowKind::UnifiedState => ("Unified states", headings_of(UNIFIED_STATE)),
        RowKind::Chat => ("Chat", headings_of(CHAT)),
        RowKind::Adherence => ("Adherence to the schedule", headings_of(ADHERENCE)),
        RowKind::Sessions => ("Sessions", headings_of(SESSIONS)),
        RowKind::Exception => ("Exceptions to the schedule", headings_of(EXCEPTION)),
    };
    let whom = Whom::of(rows.iter().map(|row| row.about()), names);
    let mut table = ruled();
    table.set_header(headings(whom.headings().into_iter().chain(columns)));
    for row in rows {
        let cells = match row {
            Row::Channel(row) => cells(CHANNEL, row, zone),
            Row::UnifiedState(row) => cells(UNIFIED_STATE, row, zone),
            Row::Chat(row) => cells(CHAT, row, zone),
            Row::Adherence(row) => cells(ADHERENCE, row, zone),
            Row::Sessions(row) => cells(SESSIONS, row, zone),
            Row::Exception(row) => cells(EXCEPTION, row, zone),
            _ => unreachable!("INVARIANT: a test walks over every kind of row"),
        };
        table.add_row(whom.cells(row.about()).into_iter().chain(cells));
    }
    format!("{heading}{whom}, times in {zone}\n{table}")
}

/// A table of corrections: a line for each measure that differs.
pub(super) fn corrections(corrections: &[Correction], names: Option<&Names>, zone: Zone) -> String {
    let whom = Whom::of(corrections.iter().map(|correction| &correction.about), names);
    let mut table = ruled();
    let rest = ["row", "from", "of", "measure", "before", "after"];
    table.set_header(headings(whom.headings().into_iter().chain(rest)));
    for correction in corrections {
        let of = match (&correction.key, correction.after.as_ref().or(correction.before.as_ref())) {
            (_, Some(Row::UnifiedState(row))) => state_name(row).to_owned(),
            (Some(RowKey::Channel(key)), _) => key.clone(),
            (Some(RowKey::Track(track)), _) => track.to_string(),
            _ => String::new(),
        };
        for (measure, before, after) in changes(correction, zone) {
            let place = [
                Cell::new(correction.row),
                Cell::new(zone.clock(correction.from)),
                text(&of),
                text(&measure),
                right(Shown(before).to_string()),
                right(Shown(after).to_string()),
            ];
            table.add_row(whom.cells(&correction.about).into_iter().chain(place));
        }
    }
    format!("Corrections{whom}, times in {zone}\n{table}")
}

/// The measures that differ: name, value before, value after.
fn changes(correction: &Correction, zone: Zone) -> Vec<(String, String, String)> {
    let (before, after) = match (&correction.before, &correction.after) {
        (Some(before), Some(after)) => (before, after),
        (None, _) => return vec![("the whole row".into(), "none".into(), "new".into())],
        (_, None) => return vec![("the whole row".into(), "there".into(), "gone".into())],
    };
    let kind = RowKind::of(correction.row);
    let names = columns::names(kind).into_iter().map(str::to_owned);
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
        // The columns are sums by state and by basis, which did not change.
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

/// The columns that identify what rows cover, as far as the rows need them.
struct Whom<'n> {
    /// The account, if it is the same for all rows: then it needs no column.
    one_account: Option<Id>,
    account: bool,
    agent: bool,
    group: bool,
    agents: bool,
    names: Option<&'n Names>,
}

impl fmt::Display for Whom<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.one_account.map_or(Ok(()), |account| write!(f, " of account {account}"))
    }
}

impl<'n> Whom<'n> {
    fn of<'a>(
        abouts: impl Iterator<Item = &'a About> + Clone,
        names: Option<&'n Names>,
    ) -> Whom<'n> {
        let accounts: BTreeSet<Option<Id>> = abouts.clone().map(|about| about.account_id).collect();
        let one_account = accounts.first().copied().flatten().filter(|_| accounts.len() == 1);
        let account = accounts.len() > 1;
        let mut whom =
            Whom { one_account, account, agent: false, group: false, agents: false, names };
        for about in abouts {
            whom.agent |= about.agent_id.is_some();
            whom.group |= about.group_id.is_some();
            whom.agents |= about.agents.is_some();
        }
        whom
    }

    fn headings(&self) -> Vec<&'static str> {
        self.needed(["account", "agent", "name", "group", "name", "agents"])
    }

    fn cells(&self, about: &About) -> Vec<Cell> {
        let id = |id: Option<Id>| id.map_or_else(String::new, |id| id.to_string());
        let agents = about.agents.map_or_else(String::new, |agents| agents.to_string());
        let group = match &about.group_id {
            Some(group) => group.as_deref().unwrap_or("none"),
            None => "",
        };
        let name = |name: Option<&str>| text(name.unwrap_or_default());
        self.needed([
            right(id(about.account_id)),
            right(id(about.agent_id)),
            name(columns::agent_name(about, self.names)),
            right(Shown(group).to_string()),
            name(columns::group_name(about, self.names)),
            right(agents),
        ])
    }

    fn needed<T>(&self, columns: [T; 6]) -> Vec<T> {
        let (agent, group) = (self.agent, self.group);
        let has_names = self.names.is_some();
        let needed =
            [self.account, agent, agent && has_names, group, group && has_names, self.agents];
        columns.into_iter().zip(needed).filter(|(_, needed)| *needed).map(|(c, _)| c).collect()
    }
}

/// A column of a table: its heading, and the cell that a row has in it.
type Column<R> = (&'static str, fn(&R, Zone) -> Cell);

const CHANNEL: &[Column<ChannelRow>] = &[
    ("from", |row, zone| Cell::new(zone.clock(row.from))),
    ("to", |row, zone| end(row.from, row.to, zone)),
    ("channel", |row, _| text(&row.channel)),
    ("online", |row, _| right(duration(row.online_ns))),
    ("busy", |row, _| right(duration(row.busy_ns))),
    ("occupancy", |row, _| ratio(row.occupancy)),
    ("utilisation", |row, _| ratio(row.utilisation)),
    ("added", |row, _| right(row.added.to_string())),
    ("removed", |row, _| {
        right(row.removed.iter().map(|removed| removed.count).sum::<u64>().to_string())
    }),
    ("accepted", |row, _| right(row.accepted.to_string())),
    ("missed", |row, _| right(row.missed.to_string())),
    ("acceptance", |row, _| ratio(row.acceptance_rate)),
    ("offer time\n(median)", |row, _| median(&row.offer_time)),
    ("handle time\n(median)", |row, _| median(&row.handle_time)),
    ("unsure", |row, _| unsure(row.state.iter().map(|time| (time.basis, time.ns)), row.length_ns)),
];

const UNIFIED_STATE: &[Column<UnifiedStateRow>] = &[
    ("from", |row, zone| Cell::new(zone.clock(row.from))),
    ("to", |row, zone| end(row.from, row.to, zone)),
    ("state", |row, _| text(state_name(row))),
    ("time", |row, _| right(duration(row.ns))),
    ("share", |row, _| share(row.ns, row.length_ns)),
    ("not by choice", |row, _| right(duration(row.involuntary_ns))),
    ("unsure", |row, _| share(row.inferred_ns + row.disputed_ns + row.unknown_ns, row.ns)),
];

const CHAT: &[Column<ChatRow>] = &[
    ("from", |row, zone| Cell::new(zone.clock(row.from))),
    ("to", |row, zone| end(row.from, row.to, zone)),
    ("online", |row, _| right(duration(row.online_ns))),
    ("busy", |row, _| right(duration(row.busy_ns))),
    ("occupancy", |row, _| ratio(row.occupancy)),
    ("engagements\n(average)", |row, _| {
        right(format!("{:.2}", row.concurrency_ns as f64 / row.length_ns.max(1) as f64))
    }),
    ("engagements\n(most)", |row, _| {
        let most = row.engagements.iter().filter_map(|time| time.engagements).max();
        right(most.map_or("-".to_owned(), |most| most.to_string()))
    }),
    ("unsure", |row, _| unsure(row.status.iter().map(|time| (time.basis, time.ns)), row.length_ns)),
];

const ADHERENCE: &[Column<AdherenceRow>] = &[
    ("from", |row, zone| Cell::new(zone.clock(row.from))),
    ("to", |row, zone| end(row.from, row.to, zone)),
    ("track", |row, _| text(&row.track.to_string())),
    ("scheduled", |row, _| right(duration(row.scheduled_ns))),
    ("elapsed", |row, _| right(duration(row.elapsed_ns))),
    ("adherent", |row, _| right(duration(row.adherent_ns))),
    ("out", |row, _| right(duration(row.out_ns))),
    ("adherence", |row, _| ratio(row.adherence)),
    ("unsure", |row, _| share(row.unknown_ns + row.disputed_ns + row.inferred_ns, row.elapsed_ns)),
];

const SESSIONS: &[Column<SessionsRow>] = &[
    ("from", |row, zone| Cell::new(zone.clock(row.from))),
    ("to", |row, zone| end(row.from, row.to, zone)),
    ("sessions", |row, _| right(row.sessions.to_string())),
    ("first login", |row, zone| moment(row.first_login, row.continued, "before", zone)),
    ("basis", |row, _| Cell::new(row.first_login_basis.map_or("", Basis::as_str))),
    ("last logout", |row, zone| moment(row.last_logout, row.open, "open", zone)),
    ("basis", |row, _| Cell::new(row.last_logout_basis.map_or("", Basis::as_str))),
    ("in sessions", |row, _| right(duration(row.session_ns))),
    ("unknown", |row, _| share(row.unknown_ns, row.length_ns)),
];

const EXCEPTION: &[Column<ExceptionRow>] = &[
    ("exception", |row, _| Cell::new(row.exception.as_str().replace('_', " "))),
    ("from", |row, zone| Cell::new(zone.clock(row.from))),
    (
        "to",
        |row, zone| if row.open { right("now".to_owned()) } else { end(row.from, row.to, zone) },
    ),
    ("for", |row, _| right(duration(row.out_ns + row.unknown_ns))),
    ("scheduled", |row, zone| Cell::new(zone.clock(row.scheduled_from))),
    ("to", |row, zone| end(row.scheduled_from, row.scheduled_to, zone)),
    ("track", |row, _| text(&row.track.to_string())),
    ("state", |row, zone| text(&columns::value(&row.value).short(zone))),
    ("unknown", |row, _| share(row.unknown_ns, row.out_ns + row.unknown_ns)),
];

/// A login or logout; a dash if there is none, and a word if a session goes on.
fn moment(at: Option<Instant>, goes_on: bool, word: &str, zone: Zone) -> Cell {
    let none = || if goes_on { word } else { "-" }.to_owned();
    right(at.map_or_else(none, |at| zone.clock(at)))
}

fn headings_of<R>(columns: &[Column<R>]) -> Vec<&'static str> {
    columns.iter().map(|(name, _)| *name).collect()
}

fn cells<R>(columns: &[Column<R>], row: &R, zone: Zone) -> Vec<Cell> {
    columns.iter().map(|(_, cell)| cell(row, zone)).collect()
}

fn state_name(row: &UnifiedStateRow) -> &str {
    row.name.as_deref().or(row.id.as_deref()).unwrap_or("unknown")
}

fn headings(names: impl Iterator<Item = &'static str>) -> Vec<Cell> {
    names.map(|name| Cell::new(name).add_attribute(Attribute::Bold)).collect()
}

/// When a bucket ends: a time alone if the bucket begins on the same day.
fn end(from: Instant, to: Instant, zone: Zone) -> Cell {
    let (from, to) = (zone.clock(from), zone.clock(to));
    let is_one_day = from.get(..11) == to.get(..11);
    right(if is_one_day { to.get(11..).unwrap_or(&to).to_owned() } else { to })
}

fn median(times: &Times) -> Cell {
    right(times.p50_ns.map_or("-".to_owned(), duration))
}

/// The share of a duration that is inferred, disputed or unknown.
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

/// A duration in hours, minutes and seconds, to the nearest second.
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
            let table = table(RowKind::of(row.kind()), &[&row], None, zone);
            let cells = table.lines().filter(|line| line.contains("2023-04-05"));
            assert_eq!(cells.count(), 1, "{table}");
        }
    }
}
