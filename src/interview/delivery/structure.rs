//! Markers of situation, task, action and result (STAR), each with the words that show it. English only; works on typed answers too.
//!
//! A marker shows that a part is signposted, not that it is good; without one a part may still be there.

use crate::config::limits;
use crate::interview::delivery::{Material, measured, not_measured};
use crate::interview::metric::{Evidence, Metric, MetricName};
use crate::interview::quotes;
use crate::interview::wording::{prefix, tokens};

/// How many of the four parts are signposted.
pub(super) fn structure(of: &[Material<'_>]) -> Metric {
    let name = MetricName::Structure;
    if of.iter().any(|material| !material.english) {
        return not_measured(name, "the markers of situation, task, action and result are known for English alone");
    }
    let words: usize = of.iter().map(|material| material.texts.first().map_or(0, |text| tokens(text).len())).sum();
    if words < WORDS_MIN {
        return not_measured(name, "the answer is too short to have a structure");
    }
    let found: Vec<Evidence> = PARTS
        .iter()
        .filter_map(|(part, markers)| of.iter().find_map(|material| shown(material, part, markers)))
        .collect();
    measured(name, found.len() as f64, "count", None, found)
}

/// The first marker of a part in an answer, with a few words that follow it.
fn shown(material: &Material<'_>, part: &str, markers: &[&str]) -> Option<Evidence> {
    let text = *material.texts.first()?;
    let range = markers.iter().filter_map(|marker| quotes::find(text, marker)).min_by_key(|range| range.start)?;
    let rest = &text[range.end..];
    let follow: usize = rest.split_inclusive(char::is_whitespace).take(WORDS_AFTER + 1).map(str::len).sum();
    let quote = prefix(text[range.start..range.end + follow].trim_end(), limits::METRIC_QUOTE_CHARS_MAX).trim_end();
    let times = quotes::times(&material.words, quote);
    Some(Evidence {
        turn: material.turn,
        quote: quote.to_owned(),
        start_ms: times.map(|(start, _)| start),
        end_ms: times.map(|(_, end)| end),
        note: Some(part.to_owned()),
    })
}

const WORDS_MIN: usize = 15;
const WORDS_AFTER: usize = 5;

const PARTS: &[(&str, &[&str])] = &[
    (
        "situation",
        &[
            "when I was",
            "while I was",
            "at my last",
            "at my previous",
            "in my last",
            "in my previous",
            "at my old",
            "last year",
            "last summer",
            "a few years ago",
            "two years ago",
            "at the time",
            "there was a",
            "the situation was",
            "we were",
            "our team was",
            "our team had",
            "my team was",
            "in one project",
            "on one project",
            "during my",
            "at university",
            "in college",
            "once we",
            "one day",
        ],
    ),
    (
        "task",
        &[
            "my task",
            "my job was",
            "my role was",
            "my goal",
            "the goal was",
            "the task was",
            "I was responsible",
            "I was asked",
            "I was assigned",
            "I had to",
            "I needed to",
            "we had to",
            "we needed to",
            "was supposed to",
            "the challenge was",
            "the problem was",
        ],
    ),
    (
        "action",
        &[
            "I decided",
            "I started",
            "I began",
            "I built",
            "I wrote",
            "I implemented",
            "I created",
            "I designed",
            "I led",
            "I talked",
            "I fixed",
            "I changed",
            "I used",
            "I set up",
            "I organized",
            "I organised",
            "I proposed",
            "I made",
            "I refactored",
            "I tested",
            "I added",
            "I replaced",
            "I measured",
            "I rewrote",
            "I worked",
            "I asked",
            "I learned how",
            "first I",
            "then I",
            "so I",
        ],
    ),
    (
        "result",
        &[
            "as a result",
            "in the end",
            "the result",
            "the outcome",
            "this led to",
            "that led to",
            "which led to",
            "we reduced",
            "I reduced",
            "it reduced",
            "was reduced",
            "we increased",
            "it increased",
            "improved",
            "we shipped",
            "it worked",
            "we saved",
            "it saved",
            "I learned that",
            "what I learned",
            "eventually",
            "successfully",
            "since then",
            "afterwards",
            "finally",
        ],
    ),
];
