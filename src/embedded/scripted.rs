//! A recognizer that follows a script, for tests and load: what it is fed decides when it speaks, the script decides what.
//!
//! It hears nothing. Its words depend on the voiced time alone, so that a stream that is fed the same audio again says the same again.

use crate::config::limits::{RECOGNIZER_PIECES_MAX, RECOGNIZER_RESULTS_MAX};
use crate::ports::recognizer::{
    AudioForm, AudioPiece, Recognized, RecognizedWord, Recognizer, RecognizerError, RecognizerInfo, RecognizerKind,
    RecognizerStream, StreamSpec,
};
use async_trait::async_trait;
use serde::Deserialize;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;

/// What is said, and what goes wrong. In JSON every field is optional.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Script {
    pub languages: Vec<String>,
    /// What the segments of a stream say, in turn, over and over. A segment that is longer than its text says it again.
    pub answers: Vec<String>,
    /// Voiced time for each word.
    pub word_ms: u64,
    /// Voiced time from one partial to the next.
    pub partial_every_ms: u64,
    /// Waits before each partial and before each final.
    pub partial_delay_ms: u64,
    pub final_delay_ms: u64,
    /// So many streams cannot be opened at first.
    pub failing_opens: u32,
    /// Every stream fails once it was fed so much.
    pub fails_after_ms: Option<u64>,
    /// Every stream falls silent and takes nothing more once it was fed so much.
    pub stalls_after_ms: Option<u64>,
    /// Every partial is sent so many times.
    pub partial_copies: u32,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            languages: vec!["*".into()],
            answers: vec![DEFAULT_ANSWER.into()],
            word_ms: 400,
            partial_every_ms: 500,
            partial_delay_ms: 0,
            final_delay_ms: 0,
            failing_opens: 0,
            fails_after_ms: None,
            stalls_after_ms: None,
            partial_copies: 1,
        }
    }
}

impl Script {
    pub fn parse(json: &str) -> Result<Self, ScriptError> {
        let script: Self = serde_json::from_str(json).map_err(|error| ScriptError::Invalid(error.to_string()))?;
        if script.word_ms == 0 || script.partial_every_ms == 0 {
            return Err(ScriptError::Invalid("wordMs and partialEveryMs count from 1".into()));
        }
        if !script.answers.iter().any(|answer| answer.split_whitespace().next().is_some()) {
            return Err(ScriptError::Invalid("answers hold no word".into()));
        }
        Ok(script)
    }

