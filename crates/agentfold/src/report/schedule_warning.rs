//! [`ScheduleWarning`]: a word of a schedule that no agent ever had.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Scheduled;
use crate::fold::Fold;
use crate::fold::tracks::Target;
use crate::fold::value::{Previous, Value};
use crate::word::words;
use crate::{Id, Shown, Track};

words! {
    /// What a word of a schedule names that is not known.
    #[non_exhaustive]
    pub enum ScheduleWarningCode {
        /// A channel that no agent of the account has.
        UnknownChannel = "unknown_channel",
        /// A state that no agent of the account ever had on the track.
        UnknownState = "unknown_state",
    }
}

/// A word of a schedule that no agent ever had. It is probably misspelt, and its line measures
/// something that never happens.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct ScheduleWarning {
    /// What is not known.
    pub code: ScheduleWarningCode,
    /// Where the word stands first: a JSON Pointer into the schedule, such as `/3/states/0`.
    pub path: String,
    /// The problem in words.
    pub message: String,
    /// The account of the line.
    pub account_id: Id,
    /// The word.
    pub word: String,
    /// The known words that are written most alike; empty if none is near.
    pub near: Vec<String>,
    /// How many lines have the word.
    pub lines: u64,
}

/// The place of a word among the warnings: its account, what it should name, and the word.
type Key = (Id, ScheduleWarningCode, Option<Track>, String);

/// How many near words a warning has at most.
const NEAR: usize = 3;

impl Fold {
    /// Returns the words of a schedule that no agent of the account ever had: channels and states,
    /// with the known words that are written alike. In the order of the lines.
    ///
    /// A line with such a word is measured all the same.
    ///
    /// ```
    /// use agentfold::Fold;
    /// use agentfold::report::Scheduled;
    ///
    /// let online = br#"{"account_id": 2, "detail": {"agent_id": "7"}, "id": "a",
    ///     "event": {"updated_at": "2026-01-05T09:15:00Z", "channel": "support",
    ///               "previous_state": "offline", "new_state": "online"},
    ///     "type": "zen:event-type:agent.state_changed"}"#;
    /// let mut fold = Fold::new();
    /// fold.read(online, |bad| panic!("{bad:?}"));
    ///
    /// let line = |track: &str, state: &str| Scheduled {
    ///     account_id: 2.into(),
    ///     agent_id: 7.into(),
    ///     from: "2026-01-05T09:00:00Z".parse().expect("valid"),
    ///     to: "2026-01-05T10:00:00Z".parse().expect("valid"),
    ///     track: Some(track.parse().expect("a track")),
    ///     states: vec![state.to_owned()],
    /// };
    /// let schedule = [line("state[support]", "onlin"), line("state[suport]", "online")];
    /// let warnings = fold.schedule_warnings(&schedule);
    /// assert_eq!((&*warnings[0].path, &*warnings[0].near), ("/0/states/0", &["online".to_owned()][..]));
    /// assert_eq!((&*warnings[1].word, &*warnings[1].near), ("suport", &["support".to_owned()][..]));
    /// ```
    pub fn schedule_warnings(&self, schedule: &[Scheduled]) -> Vec<ScheduleWarning> {
        let accounts: BTreeSet<Id> = self.agents().map(|agent| agent.account_id).collect();
        let mut known: BTreeMap<(Id, Option<Track>), BTreeSet<String>> = BTreeMap::new();
        let mut places: BTreeMap<Key, usize> = BTreeMap::new();
        let mut warnings: Vec<ScheduleWarning> = Vec::new();
        for (number, line) in schedule.iter().enumerate() {
            let account_id = line.account_id;
            let mut warn = |code, track, word: String, part: &str, among: &BTreeSet<String>| {
                let place =
                    *places.entry((account_id, code, track, word.clone())).or_insert_with(|| {
                        let path = format!("/{number}{part}");
                        warnings.push(ScheduleWarning::new(code, path, account_id, word, among));
                        warnings.len() - 1
                    });
                warnings[place].lines += 1;
            };
            let Ok(track) = line.track_with_states() else {
                continue;
            };
            if !accounts.contains(&account_id) {
                continue;
            }
            if let Some(channel) = track.channel() {
                let channels =
                    known.entry((account_id, None)).or_insert_with(|| self.channels_of(account_id));
                if !channels.contains(channel) {
                    let code = ScheduleWarningCode::UnknownChannel;
                    warn(code, None, channel.to_owned(), "/track", channels);
                    continue;
                }
            }
            let states = known
                .entry((account_id, Some(track.clone())))
                .or_insert_with(|| self.states_of(account_id, &track));
            for (place, state) in line.states.iter().enumerate() {
                // Any number of engagements may occur.
                let is_number =
                    !state.is_empty() && state.bytes().all(|byte| byte.is_ascii_digit());
                if !(states.contains(state) || (track == Track::ChatEngagements && is_number)) {
                    let code = ScheduleWarningCode::UnknownState;
                    let part = format!("/states/{place}");
                    warn(code, Some(track.clone()), state.clone(), &part, states);
                }
            }
        }
        warnings
    }

