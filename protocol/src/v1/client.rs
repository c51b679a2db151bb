//! What a client says: requests with an `id`, and an interview's messages numbered by `seq`.

use bytes::Bytes;

use super::chat::{ChatEdit, ChatFeedback, ChatHistory, ChatRegenerate, ChatRename, ChatSend, ChatStop};
use super::{CourseId, DocumentPurpose, Params, RequestId, SessionId, UserId};

messages! {
    /// A message from a client.
    enum ClientMessage {
        "hello" => Hello,
        "ping" => Ping,
        "auth.refresh" => AuthRefresh,
        "session.resume" => SessionResume,
        "session.list" => SessionList,
        "session.get" => SessionGet,
        "session.delete" => SessionDelete,
        "report.review" => ReportReview,
        "chat.send" => ChatSend,
        "chat.edit" => ChatEdit,
        "chat.regenerate" => ChatRegenerate,
        "chat.stop" => ChatStop,
        "chat.rename" => ChatRename,
        "chat.feedback" => ChatFeedback,
        "chat.history" => ChatHistory,
        "documents.list" => DocumentsList,
        "interview.start" => InterviewStart,
        "audio" => Audio,
        "answer.end" => AnswerEnd,
        "answer.text" => AnswerText,
        "answer.correct" => AnswerCorrect,
        "question.skip" => QuestionSkip,
        "question.repeat" => QuestionRepeat,
        "rendered" => Rendered,
        "interview.finish" => InterviewFinish,
    }
}

impl ClientMessage {
    /// The request's `id`, where it has one.
    pub fn id(&self) -> Option<&RequestId> {
        match self {
            Self::Hello(Hello { id, .. }) | Self::Ping(Ping { id, .. }) => id.as_ref(),
            Self::AuthRefresh(AuthRefresh { id, .. })
            | Self::SessionResume(SessionResume { id, .. })
            | Self::SessionList(SessionList { id, .. })
            | Self::SessionGet(SessionGet { id, .. })
            | Self::SessionDelete(SessionDelete { id, .. })
            | Self::ReportReview(ReportReview { id, .. })
            | Self::ChatSend(ChatSend { id, .. })
            | Self::ChatEdit(ChatEdit { id, .. })
            | Self::ChatRegenerate(ChatRegenerate { id, .. })
            | Self::ChatStop(ChatStop { id, .. })
            | Self::ChatRename(ChatRename { id, .. })
            | Self::ChatFeedback(ChatFeedback { id, .. })
            | Self::ChatHistory(ChatHistory { id, .. })
            | Self::DocumentsList(DocumentsList { id, .. }) => Some(id),
            Self::InterviewStart(_)
            | Self::Audio(_)
            | Self::AnswerEnd(_)
            | Self::AnswerText(_)
            | Self::AnswerCorrect(_)
            | Self::QuestionSkip(_)
            | Self::QuestionRepeat(_)
            | Self::Rendered(_)
            | Self::InterviewFinish(_) => None,
        }
    }

    /// The session it names, where it names one.
    pub fn session(&self) -> Option<&SessionId> {
        match self {
            Self::Hello(_) | Self::AuthRefresh(_) | Self::SessionList(_) | Self::DocumentsList(_) => None,
            Self::Ping(Ping { session, .. }) => session.as_ref(),
            Self::SessionResume(SessionResume { session, .. })
            | Self::SessionGet(SessionGet { session, .. })
            | Self::SessionDelete(SessionDelete { session, .. })
            | Self::ReportReview(ReportReview { session, .. })
            | Self::ChatSend(ChatSend { session, .. })
            | Self::ChatEdit(ChatEdit { session, .. })
            | Self::ChatRegenerate(ChatRegenerate { session, .. })
            | Self::ChatStop(ChatStop { session, .. })
            | Self::ChatRename(ChatRename { session, .. })
            | Self::ChatFeedback(ChatFeedback { session, .. })
            | Self::ChatHistory(ChatHistory { session, .. })
            | Self::InterviewStart(InterviewStart { session, .. })
            | Self::Audio(Audio { session, .. })
            | Self::AnswerEnd(AnswerEnd { session, .. })
            | Self::AnswerText(AnswerText { session, .. })
            | Self::AnswerCorrect(AnswerCorrect { session, .. })
            | Self::QuestionSkip(QuestionSkip { session, .. })
            | Self::QuestionRepeat(QuestionRepeat { session, .. })
            | Self::Rendered(Rendered { session, .. })
            | Self::InterviewFinish(InterviewFinish { session, .. }) => Some(session),
        }
    }

