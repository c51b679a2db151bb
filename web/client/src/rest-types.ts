// Made from docs/openapi.json by `npm run rest-types`; not to be edited.

export interface AcceptedText {
  /** The share of the points, above 0, at most 1. */
  share: number;
  /** `*` stands for any run of characters, at most ten times; `\*` for a star. */
  text: string;
}

export interface AnalysedItem {
  item: string;
  kind: ItemKind;
  max: number;
  /** Of a choice, for the table of options; absent for other kinds. */
  options?: ItemOption[];
  stem: string;
}

/** What attempts say about an edition; teachers' previews are left out. */
export interface AnalyticsView {
  /** How many are looked at. */
  attempts: number;
  counting: Counted;
  edition: number;
  /** In the edition's order, as the statistics' items are. */
  items: AnalysedItem[];
  /** Attempts that would count, but are left out, since something in them waits for a teacher. */
  pending: number;
  /** The points of each that is looked at, the fewest first; nobody is named. */
  points: number[];
  quiz: string;
  statistics: Statistics;
  /** There are more attempts than are looked at: the oldest are left out. Absent otherwise. */
  truncated?: boolean;
}

export type Answer =
  | { type: "choice"; value: OptionId }
  | { type: "choices"; value: OptionId[] }
  | { type: "true_false"; value: boolean }
  | { type: "text"; value: string }
  | { type: "order"; value: OptionId[] }
  | { type: "pairs"; value: Record<string, OptionId> }
  | { type: "gaps"; value: Record<string, string> };

export interface AttemptList {
  /** Newest first. */
  attempts: AttemptSummary[];
  cursor?: string;
}

export interface AttemptSummary {
  dueUnixMs?: number;
  edition: number;
  id: string;
  max?: number;
  /** 1, 2, 3 … for each user and quiz. */
  number: number;
  /** Items that wait for a teacher. */
  pending?: number;
  /** What has been given so far. */
  points?: number;
  /** A teacher's own, which no figure counts. */
  preview: boolean;
  quiz: string;
  startedUnixMs: number;
  /** `open`, `pending` (submitted; something waits for a teacher) or `marked`. */
  state: string;
  submittedUnixMs?: number;
  user: string;
}

/** An attempt as whoever takes it sees it. */
export interface AttemptView {
  /** As they are saved, by item. */
  answers: Record<string, Answer>;
  /** When time is over; absent: there is no hurry. */
  dueUnixMs?: number;
  id: string;
  /** In the order in which this attempt shows them. */
  items: PublicItem[];
  /** The server's clock, by which time is over. */
  nowUnixMs: number;
  number: number;
  preview: boolean;
  quiz: string;
  /** Counts every change; the `ETag` is `"r"` and this. */
  revision: number;
  startedUnixMs: number;
  /** `open`, `pending` or `marked`. */
  state: string;
  title: string;
}

export interface ClassSkill {
  due: number;
  mastered: number;
  meanMastery: number;
  /** Students of whom something is known; the others are in no figure. */
  observed: number;
  skill: string;
  /** Those of them who are the furthest, the furthest first; not all are named. */
  struggling: string[];
  /** How many were seen often enough and are still far from it. */
  strugglingCount: number;
}

export interface ClassView {
  /** The least mastered first. */
  skills: ClassSkill[];
  students: number;
  /** There are more students or skills than are looked at: the last by id, and the best mastered, are left out. Absent otherwise. */
  truncated?: boolean;
}

export interface ClozeGap {
  id: GapId;
  kind: ClozeGapKind;
  /** Its part of the item's points, in proportion to the other gaps'. */
  weight?: number;
}

export type ClozeGapKind =
  | { key: TextKey; type: "text" }
  | { key: OptionId; options: ItemOption[]; type: "choice" }
  | { keys: NumericKey[]; type: "numeric" };

export type ClozePart = { text: string } | { gap: ClozeGap };

/** Which attempts of each student are looked at. */
export type Counted = "first" | "last" | "best" | "all";

/** Which of a student's attempts counts. */
export type Counting = "first" | "last" | "best";

/** How a course's students stand, as far as anything is known of them. */
export interface CourseProgressView {
  class?: ClassView;
  course: string;
  cursor?: string;
  nowUnixMs: number;
  /** By user. */
  students: StudentSkills[];
}

