//! [`Upkeep`]: what is done now and then with what is stored, a little at a time between deliveries.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use agentfold::{Agent, Id};

use crate::database::StoreError;
use crate::history::{History, today};
use crate::writer::Desk;

/// How long deliveries may have to wait for it.
const SLICE: Duration = Duration::from_millis(5);

/// How long it rests after it failed: a full disk stays full for a while.
const REST: Duration = Duration::from_secs(10);

/// What is due, and when to look again.
#[derive(Debug)]
pub(crate) struct Upkeep {
    /// How long events stay as received before they are saved in their days.
    save_after: Duration,
    /// For how many days history is kept; `None` keeps it for good.
    keep_days: Option<i64>,
    /// The day, which does not go back if the clock does.
    today: i64,
    chores: VecDeque<Chore>,
    next: Instant,
}

/// Something to be done with an account or one of its agents.
#[derive(Debug, Clone, Copy)]
enum Chore {
    /// Saves the received events of an agent, or those of no agent, in their days.
    Save(Id, Option<Agent>),
    /// Computes a base again.
    Renew(Agent, i64),
    /// Computes a base for a day that began, and removes what is too old.
    Settle(Agent),
    /// Lets memory begin at the day before.
    Begin(Id),
}

impl Chore {
    fn account(&self) -> Id {
        match self {
            Chore::Save(account, _) | Chore::Begin(account) => *account,
            Chore::Renew(agent, _) | Chore::Settle(agent) => agent.account_id,
        }
    }
}

impl Upkeep {
    pub(crate) fn new(save_after: Duration, keep: Option<Duration>) -> Upkeep {
        let keep_days = keep.map(|keep| keep.as_secs().div_ceil(86_400) as i64);
        let chores = VecDeque::new();
        Upkeep { save_after, keep_days, today: today(), chores, next: Instant::now() }
    }

    /// Lets the day be one at least.
    pub(crate) fn begin(&mut self, day: Option<i64>) {
        self.today = self.today.max(day.unwrap_or(i64::MIN));
    }

    /// The day that counts as the current one.
    pub(crate) fn today(&mut self) -> i64 {
        self.today = self.today.max(today());
        self.today
    }

    /// Whether there is nothing to do now.
    pub(crate) fn is_idle(&self) -> bool {
        self.chores.is_empty() || self.next > Instant::now()
    }

    /// Does some of what is due.
    pub(crate) fn advance(desk: &mut Desk) {
        if let Err(error) = Upkeep::tried(desk) {
            tracing::error!(code = error.code(), "upkeep has failed and is tried again: {error}");
            let upkeep = desk.upkeep();
            upkeep.chores.clear();
            upkeep.next = Instant::now() + REST;
        }
    }

    fn tried(desk: &mut Desk) -> Result<(), StoreError> {
        let begin = Instant::now();
        if begin < desk.upkeep().next {
            return Ok(());
        }
        if desk.upkeep().chores.is_empty() {
            Upkeep::look(desk)?;
        }
        while let Some(&first) = desk.upkeep().chores.front() {
            let keep_days = desk.upkeep().keep_days;
            let account = first.account();
            let done = desk.change(account, |history, live, upkeep| {
                if let (Chore::Settle(_), Some(days)) = (first, keep_days) {
                    raise_cut(history, history.today() - days)?;
                }
                let mut done = 0;
                // Many in one transaction, since each waits for the disk.
                for chore in upkeep.chores.iter().take_while(|chore| chore.account() == account) {
                    if done > 0 && begin.elapsed() > SLICE {
                        break;
                    }
                    match *chore {
                        Chore::Save(_, agent) => history.save(agent)?,
                        Chore::Renew(agent, day) => history.renew(agent, day)?,
                        Chore::Settle(agent) => settle(history, agent)?,
                        Chore::Begin(_) => {
                            live.begin(history.today());
                            if let Some(cut) = history.cut()? {
                                history.forget_others(cut)?;
                            }
                            history.set("begun", history.today())?;
                        }
                    }
                    done += 1;
                }
                Ok(done)
            })?;
            desk.upkeep().chores.drain(..done);
            if begin.elapsed() > SLICE {
                break;
            }
        }
        Ok(())
    }

    /// Lists what is due, and sets when to look again.
    fn look(desk: &mut Desk) -> Result<(), StoreError> {
        let today = desk.upkeep().today();
        let keep_days = desk.upkeep().keep_days;
        let mut chores = VecDeque::new();
        for account in History::accounts(desk.database.connection())? {
            desk.remember(account)?;
            let history = History::new(desk.database.connection(), account, today);
            let heard_of = history.heard_of()?.into_iter();
            chores.extend(heard_of.map(|agent| Chore::Save(account, agent)));
            chores
                .extend(history.stale()?.into_iter().map(|(agent, day)| Chore::Renew(agent, day)));
            let cut = keep_days.map(|days| today - days);
            let is_begun = history.meta::<i64>("begun")? == Some(today);
            let is_cut = cut.is_none() || history.cut()? >= cut;
            if !(is_begun && is_cut) {
                chores.extend(history.agents()?.into_iter().map(Chore::Settle));
                chores.push_back(Chore::Begin(account));
            }
        }
        let upkeep = desk.upkeep();
        upkeep.chores = chores;
        if upkeep.chores.is_empty() {
            upkeep.next = Instant::now() + upkeep.save_after;
        }
        Ok(())
    }
}

/// Computes the base of yesterday, where memory begins, and removes what is older than the cut.
fn settle(history: &History<'_>, agent: Agent) -> Result<(), StoreError> {
    history.settle(agent, history.today() - 1)?;
    match history.cut()? {
        Some(cut) => history.forget(agent, cut),
        None => Ok(()),
    }
}

/// The retention may have become longer: what is gone is gone.
fn raise_cut(history: &History<'_>, day: i64) -> Result<(), StoreError> {
    match history.cut()? {
        Some(cut) if cut >= day => Ok(()),
        _ => history.set_cut(day),
    }
}
