//! A task done with any model that takes messages and answers in pieces: what is said, how long it may take, how much it may be, and what
//! it used. How a request gets to the model is the adapter's business.

use crate::config::limits::{
    MODEL_ANSWER_BYTES_MAX, MODEL_ANSWER_TOKENS_MAX, MODEL_DEBRIEF_CHARS_MAX, MODEL_DEBRIEF_TOKENS_MAX,
    MODEL_QUESTION_CHARS_MAX, MODEL_QUESTION_TOKENS_MAX, MODEL_QUIZ_BYTES_MAX, MODEL_QUIZ_TOKENS_MAX,
    MODEL_TITLE_BYTES_MAX, MODEL_TITLE_TOKENS_MAX,
};
use crate::ports::text_model::{
    Chunk, Chunks, Debrief, DebriefDraft, ModelError, QuizAnswers, QuizItems, Task, TokenUsage,
};
use crate::prompts::draft;
use crate::prompts::patience::{Patience, TimeOuts};
use crate::prompts::spoken::Spoken;
use crate::prompts::{
    Message, answer_messages, criteria, debrief_messages, debrief_schema, question_messages, quizzing, repair_messages,
    title_messages,
};
use crate::quiz::answer::Answer;
use crate::quiz::generation::Draft;
use crate::quiz::item::ItemId;
use async_stream::try_stream;
use futures::StreamExt;
use serde_json::Value;
use std::collections::BTreeMap;

/// What is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) messages: Vec<Message>,
    pub(crate) tokens_max: u32,
    pub(crate) form: Form,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Text,
    Json {
        name: &'static str,
        /// What it is, as a tool that takes it is described.
        takes: &'static str,
        schema: Value,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Text(String),
    /// It works, but this is not for anyone to hear: a thought, or an empty beginning.
    Progress,
    Usage(TokenUsage),
}

/// A model as it can be reached.
pub(crate) trait Model: Send + Sync + 'static {
    type Reply: Pieces;

    /// Sends until a reply begins. Every attempt is before the first word, so that nothing is said twice.
    fn ask(&self, wanted: &Wanted) -> impl Future<Output = Result<Self::Reply, ModelError>> + Send;
}

/// A reply as it comes. Dropping it cancels it.
pub(crate) trait Pieces: Send {
    /// The next piece; nothing when the reply is over. A connection that ends before the reply does is an error. Safe to drop and
    /// call again.
    fn next(&mut self) -> impl Future<Output = Result<Option<Piece>, ModelError>> + Send;
}

/// The task's chunks; the request is made when they are first polled.
pub(crate) fn chunks<M: Model>(model: M, task: &Task, times: TimeOuts) -> Chunks {
    match task {
        Task::NextQuestion(task) => text(model, question_messages(task), QUESTION, times),
        Task::Debrief(task) => shaped(model, debrief(task), times),
        Task::Answer(task) => text(model, answer_messages(task), ANSWER, times),
        Task::Title(task) => text(model, title_messages(task), TITLE, times),
        Task::QuizItems(task) => shaped(model, quiz_items(task), times),
        Task::QuizAnswers(task) => shaped(model, quiz_answers(task), times),
    }
}

/// What kind of text is wanted, and how much of it.
#[derive(Clone, Copy, Debug)]
struct Measure {
    tokens_max: u32,
    bytes_max: usize,
    /// It is read by the eye and keeps its markup.
    is_written: bool,
}

const QUESTION: Measure =
    Measure { tokens_max: MODEL_QUESTION_TOKENS_MAX, bytes_max: MODEL_QUESTION_CHARS_MAX, is_written: false };
const ANSWER: Measure =
    Measure { tokens_max: MODEL_ANSWER_TOKENS_MAX, bytes_max: MODEL_ANSWER_BYTES_MAX, is_written: true };
const TITLE: Measure =
    Measure { tokens_max: MODEL_TITLE_TOKENS_MAX, bytes_max: MODEL_TITLE_BYTES_MAX, is_written: false };

fn text<M: Model>(model: M, messages: Vec<Message>, measure: Measure, times: TimeOuts) -> Chunks {
    let Measure { tokens_max, bytes_max, is_written } = measure;
    try_stream! {
        let patience = Patience::from_now(times);
        let mut usage = UsageCount::of(&messages);
        let wanted = Wanted { messages, tokens_max, form: Form::Text };
        yield Chunk::Spent { usage: usage.total() };
        let asked = patience.at_first(model.ask(&wanted)).await?;
        if asked.is_err() {
            // What is turned away is not read.
            yield Chunk::Spent { usage: TokenUsage::default() };
        }
        let mut reply = asked?;
        let mut spoken = if is_written { Spoken::written() } else { Spoken::default() };
        let mut said = 0;
        while said < bytes_max {
            // A model that thinks first makes progress, but nobody sees any of it: the first word is waited for.
            let piece = if said == 0 { patience.at_first(reply.next()).await?? } else { patience.between(reply.next()).await?? };
            match piece {
                Some(Piece::Text(text)) => {
                    usage.add(&text);
                    let text = within(spoken.push(&text), bytes_max - said);
                    if !text.is_empty() {
                        said += text.len();
                        yield Chunk::Delta(text);
                    }
                }
                Some(Piece::Usage(counted)) => usage.counted = Some(counted),
                Some(Piece::Progress) => continue,
                None => break,
            }
            yield Chunk::Spent { usage: usage.total() };
        }
        let rest = within(spoken.finish(), bytes_max.saturating_sub(said));
        if !rest.is_empty() {
            said += rest.len();
            yield Chunk::Delta(rest);
        }
        if said == 0 {
            Err(ModelError::Invalid("it said nothing".to_owned()))?;
        }
        yield Chunk::Done { usage: usage.total() };
    }
    .boxed()
}

