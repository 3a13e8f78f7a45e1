//! The wire: writes effects as the JSON that Zendesk sends.
//!
//! Keys have the order of the samples in Zendesk's documentation, unless a spelling changes it.

use crate::Simulation;
use crate::effect::{Capacity, Change, Channel, Effect, UnifiedState};
use crate::instant::{self, MILLISECOND};
use crate::random::{Random, Stream};
use crate::spelling::Speller;

const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const BASE_62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Writes effects as JSON. Draws the ids of events, and the delays with which they are issued.
pub(crate) struct Wire {
    // One for each feed, so that a feed has the same events with and without the other feed.
    webhook: Random,
    chat: Random,
    webhook_speller: Speller,
    chat_speller: Speller,
    version_step: u64,
}

impl Wire {
    pub(crate) fn new(simulation: &Simulation) -> Self {
        let Simulation { seed, version_step, spelling, .. } = *simulation;
        let speller = |stream| Speller::new(spelling, Random::new(seed, stream));
        Self {
            webhook: Random::new(seed, Stream::Webhook),
            chat: Random::new(seed, Stream::Chat),
            webhook_speller: speller(Stream::WebhookSpelling),
            chat_speller: speller(Stream::ChatSpelling),
            version_step: version_step.max(1),
        }
    }

    /// The event that reports an effect.
    pub(crate) fn line(&mut self, effect: &Effect) -> String {
        let mut line = Line::new(512);
        match &effect.change {
            Change::ChatStatus { previous, new } => {
                let (previous, new) = (Value::Word(previous.word()), Value::Word(new.word()));
                self.chat_event(&mut line, effect, "status", previous, new);
            }
            Change::Engagements { previous, new } => {
                let (previous, new) = (Value::Count(*previous), Value::Count(*new));
                self.chat_event(&mut line, effect, "engagements", previous, new);
            }
            change => self.webhook(&mut line, effect, change),
        }
        let speller = if effect.change.is_chat() {
            &mut self.chat_speller
        } else {
            &mut self.webhook_speller
        };
        speller.spell(line.finish())
    }

    fn chat_event(
        &mut self,
        line: &mut Line,
        effect: &Effect,
        field_name: &str,
        previous: Value,
        new: Value,
    ) {
        line.text("{\"account_id\":").number(effect.account_id);
        line.text(",\"agent_id\":").number(effect.agent_id);
        line.text(",\"field_name\":\"").text(field_name);
        line.text("\",\"id\":\"").base_62(effect.at / MILLISECOND, 7);
        line.text(".agent:").number(effect.agent_id);
        line.text(".").base_62(self.chat.between(0, 62_u64.pow(6) - 1), 6);
        line.text("\",\"previous_value\":").value(previous);
        line.text(",\"timestamp\":\"").instant(effect.at, 6);
        line.text("\",\"value\":").value(new);
        line.text("}");
    }

    fn webhook(&mut self, line: &mut Line, effect: &Effect, change: &Change) {
        let time = effect.at + self.webhook.between(18 * MILLISECOND, 420 * MILLISECOND);

        line.text("{\"account_id\":").number(effect.account_id);
        line.text(",\"detail\":{\"account_id\":\"").number(effect.account_id);
        line.text("\",\"agent_id\":\"").number(effect.agent_id);
        line.text("\",\"version\":\"").number(effect.version.saturating_mul(self.version_step));
        line.text("\"},\"event\":{\"updated_at\":\"").instant(effect.at, 9);
        line.text("\"");
        let event_type = line.body(change);
        line.text("},\"id\":\"").ulid(time / MILLISECOND, &mut self.webhook);
        line.text("\",\"subject\":\"zen:agent:").number(effect.agent_id);
        line.text("\",\"time\":\"").instant(time, 9);
        line.text("\",\"type\":\"zen:event-type:agent.").text(event_type);
        line.text("\",\"zendesk_event_version\":\"2022-11-06\"}");
    }
}

/// A value in the Chat feed.
enum Value {
    Word(&'static str),
    Count(u32),
}

/// The text of a JSON object while it is written.
pub(crate) struct Line(Vec<u8>);

impl Line {
    /// A line with room for `room` bytes.
    pub(crate) fn new(room: usize) -> Self {
        Self(Vec::with_capacity(room))
    }

    pub(crate) fn finish(self) -> String {
        String::from_utf8(self.0).expect("INVARIANT: only text is written")
    }

