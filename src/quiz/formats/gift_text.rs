//! GIFT's text: what is escaped, how a question is cut into its pieces. It knows no kinds of questions.

/// Marks that GIFT gives a meaning. A line end is written `\n`.
const MARKED: &[char] = &['~', '=', '#', '{', '}', ':', '\\'];

pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => {}
            c => {
                if MARKED.contains(&c) {
                    out.push('\\');
                }
                out.push(c);
            }
        }
    }
    out
}

/// Spaces at the ends stay: around a gap they matter.
pub(super) fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\\', Some('n')) => {
                chars.next();
                out.push('\n');
            }
            ('\\', Some(mark)) if MARKED.contains(mark) => {
                out.push(*mark);
                chars.next();
            }
            (c, _) => out.push(c),
        }
    }
    out
}

/// Where an unescaped mark first stands.
pub(super) fn find(text: &str, marks: &[&str]) -> Option<(usize, usize)> {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if let Some(mark) = marks.iter().find(|mark| text[at..].starts_with(**mark)) {
            return Some((at, mark.len()));
        }
    }
    None
}

/// One answer of a question.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Piece {
    /// `=` is right, `~` is wrong unless a weight says otherwise.
    pub right: bool,
    /// Per cent of the points.
    pub weight: Option<f64>,
    /// Still escaped.
    pub text: String,
}

/// The answers between the braces.
pub(super) fn pieces(inside: &str) -> Result<Vec<Piece>, String> {
    let mut found = Vec::new();
    let Some((first, _)) = find(inside, &["=", "~"]) else {
        return Ok(found);
    };
    if !inside[..first].trim().is_empty() {
        return Err("there is text before the first answer".to_owned());
    }
    let mut rest = &inside[first..];
    while let Some(mark) = rest.chars().next() {
        let body = &rest[1..];
        let end = find(body, &["=", "~"]).map_or(body.len(), |(at, _)| at);
        let mut text = body[..end].trim();
        let mut weight = None;
        if let Some(after) = text.strip_prefix('%') {
            let (number, other) = after.split_once('%').ok_or("a weight lacks its second %")?;
            weight = Some(
                number
                    .trim()
                    .parse::<f64>()
                    .ok()
                    .filter(|weight| (-100.0..=100.0).contains(weight))
                    .ok_or("a weight is no number from -100 to 100")?,
            );
            text = other;
        }
        // Feedback on the answer is not kept.
        let text = find(text, &["#"]).map_or(text, |(at, _)| &text[..at]);
        found.push(Piece { right: mark == '=', weight, text: text.trim().to_owned() });
        rest = &body[end..];
    }
    Ok(found)
}
