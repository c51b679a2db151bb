//! What a model is told for quiz items and for blind answers to them, the shapes of both, and what comes of its replies. All that files say is
//! material; how items are written stands in `agents/quiz-writer.md` alone.

mod answers;

pub(super) use answers::{answers_messages, answers_schema, parse_answers};

use super::draft::objects;
use super::{Message, closed, system, tutoring, user};
use crate::ports::text_model::QuizItems;
use crate::quiz::generation::Draft;
use crate::quiz::item::{Difficulty, Kind};
use crate::quiz::language::name_of;
use serde_json::{Map, Value, json};

pub(crate) fn items_messages(task: &QuizItems) -> Vec<Message> {
    let QuizItems { passages, language, difficulty, counts, asked } = task;
    let material = json!({
        "passages": passages.iter().map(tutoring::passage).collect::<Vec<_>>(),
        "askedAlready": asked,
    });
    let wanted: Vec<String> = counts.iter().map(|(kind, count)| format!("{count} × {kind}")).collect();
    let shapes: Vec<String> = counts.keys().map(|kind| format!("- {kind}: {}", shape(*kind).line)).collect();
    let hardness = match difficulty {
        Difficulty::Easy => "easy: what the passages say plainly",
        Difficulty::Medium => "medium: what follows from what the passages say",
        Difficulty::Hard => {
            "hard: what takes several statements of the passages together, or applies them to a new case"
        }
    };
    let language = language.as_ref().map_or_else(
        || "the language that the passages are written in".to_owned(),
        |code| format!("the language {} ({code})", name_of(code)),
    );
    let request = format!(
        "Write items about `passages`, in {language}, and nothing that `askedAlready` asks: {}. Difficulty: {hardness}. Reply \
         with one JSON object {{\"items\": […]}}. Every item has `kind`, `passage` (the number of the passage that it rests on), `quote` (the \
         one to three sentences of that passage that show the right answer, copied letter by letter), `stem`, `explanation`, and what its \
         kind has:\n{}",
        wanted.join(", "),
        shapes.join("\n"),
    );
    vec![system(QUIZ_WRITER), user(&material, &request)]
}

/// The items of the kinds that are asked for, each in its own shape.
pub(crate) fn items_schema(task: &QuizItems) -> Value {
    let shapes: Vec<Value> = task.counts.keys().map(|kind| shape(*kind).schema(*kind)).collect();
    closed(json!({"items": {"type": "array", "items": {"anyOf": shapes}}}))
}

/// What could be read as items. Nothing where there is no list of items, or not one of them is whole.
pub(crate) fn parse_items(reply: &str) -> Option<Vec<Draft>> {
    let object = objects(reply).find(|object| object.get("items").is_some_and(Value::is_array))?;
    let written = object["items"].as_array()?;
    let drafts: Vec<Draft> = written.iter().filter_map(|item| serde_json::from_value(item.clone()).ok()).collect();
    if drafts.len() < written.len() {
        tracing::debug!(written = written.len(), whole = drafts.len(), "some items are not in the shape of their kind");
    }
    (!drafts.is_empty() || written.is_empty()).then_some(drafts)
}

/// A kind of item as a model writes it.
struct Shape {
    /// In words, for a model whose server takes no schema.
    line: &'static str,
    fields: Value,
}

impl Shape {
    fn schema(self, kind: Kind) -> Value {
        let mut fields = Map::new();
        fields.insert("kind".to_owned(), json!({"type": "string", "enum": [kind]}));
        fields.insert("passage".to_owned(), json!({"type": "integer"}));
        for text in ["quote", "stem", "explanation"] {
            fields.insert(text.to_owned(), text_type());
        }
        if let Value::Object(own) = self.fields {
            fields.extend(own);
        }
        closed(Value::Object(fields))
    }
}

fn text_type() -> Value {
    json!({"type": "string"})
}

fn texts() -> Value {
    json!({"type": "array", "items": text_type()})
}

fn shape(kind: Kind) -> Shape {
    match kind {
        Kind::SingleChoice => Shape {
            line: "`right`, the one right option; `wrong`, three wrong ones.",
            fields: json!({"right": text_type(), "wrong": texts()}),
        },
        Kind::MultipleChoice => Shape {
            line: "`right`, two or three right options; `wrong`, two or three wrong ones.",
            fields: json!({"right": texts(), "wrong": texts()}),
        },
        Kind::TrueFalse => Shape {
            line: "`stem` is a statement, true or false, without a question around it; `isTrue`, true or false. About half of them are false.",
            fields: json!({"isTrue": {"type": "boolean"}}),
        },
        Kind::ShortText => Shape {
            line: "`accepted`, every wording of the answer that is right, of one to three words each.",
            fields: json!({"accepted": texts()}),
        },
        Kind::Numeric => Shape {
            line: "`value`, a number that stands in the quote; `tolerance`, how far an answer may be from it (0: exactly); `unit`, or null.",
            fields: json!({"value": {"type": "number"}, "tolerance": {"type": "number"}, "unit": {"type": ["string", "null"]}}),
        },
        Kind::Ordering => Shape {
            line: "`lines`, three to six steps of a sequence that the quote shows, in the right order.",
            fields: json!({"lines": texts()}),
        },
        Kind::Matching => Shape {
            line: "`pairs`, three to six of `prompt` and `target`; no target fits a second prompt.",
            fields: json!({"pairs": {"type": "array", "items": closed(json!({"prompt": text_type(), "target": text_type()}))}}),
        },
        Kind::Cloze => Shape {
            line: "`text`, one or two sentences with one to three gaps, each written as [[word]], or [[word|another that fits]].",
            fields: json!({"text": text_type()}),
        },
        Kind::FreeText => Shape {
            line: "`criteria`, two to four things that a full answer says; `sample`, such an answer.",
            fields: json!({"criteria": texts(), "sample": text_type()}),
        },
    }
}

/// The instructions of the role, for both requests.
const QUIZ_WRITER: &str = include_str!("../../agents/quiz-writer.md");

#[cfg(test)]
mod tests;
