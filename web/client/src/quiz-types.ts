// Quizzes as REST tells of them, by the names that this package has for them: drafts with their keys for whoever makes them, public
// items without for whoever takes them.

import type { Answer } from "./rest-types.ts";

export type {
  AcceptedText,
  AnalyticsView,
  Answer as QuizAnswer,
  AttemptSummary,
  AttemptView,
  ClassSkill,
  ClassView,
  ClozeGap,
  ClozeGapKind,
  ClozePart,
  Counted,
  Counting,
  CourseProgressView as ClassProgress,
  CoverView as QuizCover,
  CreateQuiz as NewQuiz,
  Difficulty,
  Feedback as FeedbackShown,
  Finding as ItemFinding,
  ImportedQuiz,
  Item,
  ItemBody,
  ItemConcern as Concern,
  ItemDraft,
  ItemOption as QuizChoice,
  ItemResult,
  ItemSource,
  ItemStatistics as ItemFigures,
  ItemView,
  LanguageOrigin,
  Make,
  MakingState,
  MakingView,
  NumericKey,
  OptionOrder,
  OptionStatistics as OptionFigures,
  ProgressView,
  PublicBody,
  PublicClozePart as PublicPart,
  PublicItem,
  QuizList as QuizPage,
  QuizSettings,
  QuizSummaryView as QuizSummary,
  QuizView,
  ResultsView,
  RubricCriterion as Criterion,
  SavedView as SavedAnswers,
  Scored as ScoredItem,
  ScoreNote,
  SkillDue as DueSkill,
  SkillProgress,
  Statistics as QuizFigures,
  StudentSkills,
  TextKey,
} from "./rest-types.ts";

/** As `type` of a body names them. */
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

/** What is saved: `null` takes an answer back. */
export interface AnswersPatch {
  answers?: Record<string, Answer | null>;
  itemMs?: Record<string, number>;
}
