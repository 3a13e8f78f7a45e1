//! [`verify`], [`parse`], and [`receive`], which does both.

use std::fmt;

use serde::Serialize;

use super::flaw::{BODY, Flaw, FlawCode, SECRETS};
use super::headers::{ACCOUNT, Headers, SIGNATURE, TIMESTAMP};
use super::policy::Policy;
use super::secret::Secret;
use super::signature;
use crate::event::{Event, EventData, InstantFrom};
use crate::issues::Issues;
use crate::read::fields::number_id;
use crate::read::parts::{members, whole};
use crate::{Id, Instant, Options};

/// A verified delivery and its event.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Received<'a> {
    /// The event.
    pub event: Event<'a>,
    /// Which secret signed it, and when.
    pub signed: Signed,
}

/// A received delivery as the data that JavaScript and Python get.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct ReceivedData {
    /// The event. In data, its fields are next to `signed`.
    #[serde(flatten)]
    pub event: EventData,
    /// Which secret signed it, and when.
    pub signed: Signed,
}

impl Received<'_> {
    /// Returns the delivery as data. `from` names the field that dates the event.
    pub fn to_data(&self, from: InstantFrom) -> ReceivedData {
        ReceivedData { event: self.event.to_data(from), signed: self.signed }
    }
}

/// A correct signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct Signed {
    /// The index of the secret that signed the delivery, from 0. Once the old secret no longer appears
    /// here, you can remove it.
    pub secret: usize,
    /// When the delivery was signed.
    pub at: Instant,
}

/// Why a delivery was not received.
// Exhaustive: a delivery is either not trusted, or its body is not an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// It may not come from Zendesk.
    Untrusted(Flaw),
    /// It comes from Zendesk, but its body is not an event that can be read.
    NoEvent(Issues),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refused::Untrusted(flaw) => flaw.fmt(f),
            Refused::NoEvent(issues) => write!(f, "the body is not an event: {issues}"),
        }
    }
}

impl std::error::Error for Refused {}

/// Verifies that a body was signed with one of the secrets, not long before or after `now`.
///
/// Pass the body exactly as received: parsing and serialising it again changes the bytes. Secrets are
/// tried in order, so you can add a new one before the old one ends. If the policy names an account, a
/// delivery is refused whose header or body names another. The size is checked first and the time last,
/// so [`FlawCode::Stale`] and [`FlawCode::Future`] imply a correct signature.
///
/// # Errors
/// The first [`Flaw`] found. Its code is one that [`FlawCode`] lists up to [`FlawCode::Future`].
///
/// ```
/// use agentfold::webhook::{FlawCode, Headers, Policy, Secret, sign, verify};
///
/// let secrets = [Secret::new("new")?, Secret::new("old")?];
/// let now = "2026-01-05T08:00:00Z".parse()?;
/// let headers: Headers = sign(b"{}", &secrets[1], now).into_iter().collect();
///
/// let signed = verify(&headers, b"{}", &secrets, now, &Policy::default())?;
/// assert_eq!(signed.secret, 1);
///
/// let changed = verify(&headers, b"{ }", &secrets, now, &Policy::default());
/// assert_eq!(changed.expect_err("another body").code, FlawCode::WrongSignature);
/// let later = "2026-01-05T08:05:01Z".parse()?;
/// let replayed = verify(&headers, b"{}", &secrets, later, &Policy::default());
/// assert_eq!(replayed.expect_err("more than 300 s").code, FlawCode::Stale);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn verify(
    headers: &Headers,
    body: &[u8],
    secrets: &[Secret],
    now: Instant,
    policy: &Policy,
) -> Result<Signed, Flaw> {
    let max_bytes = policy.read.max_bytes;
    if body.len() > max_bytes {
        let message = format!("the body has more than {max_bytes} bytes");
        return Err(Flaw::new(FlawCode::TooLarge, BODY, message));
    }
    if secrets.is_empty() {
        let message = "there is no secret to verify with: give at least one";
        return Err(Flaw::new(FlawCode::NoSecret, SECRETS, message));
    }
    let (signature, timestamp) = (headers.signature()?, headers.timestamp()?);
    let signature = signature::decode(signature)?;
    let at = signed_at(timestamp)?;
    let is_of = |secret: &Secret| signature::is_of(&signature, secret.bytes(), &[timestamp, body]);
    let secret = secrets.iter().position(is_of).ok_or_else(wrong_signature)?;
    right_account(headers.account_id()?, policy.account_id)?;
    if policy.account_id.is_some() {
        right_account_told(account_told(body, &policy.read), policy.account_id)?;
    }
    fresh(at, now, policy)?;
    Ok(Signed { secret, at })
}

/// Reads the event of a delivery without verifying it: [`Event::parse`] with the policy's options.
///
/// # Errors
/// Every problem of the event, warnings too, if one of them is an error.
///
/// ```
/// use agentfold::webhook::{Policy, parse};
///
/// let issues = parse(b"{}", &Policy::default()).expect_err("not an event");
/// assert_eq!(issues.first().code.as_str(), "missing_field");
/// ```
pub fn parse<'a>(body: &'a [u8], policy: &Policy) -> Result<Event<'a>, Issues> {
    policy.read.parse(body)
}

