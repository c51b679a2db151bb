//! What every [`Conversations`] does.

use crate::fixtures::key;
use protocol::v1::limits::CHAT_CONNECTIONS_MAX;
use viva::ports::clock::UnixMs;
use viva::ports::conversations::{
    Ask, Asked, ChatQuota, Conversation, ConversationQuery, Conversations, ConversationsError, Due, Entry, Filed,
    MessageId, Numbered, Rating, ReplyId, ReplyState, Request, Said, SubmitError, Submitted,
};
use viva::ports::ids::{ConnectionId, CourseId, DocumentId, TenantId, UserId};

macro_rules! conversations_contract {
    ($make:path) => {
        contract!(
            conversations,
            $make,
            [
                requests_are_numbered_without_a_gap_and_once,
                many_senders_at_once_get_numbers_without_a_gap,
                of_one_message_sent_many_times_at_once_one_counts,
                of_many_who_begin_at_once_one_conversation_comes,
                a_request_comes_back_as_it_was_asked,
                the_same_id_for_something_else_is_refused,
                what_is_not_there_cannot_be_asked_about,
                an_attempt_follows_the_one_before,
                no_more_replies_are_due_than_may_be,
                a_reply_is_filed_once,
                of_many_filings_at_once_the_first_counts,
                the_history_is_paged_latest_first,
                the_history_shows_what_was_said_and_answered,
                what_is_due_for_long_is_found_until_it_is_filed,
                conversations_are_listed_by_words_of_title_and_talk,
                a_list_is_held_to_a_course_and_moved_by_nothing_that_begins_meanwhile,
                a_persons_title_is_not_replaced_by_a_made_one,
                who_looks_on_is_known_until_unbound,
                beyond_what_may_look_on_the_oldest_makes_room,
                of_many_who_bind_at_once_no_more_look_on_than_may,
                what_was_deleted_stays_deleted,
                a_deletion_holds_whatever_comes_at_the_same_time,
            ]
        );
    };
}

pub(crate) const QUOTA: ChatQuota = ChatQuota { conversations_max: 1_000, replies_due_max: 1_000 };

pub(crate) fn send(message: &str, parent: Option<&str>, text: &str) -> Request {
    let message = MessageId::new(message);
    let ask = Ask::Send { message, parent: parent.map(ReplyId::new), text: text.into(), asked: None };
    request(ask)
}

pub(crate) fn request(ask: Ask) -> Request {
    Request { ask, courses: vec![CourseId::new("web")] }
}

pub(crate) fn rename(title: &str) -> Request {
    request(Ask::Rename { title: title.into() })
}

pub(crate) fn filed(reply: &str, text: &str) -> Filed {
    Filed { reply: ReplyId::new(reply), state: ReplyState::Done, text: text.into(), details: "{}".into() }
}

fn query(text: Option<&str>) -> ConversationQuery {
    ConversationQuery {
        tenant: TenantId::new("default"),
        user: UserId::new("ada"),
        course: None,
        text: text.map(str::to_owned),
        cursor: None,
        limit: 2,
    }
}

pub(crate) async fn requests_are_numbered_without_a_gap_and_once(conversations: &dyn Conversations) {
    let of = key("ada", "c1");
    let first = conversations.submit(&of, send("m1", None, "Why?"), &QUOTA, UnixMs(1)).await.unwrap();
    assert_eq!((first.number, first.is_new), (1, true));
    assert_eq!(first.reply.as_ref().map(|due| (due.reply.as_str(), due.attempt)), Some(("r1", 1)));
    let again = conversations.submit(&of, send("m1", None, "Why?"), &QUOTA, UnixMs(2)).await.unwrap();
    assert_eq!((again.number, again.is_new, &again.reply), (1, false, &first.reply));
    let stop = request(Ask::Stop { reply: ReplyId::new("r1") });
    assert_eq!(conversations.submit(&of, stop.clone(), &QUOTA, UnixMs(3)).await.unwrap().number, 2);
    assert_eq!(conversations.submit(&of, stop.clone(), &QUOTA, UnixMs(3)).await.unwrap().number, 2);
    let rename = request(Ask::Rename { title: "Why".into() });
    assert_eq!(conversations.submit(&of, rename, &QUOTA, UnixMs(3)).await.unwrap().number, 3);
    let read = conversations.requests_after(&of, 1, 1).await.unwrap();
    assert_eq!(read.iter().map(|one| (one.number, &one.request)).collect::<Vec<_>>(), [(2, &stop)]);
}

