//! Tables and summaries for people.

use std::collections::{BTreeMap, BTreeSet};

use agentfold::floor::ChannelFloor;
use agentfold::history::{Anomaly, Sign};
use agentfold::names::Names;
use agentfold::state::ChannelState;
use agentfold::{AgentState, Counts, Id, Shown};
use comfy_table::presets::NOTHING;
use comfy_table::{Attribute, Cell, CellAlignment, Color, LineStyle, Table};

use crate::output::counted;

/// The states of agents: a row for each agent, a column for each channel.
pub(crate) fn agents(states: &[AgentState], names: Option<&Names>) -> Table {
    let channels: BTreeSet<&str> =
        states.iter().flat_map(|state| state.channels.keys()).map(String::as_str).collect();
    let mut table = ruled();
    let headings = ["account", "agent"].into_iter().chain(names.map(|_| "name"));
    let headings = headings.chain(["status", "since"]).chain(channels.iter().copied());
    table.set_header(headings.map(|heading| text(heading).add_attribute(Attribute::Bold)));
    for state in states {
        let unified = state.unified_state.as_ref();
        let chat = state.chat.as_ref().and_then(|chat| chat.status.as_deref().zip(chat.since));
        let status = unified.map(|u| (u.name.as_deref().unwrap_or(&u.id), u.since)).or(chat);
        let (name, since) =
            status.map_or(("?", "?".to_owned()), |(name, since)| (name, since.to_string()));
        let mut row = vec![right(state.agent.account_id), right(state.agent.agent_id)];
        row.extend(names.map(|names| agent_name(names, state.agent.agent_id)));
        row.push(text(name));
        // To the second.
        row.push(Cell::new(since.get(..19).unwrap_or(&since).replace('T', " ")));
        row.extend(channels.iter().map(|channel| channel_cell(state.channels.get(*channel))));
        table.add_row(row);
    }
    table
}

/// The channels of a floor: load, spare capacity, and how many agents can take one more item.
pub(crate) fn channels(floors: &[ChannelFloor]) -> Table {
    let mut table = ruled();
    table.set_header(
        ["account", "channel", "agents", "load", "spare", "accepting", "unsure", "doubtful"]
            .map(|heading| Cell::new(heading).add_attribute(Attribute::Bold)),
    );
    for floor in floors {
        let states = floor.states.iter();
        let states: Vec<String> = states
            .map(|count| format!("{} {}", count.agents, count.state.as_deref().unwrap_or("?")))
            .collect();
        // An agent without a limit adds more than any number.
        let open = if floor.unlimited > 0 { "+" } else { "" };
        table.add_row([
            right(floor.account_id),
            text(&floor.channel),
            text(&states.join(", ")),
            right(format!("{}/{}{open}", floor.load, floor.max_capacity)),
            right(format!("{}{open}", floor.spare)),
            right(floor.accepting),
            right(floor.unsure),
            right(floor.doubtful),
        ]);
    }
    table
}

/// The agents of a floor who can take one more item, least loaded first.
pub(crate) fn takers(floors: &[ChannelFloor], top: usize, names: Option<&Names>) -> Table {
    let mut table = ruled();
    let headings = ["account", "channel", "can take one more"].into_iter();
    let headings = headings.chain(names.map(|_| "name")).chain(["load", "spare", "doubts"]);
    table.set_header(headings.map(|name| Cell::new(name).add_attribute(Attribute::Bold)));
    for floor in floors {
        let accepting = floor.agents.iter().filter(|agent| agent.accepting == Some(true));
        for agent in accepting.take(top) {
            let number = |number: Option<u64>| number.map_or("-".to_owned(), |n| n.to_string());
            let doubts: Vec<&str> = agent.doubts.iter().map(|doubt| doubt.as_str()).collect();
            let mut row =
                vec![right(floor.account_id), text(&floor.channel), right(agent.agent_id)];
            row.extend(names.map(|names| agent_name(names, agent.agent_id)));
            row.extend([
                right(format!("{}/{}", agent.load, number(agent.max_capacity))),
                right(number(agent.spare)),
                Cell::new(doubts.join(", ").replace('_', " ")).fg(Color::Yellow),
            ]);
            table.add_row(row);
        }
    }
    table
}

