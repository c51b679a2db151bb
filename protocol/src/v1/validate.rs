//! The ranges and lengths that types alone do not hold. Ids and words are checked where they are read; what a message
//! means in its session is not judged here.

use std::fmt;

use super::limits::{
    ANSWER_CHARS_MAX, AUDIO_BYTES_MAX, CHANNELS_MAX, CHAT_ATTEMPTS_MAX, CHAT_HISTORY_ENTRIES_MAX, CHAT_TEXT_CHARS_MAX,
    CHAT_TITLE_CHARS_MAX, CLIENT_CHARS_MAX, COMMENT_CHARS_MAX, CRITERION_CHARS_MAX, CURSOR_CHARS_MAX, DOCUMENTS_MAX,
    DURATION_MS_MAX, DURATION_MS_MIN, FEATURE_CHARS_MAX, FEATURES_MAX, LEVEL_CHARS_MAX, QUERY_CHARS_MAX, QUESTIONS_MAX,
    QUESTIONS_MIN, RATING_MAX, RATING_MIN, ROLE_CHARS_MAX, SAFE_INTEGER_MAX, SAMPLE_RATES_HZ, TOKEN_BYTES_MAX,
    TOPIC_CHARS_MAX,
};
use super::{
    AnswerCorrect, AnswerEnd, AnswerText, Audio, AudioFormat, AuthRefresh, ChatEdit, ChatHistory, ChatRegenerate,
    ChatRename, ChatScope, ChatSend, ClientInfo, ClientMessage, DocumentsList, ErrorCode, Hello, InterviewStart,
    Params, QuestionRepeat, QuestionSkip, Rendered, ReportReview, SessionGet, SessionList, SessionResume,
};

/// A field that is of the right kind, but not in its range.
#[derive(Debug)]
pub(crate) struct Invalid {
    pub(crate) code: ErrorCode,
    field: &'static str,
    reason: String,
}

impl Invalid {
    pub(crate) fn new(code: ErrorCode, field: &'static str, reason: impl Into<String>) -> Self {
        Self { code, field, reason: reason.into() }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.reason)
    }
}

pub(crate) fn validate(message: &ClientMessage) -> Result<(), Invalid> {
    if let Some(seq) = message.seq() {
        within("seq", seq, 1, SAFE_INTEGER_MAX)?;
    }
    match message {
        ClientMessage::Ping(_)
        | ClientMessage::SessionDelete(_)
        | ClientMessage::InterviewFinish(_)
        | ClientMessage::ChatStop(_)
        | ClientMessage::ChatFeedback(_) => Ok(()),
        ClientMessage::ChatSend(ChatSend { text, scope, .. }) => {
            chars("text", text, 1, CHAT_TEXT_CHARS_MAX)?;
            scope.as_ref().map_or(Ok(()), validate_scope)
        }
        ClientMessage::ChatEdit(ChatEdit { text, .. }) => chars("text", text, 1, CHAT_TEXT_CHARS_MAX),
        ClientMessage::ChatRegenerate(ChatRegenerate { attempt, .. }) => {
            within("attempt", u64::from(*attempt), 2, u64::from(CHAT_ATTEMPTS_MAX))
        }
        ClientMessage::ChatRename(ChatRename { title, .. }) => chars("title", title, 1, CHAT_TITLE_CHARS_MAX),
        ClientMessage::ChatHistory(ChatHistory { before, limit, .. }) => {
            before.map_or(Ok(()), |before| within("before", before, 1, SAFE_INTEGER_MAX))?;
            limit.map_or(Ok(()), |limit| within("limit", u64::from(limit), 1, u64::from(CHAT_HISTORY_ENTRIES_MAX)))
        }
        ClientMessage::Hello(Hello { client: ClientInfo { name, version }, features, .. }) => {
            chars("client.name", name, 1, CLIENT_CHARS_MAX)?;
            chars("client.version", version, 0, CLIENT_CHARS_MAX)?;
            within("features", features.len() as u64, 0, FEATURES_MAX as u64)?;
            features.iter().try_for_each(|feature| chars("features", feature, 0, FEATURE_CHARS_MAX))
        }
        ClientMessage::AuthRefresh(AuthRefresh { token, .. }) => chars("token", token, 1, TOKEN_BYTES_MAX),
        ClientMessage::SessionResume(SessionResume { last_seq, .. }) => {
            within("lastSeq", *last_seq, 0, SAFE_INTEGER_MAX)
        }
        ClientMessage::SessionList(SessionList { query, cursor, .. }) => {
            optional_chars("query", query.as_deref(), QUERY_CHARS_MAX)?;
            optional_chars("cursor", cursor.as_deref(), CURSOR_CHARS_MAX)
        }
        ClientMessage::SessionGet(SessionGet { cursor, .. })
        | ClientMessage::DocumentsList(DocumentsList { cursor, .. }) => {
            optional_chars("cursor", cursor.as_deref(), CURSOR_CHARS_MAX)
        }
        ClientMessage::ReportReview(ReportReview { criterion, rating, comment, .. }) => {
            chars("criterion", criterion, 1, CRITERION_CHARS_MAX)?;
            within("rating", u64::from(*rating), u64::from(RATING_MIN), u64::from(RATING_MAX))?;
            optional_chars("comment", comment.as_deref(), COMMENT_CHARS_MAX)
        }
        ClientMessage::InterviewStart(InterviewStart { params, seq, .. }) => {
            within("seq", *seq, 1, 1)?;
            validate_params(params)
        }
        ClientMessage::Audio(Audio { media_ms, data, .. }) => {
            within("mediaMs", *media_ms, 0, SAFE_INTEGER_MAX)?;
            audio_bytes(data)
        }
        ClientMessage::AnswerEnd(AnswerEnd { turn, .. })
        | ClientMessage::QuestionSkip(QuestionSkip { turn, .. })
        | ClientMessage::QuestionRepeat(QuestionRepeat { turn, .. }) => counted("turn", *turn),
        ClientMessage::AnswerText(AnswerText { turn, text, .. })
        | ClientMessage::AnswerCorrect(AnswerCorrect { turn, text, .. }) => {
            counted("turn", *turn)?;
            chars("text", text, 1, ANSWER_CHARS_MAX)
        }
        ClientMessage::Rendered(Rendered { turn, attempt, .. }) => {
            counted("turn", *turn)?;
            counted("attempt", *attempt)
        }
    }
}

