//! `agentfold deliver`: sends events to a receiver of webhooks, as Zendesk does.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{scope, sleep};
use std::time::{Duration, Instant as Clock};

use agentfold::Id;
use agentfold::stream::{Record, Stream};
use agentfold::webhook::{ACCOUNT_HEADER, Secret, sign};
use clap::{Args, value_parser};
use hdrhistogram::Histogram;
use indicatif::{ProgressBar, ProgressStyle};
use ureq::Agent;
use ureq::http::Uri;

use crate::args::Source;
use crate::client::{checked, client, is_final};
use crate::clock::now;
use crate::failure::Failure;
use crate::input::{self, Place, Reader};
use crate::output::{counted, tell};
use crate::secret::SecretArgs;

/// How long Zendesk waits for an answer.
const ANSWER: Duration = Duration::from_secs(12);
/// The first and the longest pause before an event is sent again.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// Deliver events to a server, signed as Zendesk signs them
///
/// Sends each event in a request of its own, over several connections, so events arrive out of order.
/// The secret comes from the environment variable AGENTFOLD_SECRET, or from a file.
///
/// An event is sent again if the server does not answer within 12 seconds, or with status 409, 429 or
/// 5xx, until --patience ends. Statuses 400 and 413 refuse one event, and the others go on. Any other
/// status ends the command, since it would be that of the other events, too.
///
/// Exit codes: 0 all events were accepted; 1 some were refused or could not be read, or the command
/// ended early; 2 wrong usage, no secret, or a file cannot be read.
///
/// Examples:
///   export AGENTFOLD_SECRET=the-secret-of-my-test-server
///   agentfold deliver day.ndjson --to http://127.0.0.1:8080/webhooks/zendesk
///   agentfold simulate --until-now | agentfold deliver --account 10000345 --rate 50 \
///     --to http://127.0.0.1:8080/webhooks/zendesk
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct DeliverArgs {
    #[command(flatten)]
    pub(crate) source: Source,
    /// Address of the webhook; http:// for this machine only
    #[arg(long, value_name = "URL")]
    pub(crate) to: String,
    #[command(flatten)]
    pub(crate) secret: SecretArgs,
    /// Leave out events of other accounts
    #[arg(long, value_name = "ID")]
    pub(crate) account: Option<Id>,
    /// Number of connections, each with one delivery at a time
    #[arg(long, default_value_t = 8, value_name = "N", value_parser = value_parser!(u16).range(1..=1024))]
    pub(crate) connections: u16,
    /// Maximum number of deliveries a second; default: as many as the server answers
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..))]
    pub(crate) rate: Option<u32>,
    /// How long to try to deliver an event
    #[arg(long, default_value = "1m", value_name = "DURATION")]
    pub(crate) patience: humantime::Duration,
    /// Trust only the certificates in this PEM file
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_file: Option<PathBuf>,
}

pub(crate) fn run(args: &DeliverArgs) -> Result<(), Failure> {
    let secret = args.secret.secret()?;
    let (url, is_plain) = checked("--to", &args.to)?;
    let connections = usize::from(args.connections);
    let client = client(args.ca_file.as_deref(), is_plain)?
        .max_idle_connections(connections)
        .max_idle_connections_per_host(connections)
        .timeout_global(Some(ANSWER));
    let style = ProgressStyle::with_template("{human_pos} events delivered, {per_sec}");
    let style = style.expect("INVARIANT: the template is right");
    let webhook = Webhook {
        client: client.build().new_agent(),
        url,
        secret,
        patience: args.patience,
        bar: ProgressBar::no_length().with_style(style),
        tally: Mutex::new(Tally::new()),
    };
    let (send, queue) = sync_channel(connections);
    let queue = Mutex::new(queue);
    let begin = Clock::now();
    let mut events = Events {
        args,
        webhook: &webhook,
        send,
        begin,
        sent: 0,
        unreadable: 0,
        of_none: 0,
        of_others: 0,
    };
    let (read, unreadable, of_none, of_others) = scope(|scope| {
        for _ in 0..connections {
            scope.spawn(|| webhook.deliver_all(&queue));
        }
        let read = input::read(&args.source, &mut events);
        let Events { unreadable, of_none, of_others, .. } = events;
        // The queue ends, and the connections with it.
        drop(events);
        (read, unreadable, of_none, of_others)
    });
    webhook.bar.finish_and_clear();
    let tally = webhook.tally.into_inner().unwrap_or_else(PoisonError::into_inner);
    tell(&tally.summary(begin.elapsed()));
    if of_others > 0 {
        tell(&format!("left out {} of other accounts", counted(of_others, "event")));
    }
    if of_none > 0 {
        tell(&format!("left out {} of no agent: give --account", counted(of_none, "event")));
    }
    if let Some(failure) = tally.failure {
        return Err(failure);
    }
    read?;
    match unreadable + of_none + tally.refused.values().sum::<u64>() {
        0 => Ok(()),
        count => Err(Failure::Problems(format!("{} not delivered", counted(count, "event")))),
    }
}

