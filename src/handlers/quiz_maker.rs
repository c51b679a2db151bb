//! Making the items of a quiz, from what was asked for to the last item: passages are read, items written by a model (or by rules), answered
//! blind, stored batch by batch, and told of.
//!
//! Every step is a compare-and-set on the quiz, so that what is stored counts and nothing comes twice: whoever comes late, or whose quiz was
//! cancelled, stops. What an item must be is asked of `quiz::generation`; where this runs, and how often, is up to whoever calls it.

mod asking;
mod hold;
mod reading;

use crate::handlers::notices::Notices;
use crate::ports::budgets::{BudgetLimits, Budgets};
use crate::ports::clock::{Clock, UnixMs};
use crate::ports::documents::{Documents, DocumentsError};
use crate::ports::ids::Ids;
use crate::ports::passages::{Passages, PassagesError};
use crate::ports::quizzes::{QuizKey, Quizzes, QuizzesError};
use crate::ports::text_model::TextModel;
use crate::quiz::generation::rules::by_rules;
use crate::quiz::generation::{Generation, Harvest, Material, Plan, Step};
use crate::quiz::language::told_of;
use crate::quiz::paper::{MakingFailure, MakingState};
use asking::Bill;
use hold::{Hold, Taken};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::task::JoinError;

/// Makes quizzes' items, with the roles that it takes.
#[derive(Clone)]
pub struct QuizMaker {
    pub quizzes: Arc<dyn Quizzes>,
    pub documents: Arc<dyn Documents>,
    pub passages: Arc<dyn Passages>,
    pub model: Arc<dyn TextModel>,
    pub budgets: Arc<dyn Budgets>,
    pub limits: BudgetLimits,
    pub notices: Notices,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

/// How work on a quiz ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ran {
    /// It is done, or failed for good.
    Settled,
    /// Nothing can be done for now; it waits until its time has come again.
    Later,
    /// Time was over: it is to be taken up again at once.
    HandedOver,
    /// It does not wait for anybody: it was cancelled, deleted, or another works on it.
    Overtaken,
}

/// Why work on a quiz broke off. It is taken up again when its worker's hold on it is over.
#[derive(Debug, thiserror::Error)]
pub enum QuizMakerError {
    #[error(transparent)]
    Quizzes(QuizzesError),
    #[error(transparent)]
    Documents(DocumentsError),
    #[error(transparent)]
    Passages(PassagesError),
    #[error("what is stored of the quiz cannot be read: {0}")]
    Paper(#[from] crate::quiz::paper::PaperError),
    #[error("computing broke off: {0}")]
    Computing(#[from] JoinError),
}

/// What ends the work.
#[derive(Debug)]
enum Stop {
    Overtaken,
    TimeOver,
    /// Again later, as often as may be; then this is why it failed.
    PutOff {
        failure: MakingFailure,
        wait_ms: Option<u64>,
    },
    Failed(MakingFailure),
    Broken(QuizMakerError),
}

impl<E: Into<QuizMakerError>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Broken(error.into())
    }
}

impl From<QuizzesError> for QuizMakerError {
    fn from(error: QuizzesError) -> Self {
        Self::Quizzes(error)
    }
}

impl From<DocumentsError> for QuizMakerError {
    fn from(error: DocumentsError) -> Self {
        Self::Documents(error)
    }
}

impl From<PassagesError> for QuizMakerError {
    fn from(error: PassagesError) -> Self {
        Self::Passages(error)
    }
}

impl std::fmt::Debug for QuizMaker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("QuizMaker").field("model", &self.model.info()).finish_non_exhaustive()
    }
}

impl QuizMaker {
    /// Takes a quiz that waits as far as it goes, and at most `until` then. May be called for any quiz at any time. Dropped in the middle, it
    /// leaves what is stored, and the quiz is found again when the hold on it is over.
    pub async fn run(&self, key: &QuizKey, until: Option<UnixMs>) -> Result<Ran, QuizMakerError> {
        let mut hold = match Hold::take(self, key, until).await? {
            Taken::Held(hold) => hold,
            Taken::GivenUp => return Ok(Ran::Settled),
            Taken::Refused => return Ok(Ran::Overtaken),
        };
        let Err(stop) = self.work(&mut hold).await else { return Ok(Ran::Settled) };
        let left = match stop {
            Stop::Broken(error) => return Err(error),
            Stop::Overtaken => return Ok(Ran::Overtaken),
            Stop::TimeOver => hold.leave().await.map(|()| Ran::HandedOver),
            Stop::PutOff { failure, wait_ms } => hold.put_off(failure, wait_ms).await,
            Stop::Failed(failure) => hold.settle(MakingState::Failed, Some(failure)).await.map(|()| Ran::Settled),
        };
        match left {
            Ok(ran) => Ok(ran),
            Err(Stop::Broken(error)) => Err(error),
            Err(Stop::Overtaken | Stop::TimeOver | Stop::PutOff { .. } | Stop::Failed(_)) => Ok(Ran::Overtaken),
        }
    }

