//! Items of a draft, as their teachers write them: added, replaced, removed, put in order. Each change judges the whole draft anew.
//!
//! A source is taken from a client only as far as it can be held against its passage; document, version and place are looked up.

use super::Quizzes;
use super::create::language;
use super::drafts::Opened;
use super::views::{ItemOrder, QuizView};
use crate::auth::Identity;
use crate::auth::claims::is_id;
use crate::config::limits::QUIZ_ITEMS_MAX;
use crate::handlers::problem::Problem;
use crate::ports::ids::{CourseId, TenantId};
use crate::ports::passages::PassageId;
use crate::quiz::draft::{ItemDraft, SourceDraft};
use crate::quiz::item::{Item, ItemId, Source};
use crate::quiz::paper::Paper;
use crate::quiz::text::normal;
use std::collections::BTreeMap;

impl Quizzes {
    pub async fn add_item(
        &self,
        who: &Identity,
        id: &str,
        if_match: Option<&str>,
        draft: ItemDraft,
    ) -> Result<QuizView, Problem> {
        let mut opened = self.open(who, id, if_match).await?;
        if opened.paper.items.len() >= QUIZ_ITEMS_MAX {
            return Err(Problem::field("items", format!("a quiz has at most {QUIZ_ITEMS_MAX}")));
        }
        let item_id = self.item_id(&opened.paper);
        let item = self.written(&opened, item_id, None, draft).await?;
        opened.paper.items.push(item);
        self.keep(opened).await
    }

    /// In the place of the one that is there, with its id. What was found of that one, and how it was answered without its key, is forgotten.
    pub async fn replace_item(
        &self,
        who: &Identity,
        id: &str,
        item: &str,
        if_match: Option<&str>,
        draft: ItemDraft,
    ) -> Result<QuizView, Problem> {
        let mut opened = self.open(who, id, if_match).await?;
        let at = place_of(&opened.paper, item)?;
        let before = opened.paper.items[at].clone();
        let after = self.written(&opened, before.id.clone(), Some(&before), draft).await?;
        if after != before {
            opened.paper.second.remove(&before.id);
        }
        opened.paper.items[at] = after;
        self.keep(opened).await
    }

    pub async fn remove_item(
        &self,
        who: &Identity,
        id: &str,
        item: &str,
        if_match: Option<&str>,
    ) -> Result<QuizView, Problem> {
        let mut opened = self.open(who, id, if_match).await?;
        let at = place_of(&opened.paper, item)?;
        let removed = opened.paper.items.remove(at);
        opened.paper.second.remove(&removed.id);
        self.keep(opened).await
    }

    pub async fn order_items(
        &self,
        who: &Identity,
        id: &str,
        if_match: Option<&str>,
        order: ItemOrder,
    ) -> Result<QuizView, Problem> {
        let mut opened = self.open(who, id, if_match).await?;
        let items = std::mem::take(&mut opened.paper.items);
        let count = items.len();
        let mut by_id: BTreeMap<String, Item> = items.into_iter().map(|item| (item.id.to_string(), item)).collect();
        let ordered: Vec<Item> = order.items.iter().filter_map(|id| by_id.remove(id)).collect();
        if ordered.len() != count || order.items.len() != count {
            return Err(Problem::field("items", "it must name each item of the quiz once"));
        }
        opened.paper.items = ordered;
        self.keep(opened).await
    }

    /// An id that tells nothing, and that no item of the draft has.
    pub(super) fn item_id(&self, paper: &Paper) -> ItemId {
        paper.fresh_ids(self.ids.seed()).draw()
    }

    async fn written(
        &self,
        opened: &Opened,
        id: ItemId,
        before: Option<&Item>,
        mut draft: ItemDraft,
    ) -> Result<Item, Problem> {
        draft.check().map_err(|error| Problem::field(error.field, format!("at most {} {}", error.max, error.of)))?;
        draft.language = language("language", draft.language.as_deref())?;
        let kept = before.and_then(|before| before.source.as_ref());
        let source = match draft.source.take() {
            Some(source) => Some(self.bound(&opened.quiz.summary.key.tenant, opened.course(), source, kept).await?),
            None => None,
        };
        Ok(draft.into_item(id, before, source, &opened.paper.language, &mut || self.ids.seed()))
    }

    /// The span of a document that these words are. What the item rests on already stays, though its text may be gone.
    async fn bound(
        &self,
        tenant: &TenantId,
        course: &CourseId,
        source: SourceDraft,
        kept: Option<&Source>,
    ) -> Result<Source, Problem> {
        let SourceDraft { passage, quote } = source;
        if let Some(kept) = kept.filter(|kept| kept.passage == passage && kept.quote == quote) {
            return Ok(kept.clone());
        }
        let wanted: Vec<PassageId> = if is_id(&passage) { vec![PassageId::new(passage.as_str())] } else { Vec::new() };
        let found = self.passages.get(tenant, &wanted).await?.pop();
        let found = found.filter(|found| found.course == *course);
        let found = found.ok_or_else(|| Problem::field("source.passage", "the quiz's course has no such passage"))?;
        let words = normal(&quote);
        if words.is_empty() || !normal(&found.text).contains(&words) {
            return Err(Problem::field("source.quote", "these words do not stand in the passage"));
        }
        Ok(Source {
            document: found.document.to_string(),
            version: found.version,
            passage,
            quote,
            locator: found.locator,
        })
    }
}

fn place_of(paper: &Paper, item: &str) -> Result<usize, Problem> {
    paper.items.iter().position(|held| held.id.as_str() == item).ok_or_else(|| Problem::not_found("item"))
}
