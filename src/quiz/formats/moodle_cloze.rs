//! Moodle's embedded answers: `{1:SHORTANSWER:=Moon~%50%the Moon}` within the text of a cloze, both ways.

use super::gift_text::{Piece, find, pieces};
use super::moodle::percent;
use crate::quiz::item::{Accepted, Choice, Gap, GapId, GapKind, NumericKey, Part, TextKey, Tolerance};

const STEM_OPEN: &str = "<p class=\"stem\">";
const STEM_CLOSE: &str = "</p>";

/// The question as HTML, before it is escaped for the file.
pub(super) fn cloze_text(stem: &str, parts: &[Part]) -> Result<String, &'static str> {
    let mut out = format!("{STEM_OPEN}{}{STEM_CLOSE}", html(stem));
    for part in parts {
        match part {
            Part::Text(text) => out.push_str(&html(text)),
            Part::Gap(gap) => out.push_str(&gap_text(gap)?),
        }
    }
    Ok(out)
}

fn gap_text(gap: &Gap) -> Result<String, &'static str> {
    if gap.weight.fract() != 0.0 || !(1.0..=100.0).contains(&gap.weight) {
        return Err("Moodle weighs gaps in whole numbers");
    }
    let (kind, answers): (&str, Vec<String>) = match &gap.kind {
        GapKind::Text { key } => (
            "SHORTANSWER",
            key.accepted
                .iter()
                .map(|accepted| format!("%{}%{}", percent(accepted.share * 100.0), escaped(&accepted.text)))
                .collect(),
        ),
        GapKind::Choice { options, key } => (
            "MULTICHOICE",
            options
                .iter()
                .map(|option| format!("%{}%{}", if option.id == *key { "100" } else { "0" }, escaped(&option.text)))
                .collect(),
        ),
        GapKind::Numeric { keys } => (
            "NUMERICAL",
            keys.iter()
                .map(|key| format!("%{}%{}:{}", percent(key.share * 100.0), key.value, super::gift::absolute(key)))
                .collect(),
        ),
    };
    Ok(format!("{{{}:{kind}:~{}}}", gap.weight, answers.join("~")))
}

/// Inside a gap: its own marks by a backslash, HTML's by entities without `#`.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if matches!(c, '}' | '#' | '~' | '=' | '\\' | '{' | ':') {
            out.push('\\');
        }
        out.push(c);
    }
    out.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.trim().chars().peekable();
    while let Some(c) = chars.next() {
        match chars.peek() {
            Some(next) if c == '\\' => {
                out.push(*next);
                chars.next();
            }
            _ => out.push(c),
        }
    }
    out
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('{', "&#123;").replace('}', "&#125;")
}

/// Text without tags, its spaces kept.
fn unhtml(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        match rest[at..].find('>') {
            Some(end) => rest = &rest[at + end + 1..],
            None => {
                rest = "";
            }
        }
    }
    out.push_str(rest);
    decoded(&out)
}

fn decoded(text: &str) -> String {
    const ENTITIES: &[(&str, &str)] = &[
        ("&#123;", "{"),
        ("&#125;", "}"),
        ("&nbsp;", " "),
        ("&quot;", "\""),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ];
    ENTITIES.iter().fold(text.to_owned(), |text, (entity, character)| text.replace(entity, character))
}

