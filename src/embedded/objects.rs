//! Objects as files below one folder, and URLs that read one of them for a while.
//!
//! A file holds its content type before its content, so that both are replaced at once. Who may have a URL is not decided here.

mod incoming;
mod parts;
mod signed;

pub use signed::SignedUrlError;

use crate::embedded::data_folder;
use crate::ports::clock::{Clock, UnixMs};
use crate::ports::objects::{
    Incoming, ObjectError, ObjectKey, ObjectMeta, Objects, SignedUpload, UploadDoor, UploadError, UploadTerms,
};
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use incoming::{Coming, IncomingFile, Promised};
use signed::Signer;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

pub struct FileObjects {
    root: PathBuf,
    signer: Signer,
    clock: Arc<dyn Clock>,
    coming: Coming,
}

impl std::fmt::Debug for FileObjects {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileObjects").field("root", &self.root).finish_non_exhaustive()
    }
}

impl FileObjects {
    /// Keeps the objects in `objects` within the data folder, and the key that signs URLs in `keys`.
    pub fn open(data_folder: &Path, clock: Arc<dyn Clock>) -> io::Result<Self> {
        let root = data_folder.join("objects");
        data_folder::make_private(&root)?;
        remove_unfinished(&root)?;
        let secret = data_folder::secret(&data_folder.join("keys"), "objects.key")?;
        Ok(Self { root, signer: Signer::new(secret), clock, coming: Coming::default() })
    }

    /// The key that a token in a URL of ours stands for, while it is valid.
    pub fn verify(&self, token: &str) -> Result<ObjectKey, SignedUrlError> {
        self.signer.verify(token, self.clock.now())
    }

    /// Where an object lies; `Key` for one that could lead elsewhere.
    fn path(&self, key: &ObjectKey) -> Result<PathBuf, ObjectError> {
        key.check()?;
        Ok(self.root.join(format!("{}{FILE_SUFFIX}", key.0)))
    }
}

/// No key can hold a `+`, so that no object's file is in the way of another's folder.
const FILE_SUFFIX: &str = "+object";

const FILE_MARK: &[u8; 8] = b"vivaOb01";

#[async_trait]
impl Objects for FileObjects {
    async fn put(&self, key: &ObjectKey, content_type: &str, content: Bytes) -> Result<(), ObjectError> {
        let path = self.path(key)?;
        let root = self.root.clone();
        let head = head(content_type);
        blocking(move || {
            if let Some(folder) = path.parent() {
                data_folder::make_private(folder)?;
            }
            data_folder::write_whole(&root, &path, &[&head, &content])
        })
        .await
    }

