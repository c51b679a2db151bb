//! The world of one session in memory: every port of the store and the network, with faults drawn from a seed.
//!
//! Every operation gives way before and after its effect, so that a worker can be stopped between an effect and its answer.

mod ids;

use async_trait::async_trait;
use bytes::Bytes;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::yield_now;
use tokio::time::Instant;
use viva::ports::budgets::{Spent, Used};
use viva::ports::clock::{Clock, UnixMs};
use viva::ports::connections::{Connections, SendError};
use viva::ports::feed::{Appended, Entry, Feed, FeedError, FeedHead, FeedPage, SeqRange};
use viva::ports::ids::{ConnectionId, SessionId, SessionKey, TenantId, UserId, WorkerId};
use viva::ports::journal::{
    AppendError, Created, Journal, JournalError, Record, SessionKind, SessionRow, SessionState, Snapshot, TakeError,
};
use viva::ports::reports::SessionSummary;
use viva::session::versions::STORED_VERSION;

/// How often, in a thousand, something goes wrong.
#[derive(Clone, Copy, Debug, Default)]
pub struct Odds {
    pub append_fails: u64,
    /// It is stored, but the answer is lost.
    pub append_unanswered: u64,
    pub read_fails: u64,
    pub renew_fails: u64,
    pub send_busy: u64,
    pub send_fails: u64,
    /// Every worker is told that the session is its own.
    pub leases_lie: bool,
}

#[derive(Default)]
pub struct State {
    pub row: Option<SessionRow>,
    pub records: BTreeMap<u64, Record>,
    pub snapshot: Option<Snapshot>,
    pub inbox: BTreeMap<u64, Entry>,
    pub inbox_deleted: bool,
    pub objects: HashMap<String, (String, Bytes)>,
    pub summary: Option<SessionSummary>,
    pub report: Option<String>,
    /// What the user used before this session.
    pub used_before: Used,
    pub booked: Spent,
    pub place_held: bool,
    pub mail: HashMap<ConnectionId, VecDeque<Arc<str>>>,
    pub closed: HashSet<ConnectionId>,
    pub storage_full: bool,
    /// Who owns the session deletes it, all of it, while the recording is being written.
    pub deletes_while_recording: bool,
    /// How often summary and report of a session that is over were stored.
    pub shown: (usize, usize),
    nudged: bool,
    missing: Vec<SeqRange>,
}

pub struct World {
    state: Mutex<State>,
    changed: Notify,
    pub arrived: Notify,
    began: Instant,
    random: Mutex<u64>,
    pub odds: Mutex<Odds>,
    workers: AtomicU64,
}

pub fn key() -> SessionKey {
    SessionKey::new(TenantId::new("default"), UserId::new("ann"), SessionId::new("s1"))
}

impl World {
    #[expect(clippy::disallowed_methods, reason = "the virtual clock of the test is tokio's paused one")]
    pub fn new(seed: u64, odds: Odds) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::default(),
            changed: Notify::new(),
            arrived: Notify::new(),
            began: Instant::now(),
            random: Mutex::new(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1),
            odds: Mutex::new(odds),
            workers: AtomicU64::new(0),
        })
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub fn records(&self) -> Vec<Record> {
        self.state().records.values().cloned().collect()
    }

    /// True so often in a thousand.
    pub fn chance(&self, per_mille: u64) -> bool {
        per_mille > 0 && self.random() % 1_000 < per_mille
    }

    pub fn random(&self) -> u64 {
        let mut x = self.random.lock().unwrap();
        *x ^= *x << 13;
        *x ^= *x >> 7;
        *x ^= *x << 17;
        *x >> 11
    }

    fn odds(&self) -> Odds {
        *self.odds.lock().unwrap()
    }

    fn head(state: &State) -> FeedHead {
        let (mut through_seq, mut missing, mut media_ms, mut expected) = (0, Vec::new(), 0, 1);
        for (&seq, entry) in &state.inbox {
            if seq > expected {
                missing.push(SeqRange { from_seq: expected, through_seq: seq - 1 });
            }
            expected = seq + 1;
            if missing.is_empty() {
                through_seq = seq;
                if let Entry::Audio { media_ms: at, .. } = entry {
                    media_ms = *at;
                }
            }
        }
        missing.truncate(32);
        FeedHead { through_seq, head_seq: state.inbox.keys().next_back().copied().unwrap_or(0), missing, media_ms }
    }

    fn change<T>(&self, change: impl FnOnce(&mut SessionRow) -> T) -> Result<T, JournalError> {
        let mut state = self.state();
        let row = state.row.as_mut().ok_or(JournalError::Unknown)?;
        if row.state == SessionState::Deleted { Err(JournalError::Deleted) } else { Ok(change(row)) }
    }
}

