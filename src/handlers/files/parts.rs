//! Large files in parts: which there are, the address of each, and the file that they make.
//!
//! A part that came stays until the upload is settled, so that whoever comes back sends what is missing and no more.

use super::uploads::link_ms;
use super::{Files, SendFile, UploadParts};
use crate::auth::Identity;
use crate::config::limits::UPLOAD_PART_BYTES;
use crate::handlers::problem::{Problem, ProblemCode};
use crate::ports::clock::UnixMs;
use crate::ports::objects::{Cut, ObjectError, ObjectParts, UploadError, UploadTerms};
use crate::ports::uploads::{Upload, UploadState};
use std::time::Duration;

impl Files {
    /// How to send one part; asked for again, the address is a fresh one.
    pub async fn upload_part(&self, who: &Identity, id: &str, number: u32) -> Result<SendFile, Problem> {
        let (upload, now) = (self.own_upload(who, id).await?, self.clock.now());
        let Some(parts) = self.parts_of(&upload) else {
            return Err(Problem::field("number", "the upload has no parts; send the file as `send` says"));
        };
        let cut = cut(&upload);
        if !cut.numbers().contains(&number) {
            return Err(Problem::field("number", format!("it must be 1 to {}", cut.count())));
        }
        match upload.state {
            UploadState::Pending if upload.expires > now => {}
            UploadState::Pending => return Err(Problem::new(ProblemCode::UploadExpired, "begin the upload anew")),
            UploadState::Completed => return Err(Problem::new(ProblemCode::Conflict, "the upload is complete")),
            UploadState::Aborted => return Err(Problem::new(ProblemCode::UploadAborted, "begin the upload anew")),
        }
        let ttl_ms = link_ms(&upload, now);
        let ttl = Duration::from_millis(ttl_ms);
        let signed = parts.signed_part(&upload.content.object, cut, number, ttl).await?;
        Ok(SendFile::of(signed, now.plus_ms(ttl_ms).0))
    }

    pub(super) async fn parts_shown(&self, upload: &Upload, now: UnixMs) -> Result<Option<UploadParts>, Problem> {
        let Some(parts) = self.parts_of(upload) else { return Ok(None) };
        if upload.state != UploadState::Pending || upload.expires <= now {
            return Ok(None);
        }
        let cut = cut(upload);
        let received = parts.received(&upload.content.object, cut).await?;
        Ok(Some(UploadParts { bytes: cut.part_bytes, count: cut.count(), received }))
    }

    /// Makes the file of its parts, where all of them have come.
    pub(super) async fn join_parts(&self, upload: &Upload, terms: &UploadTerms) -> Result<(), Problem> {
        let Some(parts) = self.parts_of(upload) else { return Ok(()) };
        match parts.join(&upload.content.object, cut(upload), terms).await {
            // Parts are missing, or another request was faster and has made the file: whoever looks for it sees which.
            Ok(()) | Err(UploadError::Object(ObjectError::NotFound)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) async fn discard_parts(&self, upload: &Upload) -> Result<(), Problem> {
        match self.parts_of(upload) {
            Some(parts) => Ok(parts.discard(&upload.content.object).await?),
            None => Ok(()),
        }
    }

    fn parts_of(&self, upload: &Upload) -> Option<&dyn ObjectParts> {
        self.parts.as_deref().filter(|_| upload.content.bytes > UPLOAD_PART_BYTES)
    }
}

fn cut(upload: &Upload) -> Cut {
    Cut { bytes: upload.content.bytes, part_bytes: UPLOAD_PART_BYTES }
}
