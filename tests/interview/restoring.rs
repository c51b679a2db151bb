//! A worker may die after any event: its successor restores the core from the log, is fed again what was not settled, and everything
//! that was said comes out as it would have.

use crate::rig::{USAGE, followed, model, params, recognizer};
use viva::interview::event::{Event, Word};
use viva::interview::guide::{Guide, parse};
use viva::interview::history::History;
use viva::interview::input::{Input, PlaybackState, Said};
use viva::interview::params::{Params, Playback};
use viva::interview::{Effect, EffectId, Interview, Output, SessionTime};
use viva::ports::text_model::{DebriefDraft, Task};

const TICK_MS: u64 = 100;
const WORD_MS: u64 = 300;
const MODEL_MS: u64 = 300;
/// A pause after which the recognizer makes its segment final.
const SEGMENT_PAUSE_MS: u64 = 1_000;

/// What the candidate does, by media time, which here is wall time.
struct Script {
    params: Params,
    guide: Option<Guide>,
    words: Vec<Word>,
    controls: Vec<(u64, Said)>,
    end_ms: u64,
}

impl Script {
    fn new(params: Params) -> Self {
        Self { params, guide: None, words: Vec::new(), controls: Vec::new(), end_ms: 0 }
    }

    fn say(mut self, from_ms: u64, text: &str) -> Self {
        for (n, word) in text.split_whitespace().enumerate() {
            let start_ms = from_ms + n as u64 * WORD_MS;
            let end_ms = start_ms + WORD_MS;
            self.words.push(Word { text: word.to_owned(), start_ms, end_ms, confidence: 0.9 });
            self.end_ms = self.end_ms.max(end_ms);
        }
        self
    }

    fn does(mut self, at_ms: u64, said: Said) -> Self {
        self.controls.push((at_ms, said));
        self.end_ms = self.end_ms.max(at_ms);
        self
    }
}

/// One worker after another around the same log.
struct World<'a> {
    script: &'a Script,
    core: Interview,
    now: u64,
    log: Vec<Event>,
    /// The worker dies when the log has so many events.
    dies_after: Option<usize>,
    dead: bool,
    epoch: u64,
    calls: Vec<(u64, EffectId, Task)>,
    /// Where the recognizer's stream began.
    stream_from_ms: u64,
    final_through_ms: u64,
}

impl<'a> World<'a> {
    fn new(script: &'a Script, dies_after: Option<usize>) -> Self {
        Self {
            script,
            core: Interview::new(),
            now: 0,
            log: Vec::new(),
            dies_after,
            dead: false,
            epoch: 1,
            calls: Vec::new(),
            stream_from_ms: 0,
            final_through_ms: 0,
        }
    }

    fn run(mut self) -> (Vec<Event>, History) {
        let guide = self.script.guide.clone().map(|guide| Box::new(followed(guide)));
        let params = self.script.params.clone();
        self.input(Input::Start { params, recognizer: Some(recognizer()), model: model(), guide });
        while self.core.finished().is_none() {
            assert!(self.now < self.script.end_ms + 60_000, "it does not end: {:?}", self.log.last());
            self.tick();
        }
        (self.log, self.core.history().clone())
    }

    fn tick(&mut self) {
        self.now += TICK_MS;
        self.input(Input::Elapsed);
        self.hear(self.now - TICK_MS, self.now);
        let (script, now) = (self.script, self.now);
        for (seq, (_, said)) in script.controls.iter().enumerate().filter(|(_, (at, _))| *at == now) {
            self.input(Input::Said { seq: seq as u64 + 2, said: said.clone() });
        }
        let due: Vec<_> = self.calls.extract_if(.., |(at, _, _)| *at <= self.now).collect();
        for (_, id, task) in due {
            match task {
                Task::NextQuestion(next) => {
                    for piece in ["What about ", "number ", &format!("{}?", next.turn)] {
                        self.input(Input::ModelDelta { id, text: piece.to_owned() });
                    }
                }
                Task::Debrief(_) => self.input(Input::ModelDebrief { id, draft: DebriefDraft::default() }),
                Task::Answer(_) | Task::Title(_) | Task::QuizItems(_) | Task::QuizAnswers(_) => {
                    unreachable!("an interview asks for none of them: {task:?}")
                }
            }
            self.input(Input::ModelDone { id, usage: USAGE });
        }
    }

