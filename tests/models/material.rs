//! Tasks to give to models, and their chunks gathered.

use futures::StreamExt;
use std::collections::BTreeMap;
use viva::ports::text_model::{
    Chunk, Chunks, Debrief, DebriefDraft, Exchange, ModelError, NextQuestion, Outcome, Subject, Task, TextModel,
    TokenUsage,
};
use viva::quiz::answer::Answer;
use viva::quiz::generation::Draft;
use viva::quiz::item::ItemId;

pub(crate) fn subject(topic: &str, role: Option<&str>) -> Subject {
    Subject { topic: topic.to_owned(), role: role.map(str::to_owned), level: None, language: "en-US".to_owned() }
}

pub(crate) fn next_question(turn: u32, history: Vec<Exchange>) -> NextQuestion {
    NextQuestion {
        subject: subject("Software engineering", Some("Backend engineer")),
        turn,
        attempt: 1,
        questions: 6,
        remaining_ms: None,
        history,
        heard_before: None,
        repeat_of: None,
        guided: None,
        sources: Vec::new(),
    }
}

pub(crate) fn debrief(exchanges: Vec<Exchange>) -> Debrief {
    Debrief {
        subject: subject("Software engineering", Some("Backend engineer")),
        exchanges,
        evidence: vec!["Pace: 132 words per minute, comfortable.".to_owned()],
        criteria: Vec::new(),
    }
}

pub(crate) fn answered(turn: u32, question: &str, text: &str) -> Exchange {
    Exchange { turn, question: question.to_owned(), outcome: Outcome::Answered { text: text.to_owned() } }
}

/// What came out of a task.
#[derive(Debug, PartialEq)]
pub(crate) struct Reply {
    pub(crate) deltas: Vec<String>,
    pub(crate) debrief: Option<DebriefDraft>,
    pub(crate) items: Option<Vec<Draft>>,
    pub(crate) answers: Option<BTreeMap<ItemId, Answer>>,
    /// As it was told last, before the end.
    pub(crate) spent: TokenUsage,
    pub(crate) end: Result<TokenUsage, ModelError>,
}

impl Reply {
    pub(crate) fn text(&self) -> String {
        self.deltas.concat()
    }
}

pub(crate) async fn perform(model: &dyn TextModel, task: Task) -> Reply {
    let end = Err(ModelError::Invalid("no end".to_owned()));
    let spent = TokenUsage::default();
    let mut reply = Reply { deltas: Vec::new(), debrief: None, items: None, answers: None, spent, end };
    let mut chunks = match model.perform(task).await {
        Ok(chunks) => chunks,
        Err(error) => {
            reply.end = Err(error);
            return reply;
        }
    };
    while let Some(chunk) = chunks.next().await {
        match chunk {
            Ok(Chunk::Delta(text)) => reply.deltas.push(text),
            Ok(Chunk::Debrief(draft)) => reply.debrief = Some(draft),
            Ok(Chunk::QuizItems(items)) => reply.items = Some(items),
            Ok(Chunk::QuizAnswers(answers)) => reply.answers = Some(answers),
            Ok(Chunk::Spent { usage }) => reply.spent = usage,
            Ok(Chunk::Done { usage }) => {
                reply.end = Ok(usage);
                assert!(chunks.next().await.is_none(), "nothing follows the end");
                return reply;
            }
            Err(error) => {
                reply.end = Err(error);
                assert!(chunks.next().await.is_none(), "nothing follows an error");
                return reply;
            }
        }
    }
    reply
}

/// What is said first.
pub(crate) async fn first_word(chunks: &mut Chunks) -> Option<String> {
    loop {
        match chunks.next().await {
            Some(Ok(Chunk::Delta(text))) => return Some(text),
            Some(Ok(Chunk::Spent { .. })) => {}
            _ => return None,
        }
    }
}