/// Verifies a delivery and reads its event.
///
/// If the header or the policy names an account, an event of another account is refused, since the
/// header is not signed. An event that is dated more than 24 hours after `now` is not read
/// ([`Options::now`]).
///
/// # Errors
/// [`Refused::Untrusted`] if [`verify`] fails or the event is of another account, and
/// [`Refused::NoEvent`] if [`parse`] fails.
///
/// ```
/// use agentfold::webhook::{Headers, Policy, Refused, Secret, receive, sign};
///
/// let secrets = [Secret::new("abracadabra")?];
/// let now = "2026-01-05T08:00:00Z".parse()?;
/// let headers: Headers = sign(b"{}", &secrets[0], now).into_iter().collect();
/// let policy = Policy::default();
/// assert!(matches!(receive(&headers, b"{}", &secrets, now, &policy), Err(Refused::NoEvent(_))));
/// assert!(matches!(receive(&headers, b"[]", &secrets, now, &policy), Err(Refused::Untrusted(_))));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn receive<'a>(
    headers: &Headers,
    body: &'a [u8],
    secrets: &[Secret],
    now: Instant,
    policy: &Policy,
) -> Result<Received<'a>, Refused> {
    let signed = verify(headers, body, secrets, now, policy).map_err(Refused::Untrusted)?;
    let mut read = policy.read;
    read.now.get_or_insert(now);
    let event = read.parse(body).map_err(Refused::NoEvent)?;
    let told = event.agent().map(|agent| agent.account_id).or_else(|| account_in(body));
    let named = headers.account_id();
    named.and_then(|named| right_account_told(told, named)).map_err(Refused::Untrusted)?;
    Ok(Received { event, signed })
}

/// The account that a body names, whether or not it is an event.
pub(super) fn account_told(body: &[u8], options: &Options) -> Option<Id> {
    let event = options.parse(body).ok();
    event.and_then(|event| event.agent()).map(|agent| agent.account_id).or_else(|| account_in(body))
}

/// The account that a JSON text names in the places where events do.
fn account_in(body: &[u8]) -> Option<Id> {
    let event = whole(str::from_utf8(body).ok()?).ok()?;
    let id = |object| number_id(member(object, "account_id")?).ok();
    member(event, "detail").and_then(id).or_else(|| id(event))
}

/// The member of an object with a name: the last one, if several have it.
fn member<'a>(object: &'a str, name: &str) -> Option<&'a str> {
    members(object)?.into_iter().rfind(|(key, _)| key == name).map(|(_, value)| value)
}

pub(super) fn signed_at(timestamp: &[u8]) -> Result<Instant, Flaw> {
    Instant::parse(timestamp).map_err(|error| {
        Flaw::new(FlawCode::BadTimestamp, TIMESTAMP, format!("the timestamp is {error}"))
    })
}

pub(super) fn wrong_signature() -> Flaw {
    Flaw::new(
        FlawCode::WrongSignature,
        SIGNATURE,
        "none of the secrets gives this signature for this timestamp and body",
    )
}

/// Refuses an account that differs from the expected one, if both are known.
pub(super) fn right_account(named: Option<Id>, expected: Option<Id>) -> Result<(), Flaw> {
    match (named, expected) {
        (Some(named), Some(expected)) if named != expected => {
            let message = "the delivery is of another account than expected";
            Err(Flaw::new(FlawCode::WrongAccount, ACCOUNT, message))
        }
        _ => Ok(()),
    }
}

/// Like [`right_account`], for the account that the body names.
pub(super) fn right_account_told(told: Option<Id>, expected: Option<Id>) -> Result<(), Flaw> {
    right_account(told, expected).map_err(|flaw| {
        let message = "the event is of another account than the header or the policy names";
        Flaw { path: BODY, message: message.to_owned(), ..flaw }
    })
}

pub(super) fn fresh(at: Instant, now: Instant, policy: &Policy) -> Result<(), Flaw> {
    let (age, lead) = (now.nanos_since(at), at.nanos_since(now));
    let allowed = policy.tolerance.as_nanos();
    let seconds = |nanos: u128| nanos.div_ceil(1_000_000_000);
    let flaw = |code, skew, when: &str, why: &str| {
        let allowed = policy.tolerance;
        let allowed = format!("{}.{:09}", allowed.as_secs(), allowed.subsec_nanos());
        let allowed = allowed.trim_end_matches('0').trim_end_matches('.');
        let message =
            format!("signed {} s {when}, but only {allowed} s are allowed: {why}", seconds(skew));
        Err(Flaw::new(code, TIMESTAMP, message))
    };
    if age > allowed {
        return flaw(FlawCode::Stale, age, "ago", "a replay, or your clock is ahead");
    }
    if lead > allowed {
        return flaw(FlawCode::Future, lead, "in the future", "your clock is behind");
    }
    Ok(())
}
