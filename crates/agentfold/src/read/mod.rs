//! Reads events in three layers: a template for Zendesk's usual spelling, a pull parser for any order
//! of keys, and a strict reader that takes any bytes and reports every problem.

#[cfg(all(test, not(miri)))]
mod cost;
pub(crate) mod envelope;
pub(crate) mod fields;
pub(crate) mod format;
mod frame;
pub(crate) mod json;
pub(crate) mod parts;
mod pull;
mod records;
mod scanner;
mod shapes;
mod slot;
mod strict;
mod values;
pub(crate) mod walk;

pub use records::{Iter, Next, Record, RecordText, Records, Unreadable};

pub(crate) use shapes::Shapes;
pub(crate) use strict::FOUNDED;
pub(crate) use values::Values;

use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::event::{Event, FUTURE_TOLERANCE, InstantFrom};
use crate::issue::Issue;
use crate::issues::Issues;
use crate::limits::Limits;

/// How events are read.
///
/// In data, all fields are optional.
///
/// ```
/// use agentfold::Options;
/// use agentfold::event::InstantFrom;
///
/// let options = Options::default().with_instant(InstantFrom::Time).with_max_bytes(65_536);
/// assert_eq!(options.max_depth, 64);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Options {
    /// The field that dates a change.
    pub instant: InstantFrom,
    /// The maximum size of an event in bytes.
    pub max_bytes: usize,
    /// The maximum nesting depth of an event.
    pub max_depth: usize,
    /// How much a fold that reads by these options holds at most.
    pub limits: Limits,
    /// Seeds the hashes of a fold's maps; 0 for a seed that differs from process to process where the
    /// system places programs at random. It changes no answer.
    #[serde(skip)]
    pub hash_seed: u64,
    /// The reader's clock. An event that is dated more than 24 hours after it is refused
    /// (`future_instant`); five minutes are a warning (`ahead_instant`). Without a clock, only the
    /// envelope bounds how an event is dated.
    ///
    /// If you keep a fold or a stream for long, set their clock before you read
    /// ([`Fold::set_now`](crate::Fold::set_now), [`Stream::set_now`](crate::stream::Stream::set_now)).
    pub now: Option<Instant>,
}

impl Default for Options {
    /// Changes dated by `updated_at`, events of at most 1 MiB, nested at most 64 deep, and no clock.
    fn default() -> Options {
        let instant = InstantFrom::UpdatedAt;
        let (limits, now) = (Limits::default(), None);
        Options { instant, max_bytes: 1 << 20, max_depth: 64, limits, hash_seed: 0, now }
    }
}

impl Options {
    /// Dates changes by another field than `updated_at`.
    #[must_use]
    pub const fn with_instant(mut self, instant: InstantFrom) -> Options {
        self.instant = instant;
        self
    }

    /// Refuses events of more bytes than this.
    #[must_use]
    pub const fn with_max_bytes(mut self, max_bytes: usize) -> Options {
        self.max_bytes = max_bytes;
        self
    }

    /// Refuses events that are nested deeper than this.
    #[must_use]
    pub const fn with_max_depth(mut self, max_depth: usize) -> Options {
        self.max_depth = max_depth;
        self
    }

    /// Sets how much a fold holds at most.
    #[must_use]
    pub const fn with_limits(mut self, limits: Limits) -> Options {
        self.limits = limits;
        self
    }

    /// Seeds the hashes of a fold's maps, so that nobody can choose ids that make them slow. Give a
    /// random number where programs are always at the same place in memory, as in WebAssembly.
    #[must_use]
    pub const fn with_hash_seed(mut self, hash_seed: u64) -> Options {
        self.hash_seed = hash_seed;
        self
    }

    /// Refuses events that are dated more than 24 hours after this instant, the reader's clock.
    ///
    /// ```
    /// use agentfold::{Code, Options};
    ///
    /// let options = Options::default().with_now("2026-01-05T09:00:00Z".parse()?);
    /// let issues = options.parse(br#"{"account_id": 2, "agent_id": 7, "field_name": "status",
    ///     "id": "x", "timestamp": "2126-01-05T09:00:00Z", "value": "away"}"#).expect_err("too far");
    /// assert_eq!(issues[0].code, Code::FutureInstant);
    /// # Ok::<(), agentfold::BadInstant>(())
    /// ```
    #[must_use]
    pub const fn with_now(mut self, now: Instant) -> Options {
        self.now = Some(now);
        self
    }

