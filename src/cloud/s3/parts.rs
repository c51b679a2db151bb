//! Parts of an object as S3 gathers them (a multipart upload), until they are joined or discarded.
//!
//! They do not lie at the object's own key, where everybody would see what nobody has checked and S3 would tell of it. Below `parts/` and
//! the key, `upload` names the multipart upload that counts: whoever puts it there first decides, however many begin at once. `whole` is what
//! S3 makes of the parts; read through, and found to be what was promised, it is copied to the object's own key. Each step can be found
//! done by whoever comes later. What everybody leaves behind goes by the bucket's lifecycle rules, which are not made here.

use super::{S3Objects, code_of, failed, presigning, signed_length, to_send};
use crate::config::limits::PART_UPLOADS_BEGUN_MAX;
use crate::ports::objects::{
    Cut, ObjectError, ObjectKey, ObjectParts, Objects, SignedUpload, UploadError, UploadTerms,
};
use async_trait::async_trait;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart, MetadataDirective};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::time::Duration;

#[async_trait]
impl ObjectParts for S3Objects {
    async fn signed_part(
        &self,
        key: &ObjectKey,
        cut: Cut,
        number: u32,
        ttl: Duration,
    ) -> Result<SignedUpload, ObjectError> {
        key.check()?;
        let upload = self.open_upload(key).await?;
        let request = self.client.upload_part().bucket(&self.bucket).key(whole_at(key).0).upload_id(upload);
        let number = i32::try_from(number).map_err(|error| ObjectError::Failed(error.to_string()))?;
        // The length is signed, so that S3 takes no other; the content is checked when the parts are joined.
        let request = request.part_number(number).content_length(signed_length(cut.bytes_of(number.unsigned_abs()))?);
        Ok(to_send(&request.presigned(presigning(ttl)?).await.map_err(failed)?))
    }

    async fn received(&self, key: &ObjectKey, cut: Cut) -> Result<Vec<u32>, ObjectError> {
        key.check()?;
        let Some(begun) = self.begun(key).await? else { return Ok(Vec::new()) };
        if let Some(came) = self.came(key, &begun.upload).await? {
            return Ok(cut.numbers().filter(|number| fits(&came, cut, *number).is_some()).collect());
        }
        let whole = self.meta(&whole_at(key)).await?.filter(|whole| whole.bytes == cut.bytes);
        Ok(whole.map(|_| cut.numbers().collect()).unwrap_or_default())
    }

    async fn join(&self, key: &ObjectKey, cut: Cut, terms: &UploadTerms) -> Result<(), UploadError> {
        key.check()?;
        // Somebody may have come so far before.
        let mut whole = self.whole(key).await?;
        if whole.is_none() {
            self.complete(key, cut).await?;
            whole = self.whole(key).await?;
        }
        let whole = whole.ok_or(ObjectError::NotFound)?;
        if whole.bytes != terms.bytes {
            self.discard(key).await?;
            return Err(UploadError::Length { promised: terms.bytes });
        }
        if whole.sha256 != terms.sha256 {
            self.discard(key).await?;
            return Err(UploadError::Checksum);
        }
        self.publish(key, &whole, terms).await?;
        Ok(self.discard(key).await?)
    }

    async fn discard(&self, key: &ObjectKey) -> Result<(), ObjectError> {
        key.check()?;
        let begun = self.begun(key).await?;
        if let Some(begun) = &begun {
            self.abort(key, &begun.upload).await?;
        }
        self.delete(&whole_at(key)).await?;
        // Last: it is what the others are found by.
        if begun.is_some() {
            self.delete(&mark_at(key)).await?;
        }
        Ok(())
    }
}

/// The multipart upload that counts.
struct Begun {
    upload: String,
    /// Of the object that names it.
    tag: String,
}

struct Part {
    bytes: u64,
    tag: String,
}

/// What S3 made of the parts.
struct Whole {
    tag: String,
    bytes: u64,
    sha256: String,
}

