import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ANSWER_SAVE_MS, ANSWER_SAVE_MS_MAX } from "../src/limits.ts";
import { OpenAttempt } from "../src/open-attempt.ts";
import { Problem } from "../src/problem.ts";
import type { AnswersPatch, AttemptView, QuizAnswer, ResultsView, SavedAnswers } from "../src/quiz-types.ts";

const NOW = 1_700_000_000_000;

const view = (change: Partial<AttemptView> = {}): AttemptView => ({
  id: "a1",
  quiz: "q1",
  title: "Caching",
  number: 1,
  preview: false,
  state: "open",
  startedUnixMs: NOW,
  nowUnixMs: NOW,
  items: [],
  answers: {},
  revision: 0,
  ...change,
});

const typed = (value: string): QuizAnswer => ({ type: "text", value });

/** A server that takes what is saved, unless a test has it fail. */
class Server {
  readonly saved: AnswersPatch[] = [];
  readonly submitted: AnswersPatch[] = [];
  fault: Problem | undefined;
  /** Answers only when told to. */
  hold: Promise<void> | undefined;

  async save(_: string, patch: AnswersPatch): Promise<SavedAnswers> {
    await this.hold;
    if (this.fault) throw this.fault;
    this.saved.push(structuredClone(patch));
    return { revision: this.saved.length, savedUnixMs: Date.now() };
  }

  async submit(_: string, patch: AnswersPatch = {}): Promise<ResultsView> {
    if (this.fault) throw this.fault;
    this.submitted.push(structuredClone(patch));
    return { attempt: {} as ResultsView["attempt"], shown: "full" };
  }
}

class Store {
  readonly #kept = new Map<string, string>();
  getItem = (key: string) => this.#kept.get(key) ?? null;
  setItem = (key: string, value: string) => void this.#kept.set(key, value);
  removeItem = (key: string) => void this.#kept.delete(key);
  get size() {
    return this.#kept.size;
  }
}

let server: Server;
let store: Store;
beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  server = new Server();
  store = new Store();
});
afterEach(() => vi.useRealTimers());

const opened = (change: Partial<AttemptView> = {}) => new OpenAttempt(server, view(change), { store, random: () => 0 });

