//! Times the analysis of 10,000 attempts at 40 items of four options, and the judging of a draft that is as large as one may be; on one core.
//!
//! `cargo run --release --no-default-features --example quiz_bench`

#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a benchmark prints and reads the clock")]

use std::collections::BTreeMap;
use std::time::Instant;
use viva::quiz::analytics::{AnalyticsError, Column, Row, analyse};
use viva::quiz::item::{Body, Choice, Item, ItemId, Locator, OptionId, Source};
use viva::quiz::paper::{Paper, Settings};
use viva::quiz::shuffle::Shuffle;

const ATTEMPTS: u64 = 10_000;
const ITEMS: usize = 40;
const RUNS: usize = 5;

fn main() -> Result<(), AnalyticsError> {
    let options: Vec<OptionId> = ["a", "b", "c", "d"].map(OptionId::of).into();
    let columns: Vec<Column> = (0..ITEMS)
        .map(|item| Column {
            item: ItemId::new(format!("i{item}")),
            max: 1.0,
            guess: Some(0.25),
            options: options.clone(),
            keys: vec![options[item % 4].clone()],
        })
        .collect();
    let rows: Vec<Row> = (0..ATTEMPTS).map(|attempt| row(attempt, &columns)).collect();
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let start = Instant::now();
        let found = analyse(&columns, &rows)?;
        times.push(start.elapsed().as_secs_f64() * 1_000.0);
        assert_eq!(found.attempts as u64, ATTEMPTS);
    }
    told(&format!("{ATTEMPTS} attempts at {ITEMS} items"), &mut times);

    let (mut paper, passages) = draft();
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let start = Instant::now();
        paper.judge(&passages);
        times.push(start.elapsed().as_secs_f64() * 1_000.0);
    }
    told(&format!("{DRAFT_ITEMS} items judged, {} bytes", paper.to_json().len()), &mut times);
    Ok(())
}

fn told(what: &str, times: &mut [f64]) {
    times.sort_by(f64::total_cmp);
    println!("{what}: median {:.1} ms, slowest {:.1} ms of {RUNS} runs", times[RUNS / 2], times[RUNS - 1]);
}

/// The better the attempt's luck, the more keys it takes.
fn row(attempt: u64, columns: &[Column]) -> Row {
    let mut chance = Shuffle::new(attempt);
    let ability = chance.below(100);
    let mut row = Row { duration_ms: Some(600_000 + chance.below(600_000)), ..Row::default() };
    for column in columns {
        let knows = chance.below(100) < ability;
        let chosen = if knows { column.keys[0].clone() } else { column.options[chance.below(4) as usize].clone() };
        row.marks.push(f64::from(u8::from(column.keys.contains(&chosen))));
        row.chosen.push(vec![chosen]);
        row.item_ms.push(Some(5_000 + chance.below(60_000)));
    }
    row
}

const DRAFT_ITEMS: usize = 200;

/// Questions of 1,500 characters with twenty options of 300 each and as many words of a passage, of two thousand words in all.
fn draft() -> (Paper, BTreeMap<String, String>) {
    let mut chance = Shuffle::new(1);
    let mut said = move |chars: usize| {
        let mut text = String::new();
        while text.len() < chars {
            text.push_str(SYLLABLES[chance.below(20) as usize]);
            text.push_str(SYLLABLES[chance.below(20) as usize]);
            text.push_str(["", "ern", "ings", "es", "ed"][chance.below(5) as usize]);
            text.push(' ');
        }
        text.truncate(chars);
        text
    };
    let mut paper = Paper::new("en", Settings::default());
    let mut passages = BTreeMap::new();
    for at in 0..DRAFT_ITEMS {
        let options: Vec<Choice> = (0..20).map(|_| Choice::of(said(300))).collect();
        let keys = vec![options[at % 20].id.clone()];
        let mut item = Item::new(format!("i{at}"), "en", said(1_499) + "?", Body::SingleChoice { options, keys });
        let quote = said(1_000);
        let passage = format!("p{at}");
        passages.insert(passage.clone(), format!("{}{quote}{}", said(1_000), said(1_000)));
        item.source =
            Some(Source { document: "d".to_owned(), version: 1, passage, quote, locator: Locator::default() });
        paper.items.push(item);
    }
    (paper, passages)
}

const SYLLABLES: [&str; 20] = [
    "ba", "cor", "del", "fi", "gam", "hul", "jo", "kap", "lim", "mon", "nur", "pel", "qui", "ros", "sta", "tor", "ul",
    "ver", "win", "zet",
];
