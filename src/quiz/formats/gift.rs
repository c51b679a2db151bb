//! GIFT, as Moodle reads and writes it: a title, the question, answers in braces, and a comment with id and tags before it.

use super::gift_text::{Piece, escaped, find, pieces, unescaped};
use super::{Exported, ImportError, Imported, LeftOut, Problem, bounded, kept};
use crate::quiz::item::{
    Accepted, Body, Choice, Criterion, Difficulty, Gap, GapId, GapKind, Item, ItemId, MultipleRule, NumericKey,
    OptionId, PairRule, Part, TextKey, Tolerance,
};
use std::collections::BTreeMap;
use std::fmt::Write as _;

pub(super) fn write(items: &[Item]) -> Exported {
    let mut exported = Exported { text: String::new(), left_out: Vec::new() };
    for item in items {
        match question(item) {
            Ok(question) => {
                exported.text.push_str(&question);
                exported.text.push_str("\n\n");
            }
            Err(reason) => exported.left_out.push(LeftOut { item: item.id.clone(), reason }),
        }
    }
    exported
}

fn question(item: &Item) -> Result<String, &'static str> {
    let mut out = String::from("//");
    let mut tag = |name: &str, value: &str| {
        // Writing to a string cannot fail.
        let _ = write!(out, " [{name}:{}]", value.replace('\\', "\\\\").replace(']', "\\]").replace('\n', " "));
    };
    tag("id", item.id.as_str());
    tag("tag", &format!("points={}", item.points));
    tag("tag", &format!("difficulty={}", super::moodle::difficulty_name(item.difficulty)));
    if let Some(skill) = &item.skill {
        tag("tag", &format!("skill={skill}"));
    }
    let (before, answers, after) = match &item.body {
        Body::Cloze { parts, rule: PairRule::Each } => missing_word(parts)?,
        body => (escaped(&item.stem), answers(body)?, String::new()),
    };
    let feedback = item.explanation.as_ref().map(|text| format!(" ####{}", escaped(text))).unwrap_or_default();
    let _ = write!(out, "\n::{}::[plain]{before}{{{answers}{feedback}}}{after}", escaped(item.id.as_str()));
    Ok(out)
}

/// One gap of typed text in a sentence. The task goes: GIFT has no place for it.
fn missing_word(parts: &[Part]) -> Result<(String, String, String), &'static str> {
    let reason = "GIFT holds one gap of text, with words before it";
    match parts {
        [Part::Text(before), Part::Gap(Gap { kind: GapKind::Text { key }, .. }), Part::Text(after)]
            if !after.trim().is_empty() =>
        {
            Ok((escaped(before), texts(key)?, escaped(after)))
        }
        _ => Err(reason),
    }
}

fn answers(body: &Body) -> Result<String, &'static str> {
    match body {
        Body::SingleChoice { options, keys } => Ok(options
            .iter()
            .map(|option| {
                let mark = if keys.contains(&option.id) { '=' } else { '~' };
                format!("{mark}{}", guarded(mark, &option.text))
            })
            .collect::<Vec<_>>()
            .join(" ")),
        Body::MultipleChoice { options, keys, rule: MultipleRule::Penalty } => {
            let weight = 100.0 / keys.len().max(1) as f64;
            Ok(options
                .iter()
                .map(|option| {
                    let sign = if keys.contains(&option.id) { "" } else { "-" };
                    format!("~%{sign}{}%{}", super::moodle::percent(weight), escaped(&option.text))
                })
                .collect::<Vec<_>>()
                .join(" "))
        }
        Body::MultipleChoice { .. } => Err("GIFT holds multiple choice with a penalty only"),
        Body::TrueFalse { key } => Ok(if *key { "TRUE" } else { "FALSE" }.to_owned()),
        Body::ShortText { key } => texts(key),
        Body::Numeric { unit: Some(_), .. } => Err("GIFT holds no units"),
        Body::Numeric { keys, unit: None } => Ok(format!(
            "#{}",
            keys.iter()
                .map(|key| format!("=%{}%{}:{}", super::moodle::percent(key.share * 100.0), key.value, absolute(key)))
                .collect::<Vec<_>>()
                .join(" ")
        )),
        Body::Matching { prompts, targets, key, rule: PairRule::Each } => pairs(prompts, targets, key),
        Body::Matching { .. } => Err("GIFT scores each pair"),
        Body::Ordering { .. } => Err("GIFT has no ordering"),
        Body::Cloze { .. } => Err("GIFT scores each gap"),
        Body::FreeText { .. } => Ok(String::new()),
    }
}

