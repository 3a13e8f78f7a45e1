//! [`Writer`]: the thread that stores events.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread;
use std::time::{Duration, Instant};

use agentfold::{Fold, Id, Outcome};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

use crate::database::{Database, StoreError};
use crate::feed::Feed;
use crate::history::History;
use crate::live::{Delivery, Live, Taken};
use crate::metrics::Metrics;
use crate::upkeep::Upkeep;

/// How many deliveries wait at most. More are refused, and Zendesk sends them again.
const QUEUE: usize = 4096;

/// How many deliveries are stored in one transaction.
const BATCH: usize = 512;

/// How long upkeep may be put off while deliveries arrive.
const PUT_OFF: Duration = Duration::from_millis(100);

/// Why an event was not stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotStored {
    /// Too many deliveries wait.
    QueueFull,
    /// The database can't be written, or the server stops.
    Failed,
}

type Reply = oneshot::Sender<Result<Outcome, NotStored>>;

enum Job {
    Store(Delivery, Reply),
    Run(Box<dyn FnOnce(&mut Desk) + Send>),
    /// Looks whether something is due.
    Tick,
}

/// The way to the thread that stores events.
#[derive(Clone)]
pub(crate) struct Writer {
    jobs: mpsc::Sender<Job>,
    shared: Arc<Shared>,
}

/// What other threads see of the accounts.
pub(crate) struct Shared {
    feeds: RwLock<HashMap<Id, Arc<Feed>>>,
    /// How many events of an account had each outcome since the server started.
    outcomes: Mutex<HashMap<Id, BTreeMap<&'static str, u64>>>,
    pub(crate) metrics: Metrics,
}

/// What the thread has.
pub(crate) struct Desk {
    pub(crate) database: Database,
    pub(crate) shared: Arc<Shared>,
    /// `None` if an account has to be read from storage again.
    lives: HashMap<Id, Option<Live>>,
    upkeep: Upkeep,
}

impl Writer {
    /// Restores the accounts that are stored, and starts the thread. The second result ends with it.
    pub(crate) fn start(
        database: Database,
        upkeep: Upkeep,
        metrics: Metrics,
        runtime: Handle,
    ) -> Result<(Writer, thread::JoinHandle<()>), StoreError> {
        let desk = Desk::new(database, upkeep, metrics)?;
        let shared = Arc::clone(&desk.shared);
        let (jobs, waiting) = mpsc::channel(QUEUE);
        let thread = thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || desk.run(waiting, &runtime))?;
        Ok((Writer { jobs, shared }, thread))
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Stores an event. It is durable once this returns `Ok`.
    pub(crate) async fn store(&self, delivery: Delivery) -> Result<Outcome, NotStored> {
        let (reply, replied) = oneshot::channel();
        self.jobs.try_send(Job::Store(delivery, reply)).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => NotStored::QueueFull,
            mpsc::error::TrySendError::Closed(_) => NotStored::Failed,
        })?;
        replied.await.unwrap_or(Err(NotStored::Failed))
    }

    /// Stores events of an account that nobody sends again, and waits for its turn. They are durable once this returns
    /// `Ok`; if not, some may be.
    pub(crate) async fn store_all(&self, deliveries: Vec<Delivery>) -> Result<(), NotStored> {
        let mut replies = Vec::with_capacity(deliveries.len());
        for delivery in deliveries {
            let (reply, replied) = oneshot::channel();
            let job = Job::Store(delivery, reply);
            self.jobs.send(job).await.map_err(|_| NotStored::Failed)?;
            replies.push(replied);
        }
        for replied in replies {
            replied.await.unwrap_or(Err(NotStored::Failed))?;
        }
        Ok(())
    }

    /// Changes what is stored of an account and its agents in memory together. Waits for its turn.
    pub(crate) async fn change<T: Send + 'static>(
        &self,
        account: Id,
        change: impl FnOnce(&History<'_>, &mut Live) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.run(move |desk| desk.change(account, |history, live, _| change(history, live))).await?
    }

    /// The fold of an account as it is stored now, and its first day; `None` if nothing is known of the account.
    ///
    /// # Errors
    /// If the account could not be read again after a failure, or the server stops.
    pub(crate) async fn snapshot(&self, account: Id) -> Result<Option<(Fold, i64)>, StoreError> {
        self.run(move |desk| desk.snapshot(account)).await?
    }

    /// The fold of an account as it is stored now, without agents if nothing is known of it.
    ///
    /// # Errors
    /// As [`Writer::snapshot`].
    pub(crate) async fn fold(&self, account: Id) -> Result<Fold, StoreError> {
        Ok(self.snapshot(account).await?.map_or_else(Fold::new, |(fold, _)| fold))
    }

    /// How many agents are in memory.
    ///
    /// # Errors
    /// If the server stops.
    pub(crate) async fn agents(&self) -> Result<usize, StoreError> {
        self.run(|desk| desk.lives.values().flatten().map(|live| live.fold.len()).sum()).await
    }

    /// Runs something on the thread, in its turn.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Desk) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let stopped = || StoreError::Io("the server stops".to_owned());
        let (reply, replied) = oneshot::channel();
        let job = Job::Run(Box::new(move |desk| drop(reply.send(work(desk)))));
        self.jobs.send(job).await.map_err(|_| stopped())?;
        replied.await.map_err(|_| stopped())
    }

    /// Whether the thread runs. If it panicked, nothing can be stored any more.
    pub(crate) fn is_running(&self) -> bool {
        !self.jobs.is_closed()
    }

    /// Lets the thread look whether something is due.
    pub(crate) fn tick(&self) {
        // If the queue is full, there is no time for it.
        drop(self.jobs.try_send(Job::Tick));
    }
}

