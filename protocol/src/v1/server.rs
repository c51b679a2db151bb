//! What a server says: the enum of it all, answers, and ephemeral signs of life. Durable events are in `event.rs`.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::chat::{ChatCancelled, ChatDelta, ChatDone, ChatMessage, ChatStarted, ChatTitled};
use super::document::DocumentStatus;
use super::event::{
    AnswerCommitted, AnswerRevised, BudgetWarning, InputLost, InterviewFinished, InterviewReport, InterviewStarted,
    QuestionCancelled, QuestionDelta, QuestionDone, QuestionHeard, QuestionHeld, QuestionResumed, QuestionStarted,
    SessionContinued, TranscriptFinal, TurnTiming,
};
use super::quiz::QuizStatus;
use super::{ErrorCode, Rating, RequestId, RequestResult, SessionId, UserId};

messages! {
    /// A message from a server.
    enum ServerMessage {
        "welcome" => Welcome,
        "pong" => Pong,
        "result" => RequestResult,
        "error" => Error,
        "goAway" => GoAway,
        "document.status" => DocumentStatus,
        "quiz.status" => QuizStatus,
        "report.reviewed" => RatingReviewed,
        "session.moved" => SessionMoved,
        "session.reset" => SessionReset,
        "session.events" => SessionEvents,
        "session.status" => SessionStatus,
        "speaking" => Speaking,
        "transcript.partial" => TranscriptPartial,
        "session.continued" => SessionContinued,
        "input.lost" => InputLost,
        "budget.warning" => BudgetWarning,
        "interview.started" => InterviewStarted,
        "interview.report" => InterviewReport,
        "interview.finished" => InterviewFinished,
        "question.started" => QuestionStarted,
        "question.held" => QuestionHeld,
        "question.resumed" => QuestionResumed,
        "question.delta" => QuestionDelta,
        "question.done" => QuestionDone,
        "question.heard" => QuestionHeard,
        "question.cancelled" => QuestionCancelled,
        "transcript.final" => TranscriptFinal,
        "answer.committed" => AnswerCommitted,
        "answer.revised" => AnswerRevised,
        "turn.timing" => TurnTiming,
        "chat.message" => ChatMessage,
        "chat.started" => ChatStarted,
        "chat.delta" => ChatDelta,
        "chat.done" => ChatDone,
        "chat.cancelled" => ChatCancelled,
        "chat.titled" => ChatTitled,
    }
    unknown {
        /// A message that a later version of v1 added: a client skips it, but counts its `seq`.
        Unknown(UnknownMessage)
    }
}

/// What can be told of a message whose type this version does not know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnknownMessage {
    /// Its `type`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its session, where it names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    /// Its number, if it is durable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
}

impl UnknownMessage {
    fn kind(&self) -> &str {
        &self.kind
    }
}

impl ServerMessage {
    /// The session it belongs to, where there is one.
    pub fn session(&self) -> Option<&SessionId> {
        match self {
            Self::Welcome(_)
            | Self::RequestResult(_)
            | Self::GoAway(_)
            | Self::DocumentStatus(_)
            | Self::QuizStatus(_) => None,
            Self::Pong(Pong { session, .. }) => session.as_ref(),
            Self::Error(Error { re, .. }) => re.session.as_ref(),
            Self::Unknown(UnknownMessage { session, .. }) => session.as_ref(),
            Self::RatingReviewed(RatingReviewed { session, .. })
            | Self::SessionMoved(SessionMoved { session, .. })
            | Self::SessionReset(SessionReset { session, .. })
            | Self::SessionEvents(SessionEvents { session, .. })
            | Self::SessionStatus(SessionStatus { session, .. })
            | Self::Speaking(Speaking { session, .. })
            | Self::TranscriptPartial(TranscriptPartial { session, .. })
            | Self::SessionContinued(SessionContinued { session, .. })
            | Self::InputLost(InputLost { session, .. })
            | Self::BudgetWarning(BudgetWarning { session, .. })
            | Self::InterviewStarted(InterviewStarted { session, .. })
            | Self::InterviewReport(InterviewReport { session, .. })
            | Self::InterviewFinished(InterviewFinished { session, .. })
            | Self::QuestionStarted(QuestionStarted { session, .. })
            | Self::QuestionHeld(QuestionHeld { session, .. })
            | Self::QuestionResumed(QuestionResumed { session, .. })
            | Self::QuestionDelta(QuestionDelta { session, .. })
            | Self::QuestionDone(QuestionDone { session, .. })
            | Self::QuestionHeard(QuestionHeard { session, .. })
            | Self::QuestionCancelled(QuestionCancelled { session, .. })
            | Self::TranscriptFinal(TranscriptFinal { session, .. })
            | Self::AnswerCommitted(AnswerCommitted { session, .. })
            | Self::AnswerRevised(AnswerRevised { session, .. })
            | Self::TurnTiming(TurnTiming { session, .. })
            | Self::ChatMessage(ChatMessage { session, .. })
            | Self::ChatStarted(ChatStarted { session, .. })
            | Self::ChatDelta(ChatDelta { session, .. })
            | Self::ChatDone(ChatDone { session, .. })
            | Self::ChatCancelled(ChatCancelled { session, .. })
            | Self::ChatTitled(ChatTitled { session, .. }) => Some(session),
        }
    }

