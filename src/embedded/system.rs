//! What every process is given by its system: the wall clock, fresh identifiers.
//!
//! No policy: who asks decides what a moment or a number means.

use crate::ports::clock::{Clock, UnixMs};
use crate::ports::ids::{AttemptId, ConnectionId, DocumentId, Ids, QuizId, UploadId, WorkerId};
use std::time::{SystemTime, UNIX_EPOCH};
use uuid::Uuid;

/// The machine's wall clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this adapter is where the wall clock is read")]
    fn now(&self) -> UnixMs {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        UnixMs(u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX))
    }
}

/// Identifiers of 122 random bits.
#[derive(Clone, Copy, Debug, Default)]
pub struct RandomIds;

impl RandomIds {
    #[expect(clippy::disallowed_methods, reason = "this adapter is where random identifiers are made")]
    fn fresh() -> String {
        Uuid::new_v4().simple().to_string()
    }
}

impl Ids for RandomIds {
    fn connection(&self) -> ConnectionId {
        ConnectionId::new(Self::fresh())
    }

    fn worker(&self) -> WorkerId {
        WorkerId::new(Self::fresh())
    }

    fn document(&self) -> DocumentId {
        DocumentId::new(Self::fresh())
    }

    fn upload(&self) -> UploadId {
        UploadId::new(Self::fresh())
    }

    fn quiz(&self) -> QuizId {
        QuizId::new(Self::fresh())
    }

    fn attempt(&self) -> AttemptId {
        AttemptId::new(Self::fresh())
    }

    #[expect(clippy::disallowed_methods, reason = "this adapter is where random identifiers are made")]
    fn seed(&self) -> u64 {
        Uuid::new_v4().as_u64_pair().1
    }
}
