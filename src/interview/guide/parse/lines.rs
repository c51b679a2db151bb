//! A Markdown file as the lines that a guide is made of: headings, items of lists, and text. Comments and empty lines are left out.

use super::GuideError;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    Heading { level: usize, text: &'a str },
    Item(&'a str),
    Text(&'a str),
}

/// The lines with their numbers, from 1. Each holds text without the marks and spaces around it.
pub(super) fn lines(text: &str) -> Result<Vec<(usize, Line<'_>)>, GuideError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut comment_since = None;
    let mut found = Vec::new();
    for (index, raw) in text.lines().enumerate() {
        let at = index + 1;
        let line = raw.trim();
        if comment_since.is_some() || line.starts_with("<!--") {
            comment_since = if line.ends_with("-->") { None } else { comment_since.or(Some(at)) };
            continue;
        }
        if let Some(control) = line.chars().find(|character| character.is_control() && *character != '\t') {
            return Err(GuideError::at(at, format!("there is a control character in it (U+{:04X})", control as u32)));
        }
        if !line.is_empty() {
            found.push((at, line_of(line)));
        }
    }
    match comment_since {
        Some(at) => Err(GuideError::at(at, "this comment has no end (“-->”)")),
        None => Ok(found),
    }
}

fn line_of(line: &str) -> Line<'_> {
    let level = line.chars().take_while(|character| *character == '#').count();
    let rest = &line[level..];
    if level > 0 && (rest.is_empty() || rest.starts_with([' ', '\t'])) {
        return Line::Heading { level, text: rest.trim().trim_end_matches('#').trim_end() };
    }
    match line.strip_prefix(['-', '*']) {
        Some(item) if item.starts_with([' ', '\t']) => Line::Item(item.trim()),
        _ => Line::Text(line),
    }
}

/// Without a number before it: “2. Why?” is “Why?”.
pub(super) fn unnumbered(text: &str) -> &str {
    let rest = text.trim_start_matches(|character: char| character.is_ascii_digit());
    match rest.strip_prefix(['.', ')']) {
        Some(after) if rest.len() < text.len() && after.starts_with(' ') => after.trim_start(),
        _ => text,
    }
}
