// The answers of somebody who takes a quiz: kept at once in the browser, saved at the server when the hand rests, tried again
// until they are there, so that neither a reload nor a lost connection takes a word. It also counts the time on each item, and
// submits when time is over. It draws nothing, and it does not know what is right.

import { Backoff } from "./backoff.ts";
import { Emitter } from "./emitter.ts";
import { ANSWER_SAVE_MS, ANSWER_SAVE_MS_MAX, ATTEMPT_AWAY_MS, ATTEMPT_TICK_MS } from "./limits.ts";
import { Problem } from "./problem.ts";
import { isAnswered } from "./quiz-answers.ts";
import type { AnswersPatch, AttemptView, QuizAnswer } from "./quiz-types.ts";
import type { Quizzes } from "./quizzes.ts";

/** Where answers are kept until they are saved; the browser's local storage is one. */
export type AnswerStore = Pick<Storage, "getItem" | "removeItem" | "setItem">;

export interface AttemptSnapshot {
  attempt: AttemptView;
  /** As they stand here, saved or not. */
  answers: Record<string, QuizAnswer>;
  /** `waiting`: something is not saved yet; `failing`: it was tried in vain and will be tried again. */
  saving: "saved" | "waiting" | "saving" | "failing";
  /** Why saving or submitting failed the last time. */
  problem: Problem | undefined;
  state: "open" | "submitting" | "submitted";
  /** What is left, in whole seconds; without a limit there is none. */
  secondsLeft: number | undefined;
}

export interface OpenAttemptOptions {
  store?: AnswerStore;
  now?: () => number;
  random?: () => number;
}

interface Kept {
  /** What the server does not have yet. */
  unsaved: Record<string, QuizAnswer | null>;
  itemMs: Record<string, number>;
}

export class OpenAttempt extends Emitter<{ change: AttemptSnapshot }> {
  readonly #quizzes: Pick<Quizzes, "save" | "submit">;
  readonly #store: AnswerStore | undefined;
  readonly #now: () => number;
  readonly #backoff: Backoff;
  readonly #key: string;
  /** The server's clock less ours. */
  readonly #aheadMs: number;
  readonly #stops: (() => void)[] = [];
  #kept: Kept = { unsaved: {}, itemMs: {} };
  #snapshot: AttemptSnapshot;
  #looking: { item: string; sinceMs: number } | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #firstUnsavedMs: number | undefined;
  #saving: Promise<void> | undefined;
  #isClosed = false;

