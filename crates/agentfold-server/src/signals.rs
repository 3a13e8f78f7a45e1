//! [`Signals`]: what the system asks of the server.

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Signals, which are caught as soon as this exists. It is made in a runtime.
pub(crate) struct Signals {
    pub(crate) hangup: Hangup,
    pub(crate) end: End,
}

/// SIGHUP, on systems that have it.
pub(crate) struct Hangup {
    #[cfg(unix)]
    signal: Option<Signal>,
}

/// SIGTERM or Ctrl-C.
pub(crate) struct End {
    #[cfg(unix)]
    terminate: Option<Signal>,
    #[cfg(unix)]
    interrupt: Option<Signal>,
}

impl Signals {
    #[cfg(unix)]
    pub(crate) fn new() -> Signals {
        let caught = |kind| signal(kind).ok();
        Signals {
            hangup: Hangup { signal: caught(SignalKind::hangup()) },
            end: End {
                terminate: caught(SignalKind::terminate()),
                interrupt: caught(SignalKind::interrupt()),
            },
        }
    }

    #[cfg(not(unix))]
    pub(crate) fn new() -> Signals {
        Signals { hangup: Hangup {}, end: End {} }
    }
}

impl Hangup {
    pub(crate) async fn received(&mut self) {
        #[cfg(unix)]
        received(&mut self.signal).await;
        #[cfg(not(unix))]
        std::future::pending::<()>().await;
    }
}

impl End {
    pub(crate) async fn received(&mut self) {
        #[cfg(unix)]
        tokio::select! {
            () = received(&mut self.terminate) => {}
            () = received(&mut self.interrupt) => {}
        }
        #[cfg(not(unix))]
        drop(tokio::signal::ctrl_c().await);
    }
}

/// Waits for a signal; forever if it could not be caught.
#[cfg(unix)]
async fn received(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}
