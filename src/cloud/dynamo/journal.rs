//! The journal in the table of sessions: row, log and snapshot of a session in one partition.
//!
//! Who may append is not asked of the row: the key decides. What a writer knows of its log's head is remembered, so that a commit is one
//! request.

use super::due;
use super::item::{Item, number, text, values};
use super::keys::partition;
use super::log::{self, LogEnd, Put};
use super::request::{Given, Update};
use super::row::{ROW, due_partition, new_item, row_of, state_text};
use super::snapshot;
use super::table::{Table, TableError};
use crate::cloud::aws::Aws;
use crate::config::limits::{
    DYNAMO_DUE_AHEAD_MS, DYNAMO_DUE_AHEAD_MS_MIN, DYNAMO_HEADS_MAX, SESSION_ROW_KEPT_MS, TOMBSTONE_KEPT_MS,
};
use crate::ports::clock::{Clock, UnixMs};
use crate::ports::ids::{ConnectionId, SessionKey, WorkerId};
use crate::ports::journal::{
    AppendError, Created, Journal, JournalError, Record, STORED_VERSION, SessionKind, SessionRow, SessionState,
    Snapshot, TakeError,
};
use async_trait::async_trait;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// That nothing may change a row that is gone.
const NOT_DELETED: &str = "attribute_exists(#pk) AND #state <> :deleted";

#[derive(Debug)]
pub struct DynamoJournal {
    table: Table,
    known: Mutex<HashMap<SessionKey, Known>>,
}

/// What this process's own writes tell of a session.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
    /// The log's head at some moment; what is older is refused by its key.
    head_seq: Option<u64>,
    /// Where the row stands in the index of what is due.
    due_ms: Option<u64>,
}

impl DynamoJournal {
    pub fn new(aws: &Aws, table: &str, clock: Arc<dyn Clock>) -> Self {
        Self { table: Table::new(aws, table, clock), known: Mutex::default() }
    }

    /// Changes a row that is there and not deleted; `None`: `condition` does not hold.
    async fn change(&self, change: Change<'_>) -> Result<Result<SessionRow, SessionRow>, JournalError> {
        let Change { key, change, condition, mut values, given } = change;
        values.insert(":deleted".into(), text(state_text(SessionState::Deleted)));
        let condition = [NOT_DELETED, condition].join(" AND ");
        let pk = partition(key);
        let condition = Some(condition.trim_end_matches(" AND "));
        match self.table.update(Update { pk: &pk, sk: ROW, change, condition, values }, given).await {
            Ok(item) => Ok(Ok(row_of(&item)?)),
            Err(TableError::Refused(there)) => Ok(Err(standing(there)?)),
            Err(error) => Err(error.into()),
        }
    }

    /// The head that a writer of `first_seq` writes after, read where it is not known.
    async fn check_head(&self, key: &SessionKey, pk: &str, first_seq: u64) -> Result<(), AppendError> {
        let known = self.known().get(key).and_then(|known| known.head_seq);
        if known.is_some_and(|head_seq| head_seq + 1 == first_seq) {
            return Ok(());
        }
        let end = async { Ok(log::end(&self.table, pk).await?) };
        let (row, end) = futures::future::try_join(self.row(key), end).await?;
        let row = row.ok_or(JournalError::Unknown)?;
        let LogEnd::Head(head_seq) = end else { return Err(JournalError::Deleted.into()) };
        if row.state == SessionState::Deleted {
            return Err(JournalError::Deleted.into());
        }
        if first_seq <= head_seq {
            let writer = log::writer_at(&self.table, pk, first_seq).await.map_err(JournalError::from)?;
            return Err(AppendError::Taken { writer, head_seq });
        }
        if first_seq > head_seq + 1 {
            let message = format!("the log's head is {head_seq}; {first_seq} does not follow");
            return Err(JournalError::Failed(message).into());
        }
        Ok(())
    }

    fn remember(&self, key: &SessionKey, change: impl FnOnce(&mut Known)) {
        let mut known = self.known();
        if known.len() >= DYNAMO_HEADS_MAX && !known.contains_key(key) {
            known.clear();
        }
        change(known.entry(key.clone()).or_default());
    }

    fn forget(&self, key: &SessionKey) {
        self.known().remove(key);
    }

    fn known(&self) -> MutexGuard<'_, HashMap<SessionKey, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A change of a row under a condition on top of [`NOT_DELETED`]; "": no further one.
struct Change<'c> {
    key: &'c SessionKey,
    change: &'c str,
    condition: &'c str,
    values: Item,
    given: Given,
}

#[async_trait]
impl Journal for DynamoJournal {
    async fn create(&self, key: &SessionKey, kind: SessionKind, now: UnixMs) -> Result<Created, JournalError> {
        let row = new_item(&partition(key), kind, now, self.table.ttl(SESSION_ROW_KEPT_MS));
        let created = row_of(&row)?;
        let free = "attribute_not_exists(#pk) OR #ttl <= :now";
        match self.table.put(row, Some(free), Some(values([("now", number(self.table.now_seconds()))]))).await {
            Ok(()) => Ok(Created::New(created)),
            Err(TableError::Refused(Some(item))) => existing(row_of(&item)?),
            Err(error) => Err(error.into()),
        }
    }

