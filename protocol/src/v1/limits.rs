//! Every limit of the protocol, by name. Limits of the server alone (rates, sessions, storage) are not here.

/// The largest client message, in bytes of UTF-8.
pub const MESSAGE_BYTES_MAX: usize = 32_000;
/// A WebSocket frame above this is closed with 1009.
pub const FRAME_BYTES_MAX: usize = 32 * 1024;
/// A WebSocket message above this, whatever its frames, is closed with 1009.
pub const CONNECTION_MESSAGE_BYTES_MAX: usize = 128 * 1024;
/// The largest server message, in bytes of UTF-8; longer results are paged.
pub const SERVER_MESSAGE_BYTES_MAX: usize = 96 * 1024;
/// The longest audio in one message.
pub const AUDIO_MS_MAX: u64 = 1_000;
/// The most bytes of audio in one message, before base64.
pub const AUDIO_BYTES_MAX: usize = 20_000;
/// How far beyond `inboxThroughSeq` a client may always send and be read: the credit's least.
pub const WINDOW_SEQS: u64 = 64;
/// How much unacknowledged audio a client keeps.
pub const UNSENT_AUDIO_MS_MAX: u64 = 120_000;
/// The most ranges in `session.status.missing`.
pub const MISSING_RANGES_MAX: usize = 32;
/// How many early events a client keeps while it waits for a gap to close.
pub const EARLY_EVENTS_MAX: usize = 256;
/// The largest number that every client holds exactly (2⁵³ − 1).
pub const SAFE_INTEGER_MAX: u64 = 9_007_199_254_740_991;
/// The longest id.
pub const ID_CHARS_MAX: usize = 64;
/// The longest language tag.
pub const LANGUAGE_CHARS_MAX: usize = 35;
/// The longest topic.
pub const TOPIC_CHARS_MAX: usize = 500;
/// The longest role.
pub const ROLE_CHARS_MAX: usize = 200;
/// The longest level.
pub const LEVEL_CHARS_MAX: usize = 100;
/// The longest guide for the interviewer.
pub const GUIDE_CHARS_MAX: usize = 4_000;
/// The most documents that an interview may draw on.
pub const DOCUMENTS_MAX: usize = 50;
/// The fewest questions of an interview.
pub const QUESTIONS_MIN: u32 = 1;
/// The most questions of an interview.
pub const QUESTIONS_MAX: u32 = 50;
/// The shortest time budget of an interview.
pub const DURATION_MS_MIN: u64 = 30_000;
/// The longest time budget of an interview.
pub const DURATION_MS_MAX: u64 = 7_200_000;
/// The longest typed or corrected answer.
pub const ANSWER_CHARS_MAX: usize = 8_000;
/// The longest search query.
pub const QUERY_CHARS_MAX: usize = 200;
/// The longest cursor of a paged result.
pub const CURSOR_CHARS_MAX: usize = 512;
/// The longest token, in bytes.
pub const TOKEN_BYTES_MAX: usize = 8_192;
/// The longest name of a rating's criterion.
pub const CRITERION_CHARS_MAX: usize = 100;
/// The longest comment on a rating.
pub const COMMENT_CHARS_MAX: usize = 2_000;
/// The lowest rating.
pub const RATING_MIN: u8 = 1;
/// The highest rating.
pub const RATING_MAX: u8 = 5;
/// The longest name, and the longest version, of a client.
pub const CLIENT_CHARS_MAX: usize = 100;
/// The most features that a client may name.
pub const FEATURES_MAX: usize = 32;
/// The longest name of a feature.
pub const FEATURE_CHARS_MAX: usize = 64;
/// The longest `message` of an error.
pub const ERROR_MESSAGE_CHARS_MAX: usize = 300;
/// The sample rates that audio may have.
pub const SAMPLE_RATES_HZ: &[u32] = &[8_000, 12_000, 16_000, 24_000, 48_000];
/// The most channels that audio may have.
pub const CHANNELS_MAX: u8 = 2;
