//! The inbox in its table: an entry is one item and its append one conditional put, with no read before it.
//!
//! So an append knows neither how far the inbox goes nor, but in the process that did it, whether its session was deleted: what comes then is
//! never read, and expires. The reader looks again and again, aiming at the next frame; who is to be woken meanwhile is told by the mark at
//! the inbox's end, which every look reads anyway.

use super::entry::{entry_item, lost_item, sort_key, standing, stored_of};
use super::item::{Item, item, number, values};
use super::keys::partition;
use super::look::{MARK, Mark, Place, Seen, Start, look, mark_of, run_text};
use super::reader::Reader;
use super::request::{Consistency, Given, Order, Range, Update};
use super::table::{Table, TableError, keys};
use crate::cloud::aws::Aws;
use crate::config::limits::{
    FEED_LOST_AT_ONCE_MAX, FEED_LOST_ATTEMPTS_MAX, FEED_LOST_ITEMS_MAX, FEED_READERS_MAX, INBOX_KEPT_MS, INBOX_SEQ_MAX,
    TOMBSTONE_KEPT_MS,
};
use crate::ports::clock::Clock;
use crate::ports::feed::{Appended, Entry, Feed, FeedError, FeedHead, FeedPage, SeqRange};
use crate::ports::ids::SessionKey;
use async_trait::async_trait;
use aws_sdk_dynamodb::types::AttributeValue;
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
        self.readers().get(key).is_some_and(Reader::is_deleted)
    }

    /// What the mark says, consistently.
    async fn mark(&self, key: &SessionKey, pk: &str) -> Result<Mark, FeedError> {
        let item = self.table.get(pk, MARK).await?;
        let mark = item.as_ref().map(mark_of).transpose()?.unwrap_or_default();
        self.with_reader(key, |reader| {
            reader.see_mark(&mark);
            if reader.is_deleted() { Err(FeedError::Deleted) } else { Ok(()) }
        })?;
        Ok(mark)
    }

    /// Where to look from, so that the head can be told of the whole inbox: where the last page ended, or where it was found whole. What is
    /// asked for may lie before that, where a successor hears audio again; how far the audio goes is known all the same.
    async fn place(&self, key: &SessionKey, pk: &str, after: u64) -> Result<(Place, Consistency), FeedError> {
        if after == 0 {
            return Ok((Place::default(), Consistency::Strong));
        }
        if let Some(at) = self.with_reader(key, |reader| reader.place(after)) {
            return Ok((at, Consistency::Eventual));
        }
        let whole = self.mark(key, pk).await?.whole;
        Ok((Place { seq: whole.seq.min(after), ..whole }, Consistency::Strong))
    }

    /// Looks for what follows `after`, and puts down on the mark what whoever reads next has to know.
    async fn look(
        &self,
        key: &SessionKey,
        pk: &str,
        (from, after): (Place, u64),
        consistency: Consistency,
    ) -> Result<(), FeedError> {
        let lost = self.with_reader(key, |reader| reader.lost().to_vec());
        let start = Start { from, lost: &lost, after: Some(after) };
        let mut seen = look(&self.table, pk, start, consistency).await?;
        if consistency == Consistency::Eventual && self.with_reader(key, |reader| reader.doubts(&seen)) {
            seen = look(&self.table, pk, start, Consistency::Strong).await?;
        }
        if seen.mark.deleted {
            self.with_reader(key, Reader::delete);
            return Err(FeedError::Deleted);
        }
        self.note_lost(key, pk, &seen).await?;
        let now_ms = self.elapsed_ms();
        let whole = self.with_reader(key, |reader| {
            reader.see(seen, after, now_ms);
            reader.take_note()
        });
        if let Some(whole) = whole
            && let Err(error) = self.note_whole(pk, whole).await
        {
            tracing::debug!(%error, "how far an inbox is whole was not noted; the next note will tell");
        }
        Ok(())
    }

    /// Puts down runs that are lost, before anyone can stand in their middle.
    async fn note_lost(&self, key: &SessionKey, pk: &str, seen: &Seen) -> Result<(), FeedError> {
        let runs = self.with_reader(key, |reader| reader.unnoted(seen));
        if runs.is_empty() {
            return Ok(());
        }
        let update = Update {
            pk,
            sk: MARK,
            change: "SET #ttl = :ttl ADD #lost :lost",
            condition: Some("attribute_not_exists(#gone)"),
            values: values([
                ("lost", AttributeValue::Ss(runs.iter().copied().map(run_text).collect())),
                ("ttl", self.table.ttl(INBOX_KEPT_MS)),
            ]),
        };
        if_it_holds(self.table.update(update, Given::After).await)?;
        self.with_reader(key, |reader| reader.see_mark(&Mark { lost: runs, ..seen.mark.clone() }));
        Ok(())
    }

    /// Notes now and then how far the inbox was found whole, so that nobody counts it again.
    async fn note_whole(&self, pk: &str, Place { seq, media_ms }: Place) -> Result<(), TableError> {
        let update = Update {
            pk,
            sk: MARK,
            change: "SET #whole = :seq, #media = :media, #ttl = :ttl",
            condition: Some("attribute_not_exists(#gone) AND (attribute_not_exists(#whole) OR #whole < :seq)"),
            values: values([("seq", number(seq)), ("media", number(media_ms)), ("ttl", self.table.ttl(INBOX_KEPT_MS))]),
        };
        if_it_holds(self.table.update(update, Given::After).await)
    }

    /// Declares numbers lost, unless something is at the first of them.
    async fn lose(&self, pk: &str, seqs: SeqRange) -> Result<bool, TableError> {
        let item = lost_item(pk, seqs, self.table.ttl(INBOX_KEPT_MS));
        match self.put_new(item).await {
            Ok(()) => Ok(true),
            Err(TableError::Refused(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn lose_one_by_one(&self, pk: &str, seqs: SeqRange) -> Result<(), TableError> {
        let losing = (seqs.from_seq..=seqs.through_seq)
            .map(|seq| async move { self.lose(pk, SeqRange { from_seq: seq, through_seq: seq }).await.map(drop) });
        futures::stream::iter(losing).buffer_unordered(FEED_LOST_AT_ONCE_MAX).try_collect().await
    }

    /// The parts of a range in which nothing is stored.
    async fn gaps(&self, pk: &str, seqs: SeqRange) -> Result<Vec<SeqRange>, TableError> {
        let (mut gaps, mut next_seq) = (Vec::new(), seqs.from_seq);
        for item in self.table.all(&entries(pk, seqs, None)).await? {
            let SeqRange { from_seq, through_seq } = stored_of(&item)?.seqs;
            if from_seq > next_seq {
                gaps.push(SeqRange { from_seq: next_seq, through_seq: from_seq - 1 });
            }
            next_seq = next_seq.max(through_seq + 1);
        }
        if next_seq <= seqs.through_seq {
            gaps.push(SeqRange { from_seq: next_seq, through_seq: seqs.through_seq });
        }
        Ok(gaps)
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
        if let Some(page) = self.with_reader(key, |reader| reader.read_ahead(after, limit)) {
            return Ok(page);
        }
        let pk = partition(key);
        let deadline_ms = self.elapsed_ms().saturating_add(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
        let (from, mut consistency) = self.place(key, &pk, after).await?;
        if wait.is_zero() {
            consistency = Consistency::Strong;
        }
        loop {
            let mut stored = pin!(self.stored.notified());
            stored.as_mut().enable();
            self.look(key, &pk, (from, after), consistency).await?;
            if let Some(page) = self.with_reader(key, |reader| reader.news(after, limit)) {
                return Ok(page);
            }
            let now_ms = self.elapsed_ms();
            if now_ms >= deadline_ms {
                return Ok(self.with_reader(key, Reader::nothing));
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
        let Mark { whole, lost, .. } = self.mark(key, &pk).await?;
        let start = Start { from: whole, lost: &lost, after: None };
        Ok(look(&self.table, &pk, start, Consistency::Strong).await?.head)
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
        // The reader of one that was deleted finds out by its mark.
        Ok(if_it_holds(self.table.update(update, Given::After).await)?)
    }

    async fn fill_lost(&self, key: &SessionKey, seqs: SeqRange) -> Result<(), FeedError> {
        let pk = partition(key);
        let is_short = |range: &SeqRange| range.through_seq.saturating_sub(range.from_seq) < FEED_LOST_ITEMS_MAX;
        if is_short(&seqs) {
            return Ok(self.lose_one_by_one(&pk, seqs).await?);
        }
        for _ in 0..FEED_LOST_ATTEMPTS_MAX {
            let mut is_filled = true;
            for gap in self.gaps(&pk, seqs).await? {
                if is_short(&gap) {
                    self.lose_one_by_one(&pk, gap).await?;
                } else {
                    // Otherwise its first number has come after all; the rest has not.
                    is_filled &= self.lose(&pk, gap).await?;
                }
            }
            if is_filled {
                return Ok(());
            }
        }
        Err(FeedError::Failed("what is declared lost still arrives".to_owned()))
    }

    async fn delete(&self, key: &SessionKey) -> Result<(), FeedError> {
        let pk = partition(key);
        let mut mark = keys(&pk, MARK);
        mark.extend(item([("gone", Some(number(1))), ("ttl", Some(self.table.ttl(TOMBSTONE_KEPT_MS)))]));
        self.table.put(mark, None, None).await?;
        self.with_reader(key, Reader::delete);
        let all = SeqRange { from_seq: 0, through_seq: INBOX_SEQ_MAX };
        let entries = self.table.all(&entries(&pk, all, Some("#pk, #sk"))).await?;
        Ok(self.table.remove_all(entries).await?)
    }
}

fn entries<'r>(pk: &'r str, seqs: SeqRange, wanted: Option<&'r str>) -> Range<'r> {
    Range {
        pk,
        from: sort_key(seqs.from_seq),
        through: sort_key(seqs.through_seq),
        order: Order::Ascending,
        consistency: Consistency::Strong,
        limit: None,
        wanted,
    }
}

/// A change that is not to be made where its condition does not hold.
fn if_it_holds(updated: Result<Item, TableError>) -> Result<(), TableError> {
    match updated {
        Ok(_) | Err(TableError::Refused(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

impl From<TableError> for FeedError {
    fn from(error: TableError) -> Self {
        Self::Failed(error.to_string())
    }
}
