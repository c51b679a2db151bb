//! The core's state machine: requests, findings and words in; events and effects out. Drain it after every input until it waits.
//!
//! A reply lives as *started, pieces, over*: over by being done (whole, or broken off for a reason) or by being stopped, and then it keeps
//! what was said. Whatever is late or comes twice changes nothing. A state is the fold of its events, so that every prefix of a log is one.

use crate::chat::citations;
use crate::chat::event::{Event, Finish, Used};
use crate::chat::query;
use crate::chat::tree::{Message, Tree};
use crate::chat::window;
use crate::chat::words;
use crate::config::limits::{
    CHAT_CONTEXT_TOKENS_MAX, CHAT_HISTORY_EXCHANGES_MAX, CHAT_HISTORY_TOKENS_MAX, CHAT_PASSAGES_MAX,
    CHAT_PASSAGES_PER_DOCUMENT_MAX, CHAT_TITLE_WORDS_MAX,
};
use crate::ports::conversations::{Ask, Asked, MessageId, Numbered, ReplyId};
use crate::ports::ids::{CourseId, DocumentId};
use crate::ports::passages::{Hit, Passage};
use crate::ports::text_model::{Answer, Source, Title, TokenUsage};
use protocol::v1::limits::{CHAT_REPLY_CHARS_MAX, CHAT_TITLE_CHARS_MAX};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};

#[derive(Clone, Debug)]
pub enum Input {
    Asked(Numbered),
    /// The best first.
    Found {
        reply: ReplyId,
        hits: Vec<Hit>,
    },
    Piece {
        reply: ReplyId,
        text: String,
    },
    Written {
        reply: ReplyId,
        usage: TokenUsage,
    },
    Failed {
        reply: ReplyId,
        failure: Failure,
    },
    /// What a model would call the conversation; `None`: nothing came of that.
    Entitled {
        title: Option<String>,
        usage: TokenUsage,
    },
}

/// Why a reply broke off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The files could not be searched.
    Search,
    TimedOut,
    Busy,
    /// A filter stopped it.
    Refused,
    Model,
    Budget,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// To be committed, then told.
    Emit(Event),
    Effect(Effect),
    /// Nothing more until the next input.
    Wait,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Answered by [`Input::Found`].
    Search { reply: ReplyId, sought: Sought },
    /// Answered by [`Input::Piece`]s, then [`Input::Written`].
    Write { reply: ReplyId, task: Answer },
    /// Whatever is being done for the reply is of no use any more.
    Cancel { reply: ReplyId },
    /// Answered by [`Input::Entitled`].
    Entitle { task: Title },
}

/// What to search for, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sought {
    pub text: String,
    pub courses: Vec<CourseId>,
    pub documents: Option<Vec<DocumentId>>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Chat {
    tree: Tree,
    title: Option<String>,
    /// Tokens that all its replies used.
    tokens: u64,
    /// What is being done by this worker; a successor begins it anew.
    #[serde(skip)]
    under_way: BTreeMap<ReplyId, UnderWay>,
    #[serde(skip)]
    entitling: bool,
    #[serde(skip)]
    outputs: VecDeque<Output>,
}

#[derive(Clone, Debug, Default)]
struct UnderWay {
    sought: String,
    passages: Vec<Passage>,
    used: Used,
    /// Tokens that the model was given, as they are estimated.
    given: usize,
    chars: usize,
}

impl UnderWay {
    /// What it used. A model that was cut off, or broke off, told nobody; what it was given and had said was used all the same.
    fn used(&self, said: &str) -> Used {
        if self.used.requests == 0 || self.used.billed() > 0 {
            return self.used;
        }
        let (input_tokens, output_tokens) = (self.given as u64, window::tokens(said) as u64);
        Used { tokens: TokenUsage { input_tokens, output_tokens, ..TokenUsage::default() }, ..self.used }
    }
}

impl Chat {
    /// Changes with what a snapshot holds.
    pub const SNAPSHOT_SCHEMA: u32 = 1;

    pub fn new() -> Self {
        Self::default()
    }

    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    pub fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// Tokens that all its replies used.
    pub fn tokens(&self) -> u64 {
        self.tokens
    }

