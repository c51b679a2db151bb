//! Blind answers: questions as a student sees them, options by letters, and what a reply says to each.

use super::super::draft::objects;
use super::super::{Message, closed, system, tutoring, user};
use super::QUIZ_WRITER;
use crate::ports::text_model::{QuizAnswers, QuizQuestion};
use crate::quiz::answer::Answer;
use crate::quiz::item::{Choice, ItemId, OptionId};
use crate::quiz::public::{PublicBody, PublicPart};
use crate::quiz::text::normal;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) fn answers_messages(task: &QuizAnswers) -> Vec<Message> {
    let QuizAnswers { passages, questions } = task;
    let questions: Vec<Value> = questions.iter().enumerate().map(|(at, question)| asked(at + 1, question)).collect();
    let material = json!({
        "passages": passages.iter().map(tutoring::passage).collect::<Vec<_>>(),
        "questions": questions,
    });
    let request = "Answer `questions`, each from the passage that it names and from nothing else. Reply with one JSON object {\"answers\": \
                   [{\"question\": 1, \"answer\": [\"…\"]}, …]}. `answer` is a list: the letters of the options that are right (for \
                   `multiple_choice` all of them, for `ordering` from first to last, for `matching` the letter of the target for each prompt \
                   in turn), \"true\" or \"false\", the number, the words, or for `cloze` what belongs into each gap in turn. Where the \
                   passage does not tell, or tells more than one answer, the list is empty.";
    vec![system(QUIZ_WRITER), user(&material, request)]
}

pub(crate) fn answers_schema() -> Value {
    let answer = closed(json!({
        "question": {"type": "integer"},
        "answer": {"type": "array", "items": {"type": "string"}},
    }));
    closed(json!({"answers": {"type": "array", "items": answer}}))
}

/// What was answered to which item; an answer that fits no option is an empty one.
pub(crate) fn parse_answers(reply: &str, questions: &[QuizQuestion]) -> Option<BTreeMap<ItemId, Answer>> {
    let object = objects(reply).find(|object| object.get("answers").is_some_and(Value::is_array))?;
    let mut answers = BTreeMap::new();
    for given in object["answers"].as_array()? {
        let number = given["question"].as_u64().and_then(|number| usize::try_from(number).ok()?.checked_sub(1));
        let (Some(question), Some(said)) = (number.and_then(|at| questions.get(at)), given["answer"].as_array()) else {
            continue;
        };
        let said: Vec<String> = said.iter().filter_map(words).collect();
        answers.insert(question.item.id.clone(), answer(&question.item.body, &said));
    }
    (!answers.is_empty() || questions.is_empty()).then_some(answers)
}

fn words(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn asked(number: usize, question: &QuizQuestion) -> Value {
    let QuizQuestion { passage, item } = question;
    let mut asked = json!({"question": number, "passage": passage, "kind": item.body.kind(), "stem": item.stem});
    match &item.body {
        PublicBody::SingleChoice { options }
        | PublicBody::MultipleChoice { options }
        | PublicBody::Ordering { options } => asked["options"] = lettered(options),
        PublicBody::Matching { prompts, targets } => {
            asked["prompts"] = prompts.iter().map(|prompt| json!(prompt.text)).collect();
            asked["targets"] = lettered(targets);
        }
        PublicBody::Cloze { parts } => {
            let mut gaps = 0;
            let text = parts.iter().map(|part| match part {
                PublicPart::Text(text) => text.clone(),
                PublicPart::Gap { .. } => {
                    gaps += 1;
                    format!("__({gaps})__")
                }
            });
            asked["text"] = json!(text.collect::<String>());
        }
        PublicBody::Numeric { unit: Some(unit) } => asked["unit"] = json!(unit),
        PublicBody::Numeric { unit: None }
        | PublicBody::TrueFalse
        | PublicBody::ShortText
        | PublicBody::FreeText { .. } => {}
    }
    asked
}

fn lettered(options: &[Choice]) -> Value {
    options
        .iter()
        .zip('A'..='Z')
        .map(|(option, letter)| json!({"letter": letter.to_string(), "text": option.text}))
        .collect()
}

fn answer(body: &PublicBody, said: &[String]) -> Answer {
    let unanswered = || Answer::Text(String::new());
    let ids = |options: &[Choice]| said.iter().filter_map(|said| chosen(options, said)).collect::<Vec<OptionId>>();
    match body {
        PublicBody::SingleChoice { options } => match ids(options).as_slice() {
            [one] => Answer::Choice(one.clone()),
            _ => unanswered(),
        },
        PublicBody::MultipleChoice { options } => Answer::Choices(ids(options).into_iter().collect::<BTreeSet<_>>()),
        PublicBody::TrueFalse => match said.first().map(|said| normal(said)).as_deref() {
            Some("true") => Answer::TrueFalse(true),
            Some("false") => Answer::TrueFalse(false),
            Some(_) | None => unanswered(),
        },
        PublicBody::ShortText | PublicBody::Numeric { .. } | PublicBody::FreeText { .. } => {
            Answer::Text(said.first().cloned().unwrap_or_default())
        }
        PublicBody::Ordering { options } => Answer::Order(ids(options)),
        PublicBody::Matching { prompts, targets } => {
            let pairs =
                prompts.iter().zip(said).filter_map(|(prompt, said)| Some((prompt.id.clone(), chosen(targets, said)?)));
            Answer::Pairs(pairs.collect())
        }
        PublicBody::Cloze { parts } => {
            let gaps = parts.iter().filter_map(|part| match part {
                PublicPart::Gap { id, options } => Some((id, options)),
                PublicPart::Text(_) => None,
            });
            let filled = gaps.zip(said).map(|((id, options), said)| {
                let said = chosen(options, said).map_or_else(|| said.clone(), |option| option.as_str().to_owned());
                (id.clone(), said)
            });
            Answer::Gaps(filled.collect())
        }
    }
}

/// The option by its letter, or by its words.
fn chosen(options: &[Choice], said: &str) -> Option<OptionId> {
    let mut chars = said.chars();
    let letter = chars.next().map(|letter| letter.to_ascii_uppercase());
    let is_letter = chars.all(|rest| matches!(rest, '.' | ')' | ' '));
    let by_letter = letter.filter(|_| is_letter).and_then(|letter| ('A'..='Z').position(|other| other == letter));
    by_letter
        .and_then(|at| options.get(at))
        .or_else(|| options.iter().find(|option| normal(&option.text) == normal(said)))
        .map(|option| option.id.clone())
}
