//! [`Slot`]: the fields of a record, in one table.

use super::scanner::Key;
use crate::kind::Kind;

/// A field of a record of either feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Slot {
    // Numbers.
    AccountId,
    DetailAccountId,
    DetailAgentId,
    AgentId,
    Version,
    Count,
    PreviousCount,
    // Instants.
    UpdatedAt,
    Timestamp,
    Time,
    // Texts.
    Id,
    Subject,
    EventVersion,
    Channel,
    PreviousState,
    NewState,
    WorkItemId,
    PreviousReason,
    Reason,
    PreviousUnifiedId,
    PreviousUnifiedName,
    PreviousUnifiedReason,
    NewUnifiedId,
    NewUnifiedName,
    NewUnifiedReason,
    Word,
    PreviousWord,
    // Lists.
    MaxCapacity,
    PreviousGroups,
    NewGroups,
    // Fields without a value of their own.
    Type,
    FieldName,
    Detail,
    Event,
    PreviousUnified,
    NewUnified,
    Value,
    PreviousValue,
}

/// How many numbers, instants and texts a record has at most.
pub(crate) const NUMBERS: usize = Slot::UpdatedAt as usize;
pub(crate) const INSTANTS: usize = Slot::Id as usize - NUMBERS;
pub(crate) const TEXTS: usize = Slot::MaxCapacity as usize - INSTANTS - NUMBERS;

impl Slot {
    /// The place among the values of its form.
    pub(crate) const fn place(self) -> usize {
        let place = self as usize;
        if place < NUMBERS {
            place
        } else if place < NUMBERS + INSTANTS {
            place - NUMBERS
        } else {
            place.saturating_sub(NUMBERS + INSTANTS)
        }
    }
}

/// A set of slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Slots(u64);

impl Slots {
    const fn and(self, slots: &[Slot]) -> Slots {
        let (mut set, mut i) = (self.0, 0);
        while i < slots.len() {
            set |= 1 << slots[i] as u8;
            i += 1;
        }
        Slots(set)
    }

    /// Adds a slot, and returns whether it was not there.
    #[inline(always)]
    pub(crate) fn insert(&mut self, slot: Slot) -> bool {
        let is_new = !self.has(slot);
        self.0 |= 1 << slot as u8;
        is_new
    }

    #[inline(always)]
    pub(crate) fn has(self, slot: Slot) -> bool {
        self.0 & 1 << slot as u8 != 0
    }

    #[inline(always)]
    fn is_within(self, other: Slots) -> bool {
        self.0 & !other.0 == 0
    }
}

/// Whether an event of a kind can have the fields that were `seen`, and has those that it needs among
/// the `stated`, which are not null.
pub(crate) fn fits(kind: Kind, seen: Slots, stated: Slots) -> bool {
    let (needed, allowed) = KINDS[kind as usize];
    let has_account = stated.has(Slot::AccountId) || stated.has(Slot::DetailAccountId);
    let has_previous = !stated.has(Slot::PreviousUnified) || stated.has(Slot::PreviousUnifiedId);
    has_account && has_previous && needed.is_within(stated) && seen.is_within(allowed)
}