    /// A piece of audio, and what the recognizer makes of it.
    fn hear(&mut self, from_ms: u64, through_ms: u64) {
        let words = &self.script.words;
        let voiced = words.iter().any(|word| word.start_ms < through_ms && word.end_ms > from_ms);
        self.input(Input::Audio { from_ms, through_ms, voiced });
        let open: Vec<Word> = words
            .iter()
            .filter(|word| {
                word.start_ms >= self.stream_from_ms
                    && word.start_ms >= self.final_through_ms
                    && word.end_ms <= through_ms
            })
            .cloned()
            .collect();
        let Some((first, last)) = open.first().zip(open.last()) else { return };
        let text: Vec<&str> = open.iter().map(|word| word.text.as_str()).collect();
        let text = text.join(" ");
        if last.end_ms > from_ms {
            let (start_ms, end_ms) = (first.start_ms, last.end_ms);
            self.input(Input::Partial { stable_chars: text.len(), text, start_ms, end_ms });
        } else if through_ms >= last.end_ms + SEGMENT_PAUSE_MS {
            self.final_through_ms = last.end_ms;
            self.input(Input::Final { text, words: open });
        }
    }

    fn input(&mut self, input: Input) {
        if self.dead {
            return;
        }
        let control = matches!(input, Input::Said { .. });
        self.core.handle(input, SessionTime(self.now));
        let before = self.log.len();
        loop {
            match self.core.poll_output() {
                Output::Emit(event) => self.log.push(event),
                Output::Effect(Effect::Perform { id, task, .. }) => self.calls.push((self.now + MODEL_MS, id, *task)),
                Output::Effect(Effect::Cancel { id }) => self.calls.retain(|(_, running, _)| *running != id),
                Output::Effect(_) => {}
                Output::Wait(_) => break,
            }
        }
        let Some(length) = self.dies_after.filter(|length| self.log.len() >= *length) else { return };
        // A control message and its events are one record; any other input comes again.
        self.log.truncate(if control { self.log.len() } else { length.max(before) });
        self.dies_after = None;
        self.succeed();
    }

    /// A successor takes over.
    fn succeed(&mut self) {
        self.epoch += 1;
        self.core = restored(&self.log);
        self.calls.clear();
        self.stream_from_ms = self.core.final_end_ms();
        self.final_through_ms = self.stream_from_ms;
        self.input(Input::Continued { epoch: self.epoch });
        self.input(Input::Refeeding(true));
        let mut from_ms = self.stream_from_ms / TICK_MS * TICK_MS;
        while from_ms < self.now {
            self.hear(from_ms, from_ms + TICK_MS);
            from_ms += TICK_MS;
        }
        self.input(Input::Refeeding(false));
    }
}

fn restored(log: &[Event]) -> Interview {
    let mut core = Interview::new();
    for event in log {
        core.apply(event);
    }
    core
}

/// What was said and answered: all that a change of worker must not touch.
fn told(history: &History) -> Vec<(u32, String, Option<String>)> {
    history
        .turns
        .iter()
        .map(|turn| (turn.turn, turn.spoken(), turn.answer.as_ref().map(|answer| answer.text.clone())))
        .collect()
}

fn script(playback: Playback) -> Script {
    Script::new(Params { questions: 5, playback, ..params() })
        .does(700, Said::Rendered { turn: 1, attempt: 1, chars: 4, state: PlaybackState::Playing })
        .does(1_500, Said::Rendered { turn: 1, attempt: 1, chars: 20, state: PlaybackState::Done })
        .say(3_000, "I like the borrow checker because")
        .say(5_500, "it finds my mistakes early.")
        .does(9_000, Said::Rendered { turn: 2, attempt: 1, chars: 20, state: PlaybackState::Done })
        .does(10_000, Said::AnswerCorrect { turn: 1, text: "I love the borrow checker.".to_owned() })
        .does(12_000, Said::QuestionSkip { turn: 2 })
        .say(16_000, "The tests are written first.")
        .does(22_000, Said::QuestionRepeat { turn: 4 })
        .say(26_000, "We measure before we change.")
        .does(32_000, Said::AnswerText { turn: 5, text: "Typed at last.".to_owned() })
}

fn holds_for_every_prefix(script: &Script) {
    let (log, history) = World::new(script, None).run();
    assert_eq!(told(&history).len(), 5, "{:?}", told(&history));
    assert!(told(&history).iter().filter(|(_, spoken, _)| !spoken.is_empty()).count() >= 3);
    for length in 1..log.len() {
        let (continued, restored) = World::new(script, Some(length)).run();
        assert_eq!(told(&restored), told(&history), "after {length} events: {:?}", log[length - 1]);
        let count = |event: fn(&Event) -> bool| continued.iter().filter(|known| event(known)).count();
        assert_eq!(count(|event| matches!(event, Event::Continued { .. })), 1);
        assert_eq!(count(|event| matches!(event, Event::Report { .. })), 1);
        assert_eq!(count(|event| matches!(event, Event::Finished { .. })), 1);
        assert_eq!(count(|event| matches!(event, Event::AnswerCommitted { .. })), 5, "after {length} events");
    }
}

