//! [`Note`]: what is odd about a page, without stopping the pull.

use std::borrow::Cow;

use serde::Serialize;

use crate::word::words;

/// What is odd about a page or one of its records. The pull goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Note {
    /// What kind of oddity it is.
    pub code: NoteCode,
    /// Where it is: a JSON Pointer into the body.
    pub path: Cow<'static, str>,
    /// What is odd, for people, without values from the reply.
    pub message: &'static str,
}

words! {
    /// What kind of [`Note`] it is.
    #[non_exhaustive]
    pub enum NoteCode {
        /// A record is not an event: it is not an object, or has no id or no instant.
        NotAnEvent = "not_an_event",
        /// A record is dated more than five minutes after the caller's clock.
        DatedAhead = "dated_ahead",
        /// `count` is not the number of records on the page.
        CountDiffers = "count_differs",
        /// The page before had fewer records than requested, but more followed.
        ShortPage = "short_page",
        /// The page before had no `next_page`, but more followed.
        NoNextPage = "no_next_page",
        /// `next_page` points to this page or to an earlier one.
        NextPageLoops = "next_page_loops",
        /// The last page has nothing new, but records from before the requested start.
        StartIgnored = "start_ignored",
        /// A key stands twice in the page. The records of both are read.
        RepeatedKey = "repeated_key",
    }
}

impl NoteCode {
    fn message(self) -> &'static str {
        match self {
            NoteCode::NotAnEvent => {
                "the record is not an event: it is not an object, or has no id or no instant; it is \
                 kept apart"
            }
            NoteCode::DatedAhead => {
                "the record is dated more than five minutes after this clock: it is kept apart, and \
                 becomes an event when the clock has reached its instant; check the clock"
            }
            NoteCode::CountDiffers => {
                "`count` is not the number of records on the page: the records are believed"
            }
            NoteCode::ShortPage => {
                "the page before had fewer records than requested, but more followed: the pull goes \
                 on until nothing new comes"
            }
            NoteCode::NoNextPage => {
                "the page before had no `next_page`, but more followed: the pull goes on until \
                 nothing new comes"
            }
            NoteCode::NextPageLoops => {
                "`next_page` points to this page or to an earlier one: it is not followed"
            }
            NoteCode::StartIgnored => {
                "the last page has nothing new, but records from before the requested start: the host \
                 may ignore the start, and more events may be there"
            }
            NoteCode::RepeatedKey => {
                "the key stands twice in the page: the records of both are read, of other keys the first"
            }
        }
    }

    pub(super) fn at(self, path: impl Into<Cow<'static, str>>) -> Note {
        Note { code: self, path: path.into(), message: self.message() }
    }
}