impl S3Objects {
    /// The multipart upload that counts, begun where there is none that takes parts.
    async fn open_upload(&self, key: &ObjectKey) -> Result<String, ObjectError> {
        for _ in 0..PART_UPLOADS_BEGUN_MAX {
            let before = self.begun(key).await?;
            if let Some(begun) = &before
                && self.came(key, &begun.upload).await?.is_some()
            {
                return Ok(begun.upload.clone());
            }
            let made = self.create(key).await?;
            // A put that was tried again is refused by what it wrote itself.
            if self.mark(key, &made, before).await? || self.begun(key).await?.is_some_and(|begun| begun.upload == made)
            {
                return Ok(made);
            }
            self.abort(key, &made).await?;
        }
        Err(ObjectError::Failed("too many begin to send the parts of one object".to_owned()))
    }

    async fn begun(&self, key: &ObjectKey) -> Result<Option<Begun>, ObjectError> {
        let request = self.client.get_object().bucket(&self.bucket).key(mark_at(key).0);
        let got = match request.send().await.map_err(failed) {
            Ok(got) => got,
            Err(ObjectError::NotFound) => return Ok(None),
            Err(error) => return Err(error),
        };
        let tag = got.e_tag.unwrap_or_default();
        let name = got.body.collect().await.map_err(|error| ObjectError::Failed(error.to_string()))?;
        let upload = String::from_utf8(name.to_vec()).map_err(|error| ObjectError::Failed(error.to_string()))?;
        Ok(Some(Begun { upload, tag }))
    }

    async fn create(&self, key: &ObjectKey) -> Result<String, ObjectError> {
        let request = self.client.create_multipart_upload().bucket(&self.bucket).key(whole_at(key).0);
        let made = request.send().await.map_err(failed)?;
        made.upload_id.ok_or_else(|| ObjectError::Failed("a multipart upload without an id was begun".to_owned()))
    }

    /// Makes this upload the one that counts. Whether it was: not where another was faster.
    async fn mark(&self, key: &ObjectKey, upload: &str, before: Option<Begun>) -> Result<bool, ObjectError> {
        let request = self.client.put_object().bucket(&self.bucket).key(mark_at(key).0).content_type("text/plain");
        let request = match before {
            Some(before) => request.if_match(before.tag),
            None => request.if_none_match("*"),
        };
        match request.body(ByteStream::from(upload.as_bytes().to_vec())).send().await {
            Ok(_) => Ok(true),
            Err(error) => match code_of(&error) {
                Some("PreconditionFailed" | "ConditionalRequestConflict" | "NoSuchKey") => Ok(false),
                _ => Err(failed(error)),
            },
        }
    }

    /// The parts that came by their numbers; `None`: the upload takes none any more.
    async fn came(&self, key: &ObjectKey, upload: &str) -> Result<Option<BTreeMap<u32, Part>>, ObjectError> {
        let (mut came, mut after) = (BTreeMap::new(), None);
        loop {
            let request = self.client.list_parts().bucket(&self.bucket).key(whole_at(key).0).upload_id(upload);
            let page = match request.set_part_number_marker(after).send().await.map_err(failed) {
                Ok(page) => page,
                Err(ObjectError::NotFound) => return Ok(None),
                Err(error) => return Err(error),
            };
            let is_last = !page.is_truncated.unwrap_or_default();
            after = page.next_part_number_marker;
            for part in page.parts.unwrap_or_default() {
                let number = part.part_number.and_then(|number| u32::try_from(number).ok());
                let bytes = part.size.and_then(|bytes| u64::try_from(bytes).ok());
                if let (Some(number), Some(bytes), Some(tag)) = (number, bytes, part.e_tag) {
                    came.insert(number, Part { bytes, tag });
                }
            }
            if is_last || after.is_none() {
                return Ok(Some(came));
            }
        }
    }