    pub fn read(path: &Path) -> Result<Self, ScriptError> {
        Self::parse(&std::fs::read_to_string(path).map_err(|error| ScriptError::Unreadable(error.to_string()))?)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScriptError {
    #[error("the recognizer's script cannot be read: {0}")]
    Unreadable(String),
    #[error("the recognizer's script is not valid: {0}")]
    Invalid(String),
}

#[derive(Debug)]
pub struct ScriptedRecognizer {
    script: Arc<Prepared>,
    failing_opens: AtomicU32,
}

impl ScriptedRecognizer {
    pub fn new(script: Script) -> Self {
        let answers = script.answers.iter().map(|answer| answer.split_whitespace().map(str::to_owned).collect());
        let answers: Vec<Vec<String>> = answers.filter(|words: &Vec<String>| !words.is_empty()).collect();
        let failing_opens = AtomicU32::new(script.failing_opens);
        Self { script: Arc::new(Prepared { script, answers }), failing_opens }
    }
}

#[async_trait]
impl Recognizer for ScriptedRecognizer {
    fn info(&self) -> RecognizerInfo {
        RecognizerInfo {
            name: "Scripted".into(),
            kind: RecognizerKind::Scripted,
            languages: self.script.script.languages.clone(),
        }
    }

    fn audio_form(&self) -> AudioForm {
        AudioForm::Timing
    }

    async fn open(&self, spec: StreamSpec) -> Result<RecognizerStream, RecognizerError> {
        let info = self.info();
        if !info.speaks(&spec.language) {
            return Err(RecognizerError::Language { recognizer: info.name, language: spec.language });
        }
        let failing = self.failing_opens.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        if failing.is_ok() {
            return Err(RecognizerError::Failed("the script says that opening fails".into()));
        }
        let (audio, pieces) = mpsc::channel(RECOGNIZER_PIECES_MAX);
        let (sender, results) = mpsc::channel(RECOGNIZER_RESULTS_MAX);
        let stream =
            Stream { script: Arc::clone(&self.script), results: sender, fed_ms: 0, segments: 0, segment: None };
        tokio::spawn(stream.run(pieces));
        Ok(RecognizerStream { audio, results })
    }
}

#[derive(Debug)]
struct Prepared {
    script: Script,
    /// The words of each answer; an answer without words is left out.
    answers: Vec<Vec<String>>,
}

struct Stream {
    script: Arc<Prepared>,
    results: mpsc::Sender<Result<Recognized, RecognizerError>>,
    fed_ms: u64,
    /// Finals so far.
    segments: usize,
    segment: Option<Segment>,
}

#[derive(Clone, Copy)]
struct Segment {
    start_ms: u64,
    voiced_ms: u64,
    /// The voiced time of the last partial.
    told_ms: u64,
}

impl Stream {
    async fn run(mut self, mut pieces: mpsc::Receiver<AudioPiece>) {
        loop {
            let piece = tokio::select! {
                piece = pieces.recv() => piece,
                () = self.results.closed() => return,
            };
            let Some(piece) = piece else { break };
            if self.take(&piece).await.is_break() {
                return;
            }
        }
        // Nobody may be left to hear the last final; then it is of no use.
        let _ = self.finish_segment().await;
    }

    async fn take(&mut self, piece: &AudioPiece) -> ControlFlow<()> {
        let from_ms = self.fed_ms;
        self.fed_ms += piece.duration_ms;
        if self.script.script.fails_after_ms.is_some_and(|after| self.fed_ms > after) {
            let failure = Err(RecognizerError::Failed("the script says that the stream fails".into()));
            let _ = self.results.send(failure).await;
            return ControlFlow::Break(());
        }
        if self.script.script.stalls_after_ms.is_some_and(|after| self.fed_ms > after) {
            self.results.closed().await;
            return ControlFlow::Break(());
        }
        if !piece.voiced {
            return self.finish_segment().await;
        }
        let mut segment = self.segment.unwrap_or(Segment { start_ms: from_ms, voiced_ms: 0, told_ms: 0 });
        segment.voiced_ms += piece.duration_ms;
        let due = segment.voiced_ms >= segment.told_ms + self.script.script.partial_every_ms;
        if due {
            segment.told_ms = segment.voiced_ms;
        }
        self.segment = Some(segment);
        if due { self.tell_partial(segment).await } else { ControlFlow::Continue(()) }
    }

    async fn tell_partial(&mut self, segment: Segment) -> ControlFlow<()> {
        let words = self.words(segment, segment.voiced_ms / self.script.script.word_ms);
        let Some((last, stable)) = words.split_last() else { return ControlFlow::Continue(()) };
        let text = join(&words);
        let stable_chars = join(stable).chars().count();
        let partial = Recognized::Partial { text, stable_chars, start_ms: segment.start_ms, end_ms: last.end_ms };
        wait(self.script.script.partial_delay_ms).await;
        for _ in 0..self.script.script.partial_copies {
            self.tell(partial.clone()).await?;
        }
        ControlFlow::Continue(())
    }

    async fn finish_segment(&mut self) -> ControlFlow<()> {
        let Some(segment) = self.segment.take() else { return ControlFlow::Continue(()) };
        let words = self.words(segment, segment.voiced_ms.div_ceil(self.script.script.word_ms));
        self.segments += 1;
        wait(self.script.script.final_delay_ms).await;
        self.tell(Recognized::Final { text: join(&words), words }).await
    }

    /// The first `count` words of the segment, spread evenly.
    fn words(&self, segment: Segment, count: u64) -> Vec<RecognizedWord> {
        let Some(answer) = self.script.answers.get(self.segments % self.script.answers.len().max(1)) else {
            return Vec::new();
        };
        let word_ms = self.script.script.word_ms;
        let voiced_through_ms = segment.start_ms + segment.voiced_ms;
        (0..count)
            .zip(answer.iter().cycle())
            .map(|(index, text)| RecognizedWord {
                text: text.clone(),
                start_ms: segment.start_ms + index * word_ms,
                end_ms: (segment.start_ms + (index + 1) * word_ms).min(voiced_through_ms),
                confidence: 1.0,
            })
            .collect()
    }

    async fn tell(&self, result: Recognized) -> ControlFlow<()> {
        match self.results.send(Ok(result)).await {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    }
}

fn join(words: &[RecognizedWord]) -> String {
    words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
}

async fn wait(ms: u64) {
    if ms > 0 {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
}

const DEFAULT_ANSWER: &str = "in my last project we had to decide how to store the measurements and i suggested that we keep them in one \
     table at first because that was simple and we could change it later when we knew more about how they are used";

#[cfg(test)]
mod tests;
