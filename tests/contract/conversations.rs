//! What every [`Conversations`] does.

use crate::fixtures::key;
use viva::ports::clock::UnixMs;
use viva::ports::conversations::{
    Ask, ConversationQuery, Conversations, ConversationsError, Filed, MessageId, Rating, ReplyId, ReplyState, Request,
    SubmitError,
};
use viva::ports::ids::{ConnectionId, CourseId, TenantId, UserId};

macro_rules! conversations_contract {
    ($make:path) => {
        contract!(
            conversations,
            $make,
            [
                requests_are_numbered_without_a_gap_and_once,
                the_same_id_for_something_else_is_refused,
                what_is_not_there_cannot_be_asked_about,
                an_attempt_follows_the_one_before,
                no_more_replies_are_due_than_may_be,
                a_reply_is_filed_once,
                the_history_is_paged_latest_first,
                conversations_are_listed_by_words_of_title_and_talk,
                a_persons_title_is_not_replaced_by_a_made_one,
                who_looks_on_is_known_until_unbound,
                what_was_deleted_stays_deleted,
            ]
        );
    };
}

fn send(message: &str, parent: Option<&str>, text: &str) -> Request {
    let message = MessageId::new(message);
    let ask = Ask::Send { message, parent: parent.map(ReplyId::new), text: text.into(), asked: None };
    request(ask)
}

fn request(ask: Ask) -> Request {
    Request { ask, courses: vec![CourseId::new("web")] }
}

fn filed(reply: &str, text: &str) -> Filed {
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
    let first = conversations.submit(&of, send("m1", None, "Why?"), UnixMs(1)).await.unwrap();
    assert_eq!((first.number, first.is_new), (1, true));
    assert_eq!(first.reply.as_ref().map(|due| (due.reply.as_str(), due.attempt)), Some(("r1", 1)));
    let again = conversations.submit(&of, send("m1", None, "Why?"), UnixMs(2)).await.unwrap();
    assert_eq!((again.number, again.is_new, &again.reply), (1, false, &first.reply));
    let stop = request(Ask::Stop { reply: ReplyId::new("r1") });
    assert_eq!(conversations.submit(&of, stop.clone(), UnixMs(3)).await.unwrap().number, 2);
    assert_eq!(conversations.submit(&of, stop.clone(), UnixMs(3)).await.unwrap().number, 2);
    let rename = request(Ask::Rename { title: "Why".into() });
    assert_eq!(conversations.submit(&of, rename, UnixMs(3)).await.unwrap().number, 3);
    let read = conversations.requests_after(&of, 1, 1).await.unwrap();
    assert_eq!(read.iter().map(|one| (one.number, &one.request)).collect::<Vec<_>>(), [(2, &stop)]);
}

pub(crate) async fn the_same_id_for_something_else_is_refused(conversations: &dyn Conversations) {
    let of = key("ada", "c1");
    conversations.submit(&of, send("m1", None, "Why?"), UnixMs(1)).await.unwrap();
    let other = conversations.submit(&of, send("m1", None, "How?"), UnixMs(1)).await;
    assert!(matches!(other, Err(SubmitError::Exists)), "{other:?}");
    assert_eq!(conversations.requests_after(&of, 0, 10).await.unwrap().len(), 1);
}

pub(crate) async fn what_is_not_there_cannot_be_asked_about(conversations: &dyn Conversations) {
    let of = key("ada", "c1");
    let refused = conversations.submit(&of, send("m1", Some("r9"), "Why?"), UnixMs(1)).await;
    assert!(matches!(refused, Err(SubmitError::Unknown)), "{refused:?}");
    conversations.submit(&of, send("m1", None, "Why?"), UnixMs(1)).await.unwrap();
    let asks = [
        Ask::Send { message: MessageId::new("m2"), parent: Some(ReplyId::new("r9")), text: "?".into(), asked: None },
        Ask::Edit { message: MessageId::new("m2"), replaces: MessageId::new("m9"), text: "?".into() },
        Ask::Regenerate { message: MessageId::new("m9"), attempt: 2 },
        Ask::Stop { reply: ReplyId::new("r9") },
    ];
    for ask in asks {
        let refused = conversations.submit(&of, request(ask), UnixMs(1)).await;
        assert!(matches!(refused, Err(SubmitError::MessageUnknown)), "{refused:?}");
    }
    assert!(!conversations.rate(&of, &ReplyId::new("r9"), Rating::Up).await.unwrap());
}

pub(crate) async fn an_attempt_follows_the_one_before(conversations: &dyn Conversations) {
    let of = key("ada", "c1");
    conversations.submit(&of, send("m1", None, "Why?"), UnixMs(1)).await.unwrap();
    let attempt = |attempt| request(Ask::Regenerate { message: MessageId::new("m1"), attempt });
    assert!(matches!(conversations.submit(&of, attempt(3), UnixMs(1)).await, Err(SubmitError::MessageUnknown)));
    let second = conversations.submit(&of, attempt(2), UnixMs(1)).await.unwrap();
    assert_eq!(conversations.submit(&of, attempt(2), UnixMs(1)).await.unwrap().number, second.number);
    assert!(conversations.submit(&of, attempt(3), UnixMs(1)).await.unwrap().is_new);
}

