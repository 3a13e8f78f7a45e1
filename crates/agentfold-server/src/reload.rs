//! [`follow`]: takes over what changes in files while the server runs.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::{MissedTickBehavior, interval};

use crate::config::Config;
use crate::signals::Hangup;
use crate::tls::Tls;

/// How often the files are looked at. SIGHUP makes it at once.
const EVERY: Duration = Duration::from_secs(3);

/// Reads the accounts and the certificate again when their files change, until it is dropped. What is wrong is
/// logged once for each change, and changes nothing.
pub(crate) async fn follow(config: Arc<Config>, tls: Option<Tls>, mut hangup: Hangup) {
    let mut state = Some(Followed { config, tls });
    let mut tick = interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while let Some(mut followed) = state.take() {
        let is_asked = tokio::select! {
            _ = tick.tick() => false,
            () = hangup.received() => true,
        };
        // Files may be on a slow disk.
        let looked = spawn_blocking(move || {
            followed.look(is_asked);
            followed
        });
        state = looked.await.ok();
    }
}

struct Followed {
    config: Arc<Config>,
    tls: Option<Tls>,
}

impl Followed {
    fn look(&mut self, is_asked: bool) {
        if self.config.has_changed() || is_asked {
            match self.config.reload() {
                Ok(needs_restart) => {
                    let accounts = self.config.accounts.all().len();
                    tracing::info!(accounts, "read the accounts again");
                    if needs_restart {
                        tracing::warn!("settings changed that take effect with the next start");
                    }
                }
                Err(error) => tracing::error!(%error, "the accounts stay as they were"),
            }
        }
        match self.tls.as_mut().map(Tls::renew) {
            Some(Ok(true)) => tracing::info!("read the certificate again"),
            Some(Err(error)) => tracing::error!(%error, "the certificate stays as it was"),
            _ => {}
        }
    }
}