impl Clock for World {
    fn now(&self) -> UnixMs {
        UnixMs(1_800_000_000_000 + self.began.elapsed().as_millis() as u64)
    }
}

#[async_trait]
impl Feed for World {
    async fn append(&self, _: &SessionKey, seq: u64, entry: Entry) -> Result<Appended, FeedError> {
        let mut state = self.state();
        if state.inbox_deleted {
            return Err(FeedError::Deleted);
        }
        if state.storage_full {
            return Err(FeedError::Full);
        }
        let appended = match state.inbox.get(&seq) {
            Some(Entry::Refused { code }) if code == "input_lost" => Appended::Same,
            Some(known) if *known == entry => Appended::Same,
            Some(_) => Appended::Conflict,
            None => {
                state.inbox.insert(seq, entry);
                Appended::New
            }
        };
        drop(state);
        self.changed.notify_waiters();
        Ok(appended)
    }

    async fn read_after(
        &self,
        _: &SessionKey,
        after: u64,
        limit: usize,
        wait: Duration,
    ) -> Result<FeedPage, FeedError> {
        yield_now().await;
        if self.chance(self.odds().read_fails) {
            return Err(FeedError::Failed("as the seed says".into()));
        }
        let over = tokio::time::sleep(wait);
        tokio::pin!(over);
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            changed.as_mut().enable();
            let page = {
                let mut state = self.state();
                if state.inbox_deleted {
                    return Err(FeedError::Deleted);
                }
                let head = Self::head(&state);
                let through = head.through_seq;
                let entries: Vec<_> = state
                    .inbox
                    .range(after + 1..)
                    .take_while(|(seq, _)| **seq <= through)
                    .take(limit)
                    .map(|(seq, entry)| (*seq, entry.clone()))
                    .collect();
                let news = !entries.is_empty() || state.nudged || head.missing != state.missing;
                let nudged = std::mem::take(&mut state.nudged);
                state.missing.clone_from(&head.missing);
                news.then_some(FeedPage { entries, head, nudged })
            };
            if let Some(page) = page {
                yield_now().await;
                return Ok(page);
            }
            tokio::select! {
                () = &mut changed => {}
                () = &mut over => {
                    let head = Self::head(&self.state());
                    return Ok(FeedPage { entries: Vec::new(), head, nudged: false });
                }
            }
        }
    }

    async fn head(&self, _: &SessionKey) -> Result<FeedHead, FeedError> {
        yield_now().await;
        let state = self.state();
        if state.inbox_deleted { Err(FeedError::Deleted) } else { Ok(Self::head(&state)) }
    }

    async fn nudge(&self, _: &SessionKey) -> Result<(), FeedError> {
        self.state().nudged = true;
        self.changed.notify_waiters();
        Ok(())
    }

    async fn fill_lost(&self, _: &SessionKey, seqs: SeqRange) -> Result<(), FeedError> {
        yield_now().await;
        for seq in seqs.from_seq..=seqs.through_seq {
            self.state().inbox.entry(seq).or_insert(Entry::Refused { code: "input_lost".into() });
        }
        self.changed.notify_waiters();
        yield_now().await;
        Ok(())
    }

    async fn delete(&self, _: &SessionKey) -> Result<(), FeedError> {
        yield_now().await;
        let mut state = self.state();
        state.inbox.clear();
        state.inbox_deleted = true;
        Ok(())
    }
}

