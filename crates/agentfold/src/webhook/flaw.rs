//! [`Flaw`]: why a delivery is not trusted.

use std::fmt;

use serde::Serialize;

use crate::word::words;

/// The paths of flaws in secrets and in bodies.
pub(super) const SECRETS: &str = "/secrets";
pub(super) const BODY: &str = "/body";

/// One thing that is wrong with a delivery, or with the secrets that verify it.
///
/// It contains no secret, no signature and nothing of the body, so it is safe to log. Don't send it to
/// the sender: it would help a forger.
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
    /// Where it is, as a JSON Pointer: `/body`, `/secrets`, or `/headers/` and a header's name.
    pub path: &'static str,
    /// What is wrong, for people.
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
    /// The stable name of a kind of flaw, the same in all languages.
    // In the order in which they are checked.
    #[non_exhaustive]
    pub enum FlawCode {
        /// The body has more bytes than allowed. Nothing else was checked.
        TooLarge = "too_large",
        /// There is no secret to verify with.
        NoSecret = "no_secret",
        /// A header is missing.
        MissingHeader = "missing_header",
        /// A header occurs more than once, so its value is ambiguous.
        DuplicateHeader = "duplicate_header",
        /// The signature is not the padded base64 of 32 bytes.
        BadBase64 = "bad_base64",
        /// The timestamp is not an RFC 3339 instant.
        BadTimestamp = "bad_timestamp",
        /// None of the secrets gives this signature for this timestamp and body.
        WrongSignature = "wrong_signature",
        /// The delivery is of another account.
        WrongAccount = "wrong_account",
        /// It was signed longer ago than the tolerance: a replay, or your clock is ahead.
        Stale = "stale",
        /// It was signed further in the future than the tolerance: your clock is behind.
        Future = "future",
        /// The secret is empty, only white space or only NULs, or [`explain`](super::explain) found that
        /// an empty one made the signature.
        EmptySecret = "empty_secret",
        /// The secret is Zendesk's public one for tests, or [`explain`](super::explain) found that it
        /// made the signature.
        TestSecret = "test_secret",
        /// The secret has a NUL byte, as no secret of Zendesk has. NULs at the end of a key change no
        /// signature.
        NulInSecret = "nul_in_secret",
        /// The signature is correct for the secret without its surrounding white space or byte order
        /// mark.
        UntrimmedSecret = "untrimmed_secret",
        /// The signature is correct for the secret without the quotes, the name or the URL encoding.
        QuotedSecret = "quoted_secret",
        /// The signature was made with the secret decoded from base64 or hexadecimal digits, or the
        /// given secret is decoded and the signature was made with its text.
        DecodedSecret = "decoded_secret",
        /// The signature is written in hexadecimal digits.
        Hex = "hex",
        /// The signature is in base64 without padding, or in the URL alphabet.
        OtherBase64 = "other_base64",
        /// The signature is URL-encoded or in quotes, or spaces stand where it had `+`.
        UrlEncoded = "url_encoded",
        /// The signature is of the body before the timestamp.
        BodyFirst = "body_first",
        /// The signature is of the body alone.
        BodyOnly = "body_only",
        /// The signature is of timestamp and body with something between them.
        Separator = "separator",
        /// The signature is of the same JSON in other bytes: the body was parsed and serialised again.
        Reserialised = "reserialised",
        /// The signature is of the body without its byte order mark.
        ByteOrderMark = "byte_order_mark",
        /// The signature is of the body decoded from base64.
        Base64Body = "base64_body",
        /// The signature is of the content of the body, which is a JSON string.
        QuotedBody = "quoted_body",
        /// The signature is of the body decoded from another encoding, such as URL encoding, hexadecimal
        /// digits or a list of numbers.
        EncodedBody = "encoded_body",
        /// The body was decoded in another character set than UTF-8, or encoded in another one. If
        /// characters were lost, this is a guess.
        WrongCharset = "wrong_charset",
        /// The body is empty. This and the following are guesses, since the signed bytes can't be
        /// restored.
        EmptyBody = "empty_body",
        /// The body is compressed.
        CompressedBody = "compressed_body",
        /// The body is what a parsed object prints as, such as `[object Object]`.
        ParsedBody = "parsed_body",
        /// The body is not JSON.
        NoJson = "no_json",
        /// The body has accents as characters of their own: it was probably normalised.
        NormalisedBody = "normalised_body",
    }
}
