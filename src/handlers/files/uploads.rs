//! Uploads: permission to send a file, and what becomes of it when it has come.

use super::{
    CreateUpload, DocumentView, Files, SendFile, UploadList, UploadTicket, UploadView, may_write, own_course, page_size,
};
use crate::auth::Identity;
use crate::config::limits::{
    DOCUMENT_NAME_CHARS_MAX, IDEMPOTENCY_KEY_BYTES_MAX, UPLOAD_BYTES_MAX, UPLOAD_LINK_MS, UPLOAD_SWEEP_SLACK_MS,
    UPLOAD_TTL_MS, UPLOADS_SWEPT_MAX,
};
use crate::handlers::problem::{Problem, ProblemCode};
use crate::ports::clock::UnixMs;
use crate::ports::documents::{Content, Document, DocumentKey, DocumentsError, NewDocument, Replacement};
use crate::ports::extraction::FileKind;
use crate::ports::ids::{CourseId, DocumentId, TenantId, UploadId};
use crate::ports::objects::{ObjectKey, UploadTerms};
use crate::ports::uploads::{Began, Exceeded, Idempotency, Upload, UploadQuery, UploadState};
use std::time::Duration;

/// Whether asking made something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Made {
    New,
    Before,
}

impl Files {
    pub async fn create_upload(
        &self,
        who: &Identity,
        asked: CreateUpload,
        idempotency_key: Option<&str>,
    ) -> Result<(Made, UploadTicket), Problem> {
        let kind = check(&asked)?;
        let idempotency = idempotency_key.map(|key| idempotency(key, &asked)).transpose()?;
        let (course, document) = self.place(who, &asked).await?;
        let (upload, now) = (self.ids.upload(), self.clock.now());
        let CreateUpload { name, bytes, sha256, course: _, replaces } = asked;
        let upload = Upload {
            tenant: who.tenant.clone(),
            owner: who.user.clone(),
            content: Content {
                object: object_key(who, &document, &upload),
                name,
                media_type: kind.media_type().to_owned(),
                bytes,
                sha256,
            },
            upload,
            course,
            document,
            replaces: replaces.is_some(),
            state: UploadState::Pending,
            created: now,
            expires: now.plus_ms(UPLOAD_TTL_MS),
        };
        let (made, upload) = match self.uploads.begin(upload, idempotency, &self.quota).await? {
            Began::New(upload) => (Made::New, upload),
            Began::Same(upload) => (Made::Before, upload),
            Began::Conflict => {
                let detail = "send the same request as before, or another Idempotency-Key";
                return Err(Problem::new(ProblemCode::IdempotencyConflict, detail));
            }
            Began::Exceeded { exceeded, .. } => return Err(self.exceeded(exceeded)),
        };
        Ok((made, self.ticket(&upload, now).await?))
    }

    pub async fn upload(&self, who: &Identity, id: &str) -> Result<UploadTicket, Problem> {
        let upload = self.own_upload(who, id).await?;
        self.ticket(&upload, self.clock.now()).await
    }

    pub async fn list_uploads(
        &self,
        who: &Identity,
        cursor: Option<String>,
        limit: Option<u32>,
    ) -> Result<UploadList, Problem> {
        let (tenant, owner) = (who.tenant.clone(), who.user.clone());
        let page = self.uploads.list(UploadQuery { tenant, owner, cursor, limit: page_size(limit)? }).await?;
        Ok(UploadList { uploads: page.uploads.iter().map(UploadView::of).collect(), cursor: page.cursor })
    }

    /// The bytes have come: from now on it is a document. Idempotent.
    pub async fn complete_upload(&self, who: &Identity, id: &str) -> Result<DocumentView, Problem> {
        let upload = self.own_upload(who, id).await?;
        let key = upload.document_key();
        match upload.state {
            UploadState::Pending => {}
            UploadState::Completed => {
                let document = self.documents.get(&key).await?.ok_or(DocumentsError::Deleted)?;
                return Ok(DocumentView::of(&document));
            }
            UploadState::Aborted => return Err(aborted()),
        }
        if !self.has_come(&upload).await? {
            self.join_parts(&upload, &terms(&upload)).await?;
        }
        if !self.has_come(&upload).await? {
            if upload.expires <= self.clock.now() {
                return Err(Problem::new(ProblemCode::UploadExpired, "begin the upload anew"));
            }
            return Err(Problem::new(ProblemCode::UploadIncomplete, "send the file first, as `send` says"));
        }
        let document = self.take_in(who, &upload).await?;
        match self.uploads.settle(&upload.tenant, &upload.upload, UploadState::Completed).await? {
            Some(UploadState::Aborted) if !upload.replaces => {
                self.bury_aborted(&key).await?;
                return Err(aborted());
            }
            Some(_) => {}
            None => tracing::debug!("an upload was forgotten while it was completed"),
        }
        self.discard_parts(&upload).await?;
        self.notices.document(&document).await;
        self.ingestion.start(&key).await;
        Ok(DocumentView::of(&document))
    }

