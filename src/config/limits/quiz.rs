//! Limits of quizzes: what an item, an answer and a file of questions may hold, and from where on a flaw is one.

/// Quizzes that one sweep asks to be made.
pub const QUIZZES_SWEPT_MAX: usize = 50;
/// How long before its invocation ends a function hands a quiz over to another.
pub const QUIZ_MAKING_FAREWELL_MS: u64 = 10_000;
/// Characters of a question.
pub const QUIZ_STEM_CHARS_MAX: usize = 2_000;
/// Characters of an option, a gap's answer or a line to be ordered.
pub const QUIZ_OPTION_CHARS_MAX: usize = 500;
/// Options of a choice, lines of an ordering, rows of a matching, gaps of a cloze.
pub const QUIZ_OPTIONS_MAX: usize = 20;
/// Accepted answers of one short text or one gap.
pub const QUIZ_ACCEPTED_MAX: usize = 20;
/// Stars in one accepted answer, each for any run of characters.
pub const QUIZ_STARS_MAX: usize = 10;
/// Points of one item.
pub const QUIZ_POINTS_MAX: f64 = 1_000.0;
/// Items of one quiz.
pub const QUIZ_ITEMS_MAX: usize = 200;
/// Characters of a typed answer that are looked at; a longer one is no match.
pub const QUIZ_ANSWER_CHARS_MAX: usize = 1_000;
/// From this length one slip of the pen is forgiven.
pub const QUIZ_TYPO_CHARS_MIN: usize = 5;
/// The share of a key's words that the cited span must hold.
pub const QUIZ_SUPPORT_SHARE_MIN: f64 = 0.6;
/// Two stems that share so much of their words ask the same.
pub const QUIZ_DUPLICATE_SHARE_MIN: f64 = 0.85;
/// A key that is longer than the median option by this factor gives itself away.
pub const QUIZ_KEY_LENGTH_FACTOR_MAX: f64 = 1.5;
/// Choice items from which on the place of the keys is judged.
pub const QUIZ_POSITION_ITEMS_MIN: usize = 4;
/// The share of keys in one place from which on the place gives them away.
pub const QUIZ_POSITION_SHARE_MAX: f64 = 0.6;
/// Attempts from which on an item is called good or bad.
pub const QUIZ_JUDGED_ATTEMPTS_MIN: usize = 10;
/// Bytes of a file of questions.
pub const QUIZ_IMPORT_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Elements within each other in an XML file of questions.
pub const QUIZ_IMPORT_DEPTH_MAX: usize = 32;
/// Questions in a file.
pub const QUIZ_IMPORT_ITEMS_MAX: usize = 1_000;
/// Sentences that the built-in generator looks at.
pub const QUIZ_GENERATE_SENTENCES_MAX: usize = 4_000;
/// Characters at the beginning of a text by which its language is told.
pub const QUIZ_LANGUAGE_CHARS_MAX: usize = 1_000;
/// With fewer letters a text does not tell its language.
pub const QUIZ_LANGUAGE_LETTERS_MIN: usize = 24;
/// Characters of an answer to a free text.
pub const QUIZ_FREE_TEXT_CHARS_MAX: usize = 10_000;
/// All answers of an attempt, as JSON.
pub const ATTEMPT_ANSWERS_BYTES_MAX: usize = 256 * 1024;
/// The JSON of a request that saves or submits answers.
pub const ATTEMPT_BODY_BYTES_MAX: usize = 320 * 1024;
/// Answers that were on their way when time was over still count for so long.
pub const ATTEMPT_GRACE_MS: u64 = 5_000;
/// How often an attempt is read again because another device was faster.
pub const ATTEMPT_TRIES_MAX: usize = 12;
/// Attempts whose time is over that one look at their quiz submits; the next look takes more.
pub const ATTEMPTS_OVERDUE_AT_ONCE_MAX: usize = 200;
/// Attempts that are read at once.
pub const ATTEMPTS_PAGE: usize = 200;
/// Attempts that analytics look at, the newest of them.
pub const ATTEMPTS_ANALYSED_MAX: usize = 50_000;
/// Observations of one student in one course that progress is folded from, the newest of them.
pub const EVIDENCE_FOLDED_MAX: usize = 5_000;
/// Students of a class that one look at it takes in.
pub const CLASS_STUDENTS_MAX: usize = 1_000;
/// Observations from which on one look at a class takes in no further student.
pub const CLASS_OBSERVATIONS_MAX: usize = 300_000;
/// Students whose ids are read at once.
pub const CLASS_STUDENTS_AT_ONCE: usize = 50;
/// Skills on one page of a class, of all its students together; one student's always fit.
pub const CLASS_PAGE_SKILLS_MAX: usize = 5_000;
/// Skills that a class is shown by, and students whom each of them names as struggling.
pub const CLASS_SKILLS_MAX: usize = 1_000;
pub const CLASS_STRUGGLING_NAMED_MAX: usize = 20;
/// Characters of a quiz's title, and of its description.
pub const QUIZ_TITLE_CHARS_MAX: usize = 200;
pub const QUIZ_DESCRIPTION_CHARS_MAX: usize = 4_000;
/// Characters of an explanation, or of a sample answer.
pub const QUIZ_EXPLANATION_CHARS_MAX: usize = 4_000;
/// Characters of a skill's name.
pub const QUIZ_SKILL_CHARS_MAX: usize = 100;
/// Characters of a unit.
pub const QUIZ_UNIT_CHARS_MAX: usize = 50;
/// Pieces of a cloze: text, gap, text and so on.
pub const QUIZ_PARTS_MAX: usize = 2 * QUIZ_OPTIONS_MAX + 1;
/// A draft as it is stored: with all of its items it must fit into one answer.
pub const QUIZ_PAPER_BYTES_MAX: usize = 2 * 1024 * 1024;
/// The JSON of an item that is written.
pub const QUIZ_ITEM_BODY_BYTES_MAX: usize = 128 * 1024;
/// Documents that items are made from at once.
pub const QUIZ_DOCUMENTS_MAX: usize = 20;
/// Characters of the topic that items are made about.
pub const QUIZ_TOPIC_CHARS_MAX: usize = 200;
/// Time for one attempt.
pub const QUIZ_TIME_LIMIT_MS_MIN: u64 = 1_000;
pub const QUIZ_TIME_LIMIT_MS_MAX: u64 = 7 * 24 * 3_600_000;
/// Attempts of each student: the most that a quiz may allow, and as many as there are where it says nothing.
pub const QUIZ_ATTEMPTS_MAX: u32 = 100;
/// Previews of each teacher.
pub const QUIZ_PREVIEWS_MAX: u32 = 1_000;
/// Reasons that the refusal of a publication names.
pub const QUIZ_HINDRANCES_TOLD_MAX: usize = 10;
/// What an export tells of what it left out, in bytes of a header.
pub const QUIZ_LEFT_OUT_BYTES_MAX: usize = 4_096;
/// Documents and editions that are looked up at once for one answer.
pub const QUIZ_LOOKUPS_AT_ONCE: usize = 8;
/// How often a quiz that changes meanwhile is read again.
pub const QUIZ_TRIES_MAX: usize = 12;
/// Quizzes of one user, and those of them whose items are being made, where the configuration says nothing.
pub const USER_QUIZZES_MAX: u64 = 500;
pub const USER_QUIZZES_MAKING_MAX: u64 = 3;
/// Items that one call asks a model for: more get careless, fewer cost the passages again.
pub const QUIZ_BATCH_ITEMS_MAX: u32 = 6;
/// Passages that one call gives at least, where there are as many.
pub const QUIZ_BATCH_PASSAGES_MIN: usize = 3;
/// Bytes of passages in one call, beyond the first one.
pub const QUIZ_BATCH_BYTES_MAX: usize = 16_000;
/// Bytes of what is asked already, in one call.
pub const QUIZ_ASKED_BYTES_MAX: usize = 8_000;
/// Calls for each that would do if every item held.
pub const QUIZ_BATCHES_PER_BATCH: u32 = 3;
/// Calls in a row of which nothing held, after which no more is asked.
pub const QUIZ_BATCHES_BARREN_MAX: u32 = 3;
/// A passage with fewer words is a heading, or part of a list of contents.
pub const QUIZ_PASSAGE_WORDS_MIN: usize = 20;
/// Items that did not hold, which a teacher is shown; the newest of each making.
pub const QUIZ_REJECTED_MAX: usize = 50;
/// Passages that the items of one making come from: of each document as many from its beginning as its share is.
pub const QUIZ_PASSAGES_MAX: usize = 600;
/// Passages that are read of a document at once.
pub const QUIZ_READ_PASSAGES: usize = 100;
/// Passages that a topic is looked up in.
pub const QUIZ_TOPIC_PASSAGES_MAX: usize = 60;
/// How long a worker's hold on a quiz lasts; it is renewed when half of it is over.
pub const QUIZ_LEASE_MS: u64 = 30_000;
/// How often a worker looks whether its quiz was cancelled.
pub const QUIZ_CANCEL_LOOK_MS: u64 = 2_000;
/// Times that work on a quiz is begun without anything coming of it.
pub const QUIZ_MAKING_ATTEMPTS_MAX: u32 = 5;
/// The first wait after a model was busy or failed; it doubles with every attempt.
pub const QUIZ_MAKING_RETRY_MS: u64 = 10_000;
/// The longest of those waits.
pub const QUIZ_MAKING_RETRY_MS_MAX: u64 = 300_000;
/// Quizzes that one process makes at once.
pub const QUIZ_MAKINGS_AT_ONCE: usize = 4;
/// How often one machine looks for quizzes that wait and that nobody told of.
pub const QUIZ_MAKING_LOOK_MS: u64 = 10_000;
/// A worker that could not do its work for now leaves the quiz alone for so long.
pub const QUIZ_MAKING_REST_MS: u64 = 5_000;
/// Tokens that one batch of items may take.
pub const MODEL_QUIZ_TOKENS_MAX: u32 = 6_000;
/// Bytes of one batch's JSON; a longer one is refused.
pub const MODEL_QUIZ_BYTES_MAX: usize = 96_000;
/// Wait for the first piece of a batch: its prompt is long, and a model may think first.
pub const MODEL_QUIZ_FIRST_TOKEN_MS_MAX: u64 = 60_000;
/// A batch as a whole, retries and the attempt at repair included.
pub const MODEL_QUIZ_MS_MAX: u64 = 240_000;
