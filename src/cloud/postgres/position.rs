//! Where a page of a list ended: a moment, and the name that comes last at it.

use super::columns::signed;
use crate::ports::clock::UnixMs;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

pub(super) struct Position {
    pub(super) at: i64,
    pub(super) name: String,
}

/// A cursor that is not one of ours.
pub(super) struct NotOurs;

impl Position {
    pub(super) fn new(at: UnixMs, name: &str) -> Self {
        Self { at: signed(at.0), name: name.to_owned() }
    }

    pub(super) fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(format!("{}\n{}", self.at, self.name))
    }

    pub(super) fn decode(cursor: &str) -> Result<Self, NotOurs> {
        let text = URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let text = text.filter(|text| !text.contains('\0')).ok_or(NotOurs)?;
        let (at, name) = text.split_once('\n').ok_or(NotOurs)?;
        let at = at.parse().ok().filter(|at: &i64| *at >= 0).ok_or(NotOurs)?;
        Ok(Self { at, name: name.to_owned() })
    }
}

/// What is beyond a page's end is cut off, and tells that there is more.
pub(super) fn page<T>(mut found: Vec<T>, limit: usize, position: impl Fn(&T) -> Position) -> (Vec<T>, Option<String>) {
    let more = found.len() > limit;
    found.truncate(limit);
    let cursor = found.last().filter(|_| more).map(|last| position(last).encode());
    (found, cursor)
}
