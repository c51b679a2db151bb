//! A quiz's draft in its teachers' hands: looked at, opened at the version that they have seen, judged anew as a whole where items change,
//! kept. And what becomes of the quiz: published, archived, deleted.
//!
//! Every change is made where nobody was faster; nothing is changed while items are being made. From draft to published, from there to archived,
//! and back to published: nothing goes back to being a draft, because students may have attempts at it.

use super::views::{QuizView, Seen, Stale, etag};
use super::{PatchQuiz, Quizzes, create};
use crate::auth::Identity;
use crate::config::limits::{QUIZ_HINDRANCES_TOLD_MAX, QUIZ_LOOKUPS_AT_ONCE, QUIZ_PAPER_BYTES_MAX};
use crate::handlers::problem::{Problem, ProblemCode};
use crate::ports::documents::DocumentKey;
use crate::ports::ids::{CourseId, DocumentId, TenantId};
use crate::ports::passages::PassageId;
use crate::ports::quizzes::{Quiz, QuizChange, QuizState};
use crate::quiz::draft::{hindrances, is_finite};
use crate::quiz::paper::{Edition, Paper};
use futures::{StreamExt, TryStreamExt};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::task::JoinError;

/// A quiz that is being changed.
pub(super) struct Opened {
    /// As it was seen.
    pub(super) quiz: Quiz,
    pub(super) title: String,
    pub(super) state: QuizState,
    pub(super) paper: Paper,
    /// What students are to be given from now on, where that is something else.
    pub(super) edition: Option<Edition>,
}

impl Opened {
    pub(super) fn of(quiz: Quiz, paper: Paper) -> Self {
        Self { title: quiz.summary.title.clone(), state: quiz.summary.state, quiz, paper, edition: None }
    }

    pub(super) fn course(&self) -> &CourseId {
        &self.quiz.summary.course
    }
}

impl Quizzes {
    pub async fn quiz(&self, who: &Identity, id: &str) -> Result<QuizView, Problem> {
        let (quiz, paper) = self.taught(who, id).await?;
        self.draft_view(quiz, paper).await
    }

    pub async fn patch_quiz(
        &self,
        who: &Identity,
        id: &str,
        if_match: Option<&str>,
        asked: PatchQuiz,
    ) -> Result<QuizView, Problem> {
        let PatchQuiz { title, description, language, settings } = asked;
        if let Some(title) = &title {
            create::check_title(title)?;
        }
        create::check_description(description.as_deref())?;
        if let Some(settings) = &settings {
            create::check_settings(settings)?;
        }
        let language = create::language("language", language.as_deref())?;
        let mut opened = self.open(who, id, if_match).await?;
        // In another language the items are held against other words.
        let changes_items = language.is_some();
        if let Some(language) = language {
            opened.paper.name_language(&language);
        }
        if let Some(title) = title {
            opened.title = title;
        }
        if let Some(description) = description {
            opened.paper.description = description;
        }
        if let Some(settings) = settings {
            opened.paper.settings = settings;
        }
        if changes_items { self.keep(opened).await } else { self.store(opened).await }
    }

    /// Gives the draft to students, as it is now. Where they have it already, nothing changes.
    pub async fn publish_quiz(&self, who: &Identity, id: &str, if_match: Option<&str>) -> Result<QuizView, Problem> {
        let mut opened = self.judged(self.open(who, id, if_match).await?).await?;
        let reasons = hindrances(&opened.paper);
        if !reasons.is_empty() {
            return Err(not_publishable(&reasons));
        }
        let edition = opened.paper.edition(&opened.title);
        let is_given = self.given_edition(&opened.quiz).await?.is_some_and(|given| given == edition);
        if is_given && opened.state == QuizState::Published {
            return self.draft_view(opened.quiz, opened.paper).await;
        }
        opened.state = QuizState::Published;
        opened.edition = Some(edition).filter(|_| !is_given);
        self.store(opened).await
    }

    /// Nobody begins it any more; who has begun may end it.
    pub async fn archive_quiz(&self, who: &Identity, id: &str, if_match: Option<&str>) -> Result<QuizView, Problem> {
        let mut opened = self.open(who, id, if_match).await?;
        match opened.state {
            QuizState::Draft => {
                Err(Problem::new(ProblemCode::Conflict, "it was never published: delete it, or publish it first"))
            }
            QuizState::Archived => self.draft_view(opened.quiz, opened.paper).await,
            QuizState::Published => {
                opened.state = QuizState::Archived;
                self.store(opened).await
            }
        }
    }

    /// With its editions and attempts. What students have shown they know in it stays.
    pub async fn delete_quiz(&self, who: &Identity, id: &str, if_match: Option<&str>) -> Result<(), Problem> {
        let Opened { quiz, .. } = self.open(who, id, if_match).await?;
        Ok(self.quizzes.delete(&quiz.summary.key, quiz.summary.version).await?)
    }

    /// A quiz that the caller is about to change, as the caller has seen it.
    pub(super) async fn open(&self, who: &Identity, id: &str, if_match: Option<&str>) -> Result<Opened, Problem> {
        let (quiz, paper) = self.taught(who, id).await?;
        let Some(seen) = if_match else {
            let detail = "send `If-Match` with the `ETag` of the quiz as you have seen it";
            return Err(Problem::new(ProblemCode::PreconditionRequired, detail));
        };
        if paper.is_at_work() {
            return Err(Problem::new(ProblemCode::QuizAtWork, "wait until its items are made, or cancel that"));
        }
        if seen.trim() != etag(quiz.summary.version) {
            return Err(Problem::new(ProblemCode::PreconditionFailed, "read the quiz again, then ask again"));
        }
        Ok(Opened::of(quiz, paper))
    }

