//! Shifts: log-in, breaks, interruptions and log-out.

use crate::account::Activity;
use crate::chat::ChatTask;
use crate::effect::{Channel, StateReason};
use crate::floor::{Floor, Task};
use crate::instant::{DAY, MICROSECOND, MILLISECOND, MINUTE, SECOND};
use crate::random::Random;
use crate::work::WorkTask;

/// The mean time between two interruptions of an agent who is online.
const UNINTERRUPTED: u64 = 35 * MINUTE;

/// The activities in the three pauses of a shift.
const PAUSES: [Activity; 3] = [Activity::Break, Activity::Lunch, Activity::Break];

/// The ranges for the pauses and the end of a shift, in minutes after its beginning.
const MOMENTS: [(u64, u64); 4] = [(105, 135), (220, 260), (345, 375), (470, 490)];

/// An agent's working hours, and the progress of the current shift.
pub(crate) struct Shift {
    pub(crate) on: bool,
    /// Whether the agent finishes its work and accepts no more.
    pub(crate) leaving: bool,
    /// Counts shifts, which makes tasks of earlier shifts obsolete.
    pub(crate) number: u32,
    /// When the next shift begins, if the agent is off shift.
    pub(crate) resumes: u64,
    moments: [u64; 4],
    next_moment: usize,
    day: u64,
    /// When a shift begins, after the beginning of its day.
    offset: u64,
    /// The first of two days off per seven days.
    day_off: u64,
}

/// A change of an agent's unified state. Exactly one is planned for each agent.
#[derive(Clone, Copy)]
pub(crate) enum ShiftTask {
    LogIn,
    Pause,
    Interruption,
    Return(StateReason),
    LogOut,
    /// Sets the state of a channel to match the unified state. Planned in addition to the others.
    Follow(Channel),
}

/// A reason for an agent to stop being online.
#[derive(Clone, Copy)]
struct Interruption {
    activity: Activity,
    reason: StateReason,
    ends_by: StateReason,
    shortest: u64,
    longest: u64,
}

/// Lists interruptions with their weight, and their minimum and maximum length in seconds.
macro_rules! interruptions {
    ($($often:literal: $activity:ident by $reason:ident, until $ends_by:ident, $shortest:literal to $longest:literal;)+) => {
        [$((
            $often,
            Interruption {
                activity: Activity::$activity,
                reason: StateReason::$reason,
                ends_by: StateReason::$ends_by,
                shortest: $shortest * SECOND,
                longest: $longest * SECOND,
            },
        )),+]
    };
}

const INTERRUPTIONS: [(u32, Interruption); 11] = interruptions![
    20: WrapUp by Switcher, until Switcher, 40 to 240;
    12: Away by Switcher, until Switcher, 120 to 600;
    8: Away by IdleTimeout, until Switcher, 60 to 900;
    6: Offline by Disconnected, until AutoReconnect, 3 to 90;
    2: Offline by IdleTimeout, until Switcher, 300 to 1_500;
    3: Meeting by Switcher, until Switcher, 900 to 1_800;
    2: Meeting by Workforce, until Workforce, 900 to 1_800;
    3: Training by Workforce, until Workforce, 1_800 to 3_600;
    3: TransfersOnly by Switcher, until Switcher, 600 to 1_800;
    2: TransfersOnly by Monitoring, until Monitoring, 600 to 1_200;
    4: Away by PublicApi, until PublicApi, 60 to 1_200;
];

impl Shift {
    /// Draws working hours. Of eight agents, five begin with the simulation, two within two hours
    /// and one within fourteen hours, at quarters of an hour.
    pub(crate) fn draw(index: u32, random: &mut Random) -> Self {
        let (first, last) = match index % 8 {
            0..5 => (0, 1),
            5..7 => (2, 7),
            _ => (8, 55),
        };
        let quarter = random.between(first, last);
        Self {
            on: false,
            leaving: false,
            number: 0,
            resumes: 0,
            moments: [0; 4],
            next_moment: 0,
            day: 0,
            offset: quarter * 15 * MINUTE + random.between(0, 5 * MINUTE),
            day_off: random.choose(&[(6, 5), (1, 3), (1, 1)]),
        }
    }

    pub(crate) fn first_begin(&self, start: u64) -> u64 {
        start + self.offset
    }

    /// Moves to the next working day, and returns when its shift begins.
    fn next_begin(&mut self, start: u64, random: &mut Random) -> u64 {
        loop {
            self.day += 1;
            let weekday = self.day % 7;
            if weekday != self.day_off && weekday != self.day_off + 1 {
                break;
            }
        }
        start + self.day * DAY + self.offset + random.between(0, 4 * MINUTE)
    }

    fn begin(&mut self, now: u64, random: &mut Random) {
        self.on = true;
        self.leaving = false;
        self.number = self.number.wrapping_add(1);
        self.moments = MOMENTS.map(|(from, to)| now + random.between(from * MINUTE, to * MINUTE));
        self.next_moment = 0;
    }
}

