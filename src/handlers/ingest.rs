//! A document's way from its file to its passages: checked, read, cut, stored, and told of at each step.
//!
//! Every step is a compare-and-set on the document, so that two who work on it, or one who comes late, do no harm: whoever is not up to
//! date stops, and the document is found again as long as it is not settled. What a file holds is the extractor's business; where this
//! runs, and how often, that of whoever calls it.

use crate::config::limits::{INGEST_ATTEMPTS_MAX, INGEST_PROGRESS_STEP, PASSAGES_PUT_MAX};
use crate::handlers::notices::Notices;
use crate::ingest::chunks::{Chunk, chunks};
use crate::interview::guide;
use crate::ports::clock::Clock;
use crate::ports::documents::{Document, DocumentState, Documents, DocumentsError, Failure, Step};
use crate::ports::extraction::{ExtractCode, ExtractError, Extraction, Extractor, FileKind};
use crate::ports::objects::{ObjectError, Objects};
use crate::ports::passages::{Passage, Passages, PassagesError, Put};
use bytes::Bytes;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use tokio::sync::watch;

/// The way of documents and the roles that it takes.
#[derive(Clone)]
pub struct Ingest {
    pub documents: Arc<dyn Documents>,
    pub passages: Arc<dyn Passages>,
    pub objects: Arc<dyn Objects>,
    pub extractor: Arc<dyn Extractor>,
    pub notices: Notices,
    pub clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Ingest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ingest").finish_non_exhaustive()
    }
}

