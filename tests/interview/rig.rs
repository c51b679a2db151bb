//! A candidate, a model and a recognizer around one core, on a clock of their own. Nothing here decides what is right.

use viva::interview::event::{Event, FinishReason, Word};
use viva::interview::guide::{Followed, Guide};
use viva::interview::input::{Input, PlaybackState, Said};
use viva::interview::params::{AudioFormat, Codec, Params, Playback, TurnTaking};
use viva::interview::{Effect, EffectId, Interview, Output, Reason, SessionTime};
use viva::ports::recognizer::{RecognizerInfo, RecognizerKind};
use viva::ports::text_model::{DebriefDraft, ModelInfo, ModelKind, Task, TokenUsage};

pub struct Rig {
    pub core: Interview,
    pub now: u64,
    pub media_ms: u64,
    pub log: Vec<Event>,
    pub effects: Vec<Effect>,
    pub wait: Option<(SessionTime, Reason)>,
    seq: u64,
    /// Words of the segment that the recognizer has open.
    heard: Vec<Word>,
}

pub fn params() -> Params {
    Params {
        topic: "Rust".to_owned(),
        role: Some("Engineer".to_owned()),
        level: None,
        language: "en-US".to_owned(),
        questions: 3,
        duration_ms: None,
        course: None,
        documents: Vec::new(),
        guide: None,
        audio: Some(AudioFormat { codec: Codec::Opus, sample_rate_hz: 48_000, channels: 1 }),
        playback: Playback::Text,
        turn_taking: TurnTaking::Auto,
        recording: false,
    }
}

pub fn followed(guide: Guide) -> Followed {
    Followed { document: "g1".to_owned(), version: 1, guide }
}

pub fn recognizer() -> RecognizerInfo {
    RecognizerInfo { name: "script".to_owned(), kind: RecognizerKind::Scripted, languages: vec!["en".to_owned()] }
}

pub fn model() -> ModelInfo {
    ModelInfo { name: "rules".to_owned(), kind: ModelKind::Builtin }
}

pub const USAGE: TokenUsage =
    TokenUsage { input_tokens: 100, output_tokens: 10, cache_read_tokens: 0, cache_write_tokens: 0 };

impl Rig {
    pub fn new(params: Params) -> Self {
        let mut rig = Self::around(Interview::new());
        rig.input(Input::Start { params, recognizer: Some(recognizer()), model: model(), guide: None });
        rig
    }

    /// Started with a guide.
    pub fn guided(params: Params, guide: Guide) -> Self {
        let mut rig = Self::around(Interview::new());
        let guide = Some(Box::new(followed(guide)));
        let params = Params { guide: Some("g1".to_owned()), ..params };
        rig.input(Input::Start { params, recognizer: Some(recognizer()), model: model(), guide });
        rig
    }

    pub fn around(core: Interview) -> Self {
        Self { core, now: 0, media_ms: 0, log: Vec::new(), effects: Vec::new(), wait: None, seq: 1, heard: Vec::new() }
    }

    /// Started, with the first question asked and complete.
    pub fn asked(params: Params) -> Self {
        let mut rig = Self::new(params);
        rig.question("What do you like about Rust?");
        rig
    }

    pub fn input(&mut self, input: Input) {
        self.core.handle(input, SessionTime(self.now));
        loop {
            match self.core.poll_output() {
                Output::Emit(event) => self.log.push(event),
                Output::Effect(effect) => self.effects.push(effect),
                Output::Wait(wait) => {
                    self.wait = wait;
                    break;
                }
            }
        }
    }

    pub fn said(&mut self, said: Said) {
        self.seq += 1;
        let seq = self.seq;
        self.input(Input::Said { seq, said });
    }

    /// Time goes by without audio; deadlines that come are told.
    pub fn pass(&mut self, ms: u64) {
        let end = self.now + ms;
        while let Some((at, _)) = self.wait.filter(|(at, _)| at.0 <= end) {
            self.now = self.now.max(at.0);
            self.input(Input::Elapsed);
        }
        self.now = end;
    }

    fn audio(&mut self, ms: u64, voiced: bool) {
        let end = self.media_ms + ms;
        while self.media_ms < end {
            let step = (end - self.media_ms).min(100);
            self.pass(step);
            let from_ms = self.media_ms;
            self.media_ms += step;
            self.input(Input::Audio { from_ms, through_ms: self.media_ms, voiced });
        }
    }

    pub fn silence(&mut self, ms: u64) {
        self.audio(ms, false);
    }

    /// Voice that no word is recognized in.
    pub fn noise(&mut self, ms: u64) {
        self.audio(ms, true);
    }

