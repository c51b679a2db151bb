//! Asking the model: tasks from steps, what came of them, and what they cost.

use super::hold::Hold;
use super::{QuizMaker, Stop, failure};
use crate::ports::budgets::{Totals, book_tokens};
use crate::ports::ids::{SessionId, SessionKey};
use crate::ports::text_model::{
    Chunk, ModelError, QuizAnswers, QuizItems, QuizQuestion, Source, Task, TextModel, TokenUsage,
};
use crate::quiz::answer::Answer;
use crate::quiz::generation::{Batch, Draft, Generation, Question};
use crate::quiz::item::ItemId;
use crate::quiz::paper::MakingFailure;
use futures::StreamExt;
use std::collections::BTreeMap;

/// Tokens that this run has used, booked for the quiz's owner.
pub(super) struct Bill {
    /// One for each run: what a run books adds to what those before it did.
    key: SessionKey,
    tokens: u64,
}

impl Bill {
    pub(super) fn of(hold: &Hold<'_>) -> Self {
        let summary = hold.summary();
        let session = SessionId::new(format!("{}-{}", summary.key.quiz, summary.version));
        Self { key: SessionKey::new(summary.key.tenant.clone(), summary.owner.clone(), session), tokens: 0 }
    }
}

/// What came of a task, or why nothing did, although the model is there.
type Came<T> = Result<T, MakingFailure>;

impl QuizMaker {
    pub(super) async fn drafts(
        &self,
        hold: &mut Hold<'_>,
        bill: &mut Bill,
        task: QuizItems,
    ) -> Result<Came<Vec<Draft>>, Stop> {
        let came = self.ask(hold, bill, Task::QuizItems(task)).await?;
        Ok(came.and_then(|chunk| match chunk {
            Some(Chunk::QuizItems(drafts)) => Ok(drafts),
            Some(_) | None => Err(unusable()),
        }))
    }

    pub(super) async fn answers(
        &self,
        hold: &mut Hold<'_>,
        bill: &mut Bill,
        task: QuizAnswers,
    ) -> Result<Came<BTreeMap<ItemId, Answer>>, Stop> {
        let came = self.ask(hold, bill, Task::QuizAnswers(task)).await?;
        Ok(came.and_then(|chunk| match chunk {
            Some(Chunk::QuizAnswers(answers)) => Ok(answers),
            Some(_) | None => Err(unusable()),
        }))
    }

    /// The last piece before the end. Where the quiz is cancelled meanwhile, or time is over, the stream is dropped. What was used is booked
    /// whatever comes of it.
    async fn ask(&self, hold: &mut Hold<'_>, bill: &mut Bill, task: Task) -> Result<Came<Option<Chunk>>, Stop> {
        if self.book(bill).await.is_some_and(|totals| !self.limits.leave_tokens(&totals)) {
            let reason = "today's budget of the model is used up; ask for the rest tomorrow";
            return Err(Stop::Failed(failure("budget_exceeded", reason)));
        }
        let mut spent = TokenUsage::default();
        let performed = hold.during(perform(&*self.model, task, &mut spent)).await;
        bill.tokens += spent.billed();
        self.book(bill).await;
        match performed? {
            Ok(chunk) => Ok(Ok(chunk)),
            Err(error) => not_performed(error).map(Err),
        }
    }

    async fn book(&self, bill: &Bill) -> Option<Totals> {
        book_tokens(&*self.budgets, &bill.key, self.clock.now().day(), bill.tokens).await
    }
}

/// `spent`: what the task has used, wherever it is left.
async fn perform(model: &dyn TextModel, task: Task, spent: &mut TokenUsage) -> Result<Option<Chunk>, ModelError> {
    let mut chunks = model.perform(task).await?;
    let mut last = None;
    while let Some(chunk) = chunks.next().await {
        match chunk? {
            Chunk::Spent { usage } => *spent = usage,
            Chunk::Done { usage } => {
                *spent = usage;
                return Ok(last);
            }
            chunk => last = Some(chunk),
        }
    }
    Err(ModelError::Failed("it broke off".to_owned()))
}

/// What may pass is tried again later; what was refused or cannot be used may fare better with other passages.
fn not_performed(error: ModelError) -> Result<MakingFailure, Stop> {
    tracing::warn!(%error, "the model wrote no items");
    let later = |code, reason, wait_ms| Err(Stop::PutOff { failure: failure(code, reason), wait_ms });
    match error {
        ModelError::Busy { retry_after_ms } => {
            metrics::counter!("viva_model_busy_total").increment(1);
            later("model_busy", "the model was busy several times in a row; ask for the rest later", retry_after_ms)
        }
        ModelError::TimedOut => later(
            "model_timed_out",
            "the model did not answer in time, several times in a row; ask for the rest later",
            None,
        ),
        ModelError::Failed(_) => {
            metrics::counter!("viva_model_errors_total").increment(1);
            later(
                "model_failed",
                "the model could not be reached or broke off, several times in a row; ask for the rest later",
                None,
            )
        }
        ModelError::Refused => {
            Ok(failure("model_refused", "a filter of the model stopped it; take other documents, or another topic"))
        }
        ModelError::Invalid(_) => {
            metrics::counter!("viva_model_errors_total").increment(1);
            Ok(unusable())
        }
    }
}

fn unusable() -> MakingFailure {
    failure(
        "model_invalid",
        "the model did not write items that could be read; a larger model may, or fewer kinds at once",
    )
}

pub(super) fn items(
    generation: &Generation,
    batch: &Batch,
    names: &BTreeMap<String, String>,
    hold: &Hold<'_>,
) -> QuizItems {
    QuizItems {
        passages: sources(generation, &batch.passages, names),
        language: generation.language().map(str::to_owned),
        difficulty: hold.making().wanted.difficulty,
        counts: batch.counts.clone(),
        asked: batch.asked.clone(),
    }
}

pub(super) fn answers(
    generation: &Generation,
    questions: &[Question],
    names: &BTreeMap<String, String>,
) -> QuizAnswers {
    let mut places: Vec<usize> = questions.iter().map(|question| question.passage).collect();
    places.sort_unstable();
    places.dedup();
    let numbered = |question: &Question| QuizQuestion {
        passage: places.iter().zip(1..).find(|(place, _)| **place == question.passage).map_or(1, |(_, number)| number),
        item: question.item.clone(),
    };
    QuizAnswers { passages: sources(generation, &places, names), questions: questions.iter().map(numbered).collect() }
}

fn sources(generation: &Generation, places: &[usize], names: &BTreeMap<String, String>) -> Vec<Source> {
    let material = places.iter().filter_map(|place| generation.material().get(*place));
    material
        .zip(1..)
        .map(|(one, number)| Source {
            number,
            name: names.get(&one.document).cloned().unwrap_or_default(),
            place: one.locator.to_string(),
            text: one.text.clone(),
        })
        .collect()
}
