//! What an interview of one hour costs on AWS, by service: `cargo run --example interview_cost --all-features`.
//!
//! The real driver holds it on a virtual clock: the shipped answers are spoken into it, as Opus and as PCM, a scripted recognizer and model
//! answer, and stores in memory count in the units that AWS bills. It prints the table of docs/COSTS.md.

#![allow(clippy::print_stdout, clippy::disallowed_methods, clippy::unwrap_used, reason = "a measurement for people")]

mod books;
mod speaker;

use books::Books;
use speaker::Speaker;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use viva::config::prices;
use viva::embedded::scripted::{Script, ScriptedRecognizer};
use viva::interview::driver::{self, Deps, Ended, Metering, Settings};
use viva::interview::event::Usage;
use viva::interview::params::Codec;
use viva::interview::{Event, wire};
use viva::ports::metering::{Counts, Prices};

/// Memory of the function that drives interviews.
const FUNCTION_MB: u64 = 512;
const HOUR_MS: f64 = 3_600_000.0;

fn main() {
    let prices = prices::shipped();
    let opus = held(Codec::Opus);
    let pcm = held(Codec::PcmS16le);
    let share = |usage: &Usage| usage.speech_ms as f64 / usage.audio_ms as f64 * 100.0;
    println!(
        "Prices of {} ({}). Voice: {:.0} % of {} minutes.\n",
        prices.region,
        prices.date,
        share(&opus),
        opus.audio_ms / 60_000
    );
    let columns = [
        ("Opus, gated", hour(&opus, opus.services)),
        ("Opus, not gated", hour(&opus, ungated(&opus))),
        ("PCM, gated", hour(&pcm, pcm.services)),
        ("PCM, not gated", hour(&pcm, ungated(&pcm))),
    ];
    print_costs(&prices, &columns);
    print_counts(&columns);
}

/// One stream that is open all the time bills all the time.
fn ungated(usage: &Usage) -> Counts {
    Counts { recognizer_ms: usage.audio_ms, ..usage.services }
}

/// As if it had lasted an hour exactly.
fn hour(usage: &Usage, counts: Counts) -> Counts {
    let mut hour = Counts::default();
    for unit in viva::ports::metering::Unit::ALL {
        hour.add(*unit, (counts.of(*unit) as f64 * HOUR_MS / usage.audio_ms as f64).round() as u64);
    }
    hour
}

fn held(codec: Codec) -> Usage {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let books = Books::new();
        let metering = Metering { meter: books.meter(), prices: Arc::new(prices::shipped()), function_mb: FUNCTION_MB };
        let deps = Deps {
            feed: books.clone(),
            journal: books.clone(),
            connections: books.clone(),
            recognizer: Some(Arc::new(ScriptedRecognizer::new(Script::default()))),
            model: Arc::new(speaker::Interviewer::new()),
            objects: books.clone(),
            passages: None,
            reports: books.clone(),
            budgets: books.clone(),
            clock: books.clone(),
            ids: books.clone(),
            settings: Settings { metering: Some(metering), ..Settings::default() },
        };
        let speaker = tokio::spawn(Speaker::new(books.clone(), codec).speak());
        let ended = driver::run(&deps, &books::key(), &CancellationToken::new()).await.unwrap();
        assert!(matches!(ended, Ended::Over(_)), "{ended:?}");
        speaker.abort();
        let finished = books.events().into_iter().rev().find_map(|stored| match wire::decode_event(&stored).unwrap() {
            Event::Finished { usage, .. } => Some(usage),
            _ => None,
        });
        finished.unwrap()
    })
}

fn print_costs(prices: &Prices, columns: &[(&str, Counts)]) {
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    println!("| US dollars | {} |\n|---|{}", names.join(" | "), "---:|".repeat(names.len()));
    let services: Vec<&str> =
        prices.by_service_nano_usd(&columns[0].1).into_iter().map(|(service, _)| service).collect();
    for service in services {
        let costs = columns.iter().map(|(_, counts)| {
            let costs = prices.by_service_nano_usd(counts);
            let nano = costs.iter().find(|(of, _)| *of == service).map_or(0, |(_, nano)| *nano);
            format!("{:.4}", nano as f64 / 1e9)
        });
        println!("| {service} | {} |", costs.collect::<Vec<_>>().join(" | "));
    }
    let totals = columns.iter().map(|(_, counts)| format!("**{:.4}**", prices.cost_nano_usd(counts) as f64 / 1e9));
    println!("| in all | {} |\n", totals.collect::<Vec<_>>().join(" | "));
}

fn print_counts(columns: &[(&str, Counts)]) {
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    println!("| counted | {} |\n|---|{}", names.join(" | "), "---:|".repeat(names.len()));
    for unit in viva::ports::metering::Unit::ALL {
        let amounts: Vec<String> = columns.iter().map(|(_, counts)| counts.of(*unit).to_string()).collect();
        if amounts.iter().any(|amount| amount != "0") {
            println!("| {} `{}` | {} |", unit.service(), unit.name(), amounts.join(" | "));
        }
    }
}
