//! The making of items, step by step: what to ask a writer for next, from which passages, what of it holds, and what is asked for again.
//!
//! A pure machine: whoever drives it asks the writer, brings drafts and blind answers, and stores what is harvested. Who the writer is, how it
//! is told and how often a call is repeated, it does not know. Without a model, `rules` makes what rules can make.

mod batch;
pub mod draft;
pub mod rules;

pub use crate::quiz::generate::Material;
pub use batch::Batch;
pub use draft::Draft;

use super::answer::Answer;
use super::item::{Body, Difficulty, FreshIds, Item, ItemId, Kind};
use super::language::{name_of, passages_told, told_of};
use super::paper::Rejected;
use super::public::{OptionOrder, PublicItem};
use super::validate::{Context, Kept, Sources, judge};
use crate::config::limits::{QUIZ_BATCH_ITEMS_MAX, QUIZ_BATCHES_BARREN_MAX, QUIZ_BATCHES_PER_BATCH};
use batch::Passages;
use draft::Setting;
use std::collections::BTreeMap;

/// What is to be made, and of what.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The quiz's; `None` where it is not known, nor told by the text.
    pub language: Option<String>,
    pub difficulty: Difficulty,
    /// Where choices begin that would else be the writer's: it is not for students.
    pub seed: u64,
    /// How many, by kind of item.
    pub missing: BTreeMap<Kind, u32>,
    pub material: Vec<Material>,
    /// What the quiz holds already.
    pub items: Vec<Item>,
    /// What the new items are called.
    pub ids: FreshIds,
}

impl Plan {
    /// English where it is not known.
    pub fn language(&self) -> &str {
        self.language.as_deref().unwrap_or("en")
    }

    /// The passages that are in the quiz's language, as far as they tell, and how many are in another one.
    pub fn in_language(&self) -> (Vec<Material>, usize) {
        let Some(language) = &self.language else { return (self.material.clone(), 0) };
        let told = passages_told(self.material.iter().map(|one| one.text.as_str()));
        let is_own = |told: &Option<&str>| told.is_none_or(|told| told == language);
        let own: Vec<Material> =
            self.material.iter().zip(&told).filter(|(_, told)| is_own(told)).map(|(one, _)| one.clone()).collect();
        let others = self.material.len() - own.len();
        (own, others)
    }

    /// What is wrong where no passage is in the quiz's language.
    pub fn is_foreign(&self) -> Option<String> {
        let language = self.language.as_deref()?;
        if self.material.is_empty() || !self.in_language().0.is_empty() {
            return None;
        }
        let spoken = told_of(self.material.iter().map(|one| one.text.as_str())).map_or("another language", name_of);
        Some(format!("the text is in {spoken}, and the quiz in {}", name_of(language)))
    }
}

/// What is to be done next.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Have drafts written, then [`Generation::handle_drafts`].
    Write(Batch),
    /// Have questions answered without their keys, then [`Generation::handle_answers`].
    Answer(Vec<Question>),
    /// Nothing is left to do, or to hope for.
    Over,
}

/// An item as one who does not know its key sees it, with the passage (its place in the material) that it rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    pub passage: usize,
    pub item: PublicItem,
}

/// What has come since the last harvest.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Harvest {
    pub items: Vec<Item>,
    /// Blind answers to them.
    pub second: BTreeMap<ItemId, Answer>,
    pub rejected: Vec<Rejected>,
}

impl Harvest {
    pub fn is_empty(&self) -> bool {
        let Self { items, second: _, rejected } = self;
        items.is_empty() && rejected.is_empty()
    }
}

#[derive(Clone, Debug)]
pub struct Generation {
    plan: Plan,
    passages: Passages,
    doing: Doing,
    harvest: Harvest,
    /// The plan's items, as others are held against them.
    kept: Kept,
    batches_left: u32,
    /// Batches in a row of which nothing held.
    barren: u32,
}

#[derive(Clone, Debug)]
enum Doing {
    Nothing,
    Writing(Batch),
    /// These hold as far as words can tell.
    Answering(Vec<Item>),
}

impl Generation {
    pub fn new(mut plan: Plan) -> Self {
        plan.missing.retain(|_, count| *count > 0);
        let total: u32 = plan.missing.values().sum();
        Self {
            passages: Passages::new(&plan.material, plan.seed),
            doing: Doing::Nothing,
            harvest: Harvest::default(),
            kept: Kept::of(&plan.items),
            batches_left: total.div_ceil(QUIZ_BATCH_ITEMS_MAX) * QUIZ_BATCHES_PER_BATCH,
            barren: 0,
            plan,
        }
    }

