//! [`advise`]: the HTTP status to answer a delivery with.

use super::flaw::{Flaw, FlawCode};
use super::receive::Refused;
use crate::fold::Outcome;
use crate::issue::Code;
use crate::issues::Issues;
use crate::word::words;

words! {
    /// What became of a delivery.
    // Exhaustive: each variant has a status, and a new one would need one.
    pub enum Handled {
        /// Some track has a new latest transition, or the current state changed.
        Applied = "applied",
        /// It only added to the past.
        Late = "late",
        /// All of it was known.
        Duplicate = "duplicate",
        /// It is from before the agent's cut.
        Expired = "expired",
        /// It would exceed a limit of the fold.
        Limit = "limit",
        /// Its type is unknown, or it affects no track.
        Ignored = "ignored",
        /// It is not an event that can be read.
        Unreadable = "unreadable",
        /// It may not come from Zendesk.
        Untrusted = "untrusted",
        /// It could not be stored, because a disk is full or a lock is held, for example.
        NotStored = "not_stored",
        /// It has more bytes than allowed.
        TooLarge = "too_large",
    }
}

/// Returns the HTTP status to answer a delivery with.
///
/// Zendesk retries a delivery up to three times after a 409, after a 429 or 503 only with a
/// `Retry-After` header, and never after a 500 or another 4xx (its page on webhooks). So the answers
/// are:
///
/// - 200 if the event was understood, even if it is a duplicate, late, or of an unknown type;
/// - 409 if it could not be stored, or would exceed a limit of the fold, since a retry may succeed;
/// - 401 if it is not trusted, 400 if it is not an event, and 413 if it is too large: a retry would
///   not help.
///
/// ```
/// use agentfold::{Event, Outcome};
/// use agentfold::webhook::{Handled, advise};
///
/// assert_eq!(advise(&Outcome::Duplicate), 200);
/// let issues = Event::parse(b"{}").expect_err("not an event");
/// assert_eq!(advise(&Outcome::Unreadable { issues }), 400);
/// assert_eq!(advise(Handled::Untrusted), 401);
/// assert_eq!(advise(Handled::NotStored), 409);
/// assert_eq!(advise(Handled::TooLarge), 413);
/// ```
pub fn advise(handled: impl Into<Handled>) -> u16 {
    match handled.into() {
        Handled::Applied
        | Handled::Late
        | Handled::Duplicate
        | Handled::Expired
        | Handled::Ignored => 200,
        Handled::Unreadable => 400,
        Handled::Untrusted => 401,
        Handled::Limit | Handled::NotStored => 409,
        Handled::TooLarge => 413,
    }
}

impl From<&Outcome> for Handled {
    fn from(outcome: &Outcome) -> Handled {
        match outcome {
            Outcome::Applied => Handled::Applied,
            Outcome::Late => Handled::Late,
            Outcome::Duplicate => Handled::Duplicate,
            Outcome::Limit { .. } => Handled::Limit,
            Outcome::Expired => Handled::Expired,
            Outcome::Ignored => Handled::Ignored,
            Outcome::Unreadable { issues } => unreadable(issues),
        }
    }
}

impl From<&Flaw> for Handled {
    fn from(flaw: &Flaw) -> Handled {
        match flaw.code {
            FlawCode::TooLarge => Handled::TooLarge,
            _ => Handled::Untrusted,
        }
    }
}

impl From<&Refused> for Handled {
    fn from(refused: &Refused) -> Handled {
        match refused {
            Refused::Untrusted(flaw) => flaw.into(),
            Refused::NoEvent(issues) => unreadable(issues),
        }
    }
}

fn unreadable(issues: &Issues) -> Handled {
    match issues.iter().any(|issue| issue.code == Code::TooLarge) {
        true => Handled::TooLarge,
        false => Handled::Unreadable,
    }
}