pub(super) fn absolute(key: &NumericKey) -> f64 {
    match key.tolerance {
        Tolerance::Absolute(tolerance) => tolerance,
        Tolerance::Relative(share) => share * key.value.abs(),
    }
}

/// A text that begins with a per cent sign would be read as a weight; a weight before it says that it is none.
fn guarded(mark: char, text: &str) -> String {
    let weight = if mark == '=' { "%100%" } else { "%0%" };
    format!("{}{}", if text.trim_start().starts_with('%') { weight } else { "" }, escaped(text))
}

fn texts(key: &TextKey) -> Result<String, &'static str> {
    if key.accepted.iter().any(|accepted| accepted.text.contains("->")) {
        return Err("GIFT takes an answer with an arrow for a pair");
    }
    Ok(key
        .accepted
        .iter()
        .map(|accepted| format!("=%{}%{}", super::moodle::percent(accepted.share * 100.0), escaped(&accepted.text)))
        .collect::<Vec<_>>()
        .join(" "))
}

fn pairs(prompts: &[Choice], targets: &[Choice], key: &BTreeMap<OptionId, OptionId>) -> Result<String, &'static str> {
    if prompts
        .iter()
        .chain(targets)
        .any(|choice| choice.text.contains("->") || choice.text.trim_start().starts_with('%'))
    {
        return Err("GIFT has a meaning for arrows and per cent signs in pairs");
    }
    let text = |id: &OptionId| targets.iter().find(|target| target.id == *id).map(|target| escaped(&target.text));
    let mut out: Vec<String> = prompts
        .iter()
        .filter_map(|prompt| Some(format!("={} -> {}", escaped(&prompt.text), text(key.get(&prompt.id)?)?)))
        .collect();
    let unused = targets.iter().filter(|target| !key.values().any(|id| *id == target.id));
    out.extend(unused.map(|target| format!("= -> {}", escaped(&target.text))));
    Ok(out.join(" "))
}

/// What a comment before a question says of it.
#[derive(Default)]
struct Tags {
    id: Option<String>,
    tags: Vec<String>,
}

pub(super) fn read(text: &str, language: &str) -> Result<Imported, ImportError> {
    let mut imported = Imported { items: Vec::new(), problems: Vec::new() };
    let mut count = 0;
    let mut block: Vec<&str> = Vec::new();
    let mut tags = Tags::default();
    let mut start = 1;
    for (at, line) in text.lines().chain([""]).enumerate() {
        let trimmed = line.trim();
        if trimmed.starts_with("$CATEGORY:") && block.is_empty() {
            continue;
        }
        if let Some(comment) = trimmed.strip_prefix("//") {
            read_tags(comment, &mut tags);
        } else if !trimmed.is_empty() {
            if block.is_empty() {
                start = at + 1;
            }
            block.push(line);
        } else if !block.is_empty() {
            count += 1;
            bounded(count, start)?;
            match one(&block.join("\n"), std::mem::take(&mut tags), count, language).and_then(kept) {
                Ok(item) => imported.items.push(item),
                Err(reason) => imported.problems.push(Problem::new(start, reason)),
            }
            block.clear();
        }
    }
    Ok(imported)
}

fn read_tags(comment: &str, tags: &mut Tags) {
    let mut rest = comment;
    while let Some(at) = rest.find('[') {
        let inside = &rest[at + 1..];
        let Some((end, _)) = find(inside, &["]"]) else { return };
        let value = |text: &str| text.replace("\\]", "]").replace("\\\\", "\\").trim().to_owned();
        if let Some(id) = inside[..end].strip_prefix("id:") {
            tags.id = Some(value(id));
        } else if let Some(tag) = inside[..end].strip_prefix("tag:") {
            tags.tags.push(value(tag));
        }
        rest = &inside[end + 1..];
    }
}

