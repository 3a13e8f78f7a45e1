//! [`Secret`]: what a webhook's deliveries are signed with, never shown.

use std::fmt;

use zeroize::Zeroizing;

use super::flaw::{Flaw, FlawCode, SECRETS};

/// The secret that Zendesk's documents sign their examples with, and test webhooks are sent with
/// before they are created. Everybody knows it.
pub const TEST_SECRET: &str = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==";

/// The secret of a webhook: the text as Zendesk shows it, which looks like base64 and is not decoded.
///
/// It is never printed, and its memory is wiped when it is dropped, as are the states of the hash that
/// are made of it. To print it shows nothing of it:
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
    /// A secret that only Zendesk and the webhook's owner know.
    ///
    /// A `String` is taken over and wiped in the end; of a `&str` the caller keeps a copy.
    ///
    /// # Errors
    /// [`FlawCode::EmptySecret`] where there is nothing but white space, and
    /// [`FlawCode::TestSecret`] for [`TEST_SECRET`]: with either of them anybody can sign.
    ///
    /// ```
    /// use agentfold::webhook::{FlawCode, Secret, TEST_SECRET};
    ///
    /// assert_eq!(Secret::new("").expect_err("empty").code, FlawCode::EmptySecret);
    /// assert_eq!(Secret::new(TEST_SECRET).expect_err("known to all").code, FlawCode::TestSecret);
    /// ```
    pub fn new(text: impl Into<String>) -> Result<Secret, Flaw> {
        let secret = Secret::for_tests(text);
        match secret.trimmed() {
            "" => Err(Flaw::new(
                FlawCode::EmptySecret,
                SECRETS,
                "the secret is empty, so anybody can sign",
            )),
            TEST_SECRET => Err(Flaw::new(
                FlawCode::TestSecret,
                SECRETS,
                "the secret is the public one of Zendesk's test webhooks, so anybody can sign: use \
                 the one that Zendesk shows for your webhook",
            )),
            _ => Ok(secret),
        }
    }

    /// Any secret, also one that anybody knows. Who verifies with that trusts everybody.
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

    /// Without the white space around it that copying may have brought.
    pub(super) fn trimmed(&self) -> &str {
        self.0.trim()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}
