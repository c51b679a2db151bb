//! Every limit of the protocol, by name. Limits of the server alone (rates, sessions, storage) are not here.

/// Declares the limits, and lists them for the published artefacts.
macro_rules! limits {
    ($($(#[doc = $doc:literal])* $name:ident: $type:ty = $value:expr;)*) => {
        $($(#[doc = $doc])* pub const $name: $type = $value;)*

        /// Name, value and description of every limit that is a number, in the order of declaration.
        pub const ALL: &[(&str, u64, &str)] = &[$((stringify!($name), $value as u64, concat!($($doc),*))),*];
    };
}

limits! {
    /// The largest client message, in bytes of UTF-8.
    MESSAGE_BYTES_MAX: usize = 32_000;
    /// A WebSocket frame above this is closed with 1009.
    FRAME_BYTES_MAX: usize = 32 * 1024;
    /// A WebSocket message above this, whatever its frames, is closed with 1009.
    CONNECTION_MESSAGE_BYTES_MAX: usize = 128 * 1024;
    /// The largest server message, in bytes of UTF-8; longer results are paged.
    SERVER_MESSAGE_BYTES_MAX: usize = 96 * 1024;
    /// The longest audio in one message.
    AUDIO_MS_MAX: u64 = 1_000;
    /// The most bytes of audio in one message, before base64.
    AUDIO_BYTES_MAX: usize = 20_000;
    /// How far beyond `inboxThroughSeq` a client may always send and be read: the credit's least.
    WINDOW_SEQS: u64 = 64;
    /// How much unacknowledged audio a client keeps.
    UNSENT_AUDIO_MS_MAX: u64 = 120_000;
    /// The most ranges in `session.status.missing`.
    MISSING_RANGES_MAX: usize = 32;
    /// How many early events a client keeps while it waits for a gap to close.
    EARLY_EVENTS_MAX: usize = 256;
    /// The largest number that every client holds exactly (2⁵³ − 1).
    SAFE_INTEGER_MAX: u64 = 9_007_199_254_740_991;
    /// The longest id.
    ID_CHARS_MAX: usize = 64;
    /// The longest language tag.
    LANGUAGE_CHARS_MAX: usize = 35;
    /// The longest topic.
    TOPIC_CHARS_MAX: usize = 500;
    /// The longest role.
    ROLE_CHARS_MAX: usize = 200;
    /// The longest level.
    LEVEL_CHARS_MAX: usize = 100;
    /// The most documents that an interview may draw on.
    DOCUMENTS_MAX: usize = 50;
    /// The fewest questions of an interview.
    QUESTIONS_MIN: u32 = 1;
    /// The most questions of an interview.
    QUESTIONS_MAX: u32 = 50;
    /// The shortest time budget of an interview.
    DURATION_MS_MIN: u64 = 30_000;
    /// The longest time budget of an interview.
    DURATION_MS_MAX: u64 = 7_200_000;
    /// The longest typed or corrected answer.
    ANSWER_CHARS_MAX: usize = 8_000;
    /// The longest search query.
    QUERY_CHARS_MAX: usize = 200;
    /// The longest cursor of a paged result.
    CURSOR_CHARS_MAX: usize = 512;
    /// The longest token, in bytes.
    TOKEN_BYTES_MAX: usize = 8_192;
    /// The longest name of a rating's criterion.
    CRITERION_CHARS_MAX: usize = 100;
    /// The longest comment on a rating.
    COMMENT_CHARS_MAX: usize = 2_000;
    /// The lowest rating.
    RATING_MIN: u8 = 1;
    /// The highest rating.
    RATING_MAX: u8 = 5;
    /// The longest name, and the longest version, of a client.
    CLIENT_CHARS_MAX: usize = 100;
    /// The most features that a client may name.
    FEATURES_MAX: usize = 32;
    /// The longest name of a feature.
    FEATURE_CHARS_MAX: usize = 64;
    /// The longest `message` of an error.
    ERROR_MESSAGE_CHARS_MAX: usize = 300;
    /// The most channels that audio may have.
    CHANNELS_MAX: u8 = 2;
    /// The longest message of a conversation.
    CHAT_TEXT_CHARS_MAX: usize = 8_000;
    /// The longest reply of a conversation.
    CHAT_REPLY_CHARS_MAX: usize = 12_000;
    /// The most attempts at answering one message.
    CHAT_ATTEMPTS_MAX: u32 = 20;
    /// The longest title of a conversation.
    CHAT_TITLE_CHARS_MAX: usize = 200;
    /// The most entries in a page of a conversation's history.
    CHAT_HISTORY_ENTRIES_MAX: u32 = 50;
    /// The most citations of a reply.
    CHAT_CITATIONS_MAX: usize = 12;
    /// The longest quote of a citation.
    CHAT_QUOTE_CHARS_MAX: usize = 400;
    /// How many connections a conversation may be bound to at once.
    CHAT_CONNECTIONS_MAX: usize = 8;
}

/// The sample rates that audio may have.
pub const SAMPLE_RATES_HZ: &[u32] = &[8_000, 12_000, 16_000, 24_000, 48_000];
