//! Work items: arriving, accepted, handled, handed over and closed.

use crate::agent::Item;
use crate::effect::{Channel, ItemReason, RemovalReason};
use crate::floor::{Floor, Task};
use crate::instant::{MILLISECOND, MINUTE, SECOND};

/// The mean time between two items for an agent, apart from bursts.
const BETWEEN_ARRIVALS: u64 = 8 * MINUTE;

/// A task with work items.
#[derive(Clone, Copy)]
pub(crate) enum WorkTask {
    /// Brings new work to the agent, and plans the next arrival during the shift.
    Arrival { shift: u32 },
    /// Brings an item to the agent that an agent had before.
    Coming { item: u64, channel: Channel, reason: ItemReason },
    /// The next step of an item, unless its token has changed by then.
    Step { item: u64, token: u32, step: Step },
}

/// A step of an item.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// The agent accepts the item.
    Accept,
    /// The agent misses the offer.
    Miss,
    /// The missed offer is withdrawn.
    Withdraw,
    /// The agent finishes its work on the item.
    Finish,
    /// The agent gives up the item.
    Release,
}

/// How an agent's work on an item ends.
#[derive(Clone, Copy)]
enum Ending {
    /// It is closed with a reason.
    Closed(Option<RemovalReason>),
    /// It returns when the customer writes again.
    OnHold,
    /// It goes to another agent.
    HandedOver,
    /// It becomes a ticket of the same agent.
    BecomesTicket,
}

/// How an agent gets items on a channel, with weights.
fn beginnings(channel: Channel) -> &'static [(u32, ItemReason)] {
    use ItemReason::{Accepted, Assigned, ManualAssigned, Offered, Unknown};
    match channel {
        Channel::Talk => &[(60, Offered), (3, Accepted), (1, Unknown)],
        Channel::Messaging => {
            &[(44, Offered), (10, Assigned), (5, ManualAssigned), (4, Accepted), (1, Unknown)]
        }
        Channel::Support => {
            &[(32, Assigned), (18, Offered), (12, ManualAssigned), (1, Accepted), (1, Unknown)]
        }
    }
}

/// How items on a channel end, with weights.
fn endings(channel: Channel) -> &'static [(u32, Ending)] {
    use Ending::{BecomesTicket, Closed, HandedOver, OnHold};
    use RemovalReason::{AgentEnded, InactivityTimeout, Removed, Solved, Unknown};
    match channel {
        Channel::Talk => &[
            (40, Closed(Some(AgentEnded))),
            (10, Closed(Some(Removed))),
            (4, HandedOver),
            (5, BecomesTicket),
            (2, Closed(None)),
        ],
        Channel::Messaging => &[
            (24, Closed(Some(Solved))),
            (14, Closed(Some(AgentEnded))),
            (12, Closed(Some(InactivityTimeout))),
            (3, HandedOver),
            (4, BecomesTicket),
            (3, Closed(Some(Removed))),
            (2, Closed(None)),
        ],
        Channel::Support => &[
            (40, Closed(Some(Solved))),
            (9, OnHold),
            (5, HandedOver),
            (4, Closed(Some(Removed))),
            (2, Closed(None)),
            (1, Closed(Some(Unknown))),
        ],
    }
}

impl Floor {
    pub(crate) fn work(&mut self, now: u64, agent: usize, task: WorkTask) {
        match task {
            WorkTask::Arrival { shift } => self.arrive(now, agent, shift),
            WorkTask::Coming { item, channel, reason } => {
                // Routing respects the capacity; people may exceed it by a little.
                let excess = if reason == ItemReason::Offered { 0 } else { 2 };
                if self.agents[agent].has_room(channel, excess) {
                    self.bring(now, agent, item, channel, reason);
                }
            }
            WorkTask::Step { item, token, step } => {
                let items = &self.agents[agent].items;
                let waits = |held: &Item| held.id == item && held.token == token;
                if let Some(place) = items.iter().position(waits) {
                    self.step(now, agent, place, step);
                }
            }
        }
    }

    /// Whether the agent has a call.
    pub(crate) fn is_on_call(&self, agent: usize) -> bool {
        self.agents[agent].items.iter().any(|item| item.channel == Channel::Talk)
    }