impl Shared {
    pub(crate) fn feed(&self, account: Id) -> Arc<Feed> {
        let read = self.feeds.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(feed) = read.get(&account) {
            return Arc::clone(feed);
        }
        drop(read);
        let mut feeds = self.feeds.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(feeds.entry(account).or_insert_with(|| Arc::new(Feed::new())))
    }

    fn count(&self, account: Id, outcome: &Outcome) {
        self.metrics.outcome(outcome);
        let mut outcomes = self.outcomes.lock().unwrap_or_else(PoisonError::into_inner);
        *outcomes.entry(account).or_default().entry(outcome.as_str()).or_default() += 1;
    }

    /// How many events of an account had each outcome since the server started.
    pub(crate) fn outcomes(&self, account: Id) -> BTreeMap<&'static str, u64> {
        let outcomes = self.outcomes.lock().unwrap_or_else(PoisonError::into_inner);
        outcomes.get(&account).cloned().unwrap_or_default()
    }

    /// How many programs follow.
    pub(crate) fn followers(&self) -> usize {
        let feeds = self.feeds.read().unwrap_or_else(PoisonError::into_inner);
        feeds.values().map(|feed| feed.followers()).sum()
    }
}

impl Desk {
    /// Restores the accounts that are stored.
    pub(crate) fn new(
        database: Database,
        upkeep: Upkeep,
        metrics: Metrics,
    ) -> Result<Desk, StoreError> {
        let (feeds, outcomes) = (RwLock::default(), Mutex::default());
        let shared = Arc::new(Shared { feeds, outcomes, metrics });
        let mut desk = Desk { database, shared, lives: HashMap::new(), upkeep };
        // The clock may have gone back since the last run.
        desk.upkeep.begin(History::begun(desk.database.connection())?);
        for account in History::accounts(desk.database.connection())? {
            desk.restore(account)?;
        }
        Ok(desk)
    }

