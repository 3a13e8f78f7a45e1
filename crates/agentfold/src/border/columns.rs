//! [`Columns`]: rows of a report as columns.

use std::collections::BTreeMap;

use super::failure::Failure;
use crate::report::{
    About, Buckets, ChannelRow, ChatRow, EngagementsTime, Removed, Row, StateTime, StatusTime,
    Times, UnifiedStateRow,
};
use crate::{Id, Instant};

/// Rows of one kind of a report as columns: each field of the rows is one buffer, for drawing and exporting.
///
/// ```
/// use agentfold::border::{Column, Columns};
/// use agentfold::report::{Buckets, RollUp};
/// use agentfold::{Fold, Selection};
///
/// let mut fold = Fold::new();
/// fold.read(br#"{"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
///     "timestamp": "2026-01-05T09:15:00Z", "value": "online"}"#, |bad| panic!("{bad:?}"));
/// let (from, to) = ("2026-01-05T09:00:00Z".parse()?, "2026-01-05T10:00:00Z".parse()?);
/// let hour = Buckets::new(vec![from, to], to)?;
/// let rows = fold.snapshot().into_report(&hour, RollUp::Agent, &Selection::all())?;
/// let batches: Vec<Columns> = Columns::batches(&hour, rows)?.collect();
///
/// let chat = batches.iter().find(|columns| columns.row == "chat").expect("a chat event");
/// assert_eq!(chat.len, 1);
/// let (_, online) = chat.fields.iter().find(|(name, _)| *name == "online_ns").expect("a field");
/// assert_eq!(online, &Column::Durations(vec![45 * 60 * 1_000_000_000]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Columns {
    /// The kind of row, as in data.
    pub row: &'static str,
    /// The number of rows.
    pub len: usize,
    /// The columns by the names of the rows' fields, in the order of the fields.
    pub fields: Fields,
}

/// Columns and their names.
pub type Fields = Vec<(&'static str, Column)>;

/// The values of one field.
#[derive(Debug, Clone, PartialEq)]
pub enum Column {
    /// Texts.
    Words(Words),
    /// Nanoseconds since 1970 in UTC.
    Instants(Vec<i64>),
    /// Nanoseconds; -1 for null, and for a duration that 64 bits can't hold.
    Durations(Vec<i64>),
    /// Counts and ratios; NaN for null.
    Numbers(Vec<f64>),
    /// Lists: 0 and where the list of each row ends among the items of all lists, and these items.
    Lists(Vec<u32>, Fields),
    /// A field that has fields.
    Fields(Fields),
}

/// Texts of which each is stored once.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Words {
    /// The different texts.
    pub values: Vec<String>,
    /// The index of each row's text; -1 for null.
    pub indices: Vec<i32>,
    known: BTreeMap<String, i32>,
}

impl Columns {
    /// The largest number of rows in one batch.
    pub const ROWS: usize = 4_096;

    /// Gathers the rows of a report in batches of one kind. The rows of a kind keep their order. At most
    /// [`Columns::ROWS`] rows of each kind are held at a time.
    ///
    /// # Errors
    /// `bad_argument` if 64 bits can't hold the instants of the buckets: they must be in the years 1678 to 2261.
    pub fn batches<I: Iterator<Item = Row>>(
        buckets: &Buckets,
        mut rows: I,
    ) -> Result<impl Iterator<Item = Columns> + use<I>, Failure> {
        let is_known = |at: &Instant| i64::try_from(at.unix_nanos()).is_ok();
        if !buckets.boundaries().iter().all(is_known) {
            let message = "columns hold instants of the years 1678 to 2261";
            let path = "/buckets/boundaries".to_owned();
            return Err(Failure::new("bad_argument", path, message.to_owned()));
        }
        let mut filling: Vec<Columns> = Vec::new();
        Ok(std::iter::from_fn(move || {
            for row in rows.by_ref() {
                let kind = row.kind();
                let place = filling.iter().position(|columns| columns.row == kind);
                let place = place.unwrap_or_else(|| {
                    filling.push(Columns { row: kind, len: 0, fields: Vec::new() });
                    filling.len() - 1
                });
                filling[place].push(&row);
                if filling[place].len == Columns::ROWS {
                    return Some(filling.remove(place));
                }
            }
            (!filling.is_empty()).then(|| filling.remove(0))
        }))
    }

    fn push(&mut self, row: &Row) {
        let to = &mut Filling { fields: &mut self.fields, next: 0 };
        match row {
            Row::Channel(row) => to.channel(row),
            Row::UnifiedState(row) => to.unified_state(row),
            Row::Chat(row) => to.chat(row),
            // INVARIANT: `Fold::report` makes no other rows.
            Row::Adherence(_) | Row::Exception(_) | Row::Sessions(_) => {}
        }
        self.len += 1;
    }
}