    async fn row(&self, key: &SessionKey) -> Result<Option<SessionRow>, JournalError> {
        let item = self.table.get(&partition(key), ROW).await?;
        Ok(item.map(|item| row_of(&item)).transpose()?)
    }

    async fn take(
        &self,
        key: &SessionKey,
        worker: &WorkerId,
        epoch_seen: u64,
        now: UnixMs,
        lease_until: UnixMs,
    ) -> Result<SessionRow, TakeError> {
        let taken = self.change(Change {
            key,
            change: "SET #epoch = :epoch, #owner = :owner, #leaseUntil = :until, #duePk = :duePk, #dueAt = :until, #ttl = :ttl \
                     REMOVE #due",
            condition: "#epoch = :seen AND #leaseUntil <= :now",
            values: values([
                ("epoch", number(epoch_seen + 1)),
                ("owner", text(worker.as_str())),
                ("until", number(lease_until.0)),
                ("duePk", text(due_partition(&partition(key)))),
                ("ttl", self.table.ttl(SESSION_ROW_KEPT_MS)),
                ("seen", number(epoch_seen)),
                ("now", number(now.0)),
            ]),
            given: Given::After,
        });
        let row = match taken.await? {
            Ok(row) => row,
            // The answer to our first try was lost.
            Err(row) if row.epoch == epoch_seen + 1 && row.owner.as_ref() == Some(worker) => row,
            Err(row) => return Err(TakeError::Held { epoch: row.epoch }),
        };
        self.remember(key, |known| known.due_ms = Some(lease_until.0));
        Ok(row)
    }

    async fn renew(
        &self,
        key: &SessionKey,
        worker: &WorkerId,
        epoch: u64,
        lease_until: UnixMs,
    ) -> Result<SessionRow, TakeError> {
        let due_ms = self.known().get(key).and_then(|known| known.due_ms);
        let moves = due_ms.is_none_or(|due_ms| due_ms < lease_until.plus_ms(DYNAMO_DUE_AHEAD_MS_MIN).0);
        let ahead = lease_until.plus_ms(DYNAMO_DUE_AHEAD_MS);
        let mut values =
            values([("until", number(lease_until.0)), ("epoch", number(epoch)), ("owner", text(worker.as_str()))]);
        let change = if moves { "SET #leaseUntil = :until, #dueAt = :ahead" } else { "SET #leaseUntil = :until" };
        if moves {
            values.insert(":ahead".into(), number(ahead.0));
        }
        let condition = "#epoch = :epoch AND #owner = :owner";
        let renewed = self.change(Change { key, change, condition, values, given: Given::After }).await;
        match renewed {
            Ok(Ok(row)) => {
                if moves {
                    self.remember(key, |known| known.due_ms = Some(ahead.0));
                }
                Ok(row)
            }
            Ok(Err(row)) => Err(TakeError::Held { epoch: row.epoch }),
            Err(error) => Err(error.into()),
        }
    }

    async fn release(
        &self,
        key: &SessionKey,
        worker: &WorkerId,
        epoch: u64,
        state: SessionState,
        due_at: Option<UnixMs>,
    ) -> Result<(), JournalError> {
        let pk = partition(key);
        let mut change = "SET #leaseUntil = :free, #state = :state, #ttl = :ttl".to_owned();
        let mut values = values([
            ("free", number(0)),
            ("state", text(state_text(state))),
            ("ttl", self.table.ttl(SESSION_ROW_KEPT_MS)),
            ("epoch", number(epoch)),
            ("owner", text(worker.as_str())),
            ("deleted", text(state_text(SessionState::Deleted))),
        ]);
        if let Some(due_at) = due_at {
            change.push_str(", #due = :due");
            values.insert(":due".into(), number(due_at.0));
        }
        if state == SessionState::Open {
            change.push_str(", #dueAt = :dueAt");
            values.insert(":dueAt".into(), number(due_at.unwrap_or(self.table.now()).0));
        }
        change.push_str(" REMOVE #owner");
        if due_at.is_none() {
            change.push_str(", #due");
        }
        if state != SessionState::Open {
            change.push_str(", #duePk, #dueAt");
        }
        let condition = "#epoch = :epoch AND #owner = :owner AND #state <> :deleted";
        let update = Update { pk: &pk, sk: ROW, change: &change, condition: Some(condition), values };
        let released = self.table.update(update, Given::After).await;
        self.forget(key);
        match released {
            Ok(_) | Err(TableError::Refused(Some(_))) => Ok(()),
            Err(TableError::Refused(None)) => Err(JournalError::Unknown),
            Err(error) => Err(error.into()),
        }
    }