    /// Reads one event, which must fill `bytes`.
    ///
    /// # Errors
    /// Every problem of the event, warnings too, if one of them is an error.
    ///
    /// ```
    /// use agentfold::{Code, Options};
    ///
    /// let options = Options::default().with_max_bytes(16);
    /// let issues = options.parse(br#"{"account_id": 2}"#).expect_err("seventeen bytes");
    /// assert_eq!(issues[0].code, Code::TooLarge);
    /// ```
    pub fn parse<'a>(&self, bytes: &'a [u8]) -> Result<Event<'a>, Issues> {
        match self.parse_quick(bytes, &mut Shapes::closed()) {
            Some(event) => Ok(event),
            None => strict::read(bytes, self).map(|(event, _)| event),
        }
    }

    /// Reads one event, which must fill `bytes`, if a quick layer can.
    #[inline]
    fn parse_quick<'a>(&self, bytes: &'a [u8], shapes: &mut Shapes) -> Option<Event<'a>> {
        let mut values = Values::new();
        let text = std::str::from_utf8(bytes).ok()?;
        let read = shapes.read_whole(text, &mut values, self)?;
        shapes.event(&read, &mut values, self)
    }

    /// Every problem of one event, which must fill `bytes`: errors first, then by path.
    pub fn check(&self, bytes: &[u8]) -> Vec<Issue> {
        match self.read_and_check(bytes) {
            Ok((_, warnings)) => warnings,
            Err(issues) => issues.into_vec(),
        }
    }

    /// Reads one event, which must fill `bytes`, and finds all of its problems.
    pub(crate) fn read_and_check<'a>(
        &self,
        bytes: &'a [u8],
    ) -> Result<(Event<'a>, Vec<Issue>), Issues> {
        strict::read(bytes, self)
    }

    /// Whether an instant is so far after the reader's clock that its event is refused.
    #[inline]
    pub(crate) fn is_future(&self, at: Instant) -> bool {
        self.now.is_some_and(|now| at.is_past(now, FUTURE_TOLERANCE))
    }

    /// Whether an instant is after the reader's clock by more than clocks differ.
    pub(crate) fn is_ahead(&self, at: Instant) -> bool {
        self.now.is_some_and(|now| at.is_past(now, AHEAD_TOLERANCE))
    }
}

/// How long after the reader's clock an event can be dated without a warning, in seconds.
const AHEAD_TOLERANCE: i64 = 300;

/// How deep known events are nested. The capacities of a channel are the deepest.
const DEEPEST: usize = 4;

impl<'a> Event<'a> {
    /// Reads one event of either feed, which must fill `bytes`.
    ///
    /// # Errors
    /// Every problem of the event, warnings too, if one of them is an error.
    ///
    /// ```
    /// use agentfold::event::Kind;
    /// use agentfold::{Code, Event};
    ///
    /// let event = Event::parse(br#"{"account_id": 2, "agent_id": 7, "field_name": "status",
    ///     "id": "x", "timestamp": "2018-10-19T12:33:50Z", "value": "away"}"#)?;
    /// assert_eq!(event.kind(), Some(Kind::ChatStatus));
    ///
    /// let issues = Event::parse(br#"{"type": 3}"#).expect_err("refused");
    /// assert_eq!(issues.first().code, Code::WrongType);
    /// assert_eq!(issues.first().path, "/type");
    /// # Ok::<(), agentfold::Issues>(())
    /// ```
    pub fn parse(bytes: &'a [u8]) -> Result<Event<'a>, Issues> {
        Options::default().parse(bytes)
    }
}

/// Every problem of one event, which must fill `bytes`: errors first, then by path.
///
/// An event without errors can be folded. Its warnings name what someone should look at.
///
/// ```
/// let issues = agentfold::check(br#"{"account_id": 2, "agent_id": 7, "field_name": "status",
///     "id": "x", "timestamp": "2018-10-19T12:33:50Z", "previous_value": "away", "value": "away"}"#);
/// assert_eq!(issues.len(), 1);
/// assert_eq!(issues[0].code.as_str(), "unchanged_value");
/// assert_eq!(issues[0].path, "/value");
/// ```
pub fn check(bytes: &[u8]) -> Vec<Issue> {
    Options::default().check(bytes)
}

#[cfg(test)]
mod tests {
    use std::cell::OnceCell;

