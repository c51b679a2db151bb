//! Parts of an object: files in a folder beside the object's own, until they are joined or discarded.
//!
//! No key can hold a `+`, so that no object's file is in the way of that folder.

use super::incoming::{Temporary, hex};
use super::{FileObjects, Opened, blocking, head, is_absent};
use crate::config::limits::PART_READ_BYTES;
use crate::embedded::data_folder;
use crate::ports::objects::{Cut, ObjectError, ObjectKey, ObjectParts, SignedUpload, UploadError, UploadTerms};
use async_trait::async_trait;
use sha2::{Digest, Sha256};
use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

#[async_trait]
impl ObjectParts for FileObjects {
    async fn signed_part(
        &self,
        key: &ObjectKey,
        cut: Cut,
        number: u32,
        ttl: Duration,
    ) -> Result<SignedUpload, ObjectError> {
        self.path(key)?;
        let ttl_ms = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX);
        let token = self.signer.sign_part(key, number, cut.bytes_of(number), self.clock.now().plus_ms(ttl_ms));
        Ok(SignedUpload { method: "PUT".to_owned(), url: format!("/api/objects/{token}"), headers: Vec::new() })
    }

    async fn received(&self, key: &ObjectKey, cut: Cut) -> Result<Vec<u32>, ObjectError> {
        let path = self.path(key)?;
        blocking(move || numbers(&path, cut)).await
    }

    async fn join(&self, key: &ObjectKey, cut: Cut, terms: &UploadTerms) -> Result<(), UploadError> {
        let (root, path, whole) = (self.root.clone(), self.path(key)?, terms.clone());
        let joined = blocking(move || {
            let joined = join(&root, &path, cut, &whole)?;
            remove(&folder(&path))?;
            Ok(joined)
        });
        match joined.await? {
            Joined::Whole => Ok(()),
            Joined::OfOtherLength => Err(UploadError::Length { promised: terms.bytes }),
            Joined::OfOtherContent => Err(UploadError::Checksum),
        }
    }

    async fn discard(&self, key: &ObjectKey) -> Result<(), ObjectError> {
        let folder = folder(&self.path(key)?);
        blocking(move || remove(&folder)).await
    }
}

/// Where a part of the object at `object` lies.
pub(super) fn path(object: &Path, number: u32) -> PathBuf {
    folder(object).join(number.to_string())
}

fn folder(object: &Path) -> PathBuf {
    let mut folder = OsString::from(object);
    folder.push("+parts");
    PathBuf::from(folder)
}

fn numbers(object: &Path, cut: Cut) -> io::Result<Vec<u32>> {
    let mut numbers = Vec::new();
    for number in cut.numbers() {
        match Opened::open(&path(object, number)) {
            Ok(part) if part.bytes == cut.bytes_of(number) => numbers.push(number),
            Ok(_) => {}
            Err(error) if is_absent(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(numbers)
}

enum Joined {
    Whole,
    OfOtherLength,
    OfOtherContent,
}

/// Copies the parts behind each other, and puts that in its place where it is what was promised.
fn join(root: &Path, object: &Path, cut: Cut, terms: &UploadTerms) -> io::Result<Joined> {
    if !numbers(object, cut)?.into_iter().eq(cut.numbers()) {
        return Err(io::ErrorKind::NotFound.into());
    }
    let (mut file, through) = data_folder::temporary(root)?;
    let through = Temporary(through);
    file.write_all(&head(&terms.content_type))?;
    let (mut hash, mut bytes) = (Sha256::new(), 0);
    for number in cut.numbers() {
        let part = Opened::open(&path(object, number))?;
        let mut at = 0;
        while at < part.bytes {
            let piece = part.read(at, PART_READ_BYTES)?;
            hash.update(&piece);
            file.write_all(&piece)?;
            at += piece.len() as u64;
        }
        bytes += part.bytes;
    }
    if bytes != terms.bytes {
        return Ok(Joined::OfOtherLength);
    }
    if hex(hash) != terms.sha256 {
        return Ok(Joined::OfOtherContent);
    }
    file.sync_all()?;
    fs::rename(&through.0, object)?;
    object.parent().map_or(Ok(()), data_folder::sync_folder)?;
    Ok(Joined::Whole)
}

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if !is_absent(&error) => Err(error),
        _ => Ok(()),
    }
}
