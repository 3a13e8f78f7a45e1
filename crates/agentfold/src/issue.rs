//! [`Issue`]: what is wrong, or strange, with one event.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::pointer;
use crate::shown::Shown;
use crate::word::words;

/// One problem of one event, as data: the same parts in every language.
///
/// Messages are for people and hold no values from the event, so they are safe to log.
///
/// ```
/// let issues = agentfold::check(br#"{"type": "zen:event-type:agent.channel_created"}"#);
/// let paths: Vec<&str> = issues.iter().map(|issue| issue.path.as_str()).collect();
/// assert_eq!(paths, ["/detail", "/event", "/id"]);
/// assert_eq!(issues[0].code.as_str(), "missing_field");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct Issue {
    /// What kind of problem it is.
    pub code: Code,
    /// Where it is: a JSON Pointer (RFC 6901) into the event, empty for the whole.
    pub path: String,
    /// The problem in words. It contains no value from the event.
    pub message: String,
    /// An event with an error is refused. An event with only warnings is used.
    pub severity: Severity,
}

impl Issue {
    pub(crate) fn new(code: Code, path: impl Into<String>, message: impl Into<String>) -> Issue {
        Issue { code, path: path.into(), message: message.into(), severity: code.severity() }
    }

    /// The key or index that the path ends with, unescaped; empty for the whole event.
    ///
    /// ```
    /// let issues = agentfold::check(br#"{"account_id": 2, "agent_id": 7, "field_name": "status",
    ///     "id": "x", "timestamp": "2018-10-19T12:33:50Z", "value": "away", "a/b": 1}"#);
    /// assert_eq!((&*issues[0].path, &*issues[0].key()), ("/a~1b", "a/b"));
    /// ```
    pub fn key(&self) -> Cow<'_, str> {
        pointer::unescape(pointer::split(&self.path).1)
    }
}

impl fmt::Display for Issue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = Shown(if self.path.is_empty() { "/" } else { &self.path });
        write!(f, "{}: {} at {path}: {}", self.severity, self.code, self.message)
    }
}

impl std::error::Error for Issue {}

words! {
    /// Whether an event with this issue can be folded.
    pub enum Severity {
        /// The event is refused.
        Error = "error",
        /// The event is used, but someone should look at it.
        Warning = "warning",
    }
}

words! {
    /// The stable name of a kind of problem, one list for all languages.
    #[non_exhaustive]
    pub enum Code {
        /// The bytes are not a JSON text, or not UTF-8, or incomplete.
        NotJson = "not_json",
        /// The bytes are a file of another format, such as bzip2, CSV, Parquet or UTF-16.
        OtherFormat = "other_format",
        /// The packed bytes of a stream are damaged or break off. What comes before was read.
        DamagedStream = "damaged_stream",
        /// The bytes are an envelope around several events, where one is expected.
        NotOneEvent = "not_one_event",
        /// A field without which the event cannot be folded is missing.
        MissingField = "missing_field",
        /// A field holds a value of another JSON type than it should.
        WrongType = "wrong_type",
        /// A text that should be an RFC 3339 instant is not one.
        BadInstant = "bad_instant",
        /// The change is dated more than 24 hours after its envelope, its chat id, or the reader's clock.
        FutureInstant = "future_instant",
        /// An id is not an unsigned 64-bit integer, as a text or a number.
        BadId = "bad_id",
        /// A capacity or a number of engagements is larger than any floor has: 2^32 or more.
        OutOfRange = "out_of_range",
        /// The event has more bytes than allowed; or a table of names has more bytes or entries, or a
        /// name is longer.
        TooLarge = "too_large",
        /// The event is nested deeper than allowed.
        TooDeep = "too_deep",
        /// An object has the same key twice, or a table of names the same id with different names, so its
        /// meaning is not clear.
        DuplicateKey = "duplicate_key",
        /// The name of an agent or a group is empty.
        EmptyName = "empty_name",
        /// A row of CSV does not fit its header, or is neither of an agent nor of a group.
        BadRow = "bad_row",
        /// The array or page around the records is malformed: a comma is missing or too many, or a page
        /// has two lists. The records are read all the same.
        BadWrapping = "bad_wrapping",
        /// The envelope and the detail name different accounts.
        AccountMismatch = "account_mismatch",
        /// The subject names another agent than the detail.
        SubjectMismatch = "subject_mismatch",
        /// A chat event's id was made at another time than its timestamp says.
        ChatIdTime = "chat_id_time",
        /// A chat event's id names another agent than the record.
        ChatIdAgent = "chat_id_agent",
        /// An event type or chat field that this library does not know.
        UnknownType = "unknown_type",
        /// A field that the documents do not have.
        UnknownField = "unknown_field",
        /// A state, channel or reason that was not seen before.
        UnknownValue = "unknown_value",
        /// A `zendesk_event_version` that this library was not written for.
        UnknownVersion = "unknown_version",
        /// The value after the change equals the value before.
        UnchangedValue = "unchanged_value",
        /// An instant from before 2007, when Zendesk was founded.
        OldInstant = "old_instant",
        /// The change is dated more than 24 hours before its envelope.
        FarInstant = "far_instant",
        /// The change is dated more than five minutes after the reader's clock.
        AheadInstant = "ahead_instant",
    }
}

impl Code {
    /// Whether events with this code are refused.
    pub fn severity(self) -> Severity {
        match self {
            Code::NotJson
            | Code::OtherFormat
            | Code::DamagedStream
            | Code::NotOneEvent
            | Code::MissingField
            | Code::WrongType
            | Code::BadInstant
            | Code::FutureInstant
            | Code::BadId
            | Code::OutOfRange
            | Code::TooLarge
            | Code::TooDeep
            | Code::DuplicateKey
            | Code::EmptyName
            | Code::BadRow => Severity::Error,
            Code::BadWrapping
            | Code::AccountMismatch
            | Code::SubjectMismatch
            | Code::ChatIdTime
            | Code::ChatIdAgent
            | Code::UnknownType
            | Code::UnknownField
            | Code::UnknownValue
            | Code::UnknownVersion
            | Code::UnchangedValue
            | Code::OldInstant
            | Code::FarInstant
            | Code::AheadInstant => Severity::Warning,
        }
    }
}
