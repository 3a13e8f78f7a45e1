//! Spellings: the same event as different JSON text.

use std::io::{self, Write};

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter, Serializer};

use crate::random::Random;

/// The words of [`Spelling::ExtraFields`].
const SOURCES: [(u32, &str); 4] =
    [(4, "agent_workspace"), (2, "mobile_app"), (1, "public_api"), (1, "omnichannel_routing")];

/// How the JSON of each event is written.
///
/// An event means the same in every spelling, apart from the fields that [`Spelling::ExtraFields`]
/// adds. Losses, duplicates, delays and the true history do not depend on it.
///
/// ```
/// use agentfold_simulate::{Simulation, Spelling};
///
/// let documented = Simulation { agents: 4, hours: 1, ..Simulation::default() };
/// let spaced = Simulation { spelling: Spelling::Spaced, ..documented.clone() };
/// let first = |simulation: &Simulation| simulation.events().next().expect("an event");
/// assert!(first(&documented).starts_with(r#"{"account_id":1"#));
/// assert!(first(&spaced).starts_with(r#"{"account_id": 1"#));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Spelling {
    /// As in Zendesk's documentation, without spaces.
    #[default]
    Documented,
    /// The type of the event comes first: `type` of a webhook, `field_name` of a chat event. The
    /// other keys keep their order.
    TypeFirst,
    /// A space follows each colon and each comma, as `json.dumps` of Python writes it.
    Spaced,
    /// On several lines, indented by two spaces per level, as `JSON.stringify(event, null, 2)` of
    /// JavaScript writes it.
    Pretty,
    /// The keys of each object are in a random order, which differs from event to event.
    Shuffled,
    /// Texts are written with escapes: a letter at their beginning and all characters that are not
    /// ASCII as `\u` with four digits, and `/` as `\/`. Keys have no escapes.
    Escaped,
    /// At the end of each event are two fields that no document has: the text `source`, which is in
    /// `event` of a webhook, and the number `sequence`, which counts the events of the feed.
    ExtraFields,
}

/// Rewrites the documented events of one feed in a spelling.
pub(crate) struct Speller {
    spelling: Spelling,
    random: Random,
    sequence: u64,
}

impl Speller {
    pub(crate) fn new(spelling: Spelling, random: Random) -> Self {
        Self { spelling, random, sequence: 0 }
    }

    /// Rewrites the next event.
    pub(crate) fn spell(&mut self, line: String) -> String {
        match self.spelling {
            Spelling::Documented => line,
            Spelling::TypeFirst => {
                let mut event = read(&line);
                let key = if event.contains_key("type") { "type" } else { "field_name" };
                let place = event.get_index_of(key).expect("INVARIANT: an event has a type");
                event.move_index(place, 0);
                write(&event, CompactFormatter)
            }
            Spelling::Spaced => write(&read(&line), Spaced),
            Spelling::Pretty => write(&read(&line), PrettyFormatter::new()),
            Spelling::Shuffled => {
                let mut event = read(&line);
                shuffle(&mut event, &mut self.random);
                write(&event, CompactFormatter)
            }
            Spelling::Escaped => write(&read(&line), Escaped::default()),
            Spelling::ExtraFields => {
                let mut event = read(&line);
                let source = Json::Text(self.random.choose(&SOURCES).to_owned());
                match event.get_mut("event") {
                    Some(Json::Object(content)) => content.insert("source".to_owned(), source),
                    _ => event.insert("source".to_owned(), source),
                };
                self.sequence += 1;
                event.insert("sequence".to_owned(), Json::Number(self.sequence));
                write(&event, CompactFormatter)
            }
        }
    }
}

/// A JSON object whose keys keep their order.
type Object = IndexMap<String, Json>;

/// A JSON value of an event.
#[derive(Deserialize, Serialize)]
#[serde(untagged)]
enum Json {
    Object(Object),
    Array(Vec<Json>),
    Text(String),
    Number(u64),
    Null,
}

fn read(line: &str) -> Object {
    serde_json::from_str(line).expect("INVARIANT: an event is a JSON object")
}

fn write(event: &Object, formatter: impl Formatter) -> String {
    let mut text = Vec::with_capacity(1024);
    let written = event.serialize(&mut Serializer::with_formatter(&mut text, formatter));
    written.expect("INVARIANT: an event can be written to memory");
    String::from_utf8(text).expect("INVARIANT: only text is written")
}

/// Shuffles the keys of an object and of the objects in it.
fn shuffle(object: &mut Object, random: &mut Random) {
    for place in (1..object.len()).rev() {
        object.swap_indices(place, random.below(place as u32 + 1) as usize);
    }
    for value in object.values_mut() {
        if let Json::Object(inner) = value {
            shuffle(inner, random);
        }
    }
}

/// Writes a space after each colon and each comma.
struct Spaced;

impl Formatter for Spaced {
    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        out.write_all(if first { b"" } else { b", " })
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        out.write_all(if first { b"" } else { b", " })
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }
}