    /// The number of a durable event; `None` for everything else.
    pub fn seq(&self) -> Option<u64> {
        match self {
            Self::Welcome(_)
            | Self::Pong(_)
            | Self::RequestResult(_)
            | Self::Error(_)
            | Self::GoAway(_)
            | Self::DocumentStatus(_)
            | Self::QuizStatus(_)
            | Self::RatingReviewed(_)
            | Self::SessionMoved(_)
            | Self::SessionReset(_)
            | Self::SessionEvents(_)
            | Self::SessionStatus(_)
            | Self::Speaking(_)
            | Self::TranscriptPartial(_) => None,
            Self::Unknown(UnknownMessage { seq, .. }) => *seq,
            Self::SessionContinued(SessionContinued { seq, .. })
            | Self::InputLost(InputLost { seq, .. })
            | Self::BudgetWarning(BudgetWarning { seq, .. })
            | Self::InterviewStarted(InterviewStarted { seq, .. })
            | Self::InterviewReport(InterviewReport { seq, .. })
            | Self::InterviewFinished(InterviewFinished { seq, .. })
            | Self::QuestionStarted(QuestionStarted { seq, .. })
            | Self::QuestionHeld(QuestionHeld { seq, .. })
            | Self::QuestionResumed(QuestionResumed { seq, .. })
            | Self::QuestionDelta(QuestionDelta { seq, .. })
            | Self::QuestionDone(QuestionDone { seq, .. })
            | Self::QuestionHeard(QuestionHeard { seq, .. })
            | Self::QuestionCancelled(QuestionCancelled { seq, .. })
            | Self::TranscriptFinal(TranscriptFinal { seq, .. })
            | Self::AnswerCommitted(AnswerCommitted { seq, .. })
            | Self::AnswerRevised(AnswerRevised { seq, .. })
            | Self::TurnTiming(TurnTiming { seq, .. })
            | Self::ChatMessage(ChatMessage { seq, .. })
            | Self::ChatStarted(ChatStarted { seq, .. })
            | Self::ChatDelta(ChatDelta { seq, .. })
            | Self::ChatDone(ChatDone { seq, .. })
            | Self::ChatCancelled(ChatCancelled { seq, .. })
            | Self::ChatTitled(ChatTitled { seq, .. }) => Some(*seq),
        }
    }
}

impl<'de> Deserialize<'de> for ServerMessage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error as _;

        let value = Value::deserialize(deserializer)?;
        let kind = value.get("type").and_then(Value::as_str).ok_or_else(|| D::Error::missing_field("type"))?;
        match Self::read(kind, &value) {
            Some(message) => message.map_err(D::Error::custom),
            None => Ok(Self::Unknown(UnknownMessage {
                kind: kind.to_owned(),
                session: value.get("session").and_then(Value::as_str).and_then(|text| SessionId::new(text).ok()),
                seq: value.get("seq").and_then(Value::as_u64),
            })),
        }
    }
}

wire! {
    /// What this server allows.
    plain struct Limits {
        /// The largest client message, in bytes.
        message_bytes_max: u32,
        /// The longest audio in one message.
        audio_ms_max: u32,
        /// The most bytes of audio in one message, before base64.
        audio_bytes_max: u32,
        /// The least credit beyond `inboxThroughSeq`.
        window_seqs: u32,
        /// How much unacknowledged audio a client keeps.
        unsent_audio_ms_max: u32,
        /// How many sessions a user may have open.
        sessions_open_max: u32,
        /// The longest typed answer, in characters.
        text_chars_max: u32,
        /// The most questions of an interview.
        questions_max: u32,
        /// The longest time budget of an interview.
        duration_ms_max: u64,
    }
}

