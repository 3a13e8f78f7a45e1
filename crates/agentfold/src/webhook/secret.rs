//! [`Secret`]: the key that signs a webhook's deliveries.

use std::fmt;

use zeroize::Zeroizing;

use super::flaw::{Flaw, FlawCode, SECRETS};

/// The public secret. Zendesk uses it in its documentation's examples, and to sign test deliveries
/// before a webhook is created.
pub const TEST_SECRET: &str = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==";

/// The secret of a webhook, as Zendesk shows it. It looks like base64 but is not decoded.
///
/// Its memory, and the hash states that are made from it, are wiped on drop. `Debug` does not show it:
///
/// ```
/// use agentfold::webhook::Secret;
///
/// let secret = Secret::new("abracadabra")?;
/// assert_eq!(format!("{secret:?}"), "Secret(..)");
/// # Ok::<(), agentfold::webhook::Flaw>(())
/// ```
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a secret that only Zendesk and the webhook's owner know.
    ///
    /// A `String` is moved in and wiped on drop. A `&str` is copied; the caller's copy is not wiped.
    ///
    /// # Errors
    /// [`FlawCode::EmptySecret`] if the text is empty, or only white space or characters that nobody
    /// sees, and [`FlawCode::TestSecret`] for [`TEST_SECRET`]: anyone can sign with these.
    /// [`FlawCode::NulInSecret`] if it has a NUL byte: a key that ends in NULs signs as without them.
    ///
    /// ```
    /// use agentfold::webhook::{FlawCode, Secret, TEST_SECRET};
    ///
    /// assert_eq!(Secret::new("").expect_err("empty").code, FlawCode::EmptySecret);
    /// assert_eq!(Secret::new("\0\0").expect_err("signs as empty").code, FlawCode::EmptySecret);
    /// assert_eq!(Secret::new("abracadabra\0").expect_err("a NUL").code, FlawCode::NulInSecret);
    /// assert_eq!(Secret::new(TEST_SECRET).expect_err("known to all").code, FlawCode::TestSecret);
    /// ```
    pub fn new(text: impl Into<String>) -> Result<Secret, Flaw> {
        let secret = Secret::for_tests(text);
        match secret.trimmed() {
            "" => Err(Flaw::new(
                FlawCode::EmptySecret,
                SECRETS,
                "the secret is empty, so anyone can sign",
            )),
            TEST_SECRET => Err(Flaw::new(
                FlawCode::TestSecret,
                SECRETS,
                "the secret is the public one of Zendesk's test webhooks, so anyone can sign: use \
                 the one that Zendesk shows for your webhook",
            )),
            _ if secret.0.contains('\0') => Err(Flaw::new(
                FlawCode::NulInSecret,
                SECRETS,
                "the secret has a NUL byte, as no secret of Zendesk has: give it as text in UTF-8, as \
                 Zendesk shows it",
            )),
            _ => Ok(secret),
        }
    }

    /// Takes any secret, even a public one. With a public secret, [`verify`](super::verify) accepts
    /// deliveries from anyone.
    ///
    /// ```
    /// use agentfold::webhook::{Headers, Policy, Secret, TEST_SECRET, sign, verify};
    ///
    /// let secrets = [Secret::for_tests(TEST_SECRET)];
    /// let at = "2021-03-25T05:09:27Z".parse()?;
    /// let headers: Headers = sign(b"{}", &secrets[0], at).into_iter().collect();
    /// assert!(verify(&headers, b"{}", &secrets, at, &Policy::default()).is_ok());
    /// # Ok::<(), agentfold::BadInstant>(())
    /// ```
    pub fn for_tests(text: impl Into<String>) -> Secret {
        Secret(Zeroizing::new(text.into()))
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// The secret without surrounding white space, NULs, byte order marks and the like, which copy and
    /// paste may have added.
    pub(super) fn trimmed(&self) -> &str {
        let is_unseen = |char: char| {
            char.is_whitespace()
                || char.is_control()
                || matches!(char, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
        };
        self.0.trim_matches(is_unseen)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}
