//! Every rule of scoring against figures worked by hand.

use crate::rig::{choices, chosen, filled, ids, item, matching, multiple, ordered, ordering, paired, source, typed};
use std::collections::BTreeMap;
use viva::quiz::answer::Answer;
use viva::quiz::item::{
    Accepted, Body, Criterion, Gap, GapId, GapKind, Item, MultipleRule, NumericKey, OptionId, OrderingRule, PairRule,
    Part, TextKey, Tolerance, Typos,
};
use viva::quiz::score::{ConfirmError, Note, Outcome, RULES, Scored, confirm, score, total};

fn points(item: &Item, answer: &Answer) -> f64 {
    score(item, Some(answer)).points.expect("a machine scores it")
}

fn assert_points(item: &Item, table: &[(Answer, f64)]) {
    for (answer, expected) in table {
        let found = points(item, answer);
        assert!((found - expected).abs() < 1e-12, "{answer:?} gives {found}, not {expected}");
    }
}

#[test]
fn a_single_choice_is_right_or_wrong() {
    let item = item(2.0, Body::SingleChoice { options: choices(&["a", "b", "c"]), keys: ids(&["b"]) });
    assert_points(
        &item,
        &[
            (Answer::Choice(OptionId::of("b")), 2.0),
            (Answer::Choice(OptionId::of("a")), 0.0),
            (Answer::Choice(OptionId::new("stranger")), 0.0),
        ],
    );
}

#[test]
fn true_and_false_are_right_or_wrong() {
    let item = item(1.0, Body::TrueFalse { key: false });
    assert_points(&item, &[(Answer::TrueFalse(false), 1.0), (Answer::TrueFalse(true), 0.0)]);
}

#[test]
fn exact_multiple_choice_asks_for_all_keys_and_nothing_else() {
    let item = item(4.0, multiple(&["a", "b", "c", "d"], &["a", "b"], MultipleRule::Exact));
    assert_points(
        &item,
        &[
            (chosen(&["a", "b"]), 4.0),
            (chosen(&["a"]), 0.0),
            (chosen(&["a", "b", "c"]), 0.0),
            (chosen(&["c", "d"]), 0.0),
        ],
    );
}

/// max(0, points ÷ k · (hits − wrong)) with points 6 and k = 3.
#[test]
fn multiple_choice_with_penalty_is_scored_as_canvas_does() {
    let item = item(6.0, multiple(&["a", "b", "c", "d", "e"], &["a", "b", "c"], MultipleRule::Penalty));
    assert_points(
        &item,
        &[
            (chosen(&["a", "b", "c"]), 6.0),
            (chosen(&["a", "b"]), 4.0),
            (chosen(&["a"]), 2.0),
            (chosen(&["a", "b", "d"]), 2.0),
            (chosen(&["a", "d"]), 0.0),
            (chosen(&["a", "d", "e"]), 0.0),
            (chosen(&["a", "b", "c", "d"]), 4.0),
            (chosen(&["a", "b", "c", "d", "e"]), 2.0),
            (chosen(&["d"]), 0.0),
        ],
    );
}

/// 10 points over 5 options: 2 for each judged rightly, −2 for each judged wrongly.
#[test]
fn right_minus_wrong_is_counted_over_all_options() {
    let item = item(10.0, multiple(&["a", "b", "c", "d", "e"], &["a", "b", "c"], MultipleRule::RightMinusWrong));
    assert_points(
        &item,
        &[
            (chosen(&["a", "b", "c"]), 10.0),
            (chosen(&["a", "b"]), 6.0),
            (chosen(&["a"]), 2.0),
            (chosen(&["a", "d"]), 0.0),
            (chosen(&["a", "b", "c", "d"]), 6.0),
            (chosen(&["d", "e"]), 0.0),
        ],
    );
}

#[test]
fn short_text_is_compared_without_case_width_marks_and_spaces() {
    let item =
        item(1.0, Body::ShortText { key: TextKey::of(["photosynthesis", "U.S.A.", "well-known", "Straße", "C#"]) });
    assert_points(
        &item,
        &[
            (typed("photosynthesis"), 1.0),
            (typed("  PHOTOSYNTHESIS. "), 1.0),
            (typed("ｐｈｏｔｏｓｙｎｔｈｅｓｉｓ"), 1.0),
            (typed("usa"), 1.0),
            (typed("well known"), 1.0),
            (typed("STRASSE"), 1.0),
            (typed("c#"), 1.0),
            (typed("c"), 0.0),
            (typed("c++"), 0.0),
            (typed("us"), 0.0),
            (typed("respiration"), 0.0),
        ],
    );
}