/** What is told of a quiz before one begins. */
export interface CoverView {
  /** One's own, newest first. */
  attempts: AttemptSummary[];
  /** Absent: there may be any number. */
  attemptsLeft?: number;
  course: string;
  description?: string;
  /** The newest edition, which the next attempt is about. */
  edition: number;
  id: string;
  items: number;
  /** BCP 47, as far as the primary language. */
  language: string;
  /** The one that goes on. */
  openAttempt?: string;
  points: number;
  settings: QuizSettings;
  /** `published` or `archived`. */
  state: string;
  title: string;
}

/** A quiz that is to be. */
export interface CreateQuiz {
  /** The course that it is for, where one teaches it; absent: it is one's own. */
  course?: string;
  description?: string;
  /** BCP 47; absent: that of the text that its items are made of, or of its items. */
  language?: string;
  make?: Make;
  settings?: QuizSettings;
  title: string;
}

/** A file that is to be sent. */
export interface CreateUpload {
  bytes: number;
  /** The course that it is for, where one teaches it; absent: one's own files. */
  course?: string;
  /** The file's name; its extension tells its kind. */
  name: string;
  /** The document whose content it replaces. */
  replaces?: string;
  /** SHA-256 of the content, in lower-case hexadecimal. */
  sha256: string;
}

export type Difficulty = "easy" | "medium" | "hard";

/** Why there is no text. */
export interface DocumentFailure {
  code: string;
  /** For whoever uploaded the file. */
  reason: string;
}

export interface DocumentFile {
  expiresUnixMs: number;
  /** Where the file can be fetched without a token, until it expires. */
  url: string;
}

export interface DocumentList {
  cursor?: string;
  /** Newest first. */
  documents: DocumentView[];
}

export interface DocumentView {
  bytes: number;
  /** One's own files have the user's id here. */
  course: string;
  createdUnixMs: number;
  failure?: DocumentFailure;
  id: string;
  mediaType: string;
  name: string;
  pages?: number;
  /** Searchable pieces. */
  passages?: number;
  /** `guide`: it guides interviews, its name ends in `.guide.md`. Absent: it is for reading. */
  purpose?: string;
  sha256: string;
  /** `uploaded`, `checking`, `extracting`, `chunking`, `embedding`, then `ready`, `failed` or `needs_ocr`; `deleted`. */
  state: string;
  /** As the file names itself. */
  title?: string;
  updatedUnixMs: number;
  /** 1, and one more whenever the file is replaced. */
  version: number;
}

/** What students see of a submitted attempt. */
export type Feedback = "full" | "at_end" | "points";

export interface Finding {
  code: FindingCode;
  /** In English, for the teacher; it may quote the item. */
  reason: string;
  severity: Severity;
}

/** Every finding by its code; the wire and the page know them by these names. */
export type FindingCode =
  | "stem_empty"
  | "stem_too_long"
  | "options_too_few"
  | "options_too_many"
  | "option_empty"
  | "option_too_long"
  | "options_equal"
  | "key_count"
  | "key_unknown"
  | "key_empty"
  | "stars_too_many"
  | "share_invalid"
  | "number_invalid"
  | "points_invalid"
  | "gap_missing"
  | "rubric_empty"
  | "stem_repeated"
  | "source_missing"
  | "quote_not_in_passage"
  | "key_not_supported"
  | "blind_answer_differs"
  | "all_of_the_above"
  | "none_of_the_above"
  | "combination"
  | "stem_negative"
  | "option_absolute"
  | "option_vague"
  | "key_longest"
  | "words_shared"
  | "grammar_clue"
  | "stem_unfocused"
  | "gap_at_start"
  | "options_true_false"
  | "numbers_unordered"
  | "distractors_alike"
  | "blind_answer_missing"
  | "keys_in_one_place"
  | "keys_all_true";

export interface FoundPassages {
  /** The best first. */
  passages: PassageView[];
}

/** A gap of a cloze. */
export type GapId = string;

/** What a teacher gives for a free text. */
export interface GiveMarks {
  /** By criterion, the share that was reached, from 0 to 1; a criterion left out is worth nothing. */
  awarded: Record<string, number>;
  item: string;
}

export interface ImportedQuiz {
  /** Questions that were not read. */
  problems: UnreadQuestion[];
  quiz: QuizView;
}