    /// The document of an upload that was given up while it was completed.
    pub(super) async fn bury_aborted(&self, key: &DocumentKey) -> Result<(), DocumentsError> {
        self.documents.delete(key, self.clock.now()).await?;
        self.ingestion.start(key).await;
        Ok(())
    }

    /// Gives an upload up, with what has come of it. Idempotent; a completed one stays the document that it is.
    pub async fn abort_upload(&self, who: &Identity, id: &str) -> Result<(), Problem> {
        let upload = self.own_upload(who, id).await?;
        if self.uploads.settle(&upload.tenant, &upload.upload, UploadState::Aborted).await?
            == Some(UploadState::Aborted)
        {
            self.remove_unused(&upload).await?;
        }
        Ok(())
    }

    /// Forgets uploads whose time is over, with what came of them and is no document. How many there were.
    pub async fn sweep_uploads(&self) -> Result<usize, Problem> {
        let before = UnixMs(self.clock.now().0.saturating_sub(UPLOAD_SWEEP_SLACK_MS));
        let expired = self.uploads.expired(before, UPLOADS_SWEPT_MAX).await?;
        for upload in &expired {
            self.remove_unused(upload).await?;
            self.uploads.forget(&upload.tenant, &upload.upload).await?;
        }
        Ok(expired.len())
    }

    async fn has_come(&self, upload: &Upload) -> Result<bool, Problem> {
        let meta = self.objects.meta(&upload.content.object).await?;
        Ok(meta.is_some_and(|meta| meta.bytes == upload.content.bytes))
    }

    async fn remove_unused(&self, upload: &Upload) -> Result<(), Problem> {
        self.discard_parts(upload).await?;
        let document = self.documents.get(&upload.document_key()).await?;
        if document.is_none_or(|document| document.content.object != upload.content.object) {
            self.objects.delete(&upload.content.object).await?;
        }
        Ok(())
    }

    /// Makes a document of it, or another's content.
    async fn take_in(&self, who: &Identity, upload: &Upload) -> Result<Document, Problem> {
        let (key, owner) = (upload.document_key(), upload.owner.clone());
        let (content, at) = (upload.content.clone(), self.clock.now());
        if !upload.replaces {
            if !may_write(who, &upload.course) {
                let detail = "course: the token no longer makes you its teacher";
                return Err(Problem::new(ProblemCode::Forbidden, detail));
            }
            let course = upload.course.clone();
            return Ok(self.documents.create(NewDocument { key, course, owner, content, at }).await?);
        }
        let replacement = Replacement { owner, content, at };
        loop {
            let before = self.writable(who, key.document.as_str()).await?;
            match self.documents.replace(&key, before.revision, replacement.clone()).await {
                // It moved on by itself; the next look sees how.
                Err(DocumentsError::Stale) => tokio::task::yield_now().await,
                replaced => return Ok(replaced?),
            }
        }
    }

    pub(super) async fn own_upload(&self, who: &Identity, id: &str) -> Result<Upload, Problem> {
        let found = self.uploads.get(&who.tenant, &UploadId::new(id)).await?;
        found.filter(|upload| upload.owner == who.user).ok_or_else(|| Problem::not_found("upload"))
    }

    /// The course that the file is for, and the document that it will be.
    async fn place(&self, who: &Identity, asked: &CreateUpload) -> Result<(CourseId, DocumentId), Problem> {
        if let Some(replaced) = &asked.replaces {
            let document = self.writable(who, replaced).await?;
            if asked.course.as_deref().is_some_and(|course| course != document.course.as_str()) {
                return Err(Problem::field("course", "a document stays in its course"));
            }
            return Ok((document.course, document.key.document));
        }
        let course = asked.course.as_ref().map_or_else(|| own_course(who), CourseId::new);
        if !may_write(who, &course) {
            let detail = "course: only its teachers upload to a course; without one the file is your own";
            return Err(Problem::new(ProblemCode::Forbidden, detail));
        }
        Ok((course, self.ids.document()))
    }

