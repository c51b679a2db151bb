//! Looking things up in files: a search, and the passage that a citation names.

use super::{Files, FoundPassages, PassageView, SearchPassages, check_query, courses_to_read, may_read, page_size};
use crate::auth::Identity;
use crate::config::limits::REST_SCOPE_DOCUMENTS_MAX;
use crate::handlers::problem::Problem;
use crate::ports::ids::DocumentId;
use crate::ports::passages::{PassageId, PassageQuery};

impl Files {
    pub async fn search_passages(&self, who: &Identity, asked: SearchPassages) -> Result<FoundPassages, Problem> {
        let SearchPassages { query, course, documents, limit } = asked;
        check_query(Some(&query))?;
        let documents: Option<Vec<DocumentId>> = documents.map(|ids| {
            let ids = ids.split(',').map(str::trim).filter(|id| !id.is_empty());
            ids.map(DocumentId::new).collect()
        });
        if documents.as_ref().is_some_and(|documents| documents.len() > REST_SCOPE_DOCUMENTS_MAX) {
            return Err(Problem::field("documents", format!("it may name {REST_SCOPE_DOCUMENTS_MAX}")));
        }
        let query = PassageQuery {
            tenant: who.tenant.clone(),
            courses: courses_to_read(who, course.as_deref())?,
            documents,
            text: query,
            limit: page_size(limit)?,
        };
        let hits = self.passages.search(&query).await?;
        Ok(FoundPassages { passages: hits.into_iter().map(PassageView::of_hit).collect() })
    }

    pub async fn passage(&self, who: &Identity, id: &str) -> Result<PassageView, Problem> {
        let found = self.passages.get(&who.tenant, &[PassageId::new(id)]).await?.pop();
        let found = found.filter(|passage| may_read(who, &passage.course));
        found.map(PassageView::of).ok_or_else(|| Problem::not_found("passage"))
    }
}
