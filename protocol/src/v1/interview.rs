//! What an interview is made of on the wire: its parameters, who listens and who asks, words, metrics, evidence, turns.
//!
//! The cores have domain types of their own; these are only what they look like to a client.

use super::{CourseId, DocumentId, Language};

words! {
    /// How audio is coded.
    enum Codec {
        /// Opus packets, each with its length before it as a big-endian u16.
        Opus = "opus",
        /// Signed 16-bit little-endian samples, channels interleaved.
        PcmS16le = "pcm_s16le",
    }
}

words! {
    /// How questions reach the candidate.
    enum Playback {
        /// Read aloud: what counts as heard is what `rendered` says.
        Voice = "voice",
        /// Shown: all counts as heard.
        Text = "text",
    }
}

words! {
    /// What ends an answer.
    enum TurnTaking {
        /// A silence; shorter when the words sound complete, longer when they break off.
        Auto = "auto",
        /// A much longer silence.
        Patient = "patient",
        /// Only `answer.end` or a typed answer.
        Manual = "manual",
    }
}

wire! {
    /// The audio that a client will send.
    plain struct AudioFormat {
        /// How it is coded.
        codec: Codec,
        /// Samples a second: 8000, 12000, 16000, 24000 or 48000.
        #[cfg_attr(feature = "schema", schemars(extend("enum" = [8000, 12000, 16000, 24000, 48000])))]
        sample_rate_hz: u32,
        /// 1 or 2.
        #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 2)))]
        channels: u8,
    }
}

wire! {
    /// What an interview is about and how it goes.
    plain struct Params {
        /// What it is about.
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 500)))]
        topic: String,
        /// The language spoken, a BCP 47 tag.
        language: Language,
        /// How many questions, follow-ups included.
        #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 50)))]
        questions: u32,
        /// How questions reach the candidate.
        playback: Playback,
        /// What ends an answer.
        turn_taking: TurnTaking,
        /// Whether the audio is kept as a recording.
        recording: bool,
    } optional {
        /// The role that the candidate applies for or plays.
        #[cfg_attr(feature = "schema", schemars(length(max = 200)))]
        role: String,
        /// How far along the candidate is.
        #[cfg_attr(feature = "schema", schemars(length(max = 100)))]
        level: String,
        /// How long it may take, counted in wall time while a client is bound.
        #[cfg_attr(feature = "schema", schemars(range(min = 30000, max = 7200000)))]
        duration_ms: u64,
        /// The course it belongs to.
        course: CourseId,
        /// The documents it draws on.
        #[cfg_attr(feature = "schema", schemars(length(max = 50)))]
        documents: Vec<DocumentId>,
        /// The guide that it follows: a document that holds one. Questions, their number and the time are then the guide's; a shorter
        /// `durationMs` holds.
        guide: DocumentId,
        /// The audio that will come; without it, answers are typed.
        audio: AudioFormat,
    }
}

wire! {
    /// The guide that an interview follows, as it was when the interview began.
    plain struct Guide {
        /// The document that held it.
        document: DocumentId,
        /// Its version then.
        version: u64,
        /// Its title.
        title: String,
        /// How many questions it has, without follow-ups.
        questions: u32,
    } optional {
        /// How long it lets an interview take.
        duration_ms: u64,
    }
}

wire! {
    /// Which of a guide's questions is asked.
    plain struct GuidePlace {
        /// The guide's question, from 1.
        question: u32,
        /// 0: the question itself; 1, 2, …: what follows it up.
        follow_up: u32,
    }
}

words! {
    /// What kind of recognizer listens.
    enum RecognizerKind {
        /// The distribution's PocketSphinx, on this machine.
        Pocketsphinx = "pocketsphinx",
        /// An OpenAI-compatible transcription server.
        Openai = "openai",
        /// A script driven by the audio, for tests and load.
        Scripted = "scripted",
        /// Amazon Transcribe.
        Transcribe = "transcribe",
    }
}

wire! {
    /// Who listens.
    plain struct Recognizer {
        /// Its name, for people.
        name: String,
        /// What kind it is.
        kind: RecognizerKind,
        /// The languages it knows, as BCP 47 tags.
        languages: Vec<String>,
    }
}

