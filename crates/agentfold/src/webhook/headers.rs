//! [`Headers`]: the headers that verification uses.

use super::flaw::{Flaw, FlawCode};
use crate::Id;

/// The header that holds the signature.
pub const SIGNATURE_HEADER: &str = "x-zendesk-webhook-signature";
/// The header that holds the time of signing.
pub const TIMESTAMP_HEADER: &str = "x-zendesk-webhook-signature-timestamp";
/// The header that names the account. It is not signed.
pub const ACCOUNT_HEADER: &str = "x-zendesk-account-id";

pub(super) const SIGNATURE: &str = "/headers/x-zendesk-webhook-signature";
pub(super) const TIMESTAMP: &str = "/headers/x-zendesk-webhook-signature-timestamp";
pub(super) const ACCOUNT: &str = "/headers/x-zendesk-account-id";

/// The headers of a delivery that verification uses. Collect them from all names and values.
///
/// Names match in any case, and white space around values is ignored (RFC 9110, 5.5). Names of CGI, WSGI
/// and Rack environments match too, such as `HTTP_X_ZENDESK_WEBHOOK_SIGNATURE`. A header that occurs
/// twice is refused, also under two of these names or if a server joined the two values with a comma.
///
/// ```
/// use agentfold::webhook::Headers;
///
/// let all = [("Content-Type", "application/json"), ("X-Zendesk-Webhook-Signature", "c2lnbmVk")];
/// let headers: Headers = all.into_iter().collect();
/// assert_ne!(headers, Headers::default());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers {
    signature: Header,
    timestamp: Header,
    account_id: Header,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum Header {
    #[default]
    Missing,
    One(Vec<u8>),
    Several,
}

impl<N: AsRef<str>, V: AsRef<[u8]>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(all: I) -> Headers {
        let mut headers = Headers::default();
        for (name, value) in all {
            let name = name.as_ref().trim_ascii();
            let header = if is_named(name, SIGNATURE_HEADER) {
                &mut headers.signature
            } else if is_named(name, TIMESTAMP_HEADER) {
                &mut headers.timestamp
            } else if is_named(name, ACCOUNT_HEADER) {
                &mut headers.account_id
            } else {
                continue;
            };
            let value = value.as_ref().trim_ascii();
            // Base64, instants and ids have no commas, so a comma joins two values.
            let is_first = *header == Header::Missing && !value.contains(&b',');
            *header = if is_first { Header::One(value.to_vec()) } else { Header::Several };
        }
        headers
    }
}

/// Whether a name is that of a header, as it was sent or as a variable of an environment (RFC 3875,
/// 4.1.18).
fn is_named(name: &str, header: &str) -> bool {
    let start = name.get(..5).filter(|start| start.eq_ignore_ascii_case("HTTP_"));
    let name = start.map_or(name, |_| &name[5..]);
    let byte = |byte: u8| if byte == b'_' { b'-' } else { byte.to_ascii_lowercase() };
    name.bytes().map(byte).eq(header.bytes())
}

impl Headers {
    pub(super) fn signature(&self) -> Result<&[u8], Flaw> {
        self.signature.one(SIGNATURE)
    }

    pub(super) fn timestamp(&self) -> Result<&[u8], Flaw> {
        self.timestamp.one(TIMESTAMP)
    }

    /// The account in the account header, if the header is present.
    pub(super) fn account_id(&self) -> Result<Option<Id>, Flaw> {
        if self.account_id == Header::Missing {
            return Ok(None);
        }
        let text = str::from_utf8(self.account_id.one(ACCOUNT)?);
        text.ok().and_then(|text| text.parse().ok()).map(Some).ok_or_else(|| {
            Flaw::new(
                FlawCode::WrongAccount,
                ACCOUNT,
                "the header is not an account id: expected digits",
            )
        })
    }
}

impl Header {
    fn one(&self, path: &'static str) -> Result<&[u8], Flaw> {
        match self {
            Header::One(value) => Ok(value),
            Header::Missing => Err(Flaw::new(
                FlawCode::MissingHeader,
                path,
                "the header is missing: the delivery is not signed, or a proxy removed the header",
            )),
            Header::Several => Err(Flaw::new(
                FlawCode::DuplicateHeader,
                path,
                "the header occurs more than once: send it once",
            )),
        }
    }
}
