//! The course of an interview: which question comes next.
//!
//! It keeps nothing between questions. The talk so far is gone through from its start with the same decisions, so that the same history
//! always gives the same question, on any machine. No wording is here but through [`super::language`].

mod guided;
mod reading;

use super::answer::Answer;
use super::bank;
use super::fill::{Filling, capitalised, fill};
use super::language::{Kind, Language, Line, Main, Mode, Move, language_of};
use super::mentions::Mention;
use super::moves::{moves, strays};
use super::text::{Gist, Words, seed};
use super::theme::{Level, Theme};
use crate::ports::text_model::{Exchange, NextQuestion, Outcome};

/// A question: what leads to it, the question itself, and the same in fewer words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) lead: String,
    pub(crate) core: String,
    pub(crate) short: String,
}

/// The question of this task.
pub(crate) fn next_question(task: &NextQuestion) -> String {
    let (language, same) = language_of(&task.subject.language);
    if let Some(guided) = &task.guided {
        return say(task, language, &guided::asked(task, guided, language), same);
    }
    if let Some(asked) = reading::asked(task, language) {
        return say(task, language, &asked, same);
    }
    let theme = Theme::of(&task.subject, language);
    let mut talk = Talk::new(language, &theme, task);
    let mut asked = None;
    for turn in 1..=task.turn.max(1) {
        let before = task.history.iter().rfind(|exchange| exchange.turn < turn);
        let remaining_ms = if turn == task.turn { task.remaining_ms } else { None };
        let next = talk.ask(turn, before, remaining_ms);
        let said =
            task.history.iter().find(|exchange| exchange.turn == turn).map(|exchange| exchange.question.as_str());
        talk.note(&next, said);
        asked = Some(next);
    }
    let asked = asked.expect("there is at least one turn");
    say(task, language, &asked, same)
}

fn say(task: &NextQuestion, language: &Language, asked: &Asked, same_language: bool) -> String {
    let key = seed(&[&task.subject.topic, &task.turn.to_string(), &task.attempt.to_string()]);
    if let Some(said) = &task.repeat_of {
        let ack = choose(&language.say.repeat_acks, key);
        // Where the talk was changed since (a disputed word), the plan may be another: then what was said is said again.
        let short = if said.contains(&asked.core) { asked.short.clone() } else { last_question(said) };
        return format!("{ack} {short}");
    }
    if let Some(heard) = &task.heard_before {
        let words = Words::of(heard).len();
        let ack = if words == 0 { String::new() } else { format!("{} ", choose(&language.say.restart_acks, key)) };
        return format!("{ack}{}", if task.turn == 1 && words == 0 { &asked.core } else { &asked.short });
    }
    let notice = if same_language || task.turn > 1 { "" } else { language.say.other_language.as_str() };
    let whole = [notice, &asked.lead, &asked.core]
        .iter()
        .filter(|part| !part.is_empty())
        .copied()
        .collect::<Vec<_>>()
        .join(" ");
    if Words::of(&whole).len() <= QUESTION_WORDS_MAX {
        return whole;
    }
    [notice, &asked.core].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" ")
}

/// The talk as far as it has been gone through.
struct Talk<'a> {
    language: &'static Language,
    theme: &'a Theme,
    task: &'a NextQuestion,
    thread: Option<Thread>,
    /// Questions so far: as decided and as heard.
    asked: Vec<(String, Gist)>,
    /// The answers of the whole talk.
    answers: Vec<(u32, Words<'a>)>,
    /// Lines and themes that have served.
    used: Vec<String>,
    /// What has been asked about.
    mentioned: Vec<String>,
    leads: Vec<String>,
    last: Option<Asked>,
    /// Worth coming back to at the end.
    best_mention: Option<(f64, String)>,
}

/// A main question and what followed it.
struct Thread {
    kind: Kind,
    moves: Vec<Move>,
}

