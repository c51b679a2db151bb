//! One candidate: opens a connection, holds a whole interview with an open microphone, answers each question in real time
//! and notes what that was like. Between answers the microphone gives silence, as a real one does.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use protocol::v1::{
    AnswerCommitted, AnswerEnd, AnswerRevised, CancelReason, FinishReason, InterviewFinished, Language, Params,
    Playback, QuestionCancelled, QuestionDelta, QuestionDone, ServerMessage, SessionId, TimingStage, TranscriptFinal,
    TranscriptPartial, TurnTaking, TurnTiming,
};
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::answers::Speech;
use crate::client::{Client, ClientError, Connector};
use crate::figures::Figures;
use crate::wer::WordErrors;

/// How every candidate behaves.
#[derive(Debug, Clone)]
pub struct Manner {
    /// What the interview is about.
    pub topic: String,
    /// The language spoken.
    pub language: Language,
    /// How many questions.
    pub turns: u32,
    /// From the end of a question to the answer.
    pub think: Duration,
    /// What ends an answer; with `Manual` the candidate says `answer.end`.
    pub turn_taking: TurnTaking,
    /// From the last voice to `answer.end`: at once, the answer's echo in the encoder would interrupt the next question.
    pub end_after: Duration,
    /// Whether the audio is kept.
    pub recording: bool,
    /// How long the script waits between the end of an answer and the first piece of the next question.
    pub script_wait: Duration,
    /// How often the connection drops.
    pub drop_every: Option<Duration>,
    /// How long it stays away.
    pub drop_for: Duration,
    /// An interview that takes longer has failed.
    pub longest: Duration,
}

/// Why an interview failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The client could not go on.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The interview ended otherwise than by its last question.
    #[error("the interview ended as {0}")]
    Ended(FinishReason),
    /// The server refused to start it.
    #[error("the interview was not started: {0}")]
    Refused(String),
    /// It took too long.
    #[error("the interview did not come to its end: {0}")]
    TimedOut(String),
}

/// Holds one interview. `index` says with which answer to begin.
pub async fn interview(
    connector: Connector,
    session: SessionId,
    index: usize,
    manner: &Manner,
    speech: Arc<Speech>,
    figures: Arc<Figures>,
) -> Result<(), Failure> {
    let deadline = Instant::now() + manner.longest;
    let client = match timeout_at(deadline, Client::connect(connector)).await {
        Ok(client) => client?,
        Err(_) => return Err(Failure::TimedOut("no connection".to_owned())),
    };
    let mut candidate = Candidate::new(client, session, index, manner, speech, figures);
    let outcome = timeout_at(deadline, candidate.run()).await;
    candidate.note_tally();
    candidate.note_words();
    outcome.unwrap_or_else(|_| Err(Failure::TimedOut(candidate.standing())))
}

struct Candidate<'m> {
    client: Client,
    manner: &'m Manner,
    speech: Arc<Speech>,
    figures: Arc<Figures>,
    index: usize,
    begun: Instant,
    microphone: Microphone,
    turn: u32,
    mind: Mind,
    marks: Marks,
    heard: BTreeMap<u32, String>,
    next_drop: Option<Instant>,
}

/// What the candidate is about.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Mind {
    Listening,
    Thinking { until: Instant },
    Answering { message: usize },
    Waiting,
}

/// The moments of one turn.
#[derive(Debug, Default)]
struct Marks {
    voice_begun: Option<Instant>,
    voice_ended: Option<Instant>,
    ended: Option<Instant>,
    /// When the message was sent that ended the answer.
    decided: Option<Instant>,
    partial_seen: bool,
    final_seen: bool,
    token_seen: bool,
    /// The connection dropped meanwhile: no latency of this turn means anything.
    disturbed: bool,
}

/// Time and place in the audio.
struct Microphone {
    next: Instant,
    media_ms: u64,
    silence: usize,
    /// When the message was sent that ends at each position.
    sent: VecDeque<(u64, Instant)>,
}

impl<'m> Candidate<'m> {
    fn new(
        mut client: Client,
        session: SessionId,
        index: usize,
        manner: &'m Manner,
        speech: Arc<Speech>,
        figures: Arc<Figures>,
    ) -> Self {
        let begun = Instant::now();
        client.start_interview(session, params(manner, &speech));
        // The first message is full after as long as it holds.
        let microphone = Microphone {
            next: begun + speech.message,
            media_ms: 0,
            silence: 0,
            sent: VecDeque::with_capacity(SENT_KEPT),
        };
        let next_drop = manner.drop_every.map(|every| begun + every);
        Self {
            client,
            manner,
            speech,
            figures,
            index,
            begun,
            microphone,
            turn: 0,
            mind: Mind::Listening,
            marks: Marks::default(),
            heard: BTreeMap::new(),
            next_drop,
        }
    }

