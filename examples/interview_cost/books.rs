//! Every port in memory, counting as AWS bills: a write by the KB begun, a read by the 4 KB begun, a message by the 32 KB begun.

use async_trait::async_trait;
use bytes::Bytes;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;
use viva::ports::budgets::{BudgetError, BudgetLimits, Budgets, Reserved, Spent, Totals};
use viva::ports::clock::{Clock, UnixMs};
use viva::ports::connections::{Connections, SendError};
use viva::ports::feed::{Appended, Entry, Feed, FeedError, FeedHead, FeedPage, SeqRange};
use viva::ports::ids::{
    AttemptId, ConnectionId, DocumentId, Ids, QuizId, SessionId, SessionKey, TenantId, UploadId, UserId, WorkerId,
};
use viva::ports::journal::{
    AppendError, Created, Journal, JournalError, Record, STORED_VERSION, SessionKind, SessionRow, SessionState,
    Snapshot, TakeError,
};
use viva::ports::metering::{Meter, Unit};
use viva::ports::objects::{ObjectError, ObjectKey, ObjectMeta, Objects, SignedUpload, UploadTerms};
use viva::ports::reports::{
    NewReview, Reports, ReportsError, Review, Reviewed, SessionSummary, SummaryPage, SummaryQuery,
};

/// A reader without news looks again after so long: about when the next message is due.
const POLL_MS: u64 = 100;
/// What stands beside an item's content.
const KEY_BYTES: usize = 100;
/// Keys and envelopes of a record's events are within their JSON; this is the rest of the item.
const RECORD_BYTES: usize = 200;

pub(crate) fn key() -> SessionKey {
    SessionKey::new(TenantId::new("default"), UserId::new("ann"), SessionId::new("hour"))
}

pub(crate) struct Books {
    began: Instant,
    meter: Arc<Meter>,
    state: Mutex<State>,
    said: Notify,
}

struct State {
    row: SessionRow,
    inbox: Vec<Entry>,
    media_ms: u64,
    records: Vec<Record>,
    mail: Vec<Arc<str>>,
}

impl Books {
    pub(crate) fn new() -> Arc<Self> {
        let row = SessionRow {
            kind: SessionKind::Interview,
            state: SessionState::Open,
            epoch: 0,
            owner: None,
            lease_until: UnixMs(0),
            connection: Some(ConnectionId::new("c1")),
            bind_no: 1,
            bound_head_seq: 0,
            unbound_since: None,
            due_at: None,
            created: BEGAN,
            stored_version: STORED_VERSION,
        };
        let state = State { row, inbox: Vec::new(), media_ms: 0, records: Vec::new(), mail: Vec::new() };
        Arc::new(Self { began: Instant::now(), meter: Arc::default(), state: Mutex::new(state), said: Notify::new() })
    }

    pub(crate) fn meter(&self) -> Arc<Meter> {
        Arc::clone(&self.meter)
    }

    /// The client's next message; what it costs, the worker derives.
    pub(crate) fn said(&self, entry: Entry) {
        let mut state = self.state();
        if let Entry::Audio { media_ms, .. } = &entry {
            state.media_ms = *media_ms;
        }
        state.inbox.push(entry);
        drop(state);
        self.said.notify_waiters();
    }

    pub(crate) fn take_mail(&self) -> Vec<Arc<str>> {
        std::mem::take(&mut self.state().mail)
    }

    pub(crate) fn events(&self) -> Vec<String> {
        self.state().records.iter().flat_map(|record| record.events.clone()).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn wrote(&self, bytes: usize) {
        self.meter.add(Unit::WriteUnits, bytes.div_ceil(1_024).max(1) as u64);
    }

    /// Consistently, as all that a worker rests on.
    fn read(&self, bytes: usize) {
        self.meter.add(Unit::HalfReadUnits, 2 * bytes.div_ceil(4_096).max(1) as u64);
    }

    fn head(state: &State) -> FeedHead {
        let through_seq = state.inbox.len() as u64;
        FeedHead { through_seq, head_seq: through_seq, missing: Vec::new(), media_ms: state.media_ms }
    }
}

fn entry_bytes(entry: &Entry) -> usize {
    KEY_BYTES
        + match entry {
            Entry::Audio { data, .. } => data.len(),
            Entry::Control { json } => json.len(),
            Entry::Refused { code } => code.len(),
        }
}

const BEGAN: UnixMs = UnixMs(1_800_000_000_000);

impl Clock for Books {
    fn now(&self) -> UnixMs {
        BEGAN.plus_ms(self.began.elapsed().as_millis() as u64)
    }
}

impl Ids for Books {
    fn connection(&self) -> ConnectionId {
        ConnectionId::new("c1")
    }

