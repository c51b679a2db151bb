//! QTI 2.1 packages: well-formed, with what the schema asks for where it asks for it, and nothing referred to that is not there.

use crate::rig::{any_item, choices, ids, item, matching, multiple, ordering};
use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::Event;
use std::collections::{BTreeMap, BTreeSet};
use viva::quiz::formats::{QtiFile, to_qti};
use viva::quiz::item::{Body, Item, ItemId, MultipleRule, OrderingRule, PairRule};

#[derive(Debug, Default)]
struct Node {
    name: String,
    attributes: BTreeMap<String, String>,
    children: Vec<Node>,
}

fn parsed(file: &QtiFile) -> Node {
    let mut reader = Reader::from_str(&file.text);
    let mut open = vec![Node::default()];
    loop {
        match reader.read_event().unwrap_or_else(|error| panic!("{}: {error}\n{}", file.path, file.text)) {
            Event::Start(start) | Event::Empty(start) if start.name().as_ref().is_empty() => panic!("no name"),
            Event::Start(start) => open.push(node(&start)),
            Event::Empty(start) => {
                let node = node(&start);
                open.last_mut().expect("the root").children.push(node);
            }
            Event::End(_) => {
                let node = open.pop().expect("it was opened");
                open.last_mut().expect("the root").children.push(node);
            }
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(open.len(), 1, "{} is not closed", file.path);
    open.remove(0).children.remove(0)
}

fn node(start: &quick_xml::events::BytesStart<'_>) -> Node {
    let attributes = start.attributes().map(|attribute| {
        let attribute = attribute.expect("an attribute");
        (attribute.key.as_ref().to_owned(), attribute.value.to_string())
    });
    Node { name: start.name().as_ref().to_owned(), attributes: attributes.collect(), children: Vec::new() }
}

/// From the schema (imsqti_v2p1.xsd): the attributes that an element must have, and the order in which its children come.
const ELEMENTS: &[(&str, &[&str], &[&str])] = &[
    (
        "assessmentItem",
        &["identifier", "title", "adaptive", "timeDependent"],
        &["responseDeclaration", "outcomeDeclaration", "itemBody", "responseProcessing"],
    ),
    ("responseDeclaration", &["identifier", "cardinality"], &["correctResponse", "mapping"]),
    ("outcomeDeclaration", &["identifier", "cardinality"], &["defaultValue"]),
    ("correctResponse", &[], &["value"]),
    ("defaultValue", &[], &["value"]),
    ("mapping", &["defaultValue"], &["mapEntry"]),
    ("mapEntry", &["mapKey", "mappedValue"], &[]),
    ("choiceInteraction", &["responseIdentifier", "shuffle", "maxChoices"], &["prompt", "simpleChoice"]),
    ("orderInteraction", &["responseIdentifier", "shuffle"], &["prompt", "simpleChoice"]),
    ("matchInteraction", &["responseIdentifier", "shuffle", "maxAssociations"], &["prompt", "simpleMatchSet"]),
    ("simpleMatchSet", &[], &["simpleAssociableChoice"]),
    ("simpleAssociableChoice", &["identifier", "matchMax"], &[]),
    ("inlineChoiceInteraction", &["responseIdentifier", "shuffle"], &["inlineChoice"]),
    ("extendedTextInteraction", &["responseIdentifier"], &["prompt"]),
    ("textEntryInteraction", &["responseIdentifier"], &[]),
    ("simpleChoice", &["identifier"], &[]),
    ("inlineChoice", &["identifier"], &[]),
    ("responseProcessing", &[], &["responseCondition"]),
    ("responseCondition", &[], &["responseIf", "responseElseIf", "responseElse"]),
    ("setOutcomeValue", &["identifier"], &["sum", "baseValue"]),
    ("equal", &["toleranceMode"], &["variable", "baseValue"]),
    ("baseValue", &["baseType"], &[]),
    ("variable", &["identifier"], &[]),
    ("mapResponse", &["identifier"], &[]),
    ("correct", &["identifier"], &[]),
    ("assessmentTest", &["identifier", "title"], &["outcomeDeclaration", "testPart", "outcomeProcessing"]),
    ("testPart", &["identifier", "navigationMode", "submissionMode"], &["assessmentSection"]),
    ("assessmentSection", &["identifier", "title", "visible"], &["assessmentItemRef"]),
    ("assessmentItemRef", &["identifier", "href"], &[]),
    ("manifest", &["identifier"], &["metadata", "organizations", "resources"]),
    ("resource", &["identifier", "type", "href"], &["file", "dependency"]),
];

fn check(node: &Node, declared: &BTreeSet<String>) {
    if let Some((name, required, order)) = ELEMENTS.iter().find(|(name, _, _)| *name == node.name) {
        for attribute in *required {
            assert!(node.attributes.contains_key(*attribute), "{name} lacks {attribute}");
        }
        let places: Vec<usize> = node
            .children
            .iter()
            .map(|child| {
                order
                    .iter()
                    .position(|known| *known == child.name)
                    .unwrap_or_else(|| panic!("{} in {name}", child.name))
            })
            .collect();
        assert!(places.is_sorted(), "{name} has its children in the order {places:?}");
    }
    if let Some(identifier) = node.attributes.get("responseIdentifier") {
        assert!(declared.contains(identifier), "{identifier} is not declared");
    }
    if matches!(node.name.as_str(), "variable" | "correct" | "mapResponse") {
        assert!(declared.contains(&node.attributes["identifier"]), "{:?}", node.attributes);
    }
    node.children.iter().for_each(|child| check(child, declared));
}

fn declared(node: &Node) -> BTreeSet<String> {
    node.children
        .iter()
        .filter(|child| child.name.ends_with("Declaration"))
        .map(|child| child.attributes["identifier"].clone())
        .collect()
}

fn check_package(items: &[Item]) {
    let (files, left_out) = to_qti(items, "A <quiz> & more");
    assert_eq!(files.len() + left_out.len(), items.len() + 2, "each item is there or told");
    let paths: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    for file in &files {
        let root = parsed(file);
        check(&root, &declared(&root));
        for (_, href) in hrefs(&root) {
            assert!(paths.contains(href.as_str()), "{} refers to {href}", file.path);
        }
    }
}

fn hrefs(node: &Node) -> Vec<(String, String)> {
    let own = node.attributes.get("href").map(|href| (node.name.clone(), href.clone()));
    own.into_iter().chain(node.children.iter().flat_map(hrefs)).collect()
}

#[test]
fn a_package_of_every_kind_is_whole() {
    let bodies = [
        Body::SingleChoice { options: choices(&["a", "b<"]), keys: ids(&["a"]) },
        multiple(&["a", "b", "c"], &["a", "b"], MultipleRule::Penalty),
        Body::TrueFalse { key: false },
        ordering(&["a", "b", "c"], OrderingRule::Positions),
        matching(&[("a", "1"), ("b", "2")], PairRule::Each),
    ];
    let items: Vec<Item> = bodies
        .into_iter()
        .enumerate()
        .map(|(at, body)| Item { id: ItemId::new(format!("i{at}")), ..item(2.0, body) })
        .collect();
    check_package(&items);
}

#[test]
fn points_come_about_as_they_do_here() {
    let (files, _) = to_qti(&[item(6.0, multiple(&["a", "b", "c"], &["a", "b"], MultipleRule::Penalty))], "t");
    let text = &files[2].text;
    for part in [
        "<mapping lowerBound=\"0\" upperBound=\"6\" defaultValue=\"0\">",
        "mapKey=\"c1\" mappedValue=\"3\"",
        "mapKey=\"c2\" mappedValue=\"3\"",
        "mapKey=\"c3\" mappedValue=\"-3\"",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
}

proptest! {
    #[test]
    fn any_quiz_makes_a_whole_package(items in prop::collection::vec(any_item(), 0..5)) {
        check_package(&items);
    }
}
