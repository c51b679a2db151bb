// Quizzes over REST: made, reviewed and published by teachers; taken and looked back at by everybody. A change names the version
// that it is made to, so that nobody overwrites what somebody else has just written. How answers are kept while somebody takes a
// quiz is the business of `open-attempt`.

import type {
  AnalyticsView,
  AnswersPatch,
  AttemptSummary,
  AttemptView,
  ClassProgress,
  Counted,
  ImportedQuiz,
  ItemDraft,
  Make,
  NewQuiz,
  ProgressView,
  QuizCover,
  QuizPage,
  QuizSettings,
  QuizView,
  ResultsView,
  SavedAnswers,
} from "./quiz-types.ts";
import { type Asking, queryOf, Rest, type RestOptions } from "./rest.ts";
import { newSessionId } from "./sessions.ts";

export type ExportFormat = "moodle" | "gift" | "qti";
export type ImportFormat = "moodle" | "gift" | "aiken";

/** The quiz that a change is made to, as it was read. */
export type Read = Pick<QuizView, "id" | "version">;

export interface ExportedQuiz {
  blob: Blob;
  name: string;
  /** Items that the format has no place for. */
  leftOut: { item: string; reason: string }[];
}

export class Quizzes {
  readonly #rest: Rest;

  constructor(options: RestOptions) {
    this.#rest = new Rest(options);
  }

  list(wishes: { course?: string | undefined; cursor?: string | undefined; limit?: number } = {}) {
    return this.#rest.ask<QuizPage>("GET", `/api/quizzes${queryOf(wishes)}`);
  }

  create(quiz: NewQuiz): Promise<QuizView> {
    return this.#rest.ask("POST", "/api/quizzes", { body: quiz, idempotencyKey: newSessionId() });
  }

  get(quiz: string): Promise<QuizView> {
    return this.#rest.ask("GET", of(quiz));
  }

  change(quiz: Read, change: { title?: string; description?: string; settings?: QuizSettings }): Promise<QuizView> {
    return this.#rest.ask("PATCH", of(quiz.id), { body: change, ...read(quiz) });
  }

  remove(quiz: Read): Promise<void> {
    return this.#rest.ask("DELETE", of(quiz.id), read(quiz));
  }

  make(quiz: Read, make: Make): Promise<QuizView> {
    return this.#rest.ask("POST", `${of(quiz.id)}/make`, { body: make, ...read(quiz) });
  }

  cancel(quiz: string): Promise<QuizView> {
    return this.#rest.ask("POST", `${of(quiz)}/cancel`);
  }

  publish(quiz: Read): Promise<QuizView> {
    return this.#rest.ask("POST", `${of(quiz.id)}/publish`, read(quiz));
  }

  archive(quiz: Read): Promise<QuizView> {
    return this.#rest.ask("POST", `${of(quiz.id)}/archive`, read(quiz));
  }

  addItem(quiz: Read, item: ItemDraft): Promise<QuizView> {
    return this.#rest.ask("POST", `${of(quiz.id)}/items`, { body: item, ...read(quiz) });
  }

  changeItem(quiz: Read, item: string, draft: ItemDraft): Promise<QuizView> {
    return this.#rest.ask("PUT", `${of(quiz.id)}/items/${encodeURIComponent(item)}`, { body: draft, ...read(quiz) });
  }

  removeItem(quiz: Read, item: string): Promise<QuizView> {
    return this.#rest.ask("DELETE", `${of(quiz.id)}/items/${encodeURIComponent(item)}`, read(quiz));
  }

  orderItems(quiz: Read, items: string[]): Promise<QuizView> {
    return this.#rest.ask("POST", `${of(quiz.id)}/items/order`, { body: { items }, ...read(quiz) });
  }