wire! {
    /// The answer to `hello`.
    plain struct Welcome {
        /// The protocol in use: `viva.v1`.
        protocol: String,
        /// This connection's name.
        connection: String,
        /// Who the token says is speaking.
        user: UserId,
        /// What this server allows.
        limits: Limits,
        /// What this server can do beyond v1; none is defined yet.
        features: Vec<String>,
        /// When the token expires.
        expires_unix_ms: u64,
    } optional {
        /// The `id` of `hello`.
        id: RequestId,
    }
}

wire! {
    /// The answer to `ping`.
    plain struct Pong {} optional {
        /// The `id` of `ping`.
        id: RequestId,
        /// The `session` of `ping`.
        session: SessionId,
    }
}

wire! {
    /// What an error is about.
    #[derive(Default)]
    plain struct Re {} optional {
        /// The request.
        id: RequestId,
        /// The session.
        session: SessionId,
        /// The client's number of the message in that session.
        seq: u64,
    }
}

wire! {
    /// Something went wrong.
    plain struct Error {
        /// What.
        code: ErrorCode,
        /// For people; safe to show.
        message: String,
        /// Whether to send the same again. With `re.seq`: `true` says that nothing was stored, `false` that the number is spent.
        retryable: bool,
        /// What it is about.
        re: Re,
    } optional {
        /// How long to wait before.
        retry_after_ms: u64,
    }
}

words! {
    /// Why a connection will be closed.
    enum GoAwayReason {
        /// It has lasted as long as one may.
        MaxDuration = "max_duration",
        /// The server is being stopped or replaced.
        Draining = "draining",
        /// Nothing was said for too long.
        Idle = "idle",
        /// The token's time is over.
        TokenExpired = "token_expired",
    }
}

wire! {
    /// The connection will be closed: open another and resume.
    plain struct GoAway {
        /// Why.
        reason: GoAwayReason,
        /// When.
        remaining_ms: u64,
    }
}

wire! {
    /// A teacher has confirmed or changed a rating; sent to all connections of whoever was interviewed. One that is lost is made up for by
    /// `session.get`.
    plain struct RatingReviewed {
        /// The session.
        session: SessionId,
        /// As it now stands.
        rating: Rating,
    }
}

wire! {
    /// Another connection has the session now. This one stays open and does not resume unasked.
    plain struct SessionMoved {
        /// The session.
        session: SessionId,
    }
}

wire! {
    /// The events asked for are gone: drop what you have and read the history.
    plain struct SessionReset {
        /// The session.
        session: SessionId,
        /// The last event.
        outbox_head_seq: u64,
    }
}

wire! {
    /// Events from the log. Deltas of texts that are done or cancelled are left out; the client then stands at `throughSeq`.
    plain struct SessionEvents {
        /// The session.
        session: SessionId,
        /// The first number covered.
        from_seq: u64,
        /// The last number covered; `fromSeq` − 1 when there is none.
        through_seq: u64,
        /// Durable messages, in order.
        #[cfg_attr(feature = "schema", schemars(schema_with = "event_list_schema"))]
        events: Vec<ServerMessage>,
    }
}

#[cfg(feature = "schema")]
fn event_list_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({ "type": "array", "items": { "$ref": "#/$defs/ServerMessage" } })
}

wire! {
    /// Numbers, both ends included.
    plain struct SeqRange {
        /// The first.
        from_seq: u64,
        /// The last.
        through_seq: u64,
    }
}

wire! {
    /// A sign of life, every second: acknowledgement and credit. In a conversation only while a reply is due, and with nothing of an inbox.
    ephemeral struct SessionStatus {
        /// 1 to here are stored, or lost.
        inbox_through_seq: u64,
        /// What lies beyond is stored but read later.
        window_through_seq: u64,
        /// Send these again; at most 32.
        #[cfg_attr(feature = "schema", schemars(length(max = 32)))]
        missing: Vec<SeqRange>,
        /// The last event.
        outbox_head_seq: u64,
        /// Audio that is stored but not listened to yet.
        buffered_ms: u64,
    }
}

wire! {
    /// The server hears speech, or no longer does.
    ephemeral struct Speaking {
        /// Whether it does.
        on: bool,
    } optional {
        /// The position in the audio at which that changed.
        media_ms: u64,
    }
}

wire! {
    /// What has been understood of a segment so far; the next one replaces it.
    ephemeral struct TranscriptPartial {
        /// The turn.
        turn: u32,
        /// The segment within the turn.
        segment: u32,
        /// The version of this segment.
        revision: u32,
        /// The whole segment so far.
        text: String,
        /// How many characters at its start will not change.
        stable_chars: u32,
    } optional {
        /// The end of the audio that it rests on.
        media_ms: u64,
    }
}
