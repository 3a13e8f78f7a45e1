//! [`Palette`]: the colours of states, which also differ in lightness.

use std::collections::BTreeSet;

/// Zendesk's own states, each with a different lightness, in the order of the legend.
const KNOWN: [(&str, Color); 5] = [
    ("online", Color(0x17, 0x69, 0x4d)),
    ("transfers_only", Color(0x4a, 0x8f, 0xd0)),
    ("away", Color(0xe8, 0xa3, 0x17)),
    ("offline", Color(0xdb, 0xe0, 0xe6)),
    ("invisible", Color(0x3a, 0x22, 0x66)),
];

/// The colours of custom states, assigned in turn: four with white edges, four with white bars,
/// four with a white line; the four of a texture differ in lightness. So all states can be
/// distinguished without colour, from each other and from Zendesk's own.
const OTHERS: [Color; 12] = [
    Color(0x8a, 0x6b, 0xbf),
    Color(0xd9, 0x8a, 0x5b),
    Color(0x5b, 0x2a, 0x3c),
    Color(0xc9, 0xc1, 0xe8),
    Color(0x1f, 0x3f, 0x73),
    Color(0x9a, 0x5b, 0x2e),
    Color(0x7f, 0xa6, 0x5a),
    Color(0xf0, 0xb8, 0xc0),
    Color(0xc2, 0x47, 0x6b),
    Color(0x58, 0xb0, 0xa8),
    Color(0x4d, 0x3b, 0x12),
    Color(0xd9, 0xcf, 0x7a),
];

#[derive(Debug, Clone, Copy)]
pub(super) struct Color(u8, u8, u8);

/// The colour and texture of a state.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fill {
    pub(super) color: Color,
    pub(super) texture: Texture,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Texture {
    Plain,
    Edged,
    Barred,
    Lined,
}

/// The colours of the states in a picture.
pub(super) struct Palette<'a> {
    others: Vec<&'a str>,
    /// All states, in the order of the legend.
    pub(super) shown: Vec<&'a str>,
}

impl<'a> Palette<'a> {
    pub(super) fn new(states: &BTreeSet<&'a str>) -> Palette<'a> {
        let known = KNOWN.iter().map(|(name, _)| *name).filter(|name| states.contains(name));
        let others: Vec<&str> = states
            .iter()
            .filter(|state| !KNOWN.iter().any(|(name, _)| name == *state))
            .copied()
            .collect();
        Palette { shown: known.chain(others.iter().copied()).collect(), others }
    }

    /// The index of a state in the legend.
    pub(super) fn place(&self, state: &str) -> usize {
        self.shown.iter().position(|shown| *shown == state).unwrap_or(0)
    }

    pub(super) fn fill(&self, state: &str) -> Fill {
        if let Some((_, color)) = KNOWN.iter().find(|(name, _)| *name == state) {
            return Fill { color: *color, texture: Texture::Plain };
        }
        let place = self.others.binary_search(&state).unwrap_or(0) % OTHERS.len();
        let texture = [Texture::Edged, Texture::Barred, Texture::Lined][place / 4];
        Fill { color: OTHERS[place], texture }
    }
}

impl Color {
    /// The colour of text on this colour.
    pub(super) fn ink(self) -> &'static str {
        let Color(red, green, blue) = self;
        let light = 299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue);
        if light > 140_000 { "#1b1f24" } else { "#ffffff" }
    }
}

impl std::fmt::Display for Color {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}