    /// Writes the content of `event` after `updated_at`, and returns the event type.
    fn body(&mut self, change: &Change) -> &'static str {
        match change {
            Change::State { channel, previous, new } => {
                self.word("previous_state", previous.word());
                self.word("new_state", new.word()).word("channel", channel.word());
                "state_changed"
            }
            Change::ItemAdded { item, channel, reason } => {
                self.item(*item, *channel).word("reason", reason.word());
                "work_item_added"
            }
            Change::ItemUpdated { item, channel, previous, reason } => {
                self.item(*item, *channel);
                self.word("previous_reason", previous.word()).word("reason", reason.word());
                "work_item_updated"
            }
            Change::ItemRemoved { item, channel, reason } => {
                self.item(*item, *channel);
                if let Some(reason) = reason {
                    self.word("reason", reason.word());
                }
                "work_item_removed"
            }
            Change::MaxCapacity(capacities) => {
                self.capacities(capacities);
                "max_capacity_changed"
            }
            Change::Unified { previous, new } => {
                self.text(",\"previous_unified_state\":").unified_state(previous);
                self.text(",\"new_unified_state\":").unified_state(new);
                "unified_state_changed"
            }
            Change::ChannelCreated(channel) => {
                self.word("channel", channel.word());
                "channel_created"
            }
            Change::ChannelDeleted(channel) => {
                self.word("channel", channel.word());
                "channel_deleted"
            }
            Change::Groups { previous, new } => {
                self.text(",\"previous_group_ids\":").ids(previous);
                self.text(",\"new_group_ids\":").ids(new);
                "groups_updated"
            }
            Change::ChatStatus { .. } | Change::Engagements { .. } => {
                unreachable!("the Chat feed has no envelope")
            }
        }
    }

    fn item(&mut self, item: u64, channel: Channel) -> &mut Self {
        self.text(",\"work_item_id\":\"").number(item);
        self.text("\"").word("channel", channel.word())
    }

    fn capacities(&mut self, capacities: &[Option<Capacity>; 3]) {
        self.text(",\"maxCapacity\":{");
        let mut comma = "";
        for (channel, capacity) in Channel::ALL.into_iter().zip(capacities) {
            let Some(capacity) = capacity else { continue };
            self.text(comma).text("\"").text(channel.word());
            self.text("\":{\"current\":").limit(capacity.current);
            self.text(",\"previous\":").limit(capacity.previous);
            self.text("}");
            comma = ",";
        }
        self.text("}");
    }

    pub(crate) fn unified_state(&mut self, state: &UnifiedState) -> &mut Self {
        self.text("{\"id\":\"").number(state.id);
        self.text("\",\"name\":\"").escaped(state.name);
        self.text("\"").word("reason", state.reason.word()).text("}")
    }

    pub(crate) fn ids(&mut self, ids: &[u64]) -> &mut Self {
        self.text("[");
        for (place, &id) in ids.iter().enumerate() {
            self.text(if place == 0 { "\"" } else { ",\"" }).number(id).text("\"");
        }
        self.text("]")
    }

    /// Writes a member whose value needs no escapes.
    fn word(&mut self, key: &str, word: &str) -> &mut Self {
        self.text(",\"").text(key).text("\":\"").text(word).text("\"")
    }

    fn value(&mut self, value: Value) -> &mut Self {
        match value {
            Value::Word(word) => self.text("\"").text(word).text("\""),
            Value::Count(count) => self.number(u64::from(count)),
        }
    }

