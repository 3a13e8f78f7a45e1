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

#[cfg(test)]
mod tests {
    use std::fs;

    use agentfold::Id;

    use super::*;
    use crate::config::Settings;

    #[test]
    fn a_secret_is_rotated_without_a_restart() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("agentfold.toml");
        let write = |text: &str| fs::write(&file, text).expect("written");
        write("[accounts.1]\nsecrets = [\"old\"]");
        let given = Settings { config: Some(file.clone()), ..Settings::default() };
        let config = Arc::new(Config::load(given).expect("good"));
        let mut followed = Followed { config: Arc::clone(&config), tls: None };
        let secrets = || config.accounts.of(Id::new(1)).map(|account| account.secrets.len());
        for (text, count) in [
            ("[accounts.1]\nsecrets = [\"old\", \"new\"]", 2),
            ("[accounts.1]\nsecrets = [\"new\"", 2),
            ("[accounts.1]\nsecrets = [\"new\"]", 1),
        ] {
            write(text);
            followed.look(false);
            assert_eq!(secrets(), Some(count), "{text}");
        }
    }
}
