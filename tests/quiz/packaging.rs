//! QTI 2.1 packages: valid by their schema whatever the items are, and nothing referred to that is not there.

use crate::drafts::{MARKS, any_draft, every_kind};
use crate::rig::{any_item, choices, ids, item, matching, multiple, ordering};
use crate::schema::{malformation, refusal};
use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::collections::{BTreeMap, BTreeSet};
use viva::quiz::formats::{QtiFile, to_moodle_xml, to_qti};
use viva::quiz::item::{
    Accepted, Body, Gap, GapId, GapKind, Item, Kind, MultipleRule, NumericKey, OptionId, OrderingRule, PairRule, Part,
    TextKey, Tolerance,
};

/// Elements as they begin, each with the text that follows.
struct Element {
    name: String,
    attributes: BTreeMap<String, String>,
    text: String,
}

fn elements(file: &QtiFile) -> Vec<Element> {
    let mut reader = Reader::from_str(&file.text);
    let mut all: Vec<Element> = Vec::new();
    loop {
        match reader.read_event().unwrap_or_else(|error| panic!("{}: {error}\n{}", file.path, file.text)) {
            Event::Start(start) | Event::Empty(start) => all.push(element(&start)),
            Event::Text(text) => {
                if let Some(last) = all.last_mut() {
                    last.text.push_str(&text.into_inner());
                }
            }
            Event::Eof => return all,
            _ => {}
        }
    }
}

fn element(start: &BytesStart<'_>) -> Element {
    let attributes = start.attributes().map(|attribute| {
        let attribute = attribute.expect("an attribute");
        (attribute.key.as_ref().to_owned(), attribute.value.to_string())
    });
    Element { name: start.name().as_ref().to_owned(), attributes: attributes.collect(), text: String::new() }
}

/// The schema ties variables to declarations; files, and choices that keys name, it cannot.
fn check_references(files: &[QtiFile]) {
    let paths: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    for file in files {
        let elements = elements(file);
        let hrefs: BTreeSet<&str> =
            elements.iter().filter_map(|element| Some(element.attributes.get("href")?.as_str())).collect();
        let expected = |but: &[&str]| paths.iter().copied().filter(|path| !but.contains(path)).collect::<BTreeSet<_>>();
        match file.path.as_str() {
            "imsmanifest.xml" => assert_eq!(hrefs, expected(&["imsmanifest.xml"])),
            "test.xml" => assert_eq!(hrefs, expected(&["imsmanifest.xml", "test.xml"])),
            _ => check_names(&elements, &file.text),
        }
    }
}

fn check_names(elements: &[Element], text: &str) {
    const CHOICES: [&str; 3] = ["simpleChoice", "inlineChoice", "simpleAssociableChoice"];
    let choices = elements.iter().filter(|element| CHOICES.contains(&element.name.as_str()));
    let names: BTreeSet<&str> = choices.map(|choice| choice.attributes["identifier"].as_str()).collect();
    let mut are_names = false;
    for element in elements {
        let named = match element.name.as_str() {
            "responseDeclaration" => {
                are_names = ["identifier", "directedPair"].contains(&element.attributes["baseType"].as_str());
                continue;
            }
            "outcomeDeclaration" => {
                are_names = false;
                continue;
            }
            "value" => element.text.trim(),
            "mapEntry" => element.attributes["mapKey"].as_str(),
            _ => continue,
        };
        assert!(!are_names || named.split(' ').all(|name| names.contains(name)), "{named} is no choice of {text}");
    }
}

fn check_packages(quizzes: &[Vec<Item>]) -> Vec<Vec<QtiFile>> {
    let packages: Vec<Vec<QtiFile>> = quizzes
        .iter()
        .map(|items| {
            let (files, left_out) = to_qti(items, &format!("A <quiz> {MARKS} & more"));
            assert_eq!(files.len() + left_out.len(), items.len() + 2, "each item is there or told");
            assert!(left_out.iter().all(|left| left.reason.is_ascii()), "it goes into a header: {left_out:?}");
            files
        })
        .collect();
    if let Some(refusal) = refusal(&packages) {
        let refused = packages.iter().flatten().filter(|file| refusal.contains(&file.path));
        panic!("{refusal}\n{}", refused.map(|file| file.text.as_str()).collect::<Vec<_>>().join("\n"));
    }
    packages.iter().for_each(|files| check_references(files));
    packages
}

