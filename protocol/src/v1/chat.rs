//! Chat over course files: what a client asks for, what happens in a conversation, and its history.
//!
//! The server numbers what is asked for, since a phone and a laptop may share a conversation. What an answer may draw on, and whether a
//! citation holds, is decided elsewhere.

use super::{CourseId, DocumentId, MessageId, ReplyId, SessionId};

wire! {
    /// What the replies to a message may draw on: all that the user may read, where nothing is said.
    #[derive(Eq, Default)]
    plain struct ChatScope {} optional {
        /// Only files of this course.
        course: CourseId,
        /// Only these files.
        #[cfg_attr(feature = "schema", schemars(length(max = 50)))]
        documents: Vec<DocumentId>,
    }
}

wire! {
    /// Says something in a conversation, and asks for a reply. The first creates the conversation; the same again is a no-op. Binds the
    /// connection. Answered by `result{id,messageId,replyId,attempt}`.
    request struct ChatSend {
        /// The conversation.
        session: SessionId,
        /// The message, named by the client.
        message_id: MessageId,
        /// What is said.
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 8000)))]
        text: String,
    } optional {
        /// The reply that this goes on from; absent: from the conversation's beginning.
        parent_id: ReplyId,
        /// What the reply may draw on; absent: as for the message before.
        scope: ChatScope,
    }
}

wire! {
    /// Says something in another way: a branch beside the message that it replaces, which stays. Answered by
    /// `result{id,messageId,replyId,attempt}`.
    request struct ChatEdit {
        /// The conversation.
        session: SessionId,
        /// The new message, named by the client.
        message_id: MessageId,
        /// The message that it replaces.
        replaces: MessageId,
        /// What is said instead.
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 8000)))]
        text: String,
    }
}

wire! {
    /// Asks for another reply to the same message; those before stay. Answered by `result{id,messageId,replyId,attempt}`.
    request struct ChatRegenerate {
        /// The conversation.
        session: SessionId,
        /// The message.
        message_id: MessageId,
        /// One more than the attempts so far; the same again is a no-op.
        #[cfg_attr(feature = "schema", schemars(range(min = 2, max = 20)))]
        attempt: u32,
    }
}

wire! {
    /// Ends a reply where it is: what was said so far stays. Answered by `result{id}`.
    request struct ChatStop {
        /// The conversation.
        session: SessionId,
        /// The reply.
        reply_id: ReplyId,
    }
}

wire! {
    /// Gives a conversation a title. Answered by `result{id}`.
    request struct ChatRename {
        /// The conversation.
        session: SessionId,
        /// The title.
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 200)))]
        title: String,
    }
}

words! {
    /// What a person thinks of a reply.
    enum ChatRating {
        /// It helped.
        Up = "up",
        /// It did not.
        Down = "down",
    }
}

wire! {
    /// Says whether a reply helped; the last word counts. Answered by `result{id}`.
    request struct ChatFeedback {
        /// The conversation.
        session: SessionId,
        /// The reply.
        reply_id: ReplyId,
        /// Whether it helped.
        rating: ChatRating,
    }
}

wire! {
    /// Asks for what was said, latest first. Answered by `result{id,session,title,entries,before?}`.
    request struct ChatHistory {
        /// The conversation.
        session: SessionId,
    } optional {
        /// Only entries with a lower `number`.
        #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 9007199254740991u64)))]
        before: u64,
        /// At most so many entries; fewer come where they are long.
        #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 50)))]
        limit: u32,
    }
}

wire! {
    /// Where in a document a passage stands.
    #[derive(Eq, Default)]
    plain struct Locator {
        /// For people: `p. 12`, `slide 3`, `Chapter › Section ¶4`.
        label: String,
    } optional {
        /// The page, from 1.
        page: u32,
        /// The last page, where it runs on.
        page_last: u32,
        /// The slide, from 1.
        slide: u32,
        /// The sheet of a workbook.
        sheet: String,
        /// The row of the sheet, from 1.
        row: u32,
        /// The headings above it, outermost first.
        path: Vec<String>,
        /// The paragraph under the last heading, from 1.
        paragraph: u32,
    }
}

wire! {
    /// What a sentence of a reply rests on.
    #[derive(Eq)]
    plain struct Citation {
        /// As it stands in the reply's text: `[1]`.
        number: u32,
        /// The document.
        document: DocumentId,
        /// The document's name.
        name: String,
        /// Where in the document.
        locator: Locator,
        /// The passage's own words, verbatim.
        quote: String,
        /// The passage.
        passage: String,
    }
}

