//! The report of an interview and what it cost, on the wire. How it is made is the core's business.

use super::{Evidence, Guide, Language, Metric, Model, Recognizer, UserId};

wire! {
    /// What an interview showed, each claim with the words it rests on.
    plain struct Report {
        /// The version of the report's form.
        report_version: u32,
        /// The version of the metrics' definitions.
        metric_version: u32,
        /// The language spoken.
        language: Language,
        /// What it was about.
        topic: String,
        /// How many questions were asked.
        questions: u32,
        /// How many were answered.
        answered: u32,
        /// How many were skipped.
        skipped: u32,
        /// How long it took, in wall time while a client was bound.
        duration_ms: u64,
        /// In a few sentences.
        summary: String,
        /// What went well.
        strengths: Vec<Finding>,
        /// What to work on.
        improvements: Vec<Finding>,
        /// Ratings, pending until a teacher confirms them.
        ratings: Vec<Rating>,
        /// Delivery over the whole interview.
        metrics: Vec<Metric>,
        /// Each turn's own.
        turns: Vec<ReportTurn>,
        /// What a reader must know: what was not measured, what is not inferred.
        notices: Vec<String>,
        /// How many of the model's quotes were dropped because the transcript does not hold them.
        quotes_dropped: u32,
        /// Who wrote the feedback.
        model: Model,
    } optional {
        /// The role.
        role: String,
        /// The level.
        level: String,
        /// Who listened; absent when every answer was typed.
        recognizer: Recognizer,
        /// The guide that the interview followed; its rubric's criteria are what is rated.
        guide: Guide,
    }
}

wire! {
    /// A claim and what it rests on.
    plain struct Finding {
        /// The claim.
        text: String,
        /// What it rests on: at least one.
        evidence: Vec<Evidence>,
    }
}

words! {
    /// Who stands behind a rating.
    enum RatingStatus {
        /// Nobody yet: the model proposed it.
        Pending = "pending",
        /// A teacher agreed.
        Confirmed = "confirmed",
        /// A teacher gave another.
        Changed = "changed",
    }
}

wire! {
    /// A rating by one criterion.
    plain struct Rating {
        /// The criterion.
        criterion: String,
        /// Who stands behind it.
        status: RatingStatus,
        /// Why.
        rationale: String,
        /// What it rests on.
        evidence: Vec<Evidence>,
    } optional {
        /// 1 to 5, as it stands; absent where there is too little to rate, or the model cannot judge.
        rating: u8,
        /// The teacher who confirmed or changed it last.
        reviewed_by: UserId,
        /// What that teacher says.
        comment: String,
        /// When that was.
        reviewed_unix_ms: u64,
        /// How often it was reviewed; absent: never. What `report.review` may send along.
        revision: u32,
        /// What the model proposed, once it was reviewed.
        proposed: u8,
        /// What the rubric means by it.
        description: String,
        /// The rubric's levels, lowest first.
        levels: Vec<RubricLevel>,
    }
}

wire! {
    /// One level of a rubric's criterion.
    plain struct RubricLevel {
        /// 1 to 5.
        rating: u8,
        /// What earns it.
        text: String,
    }
}

wire! {
    /// What a teacher once said of a rating.
    plain struct Review {
        /// The rating's criterion.
        criterion: String,
        /// 1, 2, 3, … for each criterion.
        revision: u32,
        /// The rating given.
        rating: u8,
        /// Who gave it.
        reviewed_by: UserId,
        /// When.
        at_unix_ms: u64,
    } optional {
        /// What was said.
        comment: String,
    }
}

words! {
    /// What became of a question.
    enum TurnState {
        /// It was answered.
        Answered = "answered",
        /// It was skipped.
        Skipped = "skipped",
        /// The interview ended before.
        Unanswered = "unanswered",
    }
}

wire! {
    /// One turn of a report.
    plain struct ReportTurn {
        /// Its number.
        turn: u32,
        /// The question.
        question: String,
        /// What became of it.
        state: TurnState,
        /// The answer's metrics.
        metrics: Vec<Metric>,
    }
}

wire! {
    /// What a session used.
    plain struct Usage {
        /// Audio received.
        audio_ms: u64,
        /// Audio that held speech.
        speech_ms: u64,
        /// Audio given to a recognizer, as it is billed.
        recognizer_ms: u64,
        /// Streams opened to a recognizer.
        recognizer_streams: u32,
        /// Requests to a text model, speculative ones included.
        model_requests: u32,
        /// Tokens that went in.
        model_input_tokens: u64,
        /// Tokens that came out.
        model_output_tokens: u64,
        /// Requests made ahead of time.
        speculative_requests: u32,
        /// Tokens of those that were dropped.
        speculative_dropped_tokens: u64,
        /// Messages from the client.
        messages: u64,
    } optional {
        /// What was used of services that bill by use, where that is counted.
        services: Vec<ServiceUsage>,
        /// What those services cost, in millionths of a dollar: an estimate, by a table of prices.
        cost_micro_usd: u64,
    }
}

wire! {
    /// An amount of what a service bills.
    plain struct ServiceUsage {
        /// `recognizer`, `model`, `gateway`, `functions`, `store` or `objects`; more may come.
        service: String,
        /// What is counted, e.g. `recognizerMs` or `writeUnits`; more may come.
        unit: String,
        /// How many.
        amount: u64,
    }
}
