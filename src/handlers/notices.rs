//! Telling people what happens to their documents and quizzes: `document.status` to all connections of whoever uploaded the file
//! as it is now (whoever replaces it, from then on), `quiz.status` to those of whoever made it.
//!
//! A notice that is lost is no fault: the list of documents, or the quiz itself, says the same.

use crate::interview::guide;
use crate::ports::connections::Connections;
use crate::ports::documents::Document;
use crate::ports::ids::{TenantId, UserId};
use crate::ports::quizzes::QuizSummary;
use crate::ports::register::Register;
use crate::quiz::paper::Making;
use protocol::v1;
use std::sync::Arc;

#[derive(Clone)]
pub struct Notices {
    pub register: Arc<dyn Register>,
    pub connections: Arc<dyn Connections>,
}

impl std::fmt::Debug for Notices {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Notices").finish_non_exhaustive()
    }
}

impl Notices {
    pub(crate) async fn document(&self, document: &Document) {
        self.tell(document, None).await;
    }

    /// How much of what its state says has been done.
    pub(crate) async fn progress(&self, document: &Document, percent: u32) {
        self.tell(document, Some(percent)).await;
    }

    async fn tell(&self, document: &Document, percent: Option<u32>) {
        let Some(status) = wire(document) else { return };
        let status = v1::DocumentSummary { percent, ..status };
        self.send(&document.key.tenant, &document.owner, v1::DocumentStatus { document: status }.into()).await;
    }

    /// How far the making of a quiz's items is.
    pub(crate) async fn quiz(&self, quiz: &QuizSummary, making: &Making) {
        let Some(status) = quiz_status(quiz, making) else { return };
        self.send(&quiz.key.tenant, &quiz.owner, status.into()).await;
    }

    async fn send(&self, tenant: &TenantId, user: &UserId, message: v1::ServerMessage) {
        let connections = match self.register.of_user(tenant, user).await {
            Ok(connections) => connections,
            Err(error) => {
                tracing::warn!(%error, "progress could not be told");
                return;
            }
        };
        let text: Arc<str> = v1::encode_server(&message).into();
        for connection in connections {
            if let Err(error) = self.connections.send(&connection, Arc::clone(&text)).await {
                tracing::debug!(%connection, %error, "progress was not told to a connection");
            }
        }
    }
}

fn quiz_status(quiz: &QuizSummary, making: &Making) -> Option<v1::QuizStatus> {
    let quiz = v1::QuizSummary {
        quiz: v1::QuizId::new(quiz.key.quiz.as_str()).ok()?,
        course: v1::CourseId::new(quiz.course.as_str()).ok()?,
        title: quiz.title.clone(),
        state: v1::MakingState::ALL.iter().copied().find(|word| word.as_str() == making.state.as_str())?,
        made: making.made,
        wanted: making.wanted.counts.values().sum(),
        rejected: u32::try_from(making.rejected.len()).unwrap_or(u32::MAX),
        failure: making
            .failure
            .as_ref()
            .map(|failure| v1::QuizFailure { code: failure.code.clone(), reason: failure.reason.clone() }),
    };
    Some(v1::QuizStatus { quiz })
}

/// A document as clients of the WebSocket see it.
pub(crate) fn wire(document: &Document) -> Option<v1::DocumentSummary> {
    let Document { key, course, content, state, version, failure, title, pages, passages, created, updated, .. } =
        document;
    Some(v1::DocumentSummary {
        document: v1::DocumentId::new(key.document.as_str()).ok()?,
        course: v1::CourseId::new(course.as_str()).ok()?,
        name: content.name.clone(),
        bytes: content.bytes,
        state: v1::DocumentState::ALL.iter().copied().find(|word| word.as_str() == state.as_str())?,
        version: *version,
        created_unix_ms: created.0,
        updated_unix_ms: updated.0,
        title: title.clone(),
        pages: *pages,
        passages: *passages,
        percent: None,
        failure: failure
            .as_ref()
            .map(|failure| v1::DocumentFailure { code: failure.code.clone(), reason: failure.reason.clone() }),
        purpose: guide::is_guide(&content.name).then_some(v1::DocumentPurpose::Guide),
    })
}
