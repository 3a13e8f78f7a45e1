//! [`Shapes`]: how the records of a stream are spelled, as far as it was learned from the records before.
//!
//! Records of one producer differ in their values. What stands between the values (the order of keys, the
//! spaces, the type) is the same in thousands of records. So a record that the pull layer has read leaves
//! its shape: the literals between its values, and how each value is read. A record of a known shape is
//! read without looking up any key.
//!
//! A record that is read in this way has the same literals as one that the pull layer has read, and its
//! values are read by the same functions. So both layers read the same.

use std::ops::Range;

use super::json::skip_space;
use super::scanner::{Literal, Scanner};
use super::values::{Form, Values};
use super::{DEEPEST, Options, pull};
use crate::event::Event;

/// How many shapes are kept at most, and how many steps.
const SHAPES: usize = 64;
const STEPS: usize = 1024;
/// How many bytes the literals of a shape have at most.
const LONGEST: usize = 4096;
/// How many records must be of no known shape until the shapes are learned anew.
const PATIENCE: u32 = 4096;

/// A tree of literals and values: shapes that begin alike share their first steps.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shapes {
    steps: Vec<Step>,
    shapes: Vec<Shape>,
    /// How many records in a row were of no known shape, and how many must pass until the next try.
    misses: u32,
    wait: u32,
    /// How many were, since the shapes filled their room.
    strangers: u32,
}

#[derive(Debug, Clone)]
struct Shape {
    form: Form,
    /// The paths of the unknown fields.
    paths: Vec<String>,
}

/// A literal that is expected, and the value after it.
#[derive(Debug, Clone)]
struct Step {
    literal: Literal,
    reader: Reader,
    /// The place of the value among those of its form; the number of the shape at its end.
    place: u8,
    /// The step after this one, and the one to try instead. 0 for none.
    next: u16,
    other: u16,
}

/// How a value is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reader {
    Number,
    Count,
    Instant,
    Text,
    /// A text that is written as a number.
    Digits,
    Capacities,
    Groups,
    /// The value of an unknown field.
    Any,
    /// No value: the literal goes on.
    Nothing,
    /// No value: the record ends.
    End,
}

/// Where a value stands in its record.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub(crate) from: u32,
    pub(crate) to: u32,
    pub(crate) reader: Reader,
    pub(crate) place: u8,
}

/// A record that a quick layer has read. Its values are in the [`Values`] that it was read into.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Read<'a> {
    pub(crate) form: Form,
    pub(crate) text: &'a str,
    /// The number of the shape that it has, unless the pull layer has read it.
    shape: Option<u8>,
}

impl Span {
    pub(crate) const NONE: Span = Span { from: 0, to: 0, reader: Reader::Nothing, place: 0 };

    fn range(self) -> Range<usize> {
        self.from as usize..self.to as usize
    }
}

impl Shapes {
    /// No shapes, for a single record: none is learned.
    pub(crate) fn closed() -> Shapes {
        Shapes { wait: u32::MAX, ..Shapes::default() }
    }

    /// Reads the record at the beginning of a text, if a quick layer can.
    // One copy of it is enough, since the module of the npm package should be small.
    #[inline(never)]
    pub(crate) fn read<'a>(&mut self, text: &'a str, values: &mut Values<'a>) -> Option<Read<'a>> {
        // If many records in a row had no known shape, only a few are tried.
        let is_tried = self.wait == 0;
        self.wait = self.wait.saturating_sub(1);
        if is_tried && let Some((shape, end)) = self.find(text, values) {
            self.misses = 0;
            let form = self.shapes[usize::from(shape)].form;
            return Some(Read { form, text: &text[..end], shape: Some(shape) });
        }
        self.pull(text, values, is_tried)
    }