words! {
    /// How a reply came to its end.
    enum ChatFinish {
        /// It is whole.
        Complete = "complete",
        /// Nothing in the files is about this.
        NotFound = "not_found",
        /// It became as long as a reply may.
        Length = "length",
        /// The model's filter stopped it.
        Filtered = "filtered",
        /// The model, or the search in the files, broke down.
        Failed = "failed",
        /// The model did not answer in time.
        TimedOut = "timed_out",
        /// The model has too much to do; ask again later.
        Busy = "busy",
        /// A budget is used up.
        Budget = "budget",
    }
}

wire! {
    /// What a reply used.
    #[derive(Eq, Default)]
    plain struct ChatUsage {
        /// How often a model was asked.
        model_requests: u32,
        /// Tokens that models read.
        model_input_tokens: u64,
        /// Tokens that models wrote.
        model_output_tokens: u64,
    }
}

wire! {
    /// Somebody said something in the conversation.
    durable struct ChatMessage {
        /// The message.
        message_id: MessageId,
        /// What was said.
        text: String,
    } optional {
        /// The reply that it goes on from.
        parent_id: ReplyId,
        /// The message beside which it is a branch.
        replaces: MessageId,
        /// What replies may draw on.
        scope: ChatScope,
    }
}

wire! {
    /// A reply begins. Told again for the same reply when another worker has taken over: what came of it before is dropped.
    durable struct ChatStarted {
        /// The reply.
        reply_id: ReplyId,
        /// The message that it answers.
        in_reply_to: MessageId,
        /// Which attempt at answering it this is.
        attempt: u32,
    }
}

wire! {
    /// The next piece of a reply.
    durable struct ChatDelta {
        /// The reply.
        reply_id: ReplyId,
        /// The piece.
        text: String,
    }
}

wire! {
    /// A reply is over. Its text takes the place of its pieces: citations that did not hold are gone from it.
    durable struct ChatDone {
        /// The reply.
        reply_id: ReplyId,
        /// The whole, or what there is of it where it broke off.
        text: String,
        /// How it came to its end.
        finish_reason: ChatFinish,
        /// What it used.
        usage: ChatUsage,
        /// What it rests on, in the order of their numbers.
        citations: Vec<Citation>,
    } optional {
        /// For people: why it broke off.
        message: String,
    }
}

wire! {
    /// A reply was stopped; what was said so far stays.
    durable struct ChatCancelled {
        /// The reply.
        reply_id: ReplyId,
        /// What was said so far.
        text: String,
    }
}

wire! {
    /// The conversation has a new title.
    durable struct ChatTitled {
        /// The title.
        title: String,
    }
}

words! {
    /// Where a reply stands.
    enum ChatReplyState {
        /// It waits or is being written; its events tell.
        Due = "due",
        /// It is over.
        Done = "done",
        /// It was stopped.
        Cancelled = "cancelled",
    }
}

wire! {
    /// A reply in the history.
    plain struct ChatReply {
        /// The reply.
        reply_id: ReplyId,
        /// The message that it answers.
        in_reply_to: MessageId,
        /// Which attempt at answering it this is.
        attempt: u32,
        /// Where it stands.
        state: ChatReplyState,
        /// Its text; empty while it is due.
        text: String,
        /// What it rests on.
        citations: Vec<Citation>,
    } optional {
        /// How it came to its end.
        finish_reason: ChatFinish,
        /// Whether it helped.
        rating: ChatRating,
    }
}

wire! {
    /// A message in the history.
    plain struct ChatSaid {
        /// The message.
        message_id: MessageId,
        /// What was said.
        text: String,
    } optional {
        /// The reply that it goes on from.
        parent_id: ReplyId,
        /// The message beside which it is a branch.
        replaces: MessageId,
        /// What replies may draw on.
        scope: ChatScope,
    }
}

wire! {
    /// One request for a reply.
    plain struct ChatEntry {
        /// The server's number of the request: later ones have higher numbers.
        number: u64,
        /// When it was asked.
        created_unix_ms: u64,
        /// The reply.
        reply: ChatReply,
    } optional {
        /// What was said; absent where another attempt was asked for.
        message: ChatSaid,
    }
}

wire! {
    /// A page of a conversation.
    plain struct ChatPage {
        /// The conversation.
        session: SessionId,
        /// Its title.
        title: String,
        /// Latest first.
        entries: Vec<ChatEntry>,
    } optional {
        /// Ask for the page before with this; absent on the last.
        before: u64,
    }
}

wire! {
    /// A reply will come.
    plain struct ChatAccepted {
        /// The message.
        message_id: MessageId,
        /// The reply to come.
        reply_id: ReplyId,
        /// Which attempt at answering the message it is.
        attempt: u32,
    }
}
