//! Items from passages by rules, without a model: gaps, terms by their description, true and false statements, numbers and orders.
//!
//! Each item rests on one span, whose words it uses, and only what passes `validate` is handed out; what does not is handed out beside it with
//! the reasons. The rules know words, not meanings: they leave a sentence alone rather than guess. No randomness: the seed decides.

mod choices;
mod gaps;
mod orders;
mod sentences;
mod statements;
mod terms;

pub use sentences::{Sentence, sentences};

use super::item::{Body, FreshIds, Item, Kind, Part, Source};
use super::language::{Language, language};
use super::shuffle::Shuffle;
use super::text::{folded, stem};
use super::validate::{Context, Kept, Sources, Verdict, judge};
use crate::config::limits::{QUIZ_EXPLANATION_CHARS_MAX, QUIZ_SKILL_CHARS_MAX};
use crate::ports::extraction::Locator;
use std::collections::BTreeMap;
use terms::Terms;

/// A passage as the caller has it.
#[derive(Clone, Debug)]
pub struct Material {
    pub document: String,
    pub version: u64,
    pub passage: String,
    pub text: String,
    pub locator: Locator,
}

/// What is wanted.
#[derive(Clone, Debug)]
pub struct Order {
    pub language: String,
    /// How many of each kind at most.
    pub counts: BTreeMap<Kind, usize>,
    /// Whoever knows it knows where the keys stand; it is not for students.
    pub seed: u64,
    /// What the quiz has already: no item asks it again, or rests on the same words.
    pub besides: Vec<Item>,
    /// What the items are called.
    pub ids: FreshIds,
}

/// The kinds of items that the rules make.
pub const KINDS: [Kind; 5] = [Kind::SingleChoice, Kind::TrueFalse, Kind::Numeric, Kind::Cloze, Kind::Ordering];

