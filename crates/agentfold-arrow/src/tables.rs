//! The columns of the tables. Those of reports depend on the rows: [`Layout::of_report`](crate::Layout::of_report).

use agentfold::state::{ChannelState, ChatState, UnifiedStateNow};
use agentfold::{Agent, AgentState, Instant};
use serde::Serialize;

use crate::column::Named;
use crate::column::Shape::{
    Duration, Flag, Instant as At, Json, List, Number, Ratio, Struct, Text, Word,
};

/// The events that a fold contains, a row per track.
pub const EVENTS: &[Named] = &[
    ("account_id", Word),
    ("agent_id", Word),
    ("track", Word),
    ("aspect", Word),
    ("channel", Word),
    ("work_item", Text),
    ("at", At),
    ("version", Number),
    ("kind", Word),
    ("event_id", Text),
    ("value", Json),
    ("conflict", Flag),
];

/// States, a row per channel of an agent. An agent without channels has one row without a channel.
pub const AGENTS: &[Named] = &[
    ("account_id", Word),
    ("agent_id", Word),
    ("version", Number),
    ("last_event_at", At),
    ("unified_state", Struct(&[("id", Word), ("name", Word), ("reason", Word), ("since", At)])),
    ("group_ids", List(&Word)),
    ("chat", Struct(&[("status", Word), ("since", At), ("engagements", Number)])),
    ("channel", Word),
    ("access", Flag),
    ("state", Word),
    ("since", At),
    ("max_capacity", Number),
    (
        "work_items",
        List(&Struct(&[("id", Text), ("reason", Word), ("opened_at", At), ("since", At)])),
    ),
    ("load", Number),
    ("spare", Number),
    ("accepting", Flag),
];

/// Work items: when each was offered, accepted and closed, and on which channels it was.
pub const WORK_ITEMS: &[Named] = &[
    ("account_id", Word),
    ("agent_id", Word),
    ("work_item", Text),
    ("opened_at", At),
    ("offered_at", At),
    ("accepted_at", At),
    ("closed_at", At),
    ("reason", Word),
    ("moves", List(&Struct(&[("at", At), ("channel", Word)]))),
    ("orphan", Flag),
    ("handle_ns", Duration),
];

/// Intervals: how long each track had which value.
pub const INTERVALS: &[Named] = &[
    ("account_id", Word),
    ("agent_id", Word),
    ("track", Word),
    ("aspect", Word),
    ("channel", Word),
    ("work_item", Text),
    ("from", At),
    ("to", At),
    ("value", Json),
    ("basis", Word),
    ("open", Flag),
    ("doubtful", List(&Struct(&[("from", At), ("to", At)]))),
];

/// The floor, a row per channel, with its agents.
pub const FLOOR: &[Named] = &[
    ("account_id", Word),
    ("channel", Word),
    ("at", At),
    ("states", List(&Struct(&[("state", Word), ("agents", Number)]))),
    ("load", Number),
    ("load_least", Number),
    ("max_capacity", Number),
    ("spare", Number),
    ("accepting", Number),
    ("unlimited", Number),
    ("unsure", Number),
    ("doubtful", Number),
    (
        "agents",
        List(&Struct(&[
            ("agent_id", Word),
            ("state", Word),
            ("load", Number),
            ("load_least", Number),
            ("max_capacity", Number),
            ("spare", Number),
            ("accepting", Flag),
            ("last_event_at", At),
            ("doubts", List(&Word)),
        ])),
    ),
];

/// Anomalies: what shows that events are missing or contradict each other.
pub const ANOMALIES: &[Named] = &[
    ("account_id", Word),
    ("agent_id", Word),
    ("anomaly", Word),
    ("track", Word),
    ("aspect", Word),
    ("channel", Word),
    ("work_item", Text),
    ("at", At),
    ("event_id", Text),
    ("version", Number),
    ("ranges", List(&List(&Number))),
    ("sparse", Flag),
];

/// Sessions: from login to logout.
pub const SESSIONS: &[Named] = &[
    ("row", Word),
    ("account_id", Word),
    ("agent_id", Word),
    ("from", At),
    ("to", At),
    ("length_ns", Duration),
    ("sessions", Number),
    ("logins", Number),
    ("logouts", Number),
    ("first_login", At),
    ("first_login_basis", Word),
    ("last_logout", At),
    ("last_logout_basis", Word),
    ("session_ns", Duration),
    ("unknown_ns", Duration),
    ("continued", Flag),
    ("open", Flag),
];

/// Adherence: how well agents kept to a schedule.
pub const ADHERENCE: &[Named] = &[
    ("row", Word),
    ("account_id", Word),
    ("agent_id", Word),
    ("from", At),
    ("to", At),
    ("track", Word),
    ("scheduled_ns", Duration),
    ("elapsed_ns", Duration),
    ("adherent_ns", Duration),
    ("out_ns", Duration),
    ("unknown_ns", Duration),
    ("disputed_ns", Duration),
    ("inferred_ns", Duration),
    ("doubtful_ns", Duration),
    ("adherence", Ratio),
];

/// Exceptions: when agents did not keep to a schedule.
pub const EXCEPTIONS: &[Named] = &[
    ("row", Word),
    ("account_id", Word),
    ("agent_id", Word),
    ("from", At),
    ("to", At),
    ("track", Word),
    ("exception", Word),
    ("open", Flag),
    ("scheduled_from", At),
    ("scheduled_to", At),
    ("value", Json),
    ("out_ns", Duration),
    ("unknown_ns", Duration),
    ("disputed_ns", Duration),
    ("inferred_ns", Duration),
];

/// A channel of an agent, and the values of the agent.
#[derive(Debug, Clone, Serialize)]
pub struct AgentRow {
    #[serde(flatten)]
    agent: Agent,
    version: Option<u64>,
    last_event_at: Instant,
    unified_state: Option<UnifiedStateNow>,
    group_ids: Option<Vec<String>>,
    chat: Option<ChatState>,
    /// The channel; `None` for an agent without channels.
    pub channel: Option<String>,
    #[serde(flatten)]
    of_channel: Option<ChannelState>,
}

/// Returns the rows of an agent in the table [`AGENTS`].
pub fn agent_rows(mut state: AgentState) -> impl Iterator<Item = AgentRow> {
    let channels = std::mem::take(&mut state.channels);
    let none = channels.is_empty().then_some((None, None));
    let named = channels.into_iter().map(|(name, channel)| (Some(name), Some(channel)));
    named.chain(none).map(move |(channel, of_channel)| AgentRow {
        agent: state.agent,
        version: state.version,
        last_event_at: state.last_event_at,
        unified_state: state.unified_state.clone(),
        group_ids: state.group_ids.clone(),
        chat: state.chat.clone(),
        channel,
        of_channel,
    })
}