type Parse<T> = Box<dyn Fn(&str) -> Option<T> + Send + Sync>;

/// What is wanted as JSON: how it is asked for, and what a reply must be.
struct Shaped<T> {
    messages: Vec<Message>,
    form: Form,
    tokens_max: u32,
    bytes_max: usize,
    /// Nothing where the reply is not what was asked for.
    parse: Parse<T>,
    /// What is told after a reply that is not.
    wanted: &'static str,
    chunk: fn(T) -> Chunk,
}

fn debrief(task: &Debrief) -> Shaped<DebriefDraft> {
    let criteria = criteria(task);
    let schema = debrief_schema(&criteria);
    Shaped {
        messages: debrief_messages(task),
        form: Form::Json { name: "debrief", takes: "Takes the feedback on the interview.", schema },
        tokens_max: MODEL_DEBRIEF_TOKENS_MAX,
        bytes_max: MODEL_DEBRIEF_CHARS_MAX,
        parse: Box::new(move |reply| draft::parse(reply, &criteria)),
        wanted: "`summary`, `strengths`, `improvements` and `ratings`",
        chunk: Chunk::Debrief,
    }
}

fn quiz_items(task: &QuizItems) -> Shaped<Vec<Draft>> {
    Shaped {
        messages: quizzing::items_messages(task),
        form: Form::Json { name: "quiz_items", takes: "Takes the quiz items.", schema: quizzing::items_schema(task) },
        tokens_max: MODEL_QUIZ_TOKENS_MAX,
        bytes_max: MODEL_QUIZ_BYTES_MAX,
        parse: Box::new(quizzing::parse_items),
        wanted: "`items`, each of them in the shape of its kind",
        chunk: Chunk::QuizItems,
    }
}

fn quiz_answers(task: &QuizAnswers) -> Shaped<BTreeMap<ItemId, Answer>> {
    let (schema, questions) = (quizzing::answers_schema(), task.questions.clone());
    Shaped {
        messages: quizzing::answers_messages(task),
        form: Form::Json { name: "quiz_answers", takes: "Takes the answers to the questions.", schema },
        tokens_max: MODEL_QUIZ_TOKENS_MAX,
        bytes_max: MODEL_QUIZ_BYTES_MAX,
        parse: Box::new(move |reply| quizzing::parse_answers(reply, &questions)),
        wanted: "`answers`, each of them with `question` and `answer`",
        chunk: Chunk::QuizAnswers,
    }
}

fn shaped<M: Model, T: Send + 'static>(model: M, shaped: Shaped<T>, times: TimeOuts) -> Chunks {
    let Shaped { messages, form, tokens_max, bytes_max, parse, wanted, chunk } = shaped;
    try_stream! {
        let mut patience = Patience::from_now(times);
        let mut request = Wanted { messages, tokens_max, form };
        let mut is_repair = false;
        // By replies that are over.
        let mut spent = TokenUsage::default();
        let parsed = loop {
            let mut usage = UsageCount::of(&request.messages);
            yield Chunk::Spent { usage: spent + usage.total() };
            let asked = patience.at_first(model.ask(&request)).await?;
            if asked.is_err() {
                // What is turned away is not read.
                yield Chunk::Spent { usage: spent };
            }
            // It is streamed all the same, so that a model that stalls is noticed and one that is dropped stops.
            let mut reply = asked?;
            let mut text = String::new();
            let mut begun = false;
            loop {
                let next = reply.next();
                let piece = if begun { patience.between(next).await?? } else { patience.at_first(next).await?? };
                begun = true;
                match piece {
                    Some(Piece::Text(piece)) => {
                        usage.add(&piece);
                        text.push_str(&piece);
                    }
                    Some(Piece::Usage(counted)) => usage.counted = Some(counted),
                    Some(Piece::Progress) => continue,
                    None => break,
                }
                yield Chunk::Spent { usage: spent + usage.total() };
                if text.len() > bytes_max {
                    Err(ModelError::Invalid("it is too long".to_owned()))?;
                }
            }
            spent += usage.total();
            match parse(&text) {
                Some(parsed) => break parsed,
                None if is_repair => Err(ModelError::Invalid("it is not the JSON asked for".to_owned()))?,
                None => request.messages = repair_messages(request.messages, &text, wanted),
            }
            (is_repair, patience) = (true, patience.renewed(times));
        };
        yield chunk(parsed);
        yield Chunk::Done { usage: spent };
    }
    .boxed()
}

fn within(mut text: String, bytes_max: usize) -> String {
    text.truncate(text.floor_char_boundary(bytes_max));
    text
}

/// Tokens as the model's side counted them; where it did not (or the stream was cut off before), an estimate.
#[derive(Debug)]
struct UsageCount {
    counted: Option<TokenUsage>,
    input_bytes: usize,
    output_bytes: usize,
}

impl UsageCount {
    fn of(messages: &[Message]) -> Self {
        let input_bytes = messages.iter().map(|message| message.content.len()).sum();
        Self { counted: None, input_bytes, output_bytes: 0 }
    }

    fn add(&mut self, text: &str) {
        self.output_bytes += text.len();
    }

    fn total(&self) -> TokenUsage {
        self.counted.unwrap_or_else(|| TokenUsage::estimated(self.input_bytes, self.output_bytes))
    }
}
