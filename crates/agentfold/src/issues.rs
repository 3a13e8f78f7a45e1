//! [`Issues`]: why an event or a page can't be read.

use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Deserializer, Serialize};

use crate::issue::Issue;
use crate::shown::Shown;

/// Why an event or a page can't be read: every issue of it, and at least one.
///
/// The first issue is the one to show; it is always an error when agentfold made the list. The list is
/// a slice of [`Issue`]s too, and in data it is a list. No issue holds values from the event, so all of
/// them are safe to log.
///
/// ```
/// use agentfold::{Code, Event, Id};
///
/// fn account(bytes: &[u8]) -> Result<Option<Id>, Box<dyn std::error::Error>> {
///     let event = Event::parse(bytes)?;
///     Ok(event.agent().map(|agent| agent.account_id))
/// }
///
/// let error = account(br#"{"type": "zen:event-type:agent.groups_updated"}"#).expect_err("refused");
/// assert_eq!(error.to_string(), "missing_field at /detail: `detail` is missing (and 2 more issues)");
///
/// let issues = Event::parse(b"{}").expect_err("refused");
/// assert_eq!(issues.first().code, Code::MissingField);
/// assert_eq!(issues.len(), 1);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
pub struct Issues(
    // INVARIANT: not empty.
    Vec<Issue>,
);

impl Issues {
    /// The issues of a list, or `None` if it is empty.
    ///
    /// ```
    /// use agentfold::{Issues, check};
    ///
    /// assert_eq!(Issues::new(Vec::new()), None);
    /// let issues = Issues::new(check(b"{}")).expect("not empty");
    /// assert_eq!(issues.first().path, "/type");
    /// ```
    pub fn new(issues: Vec<Issue>) -> Option<Issues> {
        (!issues.is_empty()).then_some(Issues(issues))
    }

    /// The issues of what could not be read.
    pub(crate) fn of_refused(issues: Vec<Issue>) -> Issues {
        Issues::new(issues).expect("INVARIANT: a reader that gives up has noted why")
    }

    /// The first issue: the one to show where there is room for one.
    pub fn first(&self) -> &Issue {
        &self.0[0]
    }

    /// The issues as a list, which is not empty.
    pub fn into_vec(self) -> Vec<Issue> {
        self.0
    }
}

impl From<Issue> for Issues {
    fn from(issue: Issue) -> Issues {
        Issues(vec![issue])
    }
}

impl Deref for Issues {
    type Target = [Issue];

    fn deref(&self) -> &[Issue] {
        &self.0
    }
}

impl IntoIterator for Issues {
    type Item = Issue;
    type IntoIter = std::vec::IntoIter<Issue>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Issues {
    type Item = &'a Issue;
    type IntoIter = std::slice::Iter<'a, Issue>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<'de> Deserialize<'de> for Issues {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Issues, D::Error> {
        let issues = Issues::new(Vec::deserialize(deserializer)?);
        issues.ok_or_else(|| serde::de::Error::custom("must have at least one issue"))
    }
}

impl fmt::Display for Issues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Issue { code, path, message, .. } = self.first();
        let path = Shown(if path.is_empty() { "/" } else { path });
        write!(f, "{code} at {path}: {message}")?;
        match self.len() - 1 {
            0 => Ok(()),
            1 => f.write_str(" (and 1 more issue)"),
            more => write!(f, " (and {more} more issues)"),
        }
    }
}

impl std::error::Error for Issues {}
