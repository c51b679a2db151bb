//! Telling people what happens to their documents: `document.status` to all connections of whoever uploaded it.
//!
//! A notice that is lost is no fault: the list of documents says the same.

use crate::interview::guide;
use crate::ports::connections::Connections;
use crate::ports::documents::Document;
use crate::ports::register::Register;
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
        let connections = match self.register.of_user(&document.key.tenant, &document.owner).await {
            Ok(connections) => connections,
            Err(error) => {
                tracing::warn!(%error, "a document's progress could not be told");
                return;
            }
        };
        let text: Arc<str> = v1::encode_server(&v1::DocumentStatus { document: status }.into()).into();
        for connection in connections {
            if let Err(error) = self.connections.send(&connection, Arc::clone(&text)).await {
                tracing::debug!(%connection, %error, "a document's progress was not told to a connection");
            }
        }
    }
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