/// The name of an agent; empty if it is not known.
fn agent_name(names: &Names, id: Id) -> Cell {
    text(names.agent(id).unwrap_or_default())
}

/// A cell with text of events or names.
pub(crate) fn text(text: &str) -> Cell {
    Cell::new(Shown(text))
}

fn right(text: impl ToString) -> Cell {
    Cell::new(text).set_alignment(CellAlignment::Right)
}

/// A table with a line under its headings.
pub(crate) fn ruled() -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING.header_separator(LineStyle::none().fill('─').junction('─')));
    table
}

/// State, load and capacity of one channel; with a tick and green if the agent can take one more
/// item.
fn channel_cell(channel: Option<&ChannelState>) -> Cell {
    let Some(channel) = channel else {
        return Cell::new("");
    };
    if channel.access == Some(false) {
        return Cell::new("no access").fg(Color::DarkGrey);
    }
    let state = channel.state.as_deref().unwrap_or("?");
    let max = channel.max_capacity.map_or("-".to_owned(), |max| max.to_string());
    let text = format!("{} {}/{max}", Shown(state), channel.load);
    match channel.accepting {
        Some(true) => Cell::new(format!("{text} ✓")).fg(Color::Green),
        _ => Cell::new(text),
    }
}

/// A summary of the outcomes of events and of the anomalies.
pub(crate) fn story(counts: &Counts, anomalies: &[Anomaly], unknown_agents: usize) -> String {
    let mut lines = vec![format!(
        "{} events: {} updated the state, {} arrived late and corrected the history, {} were duplicates",
        counts.total(),
        counts.applied,
        counts.late,
        counts.duplicate
    )];
    for (count, what) in [
        (unknown_agents as u64, "agents are not known: their events were ignored or expired"),
        (counts.expired, "were from before the cut and not accepted"),
        (counts.ignored, "had types that agentfold does not know"),
        (counts.limit, "would have exceeded a limit and were not taken in"),
        (counts.unreadable, "could not be read"),
    ] {
        if count > 0 {
            lines.push(format!("{count} {what}"));
        }
    }
    let mut lost = (0_u128, BTreeSet::new());
    let mut sparse = 0_u64;
    let (mut gaps, mut orphans, mut conflicts) = (0_u64, 0_u64, 0_u64);
    for anomaly in anomalies {
        match &anomaly.sign {
            Sign::MissingVersions { sparse: true, .. } => sparse += 1,
            Sign::MissingVersions { ranges, .. } => {
                lost.0 +=
                    ranges.iter().map(|(first, last)| u128::from(last - first) + 1).sum::<u128>();
                lost.1.insert(anomaly.agent);
            }
            Sign::Gap(_) => gaps += 1,
            Sign::Orphan(_) => orphans += 1,
            Sign::Conflict(_) => conflicts += 1,
            _ => {}
        }
    }
    if lost.0 > 0 {
        let versions = u64::try_from(lost.0).unwrap_or(u64::MAX);
        lines.push(format!(
            "{} of {} {} missing: their events were probably lost",
            counted(versions, "version"),
            counted(lost.1.len() as u64, "agent"),
            if versions == 1 { "is" } else { "are" },
        ));
    }
    for (count, what) in [
        (sparse, "agents have gaps between most of their versions, which raise no doubt"),
        (gaps, "changes state another previous value: an event before them is missing"),
        (orphans, "changes of work items that were not open"),
        (conflicts, "events contradict another event with the same time and id"),
    ] {
        if count > 0 {
            lines.push(format!("{count} {what}"));
        }
    }
    lines.join("\n")
}

/// Words that agentfold has never seen, and how often they occurred.
pub(crate) fn drift(drift: &BTreeMap<(&'static str, String), u64>) -> Table {
    let mut table = ruled();
    table.set_header(["never seen", "value", "count"]);
    for ((kind, value), count) in drift {
        table.add_row([Cell::new(kind), text(value), right(count)]);
    }
    table
}
