//! [`message`]: what to send about an alert.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::{Deserialize, Serialize};

use super::{Alert, AlertKind};
use crate::word::words;
use crate::{Id, Instant, Shown};

words! {
    /// What a message says about an alert.
    #[non_exhaustive]
    pub enum Turn {
        /// It began.
        Began = "began",
        /// It ended.
        Ended = "ended",
    }
}

words! {
    /// The form of a message.
    #[non_exhaustive]
    pub enum MessageForm {
        /// All of the alert, for programs.
        Agentfold = "agentfold",
        /// A sentence, as Slack's incoming webhooks take it.
        Slack = "slack",
    }
}

/// The names by which people know agents and groups, by id. Whoever has no name is named by the id.
///
/// ```
/// use agentfold::alert::AlertNames;
///
/// let names: AlertNames = serde_json::from_str(r#"{"agents": {"7": "Ada"}}"#)?;
/// assert_eq!(names.agents["7"], "Ada");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct AlertNames {
    /// The agents' names, by agent id.
    pub agents: BTreeMap<String, String>,
    /// The groups' names, by group id.
    pub groups: BTreeMap<String, String>,
}

/// The body of a message about an alert, as data.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[serde(untagged)]
#[non_exhaustive]
pub enum Message<'a> {
    /// All of the alert.
    Agentfold {
        /// `agentfold.alert_began` or `agentfold.alert_ended`.
        #[serde(rename = "type")]
        kind: &'static str,
        /// The account.
        account_id: Id,
        /// When the alert was found, or found to be over.
        at: Instant,
        /// The alert in a sentence.
        text: String,
        /// The alert; one that ended, as it was last seen.
        alert: &'a Alert,
    },
    /// A sentence.
    Slack {
        /// The alert in a sentence, with `&`, `<` and `>` as Slack requires them.
        text: String,
    },
}

/// Writes what to send about an alert: the body of an outgoing webhook.
///
/// Send it as JSON, signed by [`webhook::sign`](crate::webhook::sign): so a receiver can verify it with
/// [`webhook::verify`](crate::webhook::verify), as it verifies Zendesk's webhooks. Slack ignores the
/// signature.
///
/// ```
/// use agentfold::alert::{Alert, AlertNames, MessageForm, Turn, message};
///
/// let alert: Alert = serde_json::from_str(r#"{"kind": "state", "account_id": "2", "agent_id": "7",
///     "channel": "talk", "state": "away", "since": "2026-01-05T09:00:00Z", "for_ns": 2520000000000,
///     "threshold_ns": 1800000000000, "doubts": ["silent"],
///     "episode": "state/2/7/state[talk]/2026-01-05T09:00:00Z"}"#)?;
/// let names: AlertNames = serde_json::from_str(r#"{"agents": {"7": "Ada <3"}}"#)?;
/// let at = "2026-01-05T09:42:00Z".parse()?;
/// let message = message(&alert, Turn::Began, MessageForm::Slack, at, &names);
/// assert_eq!(
///     serde_json::to_string(&message)?,
///     r#"{"text":"Ada &lt;3 has been away on talk for 42 minutes (limit: 30 minutes). This may be wrong: silent."}"#
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn message<'a>(
    alert: &'a Alert,
    turn: Turn,
    form: MessageForm,
    at: Instant,
    names: &AlertNames,
) -> Message<'a> {
    let text = sentence(alert, turn, names);
    match form {
        MessageForm::Slack => Message::Slack {
            text: text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"),
        },
        MessageForm::Agentfold => Message::Agentfold {
            kind: match turn {
                Turn::Began => "agentfold.alert_began",
                Turn::Ended => "agentfold.alert_ended",
            },
            account_id: alert.account_id,
            at,
            text,
            alert,
        },
    }
}