pub(crate) async fn many_senders_at_once_get_numbers_without_a_gap(conversations: &dyn Conversations) {
    let of = key("ada", "c1");
    conversations.submit(&of, send("m0", None, "Why?"), &QUOTA, UnixMs(1)).await.unwrap();
    let senders = (1..=20).map(|n| {
        // Replies that are due are bounded; titles are not.
        let asked = if n % 4 == 0 { send(&format!("m{n}"), None, "Why?") } else { rename(&format!("t{n}")) };
        conversations.submit(&of, asked, &QUOTA, UnixMs(2))
    });
    let submitted: Vec<_> = futures::future::join_all(senders).await;
    let mut numbers: Vec<u64> = submitted.iter().flatten().map(|submitted| submitted.number).collect();
    numbers.sort_unstable();
    let refused = submitted.iter().filter(|one| matches!(one, Err(SubmitError::RepliesDue))).count();
    assert_eq!((numbers, refused), ((2..=19).collect(), 2), "four replies may be due, one was");
    let read = conversations.requests_after(&of, 0, 100).await.unwrap();
    assert_eq!(read.iter().map(|one| one.number).collect::<Vec<_>>(), (1..=19).collect::<Vec<_>>());
    assert_eq!(conversations.get(&of).await.unwrap().unwrap().messages, 4);
}

pub(crate) async fn of_one_message_sent_many_times_at_once_one_counts(conversations: &dyn Conversations) {
    let of = key("ada", "c1");
    let senders = (0..20).map(|n| conversations.submit(&of, send("m1", None, "Why?"), &QUOTA, UnixMs(n)));
    let submitted: Vec<Submitted> =
        futures::future::join_all(senders).await.into_iter().map(|submitted| submitted.unwrap()).collect();
    assert_eq!(submitted.iter().filter(|submitted| submitted.is_new).count(), 1);
    assert!(submitted.iter().all(|one| one.number == 1 && one.reply == submitted[0].reply), "{submitted:?}");
    assert_eq!(conversations.history(&of, None, 10).await.unwrap().len(), 1);
    assert_eq!(conversations.get(&of).await.unwrap().unwrap().messages, 1);
}

pub(crate) async fn of_many_who_begin_at_once_one_conversation_comes(conversations: &dyn Conversations) {
    let of = key("ada", "c1");
    let senders = (1..=4).map(|n| conversations.submit(&of, send(&format!("m{n}"), None, "Why?"), &QUOTA, UnixMs(n)));
    let submitted = futures::future::join_all(senders).await;
    let mut numbers: Vec<u64> = submitted.into_iter().map(|submitted| submitted.unwrap().number).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3, 4]);
    assert_eq!(conversations.list(query(None)).await.unwrap().conversations.len(), 1);
}

