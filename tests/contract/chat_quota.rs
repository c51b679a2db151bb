//! How much of chat one user may have, in every [`Conversations`].

use crate::conversations::{QUOTA, filed, rename, request, send};
use crate::fixtures::key;
use viva::ports::clock::UnixMs;
use viva::ports::conversations::{Ask, ChatQuota, ChatsInUse, Conversations, ReplyId, SubmitError};
use viva::ports::ids::{TenantId, UserId};

macro_rules! chat_quota_contract {
    ($make:path) => {
        contract!(
            chat_quota,
            $make,
            [
                no_more_replies_are_due_to_a_user_than_may_be,
                no_more_conversations_are_begun_than_a_user_may_have,
                of_many_conversations_begun_at_once_no_more_get_in_than_may,
            ]
        );
    };
}

async fn in_use(conversations: &dyn Conversations, user: &str) -> (u64, u64) {
    let found = conversations.in_use(&TenantId::new("default"), &UserId::new(user)).await.unwrap();
    let ChatsInUse { conversations, replies_due } = found;
    (conversations, replies_due)
}

pub(crate) async fn no_more_replies_are_due_to_a_user_than_may_be(conversations: &dyn Conversations) {
    let quota = ChatQuota { replies_due_max: 2, ..QUOTA };
    let submit =
        async |session: &str, request| conversations.submit(&key("ada", session), request, &quota, UnixMs(1)).await;
    submit("c1", send("m1", None, "Why?")).await.unwrap();
    submit("c2", send("m1", None, "Why?")).await.unwrap();
    assert_eq!(in_use(conversations, "ada").await, (2, 2));
    for (session, message) in [("c1", "m2"), ("c3", "m1")] {
        let refused = submit(session, send(message, None, "How?")).await;
        assert!(matches!(refused, Err(SubmitError::RepliesDue)), "{refused:?}");
    }
    assert_eq!(conversations.get(&key("ada", "c3")).await.unwrap(), None);
    // What asks for no reply, or was there before, or is another's, is taken.
    submit("c1", rename("t")).await.unwrap();
    assert!(!submit("c2", send("m1", None, "Why?")).await.unwrap().is_new);
    let stop = request(Ask::Stop { reply: ReplyId::new("r1") });
    submit("c1", stop).await.unwrap();
    conversations.submit(&key("bob", "c1"), send("m1", None, "Why?"), &quota, UnixMs(1)).await.unwrap();
    conversations.file(&key("ada", "c1"), filed("r1", "So."), UnixMs(2)).await.unwrap();
    assert_eq!(in_use(conversations, "ada").await, (2, 1));
    submit("c3", send("m1", None, "How?")).await.unwrap();
    conversations.delete(&key("ada", "c3")).await.unwrap();
    submit("c1", send("m2", None, "How?")).await.unwrap();
}

pub(crate) async fn no_more_conversations_are_begun_than_a_user_may_have(conversations: &dyn Conversations) {
    let quota = ChatQuota { conversations_max: 2, ..QUOTA };
    let begin = async |user: &str, session: &str| {
        conversations.submit(&key(user, session), send("m1", None, "Why?"), &quota, UnixMs(1)).await
    };
    assert_eq!(in_use(conversations, "ada").await, (0, 0));
    for session in ["c1", "c2"] {
        begin("ada", session).await.unwrap();
    }
    let refused = begin("ada", "c3").await;
    assert!(matches!(refused, Err(SubmitError::TooManyConversations)), "{refused:?}");
    assert_eq!(conversations.get(&key("ada", "c3")).await.unwrap(), None);
    // Those that are there go on, and another user's begin.
    assert!(!begin("ada", "c1").await.unwrap().is_new);
    conversations.submit(&key("ada", "c1"), send("m2", None, "How?"), &quota, UnixMs(2)).await.unwrap();
    begin("bob", "c3").await.unwrap();
    conversations.delete(&key("ada", "c1")).await.unwrap();
    begin("ada", "c3").await.unwrap();
    assert_eq!(in_use(conversations, "ada").await, (2, 2));
}

pub(crate) async fn of_many_conversations_begun_at_once_no_more_get_in_than_may(conversations: &dyn Conversations) {
    for (user, quota) in
        [("ada", ChatQuota { conversations_max: 5, ..QUOTA }), ("bob", ChatQuota { replies_due_max: 5, ..QUOTA })]
    {
        let keys: Vec<_> = (0..20).map(|n| key(user, &format!("c{n}"))).collect();
        let begins = keys.iter().map(|key| conversations.submit(key, send("m1", None, "Why?"), &quota, UnixMs(1)));
        let begun = futures::future::join_all(begins).await;
        assert_eq!(begun.iter().filter(|begun| begun.is_ok()).count(), 5, "{begun:?}");
        assert_eq!(in_use(conversations, user).await, (5, 5));
    }
}
