//! The making of quizzes as it is told. All else of quizzes is REST's business.

use super::{CourseId, QuizId};

words! {
    /// How far the making of a quiz's items is.
    enum MakingState {
        /// It waits.
        Queued = "queued",
        /// Items are being made.
        Running = "running",
        /// All that could be made is made; `failure` says why some are missing.
        Done = "done",
        /// It ended early; `failure` says why.
        Failed = "failed",
        /// Its teacher ended it.
        Cancelled = "cancelled",
    }
}

wire! {
    /// Why items are missing.
    plain struct QuizFailure {
        /// For programs.
        code: String,
        /// For whoever asked for them.
        reason: String,
    }
}

wire! {
    /// How far a quiz is.
    plain struct QuizSummary {
        /// The quiz.
        quiz: QuizId,
        /// Its course; the user's own id for a quiz of their own.
        course: CourseId,
        /// Its title.
        title: String,
        /// How far the making of its items is.
        state: MakingState,
        /// Items made so far that hold.
        made: u32,
        /// Items asked for.
        wanted: u32,
        /// Items made so far that do not hold; they were or are replaced.
        rejected: u32,
    } optional {
        /// Why items are missing.
        failure: QuizFailure,
    }
}

wire! {
    /// The making of a quiz's items has come further; sent to all connections of whoever made the quiz.
    plain struct QuizStatus {
        /// As it now stands.
        quiz: QuizSummary,
    }
}