    fn run(mut self, mut jobs: mpsc::Receiver<Job>, runtime: &Handle) {
        let mut looked_at = Instant::now();
        loop {
            let job = match self.upkeep.is_idle() {
                true => jobs.blocking_recv(),
                false => match jobs.try_recv() {
                    Err(mpsc::error::TryRecvError::Empty) => Some(Job::Tick),
                    received => received.ok(),
                },
            };
            // All senders are gone: the server stops, and all that was answered is stored.
            let Some(job) = job else { break };
            let (mut batch, mut next) = (Vec::new(), Some(job));
            while let Some(Job::Store(delivery, reply)) = next {
                batch.push((delivery, reply));
                next = if batch.len() < BATCH { jobs.try_recv().ok() } else { None };
            }
            if !batch.is_empty() {
                self.store(batch, runtime);
            }
            let is_tick = matches!(next, Some(Job::Tick));
            if let Some(Job::Run(work)) = next {
                work(&mut self);
            }
            if is_tick || looked_at.elapsed() > PUT_OFF {
                Upkeep::advance(&mut self);
                looked_at = Instant::now();
            }
        }
    }

    /// Stores deliveries in one transaction, and answers them.
    fn store(&mut self, batch: Vec<(Delivery, Reply)>, runtime: &Handle) {
        let began = Instant::now();
        let (deliveries, replies): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
        match self.take(&deliveries) {
            Ok(taken) => {
                self.shared.metrics.committed(deliveries.len(), began.elapsed());
                for (delivery, taken) in deliveries.iter().zip(&taken) {
                    self.shared.count(delivery.account, &taken.outcome);
                }
                let outcomes: Vec<Outcome> = taken.iter().map(|it| it.outcome.clone()).collect();
                // By a thread of the runtime: to wake one for each reply takes longer than to store the event.
                runtime.spawn(async move {
                    for (reply, outcome) in replies.into_iter().zip(outcomes) {
                        drop(reply.send(Ok(outcome)));
                    }
                });
                for (delivery, Taken { outcome, changes }) in deliveries.into_iter().zip(taken) {
                    if matches!(outcome, Outcome::Applied | Outcome::Late | Outcome::Ignored) {
                        self.shared.feed(delivery.account).publish(delivery.bytes, changes);
                    }
                }
            }
            Err(error) => {
                tracing::error!(
                    code = error.code(),
                    "{} events were not stored: {error}",
                    replies.len()
                );
                self.shared.metrics.handled("not_stored", replies.len());
                for reply in replies {
                    drop(reply.send(Err(NotStored::Failed)));
                }
            }
        }
    }

    /// Stores events in one transaction, and applies them. After an error nothing is stored.
    pub(crate) fn take(&mut self, deliveries: &[Delivery]) -> Result<Vec<Taken>, StoreError> {
        let mut by_account: BTreeMap<Id, Vec<usize>> = BTreeMap::new();
        for (place, delivery) in deliveries.iter().enumerate() {
            by_account.entry(delivery.account).or_default().push(place);
        }
        let today = self.upkeep.today();
        let lives = &mut self.lives;
        let result = self.database.transaction(|connection| {
            let mut all = vec![None; deliveries.len()];
            for (&account, places) in &by_account {
                let history = History::new(connection, account, today);
                let live = match lives.entry(account).or_default() {
                    Some(live) => live,
                    none => none.insert(Live::restore(&history)?),
                };
                let of_account: Vec<&Delivery> =
                    places.iter().map(|&place| &deliveries[place]).collect();
                let taken = live.take(&history, &of_account)?;
                for (&place, taken) in places.iter().zip(taken) {
                    all[place] = Some(taken);
                }
            }
            Ok(all.into_iter().flatten().collect())
        });
        if result.is_err() {
            self.undo(by_account.into_keys());
        }
        result
    }

    /// Reads accounts from storage after a change was not stored, since memory is ahead of it. Those that can't be
    /// read now are read when they are asked for.
    fn undo(&mut self, accounts: impl IntoIterator<Item = Id>) {
        for account in accounts {
            self.lives.insert(account, None);
            drop(self.restore(account));
        }
    }

