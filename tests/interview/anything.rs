//! Whatever comes, in whatever order: no panic, an end to every drain, and a log that makes sense.

use crate::rig::{Rig, params};
use proptest::prelude::{Just, Strategy, any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::test_runner::TestCaseError;
use std::collections::HashSet;
use viva::interview::event::{Budget, Event, Usage, Word};
use viva::interview::input::{Input, PlaybackState, Said};
use viva::interview::params::{Params, Playback, TurnTaking};
use viva::interview::{Effect, Interview, Output, SessionTime};
use viva::ports::text_model::{DebriefDraft, DraftFinding, DraftQuote, DraftRating, ModelError, TokenUsage};

/// Inputs whose effect's id is chosen when they are played: the n-th performed, counted from the last.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "a test's script is short")]
enum Act {
    Input(Input),
    Delta(usize, String),
    Debrief(usize),
    Done(usize),
    Failed(usize),
    Voice(u64),
    Silence(u64),
    Say(String),
    Recognize,
    Pass(u64),
    Deadline,
    Continued,
}

fn said() -> impl Strategy<Value = Said> {
    let turn = 0_u32..5;
    let state = prop_oneof![Just(PlaybackState::Playing), Just(PlaybackState::Paused), Just(PlaybackState::Done)];
    prop_oneof![
        turn.clone().prop_map(|turn| Said::AnswerEnd { turn }),
        (turn.clone(), "\\PC{0,20}").prop_map(|(turn, text)| Said::AnswerText { turn, text }),
        (turn.clone(), "[a-z ]{0,20}").prop_map(|(turn, text)| Said::AnswerCorrect { turn, text }),
        turn.clone().prop_map(|turn| Said::QuestionSkip { turn }),
        turn.clone().prop_map(|turn| Said::QuestionRepeat { turn }),
        (turn, 0_u32..3, 0_u32..60, state).prop_map(|(turn, attempt, chars, state)| Said::Rendered {
            turn,
            attempt,
            chars,
            state
        }),
        Just(Said::Finish),
    ]
}

fn wild_input() -> impl Strategy<Value = Input> {
    let ms = 0_u64..20_000;
    let word = ("\\PC{0,8}", ms.clone(), ms.clone(), any::<f32>())
        .prop_map(|(text, start_ms, end_ms, confidence)| Word { text, start_ms, end_ms, confidence });
    let budget =
        prop_oneof![Just(Budget::Audio), Just(Budget::Tokens), Just(Budget::Duration), Just(Budget::Questions)];
    prop_oneof![
        (ms.clone(), ms.clone(), any::<bool>()).prop_map(|(from_ms, through_ms, voiced)| Input::Audio {
            from_ms,
            through_ms,
            voiced
        }),
        ms.clone().prop_map(|media_ms| Input::RecognizedThrough { media_ms }),
        ms.clone().prop_map(|from_ms| Input::RecognizedAnew { from_ms }),
        ("\\PC{0,30}", 0_usize..40, ms.clone(), ms).prop_map(|(text, stable_chars, start_ms, end_ms)| Input::Partial {
            text,
            stable_chars,
            start_ms,
            end_ms
        }),
        ("\\PC{0,30}", prop::collection::vec(word, 0..6)).prop_map(|(text, words)| Input::Final { text, words }),
        any::<bool>().prop_map(|retrying| Input::RecognizerFailed { message: "broken".to_owned(), retrying }),
        Just(Input::RecognizerBusy { retry_after_ms: 500 }),
        any::<bool>().prop_map(Input::Bound),
        any::<bool>().prop_map(Input::Refeeding),
        Just(Input::InputLost { from_seq: 3, through_seq: 4 }),
        (budget, 0_u64..3).prop_map(|(budget, remaining)| Input::BudgetLeft { budget, remaining }),
        Just(Input::Used(Usage { audio_ms: 7, ..Usage::default() })),
        Just(Input::Abandon),
        Just(Input::Elapsed),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    let back = 0_usize..3;
    prop_oneof![
        4 => said().prop_map(|said| Act::Input(Input::Said { seq: 9, said })),
        2 => wild_input().prop_map(Act::Input),
        8 => (back.clone(), "[a-z]{0,9}[ ?.]").prop_map(|(back, text)| Act::Delta(back, text)),
        5 => back.clone().prop_map(Act::Done),
        1 => back.clone().prop_map(Act::Failed),
        1 => back.prop_map(Act::Debrief),
        2 => (0_u64..1_500).prop_map(Act::Voice),
        4 => (0_u64..3_500).prop_map(Act::Silence),
        6 => "([a-z]{1,6} ){1,4}".prop_map(Act::Say),
        3 => Just(Act::Recognize),
        2 => (0_u64..9_000).prop_map(Act::Pass),
        1 => Just(Act::Deadline),
        1 => Just(Act::Continued),
    ]
}

fn some_params() -> impl Strategy<Value = Params> {
    let playback = prop_oneof![Just(Playback::Text), Just(Playback::Voice)];
    let turn_taking = prop_oneof![Just(TurnTaking::Auto), Just(TurnTaking::Patient), Just(TurnTaking::Manual)];
    let duration = prop_oneof![Just(None), (30_000_u64..60_000).prop_map(Some)];
    let language = prop_oneof![Just("en-US"), Just("de")];
    (playback, turn_taking, duration, 1_u32..4, any::<bool>(), language).prop_map(
        |(playback, turn_taking, duration_ms, questions, audio, language)| Params {
            playback,
            turn_taking,
            duration_ms,
            questions,
            audio: params().audio.filter(|_| audio),
            language: language.to_owned(),
            ..params()
        },
    )
}

fn draft() -> DebriefDraft {
    let quotes = vec![DraftQuote { turn: 1, quote: "a".to_owned() }];
    DebriefDraft {
        summary: "Well.".to_owned(),
        strengths: vec![DraftFinding { text: "It is so.".to_owned(), quotes: quotes.clone() }],
        improvements: Vec::new(),
        ratings: vec![DraftRating { criterion: "Depth".to_owned(), rating: Some(9), rationale: String::new(), quotes }],
    }
}

fn play(rig: &mut Rig, act: &Act) {
    let performed: Vec<_> = rig
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Perform { id, .. } => Some(*id),
            _ => None,
        })
        .collect();
    let id = |back: &usize| performed.len().checked_sub(1 + back).map(|index| performed[index]);
    match act {
        Act::Input(input) => rig.input(input.clone()),
        Act::Delta(back, text) => {
            id(back).into_iter().for_each(|id| rig.input(Input::ModelDelta { id, text: text.clone() }))
        }
        Act::Debrief(back) => id(back).into_iter().for_each(|id| rig.input(Input::ModelDebrief { id, draft: draft() })),
        Act::Done(back) => {
            let usage = TokenUsage { input_tokens: 5, output_tokens: 2, ..TokenUsage::default() };
            id(back).into_iter().for_each(|id| rig.input(Input::ModelDone { id, usage }));
        }
        Act::Failed(back) => {
            id(back).into_iter().for_each(|id| rig.input(Input::ModelFailed { id, error: ModelError::TimedOut }));
        }
        Act::Voice(ms) => rig.noise(*ms),
        Act::Silence(ms) => rig.silence(*ms),
        Act::Say(text) => rig.say(text),
        Act::Recognize => rig.recognize(),
        Act::Pass(ms) => rig.pass(*ms),
        Act::Deadline => rig.input(Input::Elapsed),
        Act::Continued => {
            let mut core = Interview::new();
            rig.log.iter().for_each(|event| core.apply(event));
            rig.core = core;
            let epoch = rig.log.iter().filter(|event| matches!(event, Event::Continued { .. })).count() as u64 + 2;
            rig.input(Input::Continued { epoch });
        }
    }
}

