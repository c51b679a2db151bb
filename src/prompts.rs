//! What all adapters of language models share: tasks as messages here, replies as chunks in `replies`, and the filters between.
//!
//! A message is instructions that are ours (`agents/*.md`), or the candidate's words as data that cannot end before we end it: the material
//! is JSON between two lines with a marker that does not occur in it, so that nothing said can close it. No transport is named here.

mod draft;
mod patience;
mod quizzing;
pub(crate) mod replies;
mod spoken;
mod tutoring;

pub use patience::TimeOuts;
pub(crate) use tutoring::{answer_messages, title_messages};

use crate::config::limits::{MODEL_DEBRIEF_ANSWERS_BYTES_MAX, MODEL_HISTORY_BYTES_MAX};
use crate::ports::text_model::{
    Criterion, Debrief, Exchange, Guided, GuidedStep, Level, NextQuestion, Outcome, Subject,
};
use serde::Serialize;
use serde_json::{Value, json};

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Message {
    pub(crate) role: Role,
    pub(crate) content: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    System,
    User,
    Assistant,
}

pub(crate) fn question_messages(task: &NextQuestion) -> Vec<Message> {
    let mut material = subject_of(&task.subject);
    material["history"] = json!(history(&task.history));
    if let Some(said) = &task.repeat_of {
        material["askedForAgain"] = json!(said);
    }
    if let Some(heard) = &task.heard_before {
        material["cutOffAfter"] = json!(heard);
    }
    if let Some(guided) = &task.guided {
        material["guide"] = guide(guided);
    }
    if !task.sources.is_empty() {
        material["passages"] = task.sources.iter().map(tutoring::passage).collect();
    }
    let request = format!("{} {}", which_question(task), how_to_ask(task));
    vec![system(INTERVIEWER), user(&material, request.trim())]
}

pub(crate) fn debrief_messages(task: &Debrief) -> Vec<Message> {
    let mut material = subject_of(&task.subject);
    let share = MODEL_DEBRIEF_ANSWERS_BYTES_MAX / task.exchanges.len().max(1);
    material["exchanges"] = task.exchanges.iter().map(|exchange| entry(exchange, Some(share))).collect();
    material["evidence"] = json!(task.evidence);
    if !task.criteria.is_empty() {
        material["rubric"] = task.criteria.iter().map(criterion).collect();
    }
    vec![system(REVIEWER), user(&material, "Write the feedback as the JSON object described.")]
}

/// Asks once more after a reply that was not the JSON wanted, an object with such fields. What is wrong is said in our words alone.
pub(crate) fn repair_messages(mut messages: Vec<Message>, reply: &str, wanted: &str) -> Vec<Message> {
    messages.push(Message { role: Role::Assistant, content: cut(reply, REPAIR_REPLY_BYTES_MAX).to_owned() });
    messages.push(Message {
        role: Role::User,
        content: format!(
            "That was not a JSON object with {wanted}. Reply again with that object alone, without a code fence and without a word \
             before or after it."
        ),
    });
    messages
}

/// The shape of a debrief, for servers that can hold a model to one.
pub(crate) fn debrief_schema(criteria: &[String]) -> Value {
    let quotes =
        json!({"type": "array", "items": closed(json!({"turn": {"type": "integer"}, "quote": {"type": "string"}}))});
    let findings = json!({"type": "array", "items": closed(json!({"text": {"type": "string"}, "quotes": quotes}))});
    let rating = closed(json!({
        "criterion": {"type": "string", "enum": criteria},
        "rating": {"type": ["integer", "null"]},
        "rationale": {"type": "string"},
        "quotes": quotes,
    }));
    closed(json!({
        "summary": {"type": "string"},
        "strengths": findings,
        "improvements": findings,
        "ratings": {"type": "array", "items": rating},
    }))
}

/// What is rated, in this order.
pub(crate) fn criteria(task: &Debrief) -> Vec<String> {
    if task.criteria.is_empty() {
        return CRITERIA.map(str::to_owned).to_vec();
    }
    task.criteria.iter().map(|criterion| criterion.name.clone()).collect()
}

fn criterion(criterion: &Criterion) -> Value {
    let Criterion { name, description, levels, keywords } = criterion;
    let mut value = json!({"criterion": name});
    if !description.is_empty() {
        value["description"] = json!(description);
    }
    if !levels.is_empty() {
        let level = |Level { rating, text }: &Level| json!({"rating": rating, "earnedBy": text});
        value["levels"] = levels.iter().map(level).collect();
    }
    if !keywords.is_empty() {
        value["shouldMention"] = json!(keywords);
    }
    value
}

fn guide(guided: &Guided) -> Value {
    let Guided { text, notes, step, .. } = guided;
    let mut value = json!({"question": text});
    if !notes.is_empty() {
        value["notes"] = json!(notes);
    }
    match step {
        GuidedStep::Question => {}
        GuidedStep::Prepared { text } => value["followUp"] = json!(text),
        GuidedStep::FollowUp { unsaid } if unsaid.is_empty() => {}
        GuidedStep::FollowUp { unsaid } => value["notMentionedYet"] = json!(unsaid),
    }
    value
}