#[test]
fn a_successor_goes_on_after_any_event_of_a_shown_interview() {
    holds_for_every_prefix(&script(Playback::Text));
}

#[test]
fn a_successor_goes_on_after_any_event_of_a_spoken_interview() {
    holds_for_every_prefix(&script(Playback::Voice));
}

/// Five turns by a guide: one is followed up as prepared, one freely, and one runs out of its time.
fn guided_script() -> Script {
    let file =
        "# G\n## Questions\n### One?\n- follow-up: And then?\n### Two?\n- time: 20 s\n### Three?\n- follow-ups: 1\n";
    let script = Script::new(Params { guide: Some("g1".to_owned()), playback: Playback::Text, ..params() })
        .say(2_000, "I like the borrow checker.")
        .say(6_000, "It finds mistakes.")
        .say(10_000, "Sometimes I wonder whether and")
        .say(40_000, "We measure before we change.")
        .does(46_000, Said::AnswerText { turn: 5, text: "Typed at last.".to_owned() });
    Script { guide: Some(parse(file.as_bytes()).expect("a guide")), ..script }
}

#[test]
fn a_successor_goes_on_after_any_event_of_an_interview_with_a_guide() {
    let script = guided_script();
    holds_for_every_prefix(&script);
    let (log, history) = World::new(&script, None).run();
    let places = |history: &History| -> Vec<Option<(u32, u32)>> {
        history.turns.iter().map(|turn| turn.place.map(|place| (place.question, place.follow_up))).collect()
    };
    let expected = [(1, 0), (1, 1), (2, 0), (3, 0), (3, 1)].map(Some).to_vec();
    assert_eq!(places(&history), expected);
    for length in 1..log.len() {
        let (_, restored) = World::new(&script, Some(length)).run();
        assert_eq!(places(&restored), expected, "after {length} events");
        assert_eq!(restored.started, history.started, "the guide is the one that it began with");
    }
}

#[test]
fn every_prefix_of_the_log_gives_the_history_of_that_moment() {
    let script = script(Playback::Voice);
    let (log, _) = World::new(&script, None).run();
    let mut stepwise = Interview::new();
    for (n, event) in log.iter().enumerate() {
        stepwise.apply(event);
        let replayed = restored(&log[..=n]);
        assert_eq!(replayed.history(), stepwise.history());
        let stored = serde_json::to_string(&stepwise).expect("a snapshot is JSON");
        let read: Interview = serde_json::from_str(&stored).expect("and is read again");
        assert_eq!(read.history(), stepwise.history());
    }
}

#[test]
fn a_question_that_was_being_asked_is_asked_anew_knowing_what_was_heard() {
    let mut core = Interview::new();
    let mut log = Vec::new();
    drain(&mut core, Input::Start { params: params(), recognizer: None, model: model(), guide: None }, 0, &mut log);
    let id = EffectId(1);
    drain(&mut core, Input::ModelDelta { id, text: "What do ".to_owned() }, 10, &mut log);
    let mut successor = restored(&log);
    let mut news = Vec::new();
    let effects = drain(&mut successor, Input::Continued { epoch: 2 }, 20, &mut news);
    assert_eq!(news.iter().map(crate::rig::name).collect::<Vec<_>>(), ["continued", "questionCancelled"]);
    let Some(Effect::Perform { id: again, task, .. }) = effects.first() else { panic!("it is asked anew") };
    let Task::NextQuestion(next) = &**task else { panic!("a question") };
    assert_eq!((next.turn, next.attempt, next.heard_before.as_deref()), (1, 2, Some("What do")));
    assert!(*again != id, "effects are never named twice");
    let mut late = Vec::new();
    drain(&mut successor, Input::ModelDelta { id, text: "you".to_owned() }, 30, &mut late);
    assert_eq!(late, []);
}

#[test]
fn a_successor_after_the_end_only_closes() {
    let script = script(Playback::Text);
    let (log, _) = World::new(&script, None).run();
    let mut news = Vec::new();
    let effects = drain(&mut restored(&log), Input::Continued { epoch: 2 }, 0, &mut news);
    assert_eq!(news, [Event::Continued { epoch: 2 }]);
    assert_eq!(effects, [Effect::Close]);
}

