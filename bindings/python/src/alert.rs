//! Which alerts to tell, and what to send.

use agentfold::alert::{self, Alert, AlertNames, Episode};
use pyo3::prelude::*;

use crate::argument::{given, plain};
use crate::data::data;
use crate::instant::{instant, instant_or_now};
use crate::raised::Raised;

/// Compares the alerts of an instant with those that were reported: what began, what goes on and what ended.
///
/// Each episode is reported at most once, also if a late event changes when it began. Store `told` once the
/// messages are sent, and pass it at the next look; at first it is an empty list. If a message could not be
/// sent, leave its episode out of what you store: it begins again at the next look.
///
/// Args:
///     told: What the last look returned as `told`.
///     alerts: What `Fold.alerts` returns at the instant.
///     at: The instant.
///
/// Returns:
///     `Episodes`.
///
/// Raises:
///     AgentfoldError: `bad_argument`, `bad_instant`
///
/// Examples:
///     >>> fold = Fold()
///     >>> away = {"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
///     ...         "timestamp": "2026-01-05T09:00:00Z", "value": "away"}
///     >>> at, thresholds = "2026-01-05T09:42:00Z", {"state": [{"state": "away", "longer_than": "30m"}]}
///     >>> fold.apply(away)["outcome"]
///     'applied'
///     >>> look = episodes([], fold.alerts(thresholds, at), at)
///     >>> [alert["episode"] for alert in look["began"]]
///     ['state/2/7/chat_status/2026-01-05T09:00:00Z']
///     >>> len(episodes(look["told"], fold.alerts(thresholds, at), at)["began"])
///     0
#[pyfunction]
#[pyo3(signature = (told, alerts, at))]
pub(crate) fn episodes<'py>(
    told: &Bound<'py, PyAny>,
    alerts: &Bound<'py, PyAny>,
    at: &Bound<'py, PyAny>,
) -> Result<Bound<'py, PyAny>, Raised> {
    let told_before: Vec<Episode> = given(told, "told")?;
    let alerts: Vec<Alert> = given(alerts, "alerts")?;
    Ok(data(at.py(), &alert::episodes(&told_before, alerts, instant(at, "at")?))?)
}

/// Returns the body of an outgoing webhook about an alert: JSON of an `AlertMessage`, or Slack's form.
///
/// Send it with the headers of `webhook.sign`, so that a receiver can verify it with `webhook.verify`, as it
/// verifies Zendesk's webhooks. Slack ignores the signature.
///
/// Args:
///     alert: The alert.
///     turn: What the message says about it: `"began"` or `"ended"`.
///     form: `"agentfold"`, for programs, or `"slack"`: a sentence, as Slack's incoming webhooks take it.
///     at: When the alert was found, or found to be over. Default: the host's clock.
///     names: The names by which people know agents and groups: `AlertNames`.
///
/// Raises:
///     AgentfoldError: `bad_argument`, `bad_instant`
///
/// Example:
///     >>> from agentfold import Fold
///     >>> fold = Fold()
///     >>> away = {"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
///     ...         "timestamp": "2026-01-05T09:00:00Z", "value": "away"}
///     >>> at, thresholds = "2026-01-05T09:42:00Z", {"state": [{"state": "away", "longer_than": "30m"}]}
///     >>> fold.apply(away)["outcome"]
///     'applied'
///     >>> [alert] = fold.alerts(thresholds, at)
///     >>> alert_message(alert, "began", form="slack", at=at, names={"agents": {"7": "Ada"}})
///     '{"text":"Ada has been away for 42 minutes (limit: 30 minutes)."}'
#[pyfunction]
#[pyo3(signature = (alert, turn, *, form = "agentfold", at = None, names = None))]
pub(crate) fn alert_message(
    alert: &Bound<'_, PyAny>,
    turn: &str,
    form: &str,
    at: Option<&Bound<'_, PyAny>>,
    names: Option<&Bound<'_, PyAny>>,
) -> Result<String, Raised> {
    let alert: Alert = given(alert, "alert")?;
    let (turn, form) = (plain(turn, "turn")?, plain(form, "form")?);
    let names: AlertNames =
        names.map_or_else(|| Ok(AlertNames::default()), |names| given(names, "names"))?;
    let message = alert::message(&alert, turn, form, instant_or_now(at, "at")?, &names);
    Ok(serde_json::to_string(&message).expect("INVARIANT: the core's data is JSON"))
}