export interface Item {
  body: ItemBody;
  difficulty?: Difficulty;
  explanation?: string;
  id: ItemId;
  /** BCP 47, as far as the primary language: `en`, `de`. */
  language: string;
  /** What a right answer is worth. */
  points: number;
  schema: number;
  skill?: string;
  source?: ItemSource;
  stem: string;
}

export type ItemBody =
  | { keys: OptionId[]; options: ItemOption[]; type: "single_choice" }
  | { keys: OptionId[]; options: ItemOption[]; rule?: MultipleRule; type: "multiple_choice" }
  | { key: boolean; type: "true_false" }
  | { key: TextKey; type: "short_text" }
  | { keys: NumericKey[]; type: "numeric"; unit?: string }
  | { key: OptionId[]; options: ItemOption[]; rule?: OrderingRule; type: "ordering" }
  | { key: Record<string, OptionId>; prompts: ItemOption[]; rule?: PairRule; targets: ItemOption[]; type: "matching" }
  | { parts: ClozePart[]; rule?: PairRule; type: "cloze" }
  | { rubric: RubricCriterion[]; sample?: string; type: "free_text" };

export type ItemConcern =
  | { code: "works_against_the_rest" }
  | { code: "hardly_discriminates" }
  | { code: "too_easy" }
  | { code: "too_hard" }
  | { code: "unused_option"; option: OptionId }
  | { code: "best_choose_wrongly"; option: OptionId };

/** An item as somebody writes it. Ids of options, gaps and criteria tie keys to them; those that are not the item's already are replaced by the server's. */
export interface ItemDraft {
  body: ItemBody;
  difficulty?: Difficulty;
  explanation?: string;
  /** BCP 47; absent: the quiz's. */
  language?: string;
  points?: number;
  skill?: string;
  source?: SourceDraft;
  stem: string;
}

/** An item; unique in its quiz and never used again. */
export type ItemId = string;

export type ItemKind =
  | "single_choice"
  | "multiple_choice"
  | "true_false"
  | "short_text"
  | "numeric"
  | "ordering"
  | "matching"
  | "cloze"
  | "free_text";

export interface ItemOption {
  id: OptionId;
  text: string;
}

/** All items of a quiz, in the order that they are to have. */
export interface ItemOrder {
  items: string[];
}

export interface ItemResult {
  answer?: Answer;
  item: PublicItem;
  result: Scored;
  /** Of an item that was left out: what is right, in words. */
  right?: string[];
  /** Of a free text, for the quiz's teachers: what they give marks by. */
  rubric?: RubricCriterion[];
  /** Of a free text, for the quiz's teachers. */
  sample?: string;
}

/** The span of a document that an item rests on. */
export interface ItemSource {
  document: string;
  locator?: Locator;
  passage: string;
  /** The words of the passage, as they stand there. */
  quote: string;
  /** The document's version; a later one makes the item stale. */
  version: number;
}

export interface ItemStatistics {
  attempts: number;
  concerns: ItemConcern[];
  /** Correlation with the rest of the quiz, in per cent. */
  discriminationIndex?: number;
  /** Covariance with the rest as a part of the greatest that these marks allow, in per cent. */
  discriminativeEfficiency?: number;
  /** Part in what tells attempts apart, in per cent; `None` where the item works against the rest. */
  effectiveWeight?: number;
  /** Mean ÷ maximum, from 0 to 1. */
  facility?: number;
  /** What blind guessing earns, from 0 to 1. */
  guess?: number;
  /** Part of the points by design, in per cent. */
  intendedWeight?: number;
  item: ItemId;
  mean?: number;
  options: OptionStatistics[];
  standardDeviation?: number;
  time?: TimeStatistics;
}

export interface ItemView {
  /** Rejects first; a quiz with one is not published. */
  findings: Finding[];
  item: Item;
  secondAnswer?: Answer;
  stale?: Stale;
}

/** How a quiz came to its language. */
export type LanguageOrigin = "named" | "told" | "assumed";

