//! Versions of what is stored. A newer program reads what every released one has stored; an older one refuses what it cannot know.
//!
//! Only the version of a session as a whole stands here: events and snapshots carry versions of their own, kept by their cores.

pub use crate::ports::journal::STORED_VERSION;

/// Stored by a program that is newer than this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the session was stored in version {stored}, this program knows versions up to {STORED_VERSION}: use the newer program"
)]
pub struct UnknownVersion {
    pub stored: u32,
}

/// Whether this program can read what was stored in that version.
pub fn check(stored: u32) -> Result<(), UnknownVersion> {
    match stored {
        0..=STORED_VERSION => Ok(()),
        _ => Err(UnknownVersion { stored }),
    }
}

#[cfg(test)]
mod tests {
    use super::{STORED_VERSION, UnknownVersion, check};

    #[test]
    fn what_a_newer_program_stored_is_refused() {
        assert_eq!(check(STORED_VERSION), Ok(()));
        assert_eq!(check(STORED_VERSION + 1), Err(UnknownVersion { stored: STORED_VERSION + 1 }));
    }
}