pub(crate) async fn no_more_replies_are_due_than_may_be(conversations: &dyn Conversations) {
    let of = key("ada", "c1");
    for number in 1..=4 {
        conversations.submit(&of, send(&format!("m{number}"), None, "Why?"), UnixMs(1)).await.unwrap();
    }
    let refused = conversations.submit(&of, send("m5", None, "Why?"), UnixMs(1)).await;
    assert!(matches!(refused, Err(SubmitError::RepliesDue)), "{refused:?}");
    conversations.file(&of, filed("r1", "So."), UnixMs(2)).await.unwrap();
    assert_eq!(conversations.submit(&of, send("m5", None, "Why?"), UnixMs(3)).await.unwrap().number, 5);
}

pub(crate) async fn a_reply_is_filed_once(conversations: &dyn Conversations) {
    let of = key("ada", "c1");
    conversations.submit(&of, send("m1", None, "Why?"), UnixMs(1)).await.unwrap();
    conversations.file(&of, filed("r1", "So."), UnixMs(2)).await.unwrap();
    conversations.file(&of, filed("r1", "Otherwise."), UnixMs(3)).await.unwrap();
    assert!(conversations.rate(&of, &ReplyId::new("r1"), Rating::Down).await.unwrap());
    let history = conversations.history(&of, None, 10).await.unwrap();
    assert_eq!((history[0].text.as_str(), history[0].state), ("So.", ReplyState::Done));
    assert_eq!((history[0].details.as_deref(), history[0].rating), (Some("{}"), Some(Rating::Down)));
}

pub(crate) async fn the_history_is_paged_latest_first(conversations: &dyn Conversations) {
    let of = key("ada", "c1");
    for number in 1..=7_u64 {
        conversations.submit(&of, send(&format!("m{number}"), None, "Why?"), UnixMs(number)).await.unwrap();
        conversations.file(&of, filed(&format!("r{number}"), "So."), UnixMs(number)).await.unwrap();
    }
    let numbers =
        |page: Vec<viva::ports::conversations::Entry>| page.iter().map(|entry| entry.number).collect::<Vec<_>>();
    assert_eq!(numbers(conversations.history(&of, None, 3).await.unwrap()), [7, 6, 5]);
    assert_eq!(numbers(conversations.history(&of, Some(5), 3).await.unwrap()), [4, 3, 2]);
    assert_eq!(numbers(conversations.history(&of, Some(2), 3).await.unwrap()), [1]);
    assert!(conversations.history(&key("bob", "c1"), None, 3).await.unwrap().is_empty());
}

pub(crate) async fn conversations_are_listed_by_words_of_title_and_talk(conversations: &dyn Conversations) {
    for (session, text, at) in [("c1", "What are Whales?", 1), ("c2", "What is an ETag?", 2), ("c3", "And heaps?", 3)] {
        conversations.submit(&key("ada", session), send("m1", None, text), UnixMs(at)).await.unwrap();
    }
    conversations.submit(&key("bob", "c4"), send("m1", None, "What are whales?"), UnixMs(4)).await.unwrap();
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

pub(crate) async fn a_persons_title_is_not_replaced_by_a_made_one(conversations: &dyn Conversations) {
    let of = key("ada", "c1");
    conversations.submit(&of, send("m1", None, "What is an ETag? I wonder."), UnixMs(1)).await.unwrap();
    let title = async || conversations.get(&of).await.unwrap().unwrap().title;
    assert_eq!(title().await, "What is an ETag?");
    conversations.entitle(&of, "ETags").await.unwrap();
    assert_eq!(title().await, "ETags");
    conversations.submit(&of, request(Ask::Rename { title: "Mine".into() }), UnixMs(2)).await.unwrap();
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

pub(crate) async fn what_was_deleted_stays_deleted(conversations: &dyn Conversations) {
    let of = key("ada", "c1");
    conversations.submit(&of, send("m1", None, "Why?"), UnixMs(1)).await.unwrap();
    conversations.bind(&of, &ConnectionId::new("phone"), 0).await.unwrap();
    conversations.delete(&of).await.unwrap();
    conversations.delete(&of).await.unwrap();
    conversations.file(&of, filed("r1", "So."), UnixMs(2)).await.unwrap();
    assert_eq!(conversations.get(&of).await.unwrap(), None);
    assert!(conversations.history(&of, None, 10).await.unwrap().is_empty());
    assert!(conversations.bound(&of).await.unwrap().is_empty());
    let again = conversations.submit(&of, send("m1", None, "Why?"), UnixMs(3)).await;
    assert!(matches!(again, Err(SubmitError::Deleted)), "{again:?}");
}