/// What holds of every log.
fn check_log(rig: &Rig) -> Result<(), TestCaseError> {
    let mut deltas = String::new();
    let mut committed = HashSet::new();
    let mut reported = false;
    let mut ended = false;
    for event in &rig.log {
        prop_assert!(serde_json::to_string(event).expect("JSON").len() < 96_000);
        prop_assert!(!ended || matches!(event, Event::Continued { .. }), "{event:?} after the end");
        match event {
            Event::QuestionStarted { .. } => deltas.clear(),
            Event::QuestionDelta { text, .. } => deltas.push_str(text),
            Event::QuestionDone { text, .. } => prop_assert_eq!(deltas.trim_end(), text),
            Event::QuestionCancelled { text, .. } => prop_assert!(deltas.starts_with(text.as_str())),
            Event::AnswerCommitted { turn, .. } => prop_assert!(committed.insert(*turn), "{} is committed twice", turn),
            Event::AnswerRevised { turn, text, previous, .. } => {
                prop_assert!(committed.contains(turn));
                prop_assert!(text != previous);
            }
            Event::TurnTiming { total_ms, stages, .. } => {
                prop_assert_eq!(*total_ms, stages.iter().map(|stage| stage.duration_ms).sum::<u64>());
            }
            Event::Report { .. } => {
                prop_assert!(!reported);
                reported = true;
            }
            Event::Finished { .. } => {
                prop_assert!(reported);
                ended = true;
            }
            _ => {}
        }
    }
    let ids: Vec<_> = rig
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Perform { id, .. } => Some(*id),
            _ => None,
        })
        .collect();
    prop_assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len(), "an effect's name was used twice");
    let mut replayed = Interview::new();
    rig.log.iter().for_each(|event| replayed.apply(event));
    prop_assert_eq!(replayed.history(), rig.core.history());
    Ok(())
}

