//! Whom deliveries are trusted from.

use agentfold::border;
use agentfold::webhook::{self, Handled, Headers, Policy, ReceivedData, Secret};
use agentfold::{Instant, Options};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::argument::{bytes, headers as pairs, id, options, plain, text};
use crate::data::data;
use crate::event::event_data;
use crate::instant::instant_or_now;
use crate::raised::Raised;

/// What is asked of every delivery.
struct Asked {
    headers: Headers,
    secrets: Vec<Secret>,
    now: Instant,
    policy: Policy,
}

/// The keywords beside those that say how events are read.
const BESIDE: [&str; 4] = ["now", "tolerance_seconds", "account_id", "for_tests"];

/// What may be asked beside a right signature.
struct PolicyGiven<'a, 'py> {
    now: Option<&'a Bound<'py, PyAny>>,
    tolerance_seconds: f64,
    account_id: Option<&'a Bound<'py, PyAny>>,
    for_tests: bool,
    read: Options,
}

impl Asked {
    fn new(
        headers: &Bound<'_, PyAny>,
        secrets: &Bound<'_, PyAny>,
        given: &PolicyGiven<'_, '_>,
    ) -> Result<Asked, Raised> {
        let tolerance = border::seconds("tolerance_seconds", given.tolerance_seconds)?;
        let mut policy = Policy::default().with_tolerance(tolerance).with_options(given.read);
        policy.account_id = given.account_id.map(|it| id(it, "account_id")).transpose()?;
        Ok(Asked {
            headers: pairs(headers)?.into_iter().collect(),
            secrets: all_secrets(secrets, given.for_tests)?,
            now: instant_or_now(given.now, "now")?,
            policy,
        })
    }
}

/// One secret, or several.
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

/// Verifies that a body was signed with one of the secrets, not long before or after now.
///
/// Args:
///     headers: A mapping or pairs; texts or bytes.
///     body: The bytes as they came: parsed and written again, they are others.
///     secrets: The webhook's secret, or several while one takes another's place.
///     now: The receiver's instant; the host's clock where it is left out.
///     tolerance_seconds: How far from now a delivery may have been signed.
///     account_id: The account whose secrets are given.
///     for_tests: Also take secrets that anybody knows: the empty one, and that of Zendesk's test
///         webhooks.
///     **options: How to read events: `ReadOptions`.
///
/// Returns:
///     A `Signed`: which of the secrets signed it, from 0, and at what instant.
///
/// Raises:
///     AgentfoldError: Whose `code` is a `FlawCode`, and whose `handled` is for `advise`.
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
    let read = self::options(options, &BESIDE)?;
    let given = PolicyGiven { now, tolerance_seconds, account_id, for_tests, read };
    let Asked { headers, secrets, now, policy } = Asked::new(headers, secrets, &given)?;
    let signed = webhook::verify(&headers, &bytes(body, "body")?, &secrets, now, &policy)?;
    Ok(data(body.py(), &signed)?)
}

/// Reads the event of a delivery, whoever sent it.
///
/// Args:
///     body: The bytes as they came.
///     **options: How to read events: `ReadOptions`.
///
/// Raises:
///     AgentfoldError: If it is no event: `issues` holds all that is wrong with it.
#[pyfunction(name = "parse")]
#[pyo3(signature = (body, **options))]
pub(crate) fn parse_webhook<'py>(
    body: &Bound<'py, PyAny>,
    options: Option<&Bound<'py, PyDict>>,
) -> Result<Bound<'py, PyDict>, Raised> {
    let read = self::options(options, &[])?;
    let policy = Policy::default().with_options(read);
    let bytes = bytes(body, "body")?;
    Ok(event_data(body.py(), webhook::parse(&bytes, &policy)?.to_data(read.instant))?)
}