    /// Reads an account from storage.
    fn restore(&mut self, account: Id) -> Result<(), StoreError> {
        self.database.forget_pages();
        let history = History::new(self.database.connection(), account, self.upkeep.today());
        self.lives.insert(account, Some(Live::restore(&history)?));
        Ok(())
    }

    /// Reads an account from storage, unless it is in memory.
    pub(crate) fn remember(&mut self, account: Id) -> Result<(), StoreError> {
        let is_known = matches!(self.lives.get(&account), Some(Some(_)));
        if is_known { Ok(()) } else { self.restore(account) }
    }

    fn snapshot(&mut self, account: Id) -> Result<Option<(Fold, i64)>, StoreError> {
        if !self.lives.contains_key(&account) {
            return Ok(None);
        }
        self.remember(account)?;
        let live = self.lives.get_mut(&account).and_then(Option::as_mut);
        Ok(live.map(|live| (live.fold.snapshot(), live.since)))
    }

    /// Changes the stored history of an account and its agents in memory together.
    pub(crate) fn change<T>(
        &mut self,
        account: Id,
        change: impl FnOnce(&History<'_>, &mut Live, &Upkeep) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let today = self.upkeep.today();
        self.remember(account)?;
        let Some(Some(live)) = self.lives.get_mut(&account) else {
            return Err(StoreError::Io("the account could not be read".to_owned()));
        };
        let result = self.database.transaction(|connection| {
            change(&History::new(connection, account, today), live, &self.upkeep)
        });
        if result.is_err() {
            self.undo([account]);
        }
        result
    }

    pub(crate) fn upkeep(&mut self) -> &mut Upkeep {
        &mut self.upkeep
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use agentfold::Event;
    use bytes::Bytes;

    use super::*;
    use crate::clock::tests::BEHIND;
    use crate::history::begin_of;

    const DAY_NS: i128 = 86_400_000_000_000;

    /// A change of state, some days ago.
    fn delivery(number: u32, agent: u32, days_ago: i128) -> Delivery {
        let at = crate::clock::now().unix_nanos() - days_ago * DAY_NS + i128::from(number);
        let at = agentfold::Instant::from_unix_nanos(at).expect("a date");
        let state = ["online", "away"][number as usize % 2];
        let text = format!(
            r#"{{"account_id":2,"detail":{{"agent_id":"{agent}","version":"{number}"}},"event":{{"updated_at":"{at}","new_state":"{state}","channel":"support"}},"id":"{number}","type":"zen:event-type:agent.state_changed"}}"#
        );
        let event = Event::parse(text.as_bytes()).expect("an event");
        Delivery::of(Id::new(2), &event, Bytes::from(text.clone()))
    }

    fn desk(folder: &tempfile::TempDir, keep: Option<Duration>) -> Desk {
        let database = Database::create_or_open(&folder.path().join("agents.db")).expect("a file");
        Desk::new(database, Upkeep::new(Duration::ZERO, keep), Metrics::new()).expect("a desk")
    }

    fn outcomes(desk: &mut Desk, deliveries: &[Delivery]) -> Vec<&'static str> {
        let taken = desk.take(deliveries).expect("stored");
        taken.iter().map(|taken| taken.outcome.as_str()).collect()
    }

    /// What is stored of all agents, with their history.
    fn stored(desk: &Desk) -> Fold {
        let history = History::new(desk.database.connection(), Id::new(2), 0);
        let mut fold = Fold::new();
        for agent in history.agents().expect("agents") {
            history.load(agent, i64::MIN, None, &mut fold).expect("its history");
        }
        fold
    }

    /// What is in memory has to be what is stored, compacted.
    fn check_memory(desk: &mut Desk) {
        let (live, since) = desk.snapshot(Id::new(2)).expect("read").expect("the account");
        let mut expected = stored(desk);
        expected.compact(begin_of(since));
        assert!(live.save() == expected.save(), "memory differs from what is stored");
    }

    #[test]
    fn a_full_disk_loses_nothing_and_leaves_memory_as_it_is_stored() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut desk = desk(&folder, None);
        let pages = |desk: &Desk, name: &str| -> i64 {
            let connection = desk.database.connection();
            connection.pragma_query_value(None, name, |row| row.get(0)).expect("a number")
        };
        assert_eq!(outcomes(&mut desk, &[delivery(1, 7, 0)]), ["applied"]);
        let limit = pages(&desk, "page_count");
        let set = |desk: &Desk, limit: i64| {
            let connection = desk.database.connection();
            connection.pragma_update(None, "max_page_count", limit).expect("set");
        };
        set(&desk, limit);
        let many: Vec<Delivery> = (2..400).map(|number| delivery(number, 7, 0)).collect();
        let error = desk.take(&many).expect_err("there is no room");
        assert_eq!(error.code(), "full");
        check_memory(&mut desk);
        assert_eq!(
            stored(&desk).state(stored(&desk).agents().next().expect("one")).map(|it| it.version),
            Some(Some(1))
        );
        set(&desk, 1 << 20);
        assert!(outcomes(&mut desk, &many).iter().all(|outcome| *outcome == "applied"));
        assert!(outcomes(&mut desk, &many).iter().all(|outcome| *outcome == "duplicate"));
        check_memory(&mut desk);
    }

