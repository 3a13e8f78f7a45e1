//! [`Attempts`]: whether to send a request again, and when.

use super::pause::{Pause, PauseReason, asked_wait, backoff};
use super::refusal::{Refusal, RefusalCode};
use super::reply::{BadBody, Reply, json};
use crate::Instant;

/// How many strange replies since the last good one are taken for a passing failure.
const STRANGE: u32 = 4;

/// The failed attempts in a row to get a page of Zendesk's API.
///
/// A [`Cursor`](super::Cursor) has its own. Others pull pages by it that are no export, such as users and
/// groups.
///
/// ```
/// use agentfold::Instant;
/// use agentfold::export::{Attempts, RefusalCode, Reply};
///
/// let now: Instant = "2018-10-22T09:00:00Z".parse()?;
/// let mut attempts = Attempts::default();
/// let page = Reply {
///     host: "example.zendesk.com",
///     status: 200,
///     headers: &[("Retry-After", "7")],
///     body: br#"{"users": []}"#,
/// };
/// assert_eq!(attempts.take(&page, now, 0.5), Ok(None));
/// let pause = attempts.take(&Reply { status: 429, ..page }, now, 0.5).expect("a wait");
/// assert_eq!(pause.expect("a wait").length.as_secs(), 7);
/// let refusal = attempts.take(&Reply { status: 401, ..page }, now, 0.5).expect_err("refused");
/// assert_eq!(refusal.code, RefusalCode::Unauthorized);
/// # Ok::<(), agentfold::BadInstant>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Attempts {
    /// The number of failures in a row.
    failures: u32,
    /// The number of strange replies since the last good one.
    strange: u32,
}

impl Attempts {
    /// Takes a reply: `None` if its body is a page, as a whole JSON object, or how long to wait before the
    /// next attempt, as [`Cursor::take`](super::Cursor::take) does.
    ///
    /// # Errors
    /// A [`Refusal`] if sending the request again would not help, or did not help.
    pub fn take(
        &mut self,
        reply: &Reply<'_>,
        now: Instant,
        jitter: f64,
    ) -> Result<Option<Pause>, Refusal> {
        if reply.status != 200 {
            return self.take_failure(reply, false, now, jitter).map(Some);
        }
        match json(reply.body) {
            Ok(page) if page.starts_with('{') => {
                self.succeeded();
                Ok(None)
            }
            Err(BadBody::CutOff) => Ok(Some(self.failed(PauseReason::CutOff, reply, now, jitter))),
            _ => self.strange(RefusalCode::NotAPage.of(200), reply, now, jitter).map(Some),
        }
    }

    /// Records that no reply came, and returns how long to wait.
    pub fn lost(&mut self, jitter: f64) -> Pause {
        self.failures = self.failures.saturating_add(1);
        Pause { reason: PauseReason::NoReply, length: backoff(self.failures, jitter) }
    }

    /// Records that a page came.
    pub(super) fn succeeded(&mut self) {
        *self = Attempts::default();
    }

    /// Takes a reply whose status is not 200. One that `may_be_recent` may be refused only for now.
    pub(super) fn take_failure(
        &mut self,
        reply: &Reply<'_>,
        may_be_recent: bool,
        now: Instant,
        jitter: f64,
    ) -> Result<Pause, Refusal> {
        let code = match reply.status {
            408 | 409 | 425 | 500..=599 => {
                return Ok(self.failed(PauseReason::ServerError, reply, now, jitter));
            }
            429 => return Ok(self.failed(PauseReason::TooManyRequests, reply, now, jitter)),
            300..=399 => RefusalCode::Redirected,
            400 | 422 => RefusalCode::BadRequest,
            401 => RefusalCode::Unauthorized,
            403 => RefusalCode::Forbidden,
            404 => RefusalCode::NotFound,
            _ => RefusalCode::UnexpectedStatus,
        };
        let refusal = code.of(reply.status);
        match code {
            RefusalCode::Redirected => self.strange(refusal, reply, now, jitter),
            RefusalCode::BadRequest if may_be_recent => self.strange(refusal, reply, now, jitter),
            _ if reply.is_object() => Err(refusal),
            _ => self.strange(refusal, reply, now, jitter),
        }
    }

    /// Records a failure that may pass.
    pub(super) fn failed(
        &mut self,
        reason: PauseReason,
        reply: &Reply<'_>,
        now: Instant,
        jitter: f64,
    ) -> Pause {
        let Pause { length, .. } = self.lost(jitter);
        Pause { reason, length: asked_wait(reply, now).unwrap_or(length) }
    }

    /// Waits after a reply that may pass, or refuses it if there were too many.
    pub(super) fn strange(
        &mut self,
        refusal: Refusal,
        reply: &Reply<'_>,
        now: Instant,
        jitter: f64,
    ) -> Result<Pause, Refusal> {
        if self.strange >= STRANGE {
            return Err(refusal.that_may_pass());
        }
        self.strange += 1;
        Ok(self.failed(PauseReason::StrangeReply, reply, now, jitter))
    }
}