    async fn run(&mut self) -> Result<(), Failure> {
        loop {
            tokio::select! {
                message = self.client.next() => {
                    if let Some(reason) = self.handle_message(message?)? {
                        return if reason == FinishReason::Completed { Ok(()) } else { Err(Failure::Ended(reason)) };
                    }
                }
                () = sleep_until(self.microphone.next) => self.tick(),
            }
        }
    }

    /// A message's worth of audio has been recorded.
    fn tick(&mut self) {
        let now = Instant::now();
        self.figures.latencies.own_lag.record(now - self.microphone.next);
        if self.next_drop.is_some_and(|at| now >= at) {
            self.client.drop_connection(self.manner.drop_for);
            self.marks.disturbed = true;
            self.next_drop = self.manner.drop_every.map(|every| now + every);
        }
        if matches!(self.mind, Mind::Thinking { until } if now >= until) {
            self.mind = Mind::Answering { message: 0 };
            self.marks.voice_begun = Some(now);
        }
        let speech = self.speech.clone();
        match self.mind {
            Mind::Answering { message } => {
                let answer = &speech.answers[self.answer_index(self.turn)];
                self.microphone.send(&mut self.client, &answer.messages[message], now);
                self.mind = if message + 1 < answer.messages.len() {
                    Mind::Answering { message: message + 1 }
                } else {
                    self.figures.counts.answers.fetch_add(1, Ordering::Relaxed);
                    self.marks.voice_ended = Some(now);
                    Mind::Waiting
                };
            }
            Mind::Listening | Mind::Thinking { .. } | Mind::Waiting => {
                let silence = self.microphone.silence % speech.silence.len();
                self.microphone.silence += 1;
                self.microphone.send(&mut self.client, &speech.silence[silence], now);
                self.end_answer(now);
            }
        }
        self.figures.counts.audio_ms.fetch_add(speech.message.as_millis() as u64, Ordering::Relaxed);
        self.note_tally();
    }

    /// In manual turn-taking the candidate presses a key once there is silence.
    fn end_answer(&mut self, now: Instant) {
        let silent = self.marks.voice_ended.is_some_and(|ended| now >= ended + self.manner.end_after);
        let manual = self.manner.turn_taking == TurnTaking::Manual;
        if self.mind == Mind::Waiting && manual && silent && self.marks.ended.is_none() {
            let turn = self.turn;
            self.client.say(|session, seq| AnswerEnd { session, seq, turn }.into());
            self.marks.ended = Some(now);
        }
    }

    fn handle_message(&mut self, message: ServerMessage) -> Result<Option<FinishReason>, Failure> {
        let now = Instant::now();
        match message {
            ServerMessage::InterviewStarted(_) => self.figures.latencies.started.record(now - self.begun),
            ServerMessage::QuestionDelta(QuestionDelta { turn, .. }) => self.handle_token(turn, now),
            ServerMessage::QuestionDone(QuestionDone { turn, .. }) => self.handle_asked(turn, now),
            ServerMessage::QuestionCancelled(QuestionCancelled { turn, reason: CancelReason::BargeIn, .. }) => {
                self.figures.counts.interrupted.fetch_add(1, Ordering::Relaxed);
                self.handle_asked(turn, now);
            }
            ServerMessage::TranscriptPartial(partial) => self.handle_partial(&partial, now),
            ServerMessage::TranscriptFinal(TranscriptFinal { turn, .. }) => {
                let ended = self.marks.voice_ended.filter(|_| turn == self.turn && !self.marks.disturbed);
                if let (Some(ended), false) = (ended, self.marks.final_seen) {
                    self.marks.final_seen = true;
                    self.figures.latencies.final_words.record(now - ended);
                }
            }
            ServerMessage::AnswerCommitted(committed) => self.handle_committed(committed),
            ServerMessage::AnswerRevised(AnswerRevised { turn, text, .. }) => {
                self.heard.insert(turn, text);
            }
            ServerMessage::TurnTiming(TurnTiming { total_ms, stages, .. }) => {
                self.figures.record_stage("total", total_ms);
                for TimingStage { name, duration_ms } in stages {
                    self.figures.record_stage(&name, duration_ms);
                }
            }
            ServerMessage::Error(error) => {
                self.figures.count_error(error.code.as_str());
                if error.re.seq == Some(1) && !error.retryable {
                    return Err(Failure::Refused(format!("{}: {}", error.code, error.message)));
                }
            }
            ServerMessage::InterviewFinished(InterviewFinished { reason, .. }) => return Ok(Some(reason)),
            _ => {}
        }
        Ok(None)
    }

    /// A question is over, and waits for its answer.
    fn handle_asked(&mut self, turn: u32, now: Instant) {
        if turn > self.turn {
            self.turn = turn;
            self.marks = Marks::default();
            self.mind = Mind::Thinking { until: now + self.manner.think };
        }
    }

