//! The machine that says what to ask for next, by itself: any writer, any answers.

use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use viva::quiz::answer::Answer;
use viva::quiz::generation::draft::{Ask, Draft, Pair};
use viva::quiz::generation::{Generation, Harvest, Material, Plan, Step};
use viva::quiz::item::{Body, Difficulty, FreshIds, GapKind, Kind, Part};

const DOCUMENTS: usize = 4;
const PASSAGES: usize = 5;

fn text(document: usize, passage: usize) -> String {
    format!(
        "Chapter {document}{passage} tells of engine {document}{passage} and of its long valve. Its long valve opens {document}{passage} \
         times before the engine stops, and the keeper then closes the heavy gate by hand."
    )
}

fn plan(counts: &[(&str, u32)], seed: u64) -> Plan {
    let material = (0..DOCUMENTS * PASSAGES).map(|at| {
        let (document, passage) = (at / PASSAGES, at % PASSAGES);
        Material {
            document: format!("d{document}"),
            version: 1,
            passage: format!("d{document}-1-{passage}"),
            text: text(document, passage),
            locator: viva::quiz::item::Locator::default(),
        }
    });
    Plan {
        language: Some("en".to_owned()),
        difficulty: Difficulty::Hard,
        seed,
        missing: counts.iter().map(|(kind, count)| (Kind::named(kind).unwrap(), *count)).collect(),
        material: material.collect(),
        items: Vec::new(),
        ids: FreshIds::new(seed, []),
    }
}

fn draft(passage: u32, quote: &str, stem: &str, ask: Ask) -> Draft {
    Draft { passage, quote: quote.to_owned(), stem: stem.to_owned(), explanation: "So.".to_owned(), ask }
}

/// Drives it to its end; `write` gives drafts for a batch, every question is answered `true`.
fn drive(
    plan: Plan,
    mut write: impl FnMut(usize, &Generation, &[usize]) -> Vec<Draft>,
) -> (Harvest, Generation, usize) {
    let mut generation = Generation::new(plan);
    let mut all = Harvest::default();
    let mut calls = 0;
    loop {
        match generation.poll_step() {
            Step::Over => return (all, generation, calls),
            Step::Write(batch) => {
                assert_eq!(generation.poll_step(), Step::Write(batch.clone()), "the same until it is done");
                let drafts = write(calls, &generation, &batch.passages);
                calls += 1;
                generation.handle_drafts(drafts);
            }
            Step::Answer(questions) => {
                let answers = questions.into_iter().map(|question| (question.item.id, Answer::TrueFalse(true)));
                generation.handle_answers(answers.collect());
            }
        }
        let Harvest { items, second, rejected } = generation.harvest();
        all.items.extend(items);
        all.second.extend(second);
        all.rejected.extend(rejected);
    }
}

/// A true statement about each passage that was given.
fn honest(generation: &Generation, places: &[usize]) -> Vec<Draft> {
    (1..)
        .zip(places)
        .map(|(number, place)| {
            let text = &generation.material()[*place].text;
            let quote = text.split_once(". ").unwrap().0;
            draft(number, quote, quote, Ask::TrueFalse { is_true: true })
        })
        .collect()
}

#[test]
fn items_are_spread_over_all_documents() {
    let (harvest, generation, _) =
        drive(plan(&[("true_false", 16)], 3), |_, generation, places| honest(generation, places));
    assert_eq!(harvest.items.len(), 16);
    assert!(generation.missing().is_empty());
    let mut of: BTreeMap<&str, u32> = BTreeMap::new();
    for item in &harvest.items {
        *of.entry(item.source.as_ref().unwrap().document.as_str()).or_default() += 1;
        assert_eq!(item.difficulty, Difficulty::Hard);
    }
    assert_eq!(of.len(), DOCUMENTS);
    assert!(of.values().all(|count| *count >= 3), "{of:?}");
    assert_eq!(harvest.second.len(), 16);
}

