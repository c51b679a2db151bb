//! Limits of guides, and of what an interview draws from documents.

/// A guide's file. It lies in the interview's first event and in every snapshot, so that no later file changes a running interview.
pub const GUIDE_BYTES_MAX: u64 = 48 * 1024;
/// Its questions and all that may follow them up: as many as an interview may have.
pub const GUIDE_TURNS_MAX: u32 = protocol::v1::limits::QUESTIONS_MAX;
/// The shortest and the longest time of an interview.
pub const GUIDE_MS_MIN: u64 = protocol::v1::limits::DURATION_MS_MIN;
pub const GUIDE_MS_MAX: u64 = protocol::v1::limits::DURATION_MS_MAX;
pub const GUIDE_TITLE_CHARS_MAX: usize = 200;
/// What a guide says of itself to the interviewer, and of a question.
pub const GUIDE_NOTES_CHARS_MAX: usize = 2_000;
pub const GUIDE_QUESTION_CHARS_MAX: usize = 600;
/// What may follow up one question.
pub const GUIDE_FOLLOW_UPS_MAX: u32 = 5;
pub const GUIDE_KEYWORDS_MAX: usize = 20;
pub const GUIDE_KEYWORD_CHARS_MAX: usize = 60;
pub const GUIDE_DESCRIPTION_CHARS_MAX: usize = 600;
pub const GUIDE_LEVEL_CHARS_MAX: usize = 300;
/// The shortest time that a question may be given.
pub const GUIDE_QUESTION_MS_MIN: u64 = 20_000;
/// The longest.
pub const GUIDE_QUESTION_MS_MAX: u64 = 1_800_000;
/// A question is followed up only where so much of its time is left.
pub const GUIDE_FOLLOW_UP_MS_MIN: u64 = 20_000;
/// What is kept of the interview's time for each of the guide's questions that are still to come, before one is followed up.
pub const GUIDE_QUESTION_MS_RESERVED: u64 = 45_000;

/// Passages that one question may rest on.
pub const INTERVIEW_SOURCES_MAX: usize = 6;
/// What a model gets of each.
pub const INTERVIEW_SOURCE_CHARS_MAX: usize = 2_400;
/// How long a question waits for the files to be searched; then it is asked without them.
pub const INTERVIEW_SEARCH_MS_MAX: u64 = 3_000;
/// What of the last answer is searched for.
pub const INTERVIEW_QUERY_ANSWER_CHARS_MAX: usize = 400;
/// How often the guide is tried to be read when an interview starts, and the first wait between; it doubles.
pub const GUIDE_READS_MAX: u32 = 5;
pub const GUIDE_READ_RETRY_MS: u64 = 200;