fn validate_params(params: &Params) -> Result<(), Invalid> {
    let Params {
        topic,
        language: _,
        questions,
        playback: _,
        turn_taking: _,
        recording: _,
        role,
        level,
        duration_ms,
        course: _,
        documents,
        guide: _,
        audio,
    } = params;
    chars("params.topic", topic, 1, TOPIC_CHARS_MAX)?;
    within("params.questions", u64::from(*questions), u64::from(QUESTIONS_MIN), u64::from(QUESTIONS_MAX))?;
    optional_chars("params.role", role.as_deref(), ROLE_CHARS_MAX)?;
    optional_chars("params.level", level.as_deref(), LEVEL_CHARS_MAX)?;
    if let Some(duration_ms) = duration_ms {
        within("params.durationMs", *duration_ms, DURATION_MS_MIN, DURATION_MS_MAX)?;
    }
    if let Some(documents) = documents {
        within("params.documents", documents.len() as u64, 0, DOCUMENTS_MAX as u64)?;
    }
    if let Some(AudioFormat { codec: _, sample_rate_hz, channels }) = audio {
        if !SAMPLE_RATES_HZ.contains(sample_rate_hz) {
            let reason = format!("it must be one of {SAMPLE_RATES_HZ:?}");
            return Err(Invalid::new(ErrorCode::InvalidField, "params.audio.sampleRateHz", reason));
        }
        within("params.audio.channels", u64::from(*channels), 1, u64::from(CHANNELS_MAX))?;
    }
    Ok(())
}

fn validate_scope(scope: &ChatScope) -> Result<(), Invalid> {
    let ChatScope { course: _, documents } = scope;
    documents
        .as_ref()
        .map_or(Ok(()), |documents| within("scope.documents", documents.len() as u64, 0, DOCUMENTS_MAX as u64))
}

fn audio_bytes(data: &[u8]) -> Result<(), Invalid> {
    match data.len() {
        0 => Err(Invalid::new(ErrorCode::AudioInvalid, "data", "there is no audio in it")),
        1..=AUDIO_BYTES_MAX => Ok(()),
        length => {
            let reason = format!("{length} bytes of audio, and {AUDIO_BYTES_MAX} are allowed in one message");
            Err(Invalid::new(ErrorCode::AudioTooLong, "data", reason))
        }
    }
}

fn counted(field: &'static str, value: u32) -> Result<(), Invalid> {
    within(field, u64::from(value), 1, u64::from(u32::MAX))
}

fn within(field: &'static str, value: u64, min: u64, max: u64) -> Result<(), Invalid> {
    if (min..=max).contains(&value) {
        return Ok(());
    }
    Err(Invalid::new(ErrorCode::InvalidField, field, format!("{value} is not within {min} and {max}")))
}

fn optional_chars(field: &'static str, text: Option<&str>, max: usize) -> Result<(), Invalid> {
    text.map_or(Ok(()), |text| chars(field, text, 0, max))
}

/// Counts Unicode scalar values, and only where the bytes do not settle it.
fn chars(field: &'static str, text: &str, min: usize, max: usize) -> Result<(), Invalid> {
    let fits = text.len() <= max || text.chars().nth(max).is_none();
    if fits && text.len() >= min {
        return Ok(());
    }
    Err(Invalid::new(ErrorCode::InvalidField, field, format!("it must have {min} to {max} characters")))
}