    use proptest::prelude::*;
    use proptest::sample::{Index, select};

    use super::*;
    use crate::event::InstantFrom;
    use crate::fact::Fact;

    /// The events of Zendesk's documents, and some with rare features.
    const SAMPLES: &[&str] = &[
        include_str!("../../../../tests/vectors/documents/availability.ndjson"),
        include_str!("../../../../tests/vectors/documents/chat_event.json"),
        r#"{"account_id":2,"detail":{"account_id":"2","agent_id":"10011","version":"3"},"event":{"updated_at":"2023-04-05T23:30:58.642630335Z","previous_state":"offline","new_state":"online","channel":"support"},"id":"01GX79ST1QX01C889XV42S2J5T","subject":"zen:agent:10011","time":"2023-05-10T23:31:58.642630335Z","type":"zen:event-type:agent.state_changed","zendesk_event_version":"2022-11-06"}"#,
        r#"{"account_id":2,"detail":{"account_id":"2","agent_id":"10011","version":"3"},"event":{"updated_at":"2023-04-05T23:30:58Z","work_item_id":"123","channel":"support","previous_reason":"OFFERED","reason":"ACCEPTED"},"id":"01GX79ST1QX01C889XV42S2J5Z","subject":"zen:agent:10011","time":"2023-05-10T23:31:58Z","type":"zen:event-type:agent.work_item_updated","zendesk_event_version":"2022-11-06"}"#,
        r#"{"account_id":2,"detail":{"account_id":"2","agent_id":"10011","version":"3"},"event":{"updated_at":"2023-04-05T23:30:58Z","work_item_id":"123","channel":"support","reason":"OFFERED"},"id":"01GX79ST1QX01C889XV42S2J5Z","subject":"zen:agent:10011","time":"2023-05-10T23:31:58Z","type":"zen:event-type:agent.work_item_added","zendesk_event_version":"2022-11-06"}"#,
        r#"{"account_id":2,"detail":{"account_id":"2","agent_id":"10011","version":"3"},"event":{"updated_at":"2023-04-05T23:30:58Z","work_item_id":"123","channel":"support"},"id":"01GX79ST1QX01C889XV42S2J5Z","subject":"zen:agent:10011","time":"2023-05-10T23:31:58Z","type":"zen:event-type:agent.work_item_removed","zendesk_event_version":"2022-11-06"}"#,
        r#"{"account_id":2,"detail":{"account_id":"2","agent_id":"10011","version":"3"},"event":{"updated_at":"2023-04-05T23:30:58Z","previous_unified_state":{"id":"1","name":"offline","reason":"UNKNOWN"},"new_unified_state":{"id":"2","name":"online","reason":"AGENT_LOGOUT"}},"id":"01GX79ST1QX01C889XV42S2J5Z","subject":"zen:agent:10011","time":"2023-05-10T23:31:58Z","type":"zen:event-type:agent.unified_state_changed","zendesk_event_version":"2022-11-06"}"#,
        r#"{"account_id":2,"detail":{"account_id":"2","agent_id":"10011","version":"3"},"event":{"updated_at":"2023-04-05T23:30:58Z","channel":"support"},"id":"01GX79ST1QX01C889XV42S2J5Z","subject":"zen:agent:10011","time":"2023-05-10T23:31:58Z","type":"zen:event-type:agent.channel_deleted","zendesk_event_version":"2022-11-06"}"#,
        r#"{"account_id":2,"agent_id":980824,"field_name":"engagements","id":"R6vTXhl.agent:980824.y7Q4aI","previous_value":0,"timestamp":"2018-10-19T12:34:09.989524Z","value":1}"#,
        r#"{"type":"zen:event-type/agent.groups_updated","id":7,"event":{"new_group_ids":[1,"2"],"previous_group_ids":null,"updated_at":"2023-04-05T23:30:58+02:00","new":{"a":[]}},"detail":{"agent_id":18446744073709551615},"account_id":"2"}"#,
        r#"{"account_id":2,"detail":{"agent_id":3},"event":{"updated_at":"2023-04-05T23:30:58Z","channel":"caf\u00e9 é","new_state":"\"","previous_state":null},"id":"","type":"zen:event-type:agent.state_changed"}"#,
        r#"{"type":"zen:event-type:agent.unified_state_changed","subject":null,"time":null,"detail":{"account_id":null,"agent_id":3,"version":null,"x":1},"event":{"previous_unified_state":null,"new_unified_state":{"id":4,"name":null,"reason":"\u00e9\ud83d\ude00","color":"red"},"updated_at":"2023-04-05T23:30:58Z","source":"caf\u00e9"},"id":"a","account_id":2,"zendesk_event_version":null,"sequence":[7]}"#,
        r#"{ "field_name": "st\u0061tus", "value": "away", "previous_value": null, "timestamp": "2018-10-19T12:34:09.989524Z", "id": 5, "agent_id": "980824", "account_id": 2 }"#,
    ];