#[test]
fn one_slip_is_forgiven_from_length_five() {
    let key = TextKey { accepted: vec![Accepted::whole("mitosis"), Accepted::whole("gene")], ..TextKey::default() };
    let lenient = item(1.0, Body::ShortText { key: key.clone() });
    assert_points(
        &lenient,
        &[
            (typed("mitosis"), 1.0),
            (typed("mitozis"), 1.0),
            (typed("mitosi"), 1.0),
            (typed("mitossis"), 1.0),
            (typed("mitsois"), 1.0),
            (typed("mitsoiss"), 0.0),
            (typed("meiosis"), 0.0),
            (typed("gen"), 0.0),
            (typed("genes"), 0.0),
        ],
    );
    let strict = item(1.0, Body::ShortText { key: TextKey { typos: Typos::None, ..key } });
    assert_points(&strict, &[(typed("mitosis"), 1.0), (typed("mitozis"), 0.0)]);
}

#[test]
fn a_slip_leads_neither_to_other_figures_nor_from_an_answer_named_as_wrong() {
    let key = TextKey {
        accepted: vec![Accepted::whole("war of 1812"), Accepted::whole("cation")],
        refused: vec!["Nation".into(), "anion".into()],
        typos: Typos::One,
    };
    let item = item(1.0, Body::ShortText { key });
    assert_points(
        &item,
        &[
            (typed("war of 1813"), 0.0),
            (typed("wars of 1812"), 1.0),
            (typed("nation"), 0.0),
            (typed("kation"), 1.0),
            (typed("anion"), 0.0),
        ],
    );
}

#[test]
fn the_best_accepted_answer_counts_and_wildcards_stand_for_any_run() {
    let key = TextKey {
        accepted: vec![
            Accepted { text: "*tree*".into(), share: 0.5 },
            Accepted::whole("binary * tree"),
            Accepted { text: "2\\*3".into(), share: 0.25 },
        ],
        ..TextKey::default()
    };
    let item = item(4.0, Body::ShortText { key });
    assert_points(
        &item,
        &[
            (typed("a tree of sorts"), 2.0),
            (typed("Binary search tree!"), 4.0),
            (typed("binary tree"), 2.0),
            (typed("2*3"), 1.0),
            (typed("2x3"), 0.0),
            (typed("bush"), 0.0),
        ],
    );
}

#[test]
fn numbers_are_read_as_people_write_them() {
    let key = |value, tolerance| vec![NumericKey::whole(value, tolerance)];
    let with = |keys, unit: Option<&str>| item(1.0, Body::Numeric { keys, unit: unit.map(str::to_owned) });
    assert_points(
        &with(key(0.3, Tolerance::Absolute(0.1)), None),
        &[(typed("0.4"), 1.0), (typed("0,2"), 1.0), (typed(".3"), 1.0), (typed("0.41"), 0.0), (typed("3e-1"), 1.0)],
    );
    assert_points(
        &with(key(1500.0, Tolerance::Relative(0.01)), Some("km")),
        &[
            (typed("1,500 km"), 1.0),
            (typed("1500"), 1.0),
            (typed("1.500,0 KM"), 1.0),
            (typed("1 515"), 1.0),
            (typed("1516"), 0.0),
            (typed("1500 m"), 0.0),
            (typed("about 1500"), 0.0),
        ],
    );
    assert_points(
        &with(key(-4.0, Tolerance::Absolute(0.0)), None),
        &[(typed("-4"), 1.0), (typed("\u{2212}4.0"), 1.0), (typed("4"), 0.0), (typed("inf"), 0.0), (typed("--4"), 0.0)],
    );
    let german = Item { language: "de".into(), ..with(key(12_500.0, Tolerance::Absolute(0.0)), None) };
    assert_points(&german, &[(typed("12.500"), 1.0), (typed("12500"), 1.0), (typed("12,500"), 0.0)]);
}

