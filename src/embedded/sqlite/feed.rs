//! The feed, kept by the inboxes.

use super::Store;
use crate::ports::feed::{Appended, Entry, Feed, FeedError, FeedHead, FeedPage, SeqRange};
use crate::ports::ids::SessionKey;
use async_trait::async_trait;
use std::time::Duration;

#[async_trait]
impl Feed for Store {
    async fn append(&self, key: &SessionKey, seq: u64, entry: Entry) -> Result<Appended, FeedError> {
        self.inboxes.append(key, seq, entry).await
    }

    async fn read_after(
        &self,
        key: &SessionKey,
        after: u64,
        limit: usize,
        wait: Duration,
    ) -> Result<FeedPage, FeedError> {
        self.inboxes.read_after(key, after, limit, wait).await
    }

    async fn head(&self, key: &SessionKey) -> Result<FeedHead, FeedError> {
        self.inboxes.head(key).await
    }

    async fn nudge(&self, key: &SessionKey) -> Result<(), FeedError> {
        self.inboxes.nudge(key);
        Ok(())
    }

    async fn fill_lost(&self, key: &SessionKey, seqs: SeqRange) -> Result<(), FeedError> {
        self.inboxes.fill_lost(key, seqs).await
    }

    async fn delete(&self, key: &SessionKey) -> Result<(), FeedError> {
        self.inboxes.delete(key).await
    }
}
