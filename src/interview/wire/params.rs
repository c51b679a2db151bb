//! What an interview is started with, who listens and asks, and what a candidate says, both ways.

use crate::interview::input::{PlaybackState, Said};
use crate::interview::params::{AudioFormat, Codec, Params, Playback, TurnTaking};
use crate::ports::recognizer::{RecognizerInfo, RecognizerKind};
use crate::ports::text_model::{ModelInfo, ModelKind};
use protocol::v1;

pub fn params_from(wire: v1::Params) -> Params {
    let v1::Params {
        topic,
        language,
        questions,
        playback,
        turn_taking,
        recording,
        role,
        level,
        duration_ms,
        course,
        documents,
        guide,
        audio,
    } = wire;
    Params {
        topic,
        role,
        level,
        language: language.as_str().to_owned(),
        questions,
        duration_ms,
        course: course.map(|course| course.as_str().to_owned()),
        documents: documents.unwrap_or_default().iter().map(|document| document.as_str().to_owned()).collect(),
        guide: guide.map(|guide| guide.as_str().to_owned()),
        audio: audio.map(|v1::AudioFormat { codec, sample_rate_hz, channels }| AudioFormat {
            codec: match codec {
                v1::Codec::Opus => Codec::Opus,
                v1::Codec::PcmS16le => Codec::PcmS16le,
            },
            sample_rate_hz,
            channels,
        }),
        playback: match playback {
            v1::Playback::Voice => Playback::Voice,
            v1::Playback::Text => Playback::Text,
        },
        turn_taking: match turn_taking {
            v1::TurnTaking::Auto => TurnTaking::Auto,
            v1::TurnTaking::Patient => TurnTaking::Patient,
            v1::TurnTaking::Manual => TurnTaking::Manual,
        },
        recording,
    }
}

pub fn params_to(params: &Params) -> v1::Params {
    let Params {
        topic,
        role,
        level,
        language,
        questions,
        duration_ms,
        course,
        documents,
        guide,
        audio,
        playback,
        turn_taking,
        recording,
    } = params;
    let document = |id: &String| v1::DocumentId::new(id.as_str()).expect("a document's id was checked when it came");
    v1::Params {
        topic: topic.clone(),
        language: wire_language(language),
        questions: *questions,
        playback: match playback {
            Playback::Voice => v1::Playback::Voice,
            Playback::Text => v1::Playback::Text,
        },
        turn_taking: match turn_taking {
            TurnTaking::Auto => v1::TurnTaking::Auto,
            TurnTaking::Patient => v1::TurnTaking::Patient,
            TurnTaking::Manual => v1::TurnTaking::Manual,
        },
        recording: *recording,
        role: role.clone(),
        level: level.clone(),
        duration_ms: *duration_ms,
        course: course
            .as_ref()
            .map(|id| v1::CourseId::new(id.as_str()).expect("a course's id was checked when it came")),
        documents: (!documents.is_empty()).then(|| documents.iter().map(document).collect()),
        // What was no name of a document guided nothing.
        guide: guide.as_deref().and_then(|guide| v1::DocumentId::new(guide).ok()),
        audio: audio.map(|AudioFormat { codec, sample_rate_hz, channels }| v1::AudioFormat {
            codec: match codec {
                Codec::Opus => v1::Codec::Opus,
                Codec::PcmS16le => v1::Codec::PcmS16le,
            },
            sample_rate_hz,
            channels,
        }),
    }
}

pub(super) fn wire_language(language: &str) -> v1::Language {
    v1::Language::new(language).expect("a language was checked when it came")
}

pub fn recognizer(info: &RecognizerInfo) -> v1::Recognizer {
    let RecognizerInfo { name, kind, languages } = info;
    v1::Recognizer {
        name: name.clone(),
        kind: match kind {
            RecognizerKind::PocketSphinx => v1::RecognizerKind::Pocketsphinx,
            RecognizerKind::OpenAi => v1::RecognizerKind::Openai,
            RecognizerKind::Scripted => v1::RecognizerKind::Scripted,
            RecognizerKind::Transcribe => v1::RecognizerKind::Transcribe,
        },
        languages: languages.clone(),
    }
}

pub fn model(info: &ModelInfo) -> v1::Model {
    let ModelInfo { name, kind } = info;
    v1::Model {
        name: name.clone(),
        kind: match kind {
            ModelKind::Builtin => v1::ModelKind::Builtin,
            ModelKind::OpenAi => v1::ModelKind::Openai,
            ModelKind::Bedrock => v1::ModelKind::Bedrock,
        },
    }
}

/// A control message of an interview; `None` for any other message.
pub fn said(message: v1::ClientMessage) -> Option<Said> {
    match message {
        v1::ClientMessage::AnswerEnd(v1::AnswerEnd { session: _, seq: _, turn }) => Some(Said::AnswerEnd { turn }),
        v1::ClientMessage::AnswerText(v1::AnswerText { session: _, seq: _, turn, text }) => {
            Some(Said::AnswerText { turn, text })
        }
        v1::ClientMessage::AnswerCorrect(v1::AnswerCorrect { session: _, seq: _, turn, text }) => {
            Some(Said::AnswerCorrect { turn, text })
        }
        v1::ClientMessage::QuestionSkip(v1::QuestionSkip { session: _, seq: _, turn }) => {
            Some(Said::QuestionSkip { turn })
        }
        v1::ClientMessage::QuestionRepeat(v1::QuestionRepeat { session: _, seq: _, turn }) => {
            Some(Said::QuestionRepeat { turn })
        }
        v1::ClientMessage::Rendered(v1::Rendered { session: _, seq: _, turn, attempt, chars, state }) => {
            let state = match state {
                v1::RenderState::Playing => PlaybackState::Playing,
                v1::RenderState::Paused => PlaybackState::Paused,
                v1::RenderState::Done => PlaybackState::Done,
            };
            Some(Said::Rendered { turn, attempt, chars, state })
        }
        v1::ClientMessage::InterviewFinish(v1::InterviewFinish { session: _, seq: _ }) => Some(Said::Finish),
        v1::ClientMessage::Hello(_)
        | v1::ClientMessage::Ping(_)
        | v1::ClientMessage::AuthRefresh(_)
        | v1::ClientMessage::SessionResume(_)
        | v1::ClientMessage::SessionList(_)
        | v1::ClientMessage::SessionGet(_)
        | v1::ClientMessage::SessionDelete(_)
        | v1::ClientMessage::ReportReview(_)
        | v1::ClientMessage::ChatSend(_)
        | v1::ClientMessage::ChatEdit(_)
        | v1::ClientMessage::ChatRegenerate(_)
        | v1::ClientMessage::ChatStop(_)
        | v1::ClientMessage::ChatRename(_)
        | v1::ClientMessage::ChatFeedback(_)
        | v1::ClientMessage::ChatHistory(_)
        | v1::ClientMessage::DocumentsList(_)
        | v1::ClientMessage::InterviewStart(_)
        | v1::ClientMessage::Audio(_) => None,
    }
}
