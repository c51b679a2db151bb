//! Documents: listed, looked at, fetched, deleted.

use super::views::PURPOSE_GUIDE;
use super::{
    DocumentFile, DocumentList, DocumentView, Files, ListDocuments, check_query, courses_to_read, may_read, may_write,
    page_size,
};
use crate::auth::Identity;
use crate::config::limits::DOCUMENT_URL_TTL_MS;
use crate::handlers::problem::{Problem, ProblemCode};
use crate::interview::guide;
use crate::ports::documents::{Document, DocumentKey, DocumentPage, DocumentQuery};
use crate::ports::ids::DocumentId;
use std::time::Duration;

impl Files {
    pub async fn list_documents(&self, who: &Identity, asked: ListDocuments) -> Result<DocumentList, Problem> {
        let DocumentPage { documents, cursor } = self.page_of_documents(who, asked).await?;
        Ok(DocumentList { documents: documents.iter().map(DocumentView::of).collect(), cursor })
    }

    pub(crate) async fn page_of_documents(
        &self,
        who: &Identity,
        asked: ListDocuments,
    ) -> Result<DocumentPage, Problem> {
        let ListDocuments { course, query, purpose, cursor, limit } = asked;
        check_query(query.as_deref())?;
        // A guide is told by its name, so that the store finds them page by page.
        let guides_alone = purpose.is_some();
        let query = match purpose.as_deref() {
            None => query,
            Some(PURPOSE_GUIDE) => Some(format!("{} {}", query.unwrap_or_default(), guide::SUFFIX)),
            Some(_) => return Err(Problem::field("purpose", "there is none but “guide”")),
        };
        let query = DocumentQuery {
            tenant: who.tenant.clone(),
            courses: courses_to_read(who, course.as_deref())?,
            text: query,
            cursor,
            limit: page_size(limit)?,
        };
        let mut page = self.documents.list(query).await?;
        page.documents.retain(|document| !guides_alone || guide::is_guide(&document.content.name));
        Ok(page)
    }

    pub async fn document(&self, who: &Identity, id: &str) -> Result<DocumentView, Problem> {
        Ok(DocumentView::of(&self.readable(who, id).await?))
    }

    pub async fn document_file(&self, who: &Identity, id: &str) -> Result<DocumentFile, Problem> {
        let document = self.readable(who, id).await?;
        if guide::is_guide(&document.content.name) && !may_write(who, &document.course) {
            return Err(Problem::new(ProblemCode::Forbidden, "a guide's questions are its teachers' alone"));
        }
        let ttl = Duration::from_millis(DOCUMENT_URL_TTL_MS);
        let url = self.objects.signed_url(&document.content.object, ttl).await?;
        Ok(DocumentFile { url, expires_unix_ms: self.clock.now().plus_ms(DOCUMENT_URL_TTL_MS).0 })
    }

    /// Nothing of it is found any more when this answers; what is left on the disk goes soon after.
    pub async fn delete_document(&self, who: &Identity, id: &str) -> Result<(), Problem> {
        let document = self.writable(who, id).await?;
        let buried = self.documents.delete(&document.key, self.clock.now()).await?;
        // Whatever becomes of this request: somebody removes the rest, and everybody knows.
        self.ingestion.start(&document.key).await;
        if let Some(tombstone) = buried {
            self.notices.document(&tombstone).await;
        }
        Ok(self.passages.remove(&document.key.tenant, &document.key.document).await?)
    }

    pub(super) async fn readable(&self, who: &Identity, id: &str) -> Result<Document, Problem> {
        let key = DocumentKey { tenant: who.tenant.clone(), document: DocumentId::new(id) };
        let found = self.documents.get(&key).await?.filter(|document| may_read(who, &document.course));
        found.ok_or_else(|| Problem::not_found("document"))
    }

    pub(super) async fn writable(&self, who: &Identity, id: &str) -> Result<Document, Problem> {
        let document = self.readable(who, id).await?;
        if may_write(who, &document.course) {
            return Ok(document);
        }
        Err(Problem::new(ProblemCode::Forbidden, "only its course's teachers change a course's document"))
    }
}
