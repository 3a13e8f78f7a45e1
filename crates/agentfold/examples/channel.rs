//! Builds events in code, sends them to a thread that folds them, stores them as JSON, and reads them back.
//!
//! ```sh
//! cargo run --example channel
//! ```

use std::error::Error;
use std::sync::mpsc;
use std::thread;

use agentfold::event::{Availability, Body};
use agentfold::{Agent, Event, Fold, Instant};

/// An agent who comes online on a channel. The event owns its texts, so it may go to another thread.
pub(crate) fn comes_online(
    agent: Agent,
    channel: &str,
    at: Instant,
) -> Result<Event<'static>, Box<dyn Error>> {
    let body = Body::StateChanged {
        channel: channel.to_owned().into(),
        previous_state: Some("offline".into()),
        new_state: "online".into(),
    };
    let id = format!("made-{agent}-{at}");
    let event = Event::Availability(Availability::new(agent, at, id, body)?.with_version(1));
    assert_eq!(event.check(), []);
    Ok(event)
}

/// Folds events in a thread of its own, and stores them as lines of JSON on the way.
pub(crate) fn folded_and_stored(
    events: Vec<Event<'static>>,
) -> Result<(Fold, Vec<String>), Box<dyn Error>> {
    let (sender, receiver) = mpsc::channel::<Event<'static>>();
    let folding = thread::spawn(move || receiver.into_iter().collect::<Fold>());
    let mut lines = Vec::new();
    for event in events {
        lines.push(serde_json::to_string(&event)?);
        sender.send(event)?;
    }
    drop(sender);
    let fold = folding.join().map_err(|_| "the thread panicked")?;
    Ok((fold, lines))
}

/// Reads stored events back. They borrow nothing from the lines.
pub(crate) fn read_back(lines: &[String]) -> Result<Vec<Event<'static>>, serde_json::Error> {
    lines.iter().map(|line| serde_json::from_str(line)).collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    let at: Instant = "2026-01-05T08:00:00Z".parse()?;
    let events: Result<Vec<_>, _> =
        (1..4).map(|agent| comes_online(Agent::new(2, agent), "support", at)).collect();
    let (fold, lines) = folded_and_stored(events?)?;
    let again: Fold = read_back(&lines)?.into_iter().collect();
    assert!(fold == again);
    for line in lines {
        println!("{line}");
    }
    println!("{} agents", fold.len());
    Ok(())
}
