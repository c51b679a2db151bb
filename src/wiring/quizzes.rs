//! Quizzes on one machine: what their handlers speak with. How their items are made has a wiring of its own.

use crate::embedded::quiz_making::QuizMakingTasks;
use crate::embedded::sqlite::Store;
use crate::handlers::{Files, Quizzes};
use crate::ports::quizzes::QuizQuota;
use std::sync::Arc;

/// They look into the same documents and passages as files do.
pub(super) fn quizzes(files: &Files, store: &Arc<Store>, making: QuizMakingTasks, quota: QuizQuota) -> Quizzes {
    Quizzes {
        quizzes: store.clone(),
        attempts: store.clone(),
        evidence: store.clone(),
        documents: Arc::clone(&files.documents),
        passages: Arc::clone(&files.passages),
        making: Arc::new(making),
        notices: files.notices.clone(),
        clock: Arc::clone(&files.clock),
        ids: Arc::clone(&files.ids),
        quota,
    }
}
