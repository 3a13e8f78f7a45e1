//! [`Refusal`]: why a cursor can't continue from a reply.

use std::fmt;

use serde::Serialize;

use crate::word::words;

/// Why a [`Cursor`](super::Cursor) can't continue from a reply. Sending the request again would not
/// help. The cursor is unchanged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct Refusal {
    /// What kind of problem it is.
    pub code: RefusalCode,
    /// Where it is: a JSON Pointer into the body, or empty if it is not in the body.
    pub path: &'static str,
    /// What is wrong, for people, without values from the reply.
    pub message: &'static str,
    /// The reply's HTTP status.
    pub status: u16,
}

words! {
    /// What kind of [`Refusal`] it is.
    #[non_exhaustive]
    pub enum RefusalCode {
        /// Status 400 or 422: Zendesk refused the request.
        BadRequest = "bad_request",
        /// Status 401: the credentials are wrong.
        Unauthorized = "unauthorized",
        /// Status 403: the credentials are valid, but lack permission.
        Forbidden = "forbidden",
        /// Status 404: this account does not have the export.
        NotFound = "not_found",
        /// A status of 300 to 399: the reply redirects to a place that should not get the credentials.
        Redirected = "redirected",
        /// Any other status.
        UnexpectedStatus = "unexpected_status",
        /// The body is not a page of the requested export.
        NotAPage = "not_a_page",
        /// The page is full and has nothing new, so the next one would be the same.
        NotAdvancing = "not_advancing",
        /// `next_page` points to this page or to an earlier one.
        NextPageLoops = "next_page_loops",
        /// `next_page` points to another host.
        OtherHost = "other_host",
    }
}

impl RefusalCode {
    fn path(self) -> &'static str {
        match self {
            RefusalCode::NextPageLoops | RefusalCode::OtherHost => "/next_page",
            _ => "",
        }
    }

    fn message(self) -> &'static str {
        match self {
            RefusalCode::BadRequest => {
                "zendesk refused the request: the start may be too recent by zendesk's clock, so \
                 check yours"
            }
            RefusalCode::Unauthorized => {
                "zendesk did not accept the credentials: check the token, and whether it was revoked"
            }
            RefusalCode::Forbidden => {
                "the credentials lack permission to read the export: use an administrator's token \
                 with the scope to read chat"
            }
            RefusalCode::NotFound => {
                "this account does not have the export: it is in limited availability, so ask \
                 zendesk for it, or try the other endpoint"
            }
            RefusalCode::Redirected => {
                "the reply redirects to a place that should not get the credentials: check the host"
            }
            RefusalCode::UnexpectedStatus => "the export does not use this status: check the host",
            RefusalCode::NotAPage => {
                "the body is not a page of the requested export: check the host and any proxies"
            }
            RefusalCode::NotAdvancing => {
                "the page is full and has nothing new, so the next one would be the same: raise \
                 `limit`, since one instant may have more events than a page"
            }
            RefusalCode::NextPageLoops => {
                "`next_page` points to this page or to an earlier one, so the pull would never end"
            }
            RefusalCode::OtherHost => {
                "`next_page` points to another host than the request, or is not a URL: check the host"
            }
        }
    }

    pub(super) fn of(self, status: u16) -> Refusal {
        Refusal { code: self, path: self.path(), message: self.message(), status }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (status {}): {}", self.code, self.status, self.message)
    }
}

impl std::error::Error for Refusal {}