/** Where something stands, in the terms of its kind of file. Everything that is counted counts from 1.  Shown to people by `Display`: `p. 12`, `pp. 12–13`, `slide 3`, `Grades, row 7`, `Torts › Negligence ¶4`. */
export interface Locator {
  /** PDF: the page, as a viewer counts it. */
  page?: number;
  /** The last page, where a passage runs on beyond `page`. */
  pageLast?: number;
  /** The paragraph below the last heading of `path`, in files that keep no pages. */
  paragraph?: number;
  /** The headings above, outermost first. */
  path?: string[];
  /** The row of a sheet as its reader counts it. */
  row?: number;
  sheet?: string;
  slide?: number;
}

/** Items that are wanted: from documents, on a topic, or both. */
export interface Make {
  /** How many, by kind. */
  counts: Record<string, number>;
  difficulty?: Difficulty;
  /** Documents of the quiz's course that are ready. None: whatever the course has on the topic. */
  documents?: string[];
  topic?: string;
}

/** Why there are no (more) items. */
export interface MakingFailure {
  code: string;
  reason: string;
}

export type MakingState = "queued" | "running" | "done" | "failed" | "cancelled";

/** The making of items, as far as it has come. */
export interface MakingView {
  failure?: MakingFailure;
  /** Items made that held. */
  made: number;
  /** What was asked for and not made, by kind; nothing as long as it is being made. */
  missing: Record<string, number>;
  /** Who made them. */
  model?: string;
  /** Items that did not hold; what replaced them is among the quiz's. */
  rejected: RejectedItem[];
  state: MakingState;
  /** Items wanted. */
  total: number;
  wanted: Make;
}

export type MultipleRule = "exact" | "penalty" | "right_minus_wrong";

export interface NumericKey {
  /** The share of the points, above 0, at most 1. */
  share: number;
  tolerance: Tolerance;
  value: number;
}

/** An option, a line to be ordered, a side of a pair. It stays when options are shuffled or reworded. */
export type OptionId = string;

/** Whether options keep the teacher's order. Lines to be ordered and targets to be matched never do: their order may be the key. */
export type OptionOrder = "as_written" | "shuffled";

export interface OptionStatistics {
  count: number;
  isKey: boolean;
  /** Mean total of those who chose it. */
  meanTotal?: number;
  option: OptionId;
  /** Of the attempts that chose anything, from 0 to 1. */
  share: number;
  /** Of the best 27 % of attempts by total, and of the weakest. */
  shareOfBest?: number;
  shareOfWeakest?: number;
}

export type OrderingRule = "exact" | "positions" | "pairs";

/** How pairs of a matching and gaps of a cloze add up. */
export type PairRule = "exact" | "each";

export interface PassageView {
  course: string;
  document: string;
  id: string;
  /** The same for programs. */
  locator: object;
  /** The document's name. */
  name: string;
  /** Its place in the document, from 1. */
  ordinal: number;
  score?: number;
  text: string;
  /** Where it stands, for people: `p. 12`. */
  where: string;
}

/** What is to change of a quiz; what is absent stays. */
export interface PatchQuiz {
  description?: string;
  /** BCP 47. Items that are in the quiz's language go along. */
  language?: string;
  settings?: QuizSettings;
  title?: string;
}

/** The body of every refusal, as `application/problem+json`. */
export interface Problem {
  code: ProblemCode;
  /** What was wrong this time. */
  detail: string;
  /** How long to wait before the same is asked again. */
  retryAfterMs?: number;
  status: number;
  /** What the code means, the same each time. */
  title: string;
  /** `urn:viva:problem:` and the code. */
  type: string;
}

/** What went wrong, for programs. */
export type ProblemCode =
  | "unauthorized"
  | "forbidden"
  | "not_found"
  | "malformed_request"
  | "invalid_field"
  | "body_too_large"
  | "file_too_large"
  | "unsupported_kind"
  | "quota_exceeded"
  | "idempotency_conflict"
  | "upload_incomplete"
  | "upload_aborted"
  | "upload_expired"
  | "document_deleted"
  | "conflict"
  | "precondition_required"
  | "precondition_failed"
  | "quiz_at_work"
  | "not_publishable"
  | "import_unreadable"
  | "answer_misfit"
  | "attempts_exhausted"
  | "attempt_closed"
  | "attempt_open"
  | "too_many_requests"
  | "link_invalid"
  | "link_expired"
  | "length_required"
  | "length_mismatch"
  | "checksum_mismatch"
  | "too_slow"
  | "storage_full"
  | "unavailable";

