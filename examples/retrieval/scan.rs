//! What comparing a question with every vector of a course takes.

use std::sync::Arc;
use std::time::{Duration, Instant};
use viva::embedded::sqlite::Store;
use viva::embedded::system::SystemClock;
use viva::ports::extraction::Locator;
use viva::ports::ids::{CourseId, DocumentId, TenantId};
use viva::ports::passages::{Passage, Passages};
use viva::ports::vectors::{PassageVector, VectorKey, VectorQuery, Vectors};

const ROUNDS: usize = 21;
const BATCH: u32 = 64;

/// The median of several searches.
#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
pub(crate) async fn scanned(count: u32, dimensions: usize) -> anyhow::Result<Duration> {
    let folder = tempfile::tempdir()?;
    let store = Store::open(folder.path(), Arc::new(SystemClock))?;
    let (tenant, document, course) = (TenantId::new("school"), DocumentId::new("d1"), CourseId::new("c1"));
    for from in (1..=count).step_by(BATCH as usize) {
        let ordinals = from..(from + BATCH).min(count + 1);
        let passage = |ordinal| Passage {
            document: document.clone(),
            version: 1,
            ordinal,
            course: course.clone(),
            name: "notes.md".to_owned(),
            text: format!("Passage {ordinal} says something of its own, as long as passages are. ").repeat(25),
            locator: Locator::default(),
        };
        Passages::put(&*store, &tenant, &document, 1, ordinals.clone().map(passage).collect()).await?;
        let vector = |ordinal| PassageVector {
            key: VectorKey { document: document.clone(), version: 1, ordinal, fingerprint: "00".to_owned() },
            course: course.clone(),
            values: direction(ordinal, dimensions),
        };
        Vectors::put(&*store, &tenant, "model", ordinals.map(vector).collect()).await?;
    }
    let query = VectorQuery {
        tenant,
        courses: vec![course],
        documents: None,
        model: "model".to_owned(),
        values: direction(0, dimensions),
        limit: 40,
        similarity_min: -1.0,
    };
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let started = Instant::now();
        anyhow::ensure!(store.nearest(&query).await?.len() == 40, "there are more than 40 vectors");
        times.push(started.elapsed());
    }
    times.sort_unstable();
    Ok(times[ROUNDS / 2])
}

fn direction(seed: u32, dimensions: usize) -> Vec<f32> {
    let wave: Vec<f32> = (0..dimensions).map(|n| ((n as f32 + 1.0) * (seed as f32 * 0.731 + 0.37)).sin()).collect();
    let length = wave.iter().map(|x| x * x).sum::<f32>().sqrt();
    wave.iter().map(|x| x / length).collect()
}
