//! Durable events: what happened in a session, numbered by the server, stored, and told again to whoever resumes.
//!
//! Which event follows which is the core's business.

use super::{
    AnswerReason, CancelReason, Guide, GuidePlace, Metric, Model, Params, Recognizer, Report, RevisionCause, Usage,
    Word,
};

wire! {
    /// Another worker has taken over; what lower epochs say is stale.
    durable struct SessionContinued {
        /// The new worker's epoch.
        epoch: u32,
    }
}

wire! {
    /// These messages never came; the interview goes on without them.
    durable struct InputLost {
        /// The first.
        from_seq: u64,
        /// The last.
        through_seq: u64,
    }
}

words! {
    /// What is nearly used up.
    enum Budget {
        /// Time, in ms.
        Duration = "duration",
        /// Questions.
        Questions = "questions",
        /// Audio, in ms.
        Audio = "audio",
        /// Tokens.
        Tokens = "tokens",
    }
}

wire! {
    /// A budget is nearly used up.
    durable struct BudgetWarning {
        /// Which.
        budget: Budget,
        /// What is left: ms, questions, ms, tokens.
        remaining: u64,
    }
}

wire! {
    /// The interview has begun.
    durable struct InterviewStarted {
        /// As asked for, with what the server filled in.
        params: Params,
        /// Who asks.
        model: Model,
    } optional {
        /// Who listens; absent where answers can only be typed.
        recognizer: Recognizer,
        /// The guide that it follows.
        guide: Guide,
    }
}

wire! {
    /// The report; `interview.finished` follows.
    durable struct InterviewReport {
        /// The report.
        report: Box<Report>,
    }
}

words! {
    /// Why an interview is over.
    enum FinishReason {
        /// All questions were asked.
        Completed = "completed",
        /// `interview.finish`.
        Finished = "finished",
        /// Its time was over.
        Time = "time",
        /// The candidate left.
        Abandoned = "abandoned",
        /// It could not go on.
        Failed = "failed",
        /// A budget was used up.
        Budget = "budget",
    }
}

wire! {
    /// The interview is over; nothing follows.
    durable struct InterviewFinished {
        /// Why.
        reason: FinishReason,
        /// What it used.
        usage: Usage,
    }
}

wire! {
    /// A question begins.
    durable struct QuestionStarted {
        /// The turn.
        turn: u32,
        /// The attempt at asking.
        attempt: u32,
    } optional {
        /// Which of the guide's questions it is.
        guide: GuidePlace,
        /// How long the guide's question may take, what follows it up included, in wall time while a client is bound, from when the
        /// question itself was asked whole. Told with the question itself alone.
        limit_ms: u64,
    }
}

wire! {
    /// The candidate may be interrupting: hold the question.
    durable struct QuestionHeld {
        /// The turn.
        turn: u32,
        /// The attempt at asking.
        attempt: u32,
    }
}

wire! {
    /// It was no interruption: go on with the question.
    durable struct QuestionResumed {
        /// The turn.
        turn: u32,
        /// The attempt at asking.
        attempt: u32,
    }
}

wire! {
    /// The next piece of a question.
    durable struct QuestionDelta {
        /// The turn.
        turn: u32,
        /// The attempt at asking.
        attempt: u32,
        /// The piece.
        text: String,
    }
}

wire! {
    /// A question is whole.
    durable struct QuestionDone {
        /// The turn.
        turn: u32,
        /// The attempt at asking.
        attempt: u32,
        /// The whole question.
        text: String,
    }
}

wire! {
    /// How much of a question was seen or heard.
    durable struct QuestionHeard {
        /// The turn.
        turn: u32,
        /// The attempt at asking.
        attempt: u32,
        /// Characters, from its start.
        chars: u32,
    }
}

wire! {
    /// A question was cut short.
    durable struct QuestionCancelled {
        /// The turn.
        turn: u32,
        /// The attempt at asking.
        attempt: u32,
        /// What stays of it: as much as was heard.
        text: String,
        /// Why.
        reason: CancelReason,
    }
}

wire! {
    /// A segment's last word. May follow `answer.committed`.
    durable struct TranscriptFinal {
        /// The turn.
        turn: u32,
        /// The segment within the turn.
        segment: u32,
        /// The whole segment.
        text: String,
        /// Its words, in media time.
        words: Vec<Word>,
    }
}

wire! {
    /// An answer is over; the next question follows.
    durable struct AnswerCommitted {
        /// The turn.
        turn: u32,
        /// The whole answer.
        text: String,
        /// What was measured.
        metrics: Vec<Metric>,
        /// Why it is over.
        reason: AnswerReason,
    }
}

wire! {
    /// A committed answer reads otherwise than thought.
    durable struct AnswerRevised {
        /// The turn.
        turn: u32,
        /// The whole answer as it now reads.
        text: String,
        /// The whole answer as it read before.
        previous: String,
        /// Who changed it.
        cause: RevisionCause,
    }
}

wire! {
    /// One stage of the way from an answer to the next question.
    plain struct TimingStage {
        /// Its name.
        name: String,
        /// How long it took.
        duration_ms: u64,
    }
}

wire! {
    /// From the answer's end to the next question's first delta.
    durable struct TurnTiming {
        /// The turn whose answer ended.
        turn: u32,
        /// The whole time.
        total_ms: u64,
        /// Its stages, in order; they add up to `totalMs`.
        stages: Vec<TimingStage>,
    }
}