    /// Whether a reply is due.
    pub fn is_due(&self) -> bool {
        self.tree.open().next().is_some()
    }

    /// Whether nothing is being done or waits to be.
    pub fn is_idle(&self) -> bool {
        self.under_way.is_empty() && !self.entitling && self.outputs.is_empty() && self.tree.open().next().is_none()
    }

    pub fn handle(&mut self, input: Input) {
        match input {
            Input::Asked(numbered) => self.asked(numbered),
            Input::Found { reply, hits } => self.found(&reply, hits),
            Input::Piece { reply, text } => self.piece(&reply, &text),
            Input::Written { reply, usage } => {
                if let Some(under_way) = self.under_way.get_mut(&reply) {
                    under_way.used.tokens += usage;
                    self.written(&reply);
                }
            }
            Input::Failed { reply, failure } => self.finish(&reply, failure.finish(), Some(failure.notice())),
            Input::Entitled { title, usage } => self.entitled(title, usage),
        }
    }

    #[must_use]
    pub fn poll_output(&mut self) -> Output {
        self.outputs.pop_front().unwrap_or(Output::Wait)
    }

    /// Restores: what the log says happened.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Continued { epoch: _ } => {}
            Event::Said { message, text, parent, replaces: _, asked } => {
                let said = Message { text: text.clone(), parent: parent.clone(), asked: asked.clone() };
                self.tree.say(message, said);
            }
            Event::Started { reply, message, attempt, courses } => self.tree.start(reply, message, *attempt, courses),
            Event::Delta { reply, text } => self.tree.add(reply, text),
            Event::Done { reply, text, used, .. } | Event::Cancelled { reply, text, used } => {
                self.tokens += used.billed();
                self.tree.end(reply, text);
            }
            Event::Titled { title, used } => {
                self.tokens += used.billed();
                self.title = Some(title.clone());
            }
        }
    }

    /// Begins anew what the log shows begun and not over. To be called once, after the log was applied and the requests that came meanwhile
    /// were handled: a stop among them then keeps what had been said.
    pub fn resume(&mut self) {
        let open: Vec<_> = self
            .tree
            .open()
            .filter(|(id, _)| !self.under_way.contains_key(id))
            .map(|(id, reply)| (id.clone(), reply.clone()))
            .collect();
        for (id, reply) in open {
            self.start(id, reply.message, reply.attempt, reply.courses);
        }
    }

    fn asked(&mut self, numbered: Numbered) {
        let Numbered { number, request } = numbered;
        let reply = ReplyId::of(number);
        let courses = request.courses;
        match request.ask {
            Ask::Send { message, parent, text, asked } => {
                let asked = asked.unwrap_or_else(|| self.tree.asked_before(parent.as_ref()));
                self.say(message.clone(), text, parent, None, asked);
                self.start_once(reply, message, 1, courses);
            }
            Ask::Edit { message, replaces, text } => {
                let before = self.tree.message(&replaces).cloned();
                let (parent, asked) = before.map(|before| (before.parent, before.asked)).unwrap_or_default();
                self.say(message.clone(), text, parent, Some(replaces), asked);
                self.start_once(reply, message, 1, courses);
            }
            Ask::Regenerate { message, attempt } => self.start_once(reply, message, attempt, courses),
            Ask::Stop { reply } => self.stop(&reply),
            Ask::Rename { title } => {
                if self.title.as_ref() != Some(&title) {
                    self.emit(Event::Titled { title, used: Used::default() });
                }
            }
        }
    }

    fn say(
        &mut self,
        message: MessageId,
        text: String,
        parent: Option<ReplyId>,
        replaces: Option<MessageId>,
        asked: Asked,
    ) {
        if self.tree.message(&message).is_none() {
            self.emit(Event::Said { message, text, parent, replaces, asked });
        }
    }

    fn start_once(&mut self, reply: ReplyId, message: MessageId, attempt: u32, courses: Vec<CourseId>) {
        if self.tree.reply(&reply).is_none() {
            self.start(reply, message, attempt, courses);
        }
    }

    fn start(&mut self, reply: ReplyId, message: MessageId, attempt: u32, courses: Vec<CourseId>) {
        let Some(said) = self.tree.message(&message).cloned() else { return };
        self.emit(Event::Started { reply: reply.clone(), message: message.clone(), attempt, courses: courses.clone() });
        let talk = self.tree.before(&message, CHAT_HISTORY_EXCHANGES_MAX);
        let text = query::rewritten(&said.text, &talk);
        let Asked { course, documents } = said.asked;
        let courses = courses.into_iter().filter(|may| course.as_ref().is_none_or(|course| may == course)).collect();
        self.under_way.insert(reply.clone(), UnderWay { sought: text.clone(), ..UnderWay::default() });
        self.effect(Effect::Search { reply, sought: Sought { text, courses, documents } });
    }

    fn found(&mut self, id: &ReplyId, hits: Vec<Hit>) {
        let Some(under_way) = self.under_way.get_mut(id) else { return };
        under_way.passages = chosen(query::relevant(&under_way.sought, hits));
        if under_way.passages.is_empty() {
            self.emit(Event::Delta { reply: id.clone(), text: NOT_FOUND.to_owned() });
            return self.finish(id, Finish::NotFound, None);
        }
        let Some(message) = self.tree.reply(id).map(|reply| reply.message.clone()) else { return };
        let talk = self.tree.before(&message, CHAT_HISTORY_EXCHANGES_MAX);
        let question = self.tree.message(&message).map(|message| message.text.clone()).unwrap_or_default();
        let asked = window::tokens(&question);
        let kept = window::passages_within(&under_way.passages, CHAT_CONTEXT_TOKENS_MAX.saturating_sub(asked));
        under_way.passages.truncate(kept);
        let sources: Vec<Source> =
            (1..).zip(&under_way.passages).map(|(number, passage)| source(number, passage)).collect();
        let given = asked + sources.iter().map(|source| window::tokens(&source.text)).sum::<usize>();
        let talk = window::within(&talk, CHAT_HISTORY_TOKENS_MAX.min(CHAT_CONTEXT_TOKENS_MAX.saturating_sub(given)));
        under_way.given = given + window::of_talk(&talk);
        under_way.used.requests += 1;
        self.effect(Effect::Write { reply: id.clone(), task: Answer { question, talk, sources } });
    }

    fn piece(&mut self, id: &ReplyId, piece: &str) {
        let Some(under_way) = self.under_way.get_mut(id) else { return };
        let room = CHAT_REPLY_CHARS_MAX.saturating_sub(under_way.chars);
        let text: String = piece.chars().take(room).collect();
        under_way.chars += text.chars().count();
        let is_full = text.len() < piece.len();
        if !text.is_empty() {
            self.emit(Event::Delta { reply: id.clone(), text });
        }
        if is_full {
            self.effect(Effect::Cancel { reply: id.clone() });
            self.finish(id, Finish::Length, Some(TOO_LONG));
        }
    }

    fn written(&mut self, id: &ReplyId) {
        let is_empty = self.tree.reply(id).is_none_or(|reply| reply.text.trim().is_empty());
        if is_empty {
            self.finish(id, Finish::Failed, Some(NOTHING_SAID));
        } else {
            self.finish(id, Finish::Complete, None);
        }
    }

    fn finish(&mut self, id: &ReplyId, finish: Finish, notice: Option<&str>) {
        let Some(under_way) = self.under_way.remove(id) else { return };
        let said = self.tree.reply(id).map(|reply| reply.text.clone()).unwrap_or_default();
        let checked = citations::check(said.trim_end(), &under_way.passages);
        self.emit(Event::Done {
            reply: id.clone(),
            text: checked.text,
            finish,
            used: under_way.used(&said),
            citations: checked.citations,
            notice: notice.map(str::to_owned),
        });
        if matches!(finish, Finish::Complete | Finish::Length) {
            self.entitle();
        }
    }

    fn stop(&mut self, id: &ReplyId) {
        let Some(reply) = self.tree.reply(id).filter(|reply| !reply.is_over) else { return };
        // Without its sources at hand a mark would point at nothing.
        let text = citations::check(reply.text.trim_end(), &[]).text;
        let used = self.under_way.remove(id).map(|under_way| under_way.used(&text)).unwrap_or_default();
        self.effect(Effect::Cancel { reply: id.clone() });
        self.emit(Event::Cancelled { reply: id.clone(), text, used });
    }

    fn entitle(&mut self) {
        if self.title.is_some() || self.entitling {
            return;
        }
        if let Some(first) = self.tree.first_exchange() {
            self.entitling = true;
            let first = window::within(&[first], CHAT_HISTORY_TOKENS_MAX).into_iter().next().unwrap_or_default();
            self.effect(Effect::Entitle { task: Title { first } });
        }
    }

    fn entitled(&mut self, title: Option<String>, usage: TokenUsage) {
        self.entitling = false;
        if self.title.is_some() {
            return;
        }
        let made = title.map(|title| tidy_title(&title)).filter(|title| !title.is_empty());
        let title = made.or_else(|| self.tree.first_exchange().map(|first| title_of(&first.question)));
        if let Some(title) = title.filter(|title| !title.is_empty()) {
            let used = Used { requests: u32::from(usage != TokenUsage::default()), tokens: usage };
            self.emit(Event::Titled { title, used });
        }
    }

    fn emit(&mut self, event: Event) {
        self.apply(&event);
        self.outputs.push_back(Output::Emit(event));
    }

    fn effect(&mut self, effect: Effect) {
        self.outputs.push_back(Output::Effect(effect));
    }
}

