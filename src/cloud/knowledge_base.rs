//! An index of meanings in a knowledge base of Amazon Bedrock: passages go into its data source of kind CUSTOM as documents of their own
//! (chunking NONE), and `Retrieve` finds them.
//!
//! The base embeds them itself. A document's name tells tenant, document and ordinal, so that what is left of a longer version is found by
//! counting on; the passage's id is among the metadata. Text is believed only as far as the text store has it.

mod requests;

use crate::cloud::aws::Aws;
use crate::config::limits::{
    KNOWLEDGE_BASE_DOCUMENTS_MAX, KNOWLEDGE_BASE_QUERY_CHARS_MAX, KNOWLEDGE_BASE_RESULTS_MAX, PROBE_MS_MAX,
    PROBE_WAIT_MS,
};
use crate::ports::ids::{DocumentId, TenantId};
use crate::ports::passages::{Passage, PassageId, PassageQuery, PassagesError};
use crate::ports::semantic_index::SemanticIndex;
use crate::ports::vectors::Near;
use crate::retrieval::patience::Patience;
use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use requests::Requests;
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

pub use requests::KnowledgeBaseSetupError;

#[derive(Debug)]
pub struct KnowledgeBase {
    requests: Requests,
    base: String,
    source: String,
    score_min: f32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Known {
    document_details: Vec<Detail>,
}

#[derive(Deserialize)]
struct Detail {
    status: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Retrieved {
    retrieval_results: Vec<Found>,
}

#[derive(Deserialize)]
struct Found {
    #[serde(default)]
    score: Option<f32>,
    #[serde(default)]
    metadata: serde_json::Map<String, Value>,
}

impl KnowledgeBase {
    /// What is found with a score below `score_min` has nothing to do with the question.
    pub fn new(aws: &Aws, base: &str, source: &str, score_min: f32) -> Result<Self, KnowledgeBaseSetupError> {
        let requests = Requests::new(aws)?;
        Ok(Self { requests, base: base.to_owned(), source: source.to_owned(), score_min })
    }

    /// For whoever waits less, or more.
    #[must_use]
    pub fn with_patience(mut self, patience: Patience) -> Self {
        self.requests.patience = patience;
        self
    }

    fn documents(&self) -> String {
        format!("/knowledgebases/{}/datasources/{}/documents", self.base, self.source)
    }

    /// How each of these stands, in their order.
    async fn states(&self, names: &[String]) -> Result<Vec<State>, PassagesError> {
        let path = format!("{}/getDocuments", self.documents());
        let body = json!({"documentIdentifiers": names.iter().map(|name| identifier(name)).collect::<Vec<_>>()});
        let known: Known = self.requests.agent("POST", &path, &body).await?;
        if known.document_details.len() != names.len() {
            return Err(PassagesError::Failed("Bedrock does not tell how all documents stand".to_owned()));
        }
        Ok(known.document_details.iter().map(|detail| State::of(&detail.status)).collect())
    }

    async fn ingest(&self, tenant: &TenantId, passages: &[Passage]) -> Result<(), PassagesError> {
        for part in passages.chunks(KNOWLEDGE_BASE_DOCUMENTS_MAX) {
            let documents: Vec<Value> = part.iter().map(|passage| ingested(tenant, passage)).collect();
            let _: Value = self.requests.agent("PUT", &self.documents(), &json!({"documents": documents})).await?;
        }
        Ok(())
    }

    /// Of the ordinals from this one on, those that are there: up to the first batch of which nothing is.
    async fn beyond(&self, tenant: &TenantId, document: &DocumentId, from: u32) -> Result<Vec<String>, PassagesError> {
        let mut there = Vec::new();
        let mut next = from;
        loop {
            let last = next + KNOWLEDGE_BASE_DOCUMENTS_MAX as u32;
            let names: Vec<String> = (next..last).map(|ordinal| name(tenant, document, ordinal)).collect();
            let states = self.states(&names).await?;
            let found = there.len();
            there.extend(
                names.into_iter().zip(states).filter(|(_, state)| *state != State::Absent).map(|(name, _)| name),
            );
            if there.len() == found {
                return Ok(there);
            }
            next = last;
        }
    }

    /// The last first, so that what is left after a break is found by counting on again.
    async fn delete(&self, mut names: Vec<String>) -> Result<(), PassagesError> {
        names.reverse();
        for part in names.chunks(KNOWLEDGE_BASE_DOCUMENTS_MAX) {
            let path = format!("{}/deleteDocuments", self.documents());
            let body = json!({"documentIdentifiers": part.iter().map(|name| identifier(name)).collect::<Vec<_>>()});
            let _: Value = self.requests.agent("POST", &path, &body).await?;
        }
        Ok(())
    }