impl Column {
    fn words() -> Column {
        Column::Words(Words::default())
    }

    fn durations() -> Column {
        Column::Durations(Vec::new())
    }

    fn numbers() -> Column {
        Column::Numbers(Vec::new())
    }
}

impl Words {
    fn push(&mut self, text: Option<&str>) {
        let index = text.map_or(-1, |text| self.index(text));
        self.indices.push(index);
    }

    fn index(&mut self, text: &str) -> i32 {
        // Rows that follow each other often have the same text.
        if let Some(last) = self.indices.last()
            && usize::try_from(*last).is_ok_and(|last| self.values[last] == text)
        {
            return *last;
        }
        if let Some(index) = self.known.get(text) {
            return *index;
        }
        let index = self.values.len() as i32;
        self.values.push(text.to_owned());
        self.known.insert(text.to_owned(), index);
        index
    }
}

/// A column's name, and how it begins.
type Empty = (&'static str, fn() -> Column);

/// The fields of a part of a row's time: what it is, how certain, and how long.
fn of_time(name: &'static str, empty: fn() -> Column) -> [Empty; 3] {
    [(name, empty), ("basis", Column::words), ("ns", Column::durations)]
}

/// Columns to which a row is added, field by field.
struct Filling<'c> {
    fields: &'c mut Fields,
    next: usize,
}

