//! How well passages are found: a small collection of course texts, questions about it in other words than the texts', and for each the words
//! that hold the answer.
//!
//! It ingests as the product does (read, cut, stored) and asks as a chat does (a question that leans on the one before takes its words
//! along). It judges passages, not answers.

use anyhow::{Context, ensure};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use viva::chat::query::rewritten;
use viva::ingest::chunks::chunks;
use viva::ports::extraction::{Extractor, FileKind};
use viva::ports::ids::{CourseId, DocumentId, TenantId};
use viva::ports::passages::{Passage, PassageQuery, Passages};
use viva::ports::text_model::Talk;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Question {
    pub(crate) question: String,
    /// The file that holds the answer.
    pub(crate) document: String,
    /// Any of these holds it.
    pub(crate) quotes: Vec<String>,
    /// What was asked before, where the question goes on from there.
    #[serde(default)]
    pub(crate) after: Option<String>,
}

/// Averages over all questions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Figures {
    /// Shares of the questions whose answer's passage is among the first 1, 5, 10.
    pub(crate) recall: [f64; 3],
    /// Binary relevance, discounted by log₂(rank + 1), against the best order.
    pub(crate) ndcg_at_10: f64,
    /// Questions whose answer's passage is not among the first five.
    pub(crate) missed: Vec<String>,
}

pub(crate) const DEPTHS: [usize; 3] = [1, 5, 10];

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/retrieval")
}

pub(crate) fn questions() -> anyhow::Result<Vec<Question>> {
    Ok(serde_json::from_str(&std::fs::read_to_string(folder().join("questions.json"))?)?)
}

/// All texts of the collection, as they were stored.
pub(crate) async fn ingested(passages: &dyn Passages, extractor: &dyn Extractor) -> anyhow::Result<Vec<Passage>> {
    let mut all = Vec::new();
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder())?.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<_>>()?;
    files.sort();
    for path in files {
        let name = path.file_name().context("a file has a name")?.to_string_lossy().into_owned();
        let Some(kind) = FileKind::from_name(&name) else { continue };
        let read = extractor.extract(std::fs::read(&path)?.into(), kind).await?;
        let document = DocumentId::new(name.replace('.', "-"));
        let cut: Vec<Passage> = chunks(&read.blocks)
            .into_iter()
            .map(|chunk| Passage {
                document: document.clone(),
                version: 1,
                ordinal: chunk.ordinal,
                course: course(),
                name: name.clone(),
                text: chunk.text,
                locator: chunk.locator,
            })
            .collect();
        for part in cut.chunks(64) {
            passages.put(&tenant(), &document, 1, part.to_vec()).await?;
        }
        passages.finish(&tenant(), &document, 1).await?;
        all.extend(cut);
    }
    Ok(all)
}

pub(crate) async fn measured(
    passages: &dyn Passages,
    all: &[Passage],
    questions: &[Question],
) -> anyhow::Result<Figures> {
    let mut figures = Figures::default();
    for question in questions {
        let holds = |passage: &Passage| {
            let text = flat(&passage.text);
            passage.name == question.document && question.quotes.iter().any(|quote| text.contains(&flat(quote)))
        };
        let relevant = all.iter().filter(|passage| holds(passage)).count();
        ensure!(relevant > 0, "no passage holds the answer to: {}", question.question);
        let before = question.after.iter().map(|after| Talk { question: after.clone(), answer: String::new() });
        let text = rewritten(&question.question, &before.collect::<Vec<_>>());
        let query = PassageQuery { tenant: tenant(), courses: vec![course()], documents: None, text, limit: 10 };
        let found: Vec<bool> = passages.search(&query).await?.iter().map(|hit| holds(&hit.passage)).collect();
        for (share, depth) in figures.recall.iter_mut().zip(DEPTHS) {
            *share += f64::from(u8::from(found.iter().take(depth).any(|holds| *holds)));
        }
        if !found.iter().take(5).any(|holds| *holds) {
            figures.missed.push(question.question.clone());
        }
        let gain = |rank: usize| 1.0 / (rank as f64 + 2.0).log2();
        let gained: f64 = found.iter().enumerate().filter(|(_, holds)| **holds).map(|(rank, _)| gain(rank)).sum();
        figures.ndcg_at_10 += gained / (0..relevant.min(10)).map(gain).sum::<f64>();
    }
    let count = questions.len() as f64;
    figures.recall = figures.recall.map(|sum| sum / count);
    figures.ndcg_at_10 /= count;
    Ok(figures)
}

fn tenant() -> TenantId {
    TenantId::new("school")
}

fn course() -> CourseId {
    CourseId::new("everything")
}

fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