    /// Makes the agent give up its offers, and its items on some channels, within seconds. Returns
    /// whether there were any.
    pub(crate) fn release(&mut self, now: u64, agent: usize, on: fn(Channel) -> bool) -> bool {
        let mut any = false;
        for place in 0..self.agents[agent].items.len() {
            let item = &self.agents[agent].items[place];
            if on(item.channel) || item.reason == ItemReason::Offered {
                any = true;
                let then = now + self.random.between(100 * MILLISECOND, 4 * SECOND);
                self.plan_step(then, agent, place, Step::Release);
            }
        }
        any
    }

    fn arrive(&mut self, now: u64, agent: usize, shift: u32) {
        let present = &self.agents[agent].shift;
        if !present.on || present.number != shift {
            return;
        }
        let wait = if self.random.one_in(6) {
            self.random.between(2 * SECOND, 40 * SECOND)
        } else {
            self.random.exponential(BETWEEN_ARRIVALS)
        };
        self.plan(now + wait, agent, Task::Work(WorkTask::Arrival { shift }));

        let first = self.random.choose(&[(7, 0), (6, 1), (5, 2)]);
        for turn in 0..3 {
            let channel = [Channel::Messaging, Channel::Support, Channel::Talk][(first + turn) % 3];
            let reason = self.random.choose(beginnings(channel));
            let excess = if reason == ItemReason::ManualAssigned { 2 } else { 0 };
            if self.agents[agent].has_room(channel, excess) {
                let account = self.agents[agent].account;
                let item = self.accounts[account].next_item(&mut self.random);
                return self.bring(now, agent, item, channel, reason);
            }
        }
    }

    /// Assigns an item to the agent.
    fn bring(&mut self, now: u64, agent: usize, item: u64, channel: Channel, reason: ItemReason) {
        let change = self.agents[agent].open(item, channel, reason);
        self.record(now, agent, change);
        let place = self.agents[agent].items.len() - 1;
        match reason {
            ItemReason::Offered if self.random.one_in(8) => {
                let then = now + 30 * SECOND + self.random.between(0, 40 * MILLISECOND);
                self.plan_step(then, agent, place, Step::Miss);
            }
            ItemReason::Offered => {
                let then = now + self.random.between(SECOND, 24 * SECOND);
                self.plan_step(then, agent, place, Step::Accept);
            }
            ItemReason::Accepted => self.handle(now, agent, place),
            _ if self.random.below(8) < 3 => {
                let then = now + 2 * SECOND + self.random.exponential(90 * SECOND);
                self.plan_step(then, agent, place, Step::Accept);
            }
            _ => self.handle(now, agent, place),
        }
    }

    /// Plans the end of the agent's work on an item.
    fn handle(&mut self, now: u64, agent: usize, place: usize) {
        let (least, mean) = match self.agents[agent].items[place].channel {
            Channel::Talk => (30 * SECOND, 5 * MINUTE),
            Channel::Messaging => (MINUTE, 15 * MINUTE),
            Channel::Support => (MINUTE, 28 * MINUTE),
        };
        let then = now + least + self.random.exponential(mean);
        self.plan_step(then, agent, place, Step::Finish);
    }

    fn plan_step(&mut self, at: u64, agent: usize, place: usize, step: Step) {
        let token = self.agents[agent].renew(place);
        let item = self.agents[agent].items[place].id;
        self.plan(at, agent, Task::Work(WorkTask::Step { item, token, step }));
    }

    fn step(&mut self, now: u64, agent: usize, place: usize, step: Step) {
        let shift = &self.agents[agent].shift;
        if !shift.on && matches!(step, Step::Accept | Step::Finish) {
            // Wait for the next shift.
            let morning = now.max(shift.resumes) + MINUTE + self.random.exponential(20 * MINUTE);
            return self.plan_step(morning, agent, place, step);
        }
        let item = self.agents[agent].items[place];
        match step {
            Step::Accept if item.reason != ItemReason::Offered => self.accept(now, agent, place),
            Step::Accept if self.agents[agent].receives(item.channel) => {
                self.accept(now, agent, place);
            }
            Step::Accept | Step::Miss => self.miss(now, agent, place),
            Step::Withdraw => {
                let reason = self.random.choose(&[(7, Some(RemovalReason::Removed)), (1, None)]);
                self.close(now, agent, place, reason);
                self.hand_on(now, agent, item.id, item.channel, ItemReason::Offered);
            }
            Step::Finish => self.finish(now, agent, place),
            Step::Release => {
                self.end(now, agent, place, Ending::HandedOver);
            }
        }
    }