impl Floor {
    pub(crate) fn shift(&mut self, now: u64, agent: usize, task: ShiftTask) {
        match task {
            ShiftTask::LogIn => self.log_in(now, agent),
            ShiftTask::Pause => self.pause(now, agent),
            ShiftTask::Interruption => self.interrupt(now, agent),
            ShiftTask::Return(reason) => {
                self.enter(now, agent, Activity::Online, reason);
                self.plan_next(now, agent);
            }
            ShiftTask::LogOut => self.log_out(now, agent),
            ShiftTask::Follow(channel) => {
                if let Some(change) = self.agents[agent].follow(channel) {
                    self.record(now, agent, change);
                }
            }
        }
    }

    fn log_in(&mut self, now: u64, agent: usize) {
        self.agents[agent].shift.begin(now, &mut self.random);
        self.enter(now, agent, Activity::Online, StateReason::Switcher);
        self.plan_next(now, agent);

        let shift = self.agents[agent].shift.number;
        let soon = now + self.random.between(5 * SECOND, 90 * SECOND);
        self.plan(soon, agent, Task::Work(WorkTask::Arrival { shift }));
        let soon = now + self.random.between(5 * SECOND, 300 * SECOND);
        self.plan_chat(soon, agent, ChatTask::Begin { shift });
        self.plan_rearrangement(now, agent);
    }

    fn pause(&mut self, now: u64, agent: usize) {
        if self.is_on_call(agent) {
            // An agent finishes a call before a pause.
            let later = now + self.random.between(20 * SECOND, 120 * SECOND);
            return self.plan(later, agent, Task::Shift(ShiftTask::Pause));
        }
        let shift = &mut self.agents[agent].shift;
        let activity = PAUSES[shift.next_moment];
        shift.next_moment += 1;
        let (shortest, longest) = if activity == Activity::Lunch { (30, 45) } else { (9, 16) };
        let length = self.random.between(shortest * MINUTE, longest * MINUTE);
        // Some agents log out for lunch instead of setting a status.
        let (activity, reason) = match activity {
            Activity::Lunch if self.random.one_in(24) => (Activity::Offline, StateReason::Logout),
            activity => (activity, StateReason::Switcher),
        };
        self.enter(now, agent, activity, reason);
        let task = ShiftTask::Return(StateReason::Switcher);
        self.plan(now + length, agent, Task::Shift(task));
    }

    fn interrupt(&mut self, now: u64, agent: usize) {
        let interruption = self.random.choose(&INTERRUPTIONS);
        let length = self.random.between(interruption.shortest, interruption.longest);
        if interruption.activity == Activity::Offline {
            self.release(now, agent, |channel| channel == Channel::Talk);
        }
        self.enter(now, agent, interruption.activity, interruption.reason);
        let task = ShiftTask::Return(interruption.ends_by);
        self.plan(now + length, agent, Task::Shift(task));
    }

    fn log_out(&mut self, now: u64, agent: usize) {
        self.agents[agent].shift.leaving = true;
        // The agent keeps tickets overnight, but not conversations and calls.
        if self.release(now, agent, |channel| channel != Channel::Support) {
            return self.plan(now + 6 * SECOND, agent, Task::Shift(ShiftTask::LogOut));
        }
        self.enter(now, agent, Activity::Offline, StateReason::Logout);
        let shift = &mut self.agents[agent].shift;
        shift.on = false;
        shift.resumes = shift.next_begin(self.start, &mut self.random);
        let begin = shift.resumes;
        self.plan(begin, agent, Task::Shift(ShiftTask::LogIn));
    }

    /// Plans the next moment of the shift, or an interruption if that is earlier.
    fn plan_next(&mut self, now: u64, agent: usize) {
        let shift = &self.agents[agent].shift;
        let moment = shift.moments[shift.next_moment];
        let task = match PAUSES.get(shift.next_moment) {
            Some(_) => ShiftTask::Pause,
            None => ShiftTask::LogOut,
        };
        let interruption = now + 20 * SECOND + self.random.exponential(UNINTERRUPTED);
        if interruption < moment {
            self.plan(interruption, agent, Task::Shift(ShiftTask::Interruption));
        } else {
            self.plan(moment.max(now + 5 * SECOND), agent, Task::Shift(task));
        }
    }

    /// Changes the unified state now, and the channels and the Chat status shortly after.
    fn enter(&mut self, now: u64, agent: usize, activity: Activity, reason: StateReason) {
        let state = self.accounts[self.agents[agent].account].state(activity, reason);
        let change = self.agents[agent].enter(activity, state);
        self.record(now, agent, change);

        // Sometimes all changes have the same instant.
        let longest = if self.random.one_in(8) { 0 } else { 30 * MILLISECOND };
        let mut then = now;
        for channel in Channel::ALL {
            then += self.random.between(longest.min(60 * MICROSECOND), longest);
            self.plan(then, agent, Task::Shift(ShiftTask::Follow(channel)));
        }
        then += self.random.between(0, 20 * MILLISECOND);
        self.plan_chat(then, agent, ChatTask::Follow);
    }
}
