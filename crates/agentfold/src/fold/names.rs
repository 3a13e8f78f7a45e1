//! [`Names`]: stores each distinct text of a fold once, so that transitions hold numbers.

use std::hash::BuildHasher;
use std::num::NonZeroU32;

use foldhash::SharedSeed;
use foldhash::fast::SeedableRandomState;
use hashbrown::HashTable;
use minicbor::{Decode, Encode};

/// Hashes the keys of a fold's maps.
pub(crate) type Hasher = SeedableRandomState;

/// The hasher of a seed; 0 stands for a seed that comes from where the program is in memory.
pub(crate) fn hasher(seed: u64) -> Hasher {
    match seed {
        0 => SeedableRandomState::random(),
        seed => SeedableRandomState::with_seed(seed, SharedSeed::global_random()),
    }
}

/// A text of one fold's [`Names`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub(crate) struct Name(NonZeroU32);

/// Defines the texts whose names are the same in every fold.
macro_rules! known {
    ($($place:literal $name:ident = $text:literal,)+) => {
        impl Name {
            $(
                #[doc = concat!("`", $text, "`, in every fold.")]
                pub(crate) const $name: Name = Name(NonZeroU32::MIN.saturating_add($place));
            )+
        }

        // INVARIANT: the constants of `Name` are these, in this order.
        const KNOWN: &[&str] = &[$($text),+];
    };
}

known! {
    0 CHANNEL_CHANGE = "CHANNEL_CHANGE",
    1 ONLINE = "online",
    2 OFFERED = "OFFERED",
    3 ACCEPTED = "ACCEPTED",
    4 OFFER_MISSED = "OFFER_MISSED",
    5 OFFER_OBSOLETED = "OFFER_OBSOLETED",
    6 AGENT_DISCONNECTED = "AGENT_DISCONNECTED",
    7 AGENT_IDLE_TIMEOUT = "AGENT_IDLE_TIMEOUT",
    8 SWITCHER_AUTO_RECONNECT = "SWITCHER_AUTO_RECONNECT",
}

impl Name {
    /// The name at a place, from 1.
    pub(crate) fn at(place: NonZeroU32) -> Name {
        Name(place)
    }

    pub(crate) fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

/// A text of at most sixteen bytes, as numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Short {
    first: u64,
    last: u64,
    length: u64,
}

impl Short {
    #[inline]
    fn new(text: &str) -> Option<Short> {
        let bytes = text.as_bytes();
        let (first, last) =
            if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
                (u64::from_le_bytes(*first), u64::from_le_bytes(*last))
            } else if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
                (u64::from(u32::from_le_bytes(*first)), u64::from(u32::from_le_bytes(*last)))
            } else {
                (bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)), 0)
            };
        (bytes.len() <= 16).then_some(Short { first, last, length: bytes.len() as u64 })
    }

    /// Its place in the cache of recent texts.
    #[inline]
    fn place(self) -> usize {
        let mixed = self.first ^ self.last.rotate_left(23) ^ self.length;
        (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58) as usize
    }
}

/// The texts of a fold's transitions: channels, states, reasons, sets of groups.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    /// A cache of short texts that were used recently, by a cheap hash.
    recent: [Option<(Short, Name)>; 64],
    texts: Vec<Box<str>>,
    table: HashTable<Name>,
    hasher: Hasher,
}

impl Names {
    /// How many names every fold has.
    pub(crate) const FEWEST: usize = KNOWN.len();

    pub(crate) fn new(hasher: Hasher) -> Names {
        let (recent, table) = ([None; 64], HashTable::new());
        let mut names = Names { recent, texts: Vec::new(), table, hasher };
        for text in KNOWN {
            names.add(text);
        }
        names
    }

    /// The name of a text. Adds the text if it is new.
    #[inline]
    pub(crate) fn add(&mut self, text: &str) -> Name {
        let Some(short) = Short::new(text) else {
            return self.add_any(text);
        };
        match self.recent[short.place()] {
            Some((known, name)) if known == short => name,
            _ => {
                let name = self.add_any(text);
                self.recent[short.place()] = Some((short, name));
                name
            }
        }
    }

    /// The name of a text, if it has one.
    pub(crate) fn find(&self, text: &str) -> Option<Name> {
        let hash = self.hasher.hash_one(text);
        self.table.find(hash, |name| &*self.texts[name.index()] == text).copied()
    }

    fn add_any(&mut self, text: &str) -> Name {
        if let Some(name) = self.find(text) {
            return name;
        }
        let hash = self.hasher.hash_one(text);
        self.texts.push(text.into());
        let count = u32::try_from(self.texts.len()).ok().and_then(NonZeroU32::new);
        let name = Name(count.expect("fewer than 2^32 distinct names fit into memory"));
        let texts = &self.texts;
        let hasher = &self.hasher;
        self.table.insert_unique(hash, name, |name| hasher.hash_one(&*texts[name.index()]));
        name
    }

    /// Drops the names that were added last.
    pub(crate) fn truncate(&mut self, count: usize) {
        for name in self.all().skip(count).map(|(_, name)| name).collect::<Vec<_>>() {
            let hash = self.hasher.hash_one(self.text(name));
            if let Ok(entry) = self.table.find_entry(hash, |known| *known == name) {
                entry.remove();
            }
        }
        self.texts.truncate(count);
        for recent in &mut self.recent {
            *recent = recent.filter(|(_, name)| name.index() < count);
        }
    }

    /// Adds all texts of `other`. Returns their names here, by their index in `other`.
    pub(crate) fn adopt(&mut self, other: &Names) -> Vec<Name> {
        other.texts.iter().map(|text| self.add(text)).collect()
    }

    pub(crate) fn hasher(&self) -> &Hasher {
        &self.hasher
    }

    pub(crate) fn count(&self) -> usize {
        self.texts.len()
    }

    /// Every text and its name.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, Name)> {
        let names = (1..).map_while(NonZeroU32::new).map(Name);
        self.texts.iter().map(|text| &**text).zip(names)
    }

    pub(crate) fn text(&self, name: Name) -> &str {
        &self.texts[name.index()]
    }
}
