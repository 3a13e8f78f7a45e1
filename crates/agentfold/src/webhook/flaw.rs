//! [`Flaw`]: why a delivery is not to be trusted.

use std::fmt;

use serde::Serialize;

use crate::word::words;

/// Where flaws of secrets and bodies are.
pub(super) const SECRETS: &str = "/secrets";
pub(super) const BODY: &str = "/body";

/// One thing that is wrong with a delivery, or with the secrets it is held against.
///
/// It holds no secret, no signature and nothing of the body, so it is safe to log; but don't answer
/// it to the sender, to whom it would say how to do better.
///
/// ```
/// use agentfold::webhook::{Headers, Policy, Secret, verify};
///
/// let secrets = [Secret::new("abracadabra")?];
/// let now = "2026-01-05T08:00:00Z".parse()?;
/// let flaw = verify(&Headers::default(), b"{}", &secrets, now, &Policy::default())
///     .expect_err("not signed");
/// assert_eq!(flaw.code.as_str(), "missing_header");
/// assert_eq!(flaw.path, "/headers/x-zendesk-webhook-signature");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct Flaw {
    /// What kind of flaw it is.
    pub code: FlawCode,
    /// Where it is: a JSON Pointer, one of `/body`, `/secrets`, and `/headers/` with a header's name.
    pub path: &'static str,
    /// The flaw in words.
    pub message: String,
}

impl Flaw {
    pub(super) fn new(code: FlawCode, path: &'static str, message: impl Into<String>) -> Flaw {
        Flaw { code, path, message: message.into() }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}: {}", self.code, self.path, self.message)
    }
}

impl std::error::Error for Flaw {}

words! {
    /// The stable name of a kind of flaw, one list for all languages.
    // In the order in which they are looked for.
    #[non_exhaustive]
    pub enum FlawCode {
        /// The body has more bytes than allowed. Nothing else was looked at.
        TooLarge = "too_large",
        /// There is no secret to verify with.
        NoSecret = "no_secret",
        /// A header is missing.
        MissingHeader = "missing_header",
        /// A header is there more than once, so its meaning is open.
        DuplicateHeader = "duplicate_header",
        /// The signature is not the padded base64 of 32 bytes.
        BadBase64 = "bad_base64",
        /// The timestamp is no RFC 3339 instant.
        BadTimestamp = "bad_timestamp",
        /// The signature is not that of this timestamp and body by any of the secrets.
        WrongSignature = "wrong_signature",
        /// The delivery is of another account.
        WrongAccount = "wrong_account",
        /// It was signed longer ago than the tolerance: a replay, or a clock that is ahead.
        Stale = "stale",
        /// It was signed further in the future than the tolerance: a clock is behind.
        Future = "future",
        /// The secret is empty: told of a secret, or by [`explain`](super::explain) of a signature.
        EmptySecret = "empty_secret",
        /// The secret is Zendesk's public one for tests: told of a secret, or by
        /// [`explain`](super::explain) of a signature.
        TestSecret = "test_secret",
        /// The signature is right once white space around the secret is taken away.
        UntrimmedSecret = "untrimmed_secret",
        /// The signature was made with the secret's bytes decoded from base64.
        DecodedSecret = "decoded_secret",
        /// The signature is written in hexadecimal digits.
        Hex = "hex",
        /// The signature is in base64 without padding, or of the alphabet for URLs.
        OtherBase64 = "other_base64",
        /// The signature is of the body before the timestamp.
        BodyFirst = "body_first",
        /// The signature is of the body alone.
        BodyOnly = "body_only",
        /// The signature is of timestamp and body with something between them.
        Separator = "separator",
        /// The signature is of the same body spelled otherwise: it was parsed and written again.
        Reserialised = "reserialised",
    }
}
