//! How often the passage that holds the answer is found, in the collection under `examples/data/retrieval`: by full text alone, and with the
//! vectors of the server that `VIVA_EMBEDDINGS_URL` and `VIVA_EMBEDDINGS_MODEL` name, where they do.
//!
//!     cargo build --release && cargo run --release --example retrieval_bench -- target/release/viva [--missed]

#[path = "retrieval/bench.rs"]
mod bench;
#[path = "retrieval/scan.rs"]
mod scan;

use anyhow::Context;
use bench::{Figures, ingested, measured, questions};
use std::sync::Arc;
use std::time::Instant;
use viva::config::{EmbeddingsChoice, EmbeddingsConfig, Environment};
use viva::embedded::embeddings::ServerEmbeddings;
use viva::embedded::extraction::{ExtractionLimits, ProcessExtractor};
use viva::embedded::sqlite::Store;
use viva::embedded::system::SystemClock;
use viva::ports::passages::Passages;
use viva::retrieval::{HybridPassages, VectorIndex};

#[tokio::main]
#[expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a benchmark reads the clock and prints")]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let executable = arguments.next().context("which viva? e.g. target/release/viva")?;
    let tell_missed = arguments.next().as_deref() == Some("--missed");
    let extractor = ProcessExtractor::new(std::fs::canonicalize(executable)?, ExtractionLimits::default());
    let questions = questions()?;
    let mut ways: Vec<(String, Arc<dyn Passages>)> = Vec::new();
    let folders = [tempfile::tempdir()?, tempfile::tempdir()?];
    ways.push(("full text (FTS5)".to_owned(), Store::open(folders[0].path(), Arc::new(SystemClock))?));
    let config = EmbeddingsConfig::read(&Environment::of_process())?;
    if config.choice == EmbeddingsChoice::OpenAi {
        let store = Store::open(folders[1].path(), Arc::new(SystemClock))?;
        let index = VectorIndex::new(Arc::new(ServerEmbeddings::new(&config)?), store.clone(), config.similarity_min);
        let name = format!("full text and {}", config.model.as_deref().unwrap_or_default());
        ways.push((name, Arc::new(HybridPassages::new(store, Arc::new(index)))));
    }
    println!("{:<40} {:>9} {:>9} {:>9} {:>9} {:>12}", "", "recall@1", "recall@5", "recall@10", "nDCG@10", "a question");
    for (name, passages) in ways {
        let all = ingested(&*passages, &extractor).await?;
        let started = Instant::now();
        let Figures { recall, ndcg_at_10, missed } = measured(&*passages, &all, &questions).await?;
        let count = questions.len();
        let each = started.elapsed() / count as u32;
        let [one, five, ten] = recall;
        println!("{name:<40} {one:>9.3} {five:>9.3} {ten:>9.3} {ndcg_at_10:>9.3} {each:>12.1?}");
        println!("{:<40} {} passages, {count} questions", "", all.len());
        if tell_missed {
            missed.iter().for_each(|question| println!("  not in the first five: {question}"));
        }
    }
    for (count, dimensions) in [(1_000, 1_024), (10_000, 512), (10_000, 1_024)] {
        let took = scan::scanned(count, dimensions).await?;
        println!("comparing with {count} vectors of {dimensions} dimensions: {took:.1?}");
    }
    Ok(())
}
