//! Interviews that follow a guide: what a file may say, in which order it is asked, when its time is over, and what its rubric becomes.

use crate::rig::{Rig, params};
use proptest::prelude::*;
use viva::interview::Interview;
use viva::interview::event::{CommitReason, Event, FinishReason};
use viva::interview::guide::{Guide, parse};
use viva::interview::input::{Input, Said};
use viva::interview::params::{Params, TurnTaking};
use viva::interview::report::Report;
use viva::ports::text_model::{DebriefDraft, DraftQuote, DraftRating, Guided, GuidedStep, Task};

const EXAMPLE: &str = include_str!("../../docs/http-caching.guide.md");

fn guide(file: &str) -> Guide {
    parse(file.as_bytes()).expect("the guide is one")
}

/// What the model is asked to ask.
fn asked(rig: &Rig) -> Guided {
    match rig.call().1 {
        Task::NextQuestion(task) => task.guided.clone().expect("the guide's question"),
        other => unreachable!("no question: {other:?}"),
    }
}

fn typed(rig: &mut Rig, turn: u32, text: &str) {
    rig.said(Said::AnswerText { turn, text: text.to_owned() });
}

#[test]
fn the_example_in_the_docs_is_a_guide() {
    let guide = guide(EXAMPLE);
    assert_eq!(guide.title, "HTTP caching: oral exam, second year");
    assert_eq!(guide.duration_ms, Some(1_200_000));
    assert!(guide.notes.contains("calm conversation") && guide.notes.contains("- Terms may be explained"));
    let told: Vec<(u32, usize, Option<u64>)> = guide
        .questions
        .iter()
        .map(|question| (question.follow_ups, question.prepared.len(), question.limit_ms))
        .collect();
    assert_eq!(told, [(2, 2, Some(300_000)), (1, 0, Some(240_000)), (0, 0, None)]);
    assert!(guide.questions[0].text.starts_with("How can a client reuse"), "its number is left out");
    assert_eq!(guide.questions[0].keywords, ["ETag", "If-None-Match", "304"]);
    let rubric: Vec<(&str, Vec<u8>)> = guide
        .rubric
        .iter()
        .map(|criterion| (criterion.name.as_str(), criterion.levels.iter().map(|level| level.rating).collect()))
        .collect();
    assert_eq!(rubric, [("Validators", vec![1, 3, 5]), ("Judgement", vec![1, 5]), ("Structure", vec![])]);
    assert_eq!(guide.turns_max(), 6);
}

#[test]
fn a_file_that_is_no_guide_names_the_line_and_the_reason() {
    let cases: &[(&str, usize, &str)] = &[
        ("", 1, "empty"),
        ("\n<!-- x -->\n", 1, "empty"),
        ("Hello\n# T", 1, "begins with its title"),
        ("# T\n", 1, "no question"),
        ("# T\n## Questions\n", 2, "no question"),
        ("# T\n# U\n", 2, "one title"),
        ("# \n", 1, "has no text"),
        ("# T\n### Why?\n", 2, "after “## Questions”"),
        ("# T\n## Answers\n", 2, "no “Answers”"),
        ("# T\n## Rubric\n## Questions\n", 3, "before “## Rubric”"),
        ("# T\n## Questions\n### Why?\n## Questions\n", 4, "second time"),
        ("# T\n## Questions\n### Why?\n#### Deeper\n", 4, "no deeper"),
        ("# T\n## Questions\n### Why?\n\n### 2. Why?\n", 5, "at line 3 already"),
        ("# T\n## Questions\nText\n", 3, "begins with “###”"),
        ("# T\n## Questions\n### Why?\n- tiem: 3 min\n", 4, "“tiem” is no setting here; there are time, follow-ups"),
        ("# T\n## Questions\n### Why?\n- time: soon\n", 4, "is no time"),
        ("# T\n## Questions\n### Why?\n- time: 3\n", 4, "is no time"),
        ("# T\n## Questions\n### Why?\n- time: 99999999999999999999 h\n", 4, "is no time"),
        ("# T\n## Questions\n### Why?\n- time: 5 s\n", 4, "not between 20 s and 30 min"),
        ("# T\n- time: 3 h\n", 2, "not between 30 s and 120 min"),
        ("# T\n- time: 1 h\n- time: 1 h\n", 3, "“time” stands here for the second time"),
        ("# T\n## Questions\n### Why?\n- follow-ups: 9\n", 4, "no number from 0 to 5"),
        ("# T\n## Questions\n### Why?\n- follow-ups: 0\n- follow-up: And?\n", 4, "0 follow-ups are allowed, and 1 are"),
        ("# T\n## Questions\n### Why?\n- follow-up:\n", 4, "the follow-up has no text"),
        ("# T\n## Questions\n### Why?\n- keywords: , ,\n", 4, "no keyword"),
        ("# T\n## Questions\n### Why?\n- keywords: a, ?!\n", 4, "no word that can be said"),
        ("# T\n## Questions\n### Why?\n## Rubric\n### A\n- 6: x\n", 6, "from 1 to 5"),
        ("# T\n## Questions\n### Why?\n## Rubric\n### A\n- 2: x\n- 2: y\n", 7, "level 2"),
        ("# T\n## Questions\n### Why?\n## Rubric\n### A\n### a\n", 6, "at line 5 already"),
        ("# T\n## Questions\n### Why?\n\n<!-- open\n", 5, "no end"),
        ("# T\n## Questions\n### Why\u{7}?\n", 3, "control character"),
    ];
    for (file, line, reason) in cases {
        let error = parse(file.as_bytes()).expect_err(file);
        assert_eq!(error.line, *line, "{error}: {file:?}");
        assert!(error.reason.contains(reason), "{error}: {file:?}");
    }
    let error = parse(b"# T\n## Questions\n### \xff\n").expect_err("not UTF-8");
    assert_eq!((error.line, error.reason.as_str()), (3, "this is not UTF-8 text"));
    let long = format!("# {}", "x".repeat(50_000));
    assert!(parse(long.as_bytes()).expect_err("too large").reason.contains("bytes"));
    let many: String = (0..51).map(|n| format!("### Q{n}?\n")).collect();
    assert_eq!(parse(format!("# T\n## Questions\n{many}").as_bytes()).expect_err("too many").line, 53);
}

