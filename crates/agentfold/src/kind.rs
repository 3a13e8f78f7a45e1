//! [`Kind`]: the table of event types.

use crate::event::{Body, ChatField, Event};
use crate::word::words;

/// Declares [`Kind`] from one table: number, variant, name. A webhook's [`Body`] variant has the name of
/// its kind; a chat record's [`ChatField`] variant stands in brackets.
macro_rules! kinds {
    (
        webhooks { $($(#[$doc:meta])* $number:literal $name:ident $text:literal)+ }
        chat { $($(#[$chat_doc:meta])* $chat_number:literal $chat:ident($field:ident) $chat_text:literal)+ }
    ) => {
        /// The type of an event: what kind of change it reports.
        ///
        /// In data, a kind is its [name](Kind::as_str): a webhook's `type` without its prefix, such as
        /// `agent.state_changed`, or a chat record's `field_name`. Kinds are ordered as events with the same instant and
        /// version take effect ([the contract](crate::contract::fold#tracks)).
        ///
        /// ```
        /// use agentfold::event::Kind;
        ///
        /// let kind: Kind = "agent.state_changed".parse()?;
        /// assert_eq!(kind, Kind::StateChanged);
        /// assert_eq!(Kind::ChatStatus.to_string(), "status");
        /// assert_eq!(Kind::ALL.len(), 11);
        /// # Ok::<(), agentfold::UnknownWord>(())
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum Kind {
            $($(#[$doc])* $name = $number,)+
            $($(#[$chat_doc])* $chat = $chat_number,)+
        }

        impl Kind {
            /// Every kind: those of webhooks, then those of chat records.
            pub const ALL: &[Kind] = &[$(Kind::$name,)+ $(Kind::$chat,)+];

            /// The kinds of webhooks.
            const WEBHOOKS: &[Kind] = &[$(Kind::$name,)+];

            /// The kinds of chat records.
            const CHAT: &[Kind] = &[$(Kind::$chat,)+];

            pub(crate) const fn of_body(body: &Body<'_>) -> Kind {
                match body { $(Body::$name { .. } => Kind::$name,)+ }
            }

            pub(crate) const fn of_field(field: &ChatField<'_>) -> Kind {
                match field { $(ChatField::$field { .. } => Kind::$chat,)+ }
            }
        }

        words!(impl Kind { $($name = $text,)+ $($chat = $chat_text,)+ });
    };
}

// The numbers are part of the saved form: a new kind gets a number that none had before, and not 11,
// which stands for a REST record.
kinds! {
    webhooks {
        /// An agent's state on one channel changed.
        0 StateChanged "agent.state_changed"
        /// A work item was offered or assigned to an agent.
        1 WorkItemAdded "agent.work_item_added"
        /// The reason or the channel of an agent's work item changed.
        2 WorkItemUpdated "agent.work_item_updated"
        /// A work item left an agent.
        3 WorkItemRemoved "agent.work_item_removed"
        /// An agent's maximum capacity changed on one channel or several.
        4 MaxCapacityChanged "agent.max_capacity_changed"
        /// An agent's unified state changed.
        5 UnifiedStateChanged "agent.unified_state_changed"
        /// An agent gained access to a channel.
        6 ChannelCreated "agent.channel_created"
        /// An agent lost access to a channel.
        7 ChannelDeleted "agent.channel_deleted"
        /// An agent's groups changed.
        8 GroupsUpdated "agent.groups_updated"
    }
    chat {
        /// An agent's chat status changed, as the Chat export reports it.
        9 ChatStatus(Status) "status"
        /// The number of an agent's chats changed, as the Chat export reports it.
        10 ChatEngagements(Engagements) "engagements"
    }
}

impl Kind {
    /// The kind of an event; `None` if this library does not know its type.
    pub(crate) fn of(event: &Event<'_>) -> Option<Kind> {
        match event {
            Event::Availability(event) => Some(Kind::of_body(&event.body)),
            Event::Chat(event) => Some(Kind::of_field(&event.field)),
            Event::Unknown(_) => None,
        }
    }

    /// The kind of a webhook by its `type`, which is written with a colon or a slash.
    #[inline]
    pub(crate) fn of_type(text: &str) -> Option<Kind> {
        let [b':' | b'/', ..] = text.strip_prefix(TYPE_PREFIX)?.as_bytes() else {
            return None;
        };
        Kind::find(Kind::WEBHOOKS, &text[TYPE_PREFIX.len() + 1..])
    }

    /// The kind of a chat record by its `field_name`.
    #[inline]
    pub(crate) fn of_field_name(text: &str) -> Option<Kind> {
        Kind::find(Kind::CHAT, text)
    }

    #[inline]
    fn find(kinds: &[Kind], name: &str) -> Option<Kind> {
        kinds.iter().find(|kind| kind.as_str() == name).copied()
    }
}

/// What every known webhook `type` begins with, before a colon or a slash.
pub(crate) const TYPE_PREFIX: &str = "zen:event-type";
