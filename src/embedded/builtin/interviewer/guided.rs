//! A guide's questions: asked as they stand; what may follow them up freely is found by the same rules as ever.

use super::{Asked, Talk, Thread, choose};
use crate::embedded::builtin::answer::Answer;
use crate::embedded::builtin::language::{Kind, Language};
use crate::embedded::builtin::text::{Gist, seed};
use crate::embedded::builtin::theme::Theme;
use crate::ports::text_model::{Guided, GuidedStep, NextQuestion, Outcome};

pub(super) fn asked(task: &NextQuestion, guided: &Guided, language: &'static Language) -> Asked {
    let text = match &guided.step {
        GuidedStep::Question => &guided.text,
        GuidedStep::Prepared { text } => text,
        GuidedStep::FollowUp { .. } => return follow_up(task, language),
    };
    let key = seed(&[&task.subject.topic, &task.turn.to_string(), "greeting"]);
    let lead = if task.turn == 1 { choose(&language.say.greetings, key).to_owned() } else { String::new() };
    Asked { lead, core: text.clone(), short: text.clone() }
}

/// Into what was said last, by the usual moves; where none fits, from another side.
fn follow_up(task: &NextQuestion, language: &'static Language) -> Asked {
    let theme = Theme::of(&task.subject, language);
    let mut talk = Talk::new(language, &theme, task);
    for exchange in &task.history {
        talk.asked.push((exchange.question.clone(), Gist::of(&exchange.question, &language.stop)));
    }
    talk.thread = Some(Thread { kind: Kind::Concept, moves: Vec::new() });
    let last = task.history.last();
    let text = match last.map(|exchange| &exchange.outcome) {
        Some(Outcome::Answered { text }) => text.as_str(),
        Some(Outcome::Skipped | Outcome::Unanswered) | None => "",
    };
    let question = last.map_or("", |exchange| exchange.question.as_str());
    match talk.follow_up(task.turn, &Answer::of(text, language), question) {
        Some(asked) => asked,
        None => talk.spare(task.turn, String::new()),
    }
}
