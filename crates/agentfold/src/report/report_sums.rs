//! [`ReportSums`]: a report of agents that are kept apart.

use std::collections::BTreeMap;
use std::ops::Range;

use super::agent_report::RollUp;
use super::buckets::Buckets;
use super::row::Row;
use super::sums::Sums;
use crate::error::Error;
use crate::fold::Fold;
use crate::fold::names::{Names, hasher};
use crate::{Agent, Selection};

/// The sums of a report of agents that are kept apart, in a database for example. Each agent is opened, added
/// and dropped, so that the report takes the memory of one agent and of its own rows.
///
/// Each agent must be added once, with everything that is known of it. Then the rows are those of
/// [`Fold::report`]. By [`RollUp::Agent`], nothing is summed, so that [`Fold::report`] of one agent after the
/// other takes less memory.
///
/// ```
/// use agentfold::report::{Buckets, ReportSums, RollUp, Row};
/// use agentfold::{Fold, Instant, Selection};
///
/// let mut whole = Fold::new();
/// for agent in [7, 8] {
///     let event = format!(
///         r#"{{"account_id": 2, "agent_id": {agent}, "field_name": "status", "id": "a",
///             "timestamp": "2026-01-05T09:00:00Z", "value": "online"}}"#);
///     whole.read(event.as_bytes(), |bad| panic!("{bad}"));
/// }
/// let store: Vec<Vec<u8>> = whole.save_agents().map(|(_, saved)| saved).collect();
///
/// let at = |time: &str| -> Instant { format!("2026-01-05T{time}Z").parse().expect("valid") };
/// let buckets = Buckets::new(vec![at("09:00:00"), at("10:00:00")], at("10:00:00"))?;
/// let mut sums = ReportSums::new(&buckets, RollUp::Account, &Selection::all());
/// for saved in &store {
///     let mut one = Fold::new();
///     one.restore(saved)?;
///     sums.add(&one)?;
/// }
/// let rows: Vec<Row> = sums.rows().collect();
/// assert!(rows.iter().cloned().eq(whole.report(&buckets, RollUp::Account, &Selection::all())?));
/// let Some(Row::Chat(chat)) = rows.last() else { panic!("chat comes last") };
/// assert_eq!(chat.about.agents, Some(2));
/// # Ok::<(), agentfold::Error>(())
/// ```
#[derive(Debug)]
pub struct ReportSums {
    buckets: Buckets,
    by: RollUp,
    selection: Selection,
    names: Names,
    /// By the first agent of those that a row may be about.
    sums: BTreeMap<Agent, Sums<'static>>,
    /// How many rows the sums make.
    rows: u64,
}

impl ReportSums {
    /// The sums of a report to which no agent was added yet.
    pub fn new(buckets: &Buckets, by: RollUp, selection: &Selection) -> ReportSums {
        let (buckets, selection) = (buckets.clone(), selection.clone());
        let (names, sums) = (Names::new(hasher(0)), BTreeMap::new());
        ReportSums { buckets, by, selection, names, sums, rows: 0 }
    }

    /// Adds all agents of a fold.
    ///
    /// # Errors
    /// `too_many_rows` if there are more rows than [`Buckets::ROW_LIMIT`] or the limit set by
    /// [`Buckets::with_row_limit`].
    pub fn add(&mut self, fold: &Fold) -> Result<(), Error> {
        let selection = self.selection.clone();
        self.add_selected(fold, &selection, 0..self.buckets.len())
    }

    /// Adds one agent of a fold, so that other work can be done before the next one is added.
    ///
    /// # Errors
    /// As [`ReportSums::add`].
    pub fn add_agent(&mut self, fold: &Fold, agent: Agent) -> Result<(), Error> {
        self.add_buckets(fold, agent, 0..self.buckets.len())
    }

    /// Adds one agent of a fold in some buckets, by their places, so that other work can be done before the
    /// next ones are added. Each bucket of an agent must be added once. Places without a bucket are ignored.
    ///
    /// # Errors
    /// As [`ReportSums::add`].
    pub fn add_buckets(
        &mut self,
        fold: &Fold,
        agent: Agent,
        places: Range<usize>,
    ) -> Result<(), Error> {
        if !self.selection.has_agent(agent) {
            return Ok(());
        }
        let selection = Selection { agents: vec![agent.into()], ..self.selection.clone() };
        self.add_selected(fold, &selection, places)
    }

    fn add_selected(
        &mut self,
        fold: &Fold,
        selection: &Selection,
        places: Range<usize>,
    ) -> Result<(), Error> {
        let ReportSums { buckets, by, names, sums, rows, .. } = self;
        let renamed = names.adopt(&fold.names);
        let first_bucket = places.start;
        fold.sums_of_each(&buckets.part(places), *by, selection, |agent, of_agent| {
            let first = match by {
                RollUp::Agent => agent,
                RollUp::Channel => Agent::new(0, 0),
                RollUp::Account | RollUp::Group | RollUp::GroupSplit => {
                    Agent { agent_id: 0.into(), ..agent }
                }
            };
            let known = sums.entry(first).or_default();
            let before = known.len();
            known.join(of_agent.moved(&renamed, first_bucket));
            *rows += (known.len() - before) as u64;
        });
        buckets.check_rows(0, *rows)
    }

    /// The rows, in the order of those of [`Fold::report`].
    pub fn rows(self) -> impl Iterator<Item = Row> + use<> {
        let ReportSums { buckets, by, names, sums, .. } = self;
        sums.into_iter()
            .flat_map(move |(first, sums)| sums.rows(by.about(first), buckets.boundaries(), &names))
    }
}