describe("answers", () => {
  test("are saved when the hand rests, all together", async () => {
    const attempt = opened();
    attempt.answer("i1", typed("a"));
    await vi.advanceTimersByTimeAsync(ANSWER_SAVE_MS - 1);
    attempt.answer("i1", typed("ab"));
    attempt.answer("i2", { type: "true_false", value: false });
    expect(attempt.snapshot.saving).toBe("waiting");
    await vi.advanceTimersByTimeAsync(ANSWER_SAVE_MS - 1);
    expect(server.saved).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(server.saved.map(({ answers }) => answers)).toEqual([
      { i1: typed("ab"), i2: { type: "true_false", value: false } },
    ]);
    expect(attempt.snapshot).toMatchObject({ saving: "saved", attempt: { revision: 1 } });
  });

  test("are saved now and then while somebody types on and on", async () => {
    const attempt = opened();
    for (let at = 0; at < ANSWER_SAVE_MS_MAX * 2; at += 100) {
      attempt.answer("i1", typed("a".repeat(at + 1)));
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(server.saved.length).toBeGreaterThanOrEqual(2);
  });

  test("that change while they are saved are saved again", async () => {
    let go = () => {};
    server.hold = new Promise((resolve) => {
      go = resolve;
    });
    const attempt = opened();
    attempt.answer("i1", typed("a"));
    await vi.advanceTimersByTimeAsync(ANSWER_SAVE_MS);
    expect(attempt.snapshot.saving).toBe("saving");
    attempt.answer("i1", typed("ab"));
    server.hold = undefined;
    go();
    await vi.advanceTimersByTimeAsync(ANSWER_SAVE_MS);
    expect(server.saved.map(({ answers }) => answers?.i1)).toEqual([typed("a"), typed("ab")]);
    expect(attempt.snapshot.saving).toBe("saved");
  });

  test("are taken back with null", async () => {
    const attempt = opened({ answers: { i1: typed("a") } });
    attempt.answer("i1", typed(" "));
    expect(attempt.snapshot.answers).toEqual({});
    await vi.advanceTimersByTimeAsync(ANSWER_SAVE_MS);
    expect(server.saved[0]?.answers).toEqual({ i1: null });
  });

  test("that cannot be saved are tried again until they are, and said to be unsaved meanwhile", async () => {
    const attempt = opened();
    server.fault = new Problem("not_reachable", "cut", true);
    attempt.answer("i1", typed("a"));
    await vi.advanceTimersByTimeAsync(ANSWER_SAVE_MS);
    expect(attempt.snapshot).toMatchObject({ saving: "failing", problem: { code: "not_reachable" } });
    attempt.answer("i2", typed("b"));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(attempt.snapshot.saving).toBe("failing");
    server.fault = undefined;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(server.saved.at(-1)?.answers).toEqual({ i1: typed("a"), i2: typed("b") });
    expect(attempt.snapshot).toMatchObject({ saving: "saved", problem: undefined });
  });

  test("that were not saved come back with a reload, before what the server has", async () => {
    const attempt = opened();
    server.fault = new Problem("not_reachable", "cut", true);
    // A page that is gone closes nothing.
    attempt.answer("i1", typed("newer"));
    await vi.advanceTimersByTimeAsync(0);
    server.fault = undefined;
    const again = opened({ answers: { i1: typed("older"), i2: typed("b") } });
    expect(again.snapshot.answers).toEqual({ i1: typed("newer"), i2: typed("b") });
    await vi.advanceTimersByTimeAsync(ANSWER_SAVE_MS);
    expect(server.saved.at(-1)?.answers).toEqual({ i1: typed("newer") });
    expect(again.snapshot.saving).toBe("saved");
  });

  test("are saved by a page that is left", async () => {
    const attempt = opened();
    attempt.answer("i1", typed("a"));
    attempt.close();
    await vi.advanceTimersByTimeAsync(0);
    expect(server.saved).toHaveLength(1);
    expect(opened().snapshot.saving).toBe("saved");
  });
});

describe("an attempt", () => {
  test("is submitted with what is not saved yet, and forgets what it kept", async () => {
    const attempt = opened();
    attempt.answer("i1", typed("a"));
    await attempt.submit();
    expect(server.submitted.map(({ answers }) => answers)).toEqual([{ i1: typed("a") }]);
    expect(attempt.snapshot.state).toBe("submitted");
    expect(store.size).toBe(0);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.saved).toEqual([]);
  });

  test("that cannot be submitted stays open and tells why", async () => {
    const attempt = opened();
    server.fault = new Problem("unavailable", "down", true);
    await attempt.submit();
    expect(attempt.snapshot).toMatchObject({ state: "open", problem: { code: "unavailable" } });
    server.fault = undefined;
    await attempt.submit();
    expect(attempt.snapshot.state).toBe("submitted");
  });

  test("that was submitted elsewhere is over here, too", async () => {
    const attempt = opened();
    server.fault = new Problem("attempt_closed", "over");
    attempt.answer("i1", typed("a"));
    await vi.advanceTimersByTimeAsync(ANSWER_SAVE_MS);
    expect(attempt.snapshot.state).toBe("submitted");
  });

  test("counts down by the server's clock, and is submitted when time is over, as often as it takes", async () => {
    const attempt = opened({ nowUnixMs: NOW + 3_600_000, dueUnixMs: NOW + 3_600_000 + 10_000 });
    expect(attempt.snapshot.secondsLeft).toBe(10);
    attempt.answer("i1", typed("a"));
    await vi.advanceTimersByTimeAsync(9_000);
    expect(attempt.snapshot).toMatchObject({ secondsLeft: 1, state: "open" });
    server.fault = new Problem("not_reachable", "cut", true);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(attempt.snapshot.state).toBe("open");
    server.fault = undefined;
    await vi.advanceTimersByTimeAsync(15_000);
    expect(attempt.snapshot.state).toBe("submitted");
    expect(server.submitted).toHaveLength(1);
  });

  test("counts the time on the item that is looked at, not while nobody was there", async () => {
    const attempt = opened();
    attempt.look("i1");
    await vi.advanceTimersByTimeAsync(3_000);
    attempt.look("i2");
    await vi.advanceTimersByTimeAsync(1_000);
    // The computer slept.
    vi.setSystemTime(Date.now() + 3_600_000);
    await vi.advanceTimersByTimeAsync(1_000);
    attempt.answer("i2", typed("a"));
    await attempt.flush();
    const { itemMs = {} } = server.saved[0] ?? {};
    expect(itemMs.i1).toBe(3_000);
    expect(itemMs.i2).toBeGreaterThanOrEqual(1_000);
    expect(itemMs.i2).toBeLessThan(3_000);
  });
});