    async fn work(&self, hold: &mut Hold<'_>) -> Result<(), Stop> {
        let found = self.read(hold).await?;
        if hold.paper().known_language().is_none() {
            tell_language(hold, &found.material).await?;
        }
        let making = hold.making();
        let plan = Plan {
            language: hold.paper().known_language().map(str::to_owned),
            difficulty: making.wanted.difficulty,
            seed: making.seed,
            missing: making.missing.clone(),
            material: found.material,
            items: hold.paper().items.clone(),
            ids: hold.paper().fresh_ids(self.ids.seed()),
        };
        hold.know(found.texts);
        if self.model.writes_quizzes() {
            self.by_model(hold, plan, &found.names).await
        } else {
            self.by_rules(hold, plan).await
        }
    }

    async fn by_rules(&self, hold: &mut Hold<'_>, plan: Plan) -> Result<(), Stop> {
        // A long book takes a while of computing.
        let made = hold.during(tokio::task::spawn_blocking(move || by_rules(&plan))).await??;
        hold.keep(made.harvest, made.missing).await?;
        settle(hold, made.failure).await
    }

    async fn by_model(&self, hold: &mut Hold<'_>, plan: Plan, names: &BTreeMap<String, String>) -> Result<(), Stop> {
        let mut bill = Bill::of(hold);
        let sorted = tokio::task::spawn_blocking(move || {
            let foreign = plan.is_foreign();
            // What is in another language than the quiz is left aside, unless all of it is: a model may translate.
            let material = if foreign.is_some() { plan.material.clone() } else { plan.in_language().0 };
            (Generation::new(Plan { material, ..plan }), foreign)
        });
        let (mut generation, foreign) = hold.during(sorted).await??;
        let mut useless = None;
        loop {
            match generation.poll_step() {
                Step::Over => break,
                Step::Write(batch) => {
                    let task = asking::items(&generation, &batch, names, hold);
                    match self.drafts(hold, &mut bill, task).await? {
                        Ok(drafts) => generation.handle_drafts(drafts),
                        Err(failure) => {
                            useless = Some(failure);
                            generation.handle_failure();
                        }
                    }
                }
                // Free texts alone: there is nothing to ask.
                Step::Answer(questions) if questions.is_empty() => generation.handle_answers(BTreeMap::new()),
                Step::Answer(questions) => {
                    let task = asking::answers(&generation, &questions, names);
                    match self.answers(hold, &mut bill, task).await? {
                        Ok(answers) => generation.handle_answers(answers),
                        Err(_) => generation.handle_failure(),
                    }
                }
            }
            let harvest: Harvest = generation.harvest();
            if !harvest.is_empty() {
                hold.keep(harvest, generation.missing().clone()).await?;
            }
        }
        let missing = (!hold.making().missing.is_empty()).then(|| {
            useless.unwrap_or_else(|| {
                let reason = foreign.map_or_else(
                    || {
                        "the passages gave no more items that hold; name more documents, or ask for fewer or other kinds"
                            .to_owned()
                    },
                    |foreign| format!("{foreign}, so that few keys stand in it: name its language, or other documents"),
                );
                failure("incomplete", reason)
            })
        });
        settle(hold, missing).await
    }
}

/// In most of its passages' language, where they tell one.
async fn tell_language(hold: &mut Hold<'_>, material: &[Material]) -> Result<(), Stop> {
    let texts: Vec<String> = material.iter().map(|one| one.text.clone()).collect();
    let telling = tokio::task::spawn_blocking(move || told_of(texts.iter().map(String::as_str)));
    let told = hold.during(telling).await??;
    match told {
        Some(language) => hold.tell_language(language).await,
        None => Ok(()),
    }
}

/// Where something was made, that something is missing is no failure of the whole.
async fn settle(hold: &mut Hold<'_>, failure: Option<MakingFailure>) -> Result<(), Stop> {
    let state = if hold.making().made == 0 && failure.is_some() { MakingState::Failed } else { MakingState::Done };
    hold.settle(state, failure).await
}

fn failure(code: &str, reason: impl Into<String>) -> MakingFailure {
    MakingFailure { code: code.to_owned(), reason: reason.into() }
}
