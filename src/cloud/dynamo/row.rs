//! A session's row as an item.

use super::item::{Item, item, number, number_of, optional_number_of, optional_text_of, text, text_of};
use super::table::TableError;
use crate::config::limits::DYNAMO_DUE_SHARDS;
use crate::ports::clock::UnixMs;
use crate::ports::ids::{ConnectionId, WorkerId};
use crate::ports::journal::{STORED_VERSION, SessionKind, SessionRow, SessionState};
use aws_sdk_dynamodb::types::AttributeValue;

pub(super) const ROW: &str = "row";

/// The row of a new session, in the index of what is due from now on: nobody holds it.
pub(super) fn new_item(pk: &str, kind: SessionKind, now: UnixMs, ttl: AttributeValue) -> Item {
    item([
        ("pk", Some(text(pk))),
        ("sk", Some(text(ROW))),
        ("kind", Some(text(kind_text(kind)))),
        ("state", Some(text(state_text(SessionState::Open)))),
        ("epoch", Some(number(0))),
        ("leaseUntil", Some(number(0))),
        ("bindNo", Some(number(0))),
        ("boundHeadSeq", Some(number(0))),
        ("unboundSince", Some(number(now.0))),
        ("created", Some(number(now.0))),
        ("storedVersion", Some(number(u64::from(STORED_VERSION)))),
        ("duePk", Some(text(due_partition(pk)))),
        ("dueAt", Some(number(now.0))),
        ("ttl", Some(ttl)),
    ])
}

pub(super) fn row_of(item: &Item) -> Result<SessionRow, TableError> {
    Ok(SessionRow {
        kind: kind_of(text_of(item, "kind")?)?,
        state: state_of(text_of(item, "state")?)?,
        epoch: number_of(item, "epoch")?,
        owner: optional_text_of(item, "owner")?.map(WorkerId::new),
        lease_until: UnixMs(number_of(item, "leaseUntil")?),
        connection: optional_text_of(item, "connection")?.map(ConnectionId::new),
        bind_no: number_of(item, "bindNo")?,
        bound_head_seq: number_of(item, "boundHeadSeq")?,
        unbound_since: optional_number_of(item, "unboundSince")?.map(UnixMs),
        due_at: optional_number_of(item, "due")?.map(UnixMs),
        created: UnixMs(number_of(item, "created")?),
        stored_version: u32::try_from(number_of(item, "storedVersion")?)
            .map_err(|_| TableError::Failed("a row's version is out of range".into()))?,
    })
}

/// The partition of the index of what is due; several, so that no single one takes all renewals.
pub(super) fn due_partition(pk: &str) -> String {
    // FNV-1a: it must stay the same between versions, which the standard library's hash does not promise.
    let hash = pk
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    due_shard(hash % DYNAMO_DUE_SHARDS)
}

pub(super) fn due_shard(shard: u64) -> String {
    format!("due#{shard}")
}

pub(super) fn kind_text(kind: SessionKind) -> &'static str {
    match kind {
        SessionKind::Interview => "interview",
        SessionKind::Chat => "chat",
    }
}

pub(super) fn kind_of(text: &str) -> Result<SessionKind, TableError> {
    match text {
        "interview" => Ok(SessionKind::Interview),
        "chat" => Ok(SessionKind::Chat),
        _ => Err(unknown(text)),
    }
}

pub(super) fn state_text(state: SessionState) -> &'static str {
    match state {
        SessionState::Open => "open",
        SessionState::Finished => "finished",
        SessionState::Abandoned => "abandoned",
        SessionState::Deleted => "deleted",
    }
}

pub(super) fn state_of(text: &str) -> Result<SessionState, TableError> {
    match text {
        "open" => Ok(SessionState::Open),
        "finished" => Ok(SessionState::Finished),
        "abandoned" => Ok(SessionState::Abandoned),
        "deleted" => Ok(SessionState::Deleted),
        _ => Err(unknown(text)),
    }
}

fn unknown(text: &str) -> TableError {
    TableError::Failed(format!("{text:?} is not a word that this program stores"))
}
