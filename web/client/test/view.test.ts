import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { emptyView, finalText, type InterviewView, reduce, viewFromDetail } from "../src/view.ts";
import type { DurableEvent, EphemeralEvent, Params, SessionDetail } from "../src/wire.ts";

const VECTORS = new URL("../../../protocol/vectors/v1/", import.meta.url);
const params: Params = {
  topic: "Caching",
  language: "en-US",
  questions: 2,
  playback: "text",
  turnTaking: "auto",
  recording: false,
};
const model = { name: "builtin", kind: "builtin" as const };

type Bare = DurableEvent extends infer Event ? (Event extends unknown ? Omit<Event, "session" | "seq"> : never) : never;

function play(...events: Bare[]): InterviewView {
  const numbered = events.map((event, at) => ({ session: "s", seq: at + 1, ...event }) as DurableEvent);
  return numbered.reduce<InterviewView>(reduce, emptyView("s"));
}

const partial = (segment: number, revision: number, text: string): EphemeralEvent => ({
  type: "transcript.partial",
  session: "s",
  epoch: 1,
  turn: 1,
  segment,
  revision,
  text,
  stableChars: 0,
});

const begin: Bare[] = [
  { type: "interview.started", params, model },
  { type: "question.started", turn: 1, attempt: 1 },
];

describe("a view", () => {
  test("joins a question's pieces and lets the whole replace them", () => {
    const streaming = play(...begin, { type: "question.delta", turn: 1, attempt: 1, text: "What is" });
    expect(streaming.phase).toBe("asking");
    expect(streaming.turns[0]?.question).toMatchObject({ text: "What is", state: "streaming" });
    const done = reduce(streaming, {
      type: "question.done",
      session: "s",
      seq: 4,
      turn: 1,
      attempt: 1,
      text: "What is an ETag?",
    });
    expect(done.turns[0]?.question).toMatchObject({ text: "What is an ETag?", state: "done", complete: true });
    expect(done.phase).toBe("listening");
  });

  test("keeps partials apart from finals and drops those that come late", () => {
    let view = play(...begin, { type: "question.done", turn: 1, attempt: 1, text: "Why?" });
    view = reduce(view, partial(1, 2, "because it"));
    expect(reduce(view, partial(1, 1, "because"))).toBe(view);
    view = reduce(view, {
      type: "transcript.final",
      session: "s",
      seq: 4,
      turn: 1,
      segment: 1,
      text: "Because it is fast.",
      words: [],
    });
    expect(view.turns[0]?.partial).toBeUndefined();
    expect(reduce(view, partial(1, 3, "because it is"))).toBe(view);
    view = reduce(view, partial(2, 1, "and"));
    expect(view.turns[0]?.partial?.text).toBe("and");
    expect(finalText(view.turns[0] as never)).toBe("Because it is fast.");
  });

  test("shows both versions of a corrected answer", () => {
    const view = play(
      ...begin,
      { type: "question.done", turn: 1, attempt: 1, text: "Why?" },
      { type: "answer.committed", turn: 1, text: "A tag.", metrics: [], reason: "silence" },
      { type: "answer.revised", turn: 1, text: "A tack.", previous: "A tag.", cause: "recognizer" },
      { type: "answer.revised", turn: 1, text: "An ETag.", previous: "A tack.", cause: "candidate" },
    );
    expect(view.turns[0]?.answer).toEqual({
      text: "An ETag.",
      reason: "silence",
      metrics: [],
      previous: "A tack.",
      amendedBy: "candidate",
      spoken: "A tack.",
    });
    expect(view.phase).toBe("thinking");
  });

  test("holds, resumes and cancels a question, and begins the next attempt anew", () => {
    const held = play(
      ...begin,
      { type: "question.done", turn: 1, attempt: 1, text: "What is it?" },
      { type: "question.held", turn: 1, attempt: 1 },
    );
    expect(held.turns[0]?.question.state).toBe("held");
    const resumed = reduce(held, { type: "question.resumed", session: "s", seq: 5, turn: 1, attempt: 1 });
    expect(resumed.turns[0]?.question.state).toBe("done");
    const again = play(
      ...begin,
      { type: "question.delta", turn: 1, attempt: 1, text: "What is" },
      { type: "question.heard", turn: 1, attempt: 1, chars: 4 },
      { type: "question.cancelled", turn: 1, attempt: 1, text: "What is", reason: "restarted" },
      { type: "question.started", turn: 1, attempt: 2 },
      { type: "question.delta", turn: 1, attempt: 2, text: "So, what" },
      { type: "question.delta", turn: 1, attempt: 1, text: " late" },
    );
    expect(again.turns[0]?.question).toMatchObject({ attempt: 2, text: "So, what" });
    expect(again.turns[0]?.cut).toMatchObject([{ attempt: 1, text: "What is", heardChars: 4, cancelled: "restarted" }]);
  });

  test("ends with the report", () => {
    const report = vector("interview.report.json") as Extract<DurableEvent, { type: "interview.report" }>;
    const finished = vector("interview.finished.json") as Extract<DurableEvent, { type: "interview.finished" }>;
    const view = reduce(reduce(emptyView("s"), report), finished);
    expect(view.report).toEqual(report.report);
    expect(view.finished).toEqual({ reason: finished.reason, usage: finished.usage });
    expect(view.phase).toBe("finished");
  });

  test("is left as it is by an event of an unknown type", () => {
    const view = play(...begin);
    expect(reduce(view, { type: "interview.sparkle", session: "s", seq: 9 } as never)).toBe(view);
  });

  test("is made of a stored session, too", () => {
    const view = viewFromDetail(vector("result.session.get.json") as unknown as SessionDetail);
    expect(view.turns[0]?.question.text).not.toBe("");
    expect(view.turns[0]?.answer?.text).not.toBe("");
  });
});

describe("every golden message of a session", () => {
  const names = readdirSync(VECTORS).filter((name) => name.endsWith(".json"));
  const events = names.filter((name) =>
    /^(interview\.(started|report|finished)|question\.|transcript|answer\.(c.*d|r)|turn|budget|input|speaking)/.test(
      name,
    ),
  );
  test.each(events.filter((name) => !/^question\.(skip|repeat)/.test(name)))("%s changes the view", (name) => {
    const view = play({ type: "interview.started", params, model });
    const message = vector(name) as DurableEvent;
    const isNewText = message.type === "question.started";
    const next = reduce(isNewText ? view : reduce(view, { ...started, turn: turnOf(message) }), message);
    expect(next).not.toEqual(view);
    expect(JSON.parse(JSON.stringify(next))).toEqual(next);
  });
});

const started = { type: "question.started" as const, session: "s", seq: 2, turn: 1, attempt: 1 };
const turnOf = (message: object): number => ("turn" in message ? Number(message.turn) : 1);

function vector(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, VECTORS), "utf8"));
}
