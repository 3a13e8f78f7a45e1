//! [`Metrics`]: what the server counts, for Prometheus.

use std::fmt;
use std::time::Duration;

use agentfold::Outcome;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use crate::outbox::Messages;

/// What the server counts since it started. Copies count together.
#[derive(Debug, Clone)]
pub(crate) struct Metrics {
    outcomes: Family<Handled, Counter>,
    questions: Family<Answered, Counter>,
    commits: Histogram,
    batches: Histogram,
}

/// What became of a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Handled {
    outcome: Word,
}

/// The status of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    status: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Word(&'static str);

impl EncodeLabelValue for Word {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), fmt::Error> {
        self.0.encode(encoder)
    }
}

/// What is counted when it is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Now {
    /// Agents in memory.
    pub(crate) agents: usize,
    /// Programs that follow events.
    pub(crate) followers: usize,
    /// Bytes of the database.
    pub(crate) stored_bytes: u64,
    pub(crate) messages: Messages,
}

impl Metrics {
    pub(crate) fn new() -> Metrics {
        Metrics {
            outcomes: Family::default(),
            questions: Family::default(),
            commits: Histogram::new(exponential_buckets(0.000_5, 2.0, 14)),
            batches: Histogram::new(exponential_buckets(1.0, 2.0, 10)),
        }
    }

    pub(crate) fn outcome(&self, outcome: &Outcome) {
        self.handled(outcome.as_str(), 1);
    }

    /// Counts deliveries that had another outcome than those of a fold.
    pub(crate) fn handled(&self, outcome: &'static str, count: usize) {
        self.outcomes.get_or_create(&Handled { outcome: Word(outcome) }).inc_by(count as u64);
    }

    /// Counts a transaction with some deliveries, which took a time.
    pub(crate) fn committed(&self, deliveries: usize, took: Duration) {
        self.batches.observe(deliveries as f64);
        self.commits.observe(took.as_secs_f64());
    }

    pub(crate) fn answered(&self, status: u16) {
        self.questions.get_or_create(&Answered { status }).inc();
    }

    /// What was counted, as text for Prometheus (OpenMetrics 1.0).
    pub(crate) fn text(&self, now: Now) -> String {
        let mut counted = Registry::with_prefix("agentfold");
        let gauge = |number: u64| {
            let gauge: Gauge = Gauge::default();
            gauge.set(i64::try_from(number).unwrap_or(i64::MAX));
            gauge
        };
        counted.register("deliveries", "Webhook deliveries", self.outcomes.clone());
        counted.register("answers", "Answers to questions", self.questions.clone());
        counted.register(
            "commit_seconds",
            "How long it took to store the deliveries of a transaction",
            self.commits.clone(),
        );
        counted.register(
            "commit_deliveries",
            "How many deliveries were stored in a transaction",
            self.batches.clone(),
        );
        counted.register("agents", "Agents in memory", gauge(now.agents as u64));
        counted.register("followers", "Programs that follow events", gauge(now.followers as u64));
        counted.register("stored_bytes", "Bytes of the database", gauge(now.stored_bytes));
        let Messages { waiting, dropped } = now.messages;
        counted.register("messages_waiting", "Messages about alerts that wait", gauge(waiting));
        let counter: Counter = Counter::default();
        counter.inc_by(dropped);
        counted.register(
            "messages_dropped",
            "Messages about alerts that no receiver took",
            counter,
        );
        let mut text = String::new();
        encode(&mut text, &counted).expect("INVARIANT: a string takes all");
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_is_text() {
        let metrics = Metrics::new();
        metrics.outcome(&Outcome::Duplicate);
        metrics.clone().outcome(&Outcome::Duplicate);
        metrics.answered(200);
        metrics.committed(3, Duration::from_millis(2));
        let messages = Messages { waiting: 2, dropped: 7 };
        let text = metrics.text(Now { agents: 5, followers: 1, stored_bytes: 4096, messages });
        for line in [
            "agentfold_deliveries_total{outcome=\"duplicate\"} 2",
            "agentfold_answers_total{status=\"200\"} 1",
            "agentfold_commit_deliveries_sum 3.0",
            "agentfold_agents 5",
            "agentfold_stored_bytes 4096",
            "agentfold_messages_waiting 2",
            "agentfold_messages_dropped_total 7",
        ] {
            assert!(text.lines().any(|it| it == line), "{line} in\n{text}");
        }
    }
}
