//! Writing Moodle XML. Everything is plain text, but for a cloze, whose question is HTML with its gaps inside.

use super::moodle_cloze::cloze_text;
use super::xml::escaped;
use super::{Exported, LeftOut};
use crate::quiz::item::{Body, Choice, Difficulty, Item, MultipleRule, OptionId, OrderingRule, PairRule};
use std::collections::BTreeMap;

pub(super) fn write(items: &[Item]) -> Exported {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<quiz>\n");
    let mut left_out = Vec::new();
    for item in items {
        match question(item) {
            Ok(question) => out.push_str(&question),
            Err(reason) => left_out.push(LeftOut { item: item.id.clone(), reason }),
        }
    }
    out.push_str("</quiz>\n");
    Exported { text: out, left_out }
}

fn question(item: &Item) -> Result<String, &'static str> {
    let (kind, inside) = kind(&item.body)?;
    let text = match &item.body {
        Body::Cloze { parts, .. } => element("questiontext", "html", &cloze_text(&item.stem, parts)?),
        _ => element("questiontext", "plain_text", &item.stem),
    };
    let mut tags = vec![format!("difficulty={}", difficulty_name(item.difficulty))];
    tags.extend(item.skill.as_ref().map(|skill| format!("skill={skill}")));
    if kind == "cloze" {
        // A cloze gets its points from its gaps.
        tags.push(format!("points={}", item.points));
    }
    let tags: String = tags.iter().map(|tag| format!("<tag><text>{}</text></tag>", escaped(tag))).collect();
    Ok(format!(
        "<question type=\"{kind}\">\n<name><text>{}</text></name>\n{text}\n{}\n<defaultgrade>{}</defaultgrade>\n<penalty>0</penalty>\n\
         <hidden>0</hidden>\n<idnumber>{}</idnumber>\n{inside}<tags>{tags}</tags>\n</question>\n",
        escaped(&item.stem.chars().take(80).collect::<String>()),
        element("generalfeedback", "plain_text", item.explanation.as_deref().unwrap_or_default()),
        item.points,
        escaped(item.id.as_str()),
    ))
}

fn element(name: &str, format: &str, text: &str) -> String {
    format!("<{name} format=\"{format}\"><text>{}</text></{name}>", escaped(text))
}

fn answer(fraction: &str, text: &str, inside: &str) -> String {
    format!("<answer fraction=\"{fraction}\" format=\"plain_text\"><text>{}</text>{inside}</answer>\n", escaped(text))
}

