//! Ids of new items, which tell nothing of what an item says: students see them before they are to find it out.

use super::ItemId;
use crate::quiz::shuffle::Shuffle;
use std::collections::BTreeSet;

/// Draws ids that nobody has.
#[derive(Clone, Debug)]
pub struct FreshIds {
    drawn: Shuffle,
    taken: BTreeSet<ItemId>,
}

impl FreshIds {
    /// `seed`: another one each time, so that no id comes again that an item had which is gone.
    pub fn new(seed: u64, taken: impl IntoIterator<Item = ItemId>) -> Self {
        Self { drawn: Shuffle::of(seed, "items"), taken: taken.into_iter().collect() }
    }

    pub fn draw(&mut self) -> ItemId {
        loop {
            let id = ItemId::new(format!("i{:012x}", self.drawn.below(1 << 48)));
            if self.taken.insert(id.clone()) {
                return id;
            }
        }
    }
}
