//! What a session's worker fetches for its core: the guide when it starts, and passages of its documents for a question.
//!
//! Neither keeps an interview from going on: a question that finds no passages is asked without. Who may read what was settled when the
//! interview was started: its course's documents, and the user's own.

use crate::config::limits::{
    GUIDE_BYTES_MAX, GUIDE_READ_RETRY_MS, GUIDE_READS_MAX, INTERVIEW_QUERY_ANSWER_CHARS_MAX, INTERVIEW_SEARCH_MS_MAX,
    INTERVIEW_SOURCE_CHARS_MAX, INTERVIEW_SOURCES_MAX,
};
use crate::interview::driver::guide_key;
use crate::interview::guide::Followed;
use crate::interview::params::Params;
use crate::interview::wording::{clip, prefix, tokens};
use crate::ports::ids::{CourseId, DocumentId, SessionKey};
use crate::ports::objects::{ObjectError, Objects};
use crate::ports::passages::{Passage, PassageQuery, Passages, PassagesError};
use crate::ports::text_model::{GuidedStep, NextQuestion, Outcome, Source};
use std::time::Duration;

/// The guide that was kept when the session was started. `None`: it cannot be had, which is told in the log.
pub(super) async fn guide(objects: &dyn Objects, key: &SessionKey) -> Option<Box<Followed>> {
    let mut wait_ms = GUIDE_READ_RETRY_MS;
    for attempt in 1..=GUIDE_READS_MAX {
        match read_guide(objects, key).await {
            Ok(followed) => return Some(followed),
            Err(problem) => tracing::warn!(attempt, problem, "an interview's guide could not be read"),
        }
        if attempt < GUIDE_READS_MAX {
            tokio::time::sleep(Duration::from_millis(wait_ms)).await;
            wait_ms *= 2;
        }
    }
    None
}

async fn read_guide(objects: &dyn Objects, key: &SessionKey) -> Result<Box<Followed>, String> {
    // As JSON it may be longer than the file was.
    let file =
        objects.get(&guide_key(key), 0, 4 * GUIDE_BYTES_MAX).await.map_err(|error: ObjectError| error.to_string())?;
    serde_json::from_slice(&file).map_err(|error| error.to_string())
}

/// Where a question's passages are looked for.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    pub(super) key: SessionKey,
    pub(super) courses: Vec<CourseId>,
    pub(super) documents: Vec<DocumentId>,
}

impl Scope {
    /// `None`: the interview is about no documents.
    pub(super) fn of(key: &SessionKey, params: &Params) -> Option<Self> {
        let documents: Vec<DocumentId> = params.documents.iter().map(DocumentId::new).collect();
        let courses = params.course.iter().map(CourseId::new).chain([CourseId::new(key.user.as_str())]).collect();
        (!documents.is_empty()).then(|| Self { key: key.clone(), courses, documents })
    }
}

/// The task with the passages that fit it.
pub(super) async fn with_sources(passages: &dyn Passages, scope: &Scope, task: NextQuestion) -> NextQuestion {
    let wait = Duration::from_millis(INTERVIEW_SEARCH_MS_MAX);
    let found = match tokio::time::timeout(wait, found(passages, scope, &task)).await {
        Ok(Ok(found)) => found,
        Ok(Err(error)) => {
            tracing::warn!(%error, "the files of an interview could not be searched");
            Vec::new()
        }
        Err(_) => {
            tracing::warn!("the files of an interview were searched for too long");
            Vec::new()
        }
    };
    NextQuestion { sources: found.into_iter().zip(1..).map(source).collect(), ..task }
}

/// Whether a question may rest on passages: what a guide words is asked as it stands.
pub(super) fn may_rest_on_sources(task: &NextQuestion) -> bool {
    task.guided.as_ref().is_none_or(|guided| matches!(guided.step, GuidedStep::FollowUp { .. }))
}

async fn found(passages: &dyn Passages, scope: &Scope, task: &NextQuestion) -> Result<Vec<Passage>, PassagesError> {
    let Scope { key, courses, documents } = scope;
    let query = PassageQuery {
        tenant: key.tenant.clone(),
        courses: courses.clone(),
        documents: Some(documents.clone()),
        text: query_text(task),
        limit: INTERVIEW_SOURCES_MAX,
    };
    let mut found: Vec<Passage> = passages.search(&query).await?.into_iter().map(|hit| hit.passage).collect();
    // Where the talk has few words in common with the files, they are gone through in their own order.
    let turn = task.turn.saturating_sub(1) as usize;
    if found.len() < INTERVIEW_SOURCES_MAX && !documents.is_empty() {
        let document = &documents[turn % documents.len()];
        let from_ordinal = (turn / documents.len()) as u32 + 1;
        let room = INTERVIEW_SOURCES_MAX - found.len();
        for passage in passages.read(&key.tenant, document, from_ordinal, room).await? {
            let readable = courses.contains(&passage.course);
            if readable && !found.iter().any(|known| known.id() == passage.id()) {
                found.push(passage);
            }
        }
    }
    Ok(found)
}

/// The topic, and what was spoken of last.
fn query_text(task: &NextQuestion) -> String {
    let guided = task.guided.as_ref().map(|guided| guided.text.clone());
    let last = task.history.last().and_then(|exchange| match &exchange.outcome {
        Outcome::Answered { text } => Some(prefix(text, INTERVIEW_QUERY_ANSWER_CHARS_MAX)),
        Outcome::Skipped | Outcome::Unanswered => None,
    });
    // Short words say little of what was meant.
    let said = last.map(tokens).unwrap_or_default().into_iter().filter(|word| word.chars().count() > SMALL_WORD_CHARS);
    let said: Vec<String> = said.collect();
    let topic = guided.unwrap_or_else(|| task.subject.topic.clone());
    format!("{topic} {}", said.join(" ")).trim_end().to_owned()
}

fn source((passage, number): (Passage, u32)) -> Source {
    let Passage { name, text, locator, .. } = passage;
    Source { number, name, place: locator.to_string(), text: clip(&text, INTERVIEW_SOURCE_CHARS_MAX) }
}

const SMALL_WORD_CHARS: usize = 3;
