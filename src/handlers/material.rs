//! What an interview rests on: whether its documents and its guide are there, and may be used by who asks. The guide is read here and put
//! where the session's worker finds it, so that what was checked is what is followed.
//!
//! An interview belongs to one course at most. So its documents are that course's or the caller's own, and the worker, which knows no
//! token, can tell from course and user alone where it may look.

use crate::handlers::Handlers;
use crate::handlers::caller::Caller;
use crate::handlers::files::{Files, may_read, own_course};
use crate::handlers::refusal::Refusal;
use crate::interview::driver::guide_key;
use crate::interview::guide::{self, Followed};
use crate::ports::documents::{Document, DocumentKey, DocumentState};
use crate::ports::ids::{DocumentId, SessionKey};
use crate::ports::objects::ObjectError;
use protocol::v1::{self, ErrorCode, Params};

impl Handlers {
    pub(crate) async fn check_material(&self, caller: &Caller, params: &Params) -> Result<Option<Followed>, Refusal> {
        let documents = params.documents.as_deref().unwrap_or_default();
        if documents.is_empty() && params.guide.is_none() {
            return Ok(None);
        }
        let missing = || Refusal::new(ErrorCode::DocumentUnknown, "there are no files on this server");
        let files = self.files.as_ref().ok_or_else(missing)?;
        for (at, id) in documents.iter().enumerate() {
            let field = format!("params.documents[{at}]");
            let document = usable(files, caller, params, &field, id).await?;
            if guide::is_guide(&document.content.name) {
                let message = format!("{field}: it is a guide; name it as params.guide");
                return Err(Refusal::new(ErrorCode::InvalidField, message));
            }
        }
        match &params.guide {
            Some(id) => Ok(Some(followed(files, usable(files, caller, params, "params.guide", id).await?).await?)),
            None => Ok(None),
        }
    }

    pub(crate) async fn keep_guide(&self, key: &SessionKey, followed: &Followed) -> Result<(), Refusal> {
        let json = serde_json::to_vec(followed).expect("a guide is plain data");
        Ok(self.objects.put(&guide_key(key), "application/json", json.into()).await?)
    }
}

/// The document, where the caller may read it, it belongs to the interview's course or to the caller, and it is ready.
async fn usable(
    files: &Files,
    caller: &Caller,
    params: &Params,
    field: &str,
    id: &v1::DocumentId,
) -> Result<Document, Refusal> {
    let identity = &caller.identity;
    let key = DocumentKey { tenant: identity.tenant.clone(), document: DocumentId::new(id.as_str()) };
    let found = files
        .documents
        .get(&key)
        .await
        .map_err(|error| Refusal::from(crate::handlers::problem::Problem::from(error)))?;
    let document = found.filter(|document| may_read(identity, &document.course)).ok_or_else(|| {
        Refusal::new(
            ErrorCode::DocumentUnknown,
            format!("{field}: there is no such document, or the token does not open it"),
        )
    })?;
    let course = params.course.as_ref().map(v1::CourseId::as_str);
    if document.course != own_course(identity) && course != Some(document.course.as_str()) {
        let message = format!("{field}: it belongs to the course {}; name that as params.course", document.course);
        return Err(Refusal::new(ErrorCode::InvalidField, message));
    }
    let is_guide = guide::is_guide(&document.content.name);
    match (document.state, &document.failure) {
        (DocumentState::Ready, _) => Ok(document),
        (DocumentState::Failed, Some(failure)) if is_guide => {
            Err(Refusal::new(ErrorCode::GuideInvalid, format!("{field}: {}", failure.reason)))
        }
        (state, Some(failure)) => {
            let message = format!("{field}: it is {}: {}", state.as_str(), failure.reason);
            Err(Refusal::new(ErrorCode::DocumentNotReady, message))
        }
        (state, None) => {
            let message = format!("{field}: it is not ready yet ({})", state.as_str());
            Err(Refusal::new(ErrorCode::DocumentNotReady, message))
        }
    }
}

async fn followed(files: &Files, document: Document) -> Result<Followed, Refusal> {
    let invalid = |what: String| Refusal::new(ErrorCode::GuideInvalid, format!("params.guide: {what}"));
    if !guide::is_guide(&document.content.name) {
        return Err(invalid(format!(
            "the name of a guide ends in {}, and this is {}",
            guide::SUFFIX,
            document.content.name
        )));
    }
    let file = match files.objects.get(&document.content.object, 0, document.content.bytes).await {
        Ok(file) => file,
        // Replaced or deleted since it was looked up.
        Err(ObjectError::NotFound) => {
            return Err(Refusal::new(ErrorCode::DocumentNotReady, "params.guide: its file is being replaced"));
        }
        Err(error) => return Err(error.into()),
    };
    let guide = guide::parse(&file).map_err(|error| invalid(error.to_string()))?;
    Ok(Followed { document: document.key.document.to_string(), version: document.version, guide })
}