/// The fields that each kind needs, and those that it can have.
static KINDS: [(Slots, Slots); Kind::ALL.len()] = {
    use Slot::{
        AccountId, AgentId, Channel, Count, Detail, DetailAccountId, DetailAgentId, Event,
        EventVersion, FieldName, Id, MaxCapacity, NewGroups, NewState, NewUnified, NewUnifiedId,
        NewUnifiedName, NewUnifiedReason, PreviousCount, PreviousGroups, PreviousReason,
        PreviousState, PreviousUnified, PreviousUnifiedId, PreviousUnifiedName,
        PreviousUnifiedReason, PreviousValue, PreviousWord, Reason, Subject, Time, Timestamp, Type,
        UpdatedAt, Value, Version, Word, WorkItemId,
    };
    const fn webhook(needed: &[Slot], optional: &[Slot]) -> (Slots, Slots) {
        let needed = both(&[Type, Detail, Event, Id, DetailAgentId, UpdatedAt], needed);
        let more = [AccountId, DetailAccountId, Version, Subject, Time, EventVersion];
        (needed, needed.and(&more).and(optional))
    }
    const fn chat(needed: &[Slot], optional: &[Slot]) -> (Slots, Slots) {
        let needed = both(&[FieldName, AccountId, AgentId, Id, Timestamp, Value], needed);
        (needed, needed.and(optional))
    }
    const fn both(all: &[Slot], own: &[Slot]) -> Slots {
        Slots(0).and(all).and(own)
    }
    let mut kinds = [(Slots(0), Slots(0)); Kind::ALL.len()];
    kinds[Kind::StateChanged as usize] = webhook(&[Channel, NewState], &[PreviousState]);
    kinds[Kind::WorkItemAdded as usize] = webhook(&[WorkItemId, Channel, Reason], &[]);
    kinds[Kind::WorkItemUpdated as usize] =
        webhook(&[WorkItemId, Channel, Reason], &[PreviousReason]);
    kinds[Kind::WorkItemRemoved as usize] = webhook(&[WorkItemId, Channel], &[Reason]);
    kinds[Kind::MaxCapacityChanged as usize] = webhook(&[MaxCapacity], &[]);
    let (previous, new) = (
        &[PreviousUnified, PreviousUnifiedId, PreviousUnifiedName, PreviousUnifiedReason],
        &[NewUnifiedName, NewUnifiedReason],
    );
    let (needed, allowed) = webhook(&[NewUnified, NewUnifiedId], previous);
    kinds[Kind::UnifiedStateChanged as usize] = (needed, allowed.and(new));
    kinds[Kind::ChannelCreated as usize] = webhook(&[Channel], &[]);
    kinds[Kind::ChannelDeleted as usize] = webhook(&[Channel], &[]);
    kinds[Kind::GroupsUpdated as usize] = webhook(&[NewGroups], &[PreviousGroups]);
    kinds[Kind::ChatStatus as usize] = chat(&[Word], &[PreviousValue, PreviousWord]);
    kinds[Kind::ChatEngagements as usize] = chat(&[Count], &[PreviousValue, PreviousCount]);
    kinds
};

/// An object in which fields stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Level {
    Top,
    Detail,
    Event,
    PreviousUnified,
    NewUnified,
}

impl Level {
    /// The path of a field in an object.
    pub(crate) fn path(self, key: &str) -> String {
        let parent = match self {
            Level::Top => "",
            Level::Detail => "/detail",
            Level::Event => "/event",
            Level::PreviousUnified => "/event/previous_unified_state",
            Level::NewUnified => "/event/new_unified_state",
        };
        format!("{parent}/{}", crate::pointer::escape(key))
    }
}

/// How a field's value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Number,
    Instant,
    Text,
    /// A text, or a whole number whose digits are the text.
    TextId,
    Type,
    FieldName,
    /// A text or a count.
    Value {
        word: Slot,
        count: Slot,
    },
    Capacities,
    Groups,
    Object(Level),
}

/// A field that this library knows.
#[derive(Debug)]
pub(crate) struct Field {
    level: Level,
    key: Key,
    pub(crate) slot: Slot,
    pub(crate) form: Form,
    /// Whether null means the same as no such field.
    pub(crate) or_null: bool,
}

const fn field(level: Level, key: &str, slot: Slot, form: Form) -> Field {
    Field { level, key: Key::of(key), slot, form, or_null: false }
}

const fn optional(level: Level, key: &str, slot: Slot, form: Form) -> Field {
    Field { level, key: Key::of(key), slot, form, or_null: true }
}

