//! Every prefix of a log is a state: restored from it and told again what was asked after it, the core comes to the same end.

use proptest::prelude::*;
use viva::chat::{Chat, Effect, Event, Failure, Input, Output};
use viva::ports::conversations::{Ask, MessageId, Numbered, ReplyId, Request};
use viva::ports::extraction::Locator;
use viva::ports::ids::{CourseId, DocumentId};
use viva::ports::passages::{Hit, Passage};
use viva::ports::text_model::TokenUsage;

fn hit() -> Hit {
    let passage = Passage {
        document: DocumentId::new("doc-1"),
        version: 1,
        ordinal: 1,
        course: CourseId::new("web"),
        name: "caching.pdf".to_owned(),
        text: "An ETag names one version of a resource.".to_owned(),
        locator: Locator::page(1),
    };
    Hit { passage, score: 1.0, similarity: None }
}

/// Requests that the store would number: whatever they name is there.
fn requests(choices: &[u8]) -> Vec<Numbered> {
    let mut asked: Vec<Numbered> = Vec::new();
    let (mut messages, mut attempts): (Vec<String>, Vec<u32>) = (Vec::new(), Vec::new());
    let mut replies: Vec<u64> = Vec::new();
    for (number, choice) in (1_u64..).zip(choices) {
        let pick = usize::from(choice / 5);
        let message = format!("m{number}");
        let ask = match choice % 5 {
            1 if !messages.is_empty() => {
                let at = pick % messages.len();
                attempts[at] += 1;
                Ask::Regenerate { message: MessageId::new(&*messages[at]), attempt: attempts[at] }
            }
            2 if !messages.is_empty() => Ask::Edit {
                message: MessageId::new(&*message),
                replaces: MessageId::new(&*messages[pick % messages.len()]),
                text: format!("What is an ETag, put in way {number}?"),
            },
            3 if !replies.is_empty() => Ask::Stop { reply: ReplyId::of(replies[pick % replies.len()]) },
            4 => Ask::Rename { title: format!("Title {number}") },
            _ => Ask::Send {
                message: MessageId::new(&*message),
                parent: replies.last().map(|number| ReplyId::of(*number)),
                text: format!("What is ETag number {number}?"),
                asked: None,
            },
        };
        match &ask {
            Ask::Send { .. } | Ask::Edit { .. } => {
                messages.push(message);
                attempts.push(1);
                replies.push(number);
            }
            Ask::Regenerate { .. } => replies.push(number),
            Ask::Stop { .. } | Ask::Rename { .. } => {}
        }
        let request = Request { ask, courses: vec![CourseId::new("web")] };
        asked.push(Numbered { number, request });
    }
    asked
}

/// Drains the core: events into the log, effects done as a deterministic world does them.
fn drain(chat: &mut Chat, log: &mut Vec<Event>, waiting: &mut Vec<Input>) {
    loop {
        match chat.poll_output() {
            Output::Emit(event) => log.push(event),
            Output::Effect(Effect::Search { reply, .. }) => waiting.push(Input::Found { reply, hits: vec![hit()] }),
            Output::Effect(Effect::Write { reply, .. }) => {
                let piece = |text: &str| Input::Piece { reply: reply.clone(), text: text.to_owned() };
                waiting.push(piece("An ETag names "));
                waiting.push(piece("one version [1]."));
                if reply.as_str().ends_with('3') {
                    waiting.push(Input::Failed { reply: reply.clone(), failure: Failure::Model });
                }
                waiting.push(Input::Written { reply, usage: TokenUsage::default() });
            }
            Output::Effect(Effect::Cancel { .. }) => {}
            Output::Effect(Effect::Entitle { .. }) => {
                waiting.push(Input::Entitled { title: Some("ETags".to_owned()), usage: TokenUsage::default() })
            }
            Output::Wait => return,
        }
    }
}

/// Asks all, in between doing so many of the things that wait; then does the rest.
fn run(mut chat: Chat, asked: &[Numbered], paces: &[u8], resumes: bool) -> (Chat, Vec<Event>) {
    let (mut log, mut waiting) = (Vec::new(), Vec::new());
    for (at, numbered) in asked.iter().enumerate() {
        chat.handle(Input::Asked(numbered.clone()));
        drain(&mut chat, &mut log, &mut waiting);
        for _ in 0..paces.get(at).copied().unwrap_or_default() % 6 {
            if !waiting.is_empty() {
                chat.handle(waiting.remove(0));
                drain(&mut chat, &mut log, &mut waiting);
            }
        }
    }
    if resumes {
        chat.resume();
        drain(&mut chat, &mut log, &mut waiting);
    }
    while !waiting.is_empty() {
        chat.handle(waiting.remove(0));
        drain(&mut chat, &mut log, &mut waiting);
    }
    (chat, log)
}

/// Which messages there are, how each reply ended, and its text (but for one that was stopped: how far it had come is chance).
fn outcome(log: &[Event]) -> Vec<String> {
    let mut seen: Vec<String> = log
        .iter()
        .filter_map(|event| match event {
            Event::Said { message, parent, replaces, .. } => Some(format!("{message} {parent:?} {replaces:?}")),
            Event::Done { reply, .. } | Event::Cancelled { reply, .. } => Some(format!("{reply} is over")),
            _ => None,
        })
        .collect();
    seen.sort();
    seen
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn a_core_restored_from_any_prefix_comes_to_the_same_end(
        choices in prop::collection::vec(any::<u8>(), 1..12),
        paces in prop::collection::vec(any::<u8>(), 12),
        cut in any::<prop::sample::Index>(),
    ) {
        let asked = requests(&choices);
        let (whole, log) = run(Chat::new(), &asked, &paces, false);
        prop_assert!(whole.is_idle());
        let prefix = &log[..cut.index(log.len() + 1)];
        let mut restored = Chat::new();
        prefix.iter().for_each(|event| restored.apply(event));
        // What was handled is handled again: its ids say so.
        let (restored, rest) = run(restored, &asked, &paces, true);
        prop_assert!(restored.is_idle());
        let both: Vec<Event> = prefix.iter().cloned().chain(rest).collect();
        prop_assert_eq!(outcome(&both), outcome(&log));
        // The fold of the events is the state.
        let mut folded = Chat::new();
        both.iter().for_each(|event| folded.apply(event));
        prop_assert_eq!(folded.tree(), restored.tree());
        prop_assert_eq!(folded.title(), restored.title());
    }

    #[test]
    fn what_comes_twice_changes_nothing(
        choices in prop::collection::vec(any::<u8>(), 1..12),
        paces in prop::collection::vec(any::<u8>(), 12),
    ) {
        let asked: Vec<Numbered> =
            requests(&choices).into_iter().filter(|one| !matches!(one.request.ask, Ask::Rename { .. })).collect();
        let (whole, log) = run(Chat::new(), &asked, &paces, false);
        let (again, more) = run(whole.clone(), &asked, &paces, true);
        prop_assert_eq!(more, Vec::new());
        prop_assert_eq!(again.tree(), whole.tree());
        prop_assert!(log.is_empty() == asked.is_empty());
    }
}