fn reasons(items: &[Item]) -> Vec<&'static str> {
    check_packages(&[items.to_vec()]);
    to_qti(items, "t").1.iter().map(|left| left.reason).collect()
}

fn only(item: Item) -> String {
    check_packages(&[vec![item]]).remove(0).remove(2).text
}

#[test]
fn a_package_of_every_kind_is_valid_whatever_its_texts_are() {
    let kinds: BTreeSet<Kind> = every_kind("").iter().map(|item| item.body.kind()).collect();
    assert_eq!(kinds, Kind::ALL.iter().copied().collect());
    let long = "ä<&\u{1f600}\0 ".repeat(1_700);
    let quizzes = ["", " ", "Plain.", "&lt;&#0;&nope;]]>", MARKS, &long].map(every_kind);
    let packages = check_packages(&quizzes);
    assert!(packages.iter().all(|files| files.len() == kinds.len() + 2), "nothing of it is left out");
    check_packages(&[Vec::new()]);
}

#[test]
fn a_number_is_written_out_whole() {
    let wide = [0.0, -0.0, 1e-7, 0.1, f64::MIN_POSITIVE, f64::MAX, f64::MIN];
    let keys = wide.map(|value| NumericKey::whole(value, Tolerance::Absolute(value.abs()))).to_vec();
    let text = only(item(1.0, Body::Numeric { keys, unit: None }));
    assert!(text.contains("tolerance=\"0.0000001 0.0000001\""), "{text}");
    assert!(
        text.contains(
            "<equal toleranceMode=\"exact\"><variable identifier=\"RESPONSE\"/><baseValue baseType=\"float\">0<"
        ),
        "{text}"
    );
}

#[test]
fn the_best_of_what_is_accepted_is_the_answer_that_is_shown() {
    let accepted = [("half", 0.5), ("New \n York", 1.0), ("new york", 0.25), ("\u{1}", 1.0)];
    let accepted = accepted.map(|(text, share)| Accepted { text: text.into(), share }).to_vec();
    let text = only(item(2.0, Body::ShortText { key: TextKey { accepted, ..TextKey::default() } }));
    assert!(text.contains("<correctResponse><value>New York</value></correctResponse>"), "{text}");
    assert_eq!(text.matches("<mapEntry ").count(), 2, "{text}");
    assert!(text.contains("mapKey=\"New York\" mappedValue=\"2\" caseSensitive=\"false\""), "{text}");
}

#[test]
fn an_explanation_is_feedback_and_a_rubric_is_for_scorers() {
    let text =
        |kind: Kind| only(every_kind("why").into_iter().find(|item| item.body.kind() == kind).expect("it is there"));
    assert!(text(Kind::TrueFalse).contains("identifier=\"explanation\">why</modalFeedback>"));
    assert!(text(Kind::FreeText).contains("<rubricBlock view=\"scorer\"><p>why (1)</p><p>why</p></rubricBlock>"));
    assert!(only(item(1.0, Body::TrueFalse { key: true })).ends_with("</responseProcessing>\n</assessmentItem>\n"));
}

#[test]
fn a_language_that_xml_cannot_name_is_not_named() {
    let of = |language: &str| only(Item { language: language.into(), ..item(1.0, Body::TrueFalse { key: true }) });
    assert!(of("de-CH-1996").contains(" xml:lang=\"de-CH-1996\""));
    for tag in ["", "-", "en-", "1en", "e n", "en_GB", "deutschland", "dé", "en\" x=\""] {
        assert!(!of(tag).contains("xml:lang"), "{tag}");
    }
}

