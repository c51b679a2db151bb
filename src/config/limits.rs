//! Every limit of the product by name, with its unit last. Limits of the wire itself live in `protocol::v1::limits`.

/// Events that one record of the outbox log holds at most.
pub const RECORD_EVENTS_MAX: usize = 32;

/// Wait for the first word of a question from a model. A reasoning model that thinks longer is of no use in a conversation.
pub const MODEL_FIRST_TOKEN_MS_MAX: u64 = 20_000;
/// Wait between two pieces from a model.
pub const MODEL_TOKEN_GAP_MS_MAX: u64 = 8_000;
/// A question as a whole, from the request to its last word, retries included.
pub const MODEL_QUESTION_MS_MAX: u64 = 60_000;
/// Wait for the first piece of a debrief: its prompt is long.
pub const MODEL_DEBRIEF_FIRST_TOKEN_MS_MAX: u64 = 60_000;
/// A debrief as a whole, retries and the attempt at repair included.
pub const MODEL_DEBRIEF_MS_MAX: u64 = 180_000;
/// A question's text in bytes; a model that goes on is cut off there.
pub const MODEL_QUESTION_CHARS_MAX: usize = 1_200;
/// A debrief's JSON in bytes; one that is longer is refused.
pub const MODEL_DEBRIEF_CHARS_MAX: usize = 64_000;
// Audio.

/// Audio in one message.
pub const AUDIO_MESSAGE_MS_MAX: u64 = 1_000;
/// How far a message may start before the end of the previous one, or after it, and still count as its continuation.
pub const AUDIO_OVERLAP_MS_MAX: u64 = 20;
/// Lost audio up to this length is concealed; a longer gap is silence.
pub const AUDIO_CONCEALED_MS_MAX: u64 = 1_000;
/// The longest piece of audio that the intake hands on at once.
pub const AUDIO_PIECE_MS_MAX: u64 = 100;
/// `earshot`'s score from which a frame of 16 ms counts as voice.
pub const VOICE_SCORE_MIN: f32 = 0.5;
/// Frames in a row before a voice is believed.
pub const VOICE_ONSET_FRAMES: u32 = 2;
/// A frame quieter than this (root mean square, of 32,768) is no voice.
pub const VOICE_RMS_MIN: f32 = 30.0;
/// How long a voice stays on after its last sign.
pub const VOICE_HANGOVER_MS: u64 = 160;
/// Audio from before speech that goes to the recognizer with it.
pub const GATE_PRE_ROLL_MS: u64 = 300;
/// How much of a pause the recognizer is fed, so that it finishes its segment.
pub const GATE_PAUSE_FED_MS: u64 = 1_200;
/// A recognizer stream without speech stays open so long.
pub const GATE_IDLE_MS_MAX: u64 = 12_000;
/// From one opening of a recognizer stream to the next: each bills at least so much.
pub const GATE_OPEN_EVERY_MS: u64 = 15_000;