static FIELDS: [Field; 34] = {
    use Form::{Capacities, FieldName, Groups, Instant, Number, Object, Text, TextId, Type, Value};
    use Level::{Detail, Event, NewUnified, PreviousUnified, Top};
    [
        optional(Top, "account_id", Slot::AccountId, Number),
        field(Top, "detail", Slot::Detail, Object(Detail)),
        field(Top, "event", Slot::Event, Object(Event)),
        field(Top, "id", Slot::Id, TextId),
        optional(Top, "subject", Slot::Subject, Text),
        optional(Top, "time", Slot::Time, Instant),
        field(Top, "type", Slot::Type, Type),
        optional(Top, "zendesk_event_version", Slot::EventVersion, Text),
        field(Top, "agent_id", Slot::AgentId, Number),
        field(Top, "field_name", Slot::FieldName, FieldName),
        field(Top, "timestamp", Slot::Timestamp, Instant),
        field(Top, "value", Slot::Value, Value { word: Slot::Word, count: Slot::Count }),
        optional(
            Top,
            "previous_value",
            Slot::PreviousValue,
            Value { word: Slot::PreviousWord, count: Slot::PreviousCount },
        ),
        optional(Detail, "account_id", Slot::DetailAccountId, Number),
        field(Detail, "agent_id", Slot::DetailAgentId, Number),
        optional(Detail, "version", Slot::Version, Number),
        field(Event, "updated_at", Slot::UpdatedAt, Instant),
        field(Event, "channel", Slot::Channel, Text),
        optional(Event, "previous_state", Slot::PreviousState, Text),
        field(Event, "new_state", Slot::NewState, Text),
        field(Event, "work_item_id", Slot::WorkItemId, TextId),
        optional(Event, "previous_reason", Slot::PreviousReason, Text),
        optional(Event, "reason", Slot::Reason, Text),
        field(Event, "maxCapacity", Slot::MaxCapacity, Capacities),
        optional(Event, "previous_unified_state", Slot::PreviousUnified, Object(PreviousUnified)),
        field(Event, "new_unified_state", Slot::NewUnified, Object(NewUnified)),
        optional(Event, "previous_group_ids", Slot::PreviousGroups, Groups),
        field(Event, "new_group_ids", Slot::NewGroups, Groups),
        field(PreviousUnified, "id", Slot::PreviousUnifiedId, TextId),
        optional(PreviousUnified, "name", Slot::PreviousUnifiedName, Text),
        optional(PreviousUnified, "reason", Slot::PreviousUnifiedReason, Text),
        field(NewUnified, "id", Slot::NewUnifiedId, TextId),
        optional(NewUnified, "name", Slot::NewUnifiedName, Text),
        optional(NewUnified, "reason", Slot::NewUnifiedReason, Text),
    ]
};

/// How many places the table has in which fields are looked up.
const PLACES: usize = 128;

/// Mixes keys so that each field has a place of its own.
const MIX: u64 = {
    let mut mix = 0x9e37_79b9_7f4a_7c15;
    while table(mix).is_none() {
        mix = mix.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(2);
    }
    mix
};

/// The number of the field at each place, plus one; 0 for none.
static TABLE: [u8; PLACES] = table(MIX).unwrap();

/// `None` if two fields have the same place.
const fn table(mix: u64) -> Option<[u8; PLACES]> {
    let (mut table, mut i) = ([0; PLACES], 0);
    while i < FIELDS.len() {
        let place = place(FIELDS[i].level, &FIELDS[i].key, mix);
        if table[place] != 0 {
            return None;
        }
        table[place] = i as u8 + 1;
        i += 1;
    }
    Some(table)
}

#[inline(always)]
const fn place(level: Level, key: &Key, mix: u64) -> usize {
    let mixed = key.words[0] ^ key.words[1].rotate_left(20) ^ (level as u64) << 40;
    (mixed.wrapping_mul(mix) >> 57) as usize
}

impl Field {
    /// The field of an object by its key.
    #[inline(always)]
    pub(crate) fn find(level: Level, key: &Key) -> Option<&'static Field> {
        let number = TABLE[place(level, key, MIX)];
        let field = FIELDS.get(usize::from(number).wrapping_sub(1))?;
        (field.key == *key && field.level == level).then_some(field)
    }
}
