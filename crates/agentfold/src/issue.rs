//! [`Issue`]: what is wrong, or strange, with one event.

use std::borrow::Cow;
use std::fmt;

use serde::{Serialize, Serializer};

use crate::pointer;

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
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct Issue {
    /// What kind of problem it is.
    pub code: Code,
    /// Where it is: a JSON Pointer (RFC 6901) into the event, empty for the whole.
    pub path: String,
    /// The problem in words.
    pub message: String,
    /// Whether the event can be used all the same.
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
        let path = if self.path.is_empty() { "/" } else { &self.path };
        write!(f, "{}: {} at {path}: {}", self.severity, self.code, self.message)
    }
}

/// Whether an event with this issue can be folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename_all = "snake_case"))]
pub enum Severity {
    /// The event is refused.
    Error,
    /// The event is used, but somebody should look.
    Warning,
}

impl Severity {
    /// `error` or `warning`.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $severity:ident;)+) => {
        /// The stable name of a kind of problem, one list for all languages.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[non_exhaustive]
        pub enum Code {
            $(
                $(#[$doc])*
                #[cfg_attr(feature = "schema", schemars(rename = $text))]
                $name,
            )+
        }

        impl Code {
            /// Every code, errors first.
            pub const ALL: &[Code] = &[$(Code::$name,)+];

            /// The code as it stands in data.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$name => $text,)+ }
            }

            /// Whether events with this code are refused.
            pub fn severity(self) -> Severity {
                match self { $(Code::$name => Severity::$severity,)+ }
            }
        }
    };
}

codes! {
    /// The bytes are no JSON text, or not UTF-8, or break off.
    NotJson = "not_json", Error;
    /// A field without which the event cannot be folded is missing.
    MissingField = "missing_field", Error;
    /// A field holds a value of another JSON type than it should.
    WrongType = "wrong_type", Error;
    /// A text that should be an RFC 3339 instant is none.
    BadInstant = "bad_instant", Error;
    /// The change is dated more than 24 hours after its envelope, or after its chat id.
    FutureInstant = "future_instant", Error;
    /// An id is no unsigned 64-bit integer, or no text or integer at all.
    BadId = "bad_id", Error;
    /// The event has more bytes than allowed.
    TooLarge = "too_large", Error;
    /// The event is nested deeper than allowed.
    TooDeep = "too_deep", Error;
    /// An object has the same key twice, so its meaning is open.
    DuplicateKey = "duplicate_key", Error;
    /// Envelope and detail name different accounts.
    AccountMismatch = "account_mismatch", Warning;
    /// The subject names another agent than the detail.
    SubjectMismatch = "subject_mismatch", Warning;
    /// A chat event's id was made at another time than its timestamp says.
    ChatIdTime = "chat_id_time", Warning;
    /// A chat event's id names another agent than the record.
    ChatIdAgent = "chat_id_agent", Warning;
    /// An event type or chat field that this library does not know.
    UnknownType = "unknown_type", Warning;
    /// A field that the documents do not have.
    UnknownField = "unknown_field", Warning;
    /// A state, channel or reason that was not seen before.
    UnknownValue = "unknown_value", Warning;
    /// A `zendesk_event_version` that this library was not written for.
    UnknownVersion = "unknown_version", Warning;
    /// The value after the change equals the value before.
    UnchangedValue = "unchanged_value", Warning;
    /// An instant from before 2007, when Zendesk was founded.
    OldInstant = "old_instant", Warning;
    /// The change is dated more than 24 hours before its envelope.
    FarInstant = "far_instant", Warning;
}

macro_rules! text_impls {
    ($($name:ident)+) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    )+};
}

text_impls!(Code Severity);