    fn worker(&self) -> WorkerId {
        WorkerId::new("w1")
    }

    fn document(&self) -> DocumentId {
        DocumentId::new("d1")
    }

    fn upload(&self) -> UploadId {
        UploadId::new("u1")
    }

    fn quiz(&self) -> QuizId {
        QuizId::new("q1")
    }

    fn attempt(&self) -> AttemptId {
        AttemptId::new("a1")
    }

    fn seed(&self) -> u64 {
        1
    }
}

#[async_trait]
impl Feed for Books {
    async fn append(&self, _: &SessionKey, _: u64, entry: Entry) -> Result<Appended, FeedError> {
        self.said(entry);
        Ok(Appended::New)
    }

    async fn read_after(
        &self,
        _: &SessionKey,
        after: u64,
        limit: usize,
        wait: Duration,
    ) -> Result<FeedPage, FeedError> {
        let until = Instant::now() + wait;
        loop {
            let page = {
                let state = self.state();
                let entries: Vec<(u64, Entry)> =
                    (after + 1..).zip(state.inbox.iter().skip(after as usize).take(limit).cloned()).collect();
                FeedPage { entries, head: Self::head(&state), nudged: false }
            };
            self.read(page.entries.iter().map(|(_, entry)| entry_bytes(entry)).sum());
            if !page.entries.is_empty() || Instant::now() >= until {
                return Ok(page);
            }
            tokio::time::sleep(Duration::from_millis(POLL_MS)).await;
        }
    }

    async fn head(&self, _: &SessionKey) -> Result<FeedHead, FeedError> {
        self.read(0);
        Ok(Self::head(&self.state()))
    }

    async fn nudge(&self, _: &SessionKey) -> Result<(), FeedError> {
        Ok(())
    }

    async fn fill_lost(&self, _: &SessionKey, _: SeqRange) -> Result<(), FeedError> {
        Ok(())
    }

    async fn delete(&self, _: &SessionKey) -> Result<(), FeedError> {
        Ok(())
    }
}

#[async_trait]
impl Journal for Books {
    async fn create(&self, _: &SessionKey, _: SessionKind, _: UnixMs) -> Result<Created, JournalError> {
        self.wrote(0);
        Ok(Created::Existing(self.state().row.clone()))
    }

    async fn row(&self, _: &SessionKey) -> Result<Option<SessionRow>, JournalError> {
        self.read(0);
        Ok(Some(self.state().row.clone()))
    }

    async fn take(
        &self,
        _: &SessionKey,
        worker: &WorkerId,
        _: u64,
        _: UnixMs,
        lease_until: UnixMs,
    ) -> Result<SessionRow, TakeError> {
        self.wrote(0);
        let row = &mut self.state().row;
        row.epoch += 1;
        row.owner = Some(worker.clone());
        row.lease_until = lease_until;
        Ok(row.clone())
    }

    async fn renew(&self, _: &SessionKey, _: &WorkerId, _: u64, lease_until: UnixMs) -> Result<SessionRow, TakeError> {
        self.wrote(0);
        let row = &mut self.state().row;
        row.lease_until = lease_until;
        Ok(row.clone())
    }

    async fn release(
        &self,
        _: &SessionKey,
        _: &WorkerId,
        _: u64,
        state: SessionState,
        _: Option<UnixMs>,
    ) -> Result<(), JournalError> {
        self.wrote(0);
        self.state().row.state = state;
        Ok(())
    }

    async fn bind(&self, _: &SessionKey, _: &ConnectionId, _: u64) -> Result<Option<SessionRow>, JournalError> {
        Ok(None)
    }

    async fn unbind(&self, _: &SessionKey, _: &ConnectionId, _: UnixMs) -> Result<(), JournalError> {
        Ok(())
    }

    async fn append(&self, _: &SessionKey, record: Record) -> Result<(), AppendError> {
        self.wrote(RECORD_BYTES + record.events.iter().map(String::len).sum::<usize>());
        self.state().records.push(record);
        Ok(())
    }

    async fn records_after(&self, _: &SessionKey, after: u64, limit: usize) -> Result<Vec<Record>, JournalError> {
        let state = self.state();
        let records: Vec<Record> =
            state.records.iter().filter(|record| record.last_seq > after).take(limit).cloned().collect();
        self.read(records.iter().flat_map(|record| &record.events).map(String::len).sum());
        Ok(records)
    }

