//! Zendesk Chat: the status and engagements of agents.

use crate::effect::{Change, ChatStatus};
use crate::floor::{Floor, Task};
use crate::instant::{MICROSECOND, MILLISECOND, MINUTE, SECOND};

/// The mean time between two chats of an agent who is online.
const BETWEEN_CHATS: u64 = 7 * MINUTE;

/// The maximum number of simultaneous chats of an agent.
const MOST_CHATS: u32 = 4;

/// A task of an agent in Zendesk Chat.
#[derive(Clone, Copy)]
pub(crate) enum ChatTask {
    /// Begins a chat, and plans the next one during the shift.
    Begin { shift: u32 },
    /// Ends a chat, unless the agent has left all chats since it began.
    End { round: u32 },
    /// Sets the status to match the agent's activity.
    Follow,
    /// Ends one chat of an agent that went offline, and plans the end of the next.
    Leave,
}

impl Floor {
    pub(crate) fn chat(&mut self, now: u64, agent: usize, task: ChatTask) {
        let last_at = self.agents[agent].chat.last_at;
        if now <= last_at {
            // The feed has no version that orders simultaneous events of an agent.
            return self.plan_chat(last_at + MICROSECOND, agent, task);
        }
        match task {
            ChatTask::Begin { shift } => self.begin_chat(now, agent, shift),
            ChatTask::End { round } if round == self.agents[agent].chat.round => {
                self.end_chat(now, agent);
            }
            ChatTask::End { .. } => {}
            ChatTask::Follow => self.follow_in_chat(now, agent),
            ChatTask::Leave => self.leave_chats(now, agent),
        }
    }

    /// Plans a task at the next whole microsecond, the resolution of the Chat feed.
    pub(crate) fn plan_chat(&mut self, at: u64, agent: usize, task: ChatTask) {
        self.plan(at.next_multiple_of(MICROSECOND), agent, Task::Chat(task));
    }

    fn begin_chat(&mut self, now: u64, agent: usize, shift: u32) {
        let present = &self.agents[agent].shift;
        if !present.on || present.number != shift {
            return;
        }
        let next = now + SECOND + self.random.exponential(BETWEEN_CHATS);
        self.plan_chat(next, agent, ChatTask::Begin { shift });

        let chat = &self.agents[agent].chat;
        if chat.status == ChatStatus::Online && chat.engagements < MOST_CHATS {
            let engagements = chat.engagements + 1;
            let round = chat.round;
            let end = now + 20 * SECOND + self.random.exponential(9 * MINUTE);
            self.plan_chat(end, agent, ChatTask::End { round });
            let change = self.agents[agent].set_engagements(engagements);
            self.record_chat(now, agent, change);
        }
    }

    fn end_chat(&mut self, now: u64, agent: usize) {
        let engagements = self.agents[agent].chat.engagements;
        let change = self.agents[agent].set_engagements(engagements - 1);
        self.record_chat(now, agent, change);
    }

    fn follow_in_chat(&mut self, now: u64, agent: usize) {
        let status = self.agents[agent].activity.chat_status();
        let chat = &mut self.agents[agent].chat;
        if chat.status == status {
            return;
        }
        if status == ChatStatus::Offline && chat.engagements > 0 {
            chat.round = chat.round.wrapping_add(1);
            let then = now + self.random.between(MILLISECOND, 300 * MILLISECOND);
            self.plan_chat(then, agent, ChatTask::Leave);
        }
        let change = self.agents[agent].set_chat_status(status);
        self.record_chat(now, agent, change);
    }

    fn leave_chats(&mut self, now: u64, agent: usize) {
        self.end_chat(now, agent);
        if self.agents[agent].chat.engagements > 0 {
            let then = now + self.random.between(MILLISECOND, 300 * MILLISECOND);
            self.plan_chat(then, agent, ChatTask::Leave);
        }
    }

    fn record_chat(&mut self, now: u64, agent: usize, change: Change) {
        self.agents[agent].chat.last_at = now;
        self.record(now, agent, change);
    }
}
