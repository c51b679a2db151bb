//! The language of a quiz: named by its teacher, or told from what it is made of. What was named is never told otherwise, and what was told stays
//! until somebody names another.

use super::Paper;
use crate::quiz::item::{Body, Choice, Item, Part};
use crate::quiz::language::told_of;
use crate::quiz::paper::Settings;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a quiz came to its language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LanguageOrigin {
    /// By its teacher.
    #[default]
    Named,
    /// From the text that it was made of, or from its items.
    Told,
    /// There was nothing to tell it from yet: it counts as English until then.
    Assumed,
}

const ASSUMED: &str = "en";

impl Paper {
    /// In whatever language its text or its items turn out to be.
    pub fn open(settings: Settings) -> Self {
        Self { language_origin: LanguageOrigin::Assumed, ..Self::new(ASSUMED, settings) }
    }

    /// Its language, unless that is only assumed.
    pub fn known_language(&self) -> Option<&str> {
        match self.language_origin {
            LanguageOrigin::Named | LanguageOrigin::Told => Some(&self.language),
            LanguageOrigin::Assumed => None,
        }
    }

    /// Its teacher says so.
    pub fn name_language(&mut self, language: &str) {
        self.speak(language);
        self.language_origin = LanguageOrigin::Named;
    }

    /// The text that it is made of says so; that counts where nothing has said so before.
    pub fn tell_language(&mut self, language: &str) {
        if self.language_origin == LanguageOrigin::Assumed {
            self.speak(language);
            self.language_origin = LanguageOrigin::Told;
        }
    }

    pub(super) fn tell_language_of_items(&mut self) {
        if self.language_origin != LanguageOrigin::Assumed {
            return;
        }
        let said: Vec<String> = self.items.iter().map(said).collect();
        if let Some(language) = told_of(said.iter().map(String::as_str)) {
            self.tell_language(language);
        }
    }

    /// Items that had the quiz's language go along with it.
    fn speak(&mut self, language: &str) {
        let before = std::mem::replace(&mut self.language, language.to_owned());
        for item in self.items.iter_mut().filter(|item| item.language == before) {
            language.clone_into(&mut item.language);
        }
    }
}

/// All that an item says to whoever answers it, and the words that it rests on.
fn said(item: &Item) -> String {
    let mut said = vec![item.stem.as_str()];
    let texts = |choices: &'_ [Choice]| choices.iter().map(|choice| choice.text.clone()).collect::<Vec<_>>();
    let options = match &item.body {
        Body::SingleChoice { options, .. } | Body::MultipleChoice { options, .. } | Body::Ordering { options, .. } => {
            texts(options)
        }
        Body::Matching { prompts, targets, .. } => [texts(prompts), texts(targets)].concat(),
        Body::Cloze { parts, .. } => parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.clone(),
                Part::Gap(gap) => gap.filled().unwrap_or_default(),
            })
            .collect(),
        Body::FreeText { rubric, .. } => rubric.iter().map(|criterion| criterion.text.clone()).collect(),
        Body::TrueFalse { .. } | Body::ShortText { .. } | Body::Numeric { .. } => Vec::new(),
    };
    said.extend(options.iter().map(String::as_str));
    said.extend(item.explanation.as_deref());
    said.extend(item.source.as_ref().map(|source| source.quote.as_str()));
    said.join("\n")
}
