//! `agentfold pull`: the Chat incremental export of Zendesk.

mod args;
mod bookmark;
mod credentials;
mod names;
mod patience;
mod replaced;
mod store;
mod zendesk;

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use agentfold::Instant;
use agentfold::export::{Apart, Cursor, Note, Page, Refusal, Reply, Step, Taken};
use indicatif::{ProgressBar, ProgressStyle};
use same_file::{Handle, is_same_file};

pub(crate) use self::args::PullArgs;

use self::bookmark::Bookmark;
use self::patience::Patience;
use self::replaced::new_file;
use self::store::{Store, apart_of, irregular};
use self::zendesk::Zendesk;
use crate::clock::now;
use crate::failure::Failure;
use crate::output::{counted, tell};

pub(crate) fn run(args: &PullArgs) -> Result<(), Failure> {
    let zendesk = Zendesk::new(args)?;
    if let Some(file) = &args.names {
        return names::pull(args, &zendesk, file);
    }
    let mut pull = Pull::begin(args, &zendesk)?;
    let done = pull.until_done(&zendesk);
    pull.bar.finish_and_clear();
    if !matches!(done, Err(Failure::ClosedPipe)) {
        tell(&pull.summary());
    }
    done
}

/// How many records of a page that are kept apart are named.
const TOLD: usize = 20;

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
    patience: Patience,
    /// Whether a page arrived.
    has_heard: bool,
}

