//! [`Refusal`]: why a cursor can't continue from a reply.

use std::fmt;

use serde::Serialize;

use crate::word::words;

/// Why a [`Cursor`](super::Cursor) can't continue. The cursor is unchanged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct Refusal {
    /// What kind of problem it is.
    pub code: RefusalCode,
    /// Where it is: a JSON Pointer into the body, or empty if it is not in the body.
    pub path: &'static str,
    /// What is wrong, for people, without values from the reply.
    pub message: &'static str,
    /// The reply's HTTP status; absent if there was no reply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Whether a program that runs on may succeed later, without a change. If not, sending the request
    /// again would not help.
    pub may_pass: bool,
}

words! {
    /// What kind of [`Refusal`] it is.
    #[non_exhaustive]
    pub enum RefusalCode {
        /// The cursor begins after the caller's clock.
        StartInFuture = "start_in_future",
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
        /// The body has more bytes than a page may have.
        PageTooLarge = "page_too_large",
        /// The body is an error, although the status is 200.
        ErrorInPage = "error_in_page",
        /// The body is not a page of the requested export.
        NotAPage = "not_a_page",
        /// The page is full and has nothing new, so the next one would be the same.
        NotAdvancing = "not_advancing",
        /// A hundred pages in a row ended at one instant, each with new events.
        EndlessInstant = "endless_instant",
        /// `next_page` points to another host.
        OtherHost = "other_host",
    }
}

impl RefusalCode {
    fn path(self) -> &'static str {
        match self {
            RefusalCode::OtherHost => "/next_page",
            _ => "",
        }
    }

    fn message(self) -> &'static str {
        match self {
            RefusalCode::StartInFuture => {
                "the cursor begins after this clock, so nothing would come: check the clock, or begin \
                 again with a new cursor"
            }
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
            RefusalCode::PageTooLarge => {
                "the body has more bytes, uncompressed, than a page may have: lower `limit`, and check \
                 the host and any proxies"
            }
            RefusalCode::ErrorInPage => {
                "the body is an error instead of a page, although the status is 200: read it with \
                 another client"
            }
            RefusalCode::NotAPage => {
                "the body is not a page of the requested export: check the host and any proxies"
            }
            RefusalCode::NotAdvancing => {
                "the page is full and has nothing new, so the next one would be the same: raise \
                 `limit`, since one instant may have more events than a page"
            }
            RefusalCode::EndlessInstant => {
                "a hundred pages in a row ended at one instant, each with new events, so the pull might \
                 never end: raise `limit`, and check the host"
            }
            RefusalCode::OtherHost => {
                "`next_page` points to another host than the request, or is not a URL: check the host"
            }
        }
    }

    pub(super) fn of(self, status: u16) -> Refusal {
        Refusal { status: Some(status), ..self.without_reply() }
    }

    pub(super) fn without_reply(self) -> Refusal {
        let (path, message) = (self.path(), self.message());
        Refusal { code: self, path, message, status: None, may_pass: false }
    }
}

impl Refusal {
    pub(super) fn that_may_pass(self) -> Refusal {
        Refusal { may_pass: true, ..self }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.status {
            Some(status) => write!(f, "{} (status {status}): {}", self.code, self.message),
            None => write!(f, "{}: {}", self.code, self.message),
        }
    }
}

impl std::error::Error for Refusal {}
