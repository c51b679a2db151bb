//! What is asked of a table: updates, ranges of sort keys, and the names that an expression uses.

use super::item::Item;
use std::collections::HashMap;

/// A change of one item. In the texts every attribute stands behind `#` and every value behind `:`, so that no reserved word is in the way.
#[derive(Clone, Debug)]
pub(super) struct Update<'u> {
    pub(super) pk: &'u str,
    pub(super) sk: &'u str,
    pub(super) change: &'u str,
    pub(super) condition: Option<&'u str>,
    pub(super) values: Item,
}

/// What an update gives back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Given {
    /// The item as it was.
    Before,
    /// The item as it is now.
    After,
}

/// An inclusive range of sort keys in one partition.
#[derive(Clone, Debug)]
pub(super) struct Range<'r> {
    pub(super) pk: &'r str,
    pub(super) from: String,
    pub(super) through: String,
    pub(super) order: Order,
    pub(super) consistency: Consistency,
    pub(super) limit: Option<usize>,
    /// Attributes wanted; `None`: all of them.
    pub(super) wanted: Option<&'r str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Ascending,
    Descending,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Consistency {
    /// Every write that was answered is seen.
    Strong,
    /// At half the price: the newest writes may not be seen yet.
    Eventual,
}

#[derive(Debug)]
pub(super) struct Page {
    pub(super) items: Vec<Item>,
    /// Where the next page begins; `None`: this was the last.
    pub(super) next: Option<Item>,
}

/// `#name` → `name` for every attribute that the texts speak of.
pub(super) fn names_in(texts: &[&str]) -> Option<HashMap<String, String>> {
    let mut names = HashMap::new();
    for text in texts {
        for part in text.split('#').skip(1) {
            let end = part.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(part.len());
            names.insert(format!("#{}", &part[..end]), part[..end].to_owned());
        }
    }
    (!names.is_empty()).then_some(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_attribute_of_an_expression_is_named_once() {
        let names = names_in(&["SET #a = :a, #bc=if_not_exists(#bc,:b)", "#a < :now"]).unwrap_or_default();
        let expected = [("#a", "a"), ("#bc", "bc")].map(|(key, name)| (key.to_owned(), name.to_owned()));
        assert_eq!(names, HashMap::from(expected));
        assert_eq!(names_in(&["1 = 1"]), None);
    }
}
