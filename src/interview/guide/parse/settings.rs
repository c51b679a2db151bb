//! Items of lists that say something in particular: `time: 3 min`, `follow-ups: 2`, `follow-up: Why?`, `keywords: a, b`, `4: What earns a 4`.

use super::GuideError;
use crate::config::limits;
use std::ops::RangeInclusive;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Setting<'a> {
    Time(&'a str),
    FollowUps(&'a str),
    FollowUp(&'a str),
    Keywords(&'a str),
    Level(u32, &'a str),
}

/// The setting that an item is; `None`: it is text. One word before a colon that is no setting known here is more likely a slip than text.
pub(super) fn setting<'a>(at: usize, item: &'a str, known: &[&str]) -> Result<Option<Setting<'a>>, GuideError> {
    let Some((name, value)) = item.split_once(':') else { return Ok(None) };
    let (written, value) = (name.trim(), value.trim());
    let name = written.to_lowercase();
    if let Ok(rating) = name.parse() {
        return Ok(Some(Setting::Level(rating, value)));
    }
    if !known.contains(&name.as_str()) {
        let like_one = |character: char| character.is_ascii_lowercase() || character == '-';
        if written.is_empty() || !written.chars().all(like_one) {
            return Ok(None);
        }
        let known = known.join(", ");
        let reason =
            format!("“{name}” is no setting here; there are {known} (text should not begin with a word and a colon)");
        return Err(GuideError::at(at, reason));
    }
    Ok(Some(match name.as_str() {
        "time" => Setting::Time(value),
        "follow-ups" => Setting::FollowUps(value),
        "follow-up" => Setting::FollowUp(value),
        _ => Setting::Keywords(value),
    }))
}

/// `90 s`, `3 min`, `1 h 30 min`, in milliseconds.
pub(super) fn duration(at: usize, value: &str, range: RangeInclusive<u64>) -> Result<u64, GuideError> {
    let unreadable =
        || GuideError::at(at, format!("“{value}” is no time; write it as “90 s”, “3 min” or “1 h 30 min”"));
    let mut total_ms: u64 = 0;
    let mut number: Option<u64> = None;
    let mut units = 0;
    for part in parts(value) {
        match (part.parse::<u64>(), number) {
            (Ok(count), None) => number = Some(count),
            (Err(_), Some(count)) => {
                let unit_ms = unit_ms(part).ok_or_else(unreadable)?;
                total_ms = count.checked_mul(unit_ms).and_then(|ms| total_ms.checked_add(ms)).ok_or_else(unreadable)?;
                number = None;
                units += 1;
            }
            (Ok(_), Some(_)) | (Err(_), None) => return Err(unreadable()),
        }
    }
    if number.is_some() || units == 0 {
        return Err(unreadable());
    }
    if !range.contains(&total_ms) {
        let reason = format!("“{value}” is not between {} s and {} min", range.start() / 1_000, range.end() / 60_000);
        return Err(GuideError::at(at, reason));
    }
    Ok(total_ms)
}

/// Numbers and words, with or without spaces between.
fn parts(value: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    for word in value.split_whitespace() {
        let digits = word.chars().take_while(char::is_ascii_digit).count();
        parts.extend([&word[..digits], &word[digits..]].into_iter().filter(|part| !part.is_empty()));
    }
    parts
}

fn unit_ms(word: &str) -> Option<u64> {
    match word.to_lowercase().trim_end_matches('.') {
        "s" | "sec" | "second" | "seconds" => Some(1_000),
        "m" | "min" | "minute" | "minutes" => Some(60_000),
        "h" | "hour" | "hours" => Some(3_600_000),
        _ => None,
    }
}

pub(super) fn count(at: usize, value: &str) -> Result<u32, GuideError> {
    let max = limits::GUIDE_FOLLOW_UPS_MAX;
    value
        .parse()
        .ok()
        .filter(|count| *count <= max)
        .ok_or_else(|| GuideError::at(at, format!("“{value}” is no number from 0 to {max}")))
}

/// Words and phrases with commas between.
pub(super) fn keywords(at: usize, value: &str, to: &mut Vec<String>) -> Result<(), GuideError> {
    for keyword in value.split(',').map(str::trim).filter(|keyword| !keyword.is_empty()) {
        if keyword.chars().count() > limits::GUIDE_KEYWORD_CHARS_MAX {
            let reason = format!("a keyword has at most {} characters", limits::GUIDE_KEYWORD_CHARS_MAX);
            return Err(GuideError::at(at, reason));
        }
        if !keyword.chars().any(char::is_alphanumeric) {
            return Err(GuideError::at(at, format!("“{keyword}” is no word that can be said")));
        }
        if !to.iter().any(|known| known.to_lowercase() == keyword.to_lowercase()) {
            to.push(keyword.to_owned());
        }
    }
    if to.is_empty() {
        return Err(GuideError::at(at, "there is no keyword; put commas between several"));
    }
    if to.len() > limits::GUIDE_KEYWORDS_MAX {
        return Err(GuideError::at(at, format!("there are more than {} keywords", limits::GUIDE_KEYWORDS_MAX)));
    }
    Ok(())
}