    async fn bind(
        &self,
        key: &SessionKey,
        connection: &ConnectionId,
        bound_head_seq: u64,
    ) -> Result<Option<SessionRow>, JournalError> {
        let bound = self.change(Change {
            key,
            change: "SET #connection = :connection, #boundHeadSeq = :head ADD #bindNo :one REMOVE #unboundSince",
            condition: "",
            values: values([
                ("connection", text(connection.as_str())),
                ("head", number(bound_head_seq)),
                ("one", number(1)),
            ]),
            given: Given::Before,
        });
        match bound.await {
            Ok(Ok(before)) => Ok(Some(before)),
            Ok(Err(_)) => Err(JournalError::Failed("a row was there and was not".into())),
            Err(JournalError::Unknown) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn unbind(&self, key: &SessionKey, connection: &ConnectionId, now: UnixMs) -> Result<(), JournalError> {
        let unbound = self.change(Change {
            key,
            change: "SET #unboundSince = :now REMOVE #connection",
            condition: "#connection = :connection",
            values: values([("now", number(now.0)), ("connection", text(connection.as_str()))]),
            given: Given::After,
        });
        match unbound.await {
            Ok(_) | Err(JournalError::Unknown | JournalError::Deleted) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn append(&self, key: &SessionKey, record: Record) -> Result<(), AppendError> {
        let pk = partition(key);
        self.check_head(key, &pk, record.first_seq).await?;
        match log::put(&self.table, &pk, &record).await? {
            Put::Stored => {
                let head_seq = Some(record.last_seq);
                self.remember(key, |known| known.head_seq = known.head_seq.max(head_seq));
                Ok(())
            }
            Put::Stone => {
                self.forget(key);
                Err(JournalError::Deleted.into())
            }
            Put::Taken(writer) => {
                self.forget(key);
                match log::end(&self.table, &pk).await.map_err(JournalError::from)? {
                    LogEnd::Head(head_seq) => Err(AppendError::Taken { writer, head_seq }),
                    LogEnd::Stone => Err(JournalError::Deleted.into()),
                }
            }
        }
    }

    async fn records_after(&self, key: &SessionKey, after: u64, limit: usize) -> Result<Vec<Record>, JournalError> {
        let (records, _) = log::records_after(&self.table, &partition(key), after, limit).await?;
        Ok(records)
    }

    async fn trim(&self, key: &SessionKey, before: UnixMs, through_seq: u64) -> Result<(), JournalError> {
        Ok(log::trim(&self.table, &partition(key), before, through_seq).await?)
    }

    async fn head_seq(&self, key: &SessionKey) -> Result<u64, JournalError> {
        Ok(match log::end(&self.table, &partition(key)).await? {
            LogEnd::Head(head_seq) => head_seq,
            LogEnd::Stone => 0,
        })
    }

    async fn save_snapshot(&self, key: &SessionKey, snapshot: Snapshot) -> Result<(), JournalError> {
        snapshot::save(&self.table, &partition(key), &snapshot).await
    }

    async fn snapshot(&self, key: &SessionKey) -> Result<Option<Snapshot>, JournalError> {
        snapshot::load(&self.table, &partition(key)).await
    }

    async fn due(&self, now: UnixMs, limit: usize) -> Result<Vec<SessionKey>, JournalError> {
        Ok(due::sessions(&self.table, now, limit).await?)
    }

    async fn delete(&self, key: &SessionKey) -> Result<(), JournalError> {
        let pk = partition(key);
        self.forget(key);
        // Also what was never heard of stays gone: its first message may be on its way.
        let tombstone = Update {
            pk: &pk,
            sk: ROW,
            change: "SET #state = :deleted, #ttl = :ttl, #leaseUntil = :zero, #kind = if_not_exists(#kind, :kind), \
                     #epoch = if_not_exists(#epoch, :zero), #bindNo = if_not_exists(#bindNo, :zero), \
                     #boundHeadSeq = if_not_exists(#boundHeadSeq, :zero), #created = if_not_exists(#created, :now), \
                     #storedVersion = if_not_exists(#storedVersion, :version) \
                     REMOVE #owner, #connection, #due, #duePk, #dueAt",
            condition: None,
            values: values([
                ("deleted", text(state_text(SessionState::Deleted))),
                ("ttl", self.table.ttl(TOMBSTONE_KEPT_MS)),
                ("zero", number(0)),
                ("kind", text(super::row::kind_text(SessionKind::Interview))),
                ("now", number(self.table.now().0)),
                ("version", number(u64::from(STORED_VERSION))),
            ]),
        };
        self.table.update(tombstone, Given::After).await?;
        log::remove(&self.table, &pk).await?;
        Ok(snapshot::remove(&self.table, &pk).await?)
    }
}

fn existing(row: SessionRow) -> Result<Created, JournalError> {
    match row.state {
        SessionState::Deleted => Err(JournalError::Deleted),
        SessionState::Open | SessionState::Finished | SessionState::Abandoned => Ok(Created::Existing(row)),
    }
}

/// The row that refused a change, unless it is none or a tombstone.
fn standing(there: Option<Item>) -> Result<SessionRow, JournalError> {
    let row = row_of(&there.ok_or(JournalError::Unknown)?)?;
    if row.state == SessionState::Deleted {
        return Err(JournalError::Deleted);
    }
    Ok(row)
}

impl From<TableError> for JournalError {
    fn from(error: TableError) -> Self {
        Self::Failed(error.to_string())
    }
}
