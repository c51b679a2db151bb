//! Whether the citations of a reply hold: a sentence that cites a passage must be made, to a good part, of the passage's own words, and its
//! figures must stand there. A citation that does not hold is taken out of the text.
//!
//! This is a measure of overlap, not of truth: it finds citations that have nothing to do with their sentence, not every wrong one.

use crate::chat::event::Citation;
use crate::chat::words::{figures, sentences, share, term_set};
use crate::config::limits::CHAT_CITATION_SUPPORT_MIN;
use crate::ports::passages::Passage;
use protocol::v1::limits::{CHAT_CITATIONS_MAX, CHAT_QUOTE_CHARS_MAX};
use std::collections::BTreeMap;
use std::ops::Range;

/// A reply's text without the citations that do not hold, and those that do, by number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    pub text: String,
    pub citations: Vec<Citation>,
    /// Marks that were taken out.
    pub dropped: u32,
}

/// `passages`: what the reply was given; `[1]` is the first.
pub fn check(text: &str, passages: &[Passage]) -> Checked {
    let mut checked = Checked::default();
    let mut kept: BTreeMap<u32, Citation> = BTreeMap::new();
    let mut copied = 0;
    let marks = marks(text);
    for (sentence, of_sentence) in cited_sentences(text, &marks) {
        let claim = without(text, &sentence, &marks);
        for mark in of_sentence {
            let numbers = numbers_of(&text[mark.clone()]);
            let holding: Vec<u32> = numbers
                .iter()
                .copied()
                .filter(|number| {
                    let passage = number.checked_sub(1).and_then(|at| passages.get(at as usize));
                    let Some(passage) = passage.filter(|passage| supports(passage, &claim)) else { return false };
                    if !kept.contains_key(number) && kept.len() >= CHAT_CITATIONS_MAX {
                        return false;
                    }
                    kept.entry(*number).or_insert_with(|| citation(*number, passage, &claim));
                    true
                })
                .collect();
            checked.dropped += (numbers.len() - holding.len()) as u32;
            let before = &text[copied..mark.start];
            checked.text.push_str(if holding.is_empty() { before.trim_end_matches([' ', '\u{a0}']) } else { before });
            holding.iter().for_each(|number| checked.text.push_str(&format!("[{number}]")));
            copied = mark.end;
        }
    }
    checked.text.push_str(&text[copied..]);
    checked.citations = kept.into_values().collect();
    checked
}

/// Whether the passage says, in its own words, what is claimed.
fn supports(passage: &Passage, claim: &str) -> bool {
    let said = format!("{} {} {}", passage.text, passage.locator.path.join(" "), passage.name);
    share(&term_set(claim), &term_set(&said)) >= CHAT_CITATION_SUPPORT_MIN && figures(claim).is_subset(&figures(&said))
}

fn citation(number: u32, passage: &Passage, claim: &str) -> Citation {
    Citation {
        number,
        document: passage.document.clone(),
        name: passage.name.clone(),
        locator: passage.locator.clone(),
        quote: quote(&passage.text, claim),
        passage: passage.id().to_string(),
    }
}

/// The sentence of the passage that is nearest to the claim, verbatim.
fn quote(text: &str, claim: &str) -> String {
    let wanted = term_set(claim);
    let mut best: Option<(f64, Range<usize>)> = None;
    for range in sentences(text) {
        let near = share(&wanted, &term_set(&text[range.clone()]));
        if best.as_ref().is_none_or(|(before, _)| near > *before) {
            best = Some((near, range));
        }
    }
    let sentence = best.map_or(text, |(_, range)| &text[range]);
    sentence.chars().take(CHAT_QUOTE_CHARS_MAX).collect()
}

/// Sentences with the marks in them. Marks that stand alone after a sentence's end belong to it.
fn cited_sentences(text: &str, marks: &[Range<usize>]) -> Vec<(Range<usize>, Vec<Range<usize>>)> {
    let mut cited: Vec<(Range<usize>, Vec<Range<usize>>)> = Vec::new();
    let mut last_said: Option<Range<usize>> = None;
    for sentence in sentences(text) {
        let within: Vec<Range<usize>> =
            marks.iter().filter(|mark| sentence.start <= mark.start && mark.end <= sentence.end).cloned().collect();
        let leading = leading_marks(text, &sentence, &within);
        if leading > 0
            && let Some(before) = &last_said
        {
            cited.push((before.clone(), within[..leading].to_vec()));
        }
        let own = if last_said.is_some() { within[leading..].to_vec() } else { within };
        if !without(text, &sentence, &own).trim().is_empty() {
            last_said = Some(sentence.clone());
        }
        if !own.is_empty() {
            cited.push((sentence, own));
        }
    }
    cited
}

/// How many marks stand before the sentence's first word.
fn leading_marks(text: &str, sentence: &Range<usize>, marks: &[Range<usize>]) -> usize {
    let mut at = sentence.start;
    let mut leading = 0;
    for mark in marks {
        if !text[at..mark.start].chars().all(|c| c.is_whitespace() || ".,;".contains(c)) {
            break;
        }
        at = mark.end;
        leading += 1;
    }
    leading
}

/// `[1]`, `[1, 2]` and `[1][2]`, but not what stands in code.
fn marks(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut in_code = false;
    let mut open: Option<usize> = None;
    for (at, c) in text.char_indices() {
        match c {
            // One without a partner in its paragraph is a mark like any other.
            '`' if in_code || text[at + 1..].split("\n\n").next().is_some_and(|rest| rest.contains('`')) => {
                in_code = !in_code;
                open = None;
            }
            '[' if !in_code => open = Some(at),
            ']' => {
                if let Some(start) = open.take()
                    && !numbers_of(&text[start..=at]).is_empty()
                {
                    found.push(start..at + 1);
                }
            }
            '0'..='9' | ',' | ' ' => {}
            _ => open = None,
        }
    }
    found
}

fn numbers_of(mark: &str) -> Vec<u32> {
    let inner = mark.trim_start_matches('[').trim_end_matches(']');
    let mut numbers: Vec<u32> = Vec::new();
    for part in inner.split(',') {
        match part.trim().parse() {
            Ok(number) if !numbers.contains(&number) => numbers.push(number),
            Ok(_) => {}
            Err(_) => return Vec::new(),
        }
    }
    numbers
}

/// A sentence without its marks.
fn without(text: &str, sentence: &Range<usize>, marks: &[Range<usize>]) -> String {
    let mut claim = String::new();
    let mut at = sentence.start;
    for mark in marks.iter().filter(|mark| sentence.start <= mark.start && mark.end <= sentence.end) {
        claim.push_str(&text[at..mark.start]);
        at = mark.end;
    }
    claim.push_str(&text[at..sentence.end]);
    claim
}

#[cfg(test)]
mod tests;