  async export(quiz: string, format: ExportFormat): Promise<ExportedQuiz> {
    const response = await this.#rest.fetch("GET", `${of(quiz)}/export?format=${format}`);
    const leftOut = JSON.parse(response.headers.get("viva-left-out") ?? "[]") as ExportedQuiz["leftOut"];
    const name = nameIn(response.headers.get("content-disposition")) ?? `quiz.${EXTENSIONS[format]}`;
    return { blob: await response.blob(), name, leftOut };
  }

  import(
    file: Blob,
    format: ImportFormat,
    wishes: { title: string; course?: string | undefined; language?: string },
  ): Promise<ImportedQuiz> {
    return this.#rest.ask("POST", `/api/quizzes/import${queryOf({ format, ...wishes })}`, {
      file,
      idempotencyKey: newSessionId(),
    });
  }

  attempts(quiz: string, wishes: { user?: string; state?: string; cursor?: string | undefined; limit?: number } = {}) {
    const path = `${of(quiz)}/attempts${queryOf(wishes)}`;
    return this.#rest.ask<{ attempts: AttemptSummary[]; cursor?: string }>("GET", path);
  }

  /** `awarded`: by criterion, the share of it that was reached, from 0 to 1. */
  mark(attempt: string, item: string, awarded: Record<string, number>): Promise<ResultsView> {
    return this.#rest.ask("POST", `${ofAttempt(attempt)}/marks`, { body: { item, awarded } });
  }

  analytics(quiz: string, wishes: { edition?: number; counting?: Counted } = {}): Promise<AnalyticsView> {
    return this.#rest.ask("GET", `${of(quiz)}/analytics${queryOf(wishes)}`);
  }

  /** A page of the class's students; with the first one the class as a whole. */
  classProgress(course: string, wishes: { cursor?: string | undefined; limit?: number } = {}): Promise<ClassProgress> {
    return this.#rest.ask("GET", `/api/courses/${encodeURIComponent(course)}/progress${queryOf(wishes)}`);
  }

  progressOf(course: string, user: string): Promise<ProgressView> {
    return this.#rest.ask("GET", `/api/courses/${encodeURIComponent(course)}/progress/${encodeURIComponent(user)}`);
  }

  progress(course?: string): Promise<ProgressView> {
    return this.#rest.ask("GET", `/api/progress${queryOf({ course })}`);
  }

  cover(quiz: string): Promise<QuizCover> {
    return this.#rest.ask("GET", `${of(quiz)}/cover`);
  }

  /** Begins an attempt, or gives the one that is open. */
  start(quiz: string): Promise<AttemptView> {
    return this.#rest.ask("POST", `${of(quiz)}/attempts`);
  }

  attempt(attempt: string): Promise<AttemptView> {
    return this.#rest.ask("GET", ofAttempt(attempt));
  }

  /** Tried once: whoever keeps the answers tries again. */
  save(attempt: string, patch: AnswersPatch): Promise<SavedAnswers> {
    return this.#rest.ask("PATCH", ofAttempt(attempt), { body: patch, attempts: 1 });
  }

  submit(attempt: string, patch: AnswersPatch = {}): Promise<ResultsView> {
    return this.#rest.ask("POST", `${ofAttempt(attempt)}/submit`, { body: patch });
  }

  results(attempt: string): Promise<ResultsView> {
    return this.#rest.ask("GET", `${ofAttempt(attempt)}/results`);
  }
}

const EXTENSIONS: Record<ExportFormat, string> = { moodle: "xml", gift: "gift", qti: "zip" };

const of = (quiz: string) => `/api/quizzes/${encodeURIComponent(quiz)}`;
const ofAttempt = (attempt: string) => `/api/attempts/${encodeURIComponent(attempt)}`;

function read({ version }: Read): Pick<Asking, "ifMatch"> {
  return { ifMatch: `"v${version}"` };
}

function nameIn(disposition: string | null): string | undefined {
  const encoded = disposition?.match(/filename\*=UTF-8''([^;]+)/i)?.[1];
  if (encoded) {
    try {
      return decodeURIComponent(encoded);
    } catch {
      return undefined;
    }
  }
  return disposition?.match(/filename="([^"]+)"/i)?.[1];
}