/** What a student knows in a course, and what to review. */
export interface ProgressView {
  course: string;
  /** The least remembered first. */
  due: SkillDue[];
  nowUnixMs: number;
  progress: StudentProgress;
  /** There are more answers than are looked at: the oldest are left out. Absent otherwise. */
  truncated?: boolean;
  user: string;
}

export type PublicBody =
  | { options: ItemOption[]; type: "single_choice" }
  | { options: ItemOption[]; type: "multiple_choice" }
  | { type: "true_false" }
  | { type: "short_text" }
  | { type: "numeric"; unit?: string }
  | { options: ItemOption[]; type: "ordering" }
  | { prompts: ItemOption[]; targets: ItemOption[]; type: "matching" }
  | { parts: PublicClozePart[]; type: "cloze" }
  | { criteria: string[]; type: "free_text" };

export type PublicClozePart = { text: string } | { gap: { id: GapId; options: ItemOption[] } };

export interface PublicItem {
  body: PublicBody;
  difficulty: Difficulty;
  id: ItemId;
  language: string;
  points: number;
  stem: string;
}

export interface QuizList {
  cursor?: string;
  /** Newest first. */
  quizzes: QuizSummaryView[];
}

/** How a quiz is taken. */
export interface QuizSettings {
  /** Attempts of each student; absent: 100. */
  attemptsMax?: number;
  counting?: Counting;
  feedback?: Feedback;
  itemOrder?: OptionOrder;
  optionOrder?: OptionOrder;
  /** For each attempt; absent: there is no hurry. */
  timeLimitMs?: number;
}

/** A quiz in a list: to its teachers the draft, to others its newest edition. */
export interface QuizSummaryView {
  /** One's own quizzes have the user's id here. */
  course: string;
  createdUnixMs: number;
  /** The newest edition; absent: it was never published. */
  edition?: number;
  id: string;
  /** Whether its items are being made. */
  isAtWork?: boolean;
  /** Whether an item rests on a document that was replaced or deleted. */
  isStale?: boolean;
  items: number;
  /** Whether the caller is one of those who make it. What follows is absent where not. */
  mayEdit: boolean;
  /** `draft`, `published` or `archived`. */
  state: string;
  title: string;
  updatedUnixMs: number;
  version?: number;
}

/** A quiz as its teachers see it. */
export interface QuizView {
  /** One's own quizzes have the user's id here. */
  course: string;
  createdUnixMs: number;
  description?: string;
  /** What students are given, counted from 1; absent: it was never published. */
  edition?: number;
  /** What no single item is to blame for. */
  findings: Finding[];
  /** Whether students are given something else, or nothing. */
  hasUnpublishedChanges: boolean;
  id: string;
  items: ItemView[];
  language: string;
  languageOrigin: LanguageOrigin;
  making?: MakingView;
  /** Who began it. */
  owner: string;
  settings: QuizSettings;
  /** `draft`, `published` or `archived`. */
  state: string;
  title: string;
  updatedUnixMs: number;
  version: number;
}

export interface RejectedItem {
  findings: Finding[];
  item: Item;
}

/** A submitted attempt. */
export interface ResultsView {
  attempt: AttemptSummary;
  /** In the attempt's order; absent where points alone are shown. */
  items?: ItemResult[];
  shown: Shown;
}

export interface RubricCriterion {
  id: OptionId;
  text: string;
  /** Its part of the item's points, in proportion to the other criteria's. */
  weight: number;
}

/** Changes to an attempt; what is not named stays. */
export interface SaveAnswers {
  /** By item; null takes an answer back. */
  answers?: Record<string, Answer>;
  /** Time on each item so far. */
  itemMs?: Record<string, number>;
}

export interface SavedView {
  dueUnixMs?: number;
  revision: number;
  savedUnixMs: number;
}

/** What was said of one part of the answer. */
export type ScoreNote =
  | { note: "hit"; part: string }
  | { expected?: string; note: "wrong"; part: string }
  | { expected?: string; note: "missed"; part: string }
  | { accepted: string; note: "met"; with_slip: boolean }
  | { note: "misfit"; part: string };

export type ScoreOutcome = "right" | "partial" | "wrong" | "unanswered" | "pending";