/// Verifies a delivery and reads its event.
///
/// Args:
///     headers: A mapping or pairs; texts or bytes.
///     body: The bytes as they came: parsed and written again, they are others.
///     secrets: The webhook's secret, or several while one takes another's place.
///     now: The receiver's instant; the host's clock where it is left out.
///     tolerance_seconds: How far from now a delivery may have been signed.
///     account_id: The account whose secrets are given.
///     for_tests: Also take secrets that anybody knows.
///     **options: How to read events: `ReadOptions`.
///
/// Returns:
///     A `Received`: a `ParsedEvent`, and how it was `signed`.
///
/// Raises:
///     AgentfoldError: If it is not trusted, or no event: its `handled` is for `advise`.
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
    let read = self::options(options, &BESIDE)?;
    let given = PolicyGiven { now, tolerance_seconds, account_id, for_tests, read };
    let Asked { headers, secrets, now, policy } = Asked::new(headers, secrets, &given)?;
    let (py, bytes) = (body.py(), bytes(body, "body")?);
    let received = webhook::receive(&headers, &bytes, &secrets, now, &policy)?;
    let ReceivedData { event, signed, .. } = received.to_data(read.instant);
    let told = event_data(py, event)?;
    told.set_item("signed", data(py, &signed)?)?;
    Ok(told)
}

/// The headers by which Zendesk would sign a body, to make deliveries for tests.
///
/// Args:
///     body: The bytes to sign.
///     secret: Any secret.
///     at: When it is signed; now where it is left out.
#[pyfunction(name = "sign")]
#[pyo3(signature = (body, secret, at = None))]
pub(crate) fn sign_webhook<'py>(
    body: &Bound<'py, PyAny>,
    secret: &Bound<'py, PyAny>,
    at: Option<&Bound<'py, PyAny>>,
) -> Result<Bound<'py, PyDict>, Raised> {
    let secret = Secret::for_tests(text(secret, "secret")?.as_str());
    let headers = PyDict::new(body.py());
    for (name, value) in webhook::sign(&bytes(body, "body")?, &secret, instant_or_now(at, "at")?) {
        headers.set_item(name, value)?;
    }
    Ok(headers)
}

/// Says why a delivery is refused: its flaw first, then all that is wrong beside, and by which mistake
/// the signature came about. For people who look for a mistake; don't answer it to the sender.
///
/// Args:
///     headers: A mapping or pairs; texts or bytes.
///     body: The bytes as they came.
///     secrets: The webhook's secret, or several.
///     now: The receiver's instant; the host's clock where it is left out.
///     tolerance_seconds: How far from now a delivery may have been signed.
///     account_id: The account whose secrets are given.
///     for_tests: Also take secrets that anybody knows.
///     **options: How to read events: `ReadOptions`.
///
/// Raises:
///     AgentfoldError: If a secret is refused.
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
    let read = self::options(options, &BESIDE)?;
    let given = PolicyGiven { now, tolerance_seconds, account_id, for_tests, read };
    let Asked { headers, secrets, now, policy } = Asked::new(headers, secrets, &given)?;
    let flaws = webhook::explain(&headers, &bytes(body, "body")?, &secrets, now, &policy);
    Ok(data(body.py(), &flaws)?)
}

/// The HTTP status to answer a delivery, by Zendesk's rules for retries.
///
/// Args:
///     handled: An outcome of `apply`, the `handled` of an error, or `"not_stored"`.
///
/// Raises:
///     AgentfoldError: `bad_argument` for another word.
///
/// Example:
///     >>> from agentfold import webhook
///     >>> webhook.advise("duplicate"), webhook.advise("not_stored")
///     (200, 409)
#[pyfunction(name = "advise")]
#[pyo3(signature = (handled, /))]
pub(crate) fn advise_webhook(handled: &Bound<'_, PyAny>) -> Result<u16, Raised> {
    let handled: Handled = plain(text(handled, "handled")?.as_str(), "handled")?;
    Ok(webhook::advise(handled))
}
