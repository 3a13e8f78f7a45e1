//! Verifies and parses webhook deliveries.

use agentfold::border;
use agentfold::webhook::{self, Handled, Headers, Policy, ReceivedData, Secret};
use agentfold::{Applied, Instant, Options, Outcome};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::argument::{body, id, options, options_given, plain, text};
use crate::data::data;
use crate::event::event_data;
use crate::fold::Fold;
use crate::headers::pairs;
use crate::instant::instant_or_now;
use crate::object::word;
use crate::raised::Raised;

/// The arguments of every verification.
struct Asked {
    headers: Headers,
    secrets: Vec<Secret>,
    now: Instant,
    policy: Policy,
    /// How events are read.
    read: Options,
}

/// The keywords apart from those of `ReadOptions`.
const BESIDE: [&str; 3] = ["tolerance_seconds", "account_id", "for_tests"];

/// What to check of a delivery apart from its signature, and how to read it, as given.
struct PolicyGiven<'a, 'py> {
    now: Option<&'a Bound<'py, PyAny>>,
    tolerance_seconds: f64,
    account_id: Option<&'a Bound<'py, PyAny>>,
    for_tests: bool,
    options: Option<&'a Bound<'py, PyDict>>,
}

impl Asked {
    fn new(
        headers: &Bound<'_, PyAny>,
        secrets: &Bound<'_, PyAny>,
        given: &PolicyGiven<'_, '_>,
    ) -> Result<Asked, Raised> {
        let read = options_given(given.options, &BESIDE)?;
        let tolerance = border::seconds("tolerance_seconds", given.tolerance_seconds)?;
        let mut policy = Policy::default().with_tolerance(tolerance).with_options(read);
        policy.account_id = given.account_id.map(|it| id(it, "account_id")).transpose()?;
        Ok(Asked {
            headers: pairs(headers)?.iter().map(|(name, it)| (name.text(), it.bytes())).collect(),
            secrets: all_secrets(secrets, given.for_tests)?,
            now: instant_or_now(given.now, "now")?,
            policy,
            read,
        })
    }
}

/// Reads one secret, or several.
fn all_secrets(value: &Bound<'_, PyAny>, for_tests: bool) -> Result<Vec<Secret>, Raised> {
    let secret = |value: &Bound<'_, PyAny>| {
        let text = text(value, "secrets")?;
        let text = text.as_str();
        if for_tests { Ok(Secret::for_tests(text)) } else { Ok(Secret::new(text)?) }
    };
    if value.is_instance_of::<PyString>() {
        return Ok(vec![secret(value)?]);
    }
    let values = value.try_iter().map_err(|_| Raised::argument("secrets"))?;
    values.map(|value| secret(&value?)).collect()
}

/// Verifies the signature of a delivery. Returns which secret signed it, and when.
///
/// Args:
///     headers: A mapping or pairs, of text or bytes.
///     body: The body as received: parsed and written again, it has different bytes.
///     secrets: The webhook's secret. Pass both the old and the new one while you rotate them.
///     now: The current time of the receiver. Default: the host's clock.
///     tolerance_seconds: The maximum distance between `now` and the signed timestamp.
///     account_id: The account that the secrets belong to. Deliveries that name a different account are
///         refused.
///     for_tests: Whether to accept secrets that are public: the empty one, and the one of Zendesk's
///         test webhooks.
///     **options: How events are read: `ReadOptions`.
///
/// Returns:
///     A `Signed`: the index of the secret that signed the delivery, from 0, and the signed timestamp.
///
/// Raises:
///     AgentfoldError: If the delivery is refused: `code` is a `FlawCode`. Pass `handled` to `advise`.
///
/// Example:
///     >>> from agentfold import webhook
///     >>> headers = webhook.sign(b"{}", "only-zendesk-and-we-know")
///     >>> webhook.verify(headers, b"{}", "only-zendesk-and-we-know")["secret"]
///     0
///     >>> try:
///     ...     webhook.verify(headers, b"{ }", "only-zendesk-and-we-know")
///     ... except AgentfoldError as error:
///     ...     print(error.code, webhook.advise(error.handled))
///     wrong_signature 401
#[pyfunction(name = "verify")]
#[pyo3(signature = (headers, body, secrets, *, now = None, tolerance_seconds = 300.0, account_id = None,
    for_tests = false, **options))]
