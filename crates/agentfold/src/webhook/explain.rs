//! [`explain`]: why a delivery is not trusted.

use base64::Engine;
use base64::engine::general_purpose::{
    STANDARD, STANDARD_PAD_INDIFFERENT, URL_SAFE_PAD_INDIFFERENT,
};
use zeroize::Zeroizing;

use super::flaw::{BODY, Flaw, FlawCode, SECRETS};
use super::headers::{Headers, SIGNATURE, TIMESTAMP};
use super::policy::Policy;
use super::receive::{account_told, fresh, right_account, signed_at, verify, wrong_signature};
use super::respell;
use super::secret::{Secret, TEST_SECRET};
use super::signature::{decode, is_of};
use crate::Instant;

/// Explains why [`verify`] refuses a delivery: the flaw that [`verify`] returns, then all others, and
/// the mistake that led to the signature if it is a known one.
///
/// The list is empty only if [`verify`] accepts the delivery. Many ways of signing are tried, so use
/// this to debug, not on every refused delivery. Don't send the result to the sender.
///
/// ```
/// use agentfold::webhook::{Headers, Policy, Secret, explain};
///
/// // A signature of the body alone, in hexadecimal digits.
/// let headers: Headers = [
///     ("X-Zendesk-Webhook-Signature", "e5a31f7984de5f3e946c98947fe0040f7d10839d86ccf683c2df73a595268963"),
///     ("X-Zendesk-Webhook-Signature-Timestamp", "2026-01-05T08:00:00Z"),
/// ].into_iter().collect();
/// let secrets = [Secret::new("abracadabra")?];
/// let now = "2026-01-05T08:00:01Z".parse()?;
/// let flaws = explain(&headers, b"{}", &secrets, now, &Policy::default());
/// let codes: Vec<&str> = flaws.iter().map(|flaw| flaw.code.as_str()).collect();
/// assert_eq!(codes, ["bad_base64", "hex", "body_only"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn explain(
    headers: &Headers,
    body: &[u8],
    secrets: &[Secret],
    now: Instant,
    policy: &Policy,
) -> Vec<Flaw> {
    let Err(first) = verify(headers, body, secrets, now, policy) else {
        return Vec::new();
    };
    if matches!(first.code, FlawCode::TooLarge | FlawCode::NoSecret) {
        return vec![first];
    }
    let mut flaws = vec![first];
    let mut add = |flaw: Flaw| {
        if !flaws.iter().any(|known| (known.code, known.path) == (flaw.code, flaw.path)) {
            flaws.push(flaw);
        }
    };
    let (signature, timestamp) = (headers.signature(), headers.timestamp());
    if let Ok(text) = signature {
        let (digest, form) = digest(text);
        decode(text).err().into_iter().chain(form).for_each(&mut add);
        if let Some(digest) = digest {
            let body = SignedBody { bytes: body, max_depth: policy.read.max_depth };
            match mistakes(&digest, timestamp.as_ref().ok().copied(), &body, secrets) {
                Some(mistakes) => mistakes.into_iter().for_each(&mut add),
                None => add(wrong_signature()),
            }
        }
    }
    let signature = signature.err();
    let at = timestamp.and_then(signed_at);
    let account = headers.account_id().and_then(|named| {
        right_account(named, policy.account_id)?;
        right_account(account_told(body, &policy.read), named)
    });
    let skew = at.clone().and_then(|at| fresh(at, now, policy));
    signature.into_iter().chain(at.err()).chain(account.err()).chain(skew.err()).for_each(add);
    flaws
}

/// The bytes of a signature in any known form, and what is wrong with the form.
fn digest(text: &[u8]) -> (Option<[u8; 32]>, Option<Flaw>) {
    if let Ok(digest) = decode(text) {
        return (Some(digest), None);
    }
    // Other services write the name of the hash first.
    let text = text.strip_prefix(b"sha256=").unwrap_or(text);
    if let Some(digest) = from_hex(text) {
        let message = "the signature is in hexadecimal digits: Zendesk's is in base64";
        return (Some(digest), Some(Flaw::new(FlawCode::Hex, SIGNATURE, message)));
    }
    // The base64 of 32 bytes has at most 44 characters.
    let engines = [&STANDARD_PAD_INDIFFERENT, &URL_SAFE_PAD_INDIFFERENT];
    let digest = (text.len() <= 44)
        .then(|| engines.iter().find_map(|engine| engine.decode(text).ok()?.try_into().ok()))
        .flatten();
    let flaw = digest.is_some().then(|| {
        let message =
            "the signature is in another form of base64: Zendesk's is padded, with `+` and `/`";
        Flaw::new(FlawCode::OtherBase64, SIGNATURE, message)
    });
    (digest, flaw)
}

