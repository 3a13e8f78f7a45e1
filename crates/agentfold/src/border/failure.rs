//! [`Failure`]: why a call failed, with the same parts in every language.

use std::fmt;

use serde::Serialize;

use crate::export::Refusal;
use crate::webhook::{Flaw, Handled, Refused};
use crate::{Agent, Code, Error, Instant, Issue, Issues, Severity, Shown};

/// Why a call failed: a code, a path, a message, and further details of some kinds of failures.
///
/// It contains no secret and no value of an argument or an event, so it is safe to log.
///
/// ```
/// use agentfold::Event;
/// use agentfold::border::Failure;
///
/// let failure = Failure::from(Event::parse(b"{}").expect_err("not an event"));
/// assert_eq!((failure.code(), failure.path()), ("missing_field", "/type"));
/// assert_eq!(failure.more().issues.len(), 1);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure(Box<Parts>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Parts {
    code: &'static str,
    path: String,
    message: String,
    more: More,
}

/// Further details of some kinds of [`Failure`]. Data has only those that are present.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct More {
    /// Every issue of an event or a page that can't be read, or of an argument of which all problems are
    /// named.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub issues: Vec<Issue>,
    /// What became of a delivery that was refused, for [`advise`](crate::webhook::advise).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handled: Option<Handled>,
    /// The status of an export's reply that was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The agent, if the question was about a time before its cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<Agent>,
    /// That agent's cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cut: Option<Instant>,
}

impl Failure {
    /// Creates a failure of the host language.
    #[cold]
    pub fn new(code: &'static str, path: String, message: String) -> Failure {
        Failure(Box::new(Parts { code, path, message, more: More::default() }))
    }

    /// Creates a failure for an argument of the wrong type.
    #[cold]
    pub fn argument(name: &str) -> Failure {
        Failure::bad_argument(name, format!("`{name}` has the wrong type"))
    }

    /// Creates a failure for an argument that is not an id.
    #[cold]
    pub fn bad_id(name: &str) -> Failure {
        let message = format!("`{name}` is not an id: ids are whole numbers below 2^64");
        Failure::new("bad_id", format!("/{name}"), message)
    }

    /// Creates a failure for the body of a delivery that is neither bytes nor text.
    #[cold]
    pub fn parsed_body(name: &str) -> Failure {
        let message = format!(
            "`{name}` must be the bytes as received, or their text: the signature is of the bytes, and \
             a body that was parsed has lost them"
        );
        Failure::bad_argument(name, message)
    }

    #[cold]
    pub(super) fn bad_argument(name: &str, message: String) -> Failure {
        Failure::new("bad_argument", format!("/{name}"), message)
    }

    /// The first of several failures, with all of them as issues.
    #[cold]
    pub(super) fn of_several(failures: Vec<(Code, Failure)>) -> Failure {
        let issues = failures.iter().map(|(code, Failure(parts))| Issue {
            // Whatever is wrong with an argument, it is refused.
            severity: Severity::Error,
            ..Issue::new(*code, &*parts.path, &*parts.message)
        });
        let issues = issues.collect();
        let (_, first) = failures.into_iter().next().expect("INVARIANT: at least one");
        first.with(|more| more.issues = issues)
    }

    fn with(mut self, change: impl FnOnce(&mut More)) -> Failure {
        change(&mut self.0.more);
        self
    }

    /// What kind of failure it is: the same word in every language.
    pub fn code(&self) -> &'static str {
        self.0.code
    }

    /// Where it is: a JSON Pointer into the arguments or the event, empty for the whole.
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// What is wrong, for people.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Further details of some kinds of failures.
    pub fn more(&self) -> &More {
        &self.0.more
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        let failure = Failure::new(error.code(), String::new(), error.to_string());
        failure.with(|more| (more.agent, more.cut) = (error.agent(), error.cut()))
    }
}

impl From<Issues> for Failure {
    fn from(issues: Issues) -> Failure {
        let Issue { code, path, message, .. } = issues.first().clone();
        let failure = Failure::new(code.as_str(), path, message);
        failure.with(|more| more.issues = issues.into_vec())
    }
}

impl From<Flaw> for Failure {
    fn from(flaw: Flaw) -> Failure {
        let handled = Handled::from(&flaw);
        let failure = Failure::new(flaw.code.as_str(), flaw.path.to_owned(), flaw.message);
        failure.with(|more| more.handled = Some(handled))
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Failure {
        let handled = Handled::from(&refused);
        let failure: Failure = match refused {
            Refused::Untrusted(flaw) => flaw.into(),
            Refused::NoEvent(issues) => issues.into(),
        };
        failure.with(|more| more.handled = Some(handled))
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Failure {
        let Refusal { code, path, message, status, .. } = refusal;
        let failure = Failure::new(code.as_str(), path.to_owned(), message.to_owned());
        failure.with(|more| more.status = status)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Parts { code, path, message, .. } = &*self.0;
        match path.as_str() {
            "" => write!(f, "{code}: {message}"),
            path => write!(f, "{code} at {}: {message}", Shown(path)),
        }
    }
}

impl std::error::Error for Failure {}
