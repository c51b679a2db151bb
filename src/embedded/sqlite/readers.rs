//! A few connections that only read, beside the one that writes; each query runs on a blocking thread.

use super::error::DbError;
use crate::config::limits::STORE_READERS;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use tokio::sync::Semaphore;

#[derive(Debug)]
pub(super) struct Readers {
    path: PathBuf,
    idle: std::sync::Arc<Mutex<Vec<Connection>>>,
    permits: Semaphore,
}

impl Readers {
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), idle: Default::default(), permits: Semaphore::new(STORE_READERS) }
    }

    pub(super) async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, DbError> + Send + 'static,
    ) -> Result<T, DbError> {
        let _permit = self.permits.acquire().await.map_err(|error| DbError::Failed(error.to_string()))?;
        let path = self.path.clone();
        let idle = std::sync::Arc::clone(&self.idle);
        let work = tokio::task::spawn_blocking(move || {
            let kept = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let db = match kept {
                Some(db) => db,
                None => super::open_reading(&path)?,
            };
            let answer = query(&db);
            idle.lock().unwrap_or_else(PoisonError::into_inner).push(db);
            answer
        });
        work.await.map_err(|error| DbError::Failed(error.to_string()))?
    }
}