#[test]
fn an_item_that_cannot_be_valid_is_left_out_with_the_reason() {
    let none = OptionId::new("none");
    let lacking = |body: Body| reasons(&[item(1.0, body)]).join("");
    let gap = |kind, weight| Part::Gap(Gap { id: GapId::new("g"), kind, weight });
    let cloze = |parts| Body::Cloze { parts, rule: PairRule::Each };
    let number = |tolerance| vec![NumericKey::whole(1.0, Tolerance::Absolute(tolerance))];
    let no_key = "it has no key, or one that none of its options is";
    let infinite = "it comes to a number that is not finite";
    for (body, reason) in [
        (Body::SingleChoice { options: choices(&["a"]), keys: vec![] }, "a single choice has one key"),
        (Body::SingleChoice { options: choices(&["a", "b"]), keys: ids(&["a", "b"]) }, "a single choice has one key"),
        (Body::SingleChoice { options: vec![], keys: vec![none.clone()] }, no_key),
        (multiple(&["a", "b"], &[], MultipleRule::Penalty), no_key),
        (multiple(&[], &["a"], MultipleRule::Exact), no_key),
        (ordering(&[], OrderingRule::Exact), no_key),
        (matching(&[], PairRule::Each), "a line to be matched has no target"),
        (Body::ShortText { key: TextKey::default() }, no_key),
        (Body::ShortText { key: TextKey::of([" \u{0}"]) }, no_key),
        (Body::ShortText { key: TextKey::of(["a*"]) }, "QTI maps whole texts, not patterns"),
        (Body::Numeric { keys: vec![], unit: None }, no_key),
        (Body::Numeric { keys: number(f64::NAN), unit: None }, infinite),
        (Body::Numeric { keys: number(-1.0), unit: None }, "a tolerance is below zero"),
        (cloze(vec![Part::Text("a".into())]), "it has no gap"),
        (cloze(vec![gap(GapKind::Choice { options: vec![], key: none }, 1.0)]), no_key),
        (cloze(vec![gap(GapKind::Numeric { keys: number(0.0) }, 0.0)]), infinite),
    ] {
        assert_eq!(lacking(body.clone()), reason, "{body:?}");
    }
    assert_eq!(reasons(&[item(f64::INFINITY, Body::TrueFalse { key: true })]), [infinite]);
}

#[test]
fn points_come_about_as_they_do_here() {
    let text = only(item(6.0, multiple(&["a", "b", "c"], &["a", "b"], MultipleRule::Penalty)));
    for part in [
        "<mapping lowerBound=\"0\" upperBound=\"6\" defaultValue=\"0\">",
        "mapKey=\"c1\" mappedValue=\"3\"",
        "mapKey=\"c2\" mappedValue=\"3\"",
        "mapKey=\"c3\" mappedValue=\"-3\"",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
}

#[test]
fn the_schema_refuses_what_the_official_one_does() {
    let (files, _) = to_qti(&every_kind("x"), "t");
    let kinds = every_kind("x");
    let place = |kind: Kind| kinds.iter().position(|item| item.body.kind() == kind).expect("it is there") + 2;
    for (at, from, to) in [
        (0, "<organizations/>", ""),
        (0, "identifierref=\"resource-item-1\"", "identifierref=\"resource-item-0\""),
        (0, "1.0.0", "1.0"),
        (1, " title=\"t\"", ""),
        (1, "navigationMode=\"nonlinear\"", "navigationMode=\"any\""),
        (1, "identifier=\"part\"", "identifier=\"test\""),
        (2, " timeDependent=\"false\"", ""),
        (2, "identifier=\"c2\"", "identifier=\"2\""),
        (2, "maxChoices=\"1\"", "maxChoices=\"one\""),
        (2, "<prompt>x</prompt>", "x"),
        (place(Kind::ShortText), "responseIdentifier=\"RESPONSE\"", "responseIdentifier=\"OTHER\""),
        (place(Kind::Numeric), "<responseIf>", "<responseIf><responseElseIf/>"),
        (place(Kind::Matching), " matchMax=\"1\"", ""),
        (place(Kind::MultipleChoice), "mappedValue=\"", "mappedValue=\"inf"),
        (place(Kind::FreeText), "view=\"scorer\"", "view=\"nobody\""),
    ] {
        let mut broken = files.clone();
        broken[at].text = broken[at].text.replacen(from, to, 1);
        assert_ne!(broken, files, "{from} is there");
        assert!(refusal(&[broken]).is_some(), "{to:?} for {from:?} is not refused");
    }
}

proptest! {
    // Each case is a call of xmllint for each schema.
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn any_quiz_makes_a_valid_package(
        quizzes in prop::collection::vec(prop::collection::vec(prop_oneof![any_item(), any_draft()], 0..6), 1..6)
    ) {
        check_packages(&quizzes);
    }

    #[test]
    fn any_quiz_makes_well_formed_moodle_xml(drafts in prop::collection::vec(any_draft(), 0..20)) {
        let items: Vec<Item> = drafts.into_iter().chain(every_kind(MARKS)).collect();
        let exported = to_moodle_xml(&items).text;
        prop_assert_eq!(malformation(&exported), None, "{}", exported);
    }
}
