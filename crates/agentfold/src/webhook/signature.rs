//! Makes, reads and compares signatures.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::flaw::{Flaw, FlawCode};
use super::headers::{SIGNATURE, SIGNATURE_HEADER, TIMESTAMP_HEADER};
use super::secret::Secret;
use crate::Instant;

/// Signs a body as Zendesk does at an instant, and returns the two headers. Use it to make deliveries
/// for tests, and for webhooks of your own, such as [messages about alerts](crate::alert::message).
///
/// ```
/// use agentfold::webhook::{Secret, TEST_SECRET, sign};
///
/// let body = br#"{"event":"ticket.updated","id":123}"#;
/// let at = "2021-03-25T05:09:27Z".parse()?;
/// let [signature, timestamp] = sign(body, &Secret::for_tests(TEST_SECRET), at);
/// assert_eq!(signature.0, "x-zendesk-webhook-signature");
/// assert_eq!(signature.1, "S/RDdU2ERmj7LHDDoWJ2onPYH+t7/f2+LTM4dL7UiLM=");
/// assert_eq!(timestamp.0, "x-zendesk-webhook-signature-timestamp");
/// assert_eq!(timestamp.1, "2021-03-25T05:09:27Z");
/// # Ok::<(), agentfold::BadInstant>(())
/// ```
pub fn sign(body: &[u8], secret: &Secret, at: Instant) -> [(&'static str, String); 2] {
    let timestamp = at.to_string();
    let mac = mac(secret.bytes(), &[timestamp.as_bytes(), body]);
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    [(SIGNATURE_HEADER, signature), (TIMESTAMP_HEADER, timestamp)]
}

/// The bytes of a signature in Zendesk's form, padded base64.
pub(super) fn decode(text: &[u8]) -> Result<[u8; 32], Flaw> {
    // The padded base64 of 32 bytes has 44 characters.
    let bytes = (text.len() == 44).then(|| STANDARD.decode(text).ok()).flatten();
    bytes.and_then(|bytes| bytes.try_into().ok()).ok_or_else(|| {
        Flaw::new(
            FlawCode::BadBase64,
            SIGNATURE,
            "the signature is not the padded base64 of 32 bytes",
        )
    })
}

/// Whether a signature is that of the concatenated parts. Compares in constant time.
pub(super) fn is_of(signature: &[u8; 32], key: &[u8], parts: &[&[u8]]) -> bool {
    mac(key, parts).verify_slice(signature).is_ok()
}

fn mac(key: &[u8], parts: &[&[u8]]) -> Hmac<Sha256> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key)
        .expect("INVARIANT: HMAC takes keys of any length");
    for part in parts {
        mac.update(part);
    }
    mac
}
