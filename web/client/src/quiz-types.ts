// Quizzes as REST tells of them: drafts with their keys for whoever makes them, public items without for whoever takes them.

import type {
  RubricCriterion as Criterion,
  Difficulty,
  ItemSource,
  Answer as QuizAnswer,
  ItemOption as QuizChoice,
  QuizSettings,
} from "./rest-types.ts";

export type {
  AnalyticsView,
  Answer as QuizAnswer,
  AttemptSummary,
  AttemptView,
  ClassSkill,
  Counted,
  Counting,
  CourseProgressView as ClassProgress,
  CoverView as QuizCover,
  Difficulty,
  Feedback as FeedbackShown,
  ItemConcern as Concern,
  ItemOption as QuizChoice,
  ItemResult,
  ItemSource,
  ItemStatistics as ItemFigures,
  OptionOrder,
  OptionStatistics as OptionFigures,
  ProgressView,
  PublicBody,
  PublicClozePart as PublicPart,
  PublicItem,
  QuizSettings,
  ResultsView,
  RubricCriterion as Criterion,
  SavedView as SavedAnswers,
  Scored as ScoredItem,
  ScoreNote,
  SkillDue as DueSkill,
  SkillProgress,
  Statistics as QuizFigures,
} from "./rest-types.ts";

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

/** What is saved: `null` takes an answer back. */
export interface AnswersPatch {
  answers?: Record<string, QuizAnswer | null>;
  itemMs?: Record<string, number>;
}
