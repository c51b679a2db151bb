//! Keys, entries and records that the suites share.

use bytes::Bytes;
use viva::ports::clock::UnixMs;
use viva::ports::feed::Entry;
use viva::ports::ids::{ConnectionId, SessionId, SessionKey, TenantId, UserId, WorkerId};
use viva::ports::journal::{AudioFrom, Cursor, Record};

pub(crate) fn key(user: &str, session: &str) -> SessionKey {
    SessionKey::new(TenantId::new("default"), UserId::new(user), SessionId::new(session))
}

pub(crate) fn worker(name: &str) -> WorkerId {
    WorkerId::new(name)
}

pub(crate) fn connection(name: &str) -> ConnectionId {
    ConnectionId::new(name)
}

/// 100 ms of audio for each number, all different.
pub(crate) fn audio(seq: u64) -> Entry {
    let data: Vec<u8> = (0..80).map(|at| (seq as u8).wrapping_mul(31).wrapping_add(at)).collect();
    Entry::Audio { media_ms: seq * 100, data: Bytes::from(data) }
}

pub(crate) fn control(text: &str) -> Entry {
    Entry::Control { json: text.into() }
}

pub(crate) fn record(first_seq: u64, count: u64, writer: &str) -> Record {
    Record {
        first_seq,
        last_seq: first_seq + count - 1,
        epoch: 3,
        writer: worker(writer),
        cursor: Cursor { inbox_through_seq: first_seq * 2, audio_from: AudioFrom { seq: first_seq, media_ms: 77 } },
        committed: UnixMs(1_000 + first_seq),
        events: (0..count).map(|at| format!(r#"{{"type":"é\n{writer}","at":{}}}"#, first_seq + at)).collect(),
    }
}
