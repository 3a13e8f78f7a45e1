//! [`OpenItems`]: the work items of an agent that are open.

use super::id::ItemId;

/// The work items that are open, in no order. An item is found by its place.
///
/// A removed item leaves a hole, so that nothing else has to be looked up; holes are closed when there
/// are many.
#[derive(Debug, Clone, Default)]
pub(crate) struct OpenItems {
    slots: Vec<Option<ItemId>>,
    // INVARIANT: how many slots are `None`.
    holes: usize,
}

impl OpenItems {
    pub(crate) fn len(&self) -> usize {
        self.slots.len() - self.holes
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &ItemId> {
        self.slots.iter().flatten()
    }

    /// Adds an item, and returns its place.
    pub(crate) fn push(&mut self, id: ItemId) -> usize {
        self.slots.push(Some(id));
        self.slots.len() - 1
    }

    /// Removes the item at a place. Calls `moved` for each item that got another place.
    pub(crate) fn remove(&mut self, place: usize, mut moved: impl FnMut(&ItemId, usize)) {
        self.slots[place] = None;
        self.holes += 1;
        if self.holes > 8 + self.len() {
            self.slots.retain(Option::is_some);
            self.holes = 0;
            self.iter().enumerate().for_each(|(place, id)| moved(id, place));
        }
    }
}