/** A result with its reasons: what a student sees after submission. */
export interface Scored {
  explanation?: string;
  item: ItemId;
  max: number;
  notes: ScoreNote[];
  outcome: ScoreOutcome;
  /** From 0 to `max`; `None` while pending. */
  points?: number;
  rules: number;
  source?: ItemSource;
}

/** The one request that carries the file, of exactly the promised length; it needs no token. */
export interface SendFile {
  expiresUnixMs: number;
  /** To be sent as they are. */
  headers: Record<string, string>;
  method: string;
  /** Absolute, or a path on this server. */
  url: string;
}

export type Severity = "warning" | "reject";

/** How much of the results is shown. */
export type Shown = "full" | "points";

/** What to review, most urgent first. */
export interface SkillDue {
  dueMs: number;
  mastery: number;
  /** The chance of recall now. */
  recall: number;
  skill: string;
}

export interface SkillMemory {
  /** From 1 to 10. */
  difficulty: number;
  /** Days until the chance of recall has sunk to 90 %. */
  stability: number;
}

export interface SkillProgress {
  dueMs: number;
  /** When, and the chance that it is known from then on. */
  history: [number, number][];
  lastMs: number;
  mastered: boolean;
  /** The chance that it is known, from 0 to 1. */
  mastery: number;
  memory: SkillMemory;
  observations: number;
  skill: string;
}

/** How a skill stands; how it came there is told with the student's own progress. */
export interface SkillStanding {
  dueMs: number;
  lastMs: number;
  mastered: boolean;
  /** The chance that it is known, from 0 to 1. */
  mastery: number;
  observations: number;
  skill: string;
}

/** The words of a passage that an item rests on. */
export interface SourceDraft {
  /** Of a document of the quiz's course. */
  passage: string;
  /** As they stand in the passage. */
  quote: string;
}

export type Stale = "replaced" | "deleted";

export interface Statistics {
  attempts: number;
  duration?: TimeStatistics;
  /** Of the standard deviation, the part that is chance, in per cent. */
  errorRatio?: number;
  /** Coefficient of internal consistency (Cronbach's α), in per cent. */
  internalConsistency?: number;
  items: ItemStatistics[];
  /** Excess: 0 for a normal distribution. */
  kurtosis?: number;
  max: number;
  mean?: number;
  median?: number;
  skewness?: number;
  standardDeviation?: number;
  /** In points. */
  standardError?: number;
}

export interface StudentProgress {
  /** By name. */
  skills: SkillProgress[];
  version: number;
}

export interface StudentSkills {
  /** By name. */
  skills: SkillStanding[];
  /** There are more answers than are looked at: the oldest are left out. Absent otherwise. */
  truncated?: boolean;
  user: string;
}

/** What a typed answer is compared with. */
export interface TextKey {
  /** The best that is met counts. */
  accepted: AcceptedText[];
  /** Answers that are wrong although they look alike: no slip leads from them to an accepted one. */
  refused?: string[];
  typos?: Typos;
}

export interface TimeStatistics {
  count: number;
  lowerQuartileMs: number;
  meanMs: number;
  medianMs: number;
  upperQuartileMs: number;
}

export type Tolerance = { absolute: number } | { relative: number };

/** Whether one slip of the pen is forgiven. */
export type Typos = "none" | "one";

export interface UnreadQuestion {
  /** From 1, where the question begins. */
  line: number;
  reason: string;
}

export interface UploadList {
  cursor?: string;
  /** Those on their way, newest first. */
  uploads: UploadView[];
}

/** The parts of a large file: ask for the address of each. */
export interface UploadParts {
  /** Of each part but the last, which is what is left. */
  bytes: number;
  /** Parts are numbered from 1 to this. */
  count: number;
  /** Those that have come. */
  received: number[];
}

/** An upload, and how to send its bytes. */
export interface UploadTicket {
  parts?: UploadParts;
  send?: SendFile;
  upload: UploadView;
}

export interface UploadView {
  bytes: number;
  course: string;
  createdUnixMs: number;
  /** The document that it will be, or whose content it replaces. */
  document: string;
  expiresUnixMs: number;
  id: string;
  mediaType: string;
  name: string;
  replaces: boolean;
  sha256: string;
  /** `pending`, `completed` or `aborted`. */
  state: string;
}