#[test]
fn a_wider_tolerance_may_be_worth_less() {
    let keys = vec![
        NumericKey { value: 9.81, tolerance: Tolerance::Absolute(0.5), share: 0.5 },
        NumericKey { value: 9.81, tolerance: Tolerance::Absolute(0.01), share: 1.0 },
    ];
    let item = item(2.0, Body::Numeric { keys, unit: None });
    assert_points(&item, &[(typed("9.82"), 2.0), (typed("10"), 1.0), (typed("11"), 0.0)]);
}

/// Of the six pairs of four lines, b a c d has one in reverse: (5 − 1) ÷ 6.
#[test]
fn orderings_are_scored_by_place_or_by_pairs() {
    let lines = ["a", "b", "c", "d"];
    let swapped = ordered(&["b", "a", "c", "d"]);
    let reversed = ordered(&["d", "c", "b", "a"]);
    let whole = ordered(&lines);
    let short = ordered(&["a", "b"]);
    let twice = ordered(&["a", "a", "b", "c"]);
    let table = |exact: f64, places: f64, pairs: f64| [exact, places, pairs];
    for (answer, expected) in [
        (&whole, table(6.0, 6.0, 6.0)),
        (&swapped, table(0.0, 3.0, 4.0)),
        (&reversed, table(0.0, 0.0, 0.0)),
        (&short, table(0.0, 3.0, 1.0)),
        (&twice, table(0.0, 0.0, 0.0)),
    ] {
        for (rule, expected) in
            [OrderingRule::Exact, OrderingRule::Positions, OrderingRule::Pairs].into_iter().zip(expected)
        {
            let found = points(&item(6.0, ordering(&lines, rule)), answer);
            assert!((found - expected).abs() < 1e-12, "{rule:?} of {answer:?}: {found}, not {expected}");
        }
    }
}

#[test]
fn pairs_of_a_matching_count_each_or_all_together() {
    let pairs = [("H", "hydrogen"), ("O", "oxygen"), ("C", "carbon")];
    let two = paired(&[("H", "hydrogen"), ("O", "carbon"), ("C", "carbon")]);
    let each = item(3.0, matching(&pairs, PairRule::Each));
    assert_points(&each, &[(paired(&pairs), 3.0), (two.clone(), 2.0), (paired(&pairs[..1]), 1.0)]);
    let exact = item(3.0, matching(&pairs, PairRule::Exact));
    assert_points(&exact, &[(paired(&pairs), 3.0), (two, 0.0)]);
}

#[test]
fn gaps_of_a_cloze_count_by_their_weight() {
    let options = choices(&["north", "south"]);
    let key = options[1].id.clone();
    let parts = vec![
        Part::Text("Water boils at ".into()),
        Part::Gap(Gap {
            id: GapId::new("g1"),
            kind: GapKind::Numeric { keys: vec![NumericKey::whole(100.0, Tolerance::Absolute(0.5))] },
            weight: 2.0,
        }),
        Part::Text(" degrees. Penguins live in the ".into()),
        Part::Gap(Gap { id: GapId::new("g2"), kind: GapKind::Choice { options, key: key.clone() }, weight: 1.0 }),
        Part::Text(", and eat ".into()),
        Part::Gap(Gap::text("g3", ["fish"])),
    ];
    let each = item(4.0, Body::Cloze { parts: parts.clone(), rule: PairRule::Each });
    let all = filled(&[("g1", "100"), ("g2", key.as_str()), ("g3", "Fish")]);
    assert_points(
        &each,
        &[
            (all.clone(), 4.0),
            (filled(&[("g1", "100.4")]), 2.0),
            (filled(&[("g2", "South"), ("g3", "fish")]), 2.0),
            (filled(&[("g1", "99"), ("g2", "north"), ("g3", "grass")]), 0.0),
        ],
    );
    let exact = item(4.0, Body::Cloze { parts, rule: PairRule::Exact });
    assert_points(&exact, &[(all, 4.0), (filled(&[("g1", "100")]), 0.0)]);
}