// The rows are taken apart without `..`, so that a new field is not forgotten.
impl Filling<'_> {
    fn channel(&mut self, row: &ChannelRow) {
        let ChannelRow {
            about,
            channel,
            from,
            to,
            length_ns,
            state,
            doubtful_ns,
            online_ns,
            busy_ns,
            item_ns,
            item_least_ns,
            item_most_ns,
            item_known_ns,
            capacity_ns,
            at_capacity_ns,
            occupancy,
            utilisation,
            average_used_capacity,
            added,
            removed,
            offered,
            offers_ended,
            offers_accepted,
            accepted,
            missed,
            acceptance_rate,
            offer_time,
            handle_time,
        } = row;
        self.about(about);
        self.word("channel", Some(channel));
        self.instant("from", *from);
        self.instant("to", *to);
        self.duration("length_ns", Some(*length_ns));
        self.list("state", of_time("state", Column::words), state, |item, time| {
            let StateTime { state, basis, ns } = time;
            item.word("state", state.as_deref());
            item.word("basis", Some(basis.as_str()));
            item.duration("ns", Some(*ns));
        });
        self.duration("doubtful_ns", Some(*doubtful_ns));
        self.duration("online_ns", Some(*online_ns));
        self.duration("busy_ns", Some(*busy_ns));
        self.duration("item_ns", Some(*item_ns));
        self.duration("item_least_ns", Some(*item_least_ns));
        self.duration("item_most_ns", Some(*item_most_ns));
        self.duration("item_known_ns", Some(*item_known_ns));
        self.duration("capacity_ns", Some(*capacity_ns));
        self.duration("at_capacity_ns", Some(*at_capacity_ns));
        self.ratio("occupancy", *occupancy);
        self.ratio("utilisation", *utilisation);
        self.ratio("average_used_capacity", *average_used_capacity);
        self.count("added", Some(*added));
        self.list(
            "removed",
            [("reason", Column::words), ("count", Column::numbers)],
            removed,
            |item, removed| {
                let Removed { reason, count } = removed;
                item.word("reason", reason.as_deref());
                item.count("count", Some(*count));
            },
        );
        self.count("offered", Some(*offered));
        self.count("offers_ended", Some(*offers_ended));
        self.count("offers_accepted", Some(*offers_accepted));
        self.count("accepted", Some(*accepted));
        self.count("missed", Some(*missed));
        self.ratio("acceptance_rate", *acceptance_rate);
        self.times("offer_time", offer_time);
        self.times("handle_time", handle_time);
    }

    fn unified_state(&mut self, row: &UnifiedStateRow) {
        let UnifiedStateRow {
            about,
            from,
            to,
            length_ns,
            id,
            name,
            ns,
            observed_ns,
            assumed_ns,
            inferred_ns,
            disputed_ns,
            unknown_ns,
            doubtful_ns,
            involuntary_ns,
        } = row;
        self.about(about);
        self.instant("from", *from);
        self.instant("to", *to);
        self.duration("length_ns", Some(*length_ns));
        self.word("id", id.as_deref());
        self.word("name", name.as_deref());
        self.duration("ns", Some(*ns));
        self.duration("observed_ns", Some(*observed_ns));
        self.duration("assumed_ns", Some(*assumed_ns));
        self.duration("inferred_ns", Some(*inferred_ns));
        self.duration("disputed_ns", Some(*disputed_ns));
        self.duration("unknown_ns", Some(*unknown_ns));
        self.duration("doubtful_ns", Some(*doubtful_ns));
        self.duration("involuntary_ns", Some(*involuntary_ns));
    }

    fn chat(&mut self, row: &ChatRow) {
        let ChatRow {
            about,
            from,
            to,
            length_ns,
            status,
            engagements,
            concurrency_ns,
            online_ns,
            busy_ns,
            occupancy,
        } = row;
        self.about(about);
        self.instant("from", *from);
        self.instant("to", *to);
        self.duration("length_ns", Some(*length_ns));
        self.list("status", of_time("status", Column::words), status, |item, time| {
            let StatusTime { status, basis, ns } = time;
            item.word("status", status.as_deref());
            item.word("basis", Some(basis.as_str()));
            item.duration("ns", Some(*ns));
        });
        self.list(
            "engagements",
            of_time("engagements", Column::numbers),
            engagements,
            |item, time| {
                let EngagementsTime { engagements, basis, ns } = time;
                item.count("engagements", *engagements);
                item.word("basis", Some(basis.as_str()));
                item.duration("ns", Some(*ns));
            },
        );
        self.duration("concurrency_ns", Some(*concurrency_ns));
        self.duration("online_ns", Some(*online_ns));
        self.duration("busy_ns", Some(*busy_ns));
        self.ratio("occupancy", *occupancy);
    }

    fn about(&mut self, about: &About) {
        let About { account_id, agent_id, group_id, agents } = about;
        let text = |id: &Option<Id>| id.map(|id| id.to_string());
        self.word("account_id", text(account_id).as_deref());
        self.word("agent_id", text(agent_id).as_deref());
        // All rows of a report have these, or none.
        if let Some(group_id) = group_id {
            self.word("group_id", group_id.as_deref());
        }
        if agents.is_some() {
            self.count("agents", *agents);
        }
    }

    fn times(&mut self, name: &'static str, times: &Times) {
        let Times { count, sum_ns, min_ns, max_ns, p50_ns, p90_ns, p95_ns } = times;
        let Column::Fields(fields) = self.column(name, || Column::Fields(Vec::new())) else {
            return;
        };
        let to = &mut Filling { fields, next: 0 };
        to.count("count", Some(*count));
        to.duration("sum_ns", Some(*sum_ns));
        to.duration("min_ns", *min_ns);
        to.duration("max_ns", *max_ns);
        to.duration("p50_ns", *p50_ns);
        to.duration("p90_ns", *p90_ns);
        to.duration("p95_ns", *p95_ns);
    }

    /// Adds a list. The fields of its items are named, since all lists of a batch may be empty.
    fn list<T, const N: usize>(
        &mut self,
        name: &'static str,
        of: [Empty; N],
        items: &[T],
        mut push: impl FnMut(&mut Filling<'_>, &T),
    ) {
        let fields = || of.map(|(name, empty)| (name, empty())).into();
        let Column::Lists(offsets, fields) = self.column(name, || Column::Lists(vec![0], fields()))
        else {
            return;
        };
        for item in items {
            push(&mut Filling { fields, next: 0 }, item);
        }
        let before = offsets.last().copied().unwrap_or(0);
        offsets.push(before + items.len() as u32);
    }

    fn word(&mut self, name: &'static str, text: Option<&str>) {
        if let Column::Words(words) = self.column(name, Column::words) {
            words.push(text);
        }
    }

    fn instant(&mut self, name: &'static str, at: Instant) {
        if let Column::Instants(values) = self.column(name, || Column::Instants(Vec::new())) {
            values.push(at.unix_nanos() as i64);
        }
    }

    fn duration(&mut self, name: &'static str, ns: Option<u128>) {
        if let Column::Durations(values) = self.column(name, Column::durations) {
            values.push(ns.and_then(|ns| i64::try_from(ns).ok()).unwrap_or(-1));
        }
    }

    fn count(&mut self, name: &'static str, count: Option<u64>) {
        self.ratio(name, count.map(|count| count as f64));
    }

    fn ratio(&mut self, name: &'static str, ratio: Option<f64>) {
        if let Column::Numbers(values) = self.column(name, Column::numbers) {
            values.push(ratio.unwrap_or(f64::NAN));
        }
    }

    /// The next column; it is created with the first row.
    fn column(&mut self, name: &'static str, empty: impl FnOnce() -> Column) -> &mut Column {
        if self.next == self.fields.len() {
            self.fields.push((name, empty()));
        }
        self.next += 1;
        &mut self.fields[self.next - 1].1
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value as Json, json};

    use super::*;
    use crate::report::RollUp;
    use crate::{Fold, Selection};

    /// The rows that columns were made of, as data.
    fn rows(columns: &Columns) -> Vec<Json> {
        (0..columns.len)
            .map(|i| {
                let mut row = of(&columns.fields, i);
                row.insert("row".to_owned(), columns.row.into());
                row.into()
            })
            .collect()
    }

    fn of(fields: &Fields, i: usize) -> Map<String, Json> {
        fields.iter().map(|(name, column)| ((*name).to_owned(), value(column, i))).collect()
    }

    fn value(column: &Column, i: usize) -> Json {
        match column {
            Column::Words(words) => match usize::try_from(words.indices[i]) {
                Ok(index) => words.values[index].as_str().into(),
                Err(_) => Json::Null,
            },
            Column::Instants(values) => json!(Instant::from_unix_nanos(values[i].into())),
            Column::Durations(values) => json!(u64::try_from(values[i]).ok()),
            Column::Numbers(values) if values[i].fract() == 0.0 => json!(values[i] as u64),
            Column::Numbers(values) => json!(values[i]),
            Column::Lists(offsets, fields) => {
                (offsets[i]..offsets[i + 1]).map(|i| Json::from(of(fields, i as usize))).collect()
            }
            Column::Fields(fields) => of(fields, i).into(),
        }
    }

    /// Whole ratios are written as integers, as columns do not tell them from counts.
    fn plain(row: &Row) -> Json {
        let mut row = json!(row);
        for (_, value) in row.as_object_mut().expect("a row") {
            if value.is_f64() && value.as_f64().is_some_and(|number| number.fract() == 0.0) {
                *value = json!(value.as_f64().expect("a number") as u64);
            }
        }
        row
    }

    #[test]
    fn columns_say_what_the_rows_say() {
        let mut fold = Fold::new();
        let vectors = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/saved/events.ndjson");
        fold.read(&std::fs::read(vectors).expect("a file"), |_| {});
        let (from, to) = fold.first_and_last_event_at().expect("events");
        let middle = Instant::from_unix_nanos((from.unix_nanos() + to.unix_nanos()) / 2);
        let buckets =
            Buckets::new(vec![from, middle.expect("an instant"), to], to).expect("rising");
        for by in [RollUp::Agent, RollUp::Channel, RollUp::Account, RollUp::Group] {
            let report: Vec<Row> =
                fold.report(&buckets, by, &Selection::all()).expect("few rows").collect();
            let batches: Vec<Columns> =
                Columns::batches(&buckets, report.iter().cloned()).expect("instants").collect();
            let rows_of_all: usize = batches.iter().map(|columns| columns.len).sum();
            assert!(rows_of_all == report.len() && rows_of_all > 5);
            for columns in &batches {
                let of_kind: Vec<Json> =
                    report.iter().filter(|row| row.kind() == columns.row).map(plain).collect();
                for (row, expected) in rows(columns).into_iter().zip(&of_kind) {
                    assert_eq!(row, *expected);
                }
            }
        }
    }

    #[test]
    fn a_batch_has_a_bounded_number_of_rows_and_all_columns() {
        let mut fold = Fold::new();
        let status = br#"{"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
            "timestamp": "2026-01-05T09:00:00Z", "value": "away"}"#;
        fold.read(status, |bad| panic!("{bad}"));
        let start = "2026-01-05T09:00:00Z".parse::<Instant>().expect("valid").unix_seconds();
        let instants = (0..=10_000).map(|i| Instant::from_unix(start + i, 0).expect("in range"));
        let boundaries: Vec<Instant> = instants.collect();
        let buckets = Buckets::new(boundaries, Instant::MAX).expect("rising");
        let rows = fold.snapshot().into_report(&buckets, RollUp::Agent, &Selection::all());
        let batches: Vec<Columns> =
            Columns::batches(&buckets, rows.expect("few rows")).expect("instants").collect();
        let of = |kind| batches.iter().filter(move |columns| columns.row == kind);
        for (kind, fields) in [("unified_state", 15), ("chat", 11)] {
            let lengths: Vec<usize> = of(kind).map(|columns| columns.len).collect();
            assert_eq!(lengths, [4_096, 4_096, 1_808]);
            assert!(of(kind).all(|columns| columns.fields.len() == fields));
        }
    }

    #[test]
    fn instants_that_64_bits_cannot_hold_are_refused() {
        let buckets = Buckets::new(vec![Instant::MIN, Instant::MAX], Instant::MAX).expect("rising");
        let refused = Columns::batches(&buckets, std::iter::empty::<Row>());
        let failure = refused.err().expect("the year 0");
        assert_eq!((failure.code(), failure.path()), ("bad_argument", "/buckets/boundaries"));
    }

    #[test]
    fn a_duration_that_64_bits_cannot_hold_is_null() {
        let mut fields = Vec::new();
        let mut to = Filling { fields: &mut fields, next: 0 };
        to.duration("length_ns", Some(1 << 63));
        to.next = 0;
        to.duration("length_ns", Some((1 << 63) - 1));
        assert_eq!(fields, [("length_ns", Column::Durations(vec![-1, i64::MAX]))]);
    }
}
