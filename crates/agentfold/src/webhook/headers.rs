//! [`Headers`]: the headers of a delivery that matter.

use super::flaw::{Flaw, FlawCode};
use crate::Id;

/// The header that holds the signature.
pub const SIGNATURE_HEADER: &str = "x-zendesk-webhook-signature";
/// The header that says when it was signed.
pub const TIMESTAMP_HEADER: &str = "x-zendesk-webhook-signature-timestamp";
/// The header that names the account. It is not signed.
pub const ACCOUNT_HEADER: &str = "x-zendesk-account-id";

pub(super) const SIGNATURE: &str = "/headers/x-zendesk-webhook-signature";
pub(super) const TIMESTAMP: &str = "/headers/x-zendesk-webhook-signature-timestamp";
pub(super) const ACCOUNT: &str = "/headers/x-zendesk-account-id";

/// The headers of a delivery that matter, collected from all of its names and values.
///
/// Names are taken in any case, values without white space around them (RFC 9110, 5.5). A header that
/// is there twice, or that a server joined to one with a comma between, is told from one that is there
/// once.
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
            let header = if name.eq_ignore_ascii_case(SIGNATURE_HEADER) {
                &mut headers.signature
            } else if name.eq_ignore_ascii_case(TIMESTAMP_HEADER) {
                &mut headers.timestamp
            } else if name.eq_ignore_ascii_case(ACCOUNT_HEADER) {
                &mut headers.account_id
            } else {
                continue;
            };
            let value = value.as_ref().trim_ascii();
            // Neither base64 nor an instant nor an id has a comma: it joins two values.
            let is_first = *header == Header::Missing && !value.contains(&b',');
            *header = if is_first { Header::One(value.to_vec()) } else { Header::Several };
        }
        headers
    }
}

impl Headers {
    pub(super) fn signature(&self) -> Result<&[u8], Flaw> {
        self.signature.one(SIGNATURE)
    }

    pub(super) fn timestamp(&self) -> Result<&[u8], Flaw> {
        self.timestamp.one(TIMESTAMP)
    }

    /// The account that is named, if one is.
    pub(super) fn account_id(&self) -> Result<Option<Id>, Flaw> {
        if self.account_id == Header::Missing {
            return Ok(None);
        }
        let text = str::from_utf8(self.account_id.one(ACCOUNT)?);
        text.ok().and_then(|text| text.parse().ok()).map(Some).ok_or_else(|| {
            Flaw::new(FlawCode::WrongAccount, ACCOUNT, "the header names no account by its number")
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
                "the header is missing: the delivery is not signed, or a proxy drops the header",
            )),
            Header::Several => Err(Flaw::new(
                FlawCode::DuplicateHeader,
                path,
                "the header is there more than once",
            )),
        }
    }
}