impl<'a> Pull<'a> {
    /// Continues at the saved cursor, or begins at --since.
    fn begin(args: &'a PullArgs, zendesk: &Zendesk) -> Result<Pull<'a>, Failure> {
        refuse_one_file_for_both(args)?;
        let saved = args.cursor.as_deref().map(Bookmark::load).transpose()?.flatten();
        let mut bookmark = match (saved, args.since) {
            (Some(saved), _) => resumed(saved, args, zendesk)?,
            (None, Some(since)) if since > now() => {
                let message = "--since is in the future by this machine's clock: give an earlier \
                               instant, or check the clock";
                return Err(Failure::WrongUse(message.to_owned()));
            }
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
            Some(file) => Store::open(file, bookmark.out, args.new_out)?,
            None => Store::Output(io::stdout()),
        };
        // Once more, since a link may lead to the file only now that it is there.
        refuse_one_file_for_both(args)?;
        let start = bookmark.cursor.start_time();
        let bar = progress_bar(args, start);
        let patience = Patience::new(args, "all pages received so far are stored");
        let (events, repeats, has_heard) = (0, 0, false);
        let mut pull =
            Pull { args, bookmark, store, bar, start, events, repeats, patience, has_heard };
        // The cursor records the file before the first event is written to it.
        pull.save()?;
        Ok(pull)
    }

    fn until_done(&mut self, zendesk: &Zendesk) -> Result<(), Failure> {
        loop {
            let request = match self.bookmark.cursor.next(now()) {
                Ok(Step::Request(request)) => request,
                Ok(Step::Pause(_)) if !self.args.follow => return Ok(()),
                Ok(Step::Pause(pause)) => {
                    sleep(pause.length);
                    continue;
                }
                Err(refusal) => {
                    self.refused(&refusal)?;
                    continue;
                }
            };
            let got = match zendesk.send(request.path, &request.query, request.max_bytes) {
                Ok(got) => got,
                // What worked before may work again.
                Err(lost) if lost.is_final && !(self.args.follow && self.has_heard) => {
                    return Err(Failure::Problems(format!("no reply: {}", lost.why)));
                }
                Err(lost) => {
                    let pause = self.bookmark.cursor.lost(fastrand::f64());
                    self.pause(pause.length, &format!("{} ({})", pause.reason, lost.why))?;
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
                Ok(Taken::Pause(pause)) => {
                    self.pause(pause.length, &format!("{} (status {})", pause.reason, got.status))?;
                }
                Err(refusal) => self.refused(&refusal)?,
            }
        }
    }

    /// Stores the events of a page, then the cursor.
    fn keep(&mut self, page: &Page<'_>) -> Result<(), Failure> {
        self.patience.renew();
        self.has_heard = true;
        self.keep_apart(&page.apart)?;
        for Note { code, path, message, .. } in &page.warnings {
            self.tell(&format!("warning: {code} at {path}: {message}"));
        }
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

    /// Stores the records that are kept apart, and reports them.
    fn keep_apart(&self, records: &[Apart<'_>]) -> Result<(), Failure> {
        if records.is_empty() {
            return Ok(());
        }
        let place = match &self.args.out {
            Some(out) => {
                let file = apart_of(out);
                Store::write_apart(&file, records)?;
                format!("kept apart in {}", file.display())
            }
            None => "left out, since there is no --out to keep them beside".to_owned(),
        };
        let mut kinds: BTreeMap<_, (&str, Vec<&str>)> = BTreeMap::new();
        for Apart { note, .. } in records {
            kinds.entry(note.code).or_insert((note.message, Vec::new())).1.push(&note.path);
        }
        for (code, (message, paths)) in kinds {
            let (count, more) = (counted(paths.len() as u64, "record"), paths.len().min(TOLD));
            let dots = if more < paths.len() { ", ..." } else { "" };
            let paths = paths[..more].join(", ");
            self.tell(&format!("warning: {code}: {count} {place}, at {paths}{dots}: {message}"));
        }
        Ok(())
    }

    /// Waits if the reason may pass and the pull goes on, or fails.
    fn refused(&mut self, refusal: &Refusal) -> Result<(), Failure> {
        if !self.args.follow || !refusal.may_pass {
            return Err(Failure::Problems(refusal.to_string()));
        }
        let pause = self.bookmark.cursor.lost(fastrand::f64());
        self.pause(pause.length, &refusal.to_string())
    }

    fn pause(&self, length: Duration, why: &str) -> Result<(), Failure> {
        self.patience.wait(length, why, &self.bar)
    }

    /// Writes a line to standard error, above the progress bar.
    fn tell(&self, line: &str) {
        self.bar.suspend(|| tell(line));
    }
}

/// Refuses to write the events and the cursor to one file, by whatever names.
fn refuse_one_file_for_both(args: &PullArgs) -> Result<(), Failure> {
    let Some(cursor) = &args.cursor else {
        return Ok(());
    };
    let place = fs::canonicalize(cursor).unwrap_or_else(|_| cursor.clone());
    let cursors = [cursor.clone(), new_file(cursor), new_file(&place)];
    let outs = args.out.iter().flat_map(|out| [out.clone(), apart_of(out)]);
    let is_shared = outs.into_iter().any(|out| cursors.iter().any(|file| is_one(&out, file)));
    let is_output = args.out.is_none()
        && irregular(cursor).is_none()
        && Handle::stdout()
            .is_ok_and(|output| Handle::from_path(cursor).is_ok_and(|c| c == output));
    if is_shared || is_output {
        let message = "the events and the cursor would be written to one file: give --cursor and \
                       --out different names, of which neither is the other with .new or .apart";
        return Err(Failure::WrongUse(message.to_owned()));
    }
    Ok(())
}

/// Whether two paths lead to one file, also if it is not there yet.
fn is_one(one: &Path, other: &Path) -> bool {
    let full = |path: &Path| -> Option<PathBuf> {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let folder = fs::canonicalize(parent.unwrap_or(Path::new("."))).ok()?;
        Some(folder.join(path.file_name()?))
    };
    // To compare pipes would open them, and wait for their other ends. They are refused anyway.
    let are_files = irregular(one).is_none() && irregular(other).is_none();
    are_files && is_same_file(one, other).unwrap_or(false)
        || full(one).is_some_and(|one| Some(one) == full(other))
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
    if saved.cursor.start_time() > now() {
        let message = "the cursor begins in the future by this machine's clock, so it would never \
                       pull anything: check the clock, or delete the cursor and give --since";
        return Err(Failure::WrongUse(message.to_owned()));
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
