//! Where a page of a list ended: a moment, and the name that comes last at it; and how what was found is cut into a page.

use crate::ports::clock::UnixMs;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

pub(super) struct Position {
    pub(super) at: u64,
    pub(super) name: String,
}

/// A cursor that is not one of ours.
pub(super) struct NotOurs;

impl Position {
    pub(super) fn new(at: UnixMs, name: impl Into<String>) -> Self {
        Self { at: at.0, name: name.into() }
    }

    pub(super) fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(format!("{}\n{}", self.at, self.name))
    }

    pub(super) fn decode(cursor: &str) -> Result<Self, NotOurs> {
        let text = URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let text = text.ok_or(NotOurs)?;
        let (at, name) = text.split_once('\n').ok_or(NotOurs)?;
        let at = at.parse().ok().filter(|at| i64::try_from(*at).is_ok()).ok_or(NotOurs)?;
        Ok(Self { at, name: name.to_owned() })
    }
}

/// Of what was looked for, one more than the page may hold: what is beyond its end is cut off, and tells that there is more.
pub(super) fn page<T>(
    found: impl Iterator<Item = rusqlite::Result<T>>,
    limit: usize,
    position: impl Fn(&T) -> Position,
) -> rusqlite::Result<(Vec<T>, Option<String>)> {
    let mut found = found.collect::<rusqlite::Result<Vec<_>>>()?;
    let more = found.len() > limit;
    found.truncate(limit);
    let cursor = found.last().filter(|_| more).map(|last| position(last).encode());
    Ok((found, cursor))
}