#[test]
fn the_time_that_was_used_goes_on_counting() {
    let mut rig = crate::rig::Rig::asked(Params { duration_ms: Some(60_000), ..params() });
    rig.pass(40_000);
    rig.said(Said::AnswerText { turn: 1, text: "Typed".to_owned() });
    let mut successor = crate::rig::Rig::around(restored(&rig.log));
    successor.now = 1_000_000;
    successor.input(Input::Continued { epoch: 2 });
    successor.pass(19_900);
    assert_eq!(successor.finished(), None);
    successor.pass(100);
    assert!(successor.names().contains(&"budgetWarning".to_owned()));
    assert_eq!(successor.core.usage().model_requests, 3, "question 1, and question 2 twice");
}

fn drain(core: &mut Interview, input: Input, now: u64, log: &mut Vec<Event>) -> Vec<Effect> {
    core.handle(input, SessionTime(now));
    let mut effects = Vec::new();
    loop {
        match core.poll_output() {
            Output::Emit(event) => log.push(event),
            Output::Effect(effect) => effects.push(effect),
            Output::Wait(_) => return effects,
        }
    }
}

/// The log of one that is cut right after the first event of that name.
fn cut_after(log: &[Event], name: &str) -> Vec<Event> {
    let at = log.iter().position(|event| crate::rig::name(event) == name).expect("the event is there");
    log[..=at].to_vec()
}

#[test]
fn a_skip_of_which_half_was_stored_is_done_to_the_end() {
    let mut rig = crate::rig::Rig::asked(Params { playback: Playback::Voice, ..params() });
    rig.said(Said::QuestionSkip { turn: 1 });
    let mut news = Vec::new();
    drain(&mut restored(&cut_after(&rig.log, "questionCancelled")), Input::Continued { epoch: 2 }, 0, &mut news);
    assert_eq!(news.iter().map(crate::rig::name).collect::<Vec<_>>(), ["continued", "answerCommitted"]);
}

#[test]
fn a_repeat_of_which_half_was_stored_is_done_to_the_end() {
    let mut rig = crate::rig::Rig::asked(params());
    rig.said(Said::QuestionRepeat { turn: 1 });
    let effects = drain(&mut restored(&rig.log), Input::Continued { epoch: 2 }, 0, &mut Vec::new());
    let Some(Effect::Perform { task, .. }) = effects.first() else { panic!("it is asked again") };
    let Task::NextQuestion(next) = &**task else { panic!("a question") };
    assert_eq!((next.attempt, next.repeat_of.as_deref()), (2, Some("What do you like about Rust?")));
}

#[test]
fn a_final_that_was_outstanding_finds_its_answer_though_the_next_question_came_first() {
    let mut rig = crate::rig::Rig::asked(params());
    rig.say("I like the burrow checker.");
    rig.silence(600);
    let mut successor = crate::rig::Rig::around(restored(&cut_after(&rig.log, "answerCommitted")));
    successor.input(Input::Continued { epoch: 2 });
    successor.question("Why?");
    successor.input(Input::Refeeding(true));
    let texts = ["I", "like", "the", "borrow", "checker."];
    let word = |(n, text): (usize, &&str)| {
        let start_ms = n as u64 * 300;
        Word { text: (*text).to_owned(), start_ms, end_ms: start_ms + 300, confidence: 0.9 }
    };
    let words = texts.iter().enumerate().map(word).collect();
    successor.input(Input::Final { text: texts.join(" "), words });
    let answers = told(successor.core.history());
    let text = "I like the borrow checker.".to_owned();
    assert_eq!(answers, [(1, text.clone(), Some(text)), (2, String::new(), None)]);
}

#[test]
fn an_interview_that_was_closing_goes_on_closing() {
    let mut rig = crate::rig::Rig::asked(Params { duration_ms: Some(60_000), ..params() });
    rig.said(Said::AnswerText { turn: 1, text: "Typed".to_owned() });
    rig.question("Why?");
    rig.pass(60_000);
    for name in ["budgetWarning", "questionCancelled"] {
        let mut log = cut_after(&rig.log, name);
        if name == "budgetWarning" {
            log.push(Event::BudgetWarning { budget: viva::interview::event::Budget::Duration, remaining: 0 });
        }
        let effects = drain(&mut restored(&log), Input::Continued { epoch: 2 }, 0, &mut Vec::new());
        let debriefs =
            |effect: &Effect| matches!(effect, Effect::Perform { task, .. } if matches!(**task, Task::Debrief(_)));
        assert!(effects.iter().any(debriefs), "after {name}: {effects:?}");
    }
}