fn from_hex(text: &[u8]) -> Option<[u8; 32]> {
    let (pairs, []) = text.as_chunks::<2>() else {
        return None;
    };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let byte = |[high, low]: &[u8; 2]| u8::try_from(digit(*high)? * 16 + digit(*low)?).ok();
    let bytes: Option<Vec<u8>> = pairs.iter().take(33).map(byte).collect();
    bytes?.try_into().ok()
}

struct SignedBody<'a> {
    bytes: &'a [u8],
    max_depth: usize,
}

/// The mistakes that led to a signature: empty if it is correct, `None` if no known mistake gives it.
fn mistakes(
    digest: &[u8; 32],
    timestamp: Option<&[u8]>,
    body: &SignedBody<'_>,
    secrets: &[Secret],
) -> Option<Vec<Flaw>> {
    let keys = keys(secrets);
    for (parts, layout) in layouts(timestamp, body.bytes) {
        for (key, mistake) in &keys {
            if is_of(digest, key, &parts) {
                return Some(layout.into_iter().chain(mistake.clone()).collect());
            }
        }
    }
    let timestamp = timestamp?;
    let spellings = respell::spellings(body.bytes, body.max_depth);
    let secret = |spelling: &Vec<u8>| {
        let is_of = |secret: &Secret| is_of(digest, secret.bytes(), &[timestamp, spelling]);
        secrets.iter().any(is_of)
    };
    spellings.iter().any(secret).then(|| {
        let message = "the signature is of the same JSON in other bytes: verify the raw body, \
                       before anything parses and serialises it again";
        vec![Flaw::new(FlawCode::Reserialised, BODY, message)]
    })
}

/// What may have been signed; the correct layout first.
fn layouts<'a>(timestamp: Option<&'a [u8]>, body: &'a [u8]) -> Vec<(Vec<&'a [u8]>, Option<Flaw>)> {
    let flaw = |code, path, message: &str| Some(Flaw::new(code, path, message));
    let mut layouts = Vec::new();
    if let Some(timestamp) = timestamp {
        let first = "the body was signed before the timestamp: the timestamp comes first";
        layouts.push((vec![timestamp, body], None));
        layouts.push((vec![body, timestamp], flaw(FlawCode::BodyFirst, SIGNATURE, first)));
        for between in [".", ":", "\n"] {
            let parts = vec![timestamp, between.as_bytes(), body];
            let message = format!(
                "the signature is of timestamp and body with {between:?} between them: join them \
                 with nothing between"
            );
            layouts.push((parts, flaw(FlawCode::Separator, SIGNATURE, &message)));
        }
    }
    let only = "the signature is of the body alone: sign the timestamp and then the body";
    layouts.push((vec![body], flaw(FlawCode::BodyOnly, TIMESTAMP, only)));
    layouts
}

/// What may have been the key; the secrets themselves first.
fn keys(secrets: &[Secret]) -> Vec<(Zeroizing<Vec<u8>>, Option<Flaw>)> {
    let flaw = |code, message: &str| Some(Flaw::new(code, SECRETS, message));
    let mut keys = Vec::new();
    let mut add = |key: &[u8], mistake| keys.push((Zeroizing::new(key.to_vec()), mistake));
    for secret in secrets {
        add(secret.bytes(), None);
    }
    for secret in secrets {
        let trimmed = secret.trimmed();
        let untrimmed = "the given secret has white space around it: remove it";
        add(trimmed.as_bytes(), flaw(FlawCode::UntrimmedSecret, untrimmed));
        // This buffer is wiped even if decoding fails half-way.
        let mut decoded = Zeroizing::new(vec![0; trimmed.len() + 3]);
        if let Ok(length) = STANDARD.decode_slice(trimmed, &mut decoded) {
            let message = "the signature was made with the secret decoded from base64: use the \
                           secret's text as the key";
            add(&decoded[..length], flaw(FlawCode::DecodedSecret, message));
        }
    }
    let test = "signed with the public secret of Zendesk's test webhooks: anyone may have sent it";
    let empty = "signed with an empty secret: anyone may have sent it";
    add(TEST_SECRET.as_bytes(), flaw(FlawCode::TestSecret, test));
    add(b"", flaw(FlawCode::EmptySecret, empty));
    keys
}
