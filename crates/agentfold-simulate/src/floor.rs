//! The floor: its agents, and a queue of their planned tasks.

use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, HashSet, VecDeque};

use crate::Simulation;
use crate::account::Account;
use crate::admin::AdminTask;
use crate::agent::Agent;
use crate::chat::ChatTask;
use crate::effect::{Change, Effect};
use crate::instant::{DAY, HOUR, SECOND};
use crate::random::{Random, Stream};
use crate::shift::ShiftTask;
use crate::work::WorkTask;

/// The number of agents per account.
const AGENTS_PER_ACCOUNT: u32 = 400;

/// Iterates over all effects on all agents in time order. They are the same for every feed and
/// delivery.
///
/// Tasks run in time order, and may plan later tasks. Each kind of task is in the file of its name.
pub(crate) struct Floor {
    pub(crate) accounts: Vec<Account>,
    pub(crate) agents: Vec<Agent>,
    pub(crate) random: Random,
    pub(crate) start: u64,
    pub(crate) end: u64,
    tasks: BinaryHeap<Reverse<Planned>>,
    planned: u64,
    effects: VecDeque<Effect>,
}

/// A planned task of an agent.
#[derive(Clone, Copy)]
pub(crate) enum Task {
    Shift(ShiftTask),
    Work(WorkTask),
    Admin(AdminTask),
    Chat(ChatTask),
}

struct Planned {
    at: u64,
    /// Simultaneous tasks run in the order in which they were planned.
    order: u64,
    agent: u32,
    task: Task,
}

impl Floor {
    pub(crate) fn new(simulation: &Simulation) -> Self {
        // Leave a year before the greatest instant, so that planning does not overflow.
        let latest = u64::MAX - 366 * DAY;
        let start = simulation.start.saturating_mul(SECOND).min(latest);
        let length = u64::from(simulation.hours).saturating_mul(HOUR);
        let mut random = Random::new(simulation.seed, Stream::Floor);

        let wanted = simulation.agents.div_ceil(AGENTS_PER_ACCOUNT);
        let least = if simulation.agents >= 4 { 2 } else { 1 };
        let accounts: Vec<Account> =
            (0..wanted.max(least)).map(|index| Account::draw(index, &mut random)).collect();
        let agents = (0..simulation.agents)
            .map(|index| {
                Agent::draw(index, index as usize % accounts.len(), &accounts, &mut random)
            })
            .collect();

        let mut floor = Self {
            accounts,
            agents,
            random,
            start,
            end: start.saturating_add(length).min(latest),
            tasks: BinaryHeap::new(),
            planned: 0,
            effects: VecDeque::new(),
        };
        for agent in 0..floor.agents.len() {
            let at = floor.agents[agent].shift.first_begin(start);
            floor.plan(at, agent, Task::Admin(AdminTask::Join));
        }
        floor
    }

    /// Plans a task, unless it is after the end.
    pub(crate) fn plan(&mut self, at: u64, agent: usize, task: Task) {
        if at < self.end {
            self.planned += 1;
            let agent = agent as u32;
            self.tasks.push(Reverse(Planned { at, order: self.planned, agent, task }));
        }
    }

    /// Records a change to an agent.
    pub(crate) fn record(&mut self, at: u64, agent: usize, change: Change) {
        let agent = &mut self.agents[agent];
        if !change.is_chat() {
            agent.version += 1;
        }
        self.effects.push_back(Effect {
            at,
            account_id: self.accounts[agent.account].id,
            agent_id: agent.id,
            version: agent.version,
            change,
        });
    }

    /// The items that an agent has or may still get, as (account id, item). `None` while effects of
    /// the last task are pending.
    pub(crate) fn items(&self) -> Option<HashSet<(u64, u64)>> {
        if !self.effects.is_empty() {
            return None;
        }
        let account = |agent: &Agent| self.accounts[agent.account].id;
        let held = self
            .agents
            .iter()
            .flat_map(|agent| agent.items.iter().map(move |item| (account(agent), item.id)));
        let coming = self.tasks.iter().filter_map(|Reverse(planned)| match planned.task {
            Task::Work(WorkTask::Coming { item, .. }) => {
                Some((account(&self.agents[planned.agent as usize]), item))
            }
            _ => None,
        });
        Some(held.chain(coming).collect())
    }
}

impl Iterator for Floor {
    type Item = Effect;

    fn next(&mut self) -> Option<Effect> {
        loop {
            if let Some(effect) = self.effects.pop_front() {
                return Some(effect);
            }
            let Reverse(Planned { at, agent, task, .. }) = self.tasks.pop()?;
            let agent = agent as usize;
            match task {
                Task::Shift(task) => self.shift(at, agent, task),
                Task::Work(task) => self.work(at, agent, task),
                Task::Admin(task) => self.administer(at, agent, task),
                Task::Chat(task) => self.chat(at, agent, task),
            }
        }
    }
}

impl Ord for Planned {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.at, self.order).cmp(&(other.at, other.order))
    }
}

impl PartialOrd for Planned {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Planned {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Planned {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instant::{MICROSECOND, MINUTE};

    #[test]
    fn effects_come_in_time_order_within_the_hours_asked_for() {
        let simulation = Simulation { agents: 40, hours: 30, ..Simulation::default() };
        let floor = Floor::new(&simulation);
        let (start, end) = (floor.start, floor.end);
        assert_eq!(end - start, 30 * HOUR);
        let effects: Vec<Effect> = floor.collect();
        assert!(effects.is_sorted_by_key(|effect| effect.at));
        assert!(effects.iter().all(|effect| (start..end).contains(&effect.at)));
        // The resolution of the Chat feed is a microsecond.
        let mut chat = effects.iter().filter(|effect| effect.change.is_chat());
        assert!(chat.all(|effect| effect.at % MICROSECOND == 0));
    }

    #[test]
    fn memory_grows_with_agents_and_not_with_hours() {
        let most = |hours| {
            let simulation = Simulation { agents: 20, hours, ..Simulation::default() };
            let mut floor = Floor::new(&simulation);
            let mut most = 0;
            while floor.next().is_some() {
                let items: usize = floor.agents.iter().map(|agent| agent.items.len()).sum();
                most = most.max(floor.tasks.len() + items);
            }
            most
        };
        assert!(most(24 * 60) < 2 * most(24 * 5));
    }

    #[test]
    fn a_floor_is_busy_while_on_shift() {
        let simulation = Simulation { agents: 200, hours: 24, ..Simulation::default() };
        let mut floor = Floor::new(&simulation);
        let mut events = 0;
        let mut on_shift = 0;
        let mut looked = floor.start;
        while let Some(effect) = floor.next() {
            events += u64::from(!effect.change.is_chat());
            while looked < effect.at {
                looked += MINUTE;
                on_shift += floor.agents.iter().filter(|agent| agent.shift.on).count() as u64;
            }
        }
        let per_hour = events * 60 / on_shift;
        assert!((25..=40).contains(&per_hour), "{per_hour} events an agent an hour");
    }
}
