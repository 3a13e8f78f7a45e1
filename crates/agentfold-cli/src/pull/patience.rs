//! [`Patience`]: how long to try again without success.

use std::thread::sleep;
use std::time::{Duration, Instant as Clock};

use indicatif::ProgressBar;

use super::args::PullArgs;
use crate::failure::Failure;
use crate::output::tell;

/// How long to retry without success, unless --follow or --patience is given.
const PATIENCE: Duration = Duration::from_secs(600);

/// How long to try again without a page, and since when there is none.
pub(crate) struct Patience {
    most: Duration,
    heard: Clock,
    /// What becomes of the pages so far if it ends, in words.
    kept: &'static str,
}

impl Patience {
    pub(crate) fn new(args: &PullArgs, kept: &'static str) -> Patience {
        let most = match (args.patience, args.follow) {
            (Some(patience), _) => patience.into(),
            (None, true) => Duration::MAX,
            (None, false) => PATIENCE,
        };
        Patience { most, heard: Clock::now(), kept }
    }

    /// Records that a page came.
    pub(crate) fn renew(&mut self) {
        self.heard = Clock::now();
    }

    /// Waits before the next attempt, or gives up if no page has arrived for too long.
    pub(crate) fn wait(
        &self,
        length: Duration,
        why: &str,
        bar: &ProgressBar,
    ) -> Result<(), Failure> {
        let length_text = format!("{:.1} s", length.as_secs_f64());
        if self.heard.elapsed() + length > self.most {
            return Err(Failure::Problems(format!(
                "gave up after {:.0} s without a page: {why}: run the command again in {length_text} \
                 or later; {}",
                self.heard.elapsed().as_secs_f64(),
                self.kept
            )));
        }
        bar.suspend(|| tell(&format!("{why}: trying again in {length_text}")));
        sleep(length);
        Ok(())
    }
}
