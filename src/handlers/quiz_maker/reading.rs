//! The passages that items are made of: those of the documents, or what the course has on the topic.

use super::hold::Hold;
use super::{QuizMaker, Stop, failure};
use crate::config::limits::{QUIZ_PASSAGES_MAX, QUIZ_READ_PASSAGES, QUIZ_TOPIC_PASSAGES_MAX};
use crate::ports::documents::{DocumentKey, DocumentState};
use crate::ports::ids::{CourseId, DocumentId};
use crate::ports::passages::{Passage, PassageId, PassageQuery, PassagesError};
use crate::quiz::generation::Material;
use std::collections::BTreeMap;

/// What was found to ask about.
pub(super) struct Found {
    pub(super) material: Vec<Material>,
    /// Documents' names, for people.
    pub(super) names: BTreeMap<String, String>,
    /// The text of every passage: of these, and of those that earlier items cite.
    pub(super) texts: BTreeMap<String, String>,
}

impl QuizMaker {
    pub(super) async fn read(&self, hold: &mut Hold<'_>) -> Result<Found, Stop> {
        let wanted = hold.making().wanted.clone();
        let documents: Vec<DocumentId> = wanted.documents.iter().map(DocumentId::new).collect();
        for document in &documents {
            self.check(hold, document).await?;
        }
        let passages = match &wanted.topic {
            Some(topic) => {
                let summary = hold.summary();
                let query = PassageQuery {
                    tenant: summary.key.tenant.clone(),
                    courses: courses(hold),
                    documents: (!documents.is_empty()).then_some(documents),
                    text: topic.clone(),
                    limit: QUIZ_TOPIC_PASSAGES_MAX,
                };
                let hits = hold.during(self.passages.search(&query)).await?.map_err(put_off)?;
                let mut passages: Vec<Passage> = hits.into_iter().map(|hit| hit.passage).collect();
                passages.sort_by(|a, b| (&a.document, a.ordinal).cmp(&(&b.document, b.ordinal)));
                passages
            }
            None => self.whole(hold, &documents).await?,
        };
        if passages.is_empty() {
            let reason = match &wanted.topic {
                Some(topic) => {
                    format!("the course's documents say nothing about “{topic}”; try other words, or name documents")
                }
                None => "the documents have no text to ask about".to_owned(),
            };
            return Err(Stop::Failed(failure("no_passages", reason)));
        }
        let mut texts = self.cited(hold).await?;
        texts.extend(passages.iter().map(|passage| (passage.id().as_str().to_owned(), passage.text.clone())));
        let names = passages.iter().map(|passage| (passage.document.to_string(), passage.name.clone())).collect();
        Ok(Found { material: passages.into_iter().map(material).collect(), names, texts })
    }

    /// Whether the document is there, may be used for this quiz, and has its passages.
    async fn check(&self, hold: &Hold<'_>, document: &DocumentId) -> Result<(), Stop> {
        let key = DocumentKey { tenant: hold.summary().key.tenant.clone(), document: document.clone() };
        let found = self.documents.get(&key).await?.filter(|document| courses(hold).contains(&document.course));
        let Some(found) = found else {
            let reason = "a document that the items were to come from is not there any more; choose again";
            return Err(Stop::Failed(failure("document_gone", reason)));
        };
        let name = &found.content.name;
        match found.state {
            DocumentState::Ready => Ok(()),
            DocumentState::Failed | DocumentState::NeedsOcr | DocumentState::Deleted => {
                let reason = format!("“{name}” has no text that could be read; choose another document");
                Err(Stop::Failed(failure("document_unreadable", reason)))
            }
            DocumentState::Uploaded
            | DocumentState::Checking
            | DocumentState::Extracting
            | DocumentState::Chunking
            | DocumentState::Embedding => {
                let reason = format!("“{name}” is still being read; ask again when it is ready");
                Err(Stop::PutOff { failure: failure("document_not_ready", reason), wait_ms: None })
            }
        }
    }

    /// Of each document as many passages as its share is.
    async fn whole(&self, hold: &mut Hold<'_>, documents: &[DocumentId]) -> Result<Vec<Passage>, Stop> {
        let tenant = hold.summary().key.tenant.clone();
        let share = (QUIZ_PASSAGES_MAX / documents.len().max(1)).max(1);
        let mut all = Vec::new();
        for document in documents {
            let mut read: Vec<Passage> = Vec::new();
            while read.len() < share {
                let from = read.last().map_or(1, |passage| passage.ordinal + 1);
                let limit = QUIZ_READ_PASSAGES.min(share - read.len());
                let page = hold.during(self.passages.read(&tenant, document, from, limit)).await?.map_err(put_off)?;
                let is_last = page.len() < limit;
                read.extend(page);
                if is_last {
                    break;
                }
            }
            all.extend(read);
        }
        Ok(all)
    }

    /// What the quiz's earlier items cite, as far as it is still there.
    async fn cited(&self, hold: &mut Hold<'_>) -> Result<BTreeMap<String, String>, Stop> {
        let cited = hold.paper().items.iter().filter_map(|item| item.source.as_ref());
        let ids: Vec<PassageId> = cited.map(|source| PassageId::new(source.passage.as_str())).collect();
        let tenant = hold.summary().key.tenant.clone();
        let found = hold.during(self.passages.get(&tenant, &ids)).await?.map_err(put_off)?;
        Ok(found.into_iter().map(|passage| (passage.id().as_str().to_owned(), passage.text)).collect())
    }
}

/// The quiz's own alone: an owner's private files do not become items of a course.
fn courses(hold: &Hold<'_>) -> Vec<CourseId> {
    vec![hold.summary().course.clone()]
}

fn put_off(error: PassagesError) -> Stop {
    match error {
        PassagesError::Busy { retry_after_ms } => Stop::PutOff {
            failure: failure("search_busy", "the search in the files was busy several times in a row; try again later"),
            wait_ms: retry_after_ms,
        },
        error @ (PassagesError::Full | PassagesError::Refused(_) | PassagesError::Failed(_)) => error.into(),
    }
}

fn material(passage: Passage) -> Material {
    Material {
        passage: passage.id().as_str().to_owned(),
        document: passage.document.to_string(),
        version: passage.version,
        text: passage.text,
        locator: passage.locator,
    }
}
