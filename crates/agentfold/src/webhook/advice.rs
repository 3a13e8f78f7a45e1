//! [`advise`]: which HTTP status to answer a delivery.

use super::flaw::{Flaw, FlawCode};
use super::receive::Refused;
use crate::fold::Outcome;
use crate::issue::Code;
use crate::issues::Issues;
use crate::word::words;

words! {
    /// What became of a delivery.
    // Exhaustive: each has its status, and a new one would need one.
    pub enum Handled {
        /// Some track has a new latest transition, or the current state changed.
        Applied = "applied",
        /// It added to the past alone.
        Late = "late",
        /// All of it was known.
        Duplicate = "duplicate",
        /// It is from before the agent's cut.
        Expired = "expired",
        /// Its type is not known, or it touches no track.
        Ignored = "ignored",
        /// It is no event that can be read.
        Unreadable = "unreadable",
        /// It may be anybody's.
        Untrusted = "untrusted",
        /// It could not be stored: a disk that is full, a lock that is held.
        NotStored = "not_stored",
        /// It has more bytes than allowed.
        TooLarge = "too_large",
    }
}

/// The HTTP status to answer a delivery, by Zendesk's rules for retries (its page on webhooks): a 409
/// is sent again up to three times, 429 and 503 only where they say when, a 500 or another 4xx never.
///
/// So 200 for whatever was understood, also if it came twice, late, or of a type that is not known;
/// 409 for what may be stored the next time; 401 for what is not trusted, 400 for what is no event and
/// 413 for what is too large, which would be no better the next time.
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
        Handled::NotStored => 409,
        Handled::TooLarge => 413,
    }
}

impl From<&Outcome> for Handled {
    fn from(outcome: &Outcome) -> Handled {
        match outcome {
            Outcome::Applied => Handled::Applied,
            Outcome::Late => Handled::Late,
            Outcome::Duplicate => Handled::Duplicate,
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