    fn handle_partial(&mut self, partial: &TranscriptPartial, now: Instant) {
        let TranscriptPartial { turn, media_ms, .. } = partial;
        let Some(begun) = self.marks.voice_begun.filter(|_| *turn == self.turn && !self.marks.disturbed) else {
            return;
        };
        if !self.marks.partial_seen {
            self.marks.partial_seen = true;
            self.figures.latencies.first_partial.record(now - begun);
        }
        if let Some(sent) = media_ms.and_then(|media_ms| self.microphone.sent_at(media_ms)) {
            self.figures.latencies.partial_lag.record(now - sent);
        }
    }

    fn handle_committed(&mut self, committed: AnswerCommitted) {
        let AnswerCommitted { turn, text, media_ms, .. } = committed;
        if turn == self.turn {
            if matches!(self.mind, Mind::Answering { .. }) {
                self.figures.counts.cut.fetch_add(1, Ordering::Relaxed);
                self.marks.disturbed = true;
                self.mind = Mind::Waiting;
            }
            let audio = media_ms.and_then(|media_ms| self.microphone.sent_at(media_ms));
            self.marks.decided = audio.max(self.marks.ended);
        }
        self.heard.insert(turn, text);
    }

    /// The first piece of the next question.
    fn handle_token(&mut self, turn: u32, now: Instant) {
        if turn != self.turn + 1 || self.marks.token_seen || self.marks.disturbed {
            return;
        }
        self.marks.token_seen = true;
        if let Some(ended) = self.marks.voice_ended {
            self.figures.latencies.first_token.record(now - ended);
        }
        if let Some(decided) = self.marks.decided {
            self.figures.latencies.added.record((now - decided).saturating_sub(self.manner.script_wait));
        }
    }

    fn answer_index(&self, turn: u32) -> usize {
        (self.index + turn as usize) % self.speech.answers.len()
    }

    fn note_tally(&mut self) {
        let tally = self.client.take_tally();
        let Figures { latencies, counts, .. } = &*self.figures;
        tally.connects.into_iter().for_each(|duration| latencies.connect.record(duration));
        tally.acknowledgements.into_iter().for_each(|duration| latencies.acknowledgement.record(duration));
        counts.resumes.fetch_add(tally.resumes, Ordering::Relaxed);
        counts.losses.fetch_add(tally.losses, Ordering::Relaxed);
        counts.pings.fetch_add(tally.pings, Ordering::Relaxed);
    }

    fn note_words(&self) {
        let counts = &self.figures.counts;
        counts.resent.fetch_add(self.client.resent(), Ordering::Relaxed);
        counts.repeated.fetch_add(self.client.repeated(), Ordering::Relaxed);
        for (turn, heard) in &self.heard {
            if let Some(said) = &self.speech.answers[self.answer_index(*turn)].text {
                self.figures.add_words(WordErrors::between(said, heard));
            }
        }
    }

    fn standing(&self) -> String {
        let mind = match self.mind {
            Mind::Listening => "listening",
            Mind::Thinking { .. } => "thinking",
            Mind::Answering { .. } => "answering",
            Mind::Waiting => "waiting",
        };
        let (next, acknowledged) = (self.client.next_seq(), self.client.acknowledged_seq());
        format!(
            "{mind} in turn {}, said {}, acknowledged {acknowledged}, heard {}",
            self.turn,
            next - 1,
            self.client.last_seq()
        )
    }
}

impl Microphone {
    fn send(&mut self, client: &mut Client, audio: &crate::client::EncodedAudio, now: Instant) {
        client.say_audio(self.media_ms, audio);
        self.media_ms += audio.duration().as_millis() as u64;
        self.next += audio.duration();
        if self.sent.len() == SENT_KEPT {
            self.sent.pop_front();
        }
        self.sent.push_back((self.media_ms, now));
    }

    /// When the message was sent that holds a position.
    fn sent_at(&self, media_ms: u64) -> Option<Instant> {
        let at = self.sent.partition_point(|(end, _)| *end < media_ms);
        self.sent.get(at).filter(|_| at > 0).map(|(_, sent)| *sent)
    }
}

fn params(manner: &Manner, speech: &Speech) -> Params {
    Params {
        topic: manner.topic.clone(),
        language: manner.language.clone(),
        questions: manner.turns,
        playback: Playback::Text,
        turn_taking: manner.turn_taking,
        recording: manner.recording,
        role: None,
        level: None,
        duration_ms: None,
        course: None,
        documents: None,
        guide: None,
        audio: Some(speech.format.clone()),
    }
}

/// How many messages are remembered, to tell when a position in the audio was sent.
const SENT_KEPT: usize = 128;