    /// The number in its session, for what is said in an interview; `None` for a request.
    pub fn seq(&self) -> Option<u64> {
        match self {
            Self::Hello(_)
            | Self::Ping(_)
            | Self::AuthRefresh(_)
            | Self::SessionResume(_)
            | Self::SessionList(_)
            | Self::SessionGet(_)
            | Self::SessionDelete(_)
            | Self::ReportReview(_)
            | Self::ChatSend(_)
            | Self::ChatEdit(_)
            | Self::ChatRegenerate(_)
            | Self::ChatStop(_)
            | Self::ChatRename(_)
            | Self::ChatFeedback(_)
            | Self::ChatHistory(_)
            | Self::DocumentsList(_) => None,
            Self::InterviewStart(InterviewStart { seq, .. })
            | Self::Audio(Audio { seq, .. })
            | Self::AnswerEnd(AnswerEnd { seq, .. })
            | Self::AnswerText(AnswerText { seq, .. })
            | Self::AnswerCorrect(AnswerCorrect { seq, .. })
            | Self::QuestionSkip(QuestionSkip { seq, .. })
            | Self::QuestionRepeat(QuestionRepeat { seq, .. })
            | Self::Rendered(Rendered { seq, .. })
            | Self::InterviewFinish(InterviewFinish { seq, .. }) => Some(*seq),
        }
    }
}

wire! {
    /// Which program speaks.
    plain struct ClientInfo {
        /// Its name.
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 100)))]
        name: String,
        /// Its version.
        #[cfg_attr(feature = "schema", schemars(length(max = 100)))]
        version: String,
    }
}

wire! {
    /// Optional, and may be sent before anything is heard: asks for `welcome`.
    plain struct Hello {
        /// Which program speaks.
        client: ClientInfo,
        /// What it can do beyond v1; none is defined yet.
        #[cfg_attr(feature = "schema", schemars(length(max = 32), inner(length(max = 64))))]
        features: Vec<String>,
    } optional {
        /// The client's name for this request; `welcome` carries it.
        id: RequestId,
    }
}

wire! {
    /// Asks for `pong`. With a session: also wakes its worker, should that have died.
    plain struct Ping {} optional {
        /// The client's name for this request; `pong` carries it.
        id: RequestId,
        /// The session that has given no sign for 3 s.
        session: SessionId,
    }
}

wire! {
    /// Renews the connection's token. Answered by `result{id,expiresUnixMs}`.
    request struct AuthRefresh {
        /// The new token, of the same user.
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 8192)))]
        token: String,
    }
}

wire! {
    /// Binds this connection to a session and asks for all events after `lastSeq`. Answered by `result`, then
    /// `session.events`.
    request struct SessionResume {
        /// The session.
        session: SessionId,
        /// The last event that the client has; 0: none.
        #[cfg_attr(feature = "schema", schemars(range(max = 9007199254740991u64)))]
        last_seq: u64,
    }
}

words! {
    /// What kind a session is of.
    enum SessionKind {
        /// A spoken interview.
        Interview = "interview",
        /// A conversation over course files.
        Chat = "chat",
    }
}

wire! {
    /// Asks for sessions, latest first. Answered by `result{id,sessions,cursor?}`.
    request struct SessionList {} optional {
        /// Only of this kind; absent: interviews.
        kind: SessionKind,
        /// Only of this course.
        course: CourseId,
        /// Of this student, for a teacher of the course.
        user: UserId,
        /// Only those whose title or topic holds these words.
        #[cfg_attr(feature = "schema", schemars(length(max = 200)))]
        query: String,
        /// Where the page before ended.
        #[cfg_attr(feature = "schema", schemars(length(max = 512)))]
        cursor: String,
    }
}

