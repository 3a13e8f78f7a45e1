//! The pull layer: reads a record with keys in any order, in one pass and without copying.
//!
//! It reads a record only if the strict layer would read the same. What is unusual (repeated keys, unknown
//! types, errors) is left to that layer.

use std::ops::Range;

use super::scanner::{FEW, Key, Scanner};
use super::shapes::{Reader, Span};
use super::slot::{Field, Form, Level, Slot, Slots, fits};
use super::values::{self, Values};
use crate::kind::Kind;

/// Reads the record at the beginning of a text, except for its instant and for how deep it is. Returns
/// its form and its end.
pub(crate) fn read<'a>(text: &'a str, values: &mut Values<'a>) -> Option<(values::Form, usize)> {
    values.clear();
    let scanner = Scanner::new(text);
    let (seen, stated) = (Slots::default(), Slots::default());
    let mut pull = Pull { scanner, values, kind: None, seen, stated };
    pull.scanner.space();
    let before = pull.scanner.newlines();
    pull.object(Level::Top)?;
    let Pull { scanner, kind, seen, stated, .. } = pull;
    let (kind, end) = (kind?, scanner.used());
    let newlines = scanner.newlines() - before;
    fits(kind, seen, stated).then_some((values::Form { kind, stated, newlines }, end))
}

struct Pull<'a, 'v> {
    scanner: Scanner<'a>,
    values: &'v mut Values<'a>,
    kind: Option<Kind>,
    /// The fields that were met, null or not.
    seen: Slots,
    stated: Slots,
}

impl<'a> Pull<'a, '_> {
    fn object(&mut self, level: Level) -> Option<()> {
        self.scanner.skip(b"{")?;
        let mut more = self.scanner.first_part(b'}')?;
        while more {
            let (key, place) = self.scanner.key()?;
            self.scanner.colon()?;
            match key.as_ref().and_then(|key| Field::find(level, key)) {
                Some(field) => self.field(field)?,
                None => self.unknown_field(level, key, place)?,
            }
            more = self.scanner.next_part(b'}')?;
        }
        Some(())
    }

    #[inline(always)]
    fn field(&mut self, field: &Field) -> Option<()> {
        // A repeated key is an error.
        self.seen.insert(field.slot).then_some(())?;
        if self.scanner.peek() == b'n' {
            return if field.or_null { self.scanner.skip(b"null") } else { None };
        }
        self.stated.insert(field.slot);
        let place = field.slot.place();
        match field.form {
            Form::Number => {
                let is_quoted = self.scanner.peek() == b'"';
                // Without a branch: both forms come in turns.
                self.scanner.step(usize::from(is_quoted));
                self.values.numbers[place] = self.value(Reader::Number, place, |it| it.number())?;
                let closes = self.scanner.peek() == b'"';
                self.scanner.step(usize::from(is_quoted));
                (is_quoted == closes).then_some(())
            }
            Form::Instant => {
                self.scanner.skip(b"\"")?;
                let at = self.value(Reader::Instant, place, |it| it.instant())?;
                self.values.instants[place] = at;
                self.scanner.skip(b"\"")
            }
            Form::Text => self.text(field.slot),
            Form::TextId if self.scanner.peek() == b'"' => self.text(field.slot),
            Form::TextId => {
                let text = self.value(Reader::Digits, place, Scanner::digits)?;
                self.values.put_text(place, text);
                Some(())
            }
            Form::Type => self.kind(Kind::of_type),
            Form::FieldName => self.kind(Kind::of_field_name),
            Form::Value { word, count } => {
                if self.scanner.peek() == b'"' {
                    self.seen.insert(word);
                    self.stated.insert(word);
                    return self.text(word);
                }
                self.seen.insert(count);
                self.stated.insert(count);
                let number = self.value(Reader::Count, count.place(), Scanner::count)?;
                self.values.numbers[count.place()] = number;
                Some(())
            }
            Form::Capacities => {
                self.values.capacities = self.value(Reader::Capacities, 0, Scanner::capacities)?;
                Some(())
            }
            Form::Groups => {
                let place = usize::from(field.slot == Slot::NewGroups);
                self.values.groups[place] = self.value(Reader::Groups, place, Scanner::ids)?;
                Some(())
            }
            Form::Object(level) => self.object(level),
        }
    }

    // One copy of it, in which all that it calls is inlined.
    #[inline(never)]
    fn text(&mut self, slot: Slot) -> Option<()> {
        self.scanner.skip(b"\"")?;
        let text = self.value(Reader::Text, slot.place(), |it| it.inside_text())?;
        self.values.put_text(slot.place(), text);
        self.scanner.skip(b"\"")
    }

    /// Reads a value and notes where it stands.
    #[inline(always)]
    fn value<T>(
        &mut self,
        reader: Reader,
        place: usize,
        read: impl FnOnce(&mut Scanner<'a>) -> Option<T>,
    ) -> Option<T> {
        let from = self.scanner.used();
        let value = read(&mut self.scanner)?;
        self.values.note(Span {
            from: from as u32,
            to: self.scanner.used() as u32,
            reader,
            place: place as u8,
        });
        Some(value)
    }

    fn kind(&mut self, find: impl FnOnce(&str) -> Option<Kind>) -> Option<()> {
        let name = self.scanner.text()?.unescaped()?;
        let kind = find(&name)?;
        // An event has a type or a field name.
        self.kind.replace(kind).is_none().then_some(())
    }

    /// Keeps a field that this library does not know.
    #[inline(never)]
    fn unknown_field(&mut self, level: Level, key: Option<Key>, place: Range<usize>) -> Option<()> {
        let text = self.scanner.part(place)?;
        // The strict layer is quick with many keys, and reads the data of a CloudEvent.
        let cloud = level == Level::Top && key == Some(const { Key::of("specversion") });
        if cloud || self.values.names.len() == FEW || text.contains('\\') {
            return None;
        }
        self.values.names.iter().all(|name| *name != (level, text)).then_some(())?;
        self.values.names.push((level, text));
        let json = self.value(Reader::Any, 0, Scanner::value)?;
        self.values.unknown.push(json);
        Some(())
    }
}