#[expect(clippy::too_many_arguments, reason = "they are keywords")]
pub(crate) fn verify_webhook<'py>(
    headers: &Bound<'py, PyAny>,
    body: &Bound<'py, PyAny>,
    secrets: &Bound<'py, PyAny>,
    now: Option<&Bound<'py, PyAny>>,
    tolerance_seconds: f64,
    account_id: Option<&Bound<'py, PyAny>>,
    for_tests: bool,
    options: Option<&Bound<'py, PyDict>>,
) -> Result<Bound<'py, PyAny>, Raised> {
    let given = PolicyGiven { now, tolerance_seconds, account_id, for_tests, options };
    let Asked { headers, secrets, now, policy, .. } = Asked::new(headers, secrets, &given)?;
    let signed = webhook::verify(&headers, &self::body(body)?, &secrets, now, &policy)?;
    Ok(data(body.py(), &signed)?)
}

/// Parses the event of a delivery without verifying it.
///
/// Args:
///     body: The body as received.
///     **options: How events are read: `ReadOptions`.
///
/// Raises:
///     AgentfoldError: If it is not an event: `issues` contains all problems.
///
/// Example:
///     >>> from agentfold import webhook
///     >>> created = b'''{"account_id": 2, "detail": {"agent_id": "10011"}, "id": "a",
///     ...   "event": {"updated_at": "2026-01-05T08:30:00Z", "channel": "talk"},
///     ...   "type": "zen:event-type:agent.channel_created"}'''
///     >>> parsed = webhook.parse(created)
///     >>> parsed["kind"], parsed["at"]
///     ('agent.channel_created', '2026-01-05T08:30:00Z')
#[pyfunction(name = "parse")]
#[pyo3(signature = (body, **options))]
pub(crate) fn parse_webhook<'py>(
    body: &Bound<'py, PyAny>,
    options: Option<&Bound<'py, PyDict>>,
) -> Result<Bound<'py, PyDict>, Raised> {
    let read = self::options(options)?;
    let policy = Policy::default().with_options(read);
    let bytes = self::body(body)?;
    Ok(event_data(body.py(), webhook::parse(&bytes, &policy)?.to_data(read.instant))?)
}

/// Verifies and parses a delivery. Returns the event with its signature.
///
/// Args:
///     headers: A mapping or pairs, of text or bytes.
///     body: The body as received: parsed and written again, it has different bytes.
///     secrets: The webhook's secret. Pass both the old and the new one while you rotate them.
///     now: The current time of the receiver. Default: the host's clock.
///     tolerance_seconds: The maximum distance between `now` and the signed timestamp.
///     account_id: The account that the secrets belong to. Deliveries that name a different account are
///         refused.
///     for_tests: Whether to accept secrets that are public.
///     **options: How events are read: `ReadOptions`.
///
/// Returns:
///     A `Received`: a `ParsedEvent`, and its `signed`.
///
/// Raises:
///     AgentfoldError: If verification fails, or if it is not an event. Pass `handled` to `advise`.
///
/// Example:
///     >>> from agentfold import webhook
///     >>> created = b'''{"account_id": 2, "detail": {"agent_id": "10011"}, "id": "a",
///     ...   "event": {"updated_at": "2026-01-05T08:30:00Z", "channel": "talk"},
///     ...   "type": "zen:event-type:agent.channel_created"}'''
///     >>> headers = webhook.sign(created, "only-zendesk-and-we-know")
///     >>> received = webhook.receive(headers, created, ["the-old-one", "only-zendesk-and-we-know"])
///     >>> received["event"]["event"]["channel"], received["signed"]["secret"]
///     ('talk', 1)
#[pyfunction(name = "receive")]
#[pyo3(signature = (headers, body, secrets, *, now = None, tolerance_seconds = 300.0, account_id = None,
    for_tests = false, **options))]