fn closed(properties: Value) -> Value {
    let required = properties.as_object().map(|fields| fields.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

fn which_question(task: &NextQuestion) -> String {
    let (turn, questions) = (task.turn, task.questions);
    let place = match turn {
        1 => " Greet the candidate in a few words first.",
        _ if turn >= questions => " It is the last one: close the interview with it.",
        _ => "",
    };
    let hurry = match task.remaining_ms {
        Some(ms) if ms < 60_000 => " Less than a minute is left: ask something that can be answered briefly.",
        Some(_) | None => "",
    };
    let Some(guided) = &task.guided else {
        let of_files = if task.sources.is_empty() { "" } else { " Ask about what `passages` say." };
        return format!("Ask question {turn} of {questions}.{of_files}{place}{hurry}");
    };
    let greeting = if turn == 1 { place } else { "" };
    let what = match guided.step {
        GuidedStep::Question => {
            "Ask the guide's `question` as it stands, word for word; one short sentence may lead to it."
        }
        GuidedStep::Prepared { .. } => {
            "Ask the guide's `followUp` as it stands, word for word; one short sentence may lead to it."
        }
        GuidedStep::FollowUp { .. } => {
            "Follow up the last answer to the guide's `question` with a question of your own, towards what is missing, without naming it."
        }
    };
    format!("{what}{greeting}{hurry}")
}

fn how_to_ask(task: &NextQuestion) -> &'static str {
    if task.repeat_of.is_some() {
        "The candidate asked to hear it again: put `askedForAgain` in other, simpler words, and ask nothing new."
    } else if task.heard_before.is_some() {
        "It was cut off after `cutOffAfter`: ask the same in other, shorter words."
    } else {
        ""
    }
}

fn subject_of(subject: &Subject) -> Value {
    let mut material = json!({"topic": subject.topic, "language": subject.language});
    if let Some(role) = &subject.role {
        material["role"] = json!(role);
    }
    if let Some(level) = &subject.level {
        material["level"] = json!(level);
    }
    material
}

/// The talk so far, newest kept: of exchanges that do not fit any more the answers go, then all.
fn history(exchanges: &[Exchange]) -> Vec<Value> {
    let mut left = MODEL_HISTORY_BYTES_MAX;
    let mut kept = Vec::new();
    for (age, exchange) in exchanges.iter().rev().enumerate() {
        // What is to be followed up stays in any case.
        let answer_bytes = if age == 0 { Some(MODEL_HISTORY_BYTES_MAX / 2) } else { None };
        let whole = entry(exchange, answer_bytes);
        let size = whole.to_string().len();
        let (value, size) = if size <= left {
            (whole, size)
        } else {
            let short = entry(exchange, Some(0));
            let size = short.to_string().len();
            (short, size)
        };
        if size > left {
            break;
        }
        left -= size;
        kept.push(value);
    }
    kept.reverse();
    kept
}

fn entry(exchange: &Exchange, answer_bytes_max: Option<usize>) -> Value {
    let mut entry = json!({"turn": exchange.turn, "question": exchange.question});
    match &exchange.outcome {
        Outcome::Answered { text } => {
            let kept = answer_bytes_max.map_or(text.as_str(), |max| cut(text, max));
            entry["answer"] = json!(kept);
            if kept.len() < text.len() {
                entry["answerCutShort"] = json!(true);
            }
        }
        Outcome::Skipped => entry["skipped"] = json!(true),
        Outcome::Unanswered => entry["unanswered"] = json!(true),
    }
    entry
}

fn system(content: &str) -> Message {
    Message { role: Role::System, content: content.trim_end().to_owned() }
}

fn user(material: &Value, request: &str) -> Message {
    let body = serde_json::to_string_pretty(material).expect("a JSON value is written as JSON");
    let marker = marker_for(&body);
    Message { role: Role::User, content: format!("{marker} begin\n{body}\n{marker} end\n\n{request}") }
}

/// A marker that the body does not contain.
fn marker_for(body: &str) -> String {
    let mut number = 0_u64;
    loop {
        let marker = if number == 0 { "MATERIAL".to_owned() } else { format!("MATERIAL-{number}") };
        if !body.contains(&marker) {
            return marker;
        }
        number += 1;
    }
}

/// The beginning of a text, at most so many bytes.
fn cut(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}

/// The instructions of each role: a system prompt here, the instruction of a Bedrock agent in the stack.
const INTERVIEWER: &str = include_str!("../agents/interviewer.md");
const REVIEWER: &str = include_str!("../agents/reviewer.md");

pub(crate) const CRITERIA: [&str; 4] = ["relevance", "structure", "specificity", "depth"];
const REPAIR_REPLY_BYTES_MAX: usize = 8_000;

#[cfg(test)]
mod tests;