impl Failure {
    fn finish(self) -> Finish {
        match self {
            Self::Search | Self::Model => Finish::Failed,
            Self::TimedOut => Finish::TimedOut,
            Self::Busy => Finish::Busy,
            Self::Refused => Finish::Filtered,
            Self::Budget => Finish::Budget,
        }
    }

    fn notice(self) -> &'static str {
        match self {
            Self::Search => "The files could not be searched. Try again.",
            Self::TimedOut => "The model did not go on in time. What it had said stays; try again.",
            Self::Busy => "The model has too much to do. Try again in a moment.",
            Self::Refused => "The model's filter stopped this answer.",
            Self::Model => "The model broke off. What it had said stays; try again.",
            Self::Budget => "Today's budget of answers is used up.",
        }
    }
}

/// What a conversation is called before anybody has given it a title: the beginning of what was asked.
pub fn title_of(question: &str) -> String {
    let first = words::sentences(question).into_iter().next().map_or("", |range| &question[range]);
    let mut words = first.split_whitespace();
    let mut title = words.by_ref().take(CHAT_TITLE_WORDS_MAX).collect::<Vec<_>>().join(" ");
    if words.next().is_some() {
        title.push('…');
    }
    title.chars().filter(|c| !c.is_control()).take(CHAT_TITLE_CHARS_MAX).collect()
}