fn kind(body: &Body) -> Result<(&'static str, String), &'static str> {
    Ok(match body {
        Body::SingleChoice { options, keys } => ("multichoice", choice("true", options, keys, "0")),
        Body::MultipleChoice { options, keys, rule: MultipleRule::Penalty } => {
            let wrong = format!("-{}", percent(100.0 / keys.len().max(1) as f64));
            ("multichoice", choice("false", options, keys, &wrong))
        }
        Body::MultipleChoice { .. } => return Err("Moodle holds multiple choice with a penalty only"),
        Body::TrueFalse { key } => {
            let fraction = |said: bool| if *key == said { "100" } else { "0" };
            ("truefalse", answer(fraction(true), "true", "") + &answer(fraction(false), "false", ""))
        }
        Body::ShortText { key } => {
            let answers: String = key
                .accepted
                .iter()
                .map(|accepted| answer(&percent(accepted.share * 100.0), &accepted.text, ""))
                .collect();
            ("shortanswer", format!("<usecase>0</usecase>\n{answers}"))
        }
        Body::Numeric { keys, unit } => {
            let answers: String = keys
                .iter()
                .map(|key| {
                    let tolerance = format!("<tolerance>{}</tolerance>", super::gift::absolute(key));
                    answer(&percent(key.share * 100.0), &key.value.to_string(), &tolerance)
                })
                .collect();
            let units = unit.as_ref().map_or_else(String::new, |unit| {
                format!(
                    "<units><unit><multiplier>1</multiplier><unit_name>{}</unit_name></unit></units>\n",
                    escaped(unit)
                )
            });
            ("numerical", answers + &units)
        }
        Body::Ordering { options, key, rule } => {
            let grading = match rule {
                OrderingRule::Exact => -1,
                OrderingRule::Positions => 0,
                OrderingRule::Pairs => 4,
            };
            let texts = key.iter().filter_map(|id| options.iter().find(|option| option.id == *id));
            let answers: String =
                texts.enumerate().map(|(place, option)| answer(&(place + 1).to_string(), &option.text, "")).collect();
            (
                "ordering",
                format!(
                    "<layouttype>0</layouttype><selecttype>0</selecttype><selectcount>0</selectcount><gradingtype>{grading}</gradingtype>\n{answers}"
                ),
            )
        }
        Body::Matching { prompts, targets, key, rule: PairRule::Each } => {
            ("matching", format!("<shuffleanswers>true</shuffleanswers>\n{}", pairs(prompts, targets, key)))
        }
        Body::Matching { .. } => return Err("Moodle scores each pair"),
        Body::Cloze { rule: PairRule::Each, .. } => ("cloze", String::new()),
        Body::Cloze { .. } => return Err("Moodle scores each gap"),
        Body::FreeText { rubric, sample } => {
            let lines: String =
                rubric.iter().map(|criterion| format!("{} ({})\n", criterion.text, criterion.weight)).collect();
            let sample = sample.as_deref().unwrap_or_default();
            (
                "essay",
                format!(
                    "<responseformat>plain</responseformat>\n{}\n",
                    element("graderinfo", "plain_text", format!("{lines}{sample}").trim())
                ),
            )
        }
    })
}

fn choice(single: &str, options: &[Choice], keys: &[OptionId], wrong: &str) -> String {
    let right = percent(100.0 / keys.len().max(1) as f64);
    let answers: String = options
        .iter()
        .map(|option| answer(if keys.contains(&option.id) { &right } else { wrong }, &option.text, ""))
        .collect();
    format!(
        "<single>{single}</single>\n<shuffleanswers>true</shuffleanswers>\n<answernumbering>abc</answernumbering>\n{answers}"
    )
}

fn pairs(prompts: &[Choice], targets: &[Choice], key: &BTreeMap<OptionId, OptionId>) -> String {
    let pair = |prompt: &str, target: &str| {
        format!(
            "<subquestion format=\"plain_text\"><text>{}</text><answer><text>{}</text></answer></subquestion>\n",
            escaped(prompt),
            escaped(target)
        )
    };
    let text = |id: &OptionId| targets.iter().find(|target| target.id == *id).map(|target| target.text.as_str());
    let used = prompts.iter().filter_map(|prompt| Some(pair(&prompt.text, text(key.get(&prompt.id)?)?)));
    let unused = targets.iter().filter(|target| !key.values().any(|id| *id == target.id));
    used.chain(unused.map(|target| pair("", &target.text))).collect()
}

/// As Moodle writes fractions: five decimals at most, none that say nothing.
pub(super) fn percent(value: f64) -> String {
    let text = format!("{value:.5}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

pub(super) fn difficulty_name(difficulty: Difficulty) -> &'static str {
    match difficulty {
        Difficulty::Easy => "easy",
        Difficulty::Medium => "medium",
        Difficulty::Hard => "hard",
    }
}

/// What our own tags say; those of others are not kept.
pub(super) fn apply_tags(item: &mut Item, tags: &[String]) {
    for tag in tags {
        match tag.split_once('=') {
            Some(("skill", skill)) => item.skill = Some(skill.to_owned()),
            Some(("difficulty", name)) => item.difficulty = super::gift::difficulty(name).unwrap_or_default(),
            Some(("points", points)) => {
                if let Some(points) = points.parse::<f64>().ok().filter(|points| points.is_finite() && *points > 0.0) {
                    item.points = points;
                }
            }
            Some(_) | None => {}
        }
    }
}