words! {
    /// What kind of text model asks.
    enum ModelKind {
        /// Rules on this machine, no network.
        Builtin = "builtin",
        /// An OpenAI-compatible endpoint.
        Openai = "openai",
        /// Amazon Bedrock.
        Bedrock = "bedrock",
        /// A script, for tests and load.
        Scripted = "scripted",
    }
}

wire! {
    /// Who asks.
    plain struct Model {
        /// Its name, for people.
        name: String,
        /// What kind it is.
        kind: ModelKind,
    }
}

wire! {
    /// One recognized word.
    plain struct Word {
        /// The word as written, punctuation included.
        text: String,
        /// Media time at which it begins.
        start_ms: u64,
        /// Media time at which it ends.
        end_ms: u64,
        /// The recognizer's confidence, 0 to 1.
        confidence: f32,
    }
}

words! {
    /// Whether a metric can be believed.
    enum MetricStatus {
        /// It was measured.
        Measured = "measured",
        /// It was measured from too little, or from words heard badly.
        Unreliable = "unreliable",
        /// It was not measured; there is no value.
        NotMeasured = "not_measured",
    }
}

wire! {
    /// One delivery metric.
    plain struct Metric {
        /// `pace`, `articulation`, `fillers`, `longPauses`, `longestPause`, `responseLatency`, `talkShare`,
        /// `longestMonologue` or `structure`.
        name: String,
        /// Whether it can be believed.
        status: MetricStatus,
        /// The words it rests on.
        evidence: Vec<Evidence>,
    } optional {
        /// The value; absent when not measured.
        value: f64,
        /// `wordsPerMinute`, `perMinute`, `count`, `ms` or `ratio`.
        unit: String,
        /// The band that the value falls in.
        band: String,
        /// Why it is unreliable or was not measured.
        reason: String,
    }
}

wire! {
    /// A place in the transcript on which a claim rests.
    plain struct Evidence {
        /// The turn.
        turn: u32,
        /// Words found verbatim in that turn's transcript.
        quote: String,
    } optional {
        /// Media time at which the quote begins, for spoken words.
        start_ms: u64,
        /// Media time at which the quote ends.
        end_ms: u64,
        /// What it shows.
        note: String,
    }
}

words! {
    /// Why an answer was committed.
    enum AnswerReason {
        /// A silence.
        Silence = "silence",
        /// `answer.end`.
        Ended = "ended",
        /// `answer.text`.
        Typed = "typed",
        /// `question.skip`.
        Skipped = "skipped",
        /// It reached the longest that an answer may be, or the interview ended.
        Limit = "limit",
    }
}

words! {
    /// Who changed an answer after it was committed.
    enum RevisionCause {
        /// The recognizer's final words differ from the stable ones.
        Recognizer = "recognizer",
        /// `answer.correct`.
        Candidate = "candidate",
    }
}

words! {
    /// Why a question was cut short.
    enum CancelReason {
        /// The candidate spoke.
        BargeIn = "barge_in",
        /// `question.repeat`.
        Repeated = "repeated",
        /// `question.skip`.
        Skipped = "skipped",
        /// Another worker took over; it is asked anew.
        Restarted = "restarted",
        /// The interview ended.
        Finished = "finished",
    }
}

words! {
    /// How far a question has come.
    enum QuestionState {
        /// It is being asked.
        Asking = "asking",
        /// It was asked whole.
        Done = "done",
        /// It was cut short.
        Cancelled = "cancelled",
    }
}

wire! {
    /// An answer as it stands.
    plain struct Answer {
        /// The answer: the candidate's correction, where there is one.
        text: String,
        /// Why it was committed.
        reason: AnswerReason,
        /// The recognized words with their times.
        words: Vec<Word>,
        /// What was measured.
        metrics: Vec<Metric>,
    } optional {
        /// The recognizer's own words, when a candidate corrected them.
        spoken: String,
        /// The text before the latest revision.
        previous: String,
        /// Media time at which the first word begins.
        start_ms: u64,
        /// Media time at which the last word ends.
        end_ms: u64,
    }
}

wire! {
    /// A question and its answer.
    plain struct Turn {
        /// Its number.
        turn: u32,
        /// The latest attempt at asking.
        attempt: u32,
        /// The question's text, as far as it came.
        question: String,
        /// How far it came.
        question_state: QuestionState,
    } optional {
        /// How much of it was seen or heard.
        heard_chars: u32,
        /// The answer, once committed.
        answer: Answer,
        /// Which of the guide's questions it is.
        guide: GuidePlace,
    }
}
