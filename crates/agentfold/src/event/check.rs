//! Checks of events that were built by hand.

use super::Event;
use crate::issue::{Code, Issue};
use crate::read::Options;

impl Event<'_> {
    /// Every problem that reading the event's JSON would report: errors first, then by path.
    ///
    /// An event that was read has no errors. One that was built by hand, or changed, can have some; if it
    /// has none, it prints, is read back as the same event, and folds like it.
    ///
    /// ```
    /// use agentfold::{Code, Event};
    ///
    /// let mut event = Event::parse(br#"{"account_id": 2, "detail": {"agent_id": "7"}, "id": "a",
    ///     "event": {"updated_at": "2026-01-05T09:00:00Z", "channel": "support"},
    ///     "type": "zen:event-type:agent.channel_created"}"#)?;
    /// assert_eq!(event.check(), []);
    ///
    /// let Event::Availability(availability) = &mut event else { panic!("a webhook") };
    /// availability.account_id = None;
    /// let issues = event.check();
    /// assert_eq!((issues[0].code, &*issues[0].path), (Code::MissingField, "/detail/account_id"));
    /// # Ok::<(), agentfold::Issues>(())
    /// ```
    pub fn check(&self) -> Vec<Issue> {
        self.check_by(&Options::default())
    }

    /// Every problem that reading the event's JSON by these options would report.
    pub(crate) fn check_by(&self, options: &Options) -> Vec<Issue> {
        let json = self.to_json();
        let (read, mut issues) = match options.read_and_check(json.as_bytes()) {
            Ok(read) => read,
            Err(issues) => return issues.into_vec(),
        };
        // After the body was replaced, an unknown field may have no place any more.
        let lost =
            self.unknown_fields().iter().find(|field| !read.unknown_fields().contains(field));
        if let Some(field) = lost {
            let message = "an unknown field does not fit the event: its body was replaced";
            issues.insert(0, Issue::new(Code::WrongType, field.path(), message));
        }
        issues
    }

    /// Whether a reader with these options would refuse the event. Checks only what is cheap.
    pub(crate) fn is_refused(&self, options: &Options) -> bool {
        let is_refused = match self {
            Event::Availability(event) => event.refusal().is_some(),
            Event::Chat(event) => event.refusal().is_some(),
            Event::Unknown(_) => false,
        };
        is_refused || self.at_by(options).is_err()
    }
}
