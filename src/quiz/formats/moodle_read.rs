//! Reading Moodle XML. Questions of kinds that are not known are told, with their line.

use super::gift::{essay, id_or};
use super::moodle::apply_tags;
use super::xml::{Node, parse, plain};
use super::{ImportError, Imported, Problem, bounded, kept, moodle_cloze};
use crate::quiz::item::{
    Accepted, Body, Choice, Item, MultipleRule, NumericKey, OptionId, OrderingRule, PairRule, TextKey, Tolerance,
};
use std::collections::BTreeMap;

pub(super) fn read(text: &str, language: &str) -> Result<Imported, ImportError> {
    let root = parse(text)?;
    if root.name != "quiz" {
        return Err(ImportError::Malformed { line: root.line, reason: "the file is no Moodle quiz".to_owned() });
    }
    let mut imported = Imported { items: Vec::new(), problems: Vec::new() };
    let questions = root.all("question").filter(|question| question.attribute("type") != Some("category"));
    for (at, question) in questions.enumerate() {
        bounded(at + 1, question.line)?;
        match item(question, at + 1, language).and_then(kept) {
            Ok(item) => imported.items.push(item),
            Err(reason) => imported.problems.push(Problem::new(question.line, reason)),
        }
    }
    Ok(imported)
}

/// The text of an element, without markup where it says that it is HTML, or says nothing.
fn shown(node: &Node) -> String {
    let text = node.child("text").map_or(node.text.as_str(), |text| text.text.as_str());
    match node.attribute("format") {
        Some("plain_text" | "markdown") => text.trim().to_owned(),
        Some(_) | None => plain(text),
    }
}

fn item(question: &Node, count: usize, language: &str) -> Result<Item, String> {
    let text = question.child("questiontext").ok_or("the question has no text")?;
    let (stem, body) = match question.attribute("type").unwrap_or_default() {
        "cloze" => {
            let html = question.text_of("questiontext").unwrap_or_default();
            let (stem, parts) = moodle_cloze::read(html)?;
            (stem.unwrap_or_else(|| "Fill the gaps.".to_owned()), Body::Cloze { parts, rule: PairRule::Each })
        }
        kind => (shown(text), body(question, kind)?),
    };
    let mut item = Item::new("", language, stem, body);
    item.id = id_or(question.text_of("idnumber"), "moodle", count);
    item.explanation = question.child("generalfeedback").map(shown).filter(|text| !text.is_empty());
    if let Some(points) = question.text_of("defaultgrade") {
        item.points = points
            .trim()
            .parse::<f64>()
            .ok()
            .filter(|points| points.is_finite() && *points > 0.0)
            .ok_or("defaultgrade is no number above 0")?;
    }
    let tags: Vec<String> = question
        .child("tags")
        .map(|tags| {
            tags.all("tag")
                .map(|tag| tag.child("text").map_or(&tag.text, |text| &text.text).trim().to_owned())
                .collect()
        })
        .unwrap_or_default();
    apply_tags(&mut item, &tags);
    Ok(item)
}

/// An answer with its share of the points; below 0 takes points away.
struct Answer<'a> {
    node: &'a Node,
    text: String,
    share: f64,
}

fn answers(question: &Node) -> Result<Vec<Answer<'_>>, String> {
    question
        .all("answer")
        .map(|node| {
            let fraction = node.attribute("fraction").unwrap_or("0");
            let share = fraction
                .trim()
                .parse::<f64>()
                .ok()
                .filter(|share| share.is_finite())
                .ok_or("a fraction is no number")?
                / 100.0;
            Ok(Answer { node, text: shown(node), share })
        })
        .collect()
}

fn body(question: &Node, kind: &str) -> Result<Body, String> {
    let answers = answers(question)?;
    let right = || answers.iter().filter(|answer| answer.share > 0.0);
    Ok(match kind {
        "multichoice" => {
            let options: Vec<Choice> = answers.iter().map(|answer| Choice::of(&answer.text)).collect();
            let keys_from = |least: f64| -> Vec<OptionId> {
                answers
                    .iter()
                    .zip(&options)
                    .filter(|(answer, _)| answer.share > least)
                    .map(|(_, option)| option.id.clone())
                    .collect()
            };
            match question.text_of("single").map(str::trim) {
                Some("false" | "0") => {
                    Body::MultipleChoice { keys: keys_from(0.0), options, rule: MultipleRule::Penalty }
                }
                _ => Body::SingleChoice { keys: keys_from(0.99), options },
            }
        }
        "truefalse" => {
            let key = right().next().ok_or("neither true nor false is right")?;
            Body::TrueFalse { key: key.text.eq_ignore_ascii_case("true") }
        }
        "shortanswer" => {
            let accepted = right().map(|answer| Accepted { text: answer.text.clone(), share: answer.share }).collect();
            Body::ShortText { key: TextKey { accepted, ..TextKey::default() } }
        }
        "numerical" => numeric(question, &answers)?,
        "ordering" => {
            let options: Vec<Choice> = answers.iter().map(|answer| Choice::of(&answer.text)).collect();
            let key = options.iter().map(|option| option.id.clone()).collect();
            let rule = match question.text_of("gradingtype").map(str::trim) {
                Some("-1") => OrderingRule::Exact,
                Some("0") => OrderingRule::Positions,
                _ => OrderingRule::Pairs,
            };
            Body::Ordering { options, key, rule }
        }
        "matching" => matching(question),
        "essay" => essay(),
        other => {
            return Err(format!(
                "questions of the kind “{}” are not known",
                other.chars().take(40).collect::<String>()
            ));
        }
    })
}

fn numeric(question: &Node, answers: &[Answer<'_>]) -> Result<Body, String> {
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|value| value.is_finite());
    let keys = answers.iter().filter(|answer| answer.share > 0.0).map(|answer| {
        let tolerance = answer.node.text_of("tolerance").filter(|text| !text.trim().is_empty()).unwrap_or("0");
        let (value, tolerance) =
            number(&answer.text).zip(number(tolerance)).ok_or("an answer or its tolerance is no number")?;
        Ok(NumericKey { value, tolerance: Tolerance::Absolute(tolerance), share: answer.share })
    });
    let unit = question.child("units").and_then(|units| units.child("unit")).and_then(|unit| unit.text_of("unit_name"));
    Ok(Body::Numeric {
        keys: keys.collect::<Result<_, String>>()?,
        unit: unit.map(|unit| unit.trim().to_owned()).filter(|unit| !unit.is_empty()),
    })
}

fn matching(question: &Node) -> Body {
    let (mut prompts, mut targets, mut key) = (Vec::new(), Vec::<Choice>::new(), BTreeMap::new());
    for pair in question.all("subquestion") {
        let target = Choice::of(pair.text_of("answer").unwrap_or_default().trim());
        if !targets.iter().any(|other| other.id == target.id) {
            targets.push(target.clone());
        }
        let prompt = shown(pair);
        if !prompt.is_empty() {
            let prompt = Choice::of(prompt);
            key.insert(prompt.id.clone(), target.id);
            prompts.push(prompt);
        }
    }
    Body::Matching { prompts, targets, key, rule: PairRule::Each }
}