    fn samples() -> Vec<&'static str> {
        SAMPLES.iter().flat_map(|text| text.lines()).collect()
    }

    /// The shapes of all samples.
    fn learned() -> Shapes {
        let mut shapes = Shapes::default();
        for sample in samples() {
            shapes.read_whole(sample, &mut Values::new(), &Options::default());
        }
        shapes
    }

    /// The quick layers may decline. What they return must equal the strict layer's result.
    fn layers_agree(
        bytes: &[u8],
        options: &Options,
        shapes: &mut Shapes,
    ) -> Result<(), TestCaseError> {
        let read = strict::read(bytes, options);
        let is_error = |issue: &Issue| issue.severity == crate::Severity::Error;
        let event = match read {
            Ok((event, warnings)) => {
                prop_assert!(!warnings.iter().any(is_error));
                Some(event)
            }
            Err(issues) => {
                prop_assert!(is_error(issues.first()));
                None
            }
        };
        if let Ok(text) = std::str::from_utf8(bytes) {
            // At the first try, the pull layer reads the text and may learn its shape.
            for _ in 0..2 {
                let mut values = Values::new();
                let Some(read) = shapes.read_whole(text, &mut values, options) else {
                    break;
                };
                let room = OnceCell::new();
                let fact = values.fact(&read, options, &room);
                let read = shapes.event(&read, &mut values, options);
                prop_assert!(fact.is_none() || read.is_some(), "{}", text);
                if let Some(read) = read {
                    prop_assert_eq!(Some(&read), event.as_ref(), "{}", text);
                    let expected = Fact::of(&read, options.instant).expect("a good instant");
                    prop_assert!(fact.is_none() || fact == expected, "{}", text);
                }
            }
        }
        if let Some(event) = event {
            let printed = event.to_json();
            prop_assert_eq!(options.parse(printed.as_bytes()), Ok(event), "{}", printed);
        }
        // For any bytes, the stream ends and every byte is used.
        let mut records = Records::new(options);
        let (mut rest, mut steps) = (bytes, 0);
        loop {
            let (used, next) = records.next(rest, true);
            rest = &rest[used..];
            steps += 1;
            prop_assert!(steps <= bytes.len() + 2);
            match next {
                Next::Item(_) => {}
                Next::More => prop_assert!(false, "asked for more at the end"),
                Next::End => break,
            }
        }
        prop_assert!(rest.is_empty());
        Ok(())
    }

    #[test]
    fn the_quick_layers_read_the_samples() {
        let (mut shapes, options) = (Shapes::default(), Options::default());
        // Ids of twenty digits are left to the strict layer.
        let usual = |sample: &&str| !sample.contains("18446744073709551615");
        for sample in samples().into_iter().filter(usual).cycle().take(100) {
            let mut values = Values::new();
            let read = shapes.read_whole(sample, &mut values, &options).expect(sample);
            assert!(shapes.event(&read, &mut values, &options).is_some(), "{sample}");
        }
    }

    #[test]
    fn no_cut_of_a_sample_is_an_event() -> Result<(), TestCaseError> {
        let mut shapes = learned();
        for sample in samples() {
            for cut in (0..sample.len()).step_by(if cfg!(miri) { 97 } else { 1 }) {
                let bytes = &sample.as_bytes()[..cut];
                layers_agree(bytes, &Options::default(), &mut shapes)?;
                let issues = Event::parse(bytes).expect_err("half an event");
                assert_eq!(issues[0].code, crate::Code::NotJson, "{}", &sample[..cut]);
            }
        }
        Ok(())
    }

