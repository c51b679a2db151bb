//! Words as they are compared: case folded, punctuation and spacing left out. And texts kept within their limits.
//!
//! Nothing here knows a language; lists of words live where they are used.

/// The words of a text, normalised: lower case, no punctuation, apostrophes dropped (`Don't` is `dont`).
pub fn tokens(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut word = String::new();
    for char in text.chars() {
        if char.is_alphanumeric() {
            word.extend(char.to_lowercase());
        } else if !is_apostrophe(char) && !word.is_empty() {
            found.push(std::mem::take(&mut word));
        }
    }
    if !word.is_empty() {
        found.push(word);
    }
    found
}

/// What makes two texts the same answer.
pub fn key(text: &str) -> String {
    tokens(text).join(" ")
}

pub fn is_apostrophe(char: char) -> bool {
    matches!(char, '\'' | '\u{2019}' | '\u{02BC}')
}

/// The parts that are not empty, with a space between them.
pub fn join<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let kept: Vec<&str> = parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect();
    kept.join(" ")
}

/// The first `chars` Unicode scalar values.
pub fn prefix(text: &str, chars: usize) -> &str {
    text.char_indices().nth(chars).map_or(text, |(index, _)| &text[..index])
}

/// At most `chars` characters; what is cut ends in an ellipsis.
pub fn clip(text: &str, chars: usize) -> String {
    let text = text.trim();
    if text.chars().count() <= chars {
        return text.to_owned();
    }
    format!("{}…", prefix(text, chars.saturating_sub(1)).trim_end())
}

/// As much of the text as takes at most `bytes` in JSON.
pub fn clip_json(text: &str, bytes: usize) -> &str {
    let mut used = 0;
    for (index, char) in text.char_indices() {
        used += match char {
            '"' | '\\' | '\n' | '\r' | '\t' => 2,
            char if (char as u32) < 0x20 => 6,
            char => char.len_utf8(),
        };
        if used > bytes {
            return text[..index].trim_end();
        }
    }
    text
}

/// Without control characters, but for line breaks and tabs.
pub fn clean(text: &str) -> String {
    text.chars().filter(|char| !char.is_control() || matches!(char, '\n' | '\t')).collect()
}

/// Whether two words are the same but for a recognizer's slip: one edit from four letters on.
pub fn alike(left: &str, right: &str) -> bool {
    if left == right {
        return true;
    }
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let (short, long) = if left.len() <= right.len() { (left, right) } else { (right, left) };
    if short.len() < 4 || long.len() - short.len() > 1 {
        return false;
    }
    let same_start = short.iter().zip(&long).take_while(|(a, b)| a == b).count();
    let same_end = short.iter().rev().zip(long.iter().rev()).take_while(|(a, b)| a == b).count();
    same_start + same_end + 1 >= long.len()
}

#[cfg(test)]
mod tests {
    use super::{alike, clean, clip, clip_json, key, prefix, tokens};

    #[test]
    fn words_are_compared_without_case_punctuation_and_apostrophes() {
        assert_eq!(tokens("Don\u{2019}t stop -- it's 3.5, OK?"), ["dont", "stop", "its", "3", "5", "ok"]);
        assert_eq!(key("  Yes, and NO. "), "yes and no");
    }

    #[test]
    fn one_slip_is_allowed_from_four_letters_on() {
        assert!(alike("ownership", "ownerships"));
        assert!(alike("rust", "ruse"));
        assert!(!alike("rust", "bush"));
        assert!(!alike("cat", "cap"));
        assert!(!alike("ownership", "friendship"));
    }

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(prefix("añb", 2), "añ");
        assert_eq!(clip("one two three", 8), "one two…");
        assert_eq!(clip_json("\"\"\"", 4), "\"\"");
        assert_eq!(clean("a\u{0}b\nc\u{1b}"), "ab\nc");
    }
}
