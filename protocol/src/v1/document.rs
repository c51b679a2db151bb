//! Documents as they are listed, and how far each has come. Uploading and deleting is REST's business.

use super::{CourseId, DocumentId};

words! {
    /// Where a document stands.
    enum DocumentState {
        /// Its file has come.
        Uploaded = "uploaded",
        /// Its file is looked at.
        Checking = "checking",
        /// Its text is read.
        Extracting = "extracting",
        /// Its text is cut into passages.
        Chunking = "chunking",
        /// Its passages are made comparable.
        Embedding = "embedding",
        /// It is found by searches.
        Ready = "ready",
        /// It cannot be read; `failure` says why.
        Failed = "failed",
        /// It has pages and no text: a scan.
        NeedsOcr = "needs_ocr",
        /// It is gone.
        Deleted = "deleted",
    }
}

words! {
    /// What a document is for, where it is not for reading.
    enum DocumentPurpose {
        /// It guides interviews: its name ends in `.guide.md`. No search finds it.
        Guide = "guide",
    }
}

wire! {
    /// Why a document has no text.
    plain struct DocumentFailure {
        /// For programs.
        code: String,
        /// For whoever uploaded it.
        reason: String,
    }
}

wire! {
    /// One document in a list.
    plain struct DocumentSummary {
        /// The document.
        document: DocumentId,
        /// Its course; the user's own id for a file of their own.
        course: CourseId,
        /// Its name.
        name: String,
        /// Its size.
        bytes: u64,
        /// Where it stands.
        state: DocumentState,
        /// 1, and one more whenever its file is replaced.
        version: u64,
        /// When it was uploaded.
        created_unix_ms: u64,
        /// When it last changed.
        updated_unix_ms: u64,
    } optional {
        /// As the file names itself.
        title: String,
        /// Its pages, slides or sheets.
        pages: u32,
        /// How many passages it was cut into.
        passages: u32,
        /// How much of what its state says has been done, of 100; absent where that is not known.
        #[cfg_attr(feature = "schema", schemars(range(max = 100)))]
        percent: u32,
        /// Why it has no text.
        failure: DocumentFailure,
        /// What it is for; absent: for reading.
        purpose: DocumentPurpose,
    }
}

wire! {
    /// A document has come further; sent to all connections of whoever uploaded it.
    plain struct DocumentStatus {
        /// As it now stands.
        document: DocumentSummary,
    }
}

wire! {
    /// A page of documents.
    plain struct DocumentPage {
        /// Latest first.
        documents: Vec<DocumentSummary>,
    } optional {
        /// Where the next page begins; absent on the last.
        cursor: String,
    }
}