    fn edits() -> impl Strategy<Value = Vec<(Index, u8, String)>> {
        let bits = select(vec![
            "",
            "\"",
            "\\",
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "null",
            "0",
            "-1",
            "1.5",
            "1e3",
            "true",
            "\\u0041",
            "\\ud800",
            "\n",
            "\t",
            "é",
            "\u{0}",
            " ",
            "id",
            "\"id\":",
            "\"type\":\"x\",",
            "99999999999999999999",
            "2023-04-05T23:30:58Z",
            "2030-01-01T00:00:00Z",
            "\"channel\":\"x\",",
        ]);
        let bit = prop_oneof![4 => bits.prop_map(str::to_owned), 1 => any::<char>().prop_map(String::from)];
        prop::collection::vec((any::<Index>(), 0..12_u8, bit), 1..5)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases * 16))]
        #[test]
        fn the_layers_agree_on_edited_samples(
            records in prop::collection::vec((select(samples()), edits()), 1..4),
            time in any::<bool>(),
            max_depth in 0_usize..9,
            now in select(vec![None, Some("2023-04-05T12:00:00Z"), Some("2023-04-04T23:30:57Z")]),
        ) {
            let instant = if time { InstantFrom::Time } else { InstantFrom::UpdatedAt };
            let now = now.map(|now| now.parse().expect("an instant"));
            let options = Options { instant, max_depth, now, ..Options::default() };
            // One edited sample may be read by what was learned of another.
            let mut shapes = learned();
            for (sample, edits) in records {
                let mut bytes = sample.as_bytes().to_vec();
                for (at, cut, insert) in edits {
                    let at = at.index(bytes.len() + 1);
                    let end = bytes.len().min(at + usize::from(cut));
                    bytes.splice(at..end, insert.into_bytes());
                }
                layers_agree(&bytes, &options, &mut shapes)?;
            }
        }

        #[test]
        fn the_layers_agree_on_swapped_parts(
            samples in prop::collection::vec(select(samples()), 2..4),
            cuts in prop::collection::vec(any::<Index>(), 2..8),
        ) {
            // Parts between commas, from several samples: with repeated, foreign and reordered keys.
            let parts: Vec<&str> = samples.iter().flat_map(|sample| sample.split_inclusive(',')).collect();
            let (mut text, mut shapes) = (String::new(), learned());
            for pair in cuts.chunks_exact(2) {
                let (a, b) = (pair[0].index(parts.len()), pair[1].index(parts.len()));
                text.extend(parts[a.min(b)..=a.max(b)].iter().copied());
                layers_agree(text.as_bytes(), &Options::default(), &mut shapes)?;
            }
        }

        #[test]
        fn chunks_of_any_size_give_the_same_records(
            picks in prop::collection::vec(select(samples()), 0..5),
            wrap in select(vec![("", "\n", ""), ("[", ",", "]"), ("[\n", ",\n", "\n]"), ("", "", ""), ("{\"count\":12,\"agent_events\":[", ", ", "],\"end_id\":\"x\",\"count\": 12}\n"), ("", "\nnoise {\n", "]")]),
            edits in prop::collection::vec((any::<Index>(), 0..3_u8, "[{}\\[\\]\",\na]{0,2}"), 0..3),
            size in 1_usize..200,
        ) {
            let mut bytes = format!("{}{}{}", wrap.0, picks.join(wrap.1), wrap.2).into_bytes();
            for (at, cut, insert) in edits {
                let at = at.index(bytes.len() + 1);
                let end = bytes.len().min(at + usize::from(cut));
                bytes.splice(at..end, insert.into_bytes());
            }
            let whole: Vec<Record<'_>> = Records::iter(&bytes).collect();
            let mut records = Records::default();
            let (mut from, mut to, mut i) = (0, 0, 0);
            loop {
                let (used, next) = records.next(&bytes[from..to], to == bytes.len());
                from += used;
                match next {
                    Next::Item(record) => {
                        prop_assert_eq!(Some(&record), whole.get(i));
                        i += 1;
                    }
                    Next::More => {
                        prop_assert!(to < bytes.len());
                        to = bytes.len().min(to + size);
                    }
                    Next::End => break,
                }
            }
            prop_assert_eq!(i, whole.len());
        }
    }
}