    fn accept(&mut self, now: u64, agent: usize, place: usize) {
        let channel = self.agents[agent].items[place].channel;
        let change = self.agents[agent].update(place, channel, ItemReason::Accepted);
        self.record(now, agent, change);
        self.handle(now, agent, place);
    }

    fn miss(&mut self, now: u64, agent: usize, place: usize) {
        let channel = self.agents[agent].items[place].channel;
        let reason = self.random.choose(&[(7, ItemReason::Missed), (1, ItemReason::Obsoleted)]);
        let change = self.agents[agent].update(place, channel, reason);
        self.record(now, agent, change);
        let wait = match self.random.below(8) {
            0 => 0,
            _ => self.random.between(20 * MILLISECOND, 900 * MILLISECOND),
        };
        self.plan_step(now + wait, agent, place, Step::Withdraw);
    }

    fn finish(&mut self, now: u64, agent: usize, place: usize) {
        let channel = self.agents[agent].items[place].channel;
        let ending = self.random.choose(endings(channel));
        self.end(now, agent, place, ending);
    }

    fn end(&mut self, now: u64, agent: usize, place: usize, ending: Ending) {
        let item = self.agents[agent].items[place];
        match ending {
            Ending::Closed(reason) => {
                self.close(now, agent, place, reason);
                let solved = reason == Some(RemovalReason::Solved);
                if solved && self.random.one_in(12) {
                    self.reopen(now, agent, item.id, item.channel);
                }
            }
            Ending::OnHold => {
                self.close(now, agent, place, Some(RemovalReason::OnHold));
                self.reopen(now, agent, item.id, item.channel);
            }
            Ending::HandedOver => {
                self.close(now, agent, place, Some(RemovalReason::Reassigned));
                self.hand_on(now, agent, item.id, item.channel, ItemReason::Transferred);
            }
            Ending::BecomesTicket if self.agents[agent].has_access(Channel::Support) => {
                let reason = ItemReason::ChannelChange;
                let change = self.agents[agent].update(place, Channel::Support, reason);
                self.record(now, agent, change);
                self.handle(now, agent, place);
            }
            Ending::BecomesTicket => {
                self.close(now, agent, place, Some(RemovalReason::AgentEnded));
            }
        }
    }

    fn close(&mut self, now: u64, agent: usize, place: usize, reason: Option<RemovalReason>) {
        let change = self.agents[agent].close(place, reason);
        self.record(now, agent, change);
    }

    /// Plans the return of an item to the agent, if it is on shift by then.
    fn reopen(&mut self, now: u64, agent: usize, item: u64, channel: Channel) {
        let then = now + 5 * MINUTE + self.random.exponential(30 * MINUTE);
        let reason = ItemReason::Reopened;
        self.plan(then, agent, Task::Work(WorkTask::Coming { item, channel, reason }));
    }

    /// Plans the transfer of an item to another agent, if one of four has room for it.
    fn hand_on(&mut self, now: u64, agent: usize, item: u64, channel: Channel, reason: ItemReason) {
        // Agents are assigned to accounts in turn.
        let account = self.agents[agent].account;
        let apart = self.accounts.len();
        let members = (self.agents.len() - account).div_ceil(apart);
        for _ in 0..4 {
            let colleague = account + apart * self.random.below(members as u32) as usize;
            if colleague != agent && self.agents[colleague].has_room(channel, 0) {
                let then = now + self.random.between(90 * MILLISECOND, 2 * SECOND);
                let task = WorkTask::Coming { item, channel, reason };
                return self.plan(then, colleague, Task::Work(task));
            }
        }
    }
}
