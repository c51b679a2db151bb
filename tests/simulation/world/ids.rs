//! The ids of the world: connections and workers are many, of all else there is one.

use super::World;
use std::sync::atomic::Ordering;
use viva::ports::ids::{AttemptId, ConnectionId, DocumentId, Ids, QuizId, UploadId, WorkerId};

impl Ids for World {
    fn connection(&self) -> ConnectionId {
        ConnectionId::new(format!("c{}", self.workers.fetch_add(1, Ordering::Relaxed)))
    }

    fn worker(&self) -> WorkerId {
        WorkerId::new(format!("w{}", self.workers.fetch_add(1, Ordering::Relaxed)))
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
