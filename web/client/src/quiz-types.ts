// Quizzes as REST tells of them: drafts with their keys for whoever makes them, public items without for whoever takes them.

import type { Locator } from "./wire.ts";

export type Difficulty = "easy" | "medium" | "hard";
export type OptionOrder = "as_written" | "shuffled";
export type Counting = "first" | "last" | "best";
export type FeedbackShown = "full" | "at_end" | "points";

export const ITEM_KINDS = [
  "single_choice",
  "multiple_choice",
  "true_false",
  "short_text",
  "numeric",
  "cloze",
  "matching",
  "ordering",
  "free_text",
] as const;
export type ItemKind = (typeof ITEM_KINDS)[number];

export interface QuizChoice {
  id: string;
  text: string;
}

export interface Accepted {
  text: string;
  share: number;
}

export interface TextKey {
  accepted: Accepted[];
  refused?: string[];
  typos?: "none" | "one";
}

export type Tolerance = { absolute: number } | { relative: number };

export interface NumericKey {
  value: number;
  tolerance: Tolerance;
  share: number;
}

export type GapKind =
  | { type: "text"; key: TextKey }
  | { type: "choice"; options: QuizChoice[]; key: string }
  | { type: "numeric"; keys: NumericKey[] };

export interface Gap {
  id: string;
  kind: GapKind;
  weight?: number;
}

export type ClozePart = { text: string } | { gap: Gap };

export interface Criterion extends QuizChoice {
  weight: number;
}

export type ItemBody =
  | { type: "single_choice"; options: QuizChoice[]; keys: string[] }
  | { type: "multiple_choice"; options: QuizChoice[]; keys: string[]; rule?: "exact" | "penalty" | "right_minus_wrong" }
  | { type: "true_false"; key: boolean }
  | { type: "short_text"; key: TextKey }
  | { type: "numeric"; keys: NumericKey[]; unit?: string }
  | { type: "ordering"; options: QuizChoice[]; key: string[]; rule?: "exact" | "positions" | "pairs" }
  | {
      type: "matching";
      prompts: QuizChoice[];
      targets: QuizChoice[];
      key: Record<string, string>;
      rule?: "exact" | "each";
    }
  | { type: "cloze"; parts: ClozePart[]; rule?: "exact" | "each" }
  | { type: "free_text"; rubric: Criterion[]; sample?: string };

/** The span of a document that an item rests on. */
export interface ItemSource {
  document: string;
  version: number;
  passage: string;
  quote: string;
  locator: Omit<Locator, "label"> & { label?: string };
}

/** What a teacher writes of an item. */
export interface ItemDraft {
  stem: string;
  body: ItemBody;
  points?: number;
  explanation?: string;
  skill?: string;
  difficulty?: Difficulty;
  language?: string;
  source?: ItemSource;
}

export interface Item extends ItemDraft {
  schema: number;
  id: string;
  points: number;
  difficulty: Difficulty;
  language: string;
}

export interface ItemFinding {
  code: string;
  severity: "warning" | "reject";
  reason: string;
}

export interface ItemView {
  item: Item;
  findings: ItemFinding[];
  /** What became of the document that it rests on. */
  stale?: "replaced" | "deleted";
  /** By somebody who did not see the key. */
  secondAnswer?: QuizAnswer;
}

export interface QuizSettings {
  timeLimitMs?: number;
  attemptsMax?: number;
  optionOrder: OptionOrder;
  itemOrder: OptionOrder;
  feedback: FeedbackShown;
  counting: Counting;
}

export interface Make {
  documents: string[];
  topic?: string;
  counts: Record<string, number>;
  difficulty?: Difficulty;
}

export type MakingState = "queued" | "running" | "done" | "failed" | "cancelled";

export interface MakingView {
  state: MakingState;
  wanted: Make;
  total: number;
  made: number;
  rejected: { item: Item; findings: ItemFinding[] }[];
  missing: Record<string, number>;
  failure?: { code: string; reason: string };
  model?: string;
}

export type QuizState = "draft" | "published" | "archived";

export interface QuizSummary {
  id: string;
  course: string;
  title: string;
  state: QuizState;
  edition?: number;
  items: number;
  version?: number;
  mayEdit: boolean;
  isAtWork?: boolean;
  isStale?: boolean;
  createdUnixMs: number;
  updatedUnixMs: number;
}

export interface QuizView {
  id: string;
  course: string;
  owner: string;
  title: string;
  description?: string;
  language: string;
  state: QuizState;
  edition?: number;
  hasUnpublishedChanges: boolean;
  version: number;
  settings: QuizSettings;
  items: ItemView[];
  findings: ItemFinding[];
  making?: MakingView;
  createdUnixMs: number;
  updatedUnixMs: number;
}

export interface NewQuiz {
  course?: string;
  title: string;
  description?: string;
  language?: string;
  settings?: QuizSettings;
  make?: Make;
}

export interface ImportedQuiz {
  quiz: QuizView;
  problems: { line: number; reason: string }[];
}

export type PublicBody =
  | { type: "single_choice"; options: QuizChoice[] }
  | { type: "multiple_choice"; options: QuizChoice[] }
  | { type: "true_false" }
  | { type: "short_text" }
  | { type: "numeric"; unit?: string | null }
  | { type: "ordering"; options: QuizChoice[] }
  | { type: "matching"; prompts: QuizChoice[]; targets: QuizChoice[] }
  | { type: "cloze"; parts: PublicPart[] }
  | { type: "free_text"; criteria: string[] };

