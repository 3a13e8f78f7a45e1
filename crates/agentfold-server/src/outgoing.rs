//! Requests that the server itself sends.

use std::io;
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;
use ureq::Agent;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(10);

/// Runs what waits for an answer on a thread of its own. Nothing waits for the thread when the server stops.
///
/// # Errors
/// If the system gives no thread, or the work panicked.
pub(crate) async fn on_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<T> {
    let (reply, replied) = oneshot::channel();
    let builder = thread::Builder::new().name("outgoing".to_owned());
    builder.spawn(move || drop(reply.send(work())))?;
    replied.await.map_err(|_| io::Error::other("the thread panicked"))
}

/// A client of an origin that waits so long for a whole answer. It follows no redirect, which could take credentials to
/// another host.
pub(crate) fn client(origin: &str, answer: Duration) -> Agent {
    let mut config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .user_agent(concat!("agentfold/", env!("CARGO_PKG_VERSION")))
        .timeout_connect(Some(CONNECT))
        .timeout_global(Some(answer));
    if !origin.starts_with("https://") {
        // What is sent without TLS goes straight there: for credentials, that is this machine.
        config = config.proxy(None);
    }
    config.build().new_agent()
}