fn essay() -> Item {
    let criterion = |text: &str, weight| Criterion { id: OptionId::of(text), text: text.into(), weight };
    item(
        8.0,
        Body::FreeText {
            rubric: vec![criterion("names a cause", 1.0), criterion("gives evidence", 3.0)],
            sample: None,
        },
    )
}

#[test]
fn free_text_waits_for_a_person() {
    let pending = score(&essay(), Some(&typed("Because of the tides.")));
    assert_eq!((pending.outcome, pending.points), (Outcome::Pending, None));
    assert_eq!(total(&[pending]).pending, 1);
    let awarded = BTreeMap::from([(OptionId::of("names a cause"), 1.0), (OptionId::of("gives evidence"), 0.5)]);
    let confirmed = confirm(&essay(), &awarded).expect("the rubric knows both");
    assert_eq!((confirmed.outcome, confirmed.points), (Outcome::Partial, Some(5.0)));
}

#[test]
fn points_beyond_the_rubric_are_refused() {
    let beyond = BTreeMap::from([(OptionId::of("names a cause"), 1.5)]);
    assert_eq!(confirm(&essay(), &beyond), Err(ConfirmError::OutOfRange(OptionId::of("names a cause"))));
    let unknown = BTreeMap::from([(OptionId::of("is long"), 1.0)]);
    assert_eq!(confirm(&essay(), &unknown), Err(ConfirmError::UnknownCriterion(OptionId::of("is long"))));
    let choice = item(1.0, Body::TrueFalse { key: true });
    assert_eq!(confirm(&choice, &BTreeMap::new()), Err(ConfirmError::NotPending));
}

#[test]
fn nothing_said_is_unanswered_and_an_answer_of_another_kind_is_wrong() {
    let item = item(1.0, multiple(&["a", "b", "c"], &["a"], MultipleRule::RightMinusWrong));
    for nothing in [None, Some(&chosen(&[])), Some(&typed("  "))] {
        let scored = score(&item, nothing);
        assert_eq!((scored.outcome, scored.points), (Outcome::Unanswered, Some(0.0)));
    }
    assert_eq!(score(&item, Some(&typed("a"))).outcome, Outcome::Wrong);
}

#[test]
fn a_result_tells_why_and_where_it_stands() {
    let mut item = item(2.0, multiple(&["a", "b", "c"], &["a", "b"], MultipleRule::Penalty));
    item.explanation = Some("a and b are vowels of sorts".into());
    item.source = Some(source("a and b"));
    let expected = Scored {
        item: item.id.clone(),
        rules: RULES,
        outcome: Outcome::Wrong,
        points: Some(0.0),
        max: 2.0,
        notes: vec![
            Note::Hit { part: "a".into() },
            Note::Missed { part: "b".into(), expected: None },
            Note::Wrong { part: "c".into(), expected: None },
        ],
        explanation: item.explanation.clone(),
        source: item.source.clone(),
    };
    assert_eq!(score(&item, Some(&chosen(&["a", "c"]))), expected);
}

/// Such weights are refused before they are published; what was stored with them is worth nothing rather than no number.
#[test]
fn weights_that_add_up_to_no_number_give_no_points_and_no_evidence() {
    let gap = |id: &str| Part::Gap(Gap { weight: 1e308, ..Gap::text(id, ["tide"]) });
    let cloze = item(1.0, Body::Cloze { parts: vec![gap("g1"), gap("g2")], rule: PairRule::Each });
    let answer = Answer::Gaps(["g1", "g2"].map(|id| (GapId::new(id), "tide".to_owned())).into());
    assert_eq!(points(&cloze, &answer), 0.0);
    let criterion = |id: &str| Criterion { id: OptionId::new(id), text: id.into(), weight: 1e308 };
    let essay = item(1.0, Body::FreeText { rubric: vec![criterion("a"), criterion("b")], sample: None });
    let awarded = BTreeMap::from([(OptionId::new("a"), 1.0), (OptionId::new("b"), 1.0)]);
    assert_eq!(confirm(&essay, &awarded).expect("it is confirmed").points, Some(0.0));
    let skilled = Item { skill: Some("tides".into()), ..cloze };
    let unsound = Scored { points: Some(f64::NAN), ..score(&skilled, Some(&answer)) };
    assert_eq!(viva::quiz::progress::evidence_of(&skilled, &unsound, "a1", 1), None);
}
