// How quizzes read in plain words: kinds of questions, states, what is wrong with an item. Pure.

import {
  type Concern,
  type Counted,
  type Difficulty,
  type FeedbackShown,
  ITEM_KINDS,
  type ItemKind,
  type LanguageOrigin,
  type Locator,
  type QuizAnswer,
  type QuizSettings,
  type ScoredItem,
} from "@viva/client";
import { plain } from "./words.ts";

const KINDS: Record<ItemKind, { name: string; meaning: string }> = {
  single_choice: { name: "Single choice", meaning: "One of several options is right." },
  multiple_choice: { name: "Multiple choice", meaning: "Any number of the options is right." },
  true_false: { name: "True or false", meaning: "A statement to be judged." },
  short_text: { name: "Short answer", meaning: "A word or a few, typed." },
  numeric: { name: "Number", meaning: "A number, with a tolerance." },
  cloze: { name: "Gaps", meaning: "A text with words left out." },
  matching: { name: "Matching", meaning: "Pairs to be found." },
  ordering: { name: "Ordering", meaning: "Lines to be put in order." },
  free_text: { name: "Free text", meaning: "You mark the answers by a rubric." },
};

/** A reason for people: a question that it names by its id has a number, or is not one of the quiz (any more). */
export function reasonSaid(reason: string, ids: string[]): string {
  const named = (word: string) => {
    if (ids.includes(word)) return `question ${ids.indexOf(word) + 1}`;
    return ITEM_ID.test(word) ? "another question" : word;
  };
  return reason.split(" ").map(named).join(" ");
}

/** As the server draws them. */
const ITEM_ID = /^i[0-9a-f]{12}$/;

export function kindName(kind: string): string {
  return KINDS[kind as ItemKind]?.name ?? plain(kind);
}

export function kindMeaning(kind: ItemKind): string {
  return KINDS[kind].meaning;
}

export const DIFFICULTIES: Record<Difficulty, string> = { easy: "Easy", medium: "Medium", hard: "Hard" };

export const LANGUAGES: Record<string, string> = {
  en: "English",
  de: "German",
  es: "Spanish",
  fr: "French",
  it: "Italian",
  nl: "Dutch",
  pl: "Polish",
  pt: "Portuguese",
};

/** In English; a code that nobody knows is shown as it is. */
export function languageName(code: string): string {
  return LANGUAGES[code] ?? new Intl.DisplayNames(["en"], { type: "language" }).of(code) ?? code;
}

/** The language of a quiz, and how it came to it. */
export function languageSaid(quiz: { language: string; languageOrigin: LanguageOrigin }): string {
  const name = languageName(quiz.language);
  return { named: name, told: `${name}, told from the text`, assumed: "language open" }[quiz.languageOrigin];
}

export const COUNTINGS: Record<Counted, string> = {
  best: "The best attempt",
  first: "The first attempt",
  last: "The last attempt",
  all: "All attempts",
};

export const FEEDBACKS: Record<FeedbackShown, { name: string; meaning: string }> = {
  full: { name: "Everything", meaning: "Points, what was right, explanations and sources." },
  at_end: { name: "Points, then everything", meaning: "The rest once no attempt is left or the quiz is archived." },
  points: { name: "Points alone", meaning: "Nothing about single questions." },
};

export const DEFAULT_SETTINGS = {
  optionOrder: "shuffled",
  itemOrder: "as_written",
  feedback: "full",
  counting: "best",
} as const satisfies QuizSettings;

const STATES: Record<string, string> = { draft: "Draft", published: "Published", archived: "Archived" };

