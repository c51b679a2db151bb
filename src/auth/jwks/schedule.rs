//! When an issuer's keys are fetched: pure, with the caller's time.
//!
//! Fresh keys are used as they are. Old ones, and one that nobody knows, are asked for again, but seldom: each attempt that fails or does
//! not bring the key doubles the rest after it, so that a flood of forged tokens is none for the issuer. While fetching fails, old keys serve
//! on for a bounded time.

use super::key_set::KeySet;
use crate::auth::keys::{AuthError, VerifyingKey};
use crate::config::limits::{JWKS_FRESH_MS_MAX, JWKS_REST_MS, JWKS_REST_MS_MAX, JWKS_STALE_MS_MAX};
use crate::ports::clock::UnixMs;
use jsonwebtoken::Algorithm;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'t> {
    pub(crate) id: &'t str,
    pub(crate) algorithm: Algorithm,
}

/// What can be said without fetching.
#[derive(Debug)]
pub(crate) enum Held {
    Key(VerifyingKey),
    /// The issuer was asked a moment ago and has no such key.
    Unknown,
    /// The issuer could not be asked.
    Unreachable,
}

impl Held {
    pub(crate) fn result(self) -> Result<VerifyingKey, AuthError> {
        match self {
            Self::Key(key) => Ok(key),
            Self::Unknown => Err(AuthError::Invalid),
            Self::Unreachable => Err(AuthError::Unavailable),
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Schedule {
    keys: KeySet,
    fetched: Option<UnixMs>,
    /// Nothing is fetched before.
    rests_until: UnixMs,
    /// Attempts in a row that failed or did not bring what was wanted.
    in_vain: u32,
    last_failed: bool,
    /// Somebody fetches, or gave up in the middle of it.
    flying: bool,
}

impl Schedule {
    /// `None`: it is time to fetch, or to wait for whoever does. While somebody fetches, old keys serve.
    pub(crate) fn look(&self, wanted: Wanted<'_>, now: UnixMs) -> Option<Held> {
        let is_fresh = self.fetched.is_some_and(|fetched| now.since_ms(fetched) < JWKS_FRESH_MS_MAX);
        let key = self.keys.key(wanted.id, wanted.algorithm);
        match key {
            Some(key) if is_fresh => Some(Held::Key(key.clone())),
            Some(_) if self.flying => match self.resting(wanted, now) {
                Held::Key(key) => Some(Held::Key(key)),
                Held::Unknown | Held::Unreachable => None,
            },
            None if self.flying => None,
            _ if now < self.rests_until => Some(self.resting(wanted, now)),
            _ => None,
        }
    }

    /// The same for the only one who may fetch; with `None` the attempt begins. An attempt that was given up counts as one that failed, so
    /// that callers who leave cannot make us ask more often.
    pub(crate) fn take_off(&mut self, wanted: Wanted<'_>, now: UnixMs) -> Option<Held> {
        if self.flying {
            self.failed(now);
        }
        let held = self.look(wanted, now);
        self.flying = held.is_none();
        held
    }

    /// What can be said while nothing may be fetched.
    pub(crate) fn resting(&self, wanted: Wanted<'_>, now: UnixMs) -> Held {
        let serves = self.fetched.is_some_and(|fetched| now.since_ms(fetched) < JWKS_STALE_MS_MAX);
        match self.keys.key(wanted.id, wanted.algorithm) {
            Some(key) if serves => Held::Key(key.clone()),
            _ if self.last_failed => Held::Unreachable,
            _ => Held::Unknown,
        }
    }

    pub(crate) fn fetched(&mut self, keys: KeySet, wanted: Wanted<'_>, now: UnixMs) {
        let brought = keys.key(wanted.id, wanted.algorithm).is_some();
        self.keys = keys;
        self.fetched = Some(now);
        self.last_failed = false;
        self.flying = false;
        self.in_vain = if brought { 0 } else { self.in_vain.saturating_add(1) };
        self.rest(now);
    }

    pub(crate) fn failed(&mut self, now: UnixMs) {
        self.last_failed = true;
        self.flying = false;
        self.in_vain = self.in_vain.saturating_add(1);
        self.rest(now);
    }

    fn rest(&mut self, now: UnixMs) {
        let doubled = JWKS_REST_MS.saturating_mul(1 << self.in_vain.saturating_sub(1).min(DOUBLINGS_MAX));
        self.rests_until = now.plus_ms(doubled.min(JWKS_REST_MS_MAX));
    }
}

const DOUBLINGS_MAX: u32 = 16;