impl<'a> Talk<'a> {
    fn new(language: &'static Language, theme: &'a Theme, task: &'a NextQuestion) -> Self {
        Self {
            language,
            theme,
            task,
            thread: None,
            asked: Vec::new(),
            answers: answers(&task.history),
            used: Vec::new(),
            mentioned: Vec::new(),
            leads: Vec::new(),
            last: None,
            best_mention: None,
        }
    }

    fn note(&mut self, asked: &Asked, said: Option<&str>) {
        for text in [Some(asked.core.as_str()), said].into_iter().flatten() {
            self.asked.push((text.to_owned(), Gist::of(text, &self.language.stop)));
        }
        self.leads.push(asked.lead.clone());
        self.last = Some(asked.clone());
    }

    fn ask(&mut self, turn: u32, before: Option<&Exchange>, remaining_ms: Option<u64>) -> Asked {
        let say = &self.language.say;
        if turn == 1 {
            let about = if self.theme.mode == Mode::Exam { &say.about_exam } else { &say.about_interview };
            let about = self.filled(choose(about, self.seed(turn, "about")), None);
            let lead = format!("{} {about}", choose(&say.greetings, self.seed(turn, "greeting")));
            return self.main(turn, lead, true);
        }
        let text = match before.map(|exchange| &exchange.outcome) {
            Some(Outcome::Answered { text }) => text.as_str(),
            Some(Outcome::Skipped) => return self.another(turn, &say.skip_acks),
            Some(Outcome::Unanswered) | None => "",
        };
        let answer = Answer::of(text, self.language);
        self.remember(&answer);
        if remaining_ms.is_some_and(|ms| ms < SHORT_TIME_MS) {
            let lead = choose(&say.short_time, 0).to_owned();
            return self.closing(turn, lead);
        }
        if turn >= self.task.questions && self.task.questions > 2 {
            let ack = if answer.len() == 0 { String::new() } else { format!("{} ", self.lead(turn, &say.acks)) };
            let lead = format!("{ack}{}", choose(&say.last, self.seed(turn, "last")));
            return self.closing(turn, lead);
        }
        if answer.len() == 0 {
            return self.another(turn, if answer.addressed { &say.return_acks } else { &say.empty_acks });
        }
        if answer.asks_again
            && let Some(last) = self.last.clone()
            && last.core != last.short
        {
            let lead = self.lead(turn, &say.repeat_acks);
            return Asked { lead, core: last.short.clone(), short: last.short };
        }
        if answer.unsure {
            return self.another(turn, &say.unsure_acks);
        }
        match self.follow_up(turn, &answer, before.map_or("", |exchange| &exchange.question)) {
            Some(asked) => asked,
            None if self.seed(turn, "lead").is_multiple_of(2) => self.another(turn, &say.bridges),
            None => self.another(turn, &say.acks),
        }
    }

    /// Another subject.
    fn another(&mut self, turn: u32, leads: &[String]) -> Asked {
        let lead = self.lead(turn, leads);
        if turn >= self.task.questions && self.task.questions > 2 {
            return self.closing(turn, format!("{lead} {}", choose(&self.language.say.last, self.seed(turn, "last"))));
        }
        self.main(turn, lead, false)
    }

    fn follow_up(&mut self, turn: u32, answer: &Answer<'_>, question: &str) -> Option<Asked> {
        let thread = self.thread.as_ref()?;
        let depth_max = if self.task.questions <= 5 { 1 } else { 2 };
        if thread.moves.len() >= depth_max || (answer.is_brief() && thread.moves.contains(&Move::Elaborate)) {
            return None;
        }
        let context = format!("{question} {}", self.theme.words);
        let strays = self.theme.mode == Mode::Exam && strays(answer, &context, self.language);
        let order = moves(answer, thread.kind, &thread.moves, strays);
        for step in order {
            if let Some((asked, mention)) = self.line(turn, step, answer) {
                self.mentioned.extend(mention);
                if let Some(thread) = &mut self.thread {
                    thread.moves.push(step);
                }
                return Some(asked);
            }
        }
        None
    }