/// Writes texts with escapes, and keys without.
#[derive(Default)]
struct Escaped {
    in_key: bool,
    begins: bool,
}

impl Formatter for Escaped {
    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.in_key = true;
        CompactFormatter.begin_object_key(out, first)
    }

    fn end_object_key<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.in_key = false;
        Ok(())
    }

    fn begin_string<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.begins = true;
        out.write_all(b"\"")
    }

    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        text: &str,
    ) -> io::Result<()> {
        if self.in_key {
            return out.write_all(text.as_bytes());
        }
        for character in text.chars() {
            let begins = std::mem::take(&mut self.begins);
            match character {
                '/' => out.write_all(b"\\/")?,
                'A'..='Z' | 'a'..='z' if begins => write!(out, "\\u{:04x}", u32::from(character))?,
                '\0'..='\x7f' => out.write_all(&[character as u8])?,
                _ => {
                    for unit in character.encode_utf16(&mut [0; 2]) {
                        write!(out, "\\u{unit:04x}")?;
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;

    const WEBHOOK: &str = concat!(
        r#"{"account_id":2,"event":{"new":{"name":"1:1 \"Réunion\""},"ids":["7","8"]},"#,
        r#""id":"01AR","type":"zen:a/b"}"#
    );
    const CHAT: &str =
        r#"{"account_id":2,"field_name":"status","previous_value":null,"value":"小𝄞"}"#;

    fn spelled(spelling: Spelling) -> [String; 2] {
        let mut speller = Speller::new(spelling, Random::new(1, Stream::WebhookSpelling));
        [WEBHOOK, CHAT].map(|line| speller.spell(line.to_owned()))
    }

    #[test]
    fn the_documented_spelling_changes_nothing() {
        assert_eq!(spelled(Spelling::Documented), [WEBHOOK, CHAT]);
    }

    #[test]
    fn the_type_comes_first_and_the_other_keys_keep_their_order() {
        let [webhook, chat] = spelled(Spelling::TypeFirst);
        assert_eq!(
            webhook,
            concat!(
                r#"{"type":"zen:a/b","account_id":2,"#,
                r#""event":{"new":{"name":"1:1 \"Réunion\""},"ids":["7","8"]},"id":"01AR"}"#
            )
        );
        assert_eq!(
            chat,
            r#"{"field_name":"status","account_id":2,"previous_value":null,"value":"小𝄞"}"#
        );
    }

    #[test]
    fn a_space_follows_colons_and_commas_outside_of_texts() {
        let [webhook, chat] = spelled(Spelling::Spaced);
        assert_eq!(
            webhook,
            concat!(
                r#"{"account_id": 2, "event": {"new": {"name": "1:1 \"Réunion\""}, "#,
                r#""ids": ["7", "8"]}, "id": "01AR", "type": "zen:a/b"}"#
            )
        );
        assert_eq!(
            chat,
            r#"{"account_id": 2, "field_name": "status", "previous_value": null, "value": "小𝄞"}"#
        );
    }

    #[test]
    fn each_key_has_its_own_line() {
        let [webhook, chat] = spelled(Spelling::Pretty);
        assert_eq!(webhook.lines().count(), 14);
        assert_eq!(
            chat,
            r#"{
  "account_id": 2,
  "field_name": "status",
  "previous_value": null,
  "value": "小𝄞"
}"#
        );
    }

    #[test]
    fn texts_have_escapes_and_keys_and_ids_have_none() {
        let [webhook, chat] = spelled(Spelling::Escaped);
        assert_eq!(
            webhook,
            concat!(
                r#"{"account_id":2,"event":{"new":{"name":"1:1 \"R\u00e9union\""},"ids":["7","8"]},"#,
                r#""id":"01AR","type":"\u007aen:a\/b"}"#
            )
        );
        assert_eq!(
            chat,
            concat!(
                r#"{"account_id":2,"field_name":"\u0073tatus","previous_value":null,"#,
                r#""value":"\u5c0f\ud834\udd1e"}"#
            )
        );
    }

    #[test]
    fn extra_fields_are_at_the_end_of_their_objects() {
        let [webhook, chat] = spelled(Spelling::ExtraFields);
        let webhook = webhook.split_once(r#""ids":["7","8"],"source":""#).expect("a source").1;
        assert!(webhook.ends_with(r#""},"id":"01AR","type":"zen:a/b","sequence":1}"#), "{webhook}");
        let chat = chat.split_once(r#""value":"小𝄞","source":""#).expect("a source").1;
        assert!(chat.ends_with(r#"","sequence":2}"#), "{chat}");
    }

    #[test]
    fn the_keys_of_an_object_get_every_order() {
        let mut speller = Speller::new(Spelling::Shuffled, Random::new(1, Stream::WebhookSpelling));
        let line = r#"{"a":{"x":1,"y":2},"b":3,"c":4}"#;
        let orders = (0..1000).map(|_| speller.spell(line.to_owned()));
        assert_eq!(orders.collect::<std::collections::HashSet<String>>().len(), 12);
    }
}
