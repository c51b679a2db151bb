//! The inbox in its table: an entry is one item and its append one conditional put, with no read before it.
//!
//! So an append knows neither how far the inbox goes nor, but in the process that did it, whether its session was deleted: what comes then is
//! never read, and expires. The reader looks again and again, aiming at the next frame; who is to be woken meanwhile is told by the mark at
//! the inbox's end, which every look reads anyway.

use super::entry::{entry_item, lost_item, sort_key, standing};
use super::item::{Item, item, number, values};
use super::keys::partition;
use super::look::{self, MARK, Mark, Place, Seen, mark_of};
use super::pace::Pace;
use super::request::{Consistency, Given, Order, Range, Update};
use super::table::{Table, TableError};
use crate::cloud::aws::Aws;
use crate::config::limits::{
    FEED_CHECKPOINT_ENTRIES, FEED_LOST_AT_ONCE_MAX, FEED_LOST_ATTEMPTS_MAX, FEED_LOST_ITEMS_MAX, FEED_READERS_MAX,
    INBOX_KEPT_MS, INBOX_SEQ_MAX, TOMBSTONE_KEPT_MS,
};
use crate::ports::clock::Clock;
use crate::ports::feed::{Appended, Entry, Feed, FeedError, FeedHead, FeedPage, SeqRange};
use crate::ports::ids::SessionKey;
use async_trait::async_trait;
use futures::{StreamExt as _, TryStreamExt as _};
use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

#[derive(Debug)]
pub struct DynamoFeed {
    table: Table,
    /// Waits count from here; the clock of the product may stand still in a test.
    started: Instant,
    readers: Mutex<HashMap<SessionKey, Reader>>,
    /// Something was stored by this very process: its readers need not wait to find out.
    stored: Notify,
}

/// What one reader of this process knows of its inbox.
#[derive(Clone, Debug, Default)]
struct Reader {
    deleted: bool,
    /// Where the last page ended.
    at: Place,
    nudges: Option<u64>,
    missing: Vec<SeqRange>,
    whole: Place,
    pace: Pace,
    /// What was found beyond the last page.
    ahead: Seen,
}

impl DynamoFeed {
    #[expect(clippy::disallowed_methods, reason = "how long to wait for the next look; no decision rests on it")]
    pub fn new(aws: &Aws, table: &str, clock: Arc<dyn Clock>) -> Self {
        Self {
            table: Table::new(aws, table, clock),
            started: Instant::now(),
            readers: Mutex::default(),
            stored: Notify::new(),
        }
    }

    fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn readers(&self) -> MutexGuard<'_, HashMap<SessionKey, Reader>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with_reader<T>(&self, key: &SessionKey, does: impl FnOnce(&mut Reader) -> T) -> T {
        let mut readers = self.readers();
        if readers.len() >= FEED_READERS_MAX && !readers.contains_key(key) {
            readers.clear();
        }
        does(readers.entry(key.clone()).or_default())
    }

    fn known_deleted(&self, key: &SessionKey) -> bool {
        self.readers().get(key).is_some_and(|reader| reader.deleted)
    }

    async fn mark(&self, pk: &str) -> Result<Mark, FeedError> {
        let item = self.table.get(pk, MARK).await?;
        Ok(item.as_ref().map(mark_of).transpose()?.unwrap_or_default())
    }

    /// Where to look from, so that the head can be told of the whole inbox: where the last page ended, or where it was found whole. What is
    /// asked for may lie before that, where a successor hears audio again; how far the audio goes is known all the same.
    async fn place(&self, key: &SessionKey, pk: &str, after: u64) -> Result<(Place, Consistency), FeedError> {
        if after == 0 {
            return Ok((Place::default(), Consistency::Strong));
        }
        let known =
            self.with_reader(key, |reader| (reader.nudges.is_some() && reader.at.seq == after).then_some(reader.at));
        if let Some(at) = known {
            return Ok((at, Consistency::Eventual));
        }
        let whole = self.mark(pk).await?.whole;
        Ok((Place { seq: whole.seq.min(after), ..whole }, Consistency::Strong))
    }

    /// Takes what a look found into what the reader knows. Whether that is worth telling.
    fn note(&self, key: &SessionKey, after: u64, seen: Seen) -> Result<(FeedPage, bool), FeedError> {
        let now_ms = self.elapsed_ms();
        self.with_reader(key, |reader| {
            let mut nudged = false;
            if let Some(mark) = seen.mark {
                reader.deleted |= mark.deleted;
                nudged = reader.nudges.is_some_and(|nudges| mark.nudges > nudges);
                reader.nudges = Some(reader.nudges.unwrap_or(0).max(mark.nudges));
                if mark.whole.seq > reader.whole.seq {
                    reader.whole = mark.whole;
                }
            }
            if reader.deleted {
                return Err(FeedError::Deleted);
            }
            let new_hole = seen.head.missing.iter().any(|range| !reader.missing.contains(range));
            reader.missing.clone_from(&seen.head.missing);
            let came = seen.head.through_seq.saturating_sub(after);
            if came > 0 {
                reader.pace.came(came, now_ms);
            }
            let page = FeedPage { entries: Vec::new(), head: seen.head.clone(), nudged };
            reader.ahead = seen;
            Ok((page, nudged || new_hole || came > 0))
        })
    }

    /// The next entries of what was read ahead.
    fn next(&self, key: &SessionKey, after: u64, limit: usize) -> Option<Vec<(u64, Entry)>> {
        self.with_reader(key, |reader| {
            let mut entries = Vec::new();
            let mut media_ms = if reader.at.seq == after { reader.at.media_ms } else { reader.whole.media_ms };
            'all: for stored in &reader.ahead.entries {
                for seq in stored.seqs.from_seq.max(after + 1)..=stored.seqs.through_seq {
                    if entries.len() == limit || seq != after + 1 + entries.len() as u64 {
                        break 'all;
                    }
                    if let Entry::Audio { media_ms: ms, .. } = &stored.entry {
                        media_ms = media_ms.max(*ms);
                    }
                    entries.push((seq, stored.entry.clone()));
                }
            }
            let (last, _) = entries.last()?;
            reader.at = Place { seq: *last, media_ms };
            let through = reader.at.seq;
            reader.ahead.entries.retain(|stored| stored.seqs.through_seq > through);
            Some(entries)
        })
    }

    /// Notes now and then how far the inbox was found whole, so that nobody counts it again.
    async fn checkpoint(&self, key: &SessionKey, pk: &str) -> Result<(), FeedError> {
        let place = self.with_reader(key, |reader| {
            let due = reader.at.seq >= reader.whole.seq + FEED_CHECKPOINT_ENTRIES;
            due.then(|| {
                reader.whole = reader.at;
                reader.at
            })
        });
        let Some(Place { seq, media_ms }) = place else { return Ok(()) };
        let update = Update {
            pk,
            sk: MARK,
            change: "SET #whole = :seq, #media = :media, #ttl = :ttl",
            condition: Some("attribute_not_exists(#gone) AND (attribute_not_exists(#whole) OR #whole < :seq)"),
            values: values([("seq", number(seq)), ("media", number(media_ms)), ("ttl", self.table.ttl(INBOX_KEPT_MS))]),
        };
        match self.table.update(update, Given::After).await {
            Ok(_) | Err(TableError::Refused(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Declares one number lost, unless something is there.
    async fn lose(&self, pk: &str, seqs: SeqRange) -> Result<bool, FeedError> {
        let item = lost_item(pk, seqs, self.table.ttl(INBOX_KEPT_MS));
        match self.put_new(item).await {
            Ok(()) => Ok(true),
            Err(TableError::Refused(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Puts an item where nothing is that has not expired.
    async fn put_new(&self, item: Item) -> Result<(), TableError> {
        let free = "attribute_not_exists(#pk) OR #ttl <= :now";
        let now = values([("now", number(self.table.now_seconds()))]);
        self.table.put(item, Some(free), Some(now)).await
    }
}

#[async_trait]
impl Feed for DynamoFeed {
    async fn append(&self, key: &SessionKey, seq: u64, entry: Entry) -> Result<Appended, FeedError> {
        if self.known_deleted(key) {
            return Err(FeedError::Deleted);
        }
        if seq == 0 || seq > INBOX_SEQ_MAX {
            return Err(FeedError::Failed(format!("{seq} is no number of an entry")));
        }
        let item = entry_item(&partition(key), seq, &entry, self.table.ttl(INBOX_KEPT_MS));
        match self.put_new(item).await {
            Ok(()) => {
                self.stored.notify_waiters();
                Ok(Appended::New)
            }
            Err(TableError::Refused(Some(there))) => Ok(standing(&there, &entry)?),
            Err(TableError::Refused(None)) => Err(FeedError::Failed("an entry was there and was not".to_owned())),
            Err(error) => Err(error.into()),
        }
    }

    async fn read_after(
        &self,
        key: &SessionKey,
        after: u64,
        limit: usize,
        wait: Duration,
    ) -> Result<FeedPage, FeedError> {
        if self.known_deleted(key) {
            return Err(FeedError::Deleted);
        }
        let pk = partition(key);
        let head = self.with_reader(key, |reader| reader.ahead.head.clone());
        if let Some(entries) = self.next(key, after, limit) {
            self.checkpoint(key, &pk).await?;
            return Ok(FeedPage { entries, head, nudged: false });
        }
        let deadline_ms = self.elapsed_ms().saturating_add(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
        let (from, mut consistency) = self.place(key, &pk, after).await?;
        loop {
            let mut stored = pin!(self.stored.notified());
            stored.as_mut().enable();
            let seen = look::after(&self.table, &pk, from, consistency).await?;
            let (mut page, telling) = self.note(key, after, seen)?;
            let now_ms = self.elapsed_ms();
            if telling || now_ms >= deadline_ms {
                page.entries = self.next(key, after, limit).unwrap_or_default();
                self.checkpoint(key, &pk).await?;
                return Ok(page);
            }
            let wait_ms = self.with_reader(key, |reader| reader.pace.wait_ms(now_ms)).min(deadline_ms - now_ms);
            tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(wait_ms)) => {}
                () = stored => {}
            }
            consistency = Consistency::Eventual;
        }
    }

    async fn head(&self, key: &SessionKey) -> Result<FeedHead, FeedError> {
        let pk = partition(key);
        let mark = self.mark(&pk).await?;
        if mark.deleted {
            self.with_reader(key, |reader| reader.deleted = true);
            return Err(FeedError::Deleted);
        }
        Ok(look::after(&self.table, &pk, mark.whole, Consistency::Strong).await?.head)
    }

    async fn nudge(&self, key: &SessionKey) -> Result<(), FeedError> {
        let pk = partition(key);
        let update = Update {
            pk: &pk,
            sk: MARK,
            change: "SET #ttl = :ttl ADD #nudges :one",
            condition: Some("attribute_not_exists(#gone)"),
            values: values([("one", number(1)), ("ttl", self.table.ttl(INBOX_KEPT_MS))]),
        };
        match self.table.update(update, Given::After).await {
            // The reader of one that was deleted finds out by its mark.
            Ok(_) | Err(TableError::Refused(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn fill_lost(&self, key: &SessionKey, seqs: SeqRange) -> Result<(), FeedError> {
        let pk = partition(key);
        let SeqRange { mut from_seq, through_seq } = seqs;
        if through_seq.saturating_sub(from_seq) < FEED_LOST_ITEMS_MAX {
            let losing = (from_seq..=through_seq).map(|seq| {
                let pk = &pk;
                async move { self.lose(pk, SeqRange { from_seq: seq, through_seq: seq }).await.map(drop) }
            });
            return futures::stream::iter(losing).buffer_unordered(FEED_LOST_AT_ONCE_MAX).try_collect().await;
        }
        for _ in 0..FEED_LOST_ATTEMPTS_MAX {
            if self.lose(&pk, SeqRange { from_seq, through_seq }).await? {
                return Ok(());
            }
            // It has come after all; the rest has not.
            from_seq += 1;
        }
        Err(FeedError::Failed("what is declared lost still arrives".to_owned()))
    }

    async fn delete(&self, key: &SessionKey) -> Result<(), FeedError> {
        let pk = partition(key);
        let mut mark = super::table::keys(&pk, MARK);
        mark.extend(item([("gone", Some(number(1))), ("ttl", Some(self.table.ttl(TOMBSTONE_KEPT_MS)))]));
        self.table.put(mark, None, None).await?;
        self.with_reader(key, |reader| reader.deleted = true);
        let range = Range {
            pk: &pk,
            from: sort_key(0),
            through: sort_key(INBOX_SEQ_MAX),
            order: Order::Ascending,
            consistency: Consistency::Strong,
            limit: None,
            wanted: Some("#pk, #sk"),
        };
        let entries = self.table.all(&range).await?;
        Ok(self.table.remove_all(entries).await?)
    }
}

impl From<TableError> for FeedError {
    fn from(error: TableError) -> Self {
        Self::Failed(error.to_string())
    }
}
