//! A file on its way in, or a part of one: written to a temporary one and hashed as it comes, and put in its place only where length and
//! hash are those that were promised. Of a part the length alone is known; the whole is hashed when its parts are joined.

use super::{blocking, head};
use crate::embedded::data_folder;
use crate::ports::objects::{Incoming, ObjectError, UploadError};
use async_trait::async_trait;
use bytes::Bytes;
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

pub(super) struct IncomingFile {
    /// `None`: it went to its place, or a write of it was given up.
    open: Option<Open>,
    promised: Promised,
    _place: Place,
}

/// What must come.
#[derive(Clone, Debug)]
pub(super) struct Promised {
    pub(super) bytes: u64,
    /// Of the content, in lower-case hexadecimal; `None`: nobody knows.
    pub(super) sha256: Option<String>,
    pub(super) content_type: String,
}

/// Files that are on their way in, by where they go.
#[derive(Clone, Default)]
pub(super) struct Coming(Arc<Mutex<HashSet<PathBuf>>>);

/// One file's place among them, until it is dropped.
pub(super) struct Place {
    coming: Coming,
    path: PathBuf,
}

impl Coming {
    /// `None`: somebody is sending that file.
    pub(super) fn take(&self, path: &Path) -> Option<Place> {
        let is_new = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned());
        is_new.then(|| Place { coming: self.clone(), path: path.to_owned() })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.coming.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.path);
    }
}

struct Open {
    file: fs::File,
    through: Temporary,
    path: PathBuf,
    hash: Sha256,
    bytes: u64,
}

/// Removed when it is dropped; once it is renamed there is nothing to remove.
pub(super) struct Temporary(pub(super) PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        // What is left over is removed at the next start, too.
        let _ = fs::remove_file(&self.0);
    }
}

impl IncomingFile {
    pub(super) fn create(root: &Path, path: &Path, promised: Promised, place: Place) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            data_folder::make_private(folder)?;
        }
        let (mut file, through) = data_folder::temporary(root)?;
        let through = Temporary(through);
        file.write_all(&head(&promised.content_type))?;
        let open = Open { file, through, path: path.to_owned(), hash: Sha256::new(), bytes: 0 };
        Ok(Self { open: Some(open), promised, _place: place })
    }
}

#[async_trait]
impl Incoming for IncomingFile {
    async fn write(&mut self, piece: Bytes) -> Result<(), UploadError> {
        let promised = self.promised.bytes;
        let mut open = self.open.take().ok_or_else(given_up)?;
        if open.bytes + piece.len() as u64 > promised {
            return Err(UploadError::Length { promised });
        }
        let written = blocking(move || {
            open.hash.update(&piece);
            open.file.write_all(&piece)?;
            open.bytes += piece.len() as u64;
            Ok(open)
        });
        self.open = Some(written.await?);
        Ok(())
    }

    async fn finish(mut self: Box<Self>) -> Result<(), UploadError> {
        let Promised { bytes: promised, sha256, .. } = self.promised.clone();
        let Open { file, through, path, hash, bytes } = self.open.take().ok_or_else(given_up)?;
        if bytes != promised {
            return Err(UploadError::Length { promised });
        }
        if sha256.is_some_and(|sha256| sha256 != hex(hash)) {
            return Err(UploadError::Checksum);
        }
        let placed = blocking(move || {
            file.sync_all()?;
            fs::rename(&through.0, &path)?;
            path.parent().map_or(Ok(()), data_folder::sync_folder)
        });
        Ok(placed.await?)
    }
}

pub(super) fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn given_up() -> UploadError {
    UploadError::Object(ObjectError::Failed("the upload was given up".to_owned()))
}
