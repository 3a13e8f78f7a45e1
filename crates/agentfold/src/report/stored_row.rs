//! [`StoredRow`]: a row of a report as stored JSON text.

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::row::About;
use super::row_place::{Placed, RowKey, RowPlace};
use crate::Instant;
use crate::read::fields::{Fields, Notes, instant, number_id, text};
use crate::read::parts;

/// A row of a report, as the JSON text that was stored. Only its place is read.
///
/// Two rows are equal if their JSON is equal in any order of keys, since a store may change the order.
///
/// ```
/// use agentfold::report::{StoredRow, corrections};
///
/// let row = |busy| format!(
///     r#"[{{"row":"chat","account_id":"2","agent_id":"7","from":"2026-01-05T09:00:00Z","busy_ns":{busy}}}]"#);
/// let (before, after) = (row(5), row(6));
/// let [before, after] = [&before, &after].map(|json| StoredRow::list(json).expect("rows"));
/// assert_eq!(corrections(&before, &before)?.len(), 0);
/// assert_eq!(corrections(&before, &after)?[0].row, "chat");
/// assert!(StoredRow::list(r#"[{"row":"day"}]"#).is_none());
/// # Ok::<(), agentfold::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct StoredRow<'a> {
    place: RowPlace,
    bucket_ends_at: Option<Instant>,
    json: &'a str,
}

impl<'a> StoredRow<'a> {
    /// Reads the rows of a JSON list; `None` if one of them does not have a place in a report.
    pub fn list(json: &'a str) -> Option<Vec<StoredRow<'a>>> {
        let rows = parts::items(parts::whole(json).ok()?)?.into_iter();
        rows.map(StoredRow::of).collect()
    }
}

impl<'a> StoredRow<'a> {
    fn of(json: &'a str) -> Option<StoredRow<'a>> {
        let (place, bucket_ends_at) = place(json)?;
        Some(StoredRow { place, bucket_ends_at, json })
    }
}

/// The place of a row, and where its bucket ends.
fn place(json: &str) -> Option<(RowPlace, Option<Instant>)> {
    let notes = Notes::default();
    let mut fields = Fields::open(json, String::new(), &notes)?;
    let kind = fields.required("row", text)?;
    let (row, key) = match &*kind {
        "channel" => ("channel", Some(RowKey::Channel(fields.required("channel", text)?.into()))),
        "unified_state" => {
            ("unified_state", Some(RowKey::Id(fields.optional("id", text).map(String::from))))
        }
        "chat" => ("chat", None),
        "sessions" => ("sessions", None),
        "adherence" => {
            ("adherence", Some(RowKey::Track(fields.required("track", text)?.parse().ok()?)))
        }
        "exception" => {
            ("exception", Some(RowKey::Track(fields.required("track", text)?.parse().ok()?)))
        }
        _ => return None,
    };
    let group_id = fields.holds("group_id");
    let about = About {
        account_id: fields.optional("account_id", number_id),
        agent_id: fields.optional("agent_id", number_id),
        group_id: group_id.then(|| fields.optional("group_id", text).map(String::from)),
        agents: None,
    };
    let from: Option<Instant> = fields.required("from", instant);
    let has_bucket = !matches!(row, "adherence" | "exception");
    let to = fields.optional("to", instant).filter(|_| has_bucket);
    let place = RowPlace { row, about, from: from?, key };
    notes.into_inner().0.is_empty().then_some((place, to))
}

impl Placed for StoredRow<'_> {
    fn place(&self) -> RowPlace {
        self.place.clone()
    }

    fn bucket_ends_at(&self) -> Option<Instant> {
        self.bucket_ends_at
    }
}

impl PartialEq for StoredRow<'_> {
    fn eq(&self, other: &StoredRow<'_>) -> bool {
        same(self.json, other.json)
    }
}

/// Whether two JSON texts are equal in any order of keys.
fn same(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    if let (Some(mut a), Some(mut b)) = (parts::members(a), parts::members(b)) {
        a.sort();
        b.sort();
        let equal = |(a, b): (&(_, &str), &(_, &str))| a.0 == b.0 && same(a.1, b.1);
        return a.len() == b.len() && a.iter().zip(&b).all(equal);
    }
    match (parts::items(a), parts::items(b)) {
        (Some(a), Some(b)) => a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| same(a, b)),
        _ => false,
    }
}

impl Serialize for StoredRow<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let json: &RawValue = serde_json::from_str(self.json).map_err(serde::ser::Error::custom)?;
        json.serialize(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_say_the_same_are_equal_whatever_the_order_of_their_keys() {
        let row = r#"{"row":"chat","from":"2026-01-05T09:00:00Z","status":[{"ns":1,"basis":"observed"}]}"#;
        let turned = r#" { "status" : [ {"basis":"observed", "ns":1} ],"from":"2026-01-05T09:00:00Z","row":"chat"}"#;
        assert!(same(row, turned.trim()));
        for other in
            [row.replace(":1", ":2"), row.replace("}]", "},{}]"), row.replace("basis", "base")]
        {
            assert!(!same(row, &other), "{other}");
        }
    }

    #[test]
    fn what_has_no_place_in_a_report_is_no_row() {
        let good =
            r#"{"row":"channel","channel":"talk","agent_id":"7","from":"2026-01-05T09:00:00Z"}"#;
        assert!(StoredRow::list(&format!("[{good}]")).is_some());
        for (right, wrong) in [
            (r#""channel":"talk","#, ""),
            (r#""7""#, r#""x""#),
            ("-05T", "-05 T"),
            (r#""row":"channel""#, r#""row":"day""#),
            ("}", ",\"row\":1}"),
        ] {
            assert!(
                StoredRow::list(&format!("[{}]", good.replace(right, wrong))).is_none(),
                "{wrong}"
            );
        }
        assert!(StoredRow::list(good).is_none());
    }
}