    async fn trim(&self, _: &SessionKey, _: UnixMs, _: u64) -> Result<(), JournalError> {
        Ok(())
    }

    async fn head_seq(&self, _: &SessionKey) -> Result<u64, JournalError> {
        self.read(0);
        Ok(self.state().records.last().map_or(0, |record| record.last_seq))
    }

    async fn save_snapshot(&self, _: &SessionKey, snapshot: Snapshot) -> Result<(), JournalError> {
        self.wrote(snapshot.state.len());
        Ok(())
    }

    async fn snapshot(&self, _: &SessionKey) -> Result<Option<Snapshot>, JournalError> {
        self.read(0);
        Ok(None)
    }

    async fn due(&self, _: UnixMs, _: usize) -> Result<Vec<SessionKey>, JournalError> {
        Ok(Vec::new())
    }

    async fn delete(&self, _: &SessionKey) -> Result<(), JournalError> {
        Ok(())
    }
}

#[async_trait]
impl Connections for Books {
    async fn send(&self, _: &ConnectionId, text: Arc<str>) -> Result<(), SendError> {
        self.meter.add(Unit::MessagesOut, text.len().div_ceil(32 * 1_024).max(1) as u64);
        self.state().mail.push(text);
        Ok(())
    }

    async fn close(&self, _: &ConnectionId) -> Result<(), SendError> {
        Ok(())
    }
}

#[async_trait]
impl Objects for Books {
    async fn put(&self, _: &ObjectKey, _: &str, _: Bytes) -> Result<(), ObjectError> {
        self.meter.add(Unit::ObjectPuts, 1);
        Ok(())
    }

    async fn meta(&self, _: &ObjectKey) -> Result<Option<ObjectMeta>, ObjectError> {
        Ok(None)
    }

    async fn get(&self, _: &ObjectKey, _: u64, _: u64) -> Result<Bytes, ObjectError> {
        Err(ObjectError::NotFound)
    }

    async fn signed_url(&self, key: &ObjectKey, _: Duration) -> Result<String, ObjectError> {
        Ok(key.0.clone())
    }

    async fn signed_upload(&self, _: &ObjectKey, _: &UploadTerms, _: Duration) -> Result<SignedUpload, ObjectError> {
        Err(ObjectError::Failed("nobody uploads in an interview".into()))
    }

    async fn delete(&self, _: &ObjectKey) -> Result<(), ObjectError> {
        Ok(())
    }
}

#[async_trait]
impl Reports for Books {
    async fn put(&self, _: SessionSummary) -> Result<(), ReportsError> {
        self.wrote(0);
        Ok(())
    }

    async fn put_report(&self, _: &SessionKey, report_json: String) -> Result<(), ReportsError> {
        self.wrote(report_json.len());
        Ok(())
    }

    async fn get(&self, _: &SessionKey) -> Result<Option<(SessionSummary, Option<String>)>, ReportsError> {
        Ok(None)
    }

    async fn list(&self, _: SummaryQuery) -> Result<SummaryPage, ReportsError> {
        Ok(SummaryPage::default())
    }

    async fn review(&self, _: &SessionKey, _: NewReview) -> Result<Reviewed, ReportsError> {
        Ok(Reviewed::Unknown)
    }

    async fn reviews(&self, _: &SessionKey) -> Result<Vec<Review>, ReportsError> {
        Ok(Vec::new())
    }

    async fn delete(&self, _: &SessionKey) -> Result<(), ReportsError> {
        Ok(())
    }
}

/// Each is one transaction over three items, and a transaction counts twice.
#[async_trait]
impl Budgets for Books {
    async fn reserve(&self, _: &SessionKey, _: u64, _: &BudgetLimits) -> Result<Reserved, BudgetError> {
        (0..6).for_each(|_| self.wrote(0));
        Ok(Reserved::Granted)
    }

    async fn book(&self, _: &SessionKey, _: u64, _: Spent) -> Result<Totals, BudgetError> {
        (0..6).for_each(|_| self.wrote(0));
        (0..3).for_each(|_| self.read(0));
        Ok(Totals::default())
    }

    async fn release(&self, _: &SessionKey) -> Result<(), BudgetError> {
        (0..6).for_each(|_| self.wrote(0));
        Ok(())
    }
}