pub(crate) async fn a_request_comes_back_as_it_was_asked(conversations: &dyn Conversations) {
    let of = key("ada", "c1");
    let asked = Asked { course: Some(CourseId::new("web")), documents: Some(vec![DocumentId::new("d1")]) };
    let text = "Wozu „ETags“? \u{1f40b}\0 \"\\".to_owned();
    let ask = Ask::Send { message: MessageId::new("m1"), parent: None, text: text.clone(), asked: Some(asked.clone()) };
    let first = Request { ask, courses: vec![CourseId::new("web"), CourseId::new("ada")] };
    conversations.submit(&of, first.clone(), &QUOTA, UnixMs(1)).await.unwrap();
    let edit = Ask::Edit { message: MessageId::new("m2"), replaces: MessageId::new("m1"), text: text.clone() };
    let second = request(edit);
    assert!(conversations.submit(&of, second.clone(), &QUOTA, UnixMs(2)).await.unwrap().is_new);
    assert!(!conversations.submit(&of, first.clone(), &QUOTA, UnixMs(3)).await.unwrap().is_new, "it is the same still");
    let read = conversations.requests_after(&of, 0, 10).await.unwrap();
    assert_eq!(read, [Numbered { number: 1, request: first }, Numbered { number: 2, request: second }]);
    let said = |parent, replaces, asked| Said { text: text.clone(), parent, replaces, asked };
    let history = conversations.history(&of, None, 10).await.unwrap();
    assert_eq!(history[0].said, Some(said(None, Some(MessageId::new("m1")), None)));
    assert_eq!(history[1].said, Some(said(None, None, Some(asked))));
}

pub(crate) async fn the_same_id_for_something_else_is_refused(conversations: &dyn Conversations) {
    let of = key("ada", "c1");
    conversations.submit(&of, send("m1", None, "Why?"), &QUOTA, UnixMs(1)).await.unwrap();
    let other = conversations.submit(&of, send("m1", None, "How?"), &QUOTA, UnixMs(1)).await;
    assert!(matches!(other, Err(SubmitError::Exists)), "{other:?}");
    assert_eq!(conversations.requests_after(&of, 0, 10).await.unwrap().len(), 1);
}

pub(crate) async fn what_is_not_there_cannot_be_asked_about(conversations: &dyn Conversations) {
    let of = key("ada", "c1");
    let refused = conversations.submit(&of, send("m1", Some("r9"), "Why?"), &QUOTA, UnixMs(1)).await;
    assert!(matches!(refused, Err(SubmitError::Unknown)), "{refused:?}");
    conversations.submit(&of, send("m1", None, "Why?"), &QUOTA, UnixMs(1)).await.unwrap();
    let asks = [
        Ask::Send { message: MessageId::new("m2"), parent: Some(ReplyId::new("r9")), text: "?".into(), asked: None },
        Ask::Edit { message: MessageId::new("m2"), replaces: MessageId::new("m9"), text: "?".into() },
        Ask::Regenerate { message: MessageId::new("m9"), attempt: 2 },
        Ask::Stop { reply: ReplyId::new("r9") },
    ];
    for ask in asks {
        let refused = conversations.submit(&of, request(ask), &QUOTA, UnixMs(1)).await;
        assert!(matches!(refused, Err(SubmitError::MessageUnknown)), "{refused:?}");
    }
    assert!(!conversations.rate(&of, &ReplyId::new("r9"), Rating::Up).await.unwrap());
}

pub(crate) async fn an_attempt_follows_the_one_before(conversations: &dyn Conversations) {
    let of = key("ada", "c1");
    conversations.submit(&of, send("m1", None, "Why?"), &QUOTA, UnixMs(1)).await.unwrap();
    let attempt = |attempt| request(Ask::Regenerate { message: MessageId::new("m1"), attempt });
    assert!(matches!(conversations.submit(&of, attempt(3), &QUOTA, UnixMs(1)).await, Err(SubmitError::MessageUnknown)));
    let second = conversations.submit(&of, attempt(2), &QUOTA, UnixMs(1)).await.unwrap();
    assert_eq!(conversations.submit(&of, attempt(2), &QUOTA, UnixMs(1)).await.unwrap().number, second.number);
    assert!(conversations.submit(&of, attempt(3), &QUOTA, UnixMs(1)).await.unwrap().is_new);
}

pub(crate) async fn no_more_replies_are_due_than_may_be(conversations: &dyn Conversations) {
    let of = key("ada", "c1");
    for number in 1..=4 {
        conversations.submit(&of, send(&format!("m{number}"), None, "Why?"), &QUOTA, UnixMs(1)).await.unwrap();
    }
    let refused = conversations.submit(&of, send("m5", None, "Why?"), &QUOTA, UnixMs(1)).await;
    assert!(matches!(refused, Err(SubmitError::RepliesDue)), "{refused:?}");
    conversations.file(&of, filed("r1", "So."), UnixMs(2)).await.unwrap();
    assert_eq!(conversations.submit(&of, send("m5", None, "Why?"), &QUOTA, UnixMs(3)).await.unwrap().number, 5);
}