proptest! {
    #[test]
    fn any_file_is_a_guide_or_has_a_line_that_is_wrong(
        lines in prop::collection::vec("(#{0,4} ?|- ?|<!--|)(Questions|Rubric|time: 3 min|follow-ups: 2|keywords: a|1: x|.{0,12})(-->)?", 0..20),
        ending in prop::sample::select(vec!["\n", "\r\n"]),
    ) {
        let file = lines.join(ending);
        match parse(file.as_bytes()) {
            Ok(guide) => {
                prop_assert!(!guide.questions.is_empty());
                prop_assert!((1..=50).contains(&guide.turns_max()));
            }
            Err(error) => prop_assert!((1..=lines.len().max(1)).contains(&error.line), "{error}"),
        }
    }
}

#[test]
fn questions_come_in_the_guides_order_and_follow_ups_as_prepared() {
    let file = "# T\n## Questions\n### One?\n- follow-ups: 2\n- follow-up: And then?\nLook for A.\n### Two?\n";
    let mut rig = Rig::guided(Params { questions: 1, ..params() }, guide(file));
    let first = asked(&rig);
    assert_eq!((first.question, first.questions, first.text.as_str()), (1, 2, "One?"));
    assert_eq!((first.notes.as_str(), first.step), ("Look for A.", GuidedStep::Question));
    rig.question("One?");
    typed(&mut rig, 1, "This and that.");
    assert_eq!(asked(&rig).step, GuidedStep::Prepared { text: "And then?".to_owned() });
    rig.question("And then?");
    typed(&mut rig, 2, "Then something else.");
    assert_eq!(asked(&rig).step, GuidedStep::FollowUp { unsaid: Vec::new() });
    rig.question("Why?");
    typed(&mut rig, 3, "Because.");
    assert_eq!((asked(&rig).question, asked(&rig).step), (2, GuidedStep::Question));
    rig.question("Two?");
    typed(&mut rig, 4, "Yes.");
    rig.debrief(DebriefDraft::default());
    assert_eq!(rig.finished(), Some(FinishReason::Completed));
    assert_eq!(rig.core.params().map(|params| params.questions), Some(4), "the guide says how many");
}

#[test]
fn what_was_skipped_or_is_complete_is_not_followed_up() {
    let file =
        "# T\n- follow-ups: 2\n## Questions\n### One?\n- keywords: ETag, 304 not modified\n### Two?\n### Three?\n";
    let mut rig = Rig::guided(params(), guide(file));
    rig.question("One?");
    typed(&mut rig, 1, "With an e-tag, hm, an ETag.");
    assert_eq!(asked(&rig).step, GuidedStep::FollowUp { unsaid: vec!["304 not modified".to_owned()] });
    rig.question("And the server?");
    typed(&mut rig, 2, "It says 304, not modified!");
    assert_eq!(asked(&rig).question, 2, "all was said");
    rig.question("Two?");
    rig.said(Said::QuestionSkip { turn: 3 });
    assert_eq!(asked(&rig).question, 3);
}

#[test]
fn when_a_questions_time_is_over_the_next_one_comes() {
    let file = "# T\n## Questions\n### One?\n- time: 30 s\n- follow-ups: 2\n### Two?\n";
    let mut rig = Rig::guided(Params { turn_taking: TurnTaking::Manual, ..params() }, guide(file));
    rig.question("One?");
    let started = rig.news().into_iter().find(|event| matches!(event, Event::QuestionStarted { .. }));
    assert!(matches!(started, Some(Event::QuestionStarted { limit_ms: Some(30_000), .. })));
    rig.pass(8_000);
    typed(&mut rig, 1, "Something.");
    assert_eq!(asked(&rig).question, 1, "22 s are left");
    rig.question("And?");
    rig.say("Well, it is");
    rig.silence(25_000);
    let committed = rig.news().into_iter().find_map(|event| match event {
        Event::AnswerCommitted { turn: 2, text, reason, .. } => Some((text, reason)),
        _ => None,
    });
    assert_eq!(committed, Some(("Well, it is".to_owned(), CommitReason::Limit)));
    assert_eq!(asked(&rig).question, 2, "and it is not followed up again");
}