fn sentence(alert: &Alert, turn: Turn, names: &AlertNames) -> String {
    let agent_id = alert.agent_id.map(|id| id.to_string()).unwrap_or_default();
    let agent = match names.agents.get(&agent_id) {
        Some(name) => Shown(name.clone()),
        None => Shown(format!("Agent {agent_id}")),
    };
    let channel = Shown(alert.channel.as_deref().unwrap_or_default());
    let state = Shown(alert.state.as_deref().unwrap_or_default());
    let item = Shown(alert.work_item_id.as_deref().unwrap_or_default());
    let on = match &alert.channel {
        Some(channel) => format!(" on {}", Shown(channel)),
        None => String::new(),
    };
    let group = match &alert.group_id {
        Some(id) => format!(" in group {}", Shown(names.groups.get(id).unwrap_or(id))),
        None => String::new(),
    };
    let account = alert.account_id;
    let (load, max) = (alert.load.unwrap_or(0), alert.max_capacity.unwrap_or(0));
    let mut text = match (turn, alert.kind) {
        (Turn::Began, AlertKind::State) => format!("{agent} has been {state}{on}"),
        (Turn::Ended, AlertKind::State) => format!("{agent} is no longer {state}{on}"),
        (Turn::Began, AlertKind::NobodyFree) => format!("Nobody{group} has been free{on}"),
        (Turn::Ended, AlertKind::NobodyFree) => format!("Somebody{group} is free again{on}"),
        (Turn::Began, AlertKind::Load) => format!("{agent} has {load} of {max} items{on}"),
        (Turn::Ended, AlertKind::Load) => format!("{agent} has fewer items again{on}"),
        (Turn::Began, AlertKind::ChannelLoad) => format!("{load} of {max} items are taken{on}"),
        (Turn::Ended, AlertKind::ChannelLoad) => format!("Fewer items are taken again{on}"),
        (Turn::Began, AlertKind::Silence) => format!("Nothing has been heard of {agent}"),
        (Turn::Ended, AlertKind::Silence) => format!("{agent} is no longer silent"),
        (Turn::Began, AlertKind::AccountSilence) => {
            format!("Nothing has been heard of any agent of account {account}")
        }
        (Turn::Ended, AlertKind::AccountSilence) => {
            format!("Account {account} is no longer silent")
        }
        (Turn::Began, AlertKind::WorkItem) => {
            format!("Item {item} has been open with {agent} on {channel}")
        }
        (Turn::Ended, AlertKind::WorkItem) => {
            format!("Item {item} is no longer open with {agent}")
        }
    };
    if turn == Turn::Began {
        // Writing to a `String` never fails.
        let _ = match (alert.threshold_share, alert.threshold_ns) {
            (Some(limit), _) => {
                if let Some(share) = alert.share {
                    let _ = write!(text, ": {}", percent(share));
                }
                write!(text, " (limit: {})", percent(limit))
            }
            (None, Some(limit)) => {
                write!(text, " for {} (limit: {})", length(alert.for_ns), length(limit))
            }
            (None, None) => write!(text, " for {}", length(alert.for_ns)),
        };
    }
    text.push('.');
    let unsure = alert.unsure.filter(|unsure| turn == Turn::Began && *unsure > 0);
    if let Some(unsure) = unsure {
        let plural = if unsure == 1 { "" } else { "s" };
        let _ = write!(text, " Of {unsure} agent{plural} it is not known whether they are free.");
    }
    if turn == Turn::Began && !alert.doubts.is_empty() {
        let doubts: Vec<String> =
            alert.doubts.iter().map(|doubt| doubt.as_str().replace('_', " ")).collect();
        let _ = write!(text, " This may be wrong: {}.", doubts.join(", "));
    }
    text
}

/// A share in whole percent. Not by the float's own text, whose tables would take ten kilobytes of the
/// module for JavaScript.
fn percent(share: f64) -> String {
    format!("{}%", (share * 100.0).round() as u64)
}

/// A length in its two greatest units, rounded down.
fn length(ns: u128) -> String {
    let seconds = ns / 1_000_000_000;
    let units = [(86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second")];
    let first = units.iter().position(|(unit, _)| seconds >= *unit).unwrap_or(units.len() - 1);
    let mut text = String::new();
    let mut rest = seconds;
    for (unit, name) in units.iter().skip(first).take(2) {
        let count = rest / unit;
        rest %= unit;
        if count == 0 && !text.is_empty() {
            break;
        }
        let space = if text.is_empty() { "" } else { " " };
        let plural = if count == 1 { "" } else { "s" };
        let _ = write!(text, "{space}{count} {name}{plural}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_said_in_two_units() {
        for (seconds, said) in [
            (0, "0 seconds"),
            (1, "1 second"),
            (59, "59 seconds"),
            (60, "1 minute"),
            (61, "1 minute 1 second"),
            (3600, "1 hour"),
            (3659, "1 hour"),
            (5400, "1 hour 30 minutes"),
            (172_800 + 3599, "2 days"),
            (90_000, "1 day 1 hour"),
        ] {
            assert_eq!(length(seconds * 1_000_000_000 + 999_999_999), said);
        }
    }
}