fn one(block: &str, tags: Tags, count: usize, language: &str) -> Result<Item, String> {
    let mut text = block.trim();
    let mut title = None;
    if let Some(rest) = text.strip_prefix("::") {
        let (end, _) = find(rest, &["::"]).ok_or("the title lacks its second ::")?;
        title = Some(unescaped(rest[..end].trim()));
        text = rest[end + 2..].trim_start();
    }
    let mut html = false;
    if let Some((format, rest)) = text.strip_prefix('[').and_then(|rest| rest.split_once(']'))
        && matches!(format, "html" | "moodle" | "plain" | "markdown")
    {
        html = matches!(format, "html" | "moodle");
        text = rest;
    }
    let (open, _) = find(text, &["{"]).ok_or("there are no answers in braces")?;
    let (close, _) = find(&text[open..], &["}"]).ok_or("the brace is not closed")?;
    let spaced = |text: &str| if html { super::xml::plain(&unescaped(text)) } else { unescaped(text) };
    let show = |text: &str| spaced(text).trim().to_owned();
    let (before, inside, after) = (&text[..open], &text[open + 1..open + close], spaced(&text[open + close + 1..]));
    let (inside, feedback) = match find(inside, &["####"]) {
        Some((at, _)) => (&inside[..at], Some(show(&inside[at + 4..]))),
        None => (inside, None),
    };
    let (stem, body) = body(&spaced(before), inside.trim(), &after, &show)?;
    let id = tags.id.or(title).filter(|id| !id.is_empty()).unwrap_or_else(|| format!("gift-{count}"));
    let mut item = Item::new(id, language, stem, body);
    item.explanation = feedback.filter(|text| !text.is_empty());
    super::moodle::apply_tags(&mut item, &tags.tags);
    Ok(item)
}

fn body(before: &str, inside: &str, after: &str, show: &dyn Fn(&str) -> String) -> Result<(String, Body), String> {
    let sentence_goes_on = !after.trim().is_empty();
    let stem = if sentence_goes_on { format!("{before}_____{after}") } else { before.to_owned() }.trim().to_owned();
    let first = inside.split('#').next().unwrap_or_default().trim();
    match first.to_ascii_uppercase().as_str() {
        "T" | "TRUE" => return Ok((stem, Body::TrueFalse { key: true })),
        "F" | "FALSE" => return Ok((stem, Body::TrueFalse { key: false })),
        "" if inside.is_empty() => return Ok((stem, essay())),
        _ => {}
    }
    if let Some(numbers) = inside.strip_prefix('#') {
        return Ok((stem, Body::Numeric { keys: numbers_of(numbers)?, unit: None }));
    }
    let pieces = pieces(inside)?;
    if pieces.is_empty() {
        return Err("the answers begin with neither = nor ~".to_owned());
    }
    let arrow = |piece: &Piece| find(&piece.text, &["->"]);
    if pieces.iter().all(|piece| piece.right && arrow(piece).is_some()) {
        return matching(&pieces, show).map(|body| (stem, body));
    }
    if pieces.iter().all(|piece| piece.right) {
        let accepted = pieces
            .iter()
            .map(|piece| Accepted { text: show(&piece.text), share: piece.weight.unwrap_or(100.0) / 100.0 })
            .collect();
        let key = TextKey { accepted, ..TextKey::default() };
        if !sentence_goes_on {
            return Ok((stem, Body::ShortText { key }));
        }
        let gap = Gap { id: GapId::new("g1"), kind: GapKind::Text { key }, weight: 1.0 };
        let parts = vec![Part::Text(before.to_owned()), Part::Gap(gap), Part::Text(after.to_owned())];
        return Ok(("Fill the gap.".to_owned(), Body::Cloze { parts, rule: PairRule::Each }));
    }
    let options: Vec<Choice> = pieces.iter().map(|piece| Choice::of(show(&piece.text))).collect();
    let keys = |is_key: &dyn Fn(&Piece) -> bool| -> Vec<OptionId> {
        pieces.iter().zip(&options).filter(|(piece, _)| is_key(piece)).map(|(_, option)| option.id.clone()).collect()
    };
    if pieces.iter().any(|piece| piece.right) {
        let keys = keys(&|piece| piece.right);
        return Ok((stem, Body::SingleChoice { options, keys }));
    }
    let keys = keys(&|piece| piece.weight.is_some_and(|weight| weight > 0.0));
    if keys.is_empty() {
        return Err("no answer is right".to_owned());
    }
    Ok((stem, Body::MultipleChoice { options, keys, rule: MultipleRule::Penalty }))
}

