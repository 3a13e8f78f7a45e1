//! Administration: joining the floor, and changes of access, capacity and groups.

use crate::effect::{Channel, RemovalReason};
use crate::floor::{Floor, Task};
use crate::instant::{HOUR, MILLISECOND, MINUTE, SECOND};
use crate::shift::ShiftTask;

/// The mean time between two rearrangements of an agent on shift.
const UNDISTURBED: u64 = 14 * HOUR;

/// An administrative change to an agent.
#[derive(Clone, Copy)]
pub(crate) enum AdminTask {
    /// Happens once, before the first log-in.
    Join,
    GainChannel(Channel),
    SetCapacities,
    SetGroups,
    Rearrange {
        shift: u32,
    },
}

impl Floor {
    pub(crate) fn administer(&mut self, now: u64, agent: usize, task: AdminTask) {
        match task {
            AdminTask::Join => self.join(now, agent),
            AdminTask::GainChannel(channel) => self.gain_channel(now, agent, channel),
            AdminTask::SetCapacities => self.set_capacities(now, agent),
            AdminTask::SetGroups => self.set_groups(now, agent),
            AdminTask::Rearrange { shift } => self.rearrange(now, agent, shift),
        }
    }

    /// Plans the next rearrangement of an agent. It is obsolete if the shift ends first.
    pub(crate) fn plan_rearrangement(&mut self, now: u64, agent: usize) {
        let shift = self.agents[agent].shift.number;
        let at = now + self.random.exponential(UNDISTURBED);
        self.plan(at, agent, Task::Admin(AdminTask::Rearrange { shift }));
    }

    fn join(&mut self, now: u64, agent: usize) {
        let mut then = now;
        for channel in Channel::ALL {
            // All agents have support, most have messaging, and many have talk.
            let trained = match channel {
                Channel::Support => true,
                Channel::Messaging => !self.random.one_in(8),
                Channel::Talk => self.random.below(8) < 5,
            };
            if trained {
                self.plan(then, agent, Task::Admin(AdminTask::GainChannel(channel)));
                then += self.random.between(0, 80 * MILLISECOND);
            }
        }
        then += self.random.between(MILLISECOND, 200 * MILLISECOND);
        self.plan(then, agent, Task::Admin(AdminTask::SetCapacities));
        then += self.random.between(MILLISECOND, 200 * MILLISECOND);
        self.plan(then, agent, Task::Admin(AdminTask::SetGroups));
        then += self.random.between(SECOND, 4 * SECOND);
        self.plan(then, agent, Task::Shift(ShiftTask::LogIn));
    }

    fn gain_channel(&mut self, now: u64, agent: usize, channel: Channel) {
        if let Some(change) = self.agents[agent].gain(channel) {
            self.record(now, agent, change);
            let then = now + self.random.between(5 * MILLISECOND, 50 * MILLISECOND);
            self.plan(then, agent, Task::Shift(ShiftTask::Follow(channel)));
        }
    }

    fn set_capacities(&mut self, now: u64, agent: usize) {
        let mut limits = Vec::with_capacity(3);
        for channel in Channel::ALL {
            let (least, most) = match channel {
                Channel::Talk => (1, 1),
                Channel::Support => (5, 15),
                Channel::Messaging => (2, 5),
            };
            if self.agents[agent].has_access(channel) {
                limits.push((channel, Some(least + self.random.below(most - least + 1))));
            }
        }
        let change = self.agents[agent].limit(&limits);
        self.record(now, agent, change);
    }

    fn set_groups(&mut self, now: u64, agent: usize) {
        let all = &self.accounts[self.agents[agent].account].groups;
        let first = self.random.below(all.len() as u32) as usize;
        let mut groups = vec![all[first]];
        for &group in all {
            if group != all[first] && self.random.one_in(5) {
                groups.push(group);
            }
        }
        groups.sort_unstable();
        let change = self.agents[agent].regroup(groups);
        self.record(now, agent, change);
    }

    fn rearrange(&mut self, now: u64, agent: usize, shift: u32) {
        let present = &self.agents[agent].shift;
        if !present.on || present.number != shift {
            return;
        }
        match self.random.below(10) {
            0..5 => self.change_capacities(now, agent),
            5..8 => self.change_groups(now, agent),
            _ if self.channels(agent) > 1 => self.lose_channel(now, agent),
            _ => {}
        }
        self.plan_rearrangement(now, agent);
    }

    /// Raises or lowers the capacity of one channel, or of all channels.
    fn change_capacities(&mut self, now: u64, agent: usize) {
        let all = self.random.one_in(4);
        let chosen = self.draw_channel(agent);
        let mut limits = Vec::with_capacity(3);
        for channel in Channel::ALL {
            if !self.agents[agent].has_access(channel) || !(all || channel == chosen) {
                continue;
            }
            let limit = match self.agents[agent].capacity(channel) {
                Some(_) if self.random.one_in(16) => None,
                Some(1) => Some(2),
                Some(limit) if self.random.one_in(2) => Some(limit - 1),
                Some(limit) => Some(limit + 1),
                None => Some(3),
            };
            limits.push((channel, limit));
        }
        let change = self.agents[agent].limit(&limits);
        self.record(now, agent, change);
    }

    /// Adds the agent to a group of its account, or removes it from one.
    fn change_groups(&mut self, now: u64, agent: usize) {
        let all = &self.accounts[self.agents[agent].account].groups;
        let group = all[self.random.below(all.len() as u32) as usize];
        let mut groups = self.agents[agent].groups.clone();
        match groups.binary_search(&group) {
            Ok(place) => drop(groups.remove(place)),
            Err(place) => groups.insert(place, group),
        }
        let change = self.agents[agent].regroup(groups);
        self.record(now, agent, change);
    }

    /// Removes a channel and its work items from the agent for a while.
    fn lose_channel(&mut self, now: u64, agent: usize) {
        let channel = self.draw_channel(agent);
        for place in (0..self.agents[agent].items.len()).rev() {
            if self.agents[agent].items[place].channel == channel {
                let reason = self.random.choose(&[(3, Some(RemovalReason::Reassigned)), (1, None)]);
                let change = self.agents[agent].close(place, reason);
                self.record(now, agent, change);
            }
        }
        let change = self.agents[agent].lose(channel);
        self.record(now, agent, change);
        let back = now + self.random.between(5 * MINUTE, 90 * MINUTE);
        self.plan(back, agent, Task::Admin(AdminTask::GainChannel(channel)));
    }

    /// The number of channels that the agent has.
    fn channels(&self, agent: usize) -> usize {
        let agent = &self.agents[agent];
        Channel::ALL.into_iter().filter(|&channel| agent.has_access(channel)).count()
    }

    /// Draws one of the channels that the agent has.
    fn draw_channel(&mut self, agent: usize) -> Channel {
        let nth = self.random.below(self.channels(agent) as u32) as usize;
        let agent = &self.agents[agent];
        Channel::ALL
            .into_iter()
            .filter(|&channel| agent.has_access(channel))
            .nth(nth)
            .expect("an agent never loses its last channel")
    }
}
