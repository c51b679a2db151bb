//! Who speaks: the shipped answers, between them time to think; and who asks.

use crate::books::{Books, key};
use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;
use protocol::v1;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::interval;
use viva::audio::framing;
use viva::embedded::scripted_model::{ModelScript, Play, ScriptedModel};
use viva::interview::params::Codec;
use viva::interview::wire;
use viva::ports::feed::Entry;
use viva::ports::text_model::{Chunk, Chunks, ModelError, ModelInfo, Task, TextModel, TokenUsage};

/// As clients send it.
const MESSAGE_MS: u64 = 200;
/// From a question to its answer.
const THINKING_MS: u64 = 65_000;
/// Shipped answers that follow each other in one answer.
const ANSWERS_AT_ONCE: usize = 4;
const HELD_MS: u64 = 3_600_000;
const SAMPLES_PER_MESSAGE: usize = 3_200;

pub(crate) struct Speaker {
    books: Arc<Books>,
    codec: Codec,
    /// The microphone's next messages; silence where there is none.
    to_say: VecDeque<Bytes>,
    answers: Vec<Vec<Bytes>>,
    silence: Bytes,
    seq: u64,
    media_ms: u64,
    turn: u32,
}

impl Speaker {
    pub(crate) fn new(books: Arc<Books>, codec: Codec) -> Self {
        let names = ["database", "deadline", "future", "learning", "mistake", "team"];
        let mut microphone = Microphone::new(codec);
        let answers = names.iter().map(|name| microphone.messages(&samples(name))).collect();
        let silence = microphone.messages(&[0; 4 * SAMPLES_PER_MESSAGE]).pop().unwrap();
        Self { books, codec, to_say: VecDeque::new(), answers, silence, seq: 0, media_ms: 0, turn: 0 }
    }

    /// Speaks for an hour, then finishes.
    pub(crate) async fn speak(mut self) {
        self.start();
        let mut tick = interval(Duration::from_millis(MESSAGE_MS));
        while self.media_ms < HELD_MS {
            tick.tick().await;
            self.hear();
            let data = self.to_say.pop_front();
            let ends = data.is_some() && self.to_say.is_empty();
            let data = data.unwrap_or_else(|| self.silence.clone());
            let media_ms = self.media_ms;
            self.media_ms += MESSAGE_MS;
            self.say(Entry::Audio { media_ms, data });
            if ends {
                let said = v1::AnswerEnd { session: wire::session_id(&key()), seq: self.seq + 1, turn: self.turn };
                self.say(Entry::Control { json: v1::encode_client(&said.into()) });
            }
        }
        let said = v1::InterviewFinish { session: wire::session_id(&key()), seq: self.seq + 1 };
        self.say(Entry::Control { json: v1::encode_client(&said.into()) });
    }

    fn start(&mut self) {
        let (codec, sample_rate_hz) = match self.codec {
            Codec::Opus => (v1::Codec::Opus, 48_000),
            Codec::PcmS16le => (v1::Codec::PcmS16le, 16_000),
        };
        let params = v1::Params {
            topic: "Distributed systems".into(),
            language: v1::Language::new("en-US").unwrap(),
            questions: v1::limits::QUESTIONS_MAX,
            playback: v1::Playback::Text,
            turn_taking: v1::TurnTaking::Manual,
            recording: true,
            role: Some("Engineer".into()),
            level: None,
            duration_ms: None,
            course: None,
            documents: None,
            guide: None,
            audio: Some(v1::AudioFormat { codec, sample_rate_hz, channels: 1 }),
        };
        let start = v1::InterviewStart { session: wire::session_id(&key()), seq: 1, params };
        self.say(Entry::Control { json: v1::encode_client(&start.into()) });
    }

    fn say(&mut self, entry: Entry) {
        self.seq += 1;
        self.books.said(entry);
    }

    /// A question that is asked is thought about, then answered at length.
    fn hear(&mut self) {
        for text in self.books.take_mail() {
            let done = match v1::decode_server(text.as_bytes()) {
                Ok(v1::ServerMessage::QuestionDone(done)) if done.turn > self.turn => done,
                _ => continue,
            };
            self.turn = done.turn;
            let thinking = (0..THINKING_MS / MESSAGE_MS).map(|_| self.silence.clone());
            let first = done.turn as usize;
            let spoken =
                (first..first + ANSWERS_AT_ONCE).flat_map(|nth| self.answers[nth % self.answers.len()].clone());
            self.to_say = thinking.chain(spoken).collect();
        }
    }
}

/// 16 kHz, mono, whole messages.
fn samples(name: &str) -> Vec<i16> {
    let path = format!("{}/loadtest/speech/{name}.wav", env!("CARGO_MANIFEST_DIR"));
    hound::WavReader::open(path).unwrap().samples::<i16>().map(Result::unwrap).collect()
}

/// Makes messages of samples, as a browser does.
enum Microphone {
    Opus(opus::Encoder),
    Pcm,
}

impl Microphone {
    fn new(codec: Codec) -> Self {
        match codec {
            Codec::Opus => {
                let mut encoder = opus::Encoder::new(16_000, opus::Channels::Mono, opus::Application::Voip).unwrap();
                encoder.set_bitrate(opus::Bitrate::Bits(24_000)).unwrap();
                Self::Opus(encoder)
            }
            Codec::PcmS16le => Self::Pcm,
        }
    }

    fn messages(&mut self, samples: &[i16]) -> Vec<Bytes> {
        let messages = samples.chunks_exact(SAMPLES_PER_MESSAGE);
        messages
            .map(|samples| match self {
                Self::Opus(encoder) => {
                    let packets = samples.chunks_exact(320).map(|frame| encoder.encode_vec(frame, 400).unwrap());
                    framing::message(packets.collect::<Vec<_>>()).unwrap()
                }
                Self::Pcm => samples.iter().flat_map(|sample| sample.to_le_bytes()).collect::<Vec<u8>>().into(),
            })
            .collect()
    }
}

/// A scripted model whose prompts are as long as a real one's.
pub(crate) struct Interviewer(ScriptedModel);

impl Interviewer {
    pub(crate) fn new() -> Self {
        let usual = Play { tokens: 45, first_after_ms: 500, interval_ms: 20, ..Play::default() };
        Self(ScriptedModel::new(ModelScript { usual, plays: Vec::new() }))
    }
}

#[async_trait]
impl TextModel for Interviewer {
    fn info(&self) -> ModelInfo {
        self.0.info()
    }

    async fn perform(&self, task: Task) -> Result<Chunks, ModelError> {
        let material = serde_json::to_string(&task).unwrap().len() as u64;
        let debrief = matches!(task, Task::Debrief(_));
        let input_tokens = INSTRUCTION_TOKENS + material / BYTES_PER_TOKEN;
        let output = move |told: u64| if debrief { DEBRIEF_TOKENS } else { told };
        let chunks = self.0.perform(task).await?;
        Ok(chunks
            .map(move |chunk| match chunk {
                Ok(Chunk::Done { usage }) => Ok(Chunk::Done {
                    usage: TokenUsage {
                        input_tokens,
                        output_tokens: output(usage.output_tokens),
                        ..TokenUsage::default()
                    },
                }),
                other => other,
            })
            .boxed())
    }
}

const INSTRUCTION_TOKENS: u64 = 600;
const BYTES_PER_TOKEN: u64 = 4;
const DEBRIEF_TOKENS: u64 = 1_200;
