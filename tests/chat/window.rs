//! What a model is told has an end: the question, the best passages, the newest talk, within named limits.

use crate::rig::{Room, send};
use async_trait::async_trait;
use futures::StreamExt;
use std::sync::{Arc, Mutex};
use viva::chat::window::{of_talk, tokens};
use viva::config::limits::{CHAT_CONTEXT_TOKENS_MAX, CHAT_HISTORY_TOKENS_MAX, CHAT_PASSAGES_MAX};
use viva::ports::text_model::{Answer, Chunk, Chunks, ModelError, ModelInfo, ModelKind, Task, TextModel, TokenUsage};

/// Answers at great length, and remembers what it was told.
#[derive(Debug, Default)]
struct Verbose(Mutex<Vec<Answer>>);

#[async_trait]
impl TextModel for Verbose {
    fn info(&self) -> ModelInfo {
        ModelInfo { name: "verbose".to_owned(), kind: ModelKind::OpenAi }
    }

    async fn perform(&self, task: Task) -> Result<Chunks, ModelError> {
        if let Task::Answer(answer) = task {
            self.0.lock().unwrap().push(answer);
        }
        let text = "Torts and torts again, and what follows from torts. ".repeat(60);
        let usage = TokenUsage { input_tokens: 10, output_tokens: 10, ..TokenUsage::default() };
        Ok(futures::stream::iter([Ok(Chunk::Delta(text)), Ok(Chunk::Done { usage })]).boxed())
    }
}

fn used(answer: &Answer) -> usize {
    let sources: usize = answer.sources.iter().map(|source| tokens(&source.text)).sum();
    tokens(&answer.question) + sources + of_talk(&answer.talk)
}

#[tokio::test(start_paused = true)]
async fn a_long_talk_over_long_passages_stays_within_its_budget() {
    let model = Arc::new(Verbose::default());
    let room = Room::new(model.clone()).await;
    for number in 0..12 {
        let text = format!("Torts {number}: {}", "a duty of torts, breached. ".repeat(90));
        room.shelve(&format!("torts-{number}"), "torts.pdf", &text).await;
    }
    let mut parent: Option<String> = None;
    for number in 1..=20 {
        let question = format!("Which duty of torts is breached in part {number}?");
        let due = room.ask(send(&format!("m{number}"), parent.as_deref(), &question)).await.reply.unwrap();
        room.run().await;
        parent = Some(due.reply.to_string());
    }
    let long = format!("Which torts? {}", "torts ".repeat(1_300));
    room.ask(send("long", parent.as_deref(), &long)).await;
    room.run().await;

    let told = model.0.lock().unwrap().clone();
    assert_eq!(told.len(), 21);
    for answer in &told {
        assert!(used(answer) <= CHAT_CONTEXT_TOKENS_MAX, "{} tokens", used(answer));
        assert!(of_talk(&answer.talk) <= CHAT_HISTORY_TOKENS_MAX);
        assert!((1..=CHAT_PASSAGES_MAX).contains(&answer.sources.len()));
    }
    let last = &told[19];
    assert!(!last.talk.is_empty() && last.talk.len() < 19, "the newest of the talk is told: {}", last.talk.len());
    assert_eq!(last.talk.last().unwrap().question, "Which duty of torts is breached in part 19?");
    assert!(told[20].talk.len() < last.talk.len() || told[20].sources.len() < last.sources.len());
}