#[async_trait]
impl Journal for World {
    async fn create(&self, _: &SessionKey, kind: SessionKind, now: UnixMs) -> Result<Created, JournalError> {
        let mut state = self.state();
        if let Some(row) = &state.row {
            return Ok(Created::Existing(row.clone()));
        }
        let row = SessionRow {
            kind,
            state: SessionState::Open,
            epoch: 0,
            owner: None,
            lease_until: UnixMs(0),
            connection: None,
            bind_no: 0,
            bound_head_seq: 0,
            unbound_since: Some(now),
            due_at: None,
            created: now,
            stored_version: STORED_VERSION,
        };
        state.row = Some(row.clone());
        Ok(Created::New(row))
    }

    async fn row(&self, _: &SessionKey) -> Result<Option<SessionRow>, JournalError> {
        yield_now().await;
        Ok(self.state().row.clone())
    }

    async fn take(
        &self,
        _: &SessionKey,
        worker: &WorkerId,
        epoch_seen: u64,
        now: UnixMs,
        lease_until: UnixMs,
    ) -> Result<SessionRow, TakeError> {
        yield_now().await;
        let lies = self.odds().leases_lie;
        let taken = self.change(|row| {
            let held = row.epoch != epoch_seen || (row.owner.is_some() && row.lease_until > now);
            if held && !lies {
                return Err(TakeError::Held { epoch: row.epoch });
            }
            row.epoch += 1;
            row.owner = Some(worker.clone());
            row.lease_until = lease_until;
            row.due_at = None;
            Ok(row.clone())
        });
        yield_now().await;
        taken?
    }

    async fn renew(
        &self,
        _: &SessionKey,
        worker: &WorkerId,
        epoch: u64,
        lease_until: UnixMs,
    ) -> Result<SessionRow, TakeError> {
        if self.chance(self.odds().renew_fails) {
            return Err(JournalError::Failed("as the seed says".into()).into());
        }
        let lies = self.odds().leases_lie;
        let renewed = self.change(|row| {
            if !lies && (row.owner.as_ref() != Some(worker) || row.epoch != epoch) {
                return Err(TakeError::Held { epoch: row.epoch });
            }
            row.lease_until = lease_until;
            Ok(row.clone())
        });
        yield_now().await;
        renewed?
    }

    async fn release(
        &self,
        _: &SessionKey,
        worker: &WorkerId,
        epoch: u64,
        state: SessionState,
        due_at: Option<UnixMs>,
    ) -> Result<(), JournalError> {
        yield_now().await;
        self.change(|row| {
            if row.owner.as_ref() == Some(worker) && row.epoch == epoch {
                row.owner = None;
                row.lease_until = UnixMs(0);
                row.state = state;
                row.due_at = due_at;
            }
        })?;
        yield_now().await;
        Ok(())
    }

    async fn bind(
        &self,
        _: &SessionKey,
        connection: &ConnectionId,
        bound_head_seq: u64,
    ) -> Result<Option<SessionRow>, JournalError> {
        self.change(|row| {
            let before = row.clone();
            row.connection = Some(connection.clone());
            row.bind_no += 1;
            row.bound_head_seq = bound_head_seq;
            row.unbound_since = None;
            row.due_at = None;
            Some(before)
        })
    }

    async fn unbind(&self, _: &SessionKey, connection: &ConnectionId, now: UnixMs) -> Result<(), JournalError> {
        self.change(|row| {
            if row.connection.as_ref() == Some(connection) {
                row.connection = None;
                row.unbound_since = Some(now);
            }
        })
    }

