//! [`explain`]: why a delivery is not trusted.

use base64::Engine;
use base64::engine::general_purpose::{
    STANDARD, STANDARD_PAD_INDIFFERENT, URL_SAFE_PAD_INDIFFERENT,
};
use zeroize::Zeroizing;

use super::damage::{self, from_hex, from_percent};
use super::flaw::{BODY, Flaw, FlawCode, SECRETS};
use super::headers::{Headers, SIGNATURE, TIMESTAMP};
use super::policy::Policy;
use super::receive::{
    account_told, fresh, right_account, right_account_told, signed_at, verify, wrong_signature,
};
use super::respell;
use super::secret::{Secret, TEST_SECRET};
use super::signature::{decode, is_of};
use crate::Instant;

/// Explains why [`verify`] refuses a delivery: the flaw that [`verify`] returns, then all others, and
/// the mistake that led to the signature if it is a known one. If none is, what the body looks like, as
/// a guess: empty, compressed, or the text of a parsed object, for example.
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
                None => {
                    add(wrong_signature());
                    damage::likely(body.bytes).into_iter().for_each(&mut add);
                }
            }
        }
    }
    let signature = signature.err();
    let at = timestamp.and_then(signed_at);
    let account = headers.account_id().and_then(|named| {
        right_account(named, policy.account_id)?;
        let told = account_told(body, &policy.read);
        right_account_told(told, policy.account_id)?;
        right_account_told(told, named)
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
    let flaw = |code, message: &str| Some(Flaw::new(code, SIGNATURE, message));
    // Other services write the name of the hash first.
    let text = text.strip_prefix(b"sha256=").unwrap_or(text);
    let hex = str::from_utf8(text).ok().filter(|text| text.len() == 64).and_then(from_hex);
    if let Some(digest) = hex.and_then(|bytes| bytes.try_into().ok()) {
        let message = "the signature is in hexadecimal digits: Zendesk's is in base64";
        return (Some(digest), flaw(FlawCode::Hex, message));
    }
    // The base64 of 32 bytes has at most 44 characters.
    let engines = [&STANDARD_PAD_INDIFFERENT, &URL_SAFE_PAD_INDIFFERENT];
    let digest = (text.len() <= 44)
        .then(|| engines.iter().find_map(|engine| engine.decode(text).ok()?.try_into().ok()))
        .flatten();
    if digest.is_some() {
        let message =
            "the signature is in another form of base64: Zendesk's is padded, with `+` and `/`";
        return (digest, flaw(FlawCode::OtherBase64, message));
    }
    let digest = str::from_utf8(text).ok().and_then(unencoded).and_then(|text| decode(&text).ok());
    let message = "the signature is URL-encoded or in quotes, or spaces stand where it had `+`: pass \
                   the header as received";
    (digest, digest.and_then(|_| flaw(FlawCode::UrlEncoded, message)))
}

/// A signature without the quotes and the URL encoding around it, and with `+` where spaces are.
fn unencoded(text: &str) -> Option<Vec<u8>> {
    let text = text.strip_prefix("b'").unwrap_or(text).trim_matches(['"', '\'', '`']);
    let mut bytes = from_percent(text)?;
    for byte in bytes.iter_mut().filter(|byte| **byte == b' ') {
        *byte = b'+';
    }
    // Spaces at the beginning are no part of a header's value.
    while bytes.len() < 44 && bytes.ends_with(b"=") {
        bytes.insert(0, b'+');
    }
    Some(bytes)
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
    let is_signed = |body: &[u8]| {
        let is_of = |secret: &Secret| is_of(digest, secret.bytes(), &[timestamp, body]);
        secrets.iter().any(is_of)
    };
    let is_respelled = |bytes: &[u8]| {
        respell::spellings(bytes, body.max_depth).iter().any(|spelling| is_signed(spelling))
    };
    let respelled = || {
        let message = "the signature is of the same JSON in other bytes: verify the raw body, \
                       before anything parses and serialises it again";
        Flaw::new(FlawCode::Reserialised, BODY, message)
    };
    if is_respelled(body.bytes) {
        return Some(vec![respelled()]);
    }
    let undone = damage::undone(body.bytes);
    if let Some(first) = undone.iter().find(|first| is_signed(&first.bytes)) {
        return Some(vec![first.flaw.clone()]);
    }
    // Two mistakes, the last one first.
    undone.into_iter().find_map(|first| {
        if is_respelled(&first.bytes) {
            return Some(vec![first.flaw, respelled()]);
        }
        let second = damage::undone(&first.bytes).into_iter().find(|it| is_signed(&it.bytes))?;
        Some(vec![first.flaw, second.flaw])
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
        let untrimmed =
            "the given secret has white space or a byte order mark around it: remove it";
        add(trimmed.as_bytes(), flaw(FlawCode::UntrimmedSecret, untrimmed));
        let bare = bare(trimmed);
        let quoted = "the given secret has quotes or a name around it, or is URL-encoded: give it as \
                      Zendesk shows it";
        add(bare.as_bytes(), flaw(FlawCode::QuotedSecret, quoted));
        if let Some(key) = from_percent(trimmed).map(Zeroizing::new) {
            add(&key, flaw(FlawCode::QuotedSecret, quoted));
        }
        // These buffers are wiped even if decoding fails half-way.
        for engine in [&STANDARD_PAD_INDIFFERENT, &URL_SAFE_PAD_INDIFFERENT] {
            let mut decoded = Zeroizing::new(vec![0; bare.len() + 3]);
            if let Ok(length) = engine.decode_slice(bare, &mut decoded) {
                let message = "the signature was made with the secret decoded from base64: use the \
                               secret as Zendesk shows it as the key";
                add(&decoded[..length], flaw(FlawCode::DecodedSecret, message));
                add(decoded[..length].trim_ascii(), flaw(FlawCode::DecodedSecret, message));
            }
        }
        if let Some(key) = from_hex(bare).map(Zeroizing::new) {
            let message = "the signature was made with the secret decoded from hexadecimal digits: use \
                           the secret as Zendesk shows it as the key";
            add(&key, flaw(FlawCode::DecodedSecret, message));
        }
        let encoded = Zeroizing::new(STANDARD.encode(bare));
        let message = "the given secret was decoded from base64: give it as Zendesk shows it";
        add(encoded.as_bytes(), flaw(FlawCode::DecodedSecret, message));
    }
    let test = "signed with the public secret of Zendesk's test webhooks: anyone may have sent it";
    let empty = "signed with an empty secret: anyone may have sent it";
    add(TEST_SECRET.as_bytes(), flaw(FlawCode::TestSecret, test));
    add(b"", flaw(FlawCode::EmptySecret, empty));
    keys
}

/// A secret without the quotes, and the name of a variable, around it.
fn bare(secret: &str) -> &str {
    let is_name = |name: &str| name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    let secret = secret.trim_end_matches([',', ';']);
    let value = secret.split_once('=').filter(|(name, _)| is_name(name)).map(|(_, value)| value);
    let secret = value.unwrap_or(secret).trim();
    let quotes = ['"', '\'', '`', '“', '”', '‘', '’', '<', '>'];
    secret.strip_prefix("b'").unwrap_or(secret).trim_matches(quotes)
}