#[expect(clippy::too_many_arguments, reason = "they are keywords")]
pub(crate) fn receive_webhook<'py>(
    headers: &Bound<'py, PyAny>,
    body: &Bound<'py, PyAny>,
    secrets: &Bound<'py, PyAny>,
    now: Option<&Bound<'py, PyAny>>,
    tolerance_seconds: f64,
    account_id: Option<&Bound<'py, PyAny>>,
    for_tests: bool,
    options: Option<&Bound<'py, PyDict>>,
) -> Result<Bound<'py, PyDict>, Raised> {
    let given = PolicyGiven { now, tolerance_seconds, account_id, for_tests, options };
    let Asked { headers, secrets, now, policy, read } = Asked::new(headers, secrets, &given)?;
    let bytes = self::body(body)?;
    let received = webhook::receive(&headers, &bytes, &secrets, now, &policy)?;
    Ok(received_data(body.py(), received.to_data(read.instant))?)
}

fn received_data<'py>(py: Python<'py>, received: ReceivedData) -> PyResult<Bound<'py, PyDict>> {
    let ReceivedData { event, signed, .. } = received;
    let told = event_data(py, event)?;
    told.set_item(word(py, "signed"), data(py, &signed)?)?;
    Ok(told)
}

/// Verifies and parses a delivery like `receive`, and applies it to a fold. Returns the status to send,
/// and what was done.
///
/// Args:
///     headers: A mapping or pairs, of text or bytes.
///     body: The body as received.
///     secrets: The webhook's secret, or several.
///     fold: The fold that the event is applied to.
///     now: The current time of the receiver. Default: the host's clock.
///     tolerance_seconds: The maximum distance between `now` and the signed timestamp.
///     account_id: The account that the secrets belong to. Deliveries that name a different account are
///         refused.
///     for_tests: Whether to accept secrets that are public.
///     **options: How events are read: `ReadOptions`.
///
/// Returns:
///     An `AnsweredStored` or an `AnsweredUnreadable`.
///
/// Raises:
///     AgentfoldError: As for `receive`.
#[pyfunction]
#[pyo3(signature = (headers, body, secrets, fold, *, now = None, tolerance_seconds = 300.0,
    account_id = None, for_tests = false, **options))]
#[expect(clippy::too_many_arguments, reason = "they are keywords")]
pub(crate) fn receive_into<'py>(
    headers: &Bound<'py, PyAny>,
    body: &Bound<'py, PyAny>,
    secrets: &Bound<'py, PyAny>,
    fold: &Bound<'py, Fold>,
    now: Option<&Bound<'py, PyAny>>,
    tolerance_seconds: f64,
    account_id: Option<&Bound<'py, PyAny>>,
    for_tests: bool,
    options: Option<&Bound<'py, PyDict>>,
) -> Result<Bound<'py, PyDict>, Raised> {
    let given = PolicyGiven { now, tolerance_seconds, account_id, for_tests, options };
    let Asked { headers, secrets, now, policy, read } = Asked::new(headers, secrets, &given)?;
    let (py, bytes) = (body.py(), self::body(body)?);
    let received = webhook::receive(&headers, &bytes, &secrets, now, &policy)?;
    let Applied { outcome, changes } = fold.get().apply_bytes(py, &bytes);
    let answered = PyDict::new(py);
    let status = match &outcome {
        // The limits of the fold may be lower than those of the receiver.
        Outcome::Unreadable { issues } => {
            answered.set_item(word(py, "issues"), data(py, issues)?)?;
            webhook::advise(Handled::Unreadable)
        }
        stored => {
            let event = received_data(py, received.to_data(read.instant))?;
            answered.set_item(word(py, "event"), event)?;
            webhook::advise(stored)
        }
    };
    answered.set_item(word(py, "status"), status)?;
    answered.set_item(word(py, "changes"), data(py, &changes)?)?;
    answered.set_item(word(py, "outcome"), word(py, outcome.as_str()))?;
    Ok(answered)
}