/// An event to deliver.
pub(crate) struct Delivery {
    pub(crate) account: Id,
    pub(crate) body: String,
}

/// The events of a source, on their way to the connections.
struct Events<'a> {
    args: &'a DeliverArgs,
    webhook: &'a Webhook,
    send: SyncSender<Delivery>,
    begin: Clock,
    sent: u64,
    unreadable: u64,
    /// Events of no agent, so that their account is not known.
    of_none: u64,
    of_others: u64,
}

impl Reader for Events<'_> {
    /// What is read says little about what is delivered.
    const PROGRESS: bool = false;

    fn take(&mut self, place: &Place<'_>, stream: &mut Stream) -> Result<(), Failure> {
        while let Some(record) = stream.next() {
            match record {
                Record::Event(event) => {
                    let agent = event.agent();
                    let Some(account) = agent.map(|agent| agent.account_id).or(self.args.account)
                    else {
                        self.of_none += 1;
                        continue;
                    };
                    if self.args.account.is_some_and(|only| only != account) {
                        self.of_others += 1;
                        continue;
                    }
                    if let Some(rate) = self.args.rate {
                        let due = Duration::from_secs_f64(self.sent as f64 / f64::from(rate));
                        sleep(due.saturating_sub(self.begin.elapsed()));
                    }
                    self.sent += 1;
                    let delivery = Delivery { account, body: event.to_json() };
                    if self.webhook.is_over() || self.send.send(delivery).is_err() {
                        return Err(Failure::Problems("not all events were sent".to_owned()));
                    }
                }
                Record::Unreadable(bad) => {
                    self.unreadable += u64::from(!bad.is_warning());
                    self.webhook.bar.suspend(|| place.report(&bad));
                }
            }
        }
        Ok(())
    }
}

/// The receiver, and what became of the deliveries to it.
struct Webhook {
    client: Agent,
    url: Uri,
    secret: Secret,
    patience: humantime::Duration,
    bar: ProgressBar,
    tally: Mutex<Tally>,
}

impl Webhook {
    /// Delivers what is queued, over one connection.
    fn deliver_all(&self, queue: &Mutex<Receiver<Delivery>>) {
        loop {
            let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(delivery) = next else { return };
            // What is queued is taken in any case, so that the sender does not wait.
            if !self.is_over()
                && let Err(failure) = self.deliver(&delivery)
            {
                self.tally().failure.get_or_insert(failure);
            }
        }
    }

