//! Times the analysis of 10,000 attempts at 40 items of four options, on one core.
//!
//! `cargo run --release --no-default-features --example quiz_bench`

#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a benchmark prints and reads the clock")]

use std::time::Instant;
use viva::quiz::analytics::{AnalyticsError, Column, Row, analyse};
use viva::quiz::item::{ItemId, OptionId};
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
    times.sort_by(f64::total_cmp);
    println!(
        "{ATTEMPTS} attempts at {ITEMS} items: median {:.1} ms, slowest {:.1} ms of {RUNS} runs",
        times[RUNS / 2],
        times[RUNS - 1]
    );
    Ok(())
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