  constructor(quizzes: Pick<Quizzes, "save" | "submit">, attempt: AttemptView, options: OpenAttemptOptions = {}) {
    super();
    this.#quizzes = quizzes;
    this.#store = options.store;
    this.#now = options.now ?? Date.now;
    this.#backoff = new Backoff(options.random);
    this.#key = `viva.attempt.${attempt.id}`;
    this.#aheadMs = attempt.nowUnixMs - this.#now();
    this.#restore();
    const answers = { ...attempt.answers };
    for (const [item, answer] of Object.entries(this.#kept.unsaved)) put(answers, item, answer);
    const isOpen = attempt.state === "open";
    this.#snapshot = {
      attempt,
      answers,
      saving: this.#isDirty ? "waiting" : "saved",
      problem: undefined,
      state: isOpen ? "open" : "submitted",
      secondsLeft: undefined,
    };
    this.#snapshot.secondsLeft = this.#secondsLeft();
    if (!isOpen) {
      this.#forget();
      return;
    }
    const ticks = setInterval(() => this.#tick(), ATTEMPT_TICK_MS);
    const online = () => this.#isDirty && void this.flush();
    globalThis.addEventListener?.("online", online);
    this.#stops.push(
      () => clearInterval(ticks),
      () => globalThis.removeEventListener?.("online", online),
    );
    if (this.#isDirty) this.#schedule(0);
  }

  get snapshot(): AttemptSnapshot {
    return this.#snapshot;
  }

  /** Takes an answer; `undefined` takes it back. */
  answer(item: string, answer: QuizAnswer | undefined): void {
    if (this.#snapshot.state !== "open") return;
    const said = isAnswered(answer) ? answer : null;
    const answers = { ...this.#snapshot.answers };
    put(answers, item, said);
    this.#kept.unsaved[item] = said;
    this.#keep();
    this.#firstUnsavedMs ??= this.#now();
    const isFailing = this.#snapshot.saving === "failing";
    this.#change({ answers, ...(!isFailing && !this.#saving && { saving: "waiting" }) });
    if (isFailing || this.#saving) return;
    const waitedMs = this.#now() - this.#firstUnsavedMs;
    this.#schedule(Math.min(ANSWER_SAVE_MS, Math.max(0, ANSWER_SAVE_MS_MAX - waitedMs)));
  }

  /** The item that is in sight, or none: its time is counted. */
  look(item: string | undefined): void {
    this.#countLooking();
    this.#looking = item === undefined ? undefined : { item, sinceMs: this.#now() };
  }

  /** Saves what is not saved, now. A failure is told in the snapshot, not thrown. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#saving;
    if (!this.#isDirty || this.#snapshot.state !== "open") return;
    this.#saving = this.#save();
    await this.#saving;
  }

  /** Ends the attempt with all that is answered. Once it is over, the snapshot says so. */
  async submit(): Promise<void> {
    if (this.#snapshot.state !== "open") return;
    clearTimeout(this.#timer);
    this.#countLooking();
    this.#change({ state: "submitting", problem: undefined });
    await this.#saving;
    try {
      await this.#quizzes.submit(this.#snapshot.attempt.id, this.#patch());
      this.#end();
    } catch (cause) {
      const problem = Problem.from(cause);
      if (isOver(problem)) {
        this.#end();
        return;
      }
      this.#change({ state: "open", saving: this.#isDirty ? "failing" : "saved", problem });
      if (this.#isClosed) return;
      const isTimeOver = this.#snapshot.secondsLeft === 0;
      if (isTimeOver) this.#timer = setTimeout(() => void this.submit(), this.#backoff.nextDelayMs());
      else if (this.#isDirty) this.#schedule(this.#backoff.nextDelayMs());
    }
  }

  /** What is not saved stays in the browser, and comes with the next page that opens the attempt. */
  close(): void {
    this.#isClosed = true;
    this.#countLooking();
    clearTimeout(this.#timer);
    for (const stop of this.#stops.splice(0)) stop();
    if (this.#isDirty && this.#snapshot.state === "open") {
      const patch = this.#patch();
      this.#keep();
      const kept = this.#store?.getItem(this.#key);
      const saved = () => {
        // Unless the next page has kept something else meanwhile.
        if (this.#store?.getItem(this.#key) !== kept) return;
        this.#kept.unsaved = {};
        this.#keep();
      };
      this.#quizzes.save(this.#snapshot.attempt.id, patch).then(saved, () => undefined);
    }
  }

  get #isDirty(): boolean {
    return Object.keys(this.#kept.unsaved).length > 0;
  }

  #patch(): AnswersPatch {
    return { answers: { ...this.#kept.unsaved }, itemMs: { ...this.#kept.itemMs } };
  }

  #schedule(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => void this.flush(), ms);
  }

  async #save(): Promise<void> {
    this.#countLooking();
    const patch = this.#patch();
    this.#firstUnsavedMs = undefined;
    this.#change({ saving: "saving" });
    try {
      const { revision, dueUnixMs } = await this.#quizzes.save(this.#snapshot.attempt.id, patch);
      for (const [item, answer] of Object.entries(patch.answers ?? {})) {
        if (this.#kept.unsaved[item] === answer) delete this.#kept.unsaved[item];
      }
      this.#keep();
      this.#backoff.reset();
      this.#saving = undefined;
      const due = dueUnixMs ?? this.#snapshot.attempt.dueUnixMs;
      const attempt = { ...this.#snapshot.attempt, revision, ...(due !== undefined && { dueUnixMs: due }) };
      this.#change({ attempt, saving: this.#isDirty ? "waiting" : "saved", problem: undefined });
      if (this.#isDirty) this.#schedule(ANSWER_SAVE_MS);
    } catch (cause) {
      this.#saving = undefined;
      const problem = Problem.from(cause);
      if (isOver(problem)) {
        this.#end();
        return;
      }
      this.#change({ saving: "failing", problem });
      this.#schedule(Math.max(this.#backoff.nextDelayMs(), problem.retryAfterMs ?? 0));
    }
  }

  #tick(): void {
    this.#countLooking();
    const secondsLeft = this.#secondsLeft();
    if (secondsLeft === this.#snapshot.secondsLeft) return;
    this.#change({ secondsLeft });
    if (secondsLeft !== undefined && secondsLeft <= 0) void this.submit();
  }

  #secondsLeft(): number | undefined {
    const { dueUnixMs } = this.#snapshot.attempt;
    if (dueUnixMs === undefined) return undefined;
    return Math.max(0, Math.ceil((dueUnixMs - this.#now() - this.#aheadMs) / 1_000));
  }

  #countLooking(): void {
    const now = this.#now();
    if (!this.#looking) return;
    const { item, sinceMs } = this.#looking;
    const passedMs = now - sinceMs;
    if (passedMs > 0 && passedMs <= ATTEMPT_AWAY_MS) {
      this.#kept.itemMs[item] = (this.#kept.itemMs[item] ?? 0) + passedMs;
    }
    this.#looking = { item, sinceMs: now };
  }

  #end(): void {
    clearTimeout(this.#timer);
    for (const stop of this.#stops.splice(0)) stop();
    this.#kept = { unsaved: {}, itemMs: {} };
    this.#forget();
    this.#change({ state: "submitted", saving: "saved", problem: undefined });
  }

  #restore(): void {
    try {
      const kept = JSON.parse(this.#store?.getItem(this.#key) ?? "{}") as Partial<Kept>;
      this.#kept = { unsaved: kept.unsaved ?? {}, itemMs: kept.itemMs ?? {} };
    } catch {
      // Nothing that can be read: what the server has is all there is.
    }
  }

  #keep(): void {
    try {
      this.#store?.setItem(this.#key, JSON.stringify(this.#kept));
    } catch {
      // The browser keeps nothing, or no more: the server does.
    }
  }

  #forget(): void {
    try {
      this.#store?.removeItem(this.#key);
    } catch {
      // As above.
    }
  }

  #change(change: Partial<AttemptSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change };
    this.emit("change", this.#snapshot);
  }
}

/** It was submitted meanwhile: here by the clock, or on another device. */
function isOver({ code }: Problem): boolean {
  return code === "attempt_closed";
}

function put(answers: Record<string, QuizAnswer>, item: string, answer: QuizAnswer | null): void {
  if (answer) answers[item] = answer;
  else delete answers[item];
}