/// The stem, if the question has one of ours, and the pieces.
pub(super) fn read(question: &str) -> Result<(Option<String>, Vec<Part>), String> {
    let (stem, mut rest) = match question.strip_prefix(STEM_OPEN).and_then(|rest| rest.split_once(STEM_CLOSE)) {
        Some((stem, rest)) => (Some(unhtml(stem)), rest),
        None => (None, question),
    };
    let mut parts = Vec::new();
    let mut gaps = 0;
    while let Some(at) = rest.find('{') {
        let Some((weight, kind, body)) = head(&rest[at + 1..]) else {
            // A brace that opens no gap is text.
            text(&rest[..=at], &mut parts);
            rest = &rest[at + 1..];
            continue;
        };
        text(&rest[..at], &mut parts);
        let (end, _) = find(body, &["}"]).ok_or("a gap is not closed")?;
        gaps += 1;
        let kind = gap_kind(kind, &decoded(&body[..end]))?;
        parts.push(Part::Gap(Gap { id: GapId::new(format!("g{gaps}")), kind, weight }));
        rest = &body[end + 1..];
    }
    text(rest, &mut parts);
    if gaps == 0 { Err("the question has no gap".to_owned()) } else { Ok((stem, parts)) }
}

fn text(piece: &str, parts: &mut Vec<Part>) {
    let piece = unhtml(piece);
    match parts.last_mut() {
        _ if piece.is_empty() => {}
        Some(Part::Text(before)) => before.push_str(&piece),
        Some(Part::Gap(_)) | None => parts.push(Part::Text(piece)),
    }
}

/// So far a gap's head is looked for; the longest kind has thirteen letters.
const HEAD_CHARS_MAX: usize = 24;

/// `1:SHORTANSWER:` and what follows.
fn head(text: &str) -> Option<(f64, &str, &str)> {
    let mut marks = text.char_indices().take(HEAD_CHARS_MAX).filter(|(_, c)| *c == ':').map(|(at, _)| at);
    let (first, second) = (marks.next()?, marks.next()?);
    let (weight, kind, body) = (&text[..first], &text[first + 1..second], &text[second + 1..]);
    let weight = if weight.trim().is_empty() {
        1.0
    } else {
        weight.trim().parse::<u8>().ok().filter(|weight| *weight > 0).map(f64::from)?
    };
    kind.chars().all(|c| c.is_ascii_uppercase() || c == '_').then_some((weight, kind, body))
}

fn gap_kind(kind: &str, body: &str) -> Result<GapKind, String> {
    let body = if body.starts_with(['=', '~']) { body.to_owned() } else { format!("~{body}") };
    let pieces: Vec<Piece> = pieces(&body)?;
    let share = |piece: &Piece| piece.weight.unwrap_or(if piece.right { 100.0 } else { 0.0 }) / 100.0;
    match kind {
        "SHORTANSWER" | "SA" | "MW" | "SHORTANSWER_C" | "SAC" | "MWC" => {
            let accepted = pieces.iter().filter(|piece| share(piece) > 0.0);
            let accepted =
                accepted.map(|piece| Accepted { text: unescaped(&piece.text), share: share(piece) }).collect();
            Ok(GapKind::Text { key: TextKey { accepted, ..TextKey::default() } })
        }
        "NUMERICAL" | "NM" => {
            let number = |text: &str| text.trim().parse::<f64>().ok().filter(|value| value.is_finite());
            let keys = pieces.iter().filter(|piece| share(piece) > 0.0).map(|piece| {
                let (value, tolerance) = piece.text.split_once(':').unwrap_or((&piece.text, "0"));
                let (value, tolerance) = number(value).zip(number(tolerance)).ok_or("a gap's answer is no number")?;
                Ok(NumericKey { value, tolerance: Tolerance::Absolute(tolerance), share: share(piece) })
            });
            Ok(GapKind::Numeric { keys: keys.collect::<Result<_, String>>()? })
        }
        "MULTICHOICE" | "MC" | "MULTICHOICE_V" | "MCV" | "MULTICHOICE_H" | "MCH" | "MULTICHOICE_S" | "MCS" => {
            let options: Vec<Choice> = pieces.iter().map(|piece| Choice::of(unescaped(&piece.text))).collect();
            let place = pieces.iter().position(|piece| share(piece) >= 1.0).ok_or("a gap has no right option")?;
            let key = options[place].id.clone();
            Ok(GapKind::Choice { options, key })
        }
        other => Err(format!("gaps of the kind {other} are not known")),
    }
}