    /// Judges the draft, and stores it.
    pub(super) async fn keep(&self, opened: Opened) -> Result<QuizView, Problem> {
        self.store(self.judged(opened).await?).await
    }

    async fn judged(&self, opened: Opened) -> Result<Opened, Problem> {
        let Opened { quiz, title, state, paper, edition } = opened;
        let paper = self.judge(&quiz.summary.key.tenant, &quiz.summary.course, paper).await?;
        Ok(Opened { quiz, title, state, paper, edition })
    }

    pub(super) async fn store(&self, opened: Opened) -> Result<QuizView, Problem> {
        let Opened { quiz, title, state, paper, edition } = opened;
        let change = self.change_to(title, state, &paper, edition.as_ref())?;
        let quiz = self.quizzes.change(&quiz.summary.key, quiz.summary.version, change).await?;
        self.draft_view(quiz, paper).await
    }

    pub(super) fn change_to(
        &self,
        title: String,
        state: QuizState,
        paper: &Paper,
        edition: Option<&Edition>,
    ) -> Result<QuizChange, Problem> {
        if !paper.items.iter().all(is_finite) {
            return Err(Problem::field("items", "one holds a number that is not finite"));
        }
        let paper_json = paper.to_json();
        if paper_json.len() > QUIZ_PAPER_BYTES_MAX {
            return Err(Problem::field("items", format!("all of a quiz is at most {QUIZ_PAPER_BYTES_MAX} bytes")));
        }
        // JSON has no infinity: what could not be read again is never stored.
        if Paper::from_json(&paper_json).is_err() {
            return Err(Problem::field("items", "a number is too large"));
        }
        let at = self.clock.now();
        Ok(QuizChange {
            title,
            state,
            items: u32::try_from(paper.items.len()).unwrap_or(u32::MAX),
            sources: paper.sources(),
            work_due: paper.is_at_work().then_some(at),
            paper_json,
            edition_json: edition.map(Edition::to_json),
            at,
        })
    }

    /// Judges all items of a draft anew, against the passages that are there.
    pub(super) async fn judge(&self, tenant: &TenantId, course: &CourseId, paper: Paper) -> Result<Paper, Problem> {
        let cited = paper.items.iter().filter_map(|item| Some(item.source.as_ref()?.passage.as_str()));
        let cited: Vec<PassageId> = cited.collect::<BTreeSet<_>>().into_iter().map(PassageId::new).collect();
        let found = if cited.is_empty() { Vec::new() } else { self.passages.get(tenant, &cited).await? };
        let found = found.into_iter().filter(|passage| passage.course == *course);
        let texts = found.map(|passage| (passage.id().to_string(), passage.text)).collect();
        Ok(judged(paper, Arc::new(texts)).await?)
    }

    pub(super) async fn draft_view(&self, quiz: Quiz, paper: Paper) -> Result<QuizView, Problem> {
        let cited = paper.sources().into_iter().map(|source| source.document).collect();
        let documents = self.versions(&quiz.summary.key.tenant, cited).await?;
        let given = self.given_edition(&quiz).await?;
        let has_unpublished_changes = given.is_none_or(|given| given != paper.edition(&quiz.summary.title));
        let stale = |document: &str, version| stale(&documents, &DocumentId::new(document), version);
        Ok(QuizView::of(paper, &Seen { quiz: &quiz, has_unpublished_changes, stale: &stale }))
    }

    async fn given_edition(&self, quiz: &Quiz) -> Result<Option<Edition>, Problem> {
        match quiz.summary.edition() {
            Some(number) => Ok(Some(self.edition(&quiz.summary.key, number).await?)),
            None => Ok(None),
        }
    }

    /// Which version each document is in; those that are gone are left out.
    pub(super) async fn versions(
        &self,
        tenant: &TenantId,
        documents: BTreeSet<DocumentId>,
    ) -> Result<BTreeMap<DocumentId, u64>, Problem> {
        let looked_up = futures::stream::iter(documents).map(|document| async move {
            let key = DocumentKey { tenant: tenant.clone(), document };
            let found = self.documents.get(&key).await?;
            Ok::<_, Problem>(found.map(|found| (key.document, found.version)))
        });
        let found: Vec<_> = looked_up.buffered(QUIZ_LOOKUPS_AT_ONCE).try_collect().await?;
        Ok(found.into_iter().flatten().collect())
    }
}

/// A draft judged anew against the texts of these passages, beside all else that runs: a large one takes a while of computing.
pub(crate) async fn judged(mut paper: Paper, texts: Arc<BTreeMap<String, String>>) -> Result<Paper, JoinError> {
    tokio::task::spawn_blocking(move || {
        paper.judge(&texts);
        paper
    })
    .await
}

/// What became of a document since that version of it.
pub(super) fn stale(now: &BTreeMap<DocumentId, u64>, document: &DocumentId, version: u64) -> Option<Stale> {
    match now.get(document) {
        None => Some(Stale::Deleted),
        Some(now) if *now > version => Some(Stale::Replaced),
        Some(_) => None,
    }
}

fn not_publishable(reasons: &[String]) -> Problem {
    let told = reasons.iter().take(QUIZ_HINDRANCES_TOLD_MAX).cloned().collect::<Vec<_>>().join(". ");
    let more = reasons.len().saturating_sub(QUIZ_HINDRANCES_TOLD_MAX);
    let detail = if more > 0 { format!("{told}. And {more} more items") } else { told };
    Problem::new(ProblemCode::NotPublishable, detail)
}