    /// The first line of a move, in an order given by the talk, that can be filled and says something new.
    fn line(&mut self, turn: u32, step: Move, answer: &Answer<'_>) -> Option<(Asked, Option<String>)> {
        let lines = self.language.follow_ups.get(&step)?;
        let mentions =
            answer.mentions.iter().filter(|mention| mention.score >= MENTION_SCORE_MIN && self.is_news(&mention.core));
        let known_only = step == Move::Mechanism;
        let mention = mentions.clone().find(|mention| mention.term || !known_only).cloned();
        let made = mentions.clone().find(|mention| mention.made).cloned();
        let filling = |mention: Option<&Mention>| Filling {
            topic: self.theme.topic.clone(),
            role: self.theme.role.clone(),
            mention: mention.map(|mention| mention.text.clone()),
            figure: answer
                .figures
                .iter()
                .find(|figure| figure.change)
                .map(|figure| figure.text(&answer.words).to_owned()),
            clause: answer.decision_clause(self.language),
        };
        let of = |line: &Line| if line.made { made.as_ref() } else { mention.as_ref() };
        let key = self.seed(turn, answer.words.lower().join(" ").as_str());
        let mut order = rotated(lines, key);
        // What the candidate said is worth more than what fits everyone.
        order.sort_by_key(|line| !line.ask.contains(['{']) || line.ask.contains("{topic}"));
        let chosen = order.into_iter().find_map(|line| {
            let id = format!("{step:?}:{}", line.short);
            if self.used.contains(&id) {
                return None;
            }
            if line.mode.is_some_and(|mode| mode != self.theme.mode) {
                return None;
            }
            let filling = filling(of(line));
            let core = fill(&line.ask, &filling)?;
            let short = fill(&line.short, &filling)?;
            self.is_new_question(&core).then_some((id, line, core, short))
        });
        let (id, line, core, short) = chosen?;
        self.used.push(id);
        let quotes = line.ask.contains("{x}") || line.ask.contains("{n}") || line.ask.contains("{clause}");
        let lead = if answer.is_brief() || (quotes && !key.is_multiple_of(3)) {
            String::new()
        } else {
            self.lead(turn, &self.language.say.acks)
        };
        let mention = of(line).filter(|_| line.ask.contains("{x}")).map(|mention| mention.core.clone());
        Some((Asked { lead, core, short }, mention))
    }

    fn main(&mut self, turn: u32, lead: String, opening: bool) -> Asked {
        let choice = self.choose_main(turn, opening).or_else(|| self.choose_main(turn, !opening));
        if let Some(main) = choice {
            self.used.push(main.theme.clone());
            self.thread = Some(Thread { kind: main.kind, moves: Vec::new() });
            let core = self.filled(&main.ask, None);
            let short = self.filled(&main.short, None);
            return Asked { lead, core, short };
        }
        self.spare(turn, lead)
    }

    /// When every main question has been asked: a line that leans on nothing, or the topic once more from a numbered side.
    fn spare(&mut self, turn: u32, lead: String) -> Asked {
        let filling = Filling { topic: self.theme.topic.clone(), role: self.theme.role.clone(), ..Filling::default() };
        let mut lines: Vec<&Line> =
            SPARE.iter().filter_map(|step| self.language.follow_ups.get(step)).flatten().collect();
        lines.extend(&self.language.closings.exam);
        for line in lines {
            if self.used.contains(&line.short) {
                continue;
            }
            if let (Some(core), Some(short)) = (fill(&line.ask, &filling), fill(&line.short, &filling))
                && self.is_new_question(&core)
            {
                self.used.push(line.short.clone());
                return Asked { lead, core, short };
            }
        }
        let core = self.filled(&self.language.say.another_side, None).replace("{turn}", &turn.to_string());
        Asked { lead, short: core.clone(), core }
    }

