//! [`Live`]: the agents of an account as of now, in memory.

use std::collections::BTreeMap;

use agentfold::{Agent, Applied, Change, Fold, Id, Outcome};
use bytes::Bytes;

use crate::database::StoreError;
use crate::history::{History, begin_of, day_of};

/// The agents of an account since the begin of yesterday.
///
/// INVARIANT: outside of a transaction, this is what is stored of each agent, compacted at that instant. So it
/// may be lost at any time.
pub(crate) struct Live {
    pub(crate) fold: Fold,
    /// The first day in memory.
    pub(crate) since: i64,
}

/// An event to store.
pub(crate) struct Delivery {
    pub(crate) account: Id,
    /// Its agent, if it has one.
    pub(crate) agent: Option<Agent>,
    /// The day of its instant, if it has one.
    pub(crate) day: Option<i64>,
    /// The event as received.
    pub(crate) bytes: Bytes,
}

/// What a delivery did.
#[derive(Debug, Clone)]
pub(crate) struct Taken {
    pub(crate) outcome: Outcome,
    pub(crate) changes: Vec<Change>,
}

impl Delivery {
    pub(crate) fn of(account: Id, event: &agentfold::Event<'_>, bytes: Bytes) -> Delivery {
        // An event of which the instant can't be read is unreadable, so there is none without one but of
        // unknown types.
        let at = event.at(agentfold::event::InstantFrom::UpdatedAt).ok().flatten();
        Delivery { account, agent: event.agent(), day: at.map(day_of), bytes }
    }
}

impl Live {
    /// Restores an account from storage.
    pub(crate) fn restore(history: &History<'_>) -> Result<Live, StoreError> {
        let since = history.today() - 1;
        let mut live = Live { fold: Fold::new(), since };
        live.fold.compact(begin_of(since));
        for agent in history.agents()? {
            live.reread(history, agent)?;
        }
        Ok(live)
    }

    /// Stores and applies some events. Answers in their order.
    pub(crate) fn take(
        &mut self,
        history: &History<'_>,
        deliveries: &[&Delivery],
    ) -> Result<Vec<Taken>, StoreError> {
        let cut = history.cut()?.unwrap_or(i64::MIN);
        let mut late: BTreeMap<Agent, Vec<usize>> = BTreeMap::new();
        let mut all = Vec::with_capacity(deliveries.len());
        for (place, delivery) in deliveries.iter().enumerate() {
            let Applied { outcome, changes } = self.fold.apply_bytes(&delivery.bytes);
            match outcome {
                Outcome::Expired => {
                    if let (Some(agent), Some(day)) = (delivery.agent, delivery.day)
                        && day >= cut
                    {
                        late.entry(agent).or_default().push(place);
                    }
                }
                Outcome::Duplicate | Outcome::Limit { .. } | Outcome::Unreadable { .. } => {}
                Outcome::Ignored | Outcome::Applied | Outcome::Late => {
                    history.keep(&delivery.bytes, delivery.agent)?;
                }
            }
            all.push(Taken { outcome, changes });
        }
        for (agent, places) in late {
            self.take_late(history, agent, deliveries, &places, &mut all)?;
        }
        Ok(all)
    }

    /// Applies events of an agent of days before those in memory.
    fn take_late(
        &mut self,
        history: &History<'_>,
        agent: Agent,
        deliveries: &[&Delivery],
        places: &[usize],
        all: &mut [Taken],
    ) -> Result<(), StoreError> {
        let day = |place: usize| deliveries[place].day.unwrap_or_default();
        let first = places.iter().map(|&place| day(place)).min().unwrap_or_default();
        let mut whole = Fold::new();
        history.load(agent, first, None, &mut whole)?;
        let mut days: BTreeMap<i64, Vec<&[u8]>> = BTreeMap::new();
        for &place in places {
            let bytes = &deliveries[place].bytes;
            let Applied { outcome, changes } = whole.apply_bytes(bytes);
            if !matches!(outcome, Outcome::Duplicate | Outcome::Limit { .. }) {
                days.entry(day(place)).or_default().push(bytes);
            }
            all[place] = Taken { outcome, changes };
        }
        if days.is_empty() {
            return Ok(());
        }
        for (day, events) in days {
            let mut alone = Fold::new();
            for event in &events {
                alone.apply_bytes(event);
            }
            history.add_late(agent, day, alone, &events)?;
        }
        self.reread(history, agent)
    }

    /// Reads an agent again from storage.
    pub(crate) fn reread(&mut self, history: &History<'_>, agent: Agent) -> Result<(), StoreError> {
        let mut last = Fold::new();
        history.load(agent, self.since, None, &mut last)?;
        last.compact(begin_of(self.since));
        self.fold.forget(agent);
        Ok(self.fold.merge(&last)?)
    }

    /// Begins a day: yesterday is the first day in memory.
    pub(crate) fn begin(&mut self, today: i64) {
        self.since = today - 1;
        self.fold.compact(begin_of(self.since));
    }
}
