//! Orders: a numbered list, or a run of sentences that the text itself numbers with `first`, `then`, `finally`.

use super::{Draft, Kind, Maker};
use crate::quiz::item::{Body, Choice, OptionId, OrderingRule};

const LINES_MIN: usize = 3;
const LINES_MAX: usize = 6;

pub(super) fn drafts(maker: &Maker<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    let mut at = 0;
    while at < maker.sentences.len() {
        let run = run(maker, at);
        if run.len() >= LINES_MIN && run.len() <= LINES_MAX {
            let options: Vec<Choice> = run.iter().map(Choice::of).collect();
            let key: Vec<OptionId> = options.iter().map(|option| option.id.clone()).collect();
            let body = Body::Ordering { options, key, rule: OrderingRule::Pairs };
            let stem = maker.language.phrases.put_in_order.to_owned();
            drafts.push(maker.draft(Kind::Ordering, at, at + run.len() - 1, stem, body));
        }
        at += run.len().max(1);
    }
    drafts
}

/// The steps of a run without the words that number them: it begins with the first such word and stays in one paragraph.
fn run(maker: &Maker<'_>, start: usize) -> Vec<String> {
    let paragraph = maker.sentences[start].paragraph;
    let mut steps = Vec::new();
    for sentence in maker.sentences[start..].iter().take_while(|sentence| sentence.paragraph == paragraph) {
        let opener = maker
            .language
            .sequence
            .iter()
            .position(|word| sentence.tokens.first().is_some_and(|token| token.word == *word));
        // It starts at a first step and goes on with later ones.
        let goes_on = match opener {
            _ if sentence.step.is_some() => sentence.step == u32::try_from(steps.len() + 1).ok(),
            Some(0) => steps.is_empty(),
            Some(_) => !steps.is_empty(),
            None => false,
        };
        if !goes_on {
            break;
        }
        let rest = sentence.tokens.get(1).map_or("", |next| &sentence.text[next.start..]);
        let rest = rest.trim_end_matches('.');
        let mut chars = rest.chars();
        steps.push(chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default());
    }
    steps
}