impl Order {
    /// Up to so many of every kind.
    pub fn of_each(language: &str, count: usize, seed: u64) -> Self {
        let counts = KINDS.into_iter().map(|kind| (kind, count)).collect();
        Self { language: language.to_owned(), counts, seed, besides: Vec::new(), ids: FreshIds::new(seed, []) }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Generated {
    pub items: Vec<Item>,
    /// Items that did not pass, with the reasons; others took their places where the text had any.
    pub rejected: Vec<(Item, Verdict)>,
    /// Kinds of which the text gave fewer than were asked for, and how many are missing.
    pub missing: BTreeMap<Kind, usize>,
}

/// An item before it has its id, with the sentence that it is made of.
struct Draft {
    kind: Kind,
    sentence: usize,
    item: Item,
    /// Whether it asks for a term by what defines it.
    defines: bool,
}

impl Draft {
    /// The word that is asked for, without its ending.
    fn key(&self) -> Option<String> {
        let word = match &self.item.body {
            Body::SingleChoice { options, keys } => {
                options.iter().find(|option| keys.contains(&option.id)).map(|option| option.text.clone())
            }
            Body::Cloze { parts, .. } => {
                parts.iter().find_map(|part| if let Part::Gap(gap) = part { gap.filled() } else { None })
            }
            _ => None,
        };
        word.map(|word| stem(&folded(&word)))
    }
}

/// True and false statements come in turn.
fn unbalanced(draft: &Draft, taken: &[Draft]) -> bool {
    let Body::TrueFalse { key } = draft.item.body else { return false };
    let count = |of: bool| taken.iter().filter(|other| other.item.body == Body::TrueFalse { key: of }).count();
    count(key) > count(!key)
}

fn cited(item: &Item) -> Option<(&str, &str)> {
    item.source.as_ref().map(|source| (source.document.as_str(), source.quote.as_str()))
}

/// One sentence serves at most so many items: a second one would answer the first.
const ITEMS_PER_SENTENCE_MAX: usize = 1;
/// Items that have the same word for their key.
const ITEMS_PER_KEY_MAX: usize = 2;
/// More flaws than this are not handed out.
const WARNINGS_MAX: usize = 0;

pub fn generate(material: &[Material], order: &Order) -> Generated {
    let language = language(&order.language);
    let sentences = sentences(material, language);
    let terms = Terms::of(&sentences, language);
    let maker = Maker { sentences: &sentences, terms: &terms, language, material };
    let mut drafts = Vec::new();
    drafts.extend(choices::drafts(&maker, order.seed));
    drafts.extend(statements::drafts(&maker));
    drafts.extend(gaps::numeric(&maker));
    drafts.extend(gaps::cloze(&maker));
    drafts.extend(orders::drafts(&maker));
    chosen(drafts, material, order)
}

/// Takes drafts in an order that the seed decides, as long as their kind is wanted, their sentence free and the whole still sound.
fn chosen(mut drafts: Vec<Draft>, material: &[Material], order: &Order) -> Generated {
    Shuffle::of(order.seed, "drafts").shuffle(&mut drafts);
    // Terms and their descriptions tell more than gaps.
    drafts.sort_by_key(|draft| !draft.defines);
    let context = Context {
        passages: material.iter().map(|passage| (passage.passage.as_str(), passage.text.as_str())).collect(),
        sources: Sources::Required,
        second: BTreeMap::new(),
    };
    let mut taken: Vec<Draft> = Vec::new();
    let mut kept = Kept::of(&order.besides);
    let mut ids = order.ids.clone();
    let mut rejected = Vec::new();
    for mut draft in drafts {
        let used = |item: &Item| cited(item).is_some() && cited(item) == cited(&draft.item);
        let wanted = order.counts.get(&draft.kind).copied().unwrap_or(0);
        let of_kind = taken.iter().filter(|other| other.kind == draft.kind).count();
        if of_kind >= wanted || order.besides.iter().any(used) {
            continue;
        }
        let key = draft.key();
        let crowded = taken.iter().filter(|other| other.sentence == draft.sentence).count() >= ITEMS_PER_SENTENCE_MAX
            || key.is_some() && taken.iter().filter(|other| other.key() == key).count() >= ITEMS_PER_KEY_MAX
            || unbalanced(&draft, &taken);
        if crowded {
            continue;
        }
        draft.item.id = ids.draw();
        place_key(&mut draft.item, of_kind, order.seed);
        let verdict = judge(&draft.item, &[&kept], &context);
        if verdict.is_rejected() || verdict.findings.len() > WARNINGS_MAX {
            rejected.push((draft.item, verdict));
        } else {
            kept.keep(&draft.item);
            taken.push(draft);
        }
    }
    let missing = order
        .counts
        .iter()
        .map(|(kind, wanted)| (*kind, wanted.saturating_sub(taken.iter().filter(|draft| draft.kind == *kind).count())))
        .filter(|(_, missing)| *missing > 0)
        .collect();
    taken.sort_by_key(|draft| (draft.sentence, draft.kind));
    Generated { items: taken.into_iter().map(|draft| draft.item).collect(), rejected, missing }
}

/// Keys take each of four places once before any takes a second, in an order that only the seed tells.
pub(super) fn place_key(item: &mut Item, turn: usize, seed: u64) {
    if let Body::SingleChoice { options, keys } = &mut item.body
        && let Some(at) = options.iter().position(|option| keys.contains(&option.id))
    {
        let mut places = [0, 1, 2, 3];
        Shuffle::of(seed, &format!("places/{}", turn / places.len())).shuffle(&mut places);
        let place = places[turn % places.len()] % options.len();
        let key = options.remove(at);
        options.insert(place, key);
    }
}

/// What the rules work with.
struct Maker<'a> {
    sentences: &'a [Sentence],
    terms: &'a Terms,
    language: &'static Language,
    material: &'a [Material],
}

impl Maker<'_> {
    /// An item about the sentences from `first` to `last`, explained by their words.
    fn draft(&self, kind: Kind, first: usize, last: usize, stem: String, body: Body) -> Draft {
        let sentence = &self.sentences[first];
        let passage = &self.material[sentence.material];
        let quote =
            self.sentences[first..=last].iter().map(|sentence| sentence.text.as_str()).collect::<Vec<_>>().join(" ");
        // It gets its id when it is taken up.
        let mut item = Item::new("", self.language.code, stem, body);
        item.explanation = Some(clipped(&quote, QUIZ_EXPLANATION_CHARS_MAX));
        item.skill = skill_of(passage).or_else(|| Some(clipped(sentence.heading.as_ref()?, QUIZ_SKILL_CHARS_MAX)));
        item.source = Some(Source {
            document: passage.document.clone(),
            version: passage.version,
            passage: passage.passage.clone(),
            quote,
            locator: passage.locator.clone(),
        });
        Draft { kind, sentence: first, item, defines: false }
    }
}

/// What an item about the passage is about: the heading that the passage stands under.
pub(super) fn skill_of(passage: &Material) -> Option<String> {
    passage.locator.path.last().map(|heading| clipped(heading, QUIZ_SKILL_CHARS_MAX))
}

/// As much of a text as is kept of one that a person writes.
pub(super) fn clipped(text: &str, chars_max: usize) -> String {
    text.chars().take(chars_max).collect()
}

fn filled(phrase: &str, with: &str) -> String {
    phrase.replace("{}", with)
}

/// What stands for a gap in a stem.
const GAP: &str = "_____";