    pub(crate) fn limit(&mut self, limit: Option<u32>) -> &mut Self {
        match limit {
            Some(limit) => self.number(u64::from(limit)),
            None => self.text("null"),
        }
    }

    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.0.extend_from_slice(text.as_bytes());
        self
    }

    /// Writes text in a JSON string. Names contain no control characters.
    fn escaped(&mut self, text: &str) -> &mut Self {
        for byte in text.bytes() {
            if matches!(byte, b'"' | b'\\') {
                self.0.push(b'\\');
            }
            self.0.push(byte);
        }
        self
    }

    pub(crate) fn number(&mut self, mut number: u64) -> &mut Self {
        let mut digits = [0; 20];
        let mut from = digits.len();
        loop {
            from -= 1;
            digits[from] = b'0' + (number % 10) as u8;
            number /= 10;
            if number == 0 {
                break;
            }
        }
        self.0.extend_from_slice(&digits[from..]);
        self
    }

    fn instant(&mut self, at: u64, digits: usize) -> &mut Self {
        instant::write(&mut self.0, at, digits);
        self
    }

    pub(crate) fn brief_instant(&mut self, at: u64) -> &mut Self {
        instant::write_briefly(&mut self.0, at);
        self
    }

    /// Writes the last `length` digits of a number in base 62.
    fn base_62(&mut self, mut number: u64, length: usize) -> &mut Self {
        let from = self.0.len();
        self.0.resize(from + length, b'0');
        for digit in self.0[from..].iter_mut().rev() {
            *digit = BASE_62[(number % 62) as usize];
            number /= 62;
        }
        self
    }

    /// Writes a ULID: ten digits of milliseconds and sixteen random digits.
    fn ulid(&mut self, milliseconds: u64, random: &mut Random) -> &mut Self {
        for place in (0..10).rev() {
            self.0.push(CROCKFORD[(milliseconds >> (5 * place) & 31) as usize]);
        }
        // Six digits from the upper 30 bits of two words, and four from the upper 20 bits of a
        // third.
        for digits in [6, 6, 4] {
            let word = random.word();
            for place in 1..=digits {
                self.0.push(CROCKFORD[(word >> (32 - 5 * place) & 31) as usize]);
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effect::{ChannelState, ChatStatus, ItemReason};

    fn effect(at: u64, agent_id: u64, change: Change) -> Effect {
        Effect { at, account_id: 2, agent_id, version: 3, change }
    }

    #[test]
    fn webhooks_are_written_as_in_zendesk_s_document() {
        let change = Change::State {
            channel: Channel::Support,
            previous: ChannelState::Offline,
            new: ChannelState::Online,
        };
        let line = Wire::new(&Simulation::default()).line(&effect(
            1_680_737_458_642_630_335,
            10011,
            change,
        ));
        let (head, tail) = line.split_once(",\"id\":").expect("it has an id");
        assert_eq!(
            head,
            concat!(
                r#"{"account_id":2,"detail":{"account_id":"2","agent_id":"10011","version":"3"},"#,
                r#""event":{"updated_at":"2023-04-05T23:30:58.642630335Z","#,
                r#""previous_state":"offline","new_state":"online","channel":"support"}"#
            )
        );
        assert!(tail.contains(r#","subject":"zen:agent:10011","time":"2023-04-05T23:30:5"#));
        assert!(tail.ends_with(
            r#"Z","type":"zen:event-type:agent.state_changed","zendesk_event_version":"2022-11-06"}"#
        ));
    }

    #[test]
    fn chat_events_are_written_as_in_zendesk_s_document() {
        let change = Change::ChatStatus { previous: ChatStatus::Online, new: ChatStatus::Away };
        let line = Wire::new(&Simulation::default()).line(&effect(
            1_539_952_430_140_101_000,
            980_824,
            change,
        ));
        let (head, tail) = line.split_once(".agent:980824.").expect("its id names the agent");
        assert_eq!(
            head,
            r#"{"account_id":2,"agent_id":980824,"field_name":"status","id":"R6vTSXc"#
        );
        assert_eq!(
            &tail[6..],
            r#"","previous_value":"online","timestamp":"2018-10-19T12:33:50.140101Z","value":"away"}"#
        );
    }

    #[test]
    fn ids_of_webhooks_are_ulids_of_their_milliseconds() {
        let mut line = Line(Vec::new());
        line.ulid(1_469_918_176_385, &mut Random::new(0, Stream::Webhook));
        // The time part is the example of the ULID specification.
        assert_eq!(line.0[..10], *b"01ARYZ6S41");
        assert_eq!(line.0.len(), 26);
        assert!(line.0.iter().all(|digit| CROCKFORD.contains(digit)));
    }

    #[test]
    fn a_removal_without_a_reason_leaves_the_key_out() {
        let mut line = Line(Vec::new());
        line.body(&Change::ItemRemoved { item: 123, channel: Channel::Talk, reason: None });
        assert_eq!(line.0, br#","work_item_id":"123","channel":"talk""#);
    }

    #[test]
    fn capacities_name_the_channels_that_changed() {
        let mut line = Line(Vec::new());
        line.body(&Change::MaxCapacity([
            Some(Capacity { current: Some(10), previous: None }),
            None,
            Some(Capacity { current: None, previous: Some(5) }),
        ]));
        assert_eq!(
            line.0,
            concat!(
                r#","maxCapacity":{"talk":{"current":10,"previous":null},"#,
                r#""messaging":{"current":null,"previous":5}}"#
            )
            .as_bytes()
        );
    }

    #[test]
    fn an_item_moves_to_the_channel_that_its_update_names() {
        let mut line = Line(Vec::new());
        line.body(&Change::ItemUpdated {
            item: 7,
            channel: Channel::Support,
            previous: ItemReason::Accepted,
            reason: ItemReason::ChannelChange,
        });
        assert_eq!(
            line.0,
            concat!(
                r#","work_item_id":"7","channel":"support","#,
                r#""previous_reason":"ACCEPTED","reason":"CHANNEL_CHANGE""#
            )
            .as_bytes()
        );
    }
}