    /// Has S3 put the parts together, where all are there. Where somebody else has, or has discarded them, there is nothing to do.
    async fn complete(&self, key: &ObjectKey, cut: Cut) -> Result<(), UploadError> {
        let begun = self.begun(key).await?.ok_or(ObjectError::NotFound)?;
        let Some(came) = self.came(key, &begun.upload).await? else { return Ok(()) };
        let parts = cut.numbers().map(|number| fits(&came, cut, number).map(|part| completed(number, part)));
        let parts = parts.collect::<Option<Vec<_>>>().ok_or(ObjectError::NotFound)?;
        let all = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let request = self.client.complete_multipart_upload().bucket(&self.bucket).key(whole_at(key).0);
        match request.upload_id(begun.upload).multipart_upload(all).send().await {
            Ok(_) => Ok(()),
            Err(error) => match code_of(&error) {
                Some("NoSuchUpload") => Ok(()),
                // It was sent again after it had been listed.
                Some("InvalidPart") => Err(UploadError::Busy),
                _ => Err(failed(error).into()),
            },
        }
    }

    /// Reads it through, piece by piece; `None`: it is not there.
    async fn whole(&self, key: &ObjectKey) -> Result<Option<Whole>, ObjectError> {
        let request = self.client.get_object().bucket(&self.bucket).key(whole_at(key).0);
        let mut got = match request.send().await.map_err(failed) {
            Ok(got) => got,
            Err(ObjectError::NotFound) => return Ok(None),
            Err(error) => return Err(error),
        };
        let (mut hash, mut bytes) = (Sha256::new(), 0);
        while let Some(piece) = got.body.try_next().await.map_err(|error| ObjectError::Failed(error.to_string()))? {
            hash.update(&piece);
            bytes += piece.len() as u64;
        }
        let sha256 = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Some(Whole { tag: got.e_tag.unwrap_or_default(), bytes, sha256 }))
    }

    /// Copies to the object's own key what was checked, and nothing that came in its place since.
    async fn publish(&self, key: &ObjectKey, whole: &Whole, terms: &UploadTerms) -> Result<(), UploadError> {
        let request = self.client.copy_object().bucket(&self.bucket).key(&key.0);
        let request = request.copy_source(format!("{}/{}", self.bucket, whole_at(key).0));
        let request = request.copy_source_if_match(&whole.tag).checksum_algorithm(ChecksumAlgorithm::Sha256);
        let request = request.metadata_directive(MetadataDirective::Replace).content_type(&terms.content_type);
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) => match code_of(&error) {
                Some("PreconditionFailed") => Err(UploadError::Busy),
                _ => Err(failed(error).into()),
            },
        }
    }

    async fn abort(&self, key: &ObjectKey, upload: &str) -> Result<(), ObjectError> {
        let request = self.client.abort_multipart_upload().bucket(&self.bucket).key(whole_at(key).0);
        match request.upload_id(upload).send().await.map_err(failed) {
            Ok(_) | Err(ObjectError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// A part that has the length of its number.
fn fits(came: &BTreeMap<u32, Part>, cut: Cut, number: u32) -> Option<&Part> {
    came.get(&number).filter(|part| part.bytes == cut.bytes_of(number))
}

fn completed(number: u32, part: &Part) -> CompletedPart {
    let number = i32::try_from(number).unwrap_or(i32::MAX);
    CompletedPart::builder().part_number(number).e_tag(&part.tag).build()
}

/// Where S3 puts the parts together.
fn whole_at(key: &ObjectKey) -> ObjectKey {
    ObjectKey(format!("{FOLDER}/{}/whole", key.0))
}

/// What names the multipart upload that counts.
fn mark_at(key: &ObjectKey) -> ObjectKey {
    ObjectKey(format!("{FOLDER}/{}/upload", key.0))
}

/// The template's rights, lifecycle rules and what S3 tells of name it.
const FOLDER: &str = "parts";