    /// Reads a record that fills a text, if a quick layer can.
    pub(crate) fn read_whole<'a>(
        &mut self,
        text: &'a str,
        values: &mut Values<'a>,
        options: &Options,
    ) -> Option<Read<'a>> {
        if text.len() > options.max_bytes || options.max_depth < DEEPEST {
            return None;
        }
        let read = self.read(text, values)?;
        (skip_space(text.as_bytes(), read.text.len()) == text.len()).then_some(read)
    }

    #[inline(never)]
    fn pull<'a>(
        &mut self,
        text: &'a str,
        values: &mut Values<'a>,
        learn: bool,
    ) -> Option<Read<'a>> {
        let (form, end) = pull::read(text, values)?;
        if learn {
            self.learn(text, form, end, values);
        }
        Some(Read { form, text: &text[..end], shape: None })
    }

    /// Reads a record if it has a known shape. Returns the number of the shape, and where the record
    /// ends.
    #[inline(always)]
    fn find<'a>(&self, text: &'a str, values: &mut Values<'a>) -> Option<(u8, usize)> {
        let mut scanner = Scanner::new(text);
        values.clear();
        let mut at = 0;
        loop {
            let step = self.steps.get(at)?;
            let before = scanner.used();
            if scanner.skip_literal(&step.literal) && step.value(&mut scanner, values).is_some() {
                if step.reader == Reader::End {
                    return Some((step.place, scanner.used()));
                }
                at = usize::from(step.next);
                continue;
            }
            scanner.back_to(before);
            at = usize::from(step.other);
            if at == 0 {
                return None;
            }
        }
    }

    /// The event of a record. `None` for a record that the strict layer should read.
    pub(crate) fn event<'a>(
        &self,
        read: &Read<'a>,
        values: &mut Values<'a>,
        options: &Options,
    ) -> Option<Event<'a>> {
        let paths = match read.shape {
            Some(shape) => self.shapes[usize::from(shape)].paths.clone(),
            None => values.paths(),
        };
        values.event(read, options, paths)
    }

    /// Learns the shape of a record that the pull layer has read, since it had no known one.
    fn learn(&mut self, text: &str, form: Form, end: usize, values: &Values<'_>) {
        self.misses = self.misses.saturating_add(1);
        self.wait = (1 << (self.misses / 8).min(6)) - 1;
        if self.shapes.len() == SHAPES || self.steps.len() > STEPS {
            self.strangers += 1 + self.wait;
            if self.strangers < PATIENCE {
                return;
            }
            *self = Shapes { misses: self.misses, wait: self.wait, ..Shapes::default() };
        }
        // Line breaks are counted by shape.
        let is_raw =
            |span: &&Span| matches!(span.reader, Reader::Any | Reader::Capacities | Reader::Groups);
        let breaks = |span: &Span| text[span.range()].contains('\n');
        // Places are kept in 32 bits.
        let Some(spans) = values.spans().filter(|_| u32::try_from(end).is_ok()) else {
            return;
        };
        let length: usize = spans.iter().map(|span| span.range().len()).sum();
        if spans.iter().filter(is_raw).any(breaks) || end - length > LONGEST {
            return;
        }
        let (mut from, mut parent) = (0, None);
        for span in spans {
            let value = span.range();
            let literal = &text.as_bytes()[from..value.start];
            parent = Some(self.grow(parent, literal, span.reader, span.place));
            from = value.end;
        }
        let shape = self.shapes.len() as u8;
        self.grow(parent, &text.as_bytes()[from..end], Reader::End, shape);
        self.shapes.push(Shape { form, paths: values.paths() });
    }

    /// Finds or adds the steps of a literal and the value after it, and returns the last.
    fn grow(
        &mut self,
        mut parent: Option<usize>,
        literal: &[u8],
        reader: Reader,
        place: u8,
    ) -> usize {
        let mut chunks = literal.chunks(Literal::MOST).peekable();
        loop {
            let chunk = Literal::of(chunks.next().unwrap_or_default());
            let is_last = chunks.peek().is_none();
            let (reader, place) = if is_last { (reader, place) } else { (Reader::Nothing, 0) };
            let step =
                self.child(parent, Step { literal: chunk, reader, place, next: 0, other: 0 });
            if is_last {
                return step;
            }
            parent = Some(step);
        }
    }

    /// Finds or adds a step after another one.
    fn child(&mut self, parent: Option<usize>, step: Step) -> usize {
        let new = self.steps.len();
        let mut at = parent.map_or(0, |parent| usize::from(self.steps[parent].next));
        if parent.is_some() && at == 0 {
            self.steps[parent.unwrap_or_default()].next = new as u16;
        } else {
            while let Some(sibling) = self.steps.get_mut(at) {
                let is_same = sibling.literal == step.literal
                    && (sibling.reader, sibling.place) == (step.reader, step.place);
                if is_same {
                    return at;
                }
                if sibling.other == 0 {
                    sibling.other = new as u16;
                    break;
                }
                at = usize::from(sibling.other);
            }
        }
        self.steps.push(step);
        new
    }
}

impl Step {
    /// Reads the value.
    #[inline(always)]
    fn value<'a>(&self, scanner: &mut Scanner<'a>, values: &mut Values<'a>) -> Option<()> {
        let place = usize::from(self.place);
        match self.reader {
            Reader::Text => values.put_text(place, scanner.inside_text()?),
            Reader::Number => *values.numbers.get_mut(place)? = scanner.number()?,
            Reader::Instant => *values.instants.get_mut(place)? = scanner.instant()?,
            Reader::Nothing | Reader::End => {}
            Reader::Count => *values.numbers.get_mut(place)? = scanner.count()?,
            Reader::Digits => values.put_text(place, scanner.digits()?),
            Reader::Any => {
                let json = scanner.value()?;
                let is_plain = !json.starts_with(['{', '[']) || !json.contains('\n');
                values.unknown.push(is_plain.then_some(json)?);
            }
            Reader::Capacities => values.capacities = scanner.capacities()?,
            Reader::Groups => *values.groups.get_mut(place)? = scanner.ids()?,
        }
        Some(())
    }
}
