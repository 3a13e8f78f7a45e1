//! Events for the command to read.

use agentfold_simulate::{Feed, Simulation};

/// The nine webhooks of Zendesk's documentation, one per line.
pub(crate) const AVAILABILITY: &str =
    include_str!("../../../../tests/vectors/documents/availability.ndjson");
/// The page in the documentation of the Chat export.
pub(crate) const CHAT_PAGE: &str =
    include_str!("../../../../tests/vectors/documents/chat_page.json");
/// The single event in the documentation of the Chat export.
pub(crate) const CHAT_EVENT: &str =
    include_str!("../../../../tests/vectors/documents/chat_event.json");

/// A webhook of account 2, issued at the time of the change. `fields` are the other fields of
/// `event`.
pub(crate) fn webhook(
    agent_id: u64,
    version: u64,
    at: &str,
    event_type: &str,
    fields: &str,
) -> String {
    webhook_issued(agent_id, version, at, at, event_type, fields)
}

/// A webhook of account 2, issued at `time`.
pub(crate) fn webhook_issued(
    agent_id: u64,
    version: u64,
    at: &str,
    time: &str,
    event_type: &str,
    fields: &str,
) -> String {
    format!(
        r#"{{"account_id":2,"detail":{{"account_id":"2","agent_id":"{agent_id}","version":"{version}"}},"event":{{"updated_at":"{at}",{fields}}},"id":"e{version}","subject":"zen:agent:{agent_id}","time":"{time}","type":"zen:event-type:agent.{event_type}","zendesk_event_version":"2022-11-06"}}"#
    )
}

/// A webhook that sets an agent's state on the support channel.
pub(crate) fn support_is(state: &str, agent_id: u64, version: u64, at: &str) -> String {
    let fields = format!(r#""new_state":"{state}","channel":"support""#);
    webhook(agent_id, version, at, "state_changed", &fields)
}

/// Half a day of ten agents, with duplicates and delays.
pub(crate) fn half_a_day(feed: Feed) -> Vec<String> {
    let floor = Simulation { agents: 10, hours: 12, seed: 5, feed, ..Simulation::default() };
    Simulation { duplicate: 0.05, shuffle: 60, ..floor }.events().collect()
}

/// Lines of text, each with a line break.
pub(crate) fn ndjson<T: AsRef<str>>(lines: &[T]) -> String {
    lines.iter().flat_map(|line| [line.as_ref(), "\n"]).collect()
}