    async fn ticket(&self, upload: &Upload, now: UnixMs) -> Result<UploadTicket, Problem> {
        let ttl_ms = link_ms(upload, now);
        let send = if upload.state == UploadState::Pending && ttl_ms > 0 {
            let ttl = Duration::from_millis(ttl_ms);
            let signed = self.objects.signed_upload(&upload.content.object, &terms(upload), ttl).await?;
            Some(SendFile::of(signed, now.plus_ms(ttl_ms).0))
        } else {
            None
        };
        let parts = self.parts_shown(upload, now).await?;
        Ok(UploadTicket { upload: UploadView::of(upload), send, parts })
    }

    fn exceeded(&self, exceeded: Exceeded) -> Problem {
        let detail = match exceeded {
            Exceeded::Documents => format!("at most {} documents; delete some first", self.quota.documents_max),
            Exceeded::Bytes => format!("at most {} bytes in all; delete some first", self.quota.bytes_max),
            Exceeded::Pending => {
                format!("at most {} uploads on their way; complete or delete some first", self.quota.pending_max)
            }
        };
        Problem::new(ProblemCode::QuotaExceeded, detail)
    }
}

/// How long an address works that is given out now; 0: the upload's time is over.
pub(super) fn link_ms(upload: &Upload, now: UnixMs) -> u64 {
    upload.expires.since_ms(now).min(UPLOAD_LINK_MS)
}

fn terms(upload: &Upload) -> UploadTerms {
    let Content { media_type, bytes, sha256, .. } = &upload.content;
    UploadTerms { bytes: *bytes, sha256: sha256.clone(), content_type: media_type.clone() }
}

fn check(asked: &CreateUpload) -> Result<FileKind, Problem> {
    let CreateUpload { name, bytes, sha256, course: _, replaces: _ } = asked;
    let chars = name.chars().count();
    if name.trim().is_empty() || chars > DOCUMENT_NAME_CHARS_MAX || name.chars().any(|c| c.is_control() || c == '/') {
        let what = format!("it must have 1 to {DOCUMENT_NAME_CHARS_MAX} characters, without slashes and controls");
        return Err(Problem::field("name", what));
    }
    if *bytes == 0 {
        return Err(Problem::field("bytes", "an empty file has nothing to read"));
    }
    if *bytes > UPLOAD_BYTES_MAX {
        return Err(Problem::new(ProblemCode::FileTooLarge, format!("bytes: at most {UPLOAD_BYTES_MAX}")));
    }
    let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if sha256.len() != 64 || !sha256.bytes().all(digit) {
        return Err(Problem::field("sha256", "it must be 64 digits of lower-case hexadecimal"));
    }
    FileKind::from_name(name).ok_or_else(|| {
        let known: Vec<_> = FileKind::ALL.into_iter().flat_map(FileKind::extensions).copied().collect();
        let detail = format!("name: its extension must be one of {}", known.join(", "));
        Problem::new(ProblemCode::UnsupportedKind, detail)
    })
}

/// What a request is known by when it comes again.
pub(crate) fn idempotency(key: &str, asked: &impl serde::Serialize) -> Result<Idempotency, Problem> {
    if key.is_empty() || key.len() > IDEMPOTENCY_KEY_BYTES_MAX || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        let what = format!("it must be 1 to {IDEMPOTENCY_KEY_BYTES_MAX} visible ASCII characters");
        return Err(Problem::field("Idempotency-Key", what));
    }
    Ok(Idempotency { key: key.to_owned(), fingerprint: serde_json::json!(asked).to_string() })
}

/// Every upload has an object of its own, so that nothing that comes late writes over what counts.
fn object_key(who: &Identity, document: &DocumentId, upload: &UploadId) -> ObjectKey {
    ObjectKey(format!("documents/{}/{document}/{upload}", who.tenant))
}

/// The document and the upload that an object belongs to; `None`: it is no upload's.
pub(super) fn upload_of(object: &ObjectKey) -> Option<(DocumentKey, UploadId)> {
    let mut parts = object.0.split('/');
    let (folder, tenant, document, upload) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is_ours = folder == "documents" && parts.next().is_none() && object.check().is_ok();
    is_ours.then(|| {
        let key = DocumentKey { tenant: TenantId::new(tenant), document: DocumentId::new(document) };
        (key, UploadId::new(upload))
    })
}

fn aborted() -> Problem {
    Problem::new(ProblemCode::UploadAborted, "begin the upload anew")
}
