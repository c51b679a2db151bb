//! `documents.list`: documents as the WebSocket tells them.

use crate::handlers::Handlers;
use crate::handlers::caller::Caller;
use crate::handlers::files::ListDocuments;
use crate::handlers::notices;
use crate::handlers::problem::{Problem, ProblemCode};
use crate::handlers::refusal::Refusal;
use protocol::v1::{DocumentPage, DocumentsList, ErrorCode, ResultBody};

impl Handlers {
    pub(crate) async fn documents_list(&self, caller: &Caller, list: DocumentsList) -> Result<(), Refusal> {
        let DocumentsList { id, course, purpose, cursor } = list;
        let Some(files) = &self.files else {
            self.answer(caller, id, ResultBody::Documents(DocumentPage { documents: Vec::new(), cursor: None })).await;
            return Ok(());
        };
        let asked = ListDocuments {
            course: course.map(|course| course.to_string()),
            query: None,
            purpose: purpose.map(|purpose| purpose.as_str().to_owned()),
            cursor,
            limit: None,
        };
        let page = files.page_of_documents(&caller.identity, asked).await?;
        let documents = page.documents.iter().filter_map(notices::wire).collect();
        self.answer(caller, id, ResultBody::Documents(DocumentPage { documents, cursor: page.cursor })).await;
        Ok(())
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        let code = match problem.code {
            ProblemCode::Forbidden => ErrorCode::Forbidden,
            ProblemCode::Unavailable => ErrorCode::StorageFailed,
            ProblemCode::StorageFull => ErrorCode::StorageFull,
            _ => ErrorCode::InvalidField,
        };
        let refusal = Self::new(code, problem.detail);
        match problem.retry_after_ms {
            Some(retry_after_ms) => refusal.after_ms(retry_after_ms),
            None => refusal,
        }
    }
}