/// Why the work on a document ended before it was settled. It is to be taken up again.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// It was deleted, replaced, or another works on it.
    #[error("the document has changed meanwhile")]
    Overtaken,
    #[error("the file could not be read for now: {0}")]
    Extractor(String),
    #[error(transparent)]
    Documents(DocumentsError),
    #[error(transparent)]
    Objects(#[from] ObjectError),
    #[error(transparent)]
    Passages(#[from] PassagesError),
}

impl From<DocumentsError> for IngestError {
    fn from(error: DocumentsError) -> Self {
        match error {
            DocumentsError::Stale | DocumentsError::Deleted | DocumentsError::Unknown => Self::Overtaken,
            other => Self::Documents(other),
        }
    }
}

impl Ingest {
    /// Takes a document, as it was found, as far as it goes. Begins at its file unless its passages are stored already; each step may be
    /// repeated.
    pub async fn run(&self, document: Document) -> Result<(), IngestError> {
        match document.state {
            DocumentState::Deleted => self.purge(&document).await,
            DocumentState::Ready | DocumentState::Failed | DocumentState::NeedsOcr => Ok(()),
            DocumentState::Uploaded | DocumentState::Checking | DocumentState::Extracting | DocumentState::Chunking => {
                self.ingest(document).await
            }
            // Its passages are all there.
            DocumentState::Embedding => self.embed(document).await,
        }
    }

    async fn ingest(&self, document: Document) -> Result<(), IngestError> {
        if document.attempts >= INGEST_ATTEMPTS_MAX {
            let reason = "reading it has failed several times; save it anew or in another format, and upload it again";
            return self.fail(&document, DocumentState::Failed, "broken", reason).await;
        }
        let attempts = document.attempts + 1;
        let step = Step { attempts, failure: None, ..Step::to(&document, DocumentState::Checking, self.clock.now()) };
        let document = self.step(&document, step).await?;
        for object in &document.stale {
            self.objects.delete(object).await?;
        }
        let Some(kind) = FileKind::from_name(&document.content.name) else {
            let reason = "files with such a name are not read";
            return self.fail(&document, DocumentState::Failed, ExtractCode::WrongType.as_str(), reason).await;
        };
        let content = match self.objects.get(&document.content.object, 0, document.content.bytes).await {
            Ok(content) => content,
            Err(ObjectError::NotFound) => {
                let reason = "its file is not there any more; upload it again";
                return self.fail(&document, DocumentState::Failed, "gone", reason).await;
            }
            Err(error) => return Err(error.into()),
        };
        if sha256(content.clone()).await? != document.content.sha256 {
            let reason = "its file is not the one that was promised: its SHA-256 differs; upload it again";
            return self.fail(&document, DocumentState::Failed, "checksum", reason).await;
        }
        let step = Step { stale: Vec::new(), ..Step::to(&document, DocumentState::Extracting, self.clock.now()) };
        let document = self.step(&document, step).await?;
        if guide::is_guide(&document.content.name) {
            return self.take_guide(&document, &content).await;
        }
        let extraction = match self.extract(&document, content, kind).await {
            Ok(extraction) => extraction,
            Err(ExtractError { code, reason }) if code.is_retryable() => {
                // The file is not at fault, so that this attempt does not count.
                let attempts = document.attempts.saturating_sub(1);
                let step = Step { attempts, ..Step::to(&document, DocumentState::Uploaded, self.clock.now()) };
                self.step(&document, step).await?;
                return Err(IngestError::Extractor(format!("{}: {reason}", code.as_str())));
            }
            Err(ExtractError { code: code @ ExtractCode::NeedsOcr, reason }) => {
                return self.fail(&document, DocumentState::NeedsOcr, code.as_str(), &reason).await;
            }
            Err(ExtractError { code, reason }) => {
                return self.fail(&document, DocumentState::Failed, code.as_str(), &reason).await;
            }
        };
        self.store(document, extraction).await
    }

    /// A guide is for interviewers alone: it is checked, and nothing of it can be found.
    async fn take_guide(&self, document: &Document, content: &[u8]) -> Result<(), IngestError> {
        let guide = match guide::parse(content) {
            Ok(guide) => guide,
            Err(error) => {
                return self.fail(document, DocumentState::Failed, GUIDE_INVALID, &error.to_string()).await;
            }
        };
        // What an earlier version may have had.
        self.passages.put(&document.key.tenant, &document.key.document, document.version, Vec::new()).await?;
        let ready = Step::to(document, DocumentState::Ready, self.clock.now());
        let (title, pages, passages) = (Some(guide.title), None, None);
        self.step(document, Step { title, pages, passages, ..ready }).await?;
        metrics::counter!("viva_documents_total", "state" => DocumentState::Ready.as_str()).increment(1);
        Ok(())
    }

    /// Reads the file and tells how far that is.
    async fn extract(&self, document: &Document, content: Bytes, kind: FileKind) -> Result<Extraction, ExtractError> {
        let (told, mut heard) = watch::channel(0);
        let tell = |percent: u32| {
            told.send_if_modified(|last| {
                let is_step = percent >= *last + INGEST_PROGRESS_STEP;
                *last = if is_step { percent } else { *last };
                is_step
            });
        };
        let mut extracting = self.extractor.extract_telling(content, kind, &tell);
        loop {
            tokio::select! {
                extracted = &mut extracting => return extracted,
                Ok(()) = heard.changed() => {
                    let percent = *heard.borrow_and_update();
                    self.notices.progress(document, percent).await;
                }
            }
        }
    }

    async fn store(&self, document: Document, extraction: Extraction) -> Result<(), IngestError> {
        let Extraction { blocks, title, pages } = extraction;
        let step = Step { title, pages, ..Step::to(&document, DocumentState::Chunking, self.clock.now()) };
        let document = self.step(&document, step).await?;
        // Cutting a long book takes a moment of computing.
        let cut = tokio::task::spawn_blocking(move || chunks(&blocks)).await;
        let cut = cut.map_err(|error| IngestError::Extractor(error.to_string()))?;
        if cut.is_empty() {
            let (code, reason) = (ExtractCode::Empty.as_str(), "there is no text in it");
            return self.fail(&document, DocumentState::Failed, code, reason).await;
        }
        let count = cut.len() as u32;
        let (mut stored, mut told) = (0, 0);
        let mut cut = cut.into_iter().map(|chunk| passage(&document, chunk)).peekable();
        while cut.peek().is_some() {
            let part: Vec<Passage> = cut.by_ref().take(PASSAGES_PUT_MAX).collect();
            let (tenant, id) = (&document.key.tenant, &document.key.document);
            stored += part.len() as u64;
            if self.passages.put(tenant, id, document.version, part).await? == Put::Late {
                return Err(IngestError::Overtaken);
            }
            let percent = (stored * 100 / u64::from(count)) as u32;
            if percent >= told + INGEST_PROGRESS_STEP && stored < u64::from(count) {
                told = percent;
                self.notices.progress(&document, percent).await;
            }
        }
        if !self.passages.embeds() {
            return self.ready(&document, Some(count)).await;
        }
        // Embedding is an attempt of its own: what was read need not be read again.
        let embedding = Step::to(&document, DocumentState::Embedding, self.clock.now());
        let document = self.step(&document, Step { passages: Some(count), attempts: 0, ..embedding }).await?;
        self.embed(document).await
    }

    /// Has its passages found by their meaning, too. What is throttled or cannot be reached is no fault of the document; a text that is refused
    /// is, and is tried no more often than a file that cannot be read.
    async fn embed(&self, document: Document) -> Result<(), IngestError> {
        if document.attempts >= INGEST_ATTEMPTS_MAX {
            // Its text is stored, and right.
            let reason = "preparing its text for the search has failed several times; it is found by its words alone, until you upload it again";
            return self.settle(&document, DocumentState::Failed, "broken", reason).await;
        }
        let attempts = document.attempts + 1;
        let step = Step { attempts, ..Step::to(&document, DocumentState::Embedding, self.clock.now()) };
        let document = self.step(&document, step).await?;
        match self.passages.finish(&document.key.tenant, &document.key.document, document.version).await {
            Ok(Put::Stored) => self.ready(&document, document.passages).await,
            Ok(Put::Late) => Err(IngestError::Overtaken),
            Err(error) => {
                let attempts = if matches!(error, PassagesError::Refused(_)) { attempts } else { attempts - 1 };
                let step = Step { attempts, ..Step::to(&document, document.state, self.clock.now()) };
                self.documents.advance(&document.key, document.revision, step).await?;
                Err(error.into())
            }
        }
    }

    async fn ready(&self, document: &Document, passages: Option<u32>) -> Result<(), IngestError> {
        let ready = Step::to(document, DocumentState::Ready, self.clock.now());
        self.step(document, Step { passages, ..ready }).await?;
        metrics::counter!("viva_documents_total", "state" => DocumentState::Ready.as_str()).increment(1);
        Ok(())
    }

    /// The file is at fault: trying again would change nothing.
    async fn fail(
        &self,
        document: &Document,
        state: DocumentState,
        code: &str,
        reason: &str,
    ) -> Result<(), IngestError> {
        // Passages of an earlier version would be cited for a file that is no longer there.
        let (tenant, id) = (&document.key.tenant, &document.key.document);
        self.passages.put(tenant, id, document.version, Vec::new()).await?;
        self.passages.finish(tenant, id, document.version).await?;
        self.settle(document, state, code, reason).await
    }

    async fn settle(
        &self,
        document: &Document,
        state: DocumentState,
        code: &str,
        reason: &str,
    ) -> Result<(), IngestError> {
        let failure = Some(Failure { code: code.to_owned(), reason: reason.to_owned() });
        self.step(document, Step { failure, ..Step::to(document, state, self.clock.now()) }).await?;
        metrics::counter!("viva_documents_total", "state" => state.as_str()).increment(1);
        Ok(())
    }

    /// Removes all that is left of a deleted document.
    async fn purge(&self, document: &Document) -> Result<(), IngestError> {
        self.passages.remove(&document.key.tenant, &document.key.document).await?;
        for object in document.stale.iter().chain([&document.content.object]) {
            self.objects.delete(object).await?;
        }
        Ok(self.documents.purged(&document.key).await?)
    }

    async fn step(&self, document: &Document, step: Step) -> Result<Document, IngestError> {
        let document = self.documents.advance(&document.key, document.revision, step).await?;
        self.notices.document(&document).await;
        Ok(document)
    }
}

/// Why a guide failed, for programs; the reason names line and problem.
const GUIDE_INVALID: &str = "guide_invalid";

/// In lower-case hexadecimal. A large file takes a moment of computing.
async fn sha256(content: Bytes) -> Result<String, IngestError> {
    let digest = tokio::task::spawn_blocking(move || Sha256::digest(&content)).await;
    let digest = digest.map_err(|error| IngestError::Extractor(error.to_string()))?;
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn passage(document: &Document, chunk: Chunk) -> Passage {
    let Chunk { ordinal, text, locator, .. } = chunk;
    Passage {
        document: document.key.document.clone(),
        version: document.version,
        ordinal,
        course: document.course.clone(),
        name: document.content.name.clone(),
        text,
        locator,
    }
}