    /// What to do now; the same until it was done.
    #[must_use]
    pub fn poll_step(&mut self) -> Step {
        match &self.doing {
            Doing::Writing(batch) => return Step::Write(batch.clone()),
            Doing::Answering(items) => {
                return Step::Answer(items.iter().filter_map(|item| self.question(item)).collect());
            }
            Doing::Nothing => {}
        }
        if self.batches_left == 0 || self.barren >= QUIZ_BATCHES_BARREN_MAX {
            return Step::Over;
        }
        let Some(batch) = self.passages.batch(&self.plan) else { return Step::Over };
        self.batches_left -= 1;
        self.doing = Doing::Writing(batch.clone());
        Step::Write(batch)
    }

    /// Takes what the writer wrote. What was not asked for is left aside.
    pub fn handle_drafts(&mut self, drafts: Vec<Draft>) {
        let Doing::Writing(batch) = std::mem::replace(&mut self.doing, Doing::Nothing) else { return };
        let mut candidates: Vec<Item> = Vec::new();
        let mut fresh = Kept::default();
        let context = context(&self.plan.material);
        for draft in drafts {
            let turn = |kind: Kind, of: &[Item]| of.iter().filter(|item| item.body.kind() == kind).count();
            let kind = draft.ask.kind();
            let due = batch.counts.get(&kind).copied().unwrap_or(0) as usize;
            if turn(kind, &candidates) >= due {
                continue;
            }
            let setting = Setting {
                id: self.plan.ids.draw(),
                given: batch.passages.iter().map(|place| &self.plan.material[*place]).collect(),
                language: self.plan.language(),
                difficulty: self.plan.difficulty,
                seed: self.plan.seed,
                turn: turn(kind, &self.plan.items) + turn(kind, &candidates),
            };
            let item = draft.into_item(&setting);
            let verdict = judge(&item, &[&self.kept, &fresh], &context);
            if verdict.is_rejected() {
                self.harvest.rejected.push(Rejected { item, findings: verdict.findings });
            } else {
                fresh.keep(&item);
                candidates.push(item);
            }
        }
        if candidates.is_empty() {
            self.barren += 1;
        } else {
            self.doing = Doing::Answering(candidates);
        }
    }

    /// Takes blind answers; an item without one is taken as it is.
    pub fn handle_answers(&mut self, mut answers: BTreeMap<ItemId, Answer>) {
        let Doing::Answering(candidates) = std::mem::replace(&mut self.doing, Doing::Nothing) else { return };
        let mut held = false;
        let mut context = context(&self.plan.material);
        for item in candidates {
            let answer = answers.remove(&item.id);
            context.second = answer.iter().map(|answer| (item.id.clone(), answer.clone())).collect();
            let verdict = judge(&item, &[&self.kept], &context);
            if verdict.is_rejected() {
                self.harvest.rejected.push(Rejected { item, findings: verdict.findings });
                continue;
            }
            held = true;
            if let Some(answer) = answer {
                self.harvest.second.insert(item.id.clone(), answer);
            }
            if let Some(count) = self.plan.missing.get_mut(&item.body.kind()) {
                *count = count.saturating_sub(1);
            }
            self.kept.keep(&item);
            self.plan.items.push(item.clone());
            self.harvest.items.push(item);
        }
        self.plan.missing.retain(|_, count| *count > 0);
        self.barren = if held { 0 } else { self.barren + 1 };
    }

    /// The writer, or whoever answers, could not use what it was given: another batch may fare better.
    pub fn handle_failure(&mut self) {
        match std::mem::replace(&mut self.doing, Doing::Nothing) {
            Doing::Nothing => {}
            Doing::Writing(_) => self.barren += 1,
            Doing::Answering(candidates) => {
                self.doing = Doing::Answering(candidates);
                self.handle_answers(BTreeMap::new());
            }
        }
    }

    /// What has come since the last time. Others may be rejected for asking the same as a candidate that still waits for its answer.
    pub fn harvest(&mut self) -> Harvest {
        std::mem::take(&mut self.harvest)
    }

    /// How many are still to be made, by kind.
    pub fn missing(&self) -> &BTreeMap<Kind, u32> {
        &self.plan.missing
    }

    pub fn language(&self) -> Option<&str> {
        self.plan.language.as_deref()
    }

    pub fn material(&self) -> &[Material] {
        &self.plan.material
    }

    /// Nobody answers a free text blind: its rubric is graded by a person.
    fn question(&self, item: &Item) -> Option<Question> {
        if matches!(item.body, Body::FreeText { .. }) {
            return None;
        }
        let cited = &item.source.as_ref()?.passage;
        let passage = self.plan.material.iter().position(|material| material.passage == *cited)?;
        Some(Question { passage, item: PublicItem::of(item, self.plan.seed, OptionOrder::Shuffled) })
    }
}

/// What an item is judged by, before anybody has answered it.
fn context(material: &[Material]) -> Context<'_> {
    Context {
        passages: material.iter().map(|one| (one.passage.as_str(), one.text.as_str())).collect(),
        sources: Sources::Required,
        second: BTreeMap::new(),
    }
}