#[test]
fn every_kind_becomes_an_item_that_holds() {
    let quote = text(0, 0);
    let counts: Vec<(&str, u32)> = Kind::ALL.iter().map(|kind| (kind.as_str(), 1)).collect();
    let plan = Plan { material: plan(&[], 1).material[..1].to_vec(), ..plan(&counts, 1) };
    let list = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let asks = || {
        vec![
            (
                "What does the keeper close?",
                Ask::SingleChoice {
                    right: "the heavy gate".into(),
                    wrong: list(&["the light door", "the old lid", "the long chain"]),
                },
            ),
            (
                "Which parts does the text name?",
                Ask::MultipleChoice {
                    right: list(&["the valve", "the gate"]),
                    wrong: list(&["the wheel", "the belt"]),
                },
            ),
            ("The keeper closes the heavy gate by hand.", Ask::TrueFalse { is_true: true }),
            ("Who closes the gate in the end?", Ask::ShortText { accepted: list(&["keeper", "the keeper"]) }),
            ("How often does the valve open?", Ask::Numeric { value: 0.0, tolerance: 0.0, unit: Some("times".into()) }),
            (
                "Put what happens in order.",
                Ask::Ordering { lines: list(&["The valve opens", "The engine stops", "The keeper closes the gate"]) },
            ),
            (
                "Which part does what?",
                Ask::Matching {
                    pairs: vec![
                        Pair { prompt: "it opens".into(), target: "the valve".into() },
                        Pair { prompt: "it stops".into(), target: "the engine".into() },
                    ],
                },
            ),
            ("", Ask::Cloze { text: "The keeper closes the heavy [[gate|door]] by [[hand]].".into() }),
            (
                "Why does the keeper close the gate?",
                Ask::FreeText { criteria: list(&["the engine has stopped"]), sample: "It has stopped.".into() },
            ),
        ]
    };
    for (_, ask) in asks() {
        assert_eq!(serde_json::json!(ask)["kind"], ask.kind().as_str());
    }
    let mut generation = Generation::new(plan);
    let mut items = Vec::new();
    loop {
        match generation.poll_step() {
            Step::Over => break,
            Step::Write(_) => {
                generation.handle_drafts(asks().into_iter().map(|(stem, ask)| draft(9, &quote, stem, ask)).collect());
            }
            // Nobody answered: they are taken as they are.
            Step::Answer(questions) => {
                assert!(questions.iter().all(|question| question.passage == 0));
                generation.handle_failure();
            }
        }
        let harvest = generation.harvest();
        assert_eq!(harvest.rejected, []);
        items.extend(harvest.items);
    }
    let kinds: BTreeSet<Kind> = items.iter().map(|item| item.body.kind()).collect();
    assert_eq!(kinds, Kind::ALL.iter().copied().collect(), "{:?}", generation.missing());
    let cloze = items.iter().find(|item| item.body.kind() == Kind::Cloze).unwrap();
    assert!(!cloze.stem.is_empty());
    let Body::Cloze { parts, .. } = &cloze.body else { unreachable!() };
    let Part::Gap(gap) = &parts[1] else { panic!("{parts:?}") };
    let GapKind::Text { key } = &gap.kind else { panic!("{gap:?}") };
    assert_eq!(key.accepted.iter().map(|accepted| accepted.text.as_str()).collect::<Vec<_>>(), ["gate", "door"]);
}

#[test]
fn the_place_of_a_key_tells_nothing() {
    let (harvest, _, _) = drive(plan(&[("single_choice", 12)], 5), |_, generation, places| {
        (1..)
            .zip(places)
            .map(|(number, place)| {
                let text = &generation.material()[*place].text;
                let name = &text[..text.find(" tells").unwrap()];
                let wrong = ["Preface", "Index", "Glossary"].map(|word| format!("{word} {number}")).to_vec();
                let stem = format!("Which part of the book tells of {name} and its engine?");
                draft(
                    number,
                    text.split_once(". ").unwrap().0,
                    &stem,
                    Ask::SingleChoice { right: name.to_owned(), wrong },
                )
            })
            .collect()
    });
    let mut places: BTreeMap<usize, u32> = BTreeMap::new();
    for item in &harvest.items {
        let Body::SingleChoice { options, keys } = &item.body else { continue };
        *places.entry(options.iter().position(|option| keys.contains(&option.id)).unwrap()).or_default() += 1;
    }
    // Blind answers of another kind are wrong, so that none is taken: what was proposed is among the rejects.
    assert!(harvest.items.is_empty());
    for rejected in &harvest.rejected {
        let Body::SingleChoice { options, keys } = &rejected.item.body else { continue };
        *places.entry(options.iter().position(|option| keys.contains(&option.id)).unwrap()).or_default() += 1;
    }
    assert_eq!(places.len(), 4, "{places:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Whatever is written, it ends, nothing is lost silently, ids are unique, and the same inputs give the same items.
    #[test]
    fn it_ends_and_accounts_for_everything(
        seed in any::<u64>(),
        count in 1_u32..20,
        written in proptest::collection::vec(proptest::collection::vec((0_u32..9, any::<bool>(), any::<bool>()), 0..8), 1..6),
    ) {
        let write = |call: usize, generation: &Generation, places: &[usize]| -> Vec<Draft> {
            written[call % written.len()]
                .iter()
                .map(|(passage, is_true, is_of_text)| {
                    let place = places[*passage as usize % places.len()];
                    let quote = if *is_of_text { generation.material()[place].text.clone() } else { "Nobody said so.".to_owned() };
                    let stem = quote.split_once(". ").map_or(quote.clone(), |(first, _)| format!("{first} {call}"));
                    draft(*passage, &quote, &stem, Ask::TrueFalse { is_true: *is_true })
                })
                .collect()
        };
        let (harvest, generation, calls) = drive(plan(&[("true_false", count)], seed), write);
        let (again, _, _) = drive(plan(&[("true_false", count)], seed), write);
        prop_assert_eq!(&harvest, &again);
        prop_assert!(calls <= 3 * count.div_ceil(6) as usize);
        let missing: u32 = generation.missing().values().sum();
        prop_assert_eq!(harvest.items.len() as u32 + missing, count);
        prop_assert!(harvest.rejected.iter().all(|rejected| !rejected.findings.is_empty()));
        let ids: BTreeSet<_> =
            harvest.items.iter().map(|item| &item.id).chain(harvest.rejected.iter().map(|rejected| &rejected.item.id)).collect();
        prop_assert_eq!(ids.len(), harvest.items.len() + harvest.rejected.len());
    }
}