    fn choose_main(&self, turn: u32, opening: bool) -> Option<&'static Main> {
        let own =
            if self.theme.mode == Mode::Exam { &self.language.mains.exam } else { &self.language.mains.interview };
        let other =
            if self.theme.mode == Mode::Exam { &self.language.mains.interview } else { &self.language.mains.exam };
        let banks = self.theme.banks.iter().enumerate().flat_map(|(rank, bank)| {
            let base = if bank.mode == self.theme.mode { 1.2 } else { 0.9 } - 0.5 * rank as f64;
            bank.questions.iter().map(move |main| (main, base))
        });
        let general = own.iter().map(|main| (main, if self.theme.banks.is_empty() { 1.0 } else { 0.5 }));
        let behavioural = &bank::behavioural().questions;
        let last_resort = (!self.language.verbs.is_empty()).then_some(behavioural).into_iter().flatten();
        let last_resort = last_resort.chain(other).map(|main| (main, -6.0));
        let mut order = banks
            .chain(general)
            .chain(last_resort)
            .filter(|(main, _)| main.opening == opening && self.fits(main))
            .map(|(main, base)| (self.worth(turn, main, base), main))
            .collect::<Vec<_>>();
        order.sort_by(|one, other| other.0.total_cmp(&one.0));
        order.into_iter().map(|(_, main)| main).find(|main| self.is_new_question(&self.filled(&main.ask, None)))
    }

    fn fits(&self, main: &Main) -> bool {
        !self.used.contains(&main.theme)
            && (!main.needs_role || self.theme.role.is_some())
            && (self.theme.mode == Mode::Interview || main.kind != Kind::Story || self.asked.len() > LATE_QUESTIONS)
    }

    fn worth(&self, turn: u32, main: &Main, base: f64) -> f64 {
        let topic = Words::of(&self.theme.words);
        let tags = main.tags.iter().filter(|tag| topic.find(tag).is_some()).count().min(2);
        let recent = self.answers.iter().rev().filter(|(answered, _)| *answered < turn).take(ANSWERS_WEIGHED);
        let talked = recent.filter(|(_, words)| main.tags.iter().any(|tag| words.find(tag).is_some())).count().min(2);
        let fresh = self.thread.as_ref().is_none_or(|thread| thread.kind != main.kind);
        let level = match (self.theme.level, main.kind) {
            (Level::Senior, Kind::Design | Kind::Opinion) | (Level::Junior, Kind::Story | Kind::Concept) => 0.6,
            (Level::Junior, Kind::Design) => -0.6,
            (Level::Junior | Level::Senior | Level::Unknown, _) => 0.0,
        };
        let chance = (self.seed(turn, &main.ask) % 1000) as f64 / 1000.0;
        base + 1.5 * tags as f64 + 0.8 * talked as f64 + if fresh { 0.6 } else { 0.0 } + level + chance
    }

    fn closing(&mut self, turn: u32, lead: String) -> Asked {
        let closings = if self.theme.mode == Mode::Exam {
            &self.language.closings.exam
        } else {
            &self.language.closings.interview
        };
        let filling = Filling {
            topic: self.theme.topic.clone(),
            mention: self.best_mention.as_ref().map(|(_, text)| text.clone()),
            ..Filling::default()
        };
        let mut order = rotated(closings, self.seed(turn, "closing"));
        order.sort_by_key(|line| !line.ask.contains("{x}"));
        let chosen = order.into_iter().find_map(|line| {
            let (core, short) = (fill(&line.ask, &filling)?, fill(&line.short, &filling)?);
            self.is_new_question(&core).then_some(Asked { lead: lead.clone(), core, short })
        });
        match chosen {
            Some(asked) => asked,
            None => self.main(turn, lead, false),
        }
    }

    fn remember(&mut self, answer: &Answer<'_>) {
        let strongest = answer
            .mentions
            .iter()
            .filter(|mention| !mention.term && Words::of(&self.theme.words).find(&mention.core).is_none())
            .max_by(|one, other| one.score.total_cmp(&other.score));
        if let Some(mention) = strongest
            && mention.score >= CALLBACK_SCORE_MIN
            && self.best_mention.as_ref().is_none_or(|(score, _)| mention.score > *score)
        {
            self.best_mention = Some((mention.score, mention.text.clone()));
        }
    }

    /// A lead that was not the one before.
    fn lead(&self, turn: u32, leads: &[String]) -> String {
        let recent = self.leads.iter().rev().take(LEADS_APART);
        let recent = recent.map(String::as_str).collect::<Vec<_>>().join(" ");
        let order = rotated(leads, self.seed(turn, "lead"));
        order
            .iter()
            .find(|lead| !recent.contains(lead.as_str()))
            .or(order.first())
            .map(|lead| (*lead).clone())
            .unwrap_or_default()
    }

    /// Neither asked about yet nor the topic itself.
    fn is_news(&self, core: &str) -> bool {
        !self.mentioned.iter().any(|known| known.contains(core) || core.contains(known.as_str()))
            && Words::of(&self.theme.words).find(core).is_none()
            && !self.asked.iter().any(|(question, _)| Words::of(question).find(core).is_some())
    }

    fn is_new_question(&self, core: &str) -> bool {
        let gist = Gist::of(core, &self.language.stop);
        !self.asked.iter().any(|(asked, known)| asked.contains(core) || known.likeness(&gist) > LIKENESS_MAX)
    }

    fn filled(&self, line: &str, mention: Option<&str>) -> String {
        let filling = Filling {
            topic: self.theme.topic.clone(),
            role: self.theme.role.clone(),
            mention: mention.map(str::to_owned),
            ..Filling::default()
        };
        fill(line, &filling).unwrap_or_else(|| line.to_owned())
    }

    fn seed(&self, turn: u32, purpose: &str) -> u64 {
        seed(&[
            &self.task.subject.topic,
            self.task.subject.role.as_deref().unwrap_or_default(),
            &turn.to_string(),
            purpose,
        ])
    }
}