export function stateName(state: string): string {
  return STATES[state] ?? plain(state);
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Points without needless zeros. */
export function points(value: number): string {
  return String(Math.round(value * 100) / 100);
}

export function pointsSaid(value: number): string {
  return `${points(value)} ${value === 1 ? "point" : "points"}`;
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** "5 single choice, 2 true or false". */
export function countsSaid(counts: Record<string, number>): string {
  const kinds = ITEM_KINDS.filter((kind) => (counts[kind] ?? 0) > 0);
  return kinds.map((kind) => `${counts[kind]} × ${kindName(kind).toLowerCase()}`).join(", ");
}

const OUTCOMES: Record<ScoredItem["outcome"], string> = {
  right: "Right",
  partial: "Partly right",
  wrong: "Wrong",
  unanswered: "Not answered",
  pending: "Not marked yet",
};

export function outcomeName(outcome: ScoredItem["outcome"]): string {
  return OUTCOMES[outcome];
}

/** What a teacher should look at, and what may be the reason. `optionText` gives an option's words. */
export function concernSaid(concern: Concern, optionText: (id: string) => string): string {
  switch (concern.code) {
    case "works_against_the_rest":
      return "Students who do well in the quiz do badly here. The key is probably wrong, or the question misleads.";
    case "hardly_discriminates":
      return "It hardly tells those who know the subject from those who do not. Check whether it is clear what is asked.";
    case "too_easy":
      return "Nearly everybody gets it right, so that it tells little. Ask for more, or keep it as a warm-up.";
    case "too_hard":
      return "Hardly anybody gets it right, or no more than by guessing. Check the key, and whether it was taught.";
    case "unused_option":
      return `Hardly anybody chooses “${optionText(concern.option)}”. Replace it with a mistake that students make.`;
    case "best_choose_wrongly":
      return `The best students choose “${optionText(concern.option)}” rather than the key. It may be right as well.`;
  }
}

/** How long a span of time is, for people: "12 min", "1 min 5 s". */
export function span(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const rest = seconds % 60;
  return rest === 0 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 60)} min ${rest} s`;
}

/** What is left on a clock. */
export function timeLeft(seconds: number): string {
  const hours = Math.floor(seconds / 3_600);
  const minutes = Math.floor((seconds % 3_600) / 60);
  const rest = String(seconds % 60).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

const WARN_AT_SECONDS = [600, 300, 60, 30, 10];

/** What is said when the clock goes from one number to the next: only at a few marks, so that it does not disturb. */
export function clockWarning(before: number | undefined, now: number | undefined): string | undefined {
  if (now === undefined || before === undefined || now >= before) return undefined;
  const mark = WARN_AT_SECONDS.findLast((at) => before > at && now <= at);
  if (now === 0) return "Time is over. Your answers are being submitted.";
  if (mark === undefined) return undefined;
  return mark >= 60 ? `${counted(mark / 60, "minute")} left.` : `${mark} seconds left.`;
}

/** An answer in words, by the texts that the item shows. */
export function answerLines(answer: QuizAnswer, textOf: (id: string) => string): string[] {
  switch (answer.type) {
    case "choice":
      return [textOf(answer.value)];
    case "choices":
    case "order":
      return answer.value.map(textOf);
    case "true_false":
      return [answer.value ? "True" : "False"];
    case "text":
      return [answer.value];
    case "pairs":
      return Object.entries(answer.value).map(([prompt, target]) => `${textOf(prompt)} → ${textOf(target)}`);
    case "gaps":
      return Object.values(answer.value).map(textOf);
  }
}

/** Where a source stands, for people, as the server would say it. */
export function placeName(locator: Partial<Locator> = {}): string {
  const { page, pageLast, slide, sheet, row, path = [], paragraph, label } = locator;
  if (label) return label;
  if (page !== undefined) return pageLast !== undefined && pageLast > page ? `pp. ${page}–${pageLast}` : `p. ${page}`;
  if (slide !== undefined) return `slide ${slide}`;
  if (sheet !== undefined) return row === undefined ? sheet : `${sheet}, row ${row}`;
  return [path.join(" › "), paragraph === undefined ? "" : `¶${paragraph}`].filter((part) => part !== "").join(" ");
}
