//! [`Refusal`]: why a reply can't be gone on from.

use std::fmt;

use serde::Serialize;

use crate::word::words;

/// Why a [`Cursor`](super::Cursor) can't go on from a reply: to send the request again would not help.
/// The cursor is as it was before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct Refusal {
    /// What kind of problem it is.
    pub code: RefusalCode,
    /// Where it is: a JSON Pointer into the body, empty where it is not in the body.
    pub path: &'static str,
    /// The problem in words, without values from the reply.
    pub message: &'static str,
    /// The reply's status.
    pub status: u16,
}

words! {
    /// What kind of [`Refusal`] it is.
    #[non_exhaustive]
    pub enum RefusalCode {
        /// Status 400 or 422: Zendesk does not like the request.
        BadRequest = "bad_request",
        /// Status 401: the credentials are wrong.
        Unauthorized = "unauthorized",
        /// Status 403: the credentials are right, and do not suffice.
        Forbidden = "forbidden",
        /// Status 404: there is no such export for this account.
        NotFound = "not_found",
        /// A status of 300 to 399: the reply sends elsewhere, where credentials should not go.
        Redirected = "redirected",
        /// Any other status.
        UnexpectedStatus = "unexpected_status",
        /// The body is no page of what was asked for.
        NotAPage = "not_a_page",
        /// The page is full, and holds nothing new: the next one would be the same.
        NotAdvancing = "not_advancing",
        /// `next_page` points to this page again, or to an earlier one.
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
                "zendesk refused the request: the start may be too recent by its clock, so check \
                 yours"
            }
            RefusalCode::Unauthorized => {
                "zendesk does not know these credentials: check the token, and whether it was revoked"
            }
            RefusalCode::Forbidden => {
                "these credentials may not read the export: it takes an administrator, and a token \
                 with the scope to read chat"
            }
            RefusalCode::NotFound => {
                "this account has no such export: it is in limited availability, so ask zendesk for \
                 it, or try the other endpoint"
            }
            RefusalCode::Redirected => {
                "the reply sends elsewhere, where the credentials should not go: check the host"
            }
            RefusalCode::UnexpectedStatus => "the reply has a status that no export gives",
            RefusalCode::NotAPage => {
                "the body is no page of what was asked for: check the host, and proxies in between"
            }
            RefusalCode::NotAdvancing => {
                "the page is full and holds nothing new, so the next one would be the same: raise \
                 `limit`, as more events may share one instant than a page holds"
            }
            RefusalCode::NextPageLoops => {
                "`next_page` points back to this page or before it, so following it would never end"
            }
            RefusalCode::OtherHost => {
                "`next_page` points to another host than was asked, or is no URL: check the host"
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