wire! {
    /// Asks for transcript, report and recording. Answered by `result`, in pages.
    request struct SessionGet {
        /// The session.
        session: SessionId,
    } optional {
        /// Whose it is, for a teacher of its course.
        user: UserId,
        /// Where the page before ended.
        #[cfg_attr(feature = "schema", schemars(length(max = 512)))]
        cursor: String,
    }
}

wire! {
    /// Deletes a session with all that belongs to it. Answered by `result{id}`.
    request struct SessionDelete {
        /// The session.
        session: SessionId,
    }
}

wire! {
    /// A teacher's word on a rating. Answered by `result{id,rating}`.
    request struct ReportReview {
        /// The session.
        session: SessionId,
        /// Whose it is.
        user: UserId,
        /// The rating's criterion.
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 100)))]
        criterion: String,
        /// The teacher's rating; the same as proposed confirms it.
        #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 5)))]
        rating: u8,
    } optional {
        /// What the teacher says.
        #[cfg_attr(feature = "schema", schemars(length(max = 2000)))]
        comment: String,
        /// The rating's `revision` as the teacher saw it, 0 where it had none: where it was reviewed since, nothing is stored, and
        /// `review_conflict` says so. Absent: whatever was said meanwhile.
        revision: u32,
    }
}

wire! {
    /// Asks for documents, latest first. Answered by `result{id,documents,cursor?}`.
    request struct DocumentsList {} optional {
        /// Only of this course; absent: of all that the token opens, and the user's own.
        course: CourseId,
        /// Only those for this purpose.
        purpose: DocumentPurpose,
        /// Where the page before ended.
        #[cfg_attr(feature = "schema", schemars(length(max = 512)))]
        cursor: String,
    }
}

wire! {
    /// Starts an interview and binds the connection to it: `seq` 1. The same again is a no-op, another is `session_exists`.
    numbered struct InterviewStart {
        /// What it is about and how it goes.
        params: Params,
    }
}

wire! {
    /// Audio as it was captured. At most 1 s and 20,000 bytes before base64.
    numbered struct Audio {
        /// Capture time of the first sample, 0 at the session's first; a jump forward is a gap.
        #[cfg_attr(feature = "schema", schemars(range(max = 9007199254740991u64)))]
        media_ms: u64,
        /// The audio in the codec that `interview.start` announced, as padded base64.
        #[serde(with = "crate::v1::audio::base64_text")]
        #[cfg_attr(feature = "schema", schemars(schema_with = "crate::v1::audio::base64_text::schema"))]
        data: Bytes,
    }
}

wire! {
    /// The answer is over.
    numbered struct AnswerEnd {
        /// The turn.
        #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
        turn: u32,
    }
}

wire! {
    /// A typed answer, which ends the answer in every mode; what is committed: the spoken words, then this.
    numbered struct AnswerText {
        /// The turn.
        #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
        turn: u32,
        /// The text.
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 8000)))]
        text: String,
    }
}

wire! {
    /// Disputes a misheard answer: both versions stay.
    numbered struct AnswerCorrect {
        /// The turn.
        #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
        turn: u32,
        /// The whole answer as it should read.
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 8000)))]
        text: String,
    }
}

wire! {
    /// Passes over the question.
    numbered struct QuestionSkip {
        /// The turn.
        #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
        turn: u32,
    }
}

wire! {
    /// Asks for the question again.
    numbered struct QuestionRepeat {
        /// The turn.
        #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
        turn: u32,
    }
}

words! {
    /// Whether a question is being rendered.
    enum RenderState {
        /// It is being spoken or shown.
        Playing = "playing",
        /// It is held.
        Paused = "paused",
        /// It is over.
        Done = "done",
    }
}

wire! {
    /// What was seen or heard of a question so far: at the start, each second, on pause, at the end.
    numbered struct Rendered {
        /// The turn.
        #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
        turn: u32,
        /// The attempt at asking.
        #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
        attempt: u32,
        /// How many characters (Unicode scalar values) so far.
        chars: u32,
        /// Whether it goes on.
        state: RenderState,
    }
}

wire! {
    /// Ends the interview; the report follows.
    numbered struct InterviewFinish {}
}
