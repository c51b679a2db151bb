//! Who a message comes from, and what a shell with a long-lived socket may remember between two messages.
//!
//! What is remembered only saves reads: a shell that forgets everything (a Lambda) behaves the same, but for the pace, which it leaves
//! to what stands before it.

use crate::auth::Identity;
use crate::config::limits::{CONNECTION_SESSIONS_MAX, SESSION_KNOWN_MS};
use crate::handlers::pace::Pace;
use crate::ports::clock::UnixMs;
use crate::ports::ids::{ConnectionId, SessionKey};
use protocol::v1::Audio;
use protocol::v1::limits::AUDIO_MS_MAX;

#[derive(Debug)]
pub struct Caller {
    pub connection: ConnectionId,
    pub identity: Identity,
    /// `None`: nothing is kept between messages, and no pace is held.
    pub memory: Option<Memory>,
}

#[derive(Debug)]
pub struct Memory {
    pub pace: Pace,
    open: Vec<Open>,
}

/// A session that was found open.
#[derive(Debug)]
struct Open {
    key: SessionKey,
    seen: UnixMs,
    /// Where the last audio message began.
    media_ms: u64,
}

impl Memory {
    pub fn new(pace: Pace) -> Self {
        Self { pace, open: Vec::new() }
    }

    /// The key of a session that was found open a moment ago.
    pub(crate) fn open_session(&self, session: &str, now: UnixMs) -> Option<&SessionKey> {
        let open = self.open.iter().find(|open| open.key.session.as_str() == session)?;
        (now.since_ms(open.seen) < SESSION_KNOWN_MS).then_some(&open.key)
    }

    pub(crate) fn remember(&mut self, key: SessionKey, now: UnixMs) {
        let known = self.open.iter().find(|open| open.key == key);
        let media_ms = known.map_or(0, |open| open.media_ms);
        self.forget(key.session.as_str());
        if self.open.len() >= CONNECTION_SESSIONS_MAX {
            self.open.remove(0);
        }
        self.open.push(Open { key, seen: now, media_ms });
    }

    /// How much media time an audio message stands for, as far as can be told without its format: how far it goes beyond the one before,
    /// and no less than its bytes are in the widest format.
    pub(crate) fn media_ms_of(&mut self, audio: &Audio) -> u64 {
        let least = audio.data.len() as u64 / WIDEST_BYTES_PER_MS;
        let Some(open) = self.open.iter_mut().find(|open| open.key.session.as_str() == audio.session.as_str()) else {
            return least;
        };
        let beyond = audio.media_ms.saturating_sub(open.media_ms).min(AUDIO_MS_MAX);
        open.media_ms = open.media_ms.max(audio.media_ms);
        beyond.max(least)
    }

    pub(crate) fn forget(&mut self, session: &str) {
        self.open.retain(|open| open.key.session.as_str() != session);
    }
}

/// 48 kHz, two channels, two bytes a sample.
const WIDEST_BYTES_PER_MS: u64 = 192;