    async fn append(&self, _: &SessionKey, record: Record) -> Result<(), AppendError> {
        yield_now().await;
        let odds = self.odds();
        if self.state().storage_full {
            return Err(JournalError::Full.into());
        }
        if self.chance(odds.append_fails) {
            return Err(JournalError::Failed("as the seed says".into()).into());
        }
        {
            let mut state = self.state();
            let head_seq = state.records.values().next_back().map_or(0, |last| last.last_seq);
            if let Some(known) = state.records.range(record.first_seq..).next().map(|(_, known)| known.clone()) {
                return Err(AppendError::Taken { writer: known.writer, head_seq });
            }
            assert_eq!(record.first_seq, head_seq + 1, "a record leaves a gap");
            assert_eq!(record.events.len() as u64, record.last_seq - record.first_seq + 1);
            state.records.insert(record.first_seq, record);
        }
        yield_now().await;
        if self.chance(odds.append_unanswered) {
            return Err(JournalError::Failed("the answer was lost".into()).into());
        }
        Ok(())
    }

    async fn records_after(&self, _: &SessionKey, after: u64, limit: usize) -> Result<Vec<Record>, JournalError> {
        yield_now().await;
        Ok(self.state().records.values().filter(|record| record.last_seq > after).take(limit).cloned().collect())
    }

    async fn trim(&self, _: &SessionKey, before: UnixMs, through_seq: u64) -> Result<(), JournalError> {
        let mut state = self.state();
        let newest = state.records.keys().next_back().copied();
        state.records.retain(|first_seq, record| {
            Some(*first_seq) == newest || record.committed >= before || record.last_seq > through_seq
        });
        Ok(())
    }

    async fn head_seq(&self, _: &SessionKey) -> Result<u64, JournalError> {
        yield_now().await;
        Ok(self.state().records.values().next_back().map_or(0, |last| last.last_seq))
    }

    async fn save_snapshot(&self, _: &SessionKey, snapshot: Snapshot) -> Result<(), JournalError> {
        yield_now().await;
        self.state().snapshot = Some(snapshot);
        yield_now().await;
        Ok(())
    }

    async fn snapshot(&self, _: &SessionKey) -> Result<Option<Snapshot>, JournalError> {
        Ok(self.state().snapshot.clone())
    }

    async fn due(&self, now: UnixMs, _: usize) -> Result<Vec<SessionKey>, JournalError> {
        let state = self.state();
        let due = state.row.as_ref().is_some_and(|row| {
            row.state == SessionState::Open
                && row.due_at.map_or(row.owner.is_none() || row.lease_until < now, |at| at <= now)
        });
        Ok(if due { vec![key()] } else { Vec::new() })
    }

    async fn delete(&self, _: &SessionKey) -> Result<(), JournalError> {
        self.change(|row| row.state = SessionState::Deleted)?;
        let mut state = self.state();
        state.records.clear();
        state.snapshot = None;
        Ok(())
    }
}

#[async_trait]
impl Connections for World {
    async fn send(&self, connection: &ConnectionId, text: Arc<str>) -> Result<(), SendError> {
        yield_now().await;
        let odds = self.odds();
        if self.state().closed.contains(connection) {
            return Err(SendError::Gone);
        }
        if self.chance(odds.send_busy) {
            return Err(SendError::Busy);
        }
        if self.chance(odds.send_fails) {
            return Err(SendError::Failed("as the seed says".into()));
        }
        assert!(text.len() <= protocol::v1::limits::SERVER_MESSAGE_BYTES_MAX, "a message is too large");
        self.state().mail.entry(connection.clone()).or_default().push_back(text);
        self.arrived.notify_one();
        yield_now().await;
        Ok(())
    }

    async fn close(&self, connection: &ConnectionId) -> Result<(), SendError> {
        self.state().closed.insert(connection.clone());
        Ok(())
    }
}