export type PublicPart = { text: string } | { gap: { id: string; options: QuizChoice[] } };

export interface PublicItem {
  id: string;
  stem: string;
  body: PublicBody;
  points: number;
  difficulty: Difficulty;
  language: string;
}

export type QuizAnswer =
  | { type: "choice"; value: string }
  | { type: "choices"; value: string[] }
  | { type: "true_false"; value: boolean }
  | { type: "text"; value: string }
  | { type: "order"; value: string[] }
  | { type: "pairs"; value: Record<string, string> }
  | { type: "gaps"; value: Record<string, string> };

export interface AttemptSummary {
  id: string;
  quiz: string;
  user: string;
  number: number;
  edition: number;
  preview: boolean;
  state: "open" | "pending" | "marked";
  startedUnixMs: number;
  dueUnixMs?: number;
  submittedUnixMs?: number;
  points?: number;
  max?: number;
  /** Items that wait for a teacher. */
  pending?: number;
}

export interface QuizCover {
  id: string;
  course: string;
  title: string;
  description?: string;
  language: string;
  state: QuizState;
  edition: number;
  items: number;
  points: number;
  settings: QuizSettings;
  attempts: AttemptSummary[];
  openAttempt?: string;
  attemptsLeft?: number;
}

export interface AttemptView {
  id: string;
  quiz: string;
  title: string;
  number: number;
  preview: boolean;
  state: "open" | "pending" | "marked";
  startedUnixMs: number;
  dueUnixMs?: number;
  nowUnixMs: number;
  items: PublicItem[];
  answers: Record<string, QuizAnswer>;
  revision: number;
}

export interface SavedAnswers {
  revision: number;
  savedUnixMs: number;
  dueUnixMs?: number;
}

/** What is saved: `null` takes an answer back. */
export interface AnswersPatch {
  answers?: Record<string, QuizAnswer | null>;
  itemMs?: Record<string, number>;
}

export type ScoreNote =
  | { note: "hit"; part: string }
  | { note: "wrong"; part: string; expected?: string | null }
  | { note: "missed"; part: string; expected?: string | null }
  | { note: "met"; accepted: string; with_slip: boolean }
  | { note: "misfit"; part: string };

export interface ScoredItem {
  item: string;
  rules: number;
  outcome: "right" | "partial" | "wrong" | "unanswered" | "pending";
  points?: number | null;
  max: number;
  notes: ScoreNote[];
  explanation?: string | null;
  source?: ItemSource | null;
}

export interface ItemResult {
  item: PublicItem;
  answer?: QuizAnswer;
  result: ScoredItem;
  /** For a teacher who marks it. */
  rubric?: Criterion[];
  /** Of an unanswered item: what would have been right. */
  right?: string[];
}

export interface ResultsView {
  attempt: AttemptSummary;
  shown: "full" | "points";
  items?: ItemResult[];
}

export interface DurationFigures {
  count: number;
  meanMs: number;
  medianMs: number;
  lowerQuartileMs: number;
  upperQuartileMs: number;
}

type Figure = number | null;

export interface OptionFigures {
  option: string;
  isKey: boolean;
  count: number;
  share: number;
  shareOfBest?: Figure;
  shareOfWeakest?: Figure;
  meanTotal?: Figure;
}

export type Concern =
  | { code: "works_against_the_rest" | "hardly_discriminates" | "too_easy" | "too_hard" }
  | { code: "unused_option" | "best_choose_wrongly"; option: string };

export interface ItemFigures {
  item: string;
  attempts: number;
  mean?: Figure;
  facility?: Figure;
  standardDeviation?: Figure;
  guess?: Figure;
  intendedWeight?: Figure;
  effectiveWeight?: Figure;
  discriminationIndex?: Figure;
  discriminativeEfficiency?: Figure;
  options: OptionFigures[];
  time?: DurationFigures | null;
  concerns: Concern[];
}

export interface QuizFigures {
  attempts: number;
  max: number;
  mean?: Figure;
  median?: Figure;
  standardDeviation?: Figure;
  skewness?: Figure;
  kurtosis?: Figure;
  internalConsistency?: Figure;
  errorRatio?: Figure;
  standardError?: Figure;
  duration?: DurationFigures | null;
  items: ItemFigures[];
}

export interface AnalyticsView {
  quiz: string;
  edition: number;
  counting: Counting | "all";
  attempts: number;
  statistics: QuizFigures;
  items: { item: string; stem: string; kind: string; max: number }[];
  /** The totals of the attempts, sorted. */
  points?: number[];
}

export interface SkillProgress {
  skill: string;
  observations: number;
  /** The chance that it is known, from 0 to 1. */
  mastery: number;
  mastered: boolean;
  lastMs: number;
  dueMs: number;
  history: [number, number][];
}

export interface DueSkill {
  skill: string;
  dueMs: number;
  recall: number;
  mastery: number;
}

export interface ProgressView {
  course: string;
  user: string;
  nowUnixMs: number;
  progress: { version: number; skills: SkillProgress[] };
  due: DueSkill[];
}

export interface ClassSkill {
  skill: string;
  observed: number;
  mastered: number;
  meanMastery: number;
  due: number;
  struggling: string[];
}

export interface ClassProgress {
  course: string;
  class: { students: number; skills: ClassSkill[] };
  students: { user: string; skills: SkillProgress[] }[];
}