pub(crate) async fn a_reply_is_filed_once(conversations: &dyn Conversations) {
    let of = key("ada", "c1");
    conversations.submit(&of, send("m1", None, "Why?"), &QUOTA, UnixMs(1)).await.unwrap();
    conversations.file(&of, filed("r1", "So."), UnixMs(2)).await.unwrap();
    conversations.file(&of, filed("r1", "Otherwise."), UnixMs(3)).await.unwrap();
    assert!(conversations.rate(&of, &ReplyId::new("r1"), Rating::Down).await.unwrap());
    let history = conversations.history(&of, None, 10).await.unwrap();
    assert_eq!((history[0].text.as_str(), history[0].state), ("So.", ReplyState::Done));
    assert_eq!((history[0].details.as_deref(), history[0].rating), (Some("{}"), Some(Rating::Down)));
}

pub(crate) async fn of_many_filings_at_once_the_first_counts(conversations: &dyn Conversations) {
    let of = key("ada", "c1");
    conversations.submit(&of, send("m1", None, "Why?"), &QUOTA, UnixMs(1)).await.unwrap();
    let filings = (0..10).map(|n| conversations.file(&of, filed("r1", &format!("answer {n}")), UnixMs(10 + n)));
    for filed in futures::future::join_all(filings).await {
        filed.unwrap();
    }
    let history = conversations.history(&of, None, 10).await.unwrap();
    let which = history[0].text.strip_prefix("answer ").unwrap().parse::<u64>().unwrap();
    let kept = conversations.get(&of).await.unwrap().unwrap();
    assert_eq!(kept.updated, UnixMs(10 + which), "by whoever filed it");
    for other in (0..10).filter(|n| *n != which) {
        let words = query(Some(&format!("answer {other}")));
        assert!(conversations.list(words).await.unwrap().conversations.is_empty(), "{other} is not what was said");
    }
}