    async fn wait_until_indexed(&self, names: &[String]) -> Result<(), PassagesError> {
        let mut waited_ms = 0;
        for part in names.chunks(KNOWLEDGE_BASE_DOCUMENTS_MAX) {
            loop {
                let states = self.states(part).await?;
                if states.contains(&State::Failed) {
                    return Err(PassagesError::Refused("Bedrock could not index a passage".to_owned()));
                }
                if states.iter().all(|state| *state == State::Indexed) {
                    break;
                }
                if waited_ms >= PROBE_MS_MAX {
                    return Err(PassagesError::Busy { retry_after_ms: None });
                }
                tokio::time::sleep(Duration::from_millis(PROBE_WAIT_MS)).await;
                waited_ms += PROBE_WAIT_MS;
            }
        }
        Ok(())
    }
}

#[async_trait]
impl SemanticIndex for KnowledgeBase {
    /// Bedrock does not tell what a document holds, so that all is sent again; what is the same is indexed again at its own place.
    async fn set(&self, tenant: &TenantId, document: &DocumentId, passages: &[Passage]) -> Result<(), PassagesError> {
        let beyond = passages.iter().map(|passage| passage.ordinal).max().unwrap_or(0) + 1;
        self.ingest(tenant, passages).await?;
        let stale = self.beyond(tenant, document, beyond).await?;
        self.delete(stale).await?;
        let names: Vec<String> = passages.iter().map(|passage| name(tenant, document, passage.ordinal)).collect();
        self.wait_until_indexed(&names).await
    }

    async fn nearest(&self, query: &PassageQuery) -> Result<Vec<Near>, PassagesError> {
        let text: String = query.text.trim().chars().take(KNOWLEDGE_BASE_QUERY_CHARS_MAX).collect();
        let nothing = query.courses.is_empty() || query.documents.as_ref().is_some_and(Vec::is_empty);
        if query.limit == 0 || nothing || !text.chars().any(char::is_alphanumeric) {
            return Ok(Vec::new());
        }
        let mut of = vec![
            json!({"equals": {"key": "tenant", "value": query.tenant}}),
            json!({"in": {"key": "course", "value": query.courses}}),
        ];
        of.extend(query.documents.as_ref().map(|documents| json!({"in": {"key": "document", "value": documents}})));
        let search = json!({"numberOfResults": query.limit.min(KNOWLEDGE_BASE_RESULTS_MAX), "filter": {"andAll": of}});
        let body = json!({
            "retrievalQuery": {"text": text},
            "retrievalConfiguration": {"vectorSearchConfiguration": search},
        });
        let path = format!("/knowledgebases/{}/retrieve", self.base);
        let retrieved: Retrieved = self.requests.runtime(&path, &body).await?;
        let near = |found: Found| {
            let similarity = found.score.unwrap_or_default();
            let passage = found.metadata.get("passage")?.as_str()?;
            (similarity >= self.score_min).then(|| Near {
                passage: PassageId::new(passage),
                similarity,
                fingerprint: None,
            })
        };
        Ok(retrieved.retrieval_results.into_iter().filter_map(near).collect())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Indexed,
    Coming,
    Failed,
    /// Or on its way out.
    Absent,
}

impl State {
    fn of(status: &str) -> Self {
        match status {
            "INDEXED" => Self::Indexed,
            "NOT_FOUND" | "DELETING" | "DELETE_IN_PROGRESS" => Self::Absent,
            "FAILED" | "IGNORED" | "PARTIALLY_INDEXED" | "METADATA_PARTIALLY_INDEXED" | "METADATA_UPDATE_FAILED" => {
                Self::Failed
            }
            _ => Self::Coming,
        }
    }
}

fn ingested(tenant: &TenantId, passage: &Passage) -> Value {
    let attribute = |key: &str, value: &str| json!({"key": key, "value": {"type": "STRING", "stringValue": value}});
    let text = format!("{}\n{}", passage.locator.path.join(" › "), passage.text);
    let custom = json!({
        "customDocumentIdentifier": {"id": name(tenant, &passage.document, passage.ordinal)},
        "sourceType": "IN_LINE",
        "inlineContent": {"type": "TEXT", "textContent": {"data": text.trim()}},
    });
    let place = passage.locator.to_string();
    let mut attributes = vec![
        attribute("tenant", tenant.as_str()),
        attribute("course", passage.course.as_str()),
        attribute("document", passage.document.as_str()),
        attribute("passage", passage.id().as_str()),
    ];
    // Bedrock refuses an empty value.
    attributes.extend((!place.is_empty()).then(|| attribute("place", &place)));
    json!({
        "content": {"dataSourceType": "CUSTOM", "custom": custom},
        "metadata": {"type": "IN_LINE_ATTRIBUTE", "inlineAttributes": attributes},
    })
}

fn identifier(name: &str) -> Value {
    json!({"dataSourceType": "CUSTOM", "custom": {"id": name}})
}

fn name(tenant: &TenantId, document: &DocumentId, ordinal: u32) -> String {
    let encoded = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.{ordinal}", encoded(tenant.as_str()), encoded(document.as_str()))
}