    async fn meta(&self, key: &ObjectKey) -> Result<Option<ObjectMeta>, ObjectError> {
        let path = self.path(key)?;
        match blocking(move || Opened::open(&path)).await {
            Ok(opened) => Ok(Some(opened.meta())),
            Err(ObjectError::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn get(&self, key: &ObjectKey, offset: u64, length: u64) -> Result<Bytes, ObjectError> {
        let path = self.path(key)?;
        blocking(move || Opened::open(&path)?.read(offset, length)).await
    }

    async fn signed_url(&self, key: &ObjectKey, ttl: Duration) -> Result<String, ObjectError> {
        self.path(key)?;
        let ttl_ms = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX);
        let expires: UnixMs = self.clock.now().plus_ms(ttl_ms);
        Ok(format!("/api/recordings/{}", self.signer.sign(key, expires)))
    }

    async fn signed_upload(
        &self,
        key: &ObjectKey,
        terms: &UploadTerms,
        ttl: Duration,
    ) -> Result<SignedUpload, ObjectError> {
        self.path(key)?;
        let ttl_ms = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX);
        let token = self.signer.sign_upload(key, terms, self.clock.now().plus_ms(ttl_ms));
        Ok(SignedUpload {
            method: "PUT".to_owned(),
            url: format!("/api/objects/{token}"),
            headers: vec![("content-type".to_owned(), terms.content_type.clone())],
        })
    }

    async fn delete(&self, key: &ObjectKey) -> Result<(), ObjectError> {
        let path = self.path(key)?;
        blocking(move || match fs::remove_file(&path) {
            Err(error) if !is_absent(&error) => Err(error),
            _ => Ok(()),
        })
        .await
    }
}

#[async_trait]
impl UploadDoor for FileObjects {
    async fn open(&self, token: &str, declared_bytes: Option<u64>) -> Result<Box<dyn Incoming>, UploadError> {
        let (path, promised) = self.opened(token)?;
        match declared_bytes {
            None => return Err(UploadError::LengthMissing),
            Some(bytes) if bytes != promised.bytes => return Err(UploadError::Length { promised: promised.bytes }),
            Some(_) => {}
        }
        let root = self.root.clone();
        let place = self.coming.take(&path).ok_or(UploadError::Busy)?;
        let incoming = blocking(move || IncomingFile::create(&root, &path, promised, place)).await?;
        Ok(Box::new(incoming))
    }
}

impl FileObjects {
    /// What a token lets its holder write, and where that goes: a whole object, or a part of one.
    fn opened(&self, token: &str) -> Result<(PathBuf, Promised), UploadError> {
        let now = self.clock.now();
        let refused = |error| match error {
            SignedUrlError::Forged => UploadError::Forged,
            SignedUrlError::Expired => UploadError::Expired,
        };
        match self.signer.verify_upload(token, now) {
            Ok((key, UploadTerms { bytes, sha256, content_type })) => {
                Ok((self.path(&key)?, Promised { bytes, sha256: Some(sha256), content_type }))
            }
            Err(SignedUrlError::Forged) => {
                let (key, number, bytes) = self.signer.verify_part(token, now).map_err(refused)?;
                let path = parts::path(&self.path(&key)?, number);
                Ok((path, Promised { bytes, sha256: None, content_type: String::new() }))
            }
            Err(error) => Err(refused(error)),
        }
    }
}

/// What stands before the content of an object's file.
fn head(content_type: &str) -> Vec<u8> {
    let mut head = FILE_MARK.to_vec();
    head.extend_from_slice(&(content_type.len() as u32).to_le_bytes());
    head.extend_from_slice(content_type.as_bytes());
    head
}

struct Opened {
    file: File,
    content_type: String,
    content_at: u64,
    bytes: u64,
}

impl Opened {
    fn open(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let mut head = [0; 12];
        file.read_exact(&mut head)?;
        let (mark, type_bytes) = head.split_at(FILE_MARK.len());
        let type_bytes = type_bytes.try_into().map(u32::from_le_bytes).unwrap_or_default();
        if mark != FILE_MARK {
            return Err(io::Error::other(format!("{} is not an object of ours", path.display())));
        }
        let mut content_type = String::new();
        file.by_ref().take(u64::from(type_bytes)).read_to_string(&mut content_type)?;
        let content_at = head.len() as u64 + u64::from(type_bytes);
        let bytes = file.metadata()?.len().saturating_sub(content_at);
        Ok(Self { file, content_type, content_at, bytes })
    }

    fn meta(self) -> ObjectMeta {
        ObjectMeta { bytes: self.bytes, content_type: self.content_type }
    }

    fn read(&self, offset: u64, length: u64) -> io::Result<Bytes> {
        let length = self.bytes.saturating_sub(offset).min(length);
        let mut content = BytesMut::zeroed(usize::try_from(length).map_err(io::Error::other)?);
        if length > 0 {
            self.file.read_exact_at(&mut content, self.content_at + offset)?;
        }
        Ok(content.freeze())
    }
}

/// What a killed process left unfinished.
fn remove_unfinished(root: &Path) -> io::Result<()> {
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(data_folder::TEMPORARY_PREFIX) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// A key below another object's name has no folder; that is an absent object too.
fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> Result<T, ObjectError> {
    let worked = tokio::task::spawn_blocking(work).await.map_err(|error| ObjectError::Failed(error.to_string()))?;
    worked.map_err(|error| match error.kind() {
        _ if is_absent(&error) => ObjectError::NotFound,
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => ObjectError::Full,
        _ => ObjectError::Failed(error.to_string()),
    })
}