pub(crate) async fn the_history_shows_what_was_said_and_answered(conversations: &dyn Conversations) {
    let of = key("ada", "c1");
    conversations.submit(&of, send("m1", None, "Why?"), &QUOTA, UnixMs(1)).await.unwrap();
    let answer = Filed { details: r#"{"b": 1,  "a": "\u0000"}"#.into(), ..filed("r1", "So.") };
    conversations.file(&of, answer.clone(), UnixMs(2)).await.unwrap();
    let again = Ask::Regenerate { message: MessageId::new("m1"), attempt: 2 };
    conversations.submit(&of, request(again), &QUOTA, UnixMs(3)).await.unwrap();
    let stopped = Filed { state: ReplyState::Cancelled, ..filed("r2", "Beca") };
    conversations.file(&of, stopped, UnixMs(4)).await.unwrap();
    conversations.submit(&of, send("m2", Some("r1"), "How?"), &QUOTA, UnixMs(5)).await.unwrap();
    let said = |text: &str, parent: Option<&str>| {
        Some(Said { text: text.into(), parent: parent.map(ReplyId::new), replaces: None, asked: None })
    };
    let due = |reply: &str, message: &str, attempt| Due {
        reply: ReplyId::new(reply),
        message: MessageId::new(message),
        attempt,
    };
    let entry = |number, said, due, state, text: &str, details: Option<&str>| Entry {
        number,
        created: UnixMs(number * 2 - 1),
        said,
        due,
        state,
        text: text.into(),
        details: details.map(str::to_owned),
        rating: None,
    };
    let expected = [
        entry(3, said("How?", Some("r1")), due("r3", "m2", 1), ReplyState::Due, "", None),
        entry(2, None, due("r2", "m1", 2), ReplyState::Cancelled, "Beca", Some("{}")),
        entry(1, said("Why?", None), due("r1", "m1", 1), ReplyState::Done, "So.", Some(&answer.details)),
    ];
    assert_eq!(conversations.history(&of, None, 10).await.unwrap(), expected);
    let kept = Conversation {
        key: of.clone(),
        title: "Why?".into(),
        course: None,
        created: UnixMs(1),
        updated: UnixMs(5),
        messages: 2,
    };
    assert_eq!(conversations.get(&of).await.unwrap(), Some(kept.clone()));
    assert_eq!(conversations.list(query(None)).await.unwrap().conversations, [kept]);
}

pub(crate) async fn the_history_is_paged_latest_first(conversations: &dyn Conversations) {
    let of = key("ada", "c1");
    for number in 1..=7_u64 {
        conversations.submit(&of, send(&format!("m{number}"), None, "Why?"), &QUOTA, UnixMs(number)).await.unwrap();
        conversations.file(&of, filed(&format!("r{number}"), "So."), UnixMs(number)).await.unwrap();
    }
    let numbers =
        |page: Vec<viva::ports::conversations::Entry>| page.iter().map(|entry| entry.number).collect::<Vec<_>>();
    assert_eq!(numbers(conversations.history(&of, None, 3).await.unwrap()), [7, 6, 5]);
    assert_eq!(numbers(conversations.history(&of, Some(5), 3).await.unwrap()), [4, 3, 2]);
    assert_eq!(numbers(conversations.history(&of, Some(2), 3).await.unwrap()), [1]);
    assert!(conversations.history(&key("bob", "c1"), None, 3).await.unwrap().is_empty());
}

pub(crate) async fn what_is_due_for_long_is_found_until_it_is_filed(conversations: &dyn Conversations) {
    let (early, late, young) = (key("ada", "c1"), key("bob", "c1"), key("bob", "c2"));
    conversations.submit(&late, send("m1", None, "Why?"), &QUOTA, UnixMs(20)).await.unwrap();
    conversations.submit(&early, send("m1", None, "Why?"), &QUOTA, UnixMs(10)).await.unwrap();
    conversations.submit(&early, send("m2", None, "How?"), &QUOTA, UnixMs(30)).await.unwrap();
    conversations.submit(&young, send("m1", None, "Why?"), &QUOTA, UnixMs(50)).await.unwrap();
    let overdue = async |limit| conversations.overdue(UnixMs(50), limit).await.unwrap();
    assert_eq!(overdue(10).await, [early.clone(), late.clone()]);
    assert_eq!(overdue(1).await, std::slice::from_ref(&early));
    conversations.file(&early, filed("r1", "So."), UnixMs(60)).await.unwrap();
    assert_eq!(overdue(10).await, [late.clone(), early.clone()]);
    conversations.file(&early, filed("r2", "So."), UnixMs(60)).await.unwrap();
    conversations.delete(&late).await.unwrap();
    assert_eq!(overdue(10).await, []);
}

pub(crate) async fn conversations_are_listed_by_words_of_title_and_talk(conversations: &dyn Conversations) {
    for (session, text, at) in [("c1", "What are Whales?", 1), ("c2", "What is an ETag?", 2), ("c3", "And heaps?", 3)] {
        conversations.submit(&key("ada", session), send("m1", None, text), &QUOTA, UnixMs(at)).await.unwrap();
    }
    conversations.submit(&key("bob", "c4"), send("m1", None, "What are whales?"), &QUOTA, UnixMs(4)).await.unwrap();
    conversations.file(&key("ada", "c1"), filed("r1", "Mammals of the SEA."), UnixMs(9)).await.unwrap();
    let names = |page: &viva::ports::conversations::ConversationPage| {
        page.conversations.iter().map(|one| one.key.session.to_string()).collect::<Vec<_>>()
    };
    let first = conversations.list(query(None)).await.unwrap();
    assert_eq!(names(&first), ["c1", "c3"]);
    let rest = conversations.list(ConversationQuery { cursor: first.cursor, ..query(None) }).await.unwrap();
    assert_eq!((names(&rest), rest.cursor), (vec!["c2".to_owned()], None));
    assert_eq!(names(&conversations.list(query(Some("whales sea"))).await.unwrap()), ["c1"]);
    assert!(conversations.list(query(Some("whales heaps"))).await.unwrap().conversations.is_empty());
    let refused = conversations.list(ConversationQuery { cursor: Some("?".into()), ..query(None) }).await;
    assert!(matches!(refused, Err(ConversationsError::Cursor)));
}

pub(crate) async fn a_list_is_held_to_a_course_and_moved_by_nothing_that_begins_meanwhile(
    conversations: &dyn Conversations,
) {
    for number in 0..7 {
        let asked = Some(Asked { course: Some(CourseId::new("web")), documents: None });
        let ask = Ask::Send { message: MessageId::new("m1"), parent: None, text: "Why?".into(), asked };
        conversations.submit(&key("ada", &format!("c{number}")), request(ask), &QUOTA, UnixMs(1)).await.unwrap();
    }
    let mut next = ConversationQuery { course: Some(CourseId::new("web")), ..query(None) };
    let mut found = Vec::new();
    for round in 0.. {
        let page = conversations.list(next.clone()).await.unwrap();
        found.extend(page.conversations.into_iter().map(|one| one.key.session.to_string()));
        let later = key("ada", &format!("later{round}"));
        conversations.submit(&later, send("m1", None, "Why?"), &QUOTA, UnixMs(2)).await.unwrap();
        if let Some(last) = found.last() {
            conversations.delete(&key("ada", last)).await.unwrap();
        }
        match page.cursor {
            Some(cursor) => next.cursor = Some(cursor),
            None => break,
        }
    }
    assert_eq!(found, (0..7).map(|number| format!("c{number}")).collect::<Vec<_>>());
}

pub(crate) async fn a_persons_title_is_not_replaced_by_a_made_one(conversations: &dyn Conversations) {
    let of = key("ada", "c1");
    conversations.submit(&of, send("m1", None, "What is an ETag? I wonder."), &QUOTA, UnixMs(1)).await.unwrap();
    let title = async || conversations.get(&of).await.unwrap().unwrap().title;
    assert_eq!(title().await, "What is an ETag?");
    conversations.entitle(&of, "ETags").await.unwrap();
    assert_eq!(title().await, "ETags");
    conversations.submit(&of, request(Ask::Rename { title: "Mine".into() }), &QUOTA, UnixMs(2)).await.unwrap();
    conversations.entitle(&of, "ETags").await.unwrap();
    assert_eq!(title().await, "Mine");
}

pub(crate) async fn who_looks_on_is_known_until_unbound(conversations: &dyn Conversations) {
    let of = key("ada", "c1");
    let (phone, laptop) = (ConnectionId::new("phone"), ConnectionId::new("laptop"));
    assert_eq!(conversations.bind(&of, &phone, 3).await.unwrap(), None);
    conversations.bind(&of, &laptop, 5).await.unwrap();
    let before = conversations.bound(&of).await.unwrap();
    conversations.bind(&of, &phone, 9).await.unwrap();
    let bound = conversations.bound(&of).await.unwrap();
    assert_eq!(
        bound.iter().map(|one| (one.connection.as_str(), one.head_seq)).collect::<Vec<_>>(),
        [("laptop", 5), ("phone", 9)]
    );
    assert!(bound[1].bind_no > before[1].bind_no, "a new binding has a new number");
    conversations.unbind(&of, &laptop).await.unwrap();
    assert_eq!(conversations.bound(&of).await.unwrap().len(), 1);
}

pub(crate) async fn beyond_what_may_look_on_the_oldest_makes_room(conversations: &dyn Conversations) {
    let of = key("ada", "c1");
    let tab = |n: usize| ConnectionId::new(format!("tab{n}"));
    for n in 0..CHAT_CONNECTIONS_MAX {
        assert_eq!(conversations.bind(&of, &tab(n), 0).await.unwrap(), None);
    }
    assert_eq!(conversations.bind(&of, &tab(0), 1).await.unwrap(), None, "it was there");
    assert_eq!(conversations.bind(&of, &tab(100), 2).await.unwrap(), Some(tab(1)));
    let bound = conversations.bound(&of).await.unwrap();
    let names: Vec<_> = bound.into_iter().map(|one| one.connection).collect();
    let expected: Vec<_> = (2..CHAT_CONNECTIONS_MAX).chain([0, 100]).map(tab).collect();
    assert_eq!(names, expected);
    assert!(conversations.bound(&key("bob", "c1")).await.unwrap().is_empty());
}

pub(crate) async fn of_many_who_bind_at_once_no_more_look_on_than_may(conversations: &dyn Conversations) {
    let of = key("ada", "c1");
    let tabs: Vec<_> = (0..20).map(|n| ConnectionId::new(format!("tab{n}"))).collect();
    let binds = tabs.iter().map(|tab| conversations.bind(&of, tab, 0));
    let moved: Vec<_> = futures::future::join_all(binds).await.into_iter().filter_map(|bound| bound.unwrap()).collect();
    let bound = conversations.bound(&of).await.unwrap();
    assert_eq!((moved.len(), bound.len()), (20 - CHAT_CONNECTIONS_MAX, CHAT_CONNECTIONS_MAX));
    let mut all: Vec<_> = moved.into_iter().chain(bound.into_iter().map(|one| one.connection)).collect();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 20, "each looks on, or is told that it does not");
}

