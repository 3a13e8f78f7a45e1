//! `agentfold pull`: the Chat incremental export of Zendesk.

mod args;
mod bookmark;
mod credentials;
mod store;
mod zendesk;

use std::io::{self, IsTerminal};
use std::thread::sleep;
use std::time::{Duration, Instant as Clock};

use agentfold::Instant;
use agentfold::export::{Cursor, Page, Pause, Reply, Step, Taken};
use indicatif::{ProgressBar, ProgressStyle};

pub(crate) use self::args::PullArgs;

use self::bookmark::Bookmark;
use self::store::Store;
use self::zendesk::{Zendesk, is_final};
use crate::clock::now;
use crate::failure::Failure;
use crate::output::tell;

pub(crate) fn run(args: &PullArgs) -> Result<(), Failure> {
    let zendesk = Zendesk::new(args)?;
    let mut pull = Pull::begin(args, &zendesk)?;
    let done = pull.until_done(&zendesk);
    pull.bar.finish_and_clear();
    if !matches!(done, Err(Failure::ClosedPipe)) {
        tell(&pull.summary());
    }
    done
}

/// How long to retry without success, unless --follow or --patience is given.
const PATIENCE: Duration = Duration::from_secs(600);

/// A pull in progress.
struct Pull<'a> {
    args: &'a PullArgs,
    bookmark: Bookmark,
    store: Store,
    bar: ProgressBar,
    /// The instant at the left end of the progress bar.
    start: Instant,
    events: u64,
    repeats: usize,
    /// When the last page arrived.
    heard: Clock,
}

impl<'a> Pull<'a> {
    /// Continues at the saved cursor, or begins at --since.
    fn begin(args: &'a PullArgs, zendesk: &Zendesk) -> Result<Pull<'a>, Failure> {
        let saved = args.cursor.as_deref().map(Bookmark::load).transpose()?.flatten();
        let mut bookmark = match (saved, args.since) {
            (Some(saved), _) => resumed(saved, args, zendesk)?,
            (None, Some(since)) => {
                let cursor = Cursor::new(since).with_endpoint(args.endpoint.into());
                Bookmark { host: zendesk.host.clone(), cursor, out: None }
            }
            (None, None) => {
                let message = "no cursor to continue from: give --since";
                return Err(Failure::WrongUse(message.to_owned()));
            }
        };
        bookmark.cursor = bookmark.cursor.with_limit(args.limit);
        if args.all_fields {
            bookmark.cursor = bookmark.cursor.with_all_fields();
        }
        let store = match &args.out {
            Some(file) => Store::open(file, bookmark.out)?,
            None => Store::Output(io::stdout()),
        };
        let start = bookmark.cursor.start_time();
        let bar = progress_bar(args, start);
        let (events, repeats, heard) = (0, 0, Clock::now());
        let mut pull = Pull { args, bookmark, store, bar, start, events, repeats, heard };
        // The cursor records the file before the first event is written to it.
        pull.save()?;
        Ok(pull)
    }

    fn until_done(&mut self, zendesk: &Zendesk) -> Result<(), Failure> {
        loop {
            let request = match self.bookmark.cursor.next(now()) {
                Step::Request(request) => request,
                Step::Pause(_) if !self.args.follow => return Ok(()),
                Step::Pause(pause) => {
                    sleep(pause.length);
                    continue;
                }
            };
            let got = match zendesk.send(&request) {
                Ok(got) => got,
                Err(error) if is_final(&error) => {
                    return Err(Failure::Problems(format!("no reply: {error}")));
                }
                Err(error) => {
                    let pause = self.bookmark.cursor.lost(fastrand::f64());
                    self.pause(pause, &error.to_string())?;
                    continue;
                }
            };
            let headers: Vec<(&str, &str)> =
                got.headers.iter().map(|(name, value)| (&**name, &**value)).collect();
            let reply = Reply {
                host: &zendesk.host,
                status: got.status,
                headers: &headers,
                body: &got.body,
            };
            match self.bookmark.cursor.take(&reply, now(), fastrand::f64()) {
                Ok(Taken::Page(page)) => {
                    self.keep(&page)?;
                    if page.is_last && !self.args.follow {
                        return Ok(());
                    }
                    if page.is_last {
                        sleep(self.args.every.into());
                    }
                }
                Ok(Taken::Pause(pause)) => self.pause(pause, &format!("status {}", got.status))?,
                Err(refusal) => return Err(Failure::Problems(refusal.to_string())),
            }
        }
    }

    /// Stores the events of a page, then the cursor.
    fn keep(&mut self, page: &Page<'_>) -> Result<(), Failure> {
        self.heard = Clock::now();
        self.store.write(page)?;
        self.save()?;
        self.events += page.events.len() as u64;
        self.repeats += page.repeats;
        let to = self.bookmark.cursor.start_time();
        self.bar.set_position(seconds_between(self.start, to));
        self.bar.set_message(format!("{} events, up to {to}", self.events));
        Ok(())
    }

    fn summary(&self) -> String {
        let Pull { events, repeats, .. } = self;
        let to = self.bookmark.cursor.start_time();
        format!("pulled {events} events, left out {repeats} duplicates, up to {to}")
    }

    fn save(&mut self) -> Result<(), Failure> {
        let Some(file) = &self.args.cursor else {
            return Ok(());
        };
        self.bookmark.out = self.store.extent()?;
        self.bookmark.save(file)
    }

    /// Waits before the next attempt, or gives up if no page has arrived for too long.
    fn pause(&self, pause: Pause, why: &str) -> Result<(), Failure> {
        let Pause { reason, length, .. } = pause;
        let length_text = format!("{:.1} s", length.as_secs_f64());
        let patience = match (self.args.patience, self.args.follow) {
            (Some(patience), _) => patience.into(),
            (None, true) => Duration::MAX,
            (None, false) => PATIENCE,
        };
        if self.heard.elapsed() + length > patience {
            return Err(Failure::Problems(format!(
                "gave up after {:.0} s without a page ({reason}: {why}): run the command again in \
                 {length_text} or later; all pages received so far are stored",
                self.heard.elapsed().as_secs_f64()
            )));
        }
        self.bar.suspend(|| tell(&format!("{reason} ({why}): trying again in {length_text}")));
        sleep(length);
        Ok(())
    }
}

/// The saved cursor, if it belongs to the requested host and endpoint.
fn resumed(saved: Bookmark, args: &PullArgs, zendesk: &Zendesk) -> Result<Bookmark, Failure> {
    let wrong = |other: &str| {
        Failure::WrongUse(format!(
            "the cursor belongs to {other}: give a different --cursor for this pull"
        ))
    };
    if saved.host != zendesk.host {
        return Err(wrong(&saved.host));
    }
    let endpoint = saved.cursor.endpoint();
    if endpoint != args.endpoint.into() {
        return Err(wrong(endpoint.path()));
    }
    Ok(saved)
}

/// A progress bar over the time from `start` to now, unless events are printed to the terminal.
fn progress_bar(args: &PullArgs, start: Instant) -> ProgressBar {
    if args.follow || args.out.is_none() && io::stdout().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = "{bar:40} {msg}, {eta} left";
    let style = ProgressStyle::with_template(style).expect("the template is right");
    ProgressBar::new(seconds_between(start, now())).with_style(style)
}

fn seconds_between(from: Instant, to: Instant) -> u64 {
    u64::try_from(to.unix_seconds() - from.unix_seconds()).unwrap_or(0)
}