/// Models like quotation marks, markup and full stops around titles.
fn tidy_title(title: &str) -> String {
    let line = title.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let line = line.trim_matches(|c: char| c.is_whitespace() || "\"'“”„«»*#`_.".contains(c));
    line.chars().filter(|c| !c.is_control()).take(CHAT_TITLE_CHARS_MAX).collect()
}

/// The best, not too many of one document.
fn chosen(hits: Vec<Hit>) -> Vec<Passage> {
    let mut of_document: BTreeMap<DocumentId, usize> = BTreeMap::new();
    hits.into_iter()
        .map(|hit| hit.passage)
        .filter(|passage| {
            let count = of_document.entry(passage.document.clone()).or_default();
            *count += 1;
            *count <= CHAT_PASSAGES_PER_DOCUMENT_MAX
        })
        .take(CHAT_PASSAGES_MAX)
        .collect()
}

fn source(number: u32, passage: &Passage) -> Source {
    let Passage { name, text, locator, .. } = passage;
    Source { number, name: name.clone(), place: locator.to_string(), text: text.clone() }
}

const NOT_FOUND: &str = "I could not find anything about this in your materials.";
const NOTHING_SAID: &str = "The model said nothing. Try again.";
const TOO_LONG: &str = "The answer became as long as one may be.";