pub(crate) async fn a_deletion_holds_whatever_comes_at_the_same_time(conversations: &dyn Conversations) {
    for round in 0..10 {
        let of = key("ada", &format!("c{round}"));
        conversations.submit(&of, send("m1", None, "Why?"), &QUOTA, UnixMs(1)).await.unwrap();
        let tab = ConnectionId::new("tab");
        let (deleted, filed, submitted, entitled, bound) = tokio::join!(
            conversations.delete(&of),
            conversations.file(&of, filed("r1", "So."), UnixMs(2)),
            conversations.submit(&of, send("m2", None, "How?"), &QUOTA, UnixMs(2)),
            conversations.entitle(&of, "Reasons"),
            conversations.bind(&of, &tab, 0),
        );
        deleted.and(filed).and(entitled).unwrap();
        bound.unwrap();
        assert!(matches!(submitted, Ok(_) | Err(SubmitError::Deleted)), "{submitted:?}");
        assert_eq!(conversations.get(&of).await.unwrap(), None);
        assert!(conversations.requests_after(&of, 0, 10).await.unwrap().is_empty());
        assert!(conversations.history(&of, None, 10).await.unwrap().is_empty());
        assert!(conversations.bound(&of).await.unwrap().is_empty());
    }
    assert!(conversations.list(query(None)).await.unwrap().conversations.is_empty());
}

pub(crate) async fn what_was_deleted_stays_deleted(conversations: &dyn Conversations) {
    let of = key("ada", "c1");
    conversations.submit(&of, send("m1", None, "Why?"), &QUOTA, UnixMs(1)).await.unwrap();
    conversations.bind(&of, &ConnectionId::new("phone"), 0).await.unwrap();
    conversations.delete(&of).await.unwrap();
    conversations.delete(&of).await.unwrap();
    conversations.file(&of, filed("r1", "So."), UnixMs(2)).await.unwrap();
    assert_eq!(conversations.get(&of).await.unwrap(), None);
    assert!(conversations.history(&of, None, 10).await.unwrap().is_empty());
    assert!(conversations.bound(&of).await.unwrap().is_empty());
    let again = conversations.submit(&of, send("m1", None, "Why?"), &QUOTA, UnixMs(3)).await;
    assert!(matches!(again, Err(SubmitError::Deleted)), "{again:?}");
    conversations.bind(&of, &ConnectionId::new("phone"), 0).await.unwrap();
    assert!(conversations.bound(&of).await.unwrap().is_empty(), "nobody looks on at what is not there");
}