    /// Audio that waited for the network: received at once.
    pub fn burst(&mut self, ms: u64, voiced: bool) {
        let from_ms = self.media_ms;
        self.media_ms += ms;
        self.input(Input::Audio { from_ms, through_ms: self.media_ms, voiced });
    }

    /// So much is never received.
    pub fn missing(&mut self, ms: u64) {
        self.media_ms += ms;
        self.pass(ms);
    }

    pub fn recognized_through(&mut self, media_ms: u64) {
        self.input(Input::RecognizedThrough { media_ms });
    }

    /// The recognizer understands what was said a while ago.
    pub fn hear_late(&mut self, text: &str, start_ms: u64, end_ms: u64) {
        let words: Vec<&str> = text.split_whitespace().collect();
        let step = (end_ms - start_ms) / words.len() as u64;
        for (word, at) in words.iter().zip(0_u64..) {
            let (start_ms, end_ms) = (start_ms + at * step, start_ms + (at + 1) * step);
            self.heard.push(Word { text: (*word).to_owned(), start_ms, end_ms, confidence: 0.9 });
        }
        self.partial();
    }

    /// 300 ms a word; after each one the recognizer tells its partial.
    pub fn say(&mut self, text: &str) {
        for word in text.split_whitespace() {
            let start_ms = self.media_ms;
            self.audio(300, true);
            self.heard.push(Word { text: word.to_owned(), start_ms, end_ms: self.media_ms, confidence: 0.9 });
            self.partial();
        }
    }

    fn partial(&mut self) {
        let text: Vec<&str> = self.heard.iter().map(|word| word.text.as_str()).collect();
        let text = text.join(" ");
        let (start_ms, end_ms) = (self.heard[0].start_ms, self.heard[self.heard.len() - 1].end_ms);
        self.input(Input::Partial { stable_chars: text.len(), text, start_ms, end_ms });
    }

    /// The recognizer makes its segment final, as it stands.
    pub fn recognize(&mut self) {
        let words = std::mem::take(&mut self.heard);
        let text: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        self.input(Input::Final { text: text.join(" "), words });
    }

    /// Final, but other words came out of it (as many).
    pub fn recognize_as(&mut self, text: &str) {
        for (word, text) in self.heard.iter_mut().zip(text.split_whitespace()) {
            text.clone_into(&mut word.text);
        }
        self.recognize();
    }

    /// Says it, is silent long enough, and the final comes after the answer was committed.
    pub fn answer(&mut self, text: &str) {
        self.say(text);
        self.silence(1_100);
        self.recognize();
    }

    /// The call that runs: the last one that was performed.
    pub fn call(&self) -> (EffectId, &Task, bool) {
        let performed = self.effects.iter().rev().find_map(|effect| match effect {
            Effect::Perform { id, task, speculative } => Some((*id, &**task, *speculative)),
            _ => None,
        });
        performed.expect("a call was performed")
    }

    pub fn delta(&mut self, text: &str) {
        let id = self.call().0;
        self.input(Input::ModelDelta { id, text: text.to_owned() });
    }

    pub fn done(&mut self) {
        let id = self.call().0;
        self.input(Input::ModelDone { id, usage: USAGE });
    }

    /// The model asks a question, all of it at once.
    pub fn question(&mut self, text: &str) {
        self.delta(text);
        self.done();
    }

    pub fn debrief(&mut self, draft: DebriefDraft) {
        let id = self.call().0;
        self.input(Input::ModelDebrief { id, draft });
        self.done();
    }

    pub fn rendered(&mut self, turn: u32, attempt: u32, chars: u32, state: PlaybackState) {
        self.said(Said::Rendered { turn, attempt, chars, state });
    }

    /// What was logged since the last look.
    pub fn news(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.log)
    }

    /// The names of what was logged, in order.
    pub fn names(&self) -> Vec<String> {
        self.log.iter().map(name).collect()
    }

    pub fn committed(&self) -> Vec<(u32, String)> {
        let text = |event: &Event| match event {
            Event::AnswerCommitted { turn, text, .. } => Some((*turn, text.clone())),
            _ => None,
        };
        self.log.iter().filter_map(text).collect()
    }

    pub fn finished(&self) -> Option<FinishReason> {
        self.core.finished()
    }

    pub fn performs(&self) -> usize {
        self.effects.iter().filter(|effect| matches!(effect, Effect::Perform { .. })).count()
    }

    pub fn cancels(&self) -> usize {
        self.effects.iter().filter(|effect| matches!(effect, Effect::Cancel { .. })).count()
    }
}

pub fn name(event: &Event) -> String {
    let json = serde_json::to_value(event).expect("an event is JSON");
    json["type"].as_str().expect("it has a type").to_owned()
}
