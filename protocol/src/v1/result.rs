//! The bodies of `result`, one for each request. Which of them comes, a client knows from what it asked.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::chat::{ChatAccepted, ChatPage};
use super::{
    CourseId, DocumentPage, Params, Rating, Report, RequestId, Review, SessionId, SessionKind, Turn, Usage, UserId,
};

/// The answer to a request.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RequestResult {
    /// The request's own `id`.
    pub id: RequestId,
    /// What was asked for.
    #[serde(flatten)]
    pub body: ResultBody,
}

/// What a request asked for.
///
/// Read from JSON, the body is told by its fields; a result without any known ones is [`ResultBody::Done`].
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum ResultBody {
    /// For `session.resume`.
    Resumed(Box<SessionResumed>),
    /// For `session.list`.
    Sessions(SessionPage),
    /// For `documents.list`.
    Documents(DocumentPage),
    /// For `session.get`.
    Session(Box<SessionDetail>),
    /// For `auth.refresh`.
    Refreshed(AuthRefreshed),
    /// For `report.review`.
    Reviewed(Box<ReportReviewed>),
    /// For `chat.send`, `chat.edit` and `chat.regenerate`.
    ChatAccepted(ChatAccepted),
    /// For `chat.history`.
    ChatPage(Box<ChatPage>),
    /// For `session.delete`, `chat.stop`, `chat.rename` and `chat.feedback`.
    Done(Done),
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for RequestResult {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "RequestResult".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "The answer to a request; a client knows from what it asked which of these it is.",
            "anyOf": [
                generator.subschema_for::<SessionResumed>(),
                generator.subschema_for::<SessionPage>(),
                generator.subschema_for::<DocumentPage>(),
                generator.subschema_for::<SessionDetail>(),
                generator.subschema_for::<AuthRefreshed>(),
                generator.subschema_for::<ReportReviewed>(),
                generator.subschema_for::<ChatAccepted>(),
                generator.subschema_for::<ChatPage>(),
                generator.subschema_for::<Done>(),
            ],
        })
    }
}

impl<'de> Deserialize<'de> for RequestResult {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let read = |value: Value| -> Result<Self, serde_json::Error> {
            let id = Deserialize::deserialize(value.get("id").unwrap_or(&Value::Null))?;
            let has = |field: &str| value.get(field).is_some();
            let body = if has("inboxHeadSeq") {
                ResultBody::Resumed(serde_json::from_value(value)?)
            } else if has("sessions") {
                ResultBody::Sessions(serde_json::from_value(value)?)
            } else if has("documents") {
                ResultBody::Documents(serde_json::from_value(value)?)
            } else if has("turns") {
                ResultBody::Session(serde_json::from_value(value)?)
            } else if has("rating") {
                ResultBody::Reviewed(serde_json::from_value(value)?)
            } else if has("entries") {
                ResultBody::ChatPage(serde_json::from_value(value)?)
            } else if has("replyId") {
                ResultBody::ChatAccepted(serde_json::from_value(value)?)
            } else if has("expiresUnixMs") {
                ResultBody::Refreshed(serde_json::from_value(value)?)
            } else {
                ResultBody::Done(Done {})
            };
            Ok(Self { id, body })
        };
        read(value).map_err(serde::de::Error::custom)
    }
}

words! {
    /// Where a session stands.
    enum SessionState {
        /// It goes on.
        Open = "open",
        /// It came to its end.
        Finished = "finished",
        /// It was left; its report was made all the same.
        Abandoned = "abandoned",
    }
}

wire! {
    /// Where a resumed session stands; `session.events` follow.
    plain struct SessionResumed {
        /// The session.
        session: SessionId,
        /// Whether it goes on.
        state: SessionState,
        /// The worker now in charge.
        epoch: u32,
        /// The last event.
        outbox_head_seq: u64,
        /// All up to here is stored, or lost: send again what comes after.
        inbox_through_seq: u64,
        /// The highest number stored; one who lost count goes on after it.
        inbox_head_seq: u64,
        /// The credit.
        window_through_seq: u64,
        /// The end of the audio stored.
        media_ms: u64,
    }
}

wire! {
    /// One session in a list.
    plain struct SessionSummary {
        /// The session.
        session: SessionId,
        /// Its kind.
        kind: SessionKind,
        /// Where it stands.
        state: SessionState,
        /// Its title.
        title: String,
        /// When it was started.
        created_unix_ms: u64,
        /// When it last changed.
        updated_unix_ms: u64,
        /// How many questions were asked; in a conversation, by the person.
        questions: u32,
        /// How long it took so far.
        duration_ms: u64,
    } optional {
        /// Whose it is, in a teacher's list.
        user: UserId,
        /// The course it belongs to.
        course: CourseId,
    }
}

wire! {
    /// A page of sessions.
    plain struct SessionPage {
        /// Latest first.
        sessions: Vec<SessionSummary>,
    } optional {
        /// Where the next page begins; absent on the last.
        cursor: String,
    }
}

wire! {
    /// A session's transcript and report. Report, recording and usage come with the first page alone.
    plain struct SessionDetail {
        /// The session.
        session: SessionId,
        /// Where it stands.
        state: SessionState,
        /// How it was started.
        params: Params,
        /// When it was started.
        created_unix_ms: u64,
        /// The turns of this page.
        turns: Vec<Turn>,
    } optional {
        /// The report, once the interview is over.
        report: Box<Report>,
        /// Where the recording can be fetched until it expires.
        recording_url: String,
        /// When that address expires.
        recording_expires_unix_ms: u64,
        /// What the session used.
        usage: Usage,
        /// For a teacher of its course: what teachers said of its ratings, latest first, as far as it fits.
        reviews: Vec<Review>,
        /// Where the next page begins; absent on the last.
        cursor: String,
    }
}

wire! {
    /// The token was renewed.
    plain struct AuthRefreshed {
        /// When the new token expires.
        expires_unix_ms: u64,
    }
}

wire! {
    /// A rating was reviewed.
    plain struct ReportReviewed {
        /// As it now stands.
        rating: Rating,
    }
}

wire! {
    /// It was done; there is nothing to say.
    plain struct Done {}
}