/// Returns the headers with which Zendesk would sign a body, for tests and for webhooks of your own.
///
/// Args:
///     body: The bytes to sign.
///     secret: Any secret.
///     at: The signed timestamp. Default: the host's clock.
///
/// Example:
///     >>> from agentfold import webhook
///     >>> headers = webhook.sign(b"{}", "only-zendesk-and-we-know", "2026-01-05T08:30:00Z")
///     >>> headers["x-zendesk-webhook-signature-timestamp"]
///     '2026-01-05T08:30:00Z'
#[pyfunction(name = "sign")]
#[pyo3(signature = (body, secret, at = None))]
pub(crate) fn sign_webhook<'py>(
    body: &Bound<'py, PyAny>,
    secret: &Bound<'py, PyAny>,
    at: Option<&Bound<'py, PyAny>>,
) -> Result<Bound<'py, PyDict>, Raised> {
    let secret = Secret::for_tests(text(secret, "secret")?.as_str());
    let headers = PyDict::new(body.py());
    for (name, value) in webhook::sign(&self::body(body)?, &secret, instant_or_now(at, "at")?) {
        headers.set_item(name, value)?;
    }
    Ok(headers)
}

/// Returns the flaws of a refused delivery, the decisive one first, and the likely mistake. Use it to
/// find a mistake; do not send the flaws to the sender.
///
/// Args:
///     headers: A mapping or pairs, of text or bytes.
///     body: The body as received.
///     secrets: The webhook's secret, or several.
///     now: The current time of the receiver. Default: the host's clock.
///     tolerance_seconds: The maximum distance between `now` and the signed timestamp.
///     account_id: The account that the secrets belong to. Deliveries that name a different account are
///         refused.
///     for_tests: Whether to accept secrets that are public.
///     **options: How events are read: `ReadOptions`.
///
/// Raises:
///     AgentfoldError: If a secret is refused.
///
/// Example:
///     >>> from agentfold import webhook
///     >>> headers = webhook.sign(b'{"id": 1}', "only-zendesk-and-we-know")
///     >>> flaws = webhook.explain(headers, b'{"id":1}', "only-zendesk-and-we-know")
///     >>> [flaw["code"] for flaw in flaws]
///     ['wrong_signature', 'reserialised']
#[pyfunction(name = "explain")]
#[pyo3(signature = (headers, body, secrets, *, now = None, tolerance_seconds = 300.0, account_id = None,
    for_tests = false, **options))]
#[expect(clippy::too_many_arguments, reason = "they are keywords")]
pub(crate) fn explain_webhook<'py>(
    headers: &Bound<'py, PyAny>,
    body: &Bound<'py, PyAny>,
    secrets: &Bound<'py, PyAny>,
    now: Option<&Bound<'py, PyAny>>,
    tolerance_seconds: f64,
    account_id: Option<&Bound<'py, PyAny>>,
    for_tests: bool,
    options: Option<&Bound<'py, PyDict>>,
) -> Result<Bound<'py, PyAny>, Raised> {
    let given = PolicyGiven { now, tolerance_seconds, account_id, for_tests, options };
    let Asked { headers, secrets, now, policy, .. } = Asked::new(headers, secrets, &given)?;
    let flaws = webhook::explain(&headers, &self::body(body)?, &secrets, now, &policy);
    Ok(data(body.py(), &flaws)?)
}

/// Returns the HTTP status for the result of a delivery, by Zendesk's rules for retries.
///
/// Args:
///     handled: An outcome of `apply`, the `handled` of an error, or `"not_stored"`. An error without `handled` is
///         not about the delivery, so `None` counts as `"not_stored"`: Zendesk sends it again.
///
/// Raises:
///     AgentfoldError: `bad_argument` for any other value.
///
/// Example:
///     >>> from agentfold import webhook
///     >>> webhook.advise("duplicate"), webhook.advise("not_stored"), webhook.advise(None)
///     (200, 409, 409)
#[pyfunction(name = "advise")]
#[pyo3(signature = (handled, /))]
pub(crate) fn advise_webhook(handled: &Bound<'_, PyAny>) -> Result<u16, Raised> {
    let handled = match handled.is_none() {
        true => Handled::NotStored,
        false => plain(text(handled, "handled")?.as_str(), "handled")?,
    };
    Ok(webhook::advise(handled))
}