    #[test]
    fn late_events_change_their_day_and_memory() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut desk = desk(&folder, None);
        let last = [delivery(9, 7, 0)];
        assert_eq!(outcomes(&mut desk, &last), ["applied"]);
        let late = [delivery(1, 7, 30), delivery(2, 7, 30), delivery(3, 8, 4), delivery(4, 7, 1)];
        assert_eq!(outcomes(&mut desk, &late), ["late", "late", "applied", "late"]);
        assert_eq!(outcomes(&mut desk, &late), ["duplicate"; 4]);
        check_memory(&mut desk);
        let mut expected = Fold::new();
        for event in late.iter().chain(&last) {
            expected.apply_bytes(&event.bytes);
        }
        assert!(stored(&desk).save() == expected.save(), "history differs");
    }

    #[test]
    fn upkeep_saves_settles_and_removes_what_is_too_old() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut kept = desk(&folder, None);
        let all: Vec<Delivery> =
            (1..40).map(|number| delivery(number, 7, i128::from(40 - number))).collect();
        kept.take(&all).expect("stored");
        let before = stored(&kept).save();
        for _ in 0..20 {
            Upkeep::advance(&mut kept);
        }
        assert!(stored(&kept).save() == before, "upkeep changed history");
        check_memory(&mut kept);
        let history = History::new(kept.database.connection(), Id::new(2), 0);
        assert_eq!(history.received().expect("a number"), 0);
        drop(kept);
        let mut short = desk(&folder, Some(Duration::from_secs(10 * 86_400)));
        for _ in 0..20 {
            Upkeep::advance(&mut short);
        }
        let history = History::new(short.database.connection(), Id::new(2), 0);
        let cut = crate::history::today() - 10;
        assert_eq!(history.cut().expect("a number"), Some(cut));
        let agent = all[0].agent.expect("an agent");
        assert!(stored(&short).transitions(agent).len() < 15);
        check_memory(&mut short);
        assert_eq!(outcomes(&mut short, &[delivery(77, 7, 20)]), ["expired"]);
    }

    #[test]
    fn a_clock_that_goes_back_changes_neither_the_day_nor_what_is_stored() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut first = desk(&folder, None);
        let today = crate::history::today();
        let all: Vec<Delivery> =
            (1..20).map(|number| delivery(number, 7, i128::from(20 - number))).collect();
        let (early, late) = all.split_at(12);
        outcomes(&mut first, early);
        for _ in 0..20 {
            Upkeep::advance(&mut first);
        }
        let since = |desk: &mut Desk| desk.snapshot(Id::new(2)).expect("read").expect("it").1;
        BEHIND.set(Duration::from_secs(5 * 86_400));
        assert_eq!(crate::history::today(), today - 5);
        assert!(outcomes(&mut first, &late[..4]).iter().all(|outcome| *outcome == "applied"));
        check_memory(&mut first);
        assert_eq!((first.upkeep.today(), since(&mut first)), (today, today - 1));
        drop(first);
        // The next run begins with this clock.
        let mut second = desk(&folder, None);
        assert_eq!((second.upkeep.today(), since(&mut second)), (today, today - 1));
        assert!(outcomes(&mut second, &all[..16]).iter().all(|outcome| *outcome == "duplicate"));
        assert!(outcomes(&mut second, &late[4..]).iter().all(|outcome| *outcome == "applied"));
        check_memory(&mut second);
        let mut expected = Fold::new();
        all.iter().for_each(|event| drop(expected.apply_bytes(&event.bytes)));
        assert!(stored(&second).save() == expected.save(), "history differs");
        BEHIND.set(Duration::ZERO);
        drop(second);
        let verified = crate::verify::verify(&folder.path().join("agents.db")).expect("verified");
        assert_eq!(verified.differing, []);
    }

    #[test]
    fn an_account_that_cannot_be_read_again_is_not_taken_for_an_empty_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut desk = desk(&folder, None);
        outcomes(&mut desk, &[delivery(1, 7, 0), delivery(2, 7, 30)]);
        let change = |desk: &Desk, sql: &str| {
            assert_eq!(desk.database.connection().execute(sql, []).expect("changed"), 1);
        };
        change(&desk, "UPDATE day SET bytes = CAST(bytes || x'00' AS BLOB)");
        let error = desk.take(&[delivery(3, 7, 30)]).expect_err("it is damaged");
        assert_eq!(error.code(), "damaged");
        assert!(desk.snapshot(Id::new(2)).is_err());
        change(&desk, "UPDATE day SET bytes = substr(bytes, 1, length(bytes) - 1)");
        Upkeep::advance(&mut desk);
        check_memory(&mut desk);
        assert_eq!(outcomes(&mut desk, &[delivery(3, 7, 30)]), ["applied"]);
    }

    #[test]
    fn a_page_that_was_read_wrongly_is_read_again_for_the_next_question() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("agents.db");
        let mut first = desk(&folder, None);
        outcomes(&mut first, &[delivery(1, 7, 30), delivery(2, 7, 0)]);
        // Closing it copies all pages into the file.
        drop(first);
        let mut desk = desk(&folder, None);
        let right = fs::read(&path).expect("a file");
        let mut wrong = right.clone();
        // All pages but the first, which has the names of the tables.
        wrong[4096..].fill(0xff);
        desk.database.forget_pages();
        fs::write(&path, &wrong).expect("damaged");
        let error = desk.take(&[delivery(3, 7, 30)]).expect_err("it is damaged");
        assert_eq!(error.code(), "damaged");
        assert!(desk.snapshot(Id::new(2)).is_err());
        fs::write(&path, &right).expect("as it was");
        check_memory(&mut desk);
        assert_eq!(outcomes(&mut desk, &[delivery(3, 7, 30)]), ["applied"]);
    }

    #[test]
    fn a_stored_event_that_changed_is_told_as_damaged() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut desk = desk(&folder, None);
        outcomes(&mut desk, &[delivery(1, 7, 0)]);
        // It can still be read as an event.
        let sql = "UPDATE event SET bytes = CAST(replace(bytes, 'away', 'idle') AS BLOB)";
        assert_eq!(desk.database.connection().execute(sql, []).expect("changed"), 1);
        assert_eq!(desk.restore(Id::new(2)).expect_err("it is damaged").code(), "damaged");
    }
}