proptest! {
    #[test]
    fn no_sequence_of_inputs_breaks_the_log(params in some_params(), acts in prop::collection::vec(act(), 0..120)) {
        let mut rig = Rig::new(params);
        for act in &acts {
            play(&mut rig, act);
        }
        check_log(&rig)?;
    }

    #[test]
    fn every_interview_ends_when_it_is_left(params in some_params(), acts in prop::collection::vec(act(), 0..60)) {
        let mut rig = Rig::new(params);
        for act in &acts {
            play(&mut rig, act);
        }
        rig.input(Input::Bound(true));
        rig.input(Input::Refeeding(false));
        rig.input(Input::Abandon);
        for _ in 0..4 {
            rig.pass(20_000);
            let last = rig.effects.iter().rev().find_map(|effect| match effect {
                Effect::Perform { id, .. } => Some(*id),
                _ => None,
            });
            if let Some(id) = last {
                rig.input(Input::ModelFailed { id, error: ModelError::TimedOut });
            }
        }
        prop_assert!(rig.finished().is_some(), "{:?}", rig.wait);
        check_log(&rig)?;
    }

    #[test]
    fn the_same_message_again_changes_nothing(
        params in some_params(),
        acts in prop::collection::vec(act(), 0..60),
        said in said(),
    ) {
        let mut rig = Rig::new(params);
        for act in &acts {
            play(&mut rig, act);
        }
        rig.said(said.clone());
        rig.news();
        rig.said(said);
        prop_assert_eq!(&rig.log, &[]);
    }

    #[test]
    fn a_drain_ends_and_a_drained_core_stays_drained(
        params in some_params(),
        acts in prop::collection::vec(act(), 0..60),
    ) {
        let mut rig = Rig::new(params);
        for act in &acts {
            play(&mut rig, act);
            let wait = rig.core.poll_output();
            prop_assert_eq!(&wait, &Output::Wait(rig.wait));
            if let Some((at, _)) = rig.wait {
                prop_assert!(at > SessionTime(rig.now), "a deadline that has come is still there: {:?}", rig.wait);
            }
        }
    }
}
