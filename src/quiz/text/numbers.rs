//! Numbers as people write them, with a point or a comma, a sign, thousands, an exponent, per cent and a unit. No arithmetic.

/// The number that a typed answer says, alone or with the unit asked for; `None` where it says none, or anything besides.
///
/// With both marks the last one parts the decimals. A single comma parts decimals, too, but for English thousands (`12,500`); a single
/// point parts decimals but for German thousands (`12.500`).
pub fn number(text: &str, unit: Option<&str>, language: &str) -> Option<f64> {
    let text: String = super::folded(text).chars().filter(|c| !c.is_whitespace()).collect();
    let unit: String = unit.map(super::folded).unwrap_or_default().chars().filter(|c| !c.is_whitespace()).collect();
    let bare = if unit.is_empty() { text.as_str() } else { text.strip_suffix(unit.as_str()).unwrap_or(&text) };
    let (mantissa, exponent) = match bare.split_once('e') {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (bare, 0),
    };
    let (sign, digits) = match mantissa.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => ("-", rest),
        None => ("", mantissa.strip_prefix('+').unwrap_or(mantissa)),
    };
    let plain = plain(digits, language)?;
    format!("{sign}{plain}e{exponent}").parse::<f64>().ok().filter(|value| value.is_finite())
}

/// Digits with a point for decimals and nothing else.
fn plain(digits: &str, language: &str) -> Option<String> {
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.' || c == ',')
        || !digits.ends_with(|c: char| c.is_ascii_digit())
    {
        return None;
    }
    if !digits.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '\'' | '’')) {
        return None;
    }
    let digits: String = digits.chars().filter(|c| !matches!(c, '\'' | '’')).collect();
    let (points, commas) = (digits.matches('.').count(), digits.matches(',').count());
    let decimal = match (points, commas) {
        (0, 0) => return Some(digits),
        (0, 1) if language == "en" && is_thousands(&digits, ',') => None,
        (1, 0) if language == "de" && is_thousands(&digits, '.') => None,
        (0, 1) => Some(','),
        (1, 0) => Some('.'),
        (0, _) => None,
        (_, 0) => None,
        (1, _) if digits.rfind('.') > digits.rfind(',') => Some('.'),
        (_, 1) if digits.rfind(',') > digits.rfind('.') => Some(','),
        _ => return None,
    };
    let (whole, fraction) = decimal.and_then(|mark| digits.rsplit_once(mark)).unwrap_or((&digits, ""));
    let group = whole.chars().find(|c| matches!(c, '.' | ','));
    if group.is_some_and(|mark| !is_thousands(whole, mark)) {
        return None;
    }
    let whole: String = whole.chars().filter(char::is_ascii_digit).collect();
    let whole = if whole.is_empty() { "0".to_owned() } else { whole };
    Some(if fraction.is_empty() { whole } else { format!("{whole}.{fraction}") })
}

/// `1,500` and `1,500,000`, but not `1,50` or `0,500`.
fn is_thousands(digits: &str, mark: char) -> bool {
    let mut groups = digits.split(mark);
    let first = groups.next().unwrap_or_default();
    let all = |group: &str| group.chars().all(|c| c.is_ascii_digit());
    (1..=3).contains(&first.len())
        && !first.starts_with('0')
        && all(first)
        && groups.all(|group| group.len() == 3 && all(group))
}

/// The numbers that stand in a text, in order, with the bytes they cover.
pub fn figures(text: &str, language: &str) -> Vec<(std::ops::Range<usize>, f64)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find(|c: char| c.is_ascii_digit()).map(|start| at + start) {
        let rest = &text[start..];
        let run = rest.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ','))).unwrap_or(rest.len());
        let run = rest[..run].trim_end_matches(['.', ',']).len();
        let end = start + run;
        let before = text[..start].chars().next_back();
        let after = text[end..].chars().next();
        // A part of a name (H2O, B12) or of a date is no number.
        let alone = before.is_none_or(|c| !c.is_alphanumeric() && c != '-' && c != '/')
            && after.is_none_or(|c| !c.is_alphanumeric() && c != '/');
        if alone && let Some(value) = number(&text[start..end], None, language) {
            found.push((start..end, value));
        }
        at = end;
    }
    found
}