    /// The channels of an account's agents.
    fn channels_of(&self, account_id: Id) -> BTreeSet<String> {
        let agents = self.agents_where(&|agent| agent.account_id == account_id);
        let tracks = agents.into_iter().filter_map(|agent| self.tracks(agent));
        let channels = tracks.flat_map(|tracks| &tracks.channels);
        channels.map(|channel| self.names.text(channel.name).to_owned()).collect()
    }

    /// The states that an account's agents had on a track; of unified states, the ids and the names.
    fn states_of(&self, account_id: Id, track: &Track) -> BTreeSet<String> {
        let mut states = BTreeSet::new();
        let Some(target) = Target::of(track, &self.names) else {
            return states;
        };
        let agents = self.agents_where(&|agent| agent.account_id == account_id);
        let tracks = agents.into_iter().filter_map(|agent| self.tracks(agent));
        let tracks = tracks.filter_map(|tracks| tracks.track(&target));
        for transition in tracks.flat_map(|track| track.transitions()) {
            let previous = match transition.previous {
                Previous::Value(previous) => Some(previous),
                _ => None,
            };
            for value in [Some(transition.value), previous].into_iter().flatten() {
                let names = match value {
                    Value::Unified(state) => [Some(state.id), state.name],
                    Value::Name(name) => [Some(name), None],
                    _ => [None, None],
                };
                let texts = names.into_iter().flatten().map(|name| self.names.text(name));
                states.extend(texts.map(str::to_owned));
            }
        }
        states
    }
}

impl ScheduleWarning {
    fn new(
        code: ScheduleWarningCode,
        path: String,
        account_id: Id,
        word: String,
        among: &BTreeSet<String>,
    ) -> ScheduleWarning {
        let near = near(&word, among);
        let shown = Shown(&word);
        let what = match code {
            ScheduleWarningCode::UnknownChannel => format!("no agent has a channel `{shown}`"),
            ScheduleWarningCode::UnknownState => {
                format!("no agent ever was in the state `{shown}`")
            }
        };
        let words: Vec<String> = near.iter().map(|near| format!("`{}`", Shown(near))).collect();
        let message = match &words[..] {
            [] => what,
            words => format!("{what}; did you mean {}?", words.join(" or ")),
        };
        ScheduleWarning { code, path, message, account_id, word, near, lines: 0 }
    }
}

/// The known words that are written most alike.
fn near(word: &str, known: &BTreeSet<String>) -> Vec<String> {
    // The tables of all alphabets would take 11 kB of the WebAssembly module.
    let lower = word.trim().to_ascii_lowercase();
    let distance =
        |known: &&String| strsim::osa_distance(&lower, &known.trim().to_ascii_lowercase());
    let is_near = |(distance, known): &(usize, &String)| *distance <= 1 + known.chars().count() / 4;
    // Ids that differ in a digit are different ids.
    let words = known.iter().filter(|known| !known.bytes().all(|byte| byte.is_ascii_digit()));
    let mut near: Vec<(usize, &String)> =
        words.map(|known| (distance(&known), known)).filter(is_near).collect();
    near.sort();
    let nearest = near.first().map(|(distance, _)| *distance);
    near.retain(|(distance, _)| Some(*distance) == nearest);
    near.into_iter().take(NEAR).map(|(_, known)| known.clone()).collect()
}