/// An essay brings no rubric; it gets one criterion, for a person to refine.
pub(super) fn essay() -> Body {
    let text = "Answers the question fully and correctly";
    Body::FreeText {
        rubric: vec![Criterion { id: OptionId::of(text), text: text.to_owned(), weight: 1.0 }],
        sample: None,
    }
}

fn matching(pieces: &[Piece], show: &dyn Fn(&str) -> String) -> Result<Body, String> {
    let (mut prompts, mut targets, mut key) = (Vec::new(), Vec::<Choice>::new(), BTreeMap::new());
    for piece in pieces {
        let (at, length) = find(&piece.text, &["->"]).ok_or("a pair has no arrow")?;
        let (prompt, target) = (show(&piece.text[..at]), Choice::of(show(&piece.text[at + length..])));
        if !targets.iter().any(|other| other.id == target.id) {
            targets.push(target.clone());
        }
        if !prompt.is_empty() {
            let prompt = Choice::of(prompt);
            key.insert(prompt.id.clone(), target.id);
            prompts.push(prompt);
        }
    }
    Ok(Body::Matching { prompts, targets, key, rule: PairRule::Each })
}

/// `3:0.5`, `2.5..3.5`, or several with weights.
fn numbers_of(text: &str) -> Result<Vec<NumericKey>, String> {
    let text = text.trim();
    let pieces = if text.starts_with(['=', '~']) {
        pieces(text)?
    } else {
        let text = find(text, &["#"]).map_or(text, |(at, _)| &text[..at]);
        vec![Piece { right: true, weight: None, text: text.to_owned() }]
    };
    pieces
        .iter()
        .filter(|piece| piece.right || piece.weight.is_some_and(|weight| weight > 0.0))
        .map(|piece| {
            let number = |text: &str| text.trim().parse::<f64>().ok().filter(|value| value.is_finite());
            let (value, tolerance) = match (piece.text.split_once(".."), piece.text.split_once(':')) {
                (Some((low, high)), _) => {
                    let (low, high) = number(low).zip(number(high)).ok_or("a range needs two numbers")?;
                    (low / 2.0 + high / 2.0, (high / 2.0 - low / 2.0).abs())
                }
                (None, Some((value, tolerance))) => {
                    number(value).zip(number(tolerance)).ok_or("a number and its tolerance are needed")?
                }
                (None, None) => (number(&piece.text).ok_or("the answer is no number")?, 0.0),
            };
            let share = piece.weight.unwrap_or(100.0) / 100.0;
            Ok(NumericKey { value, tolerance: Tolerance::Absolute(tolerance), share })
        })
        .collect::<Result<Vec<_>, &str>>()
        .map_err(str::to_owned)
}

/// For the other readers: difficulty by its name.
pub(super) fn difficulty(name: &str) -> Option<Difficulty> {
    match name {
        "easy" => Some(Difficulty::Easy),
        "medium" => Some(Difficulty::Medium),
        "hard" => Some(Difficulty::Hard),
        _ => None,
    }
}

/// For the other readers: an id, or one made from the place.
pub(super) fn id_or(id: Option<&str>, prefix: &str, count: usize) -> ItemId {
    id.map(str::trim).filter(|id| !id.is_empty()).map_or_else(|| ItemId::new(format!("{prefix}-{count}")), ItemId::new)
}
