//! What the model's calls used that failed or were cut off: counted once, and beside what those used that came to their end.

use crate::rig::{Rig, USAGE, params};
use viva::config::limits::MODEL_RETRY_MS_MAX;
use viva::interview::event::{Event, Usage};
use viva::interview::input::{Input, Said};
use viva::interview::params::Params;
use viva::interview::{EffectId, Interview};
use viva::ports::text_model::{DebriefDraft, ModelError, TokenUsage};

/// What a call has used by when it is lost.
const LOST: TokenUsage = TokenUsage { input_tokens: 70, output_tokens: 7, cache_read_tokens: 0, cache_write_tokens: 0 };

/// What went in, what came out, what speculation lost.
fn tokens(usage: &Usage) -> (u64, u64, u64) {
    (usage.model_input_tokens, usage.model_output_tokens, usage.speculative_dropped_tokens)
}

/// The call that runs has used so much by now.
fn spent(rig: &mut Rig) -> EffectId {
    let id = rig.call().0;
    for usage in [TokenUsage { output_tokens: 1, ..LOST }, LOST] {
        rig.input(Input::ModelSpent { id, usage });
    }
    id
}

/// Whatever comes of that call now is too late.
fn too_late(rig: &mut Rig, id: EffectId) {
    let before = rig.core.usage();
    rig.input(Input::ModelSpent { id, usage: USAGE });
    rig.input(Input::ModelFailed { id, error: ModelError::TimedOut });
    rig.input(Input::ModelDone { id, usage: USAGE });
    assert_eq!(rig.core.usage(), before);
}

/// Its only question is answered: the debrief is called for.
fn answered() -> Rig {
    let mut rig = Rig::asked(Params { questions: 1, ..params() });
    rig.answer("I like the borrow checker and the tests.");
    rig
}

fn finished(rig: &Rig) -> (u64, u64, u64) {
    let usage = rig.log.iter().find_map(|event| match event {
        Event::Finished { usage, .. } => Some(*usage),
        _ => None,
    });
    assert_eq!(usage, Some(rig.core.usage()), "it is told as it is counted");
    tokens(&rig.core.usage())
}

#[test]
fn a_debrief_that_fails_counts_with_what_it_used_and_the_next_one_on_top() {
    let mut rig = answered();
    let id = spent(&mut rig);
    assert_eq!(tokens(&rig.core.usage()), (170, 17, 0), "while it runs, too");
    rig.input(Input::ModelFailed { id, error: ModelError::TimedOut });
    assert_eq!(tokens(&rig.core.usage()), (170, 17, 0));
    too_late(&mut rig, id);
    rig.pass(MODEL_RETRY_MS_MAX);
    assert_ne!(rig.call().0, id);
    rig.debrief(DebriefDraft::default());
    assert_eq!(finished(&rig), (270, 27, 0));
}

#[test]
fn a_report_without_feedback_counts_every_debrief_that_was_tried() {
    let mut rig = answered();
    let mut tried = 0;
    while rig.finished().is_none() {
        let id = spent(&mut rig);
        rig.input(Input::ModelFailed { id, error: ModelError::Failed("down".to_owned()) });
        rig.pass(MODEL_RETRY_MS_MAX);
        tried += 1;
    }
    assert!(tried > 1);
    assert_eq!(finished(&rig), (100 + tried * 70, 10 + tried * 7, 0));
}

#[test]
fn a_debrief_that_tells_its_end_counts_with_what_it_says_then() {
    let mut rig = answered();
    spent(&mut rig);
    rig.debrief(DebriefDraft::default());
    assert_eq!(finished(&rig), (200, 20, 0));
}

#[test]
fn a_question_that_fails_or_is_cut_off_counts_with_what_it_used() {
    let mut rig = Rig::new(params());
    let id = spent(&mut rig);
    rig.input(Input::ModelFailed { id, error: ModelError::TimedOut });
    assert_eq!(tokens(&rig.core.usage()), (70, 7, 0));
    too_late(&mut rig, id);
    rig.pass(MODEL_RETRY_MS_MAX);
    rig.delta("What do you ");
    let id = spent(&mut rig);
    rig.said(Said::QuestionSkip { turn: 1 });
    assert_eq!(rig.cancels(), 1);
    assert_eq!(tokens(&rig.core.usage()), (140, 14, 0));
    too_late(&mut rig, id);
    spent(&mut rig);
    rig.said(Said::Finish);
    assert_eq!(finished(&rig), (210, 21, 0));
}

#[test]
fn speculation_that_is_dropped_counts_with_its_prompt_on_its_own_line() {
    let mut rig = Rig::asked(params());
    rig.say("I like the borrow checker.");
    rig.silence(300);
    rig.delta("Why the borrow checker?");
    let id = spent(&mut rig);
    rig.say("And the tests.");
    assert_eq!(rig.cancels(), 1);
    assert_eq!(tokens(&rig.core.usage()), (100, 10, 77));
    too_late(&mut rig, id);
}

#[test]
fn a_successor_counts_on_from_what_its_predecessor_s_call_had_used() {
    let mut rig = answered();
    spent(&mut rig);
    rig.core.note_progress();
    let snapshot = serde_json::to_string(&rig.core).unwrap();
    let mut successor = Rig::around(serde_json::from_str::<Interview>(&snapshot).unwrap());
    successor.now = rig.now;
    successor.input(Input::Continued { epoch: 2 });
    assert_eq!(tokens(&successor.core.usage()), (170, 17, 0));
    successor.debrief(DebriefDraft::default());
    assert_eq!(finished(&successor), (270, 27, 0));
}
