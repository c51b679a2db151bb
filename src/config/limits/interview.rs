//! The limits of an interview's core: turn-taking, questions, the report.

// The interview's turn-taking. Silences are media time.

/// Silence that ends an answer that reads complete, punctuation and all.
pub const SILENCE_COMPLETE_MS: u64 = 500;
/// Silence that ends an answer that reads complete, where the recognizer gives no punctuation.
pub const SILENCE_PLAIN_MS: u64 = 700;
/// Silence that ends an answer of a few words.
pub const SILENCE_SHORT_MS: u64 = 1_000;
/// Silence that ends an answer that breaks off ("and", "because").
pub const SILENCE_BROKEN_OFF_MS: u64 = 1_800;
/// Silence that ends an answer in the middle of a list, or after a filler.
pub const SILENCE_GOING_ON_MS: u64 = 2_500;
/// No silence is longer in `auto`.
pub const SILENCE_MS_MAX: u64 = 3_000;
/// `patient`: silence after an answer that reads complete.
pub const SILENCE_PATIENT_MS: u64 = 3_000;
/// `patient`: no silence is longer.
pub const SILENCE_PATIENT_MS_MAX: u64 = 8_000;
/// A recognizer that does not tell its progress has caught up when its words reach so close to the end of the voice.
pub const RECOGNIZER_LAG_MS: u64 = 600;
/// No silence ends an answer while the recognizer is behind the voice and gets on, at least once in so long (wall time).
pub const RECOGNIZER_PROGRESS_MS_MAX: u64 = 6_000;
/// The same for one that does not tell its progress: a noise without words is not to be told from a lag.
pub const RECOGNIZER_QUIET_MS_MAX: u64 = 3_000;
/// Behind the voice for longer than this (wall time since it was received), the recognizer is not waited for.
pub const RECOGNIZER_BEHIND_MS_MAX: u64 = 30_000;
/// Silence after which the next question is generated ahead.
pub const SPECULATION_SILENCE_MS: u64 = 250;
/// Questions generated ahead for one turn at most, so that the bill is bounded.
pub const SPECULATIONS_PER_TURN_MAX: u32 = 3;
/// Real words that interrupt a question.
pub const BARGE_IN_WORDS: usize = 2;
/// Voice that, with one real word, interrupts a question, and that alone makes it pause.
pub const BARGE_IN_VOICED_MS: u64 = 500;
/// Without (further) words for so long the question goes on.
pub const FALSE_INTERRUPTION_MS: u64 = 2_000;
/// Voice is one run across gaps up to this.
pub const VOICE_GAP_MS: u64 = 200;
/// Silence after which "speaking" goes off.
pub const SPEAKING_OFF_MS: u64 = 300;
/// Echo may be heard so long after a question was read aloud.
pub const ECHO_TAIL_MS: u64 = 500;
/// Without a word on playback for so long after a question's estimated end, it counts as heard.
pub const RENDERED_UNKNOWN_MS: u64 = 5_000;
/// Estimated speaking time of a character.
pub const SPOKEN_CHAR_MS: u64 = 65;
/// After an answer's end the recognizer's finals are waited for so long, where something needs them.
pub const FINALS_WAIT_MS: u64 = 2_500;
/// An `answer.end` before any word was recognized waits so long for the first.
pub const FIRST_WORDS_WAIT_MS: u64 = 2_000;
/// And so long for the last words, where some are there.
pub const LAST_WORDS_WAIT_MS: u64 = 700;
/// Someone who speaks when the time is over may end the sentence.
pub const DURATION_GRACE_MS: u64 = 5_000;
/// The end is announced so long before, or at a tenth of the duration if that is shorter.
pub const DURATION_WARNING_MS: u64 = 60_000;
/// An answer lasts so long at most, in media time.
pub const ANSWER_MS_MAX: u64 = 600_000;
/// Spoken answers are over at so many characters.
pub const ANSWER_CHARS_MAX: usize = 12_000;
/// No answer is stored with more bytes than these, as JSON; two of them fit a message.
pub const ANSWER_JSON_BYTES_MAX: usize = 40_000;
/// Words that one `transcript.final` carries; longer segments are split.
pub const FINAL_WORDS_MAX: usize = 150;
/// Characters of one recognized word, and bytes that a segment's text has at most as JSON.
pub const WORD_CHARS_MAX: usize = 60;
pub const PARTIAL_JSON_BYTES_MAX: usize = 40_000;

// Questions.

/// A question is cut off at so many characters.
pub const QUESTION_CHARS_MAX: usize = 2_000;
/// Pieces of a question are held back so long at most, to be sent together.
pub const DELTA_COALESCING_MS: u64 = 80;
/// And sent at once when so much is pending.
pub const DELTA_BYTES_MAX: usize = 1_024;
/// How often a turn's question is asked at most, repeats and restarts included.
pub const QUESTION_ATTEMPTS_MAX: u32 = 20;
/// Calls of the model for one question before the interview fails.
pub const MODEL_CALLS_MAX: u32 = 4;
/// First wait before the model is called again; doubles.
pub const MODEL_RETRY_MS: u64 = 1_000;
/// No wait before a call is longer, whatever the model asks for.
pub const MODEL_RETRY_MS_MAX: u64 = 15_000;
/// Calls of the model for a debrief before the report is written without it.
pub const DEBRIEF_CALLS_MAX: u32 = 2;

// The report.

/// The report's JSON; a server message holds 96 KB.
pub const REPORT_JSON_BYTES_MAX: usize = 88_000;
pub const REPORT_SUMMARY_CHARS_MAX: usize = 2_000;
pub const REPORT_TEXT_CHARS_MAX: usize = 600;
pub const REPORT_CRITERION_CHARS_MAX: usize = 80;
pub const REPORT_FINDINGS_MAX: usize = 6;
pub const REPORT_RATINGS_MAX: usize = 8;
pub const REPORT_EVIDENCE_MAX: usize = 4;
pub const REPORT_QUESTION_CHARS_MAX: usize = 400;
/// A quote is cut at so many characters.
pub const QUOTE_CHARS_MAX: usize = 300;
/// Places that a metric shows.
pub const METRIC_EVIDENCE_MAX: usize = 5;
/// Characters of a metric's quote.
pub const METRIC_QUOTE_CHARS_MAX: usize = 120;
/// What the core tells the model of one answer.
pub const EXCHANGE_CHARS_MAX: usize = 6_000;