    /// Delivers an event, however often it has to be sent. Fails if the other events would fail, too.
    fn deliver(&self, delivery: &Delivery) -> Result<(), Failure> {
        let begin = Clock::now();
        let (mut pause, longest) = PAUSES;
        loop {
            let sent = Clock::now();
            let why = match post(&self.client, &self.url, &self.secret, delivery) {
                Ok(200..300) => {
                    self.bar.inc(1);
                    self.tally().times.saturating_record(micros(sent.elapsed()));
                    return Ok(());
                }
                Ok(status @ (400 | 413)) => {
                    *self.tally().refused.entry(status).or_default() += 1;
                    return Ok(());
                }
                Ok(status @ (409 | 429 | 500..)) => format!("status {status}"),
                Ok(status) => return Err(refusal(status, delivery.account)),
                Err(error) if is_final(&error) => {
                    return Err(Failure::Problems(format!("no answer: {error}")));
                }
                Err(error) => format!("no answer: {error}"),
            };
            let left = self.patience.saturating_sub(begin.elapsed());
            if left.is_zero() {
                return Err(Failure::Problems(format!("gave up after {}: {why}", self.patience)));
            }
            if self.is_over() {
                return Ok(());
            }
            let is_first = {
                let mut tally = self.tally();
                tally.again += 1;
                tally.again == 1
            };
            if is_first {
                let line = format!("{why}: trying again for up to {}", self.patience);
                self.bar.suspend(|| tell(&line));
            }
            // At different times, so that the connections do not all ask at once.
            sleep(pause.mul_f64(0.5 + fastrand::f64() / 2.0).min(left));
            pause = (2 * pause).min(longest);
        }
    }

    fn is_over(&self) -> bool {
        self.tally().failure.is_some()
    }

    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sends an event, and returns the status of the answer.
pub(crate) fn post(
    client: &Agent,
    url: &Uri,
    secret: &Secret,
    delivery: &Delivery,
) -> Result<u16, ureq::Error> {
    let mut request = client
        .post(url)
        .header("content-type", "application/json")
        .header(ACCOUNT_HEADER, delivery.account.to_string());
    for (name, value) in sign(delivery.body.as_bytes(), secret, now()) {
        request = request.header(name, value);
    }
    let mut response = request.send(&delivery.body)?;
    // A connection is used again once its answer was read.
    response.body_mut().read_to_vec()?;
    Ok(response.status().as_u16())
}

/// What became of the deliveries so far.
struct Tally {
    /// How long the answers that accepted an event took, in microseconds.
    times: Histogram<u64>,
    /// How often an event was sent again.
    again: u64,
    /// How many events were refused with a status.
    refused: BTreeMap<u16, u64>,
    /// Why the other deliveries would fail, too.
    failure: Option<Failure>,
}

impl Tally {
    fn new() -> Tally {
        let times = Histogram::new_with_max(60_000_000, 2);
        let times = times.expect("INVARIANT: the bounds are right");
        Tally { times, again: 0, refused: BTreeMap::new(), failure: None }
    }

    fn summary(&self, length: Duration) -> String {
        let accepted = self.times.len();
        let seconds = length.as_secs_f64();
        let mut text = format!("delivered {} in {seconds:.1} s", counted(accepted, "event"));
        if accepted > 0 {
            let ms = |share| self.times.value_at_quantile(share) as f64 / 1000.0;
            let rate = accepted as f64 / seconds;
            let (half, most) = (ms(0.5), ms(0.99));
            text += &format!(", {rate:.0} a second");
            text += &format!("; half were answered within {half:.1} ms, 99 % within {most:.1} ms");
        }
        if self.again > 0 {
            text += &format!("; sent again {}", counted(self.again, "time"));
        }
        for (status, count) in &self.refused {
            text += &format!("; {count} refused with status {status}");
        }
        text
    }
}

/// Why a status ends the command.
fn refusal(status: u16, account: Id) -> Failure {
    let why = match status {
        401 => &*format!(
            "the server does not trust it: give the secret of the webhook of account {account}, and \
             set up that account there"
        ),
        404 | 405 => "no webhook is received there: check --to",
        _ => "no other event would be accepted",
    };
    Failure::Problems(format!("a delivery was answered with status {status}: {why}"))
}

fn micros(length: Duration) -> u64 {
    u64::try_from(length.as_micros()).unwrap_or(u64::MAX)
}