fn answers(history: &[Exchange]) -> Vec<(u32, Words<'_>)> {
    history
        .iter()
        .filter_map(|exchange| match &exchange.outcome {
            Outcome::Answered { text } => Some((exchange.turn, Words::of(text))),
            Outcome::Skipped | Outcome::Unanswered => None,
        })
        .collect()
}

fn choose(list: &[String], key: u64) -> &str {
    list.get((key % list.len().max(1) as u64) as usize).map_or("", String::as_str)
}

fn rotated<T>(list: &[T], key: u64) -> Vec<&T> {
    let at = (key % list.len().max(1) as u64) as usize;
    list[at..].iter().chain(&list[..at]).collect()
}

/// The last sentence that asks, or the last one.
fn last_question(said: &str) -> String {
    let sentences =
        said.split_inclusive(['.', '?', '!']).map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>();
    let question = sentences.iter().rfind(|sentence| sentence.ends_with('?')).or(sentences.last());
    capitalised(question.copied().unwrap_or(said))
}

/// Longer ones go without their lead.
const QUESTION_WORDS_MAX: usize = 60;
/// With less than this left there is one question more, and a short answer.
const SHORT_TIME_MS: u64 = 45_000;
/// Above this two questions are the same.
const LIKENESS_MAX: f64 = 0.6;
/// Below this a phrase is not worth a question.
const MENTION_SCORE_MIN: f64 = 1.5;
/// What is come back to at the end must be sure to be something.
const CALLBACK_SCORE_MIN: f64 = 2.4;
/// An exam that has run this long may ask for stories too.
const LATE_QUESTIONS: usize = 24;
/// What was said lately draws questions about it.
const ANSWERS_WEIGHED: usize = 5;
const LEADS_APART: usize = 3;
/// Moves whose lines make sense by themselves.
const SPARE: [Move; 4] = [Move::Scale, Move::Counter, Move::Apply, Move::Hindsight];