#[test]
fn who_speaks_when_a_questions_time_is_over_may_end_the_sentence() {
    let file = "# T\n## Questions\n### One?\n- time: 20 s\n### Two?\n";
    let mut rig = Rig::guided(params(), guide(file));
    rig.question("One?");
    rig.pass(19_000);
    rig.say("I would say that it depends on");
    assert_eq!(rig.committed(), [], "the limit fell into the sentence");
    rig.say("the case.");
    rig.silence(1_500);
    assert_eq!(rig.committed().len(), 1);
    assert_eq!(rig.committed()[0].1, "I would say that it depends on the case.");
}

#[test]
fn the_guides_time_holds_and_a_shorter_one_too() {
    let file = "# T\n- time: 2 min\n## Questions\n### One?\n";
    let duration = |asked| {
        let rig = Rig::guided(Params { duration_ms: asked, ..params() }, guide(file));
        rig.core.params().and_then(|params| params.duration_ms)
    };
    assert_eq!(duration(None), Some(120_000));
    assert_eq!(duration(Some(60_000)), Some(60_000));
    assert_eq!(duration(Some(600_000)), Some(120_000));
}

#[test]
fn time_is_kept_for_the_questions_to_come() {
    let file = "# T\n- time: 2 min\n- follow-ups: 5\n## Questions\n### One?\n### Two?\n### Three?\n";
    let mut rig = Rig::guided(params(), guide(file));
    rig.question("One?");
    rig.pass(15_000);
    typed(&mut rig, 1, "Something.");
    assert_eq!(asked(&rig).question, 2, "105 s are left, and two questions to come");
}

#[test]
fn a_guide_that_cannot_be_had_ends_the_interview_and_says_so() {
    let mut rig = Rig::around(Interview::new());
    let params = Params { guide: Some("g1".to_owned()), ..params() };
    rig.input(Input::Start { params, recognizer: None, model: crate::rig::model(), guide: None });
    assert_eq!(rig.finished(), Some(FinishReason::Failed));
    assert_eq!(rig.performs(), 0, "nothing is asked instead");
    assert!(rig.core.report().is_some());
}

fn rated(ratings: Vec<DraftRating>) -> Report {
    let file =
        "# T\n## Questions\n### One?\n## Rubric\n### Depth\nGoes on.\n- 1: Flat.\n- 5: Deep.\n### Clarity\n### Care\n";
    let mut rig = Rig::guided(params(), guide(file));
    rig.question("One?");
    typed(&mut rig, 1, "I wrote the parser because the old one lost input.");
    rig.debrief(DebriefDraft { ratings, ..DebriefDraft::default() });
    rig.core.report().expect("a report").clone()
}

fn rating(criterion: &str, rating: u8, quote: &str) -> DraftRating {
    let quotes = vec![DraftQuote { turn: 1, quote: quote.to_owned() }];
    DraftRating { criterion: criterion.to_owned(), rating: Some(rating), rationale: "So.".to_owned(), quotes }
}

#[test]
fn the_rubrics_criteria_are_rated_in_its_order_and_no_others() {
    let report = rated(vec![
        rating("clarity", 2, "I led a team"),
        rating("Charm", 5, "the old one lost input"),
        rating("Depth", 4, "because the old one lost input"),
    ]);
    let told: Vec<(&str, Option<u8>, usize)> =
        report.ratings.iter().map(|rating| (rating.criterion.as_str(), rating.rating, rating.evidence.len())).collect();
    assert_eq!(told, [("Depth", Some(4), 1), ("Clarity", None, 0), ("Care", None, 0)]);
    assert_eq!(report.quotes_dropped, 1);
    let depth = &report.ratings[0];
    assert_eq!((depth.description.as_str(), depth.levels.len()), ("Goes on.", 2));
    assert_eq!(report.ratings[2].rationale, "The model did not rate this.");
    assert_eq!(report.guide.as_ref().map(|guide| guide.title.as_str()), Some("T"));
}

#[test]
fn without_feedback_every_criterion_is_there_for_a_teacher_to_rate() {
    let file = "# T\n## Questions\n### One?\n## Rubric\n### Depth\n";
    let mut rig = Rig::guided(params(), guide(file));
    rig.question("One?");
    rig.said(Said::QuestionSkip { turn: 1 });
    let report = rig.core.report().expect("a report");
    assert_eq!((report.ratings.len(), report.ratings[0].rating), (1, None));
    assert!(report.ratings[0].rationale.starts_with("Nothing was answered"));
}
