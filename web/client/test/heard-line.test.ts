import { describe, expect, test } from "vitest";
import { HeardLine } from "../src/heard-line.ts";
import { EARLY_EVENTS_MAX } from "../src/limits.ts";
import type { DurableEvent } from "../src/wire.ts";

const event = (seq: number): DurableEvent => ({ type: "question.started", session: "s", seq, turn: 1, attempt: seq });
const seqs = (events: DurableEvent[]) => events.map(({ seq }) => seq);

describe("what is heard", () => {
  test("is given on in order, each once", () => {
    const line = new HeardLine();
    expect(seqs(line.handleEvent(event(1), 0))).toEqual([1]);
    expect(seqs(line.handleEvent(event(3), 0))).toEqual([]);
    expect(seqs(line.handleEvent(event(3), 0))).toEqual([]);
    expect(seqs(line.handleEvent(event(2), 0))).toEqual([2, 3]);
    expect(seqs(line.handleEvent(event(2), 0))).toEqual([]);
    expect(line.lastSeq).toBe(3);
  });

  test("is asked for again when a gap has lasted a second, and not at once again", () => {
    const line = new HeardLine();
    line.handleEvent(event(1), 0);
    line.handleEvent(event(3), 100);
    expect(line.wantsResume(1_000)).toBe(false);
    expect(line.wantsResume(1_100)).toBe(true);
    line.resumeAsked(1_100);
    expect(line.wantsResume(2_200)).toBe(false);
    expect(line.wantsResume(7_200)).toBe(true);
  });

  test("is asked for again when the server's head shows a lost tail", () => {
    const line = new HeardLine();
    line.handleEvent(event(1), 0);
    line.handleHead(1, 0);
    expect(line.wantsResume(5_000)).toBe(false);
    line.handleHead(2, 5_000);
    expect(line.wantsResume(6_000)).toBe(true);
    line.handleEvent(event(2), 6_000);
    expect(line.wantsResume(9_000)).toBe(false);
  });

  test("keeps 256 early events and always takes the next one", () => {
    const line = new HeardLine();
    for (let seq = 2; seq <= EARLY_EVENTS_MAX + 10; seq += 1) line.handleEvent(event(seq), 0);
    expect(line.handleEvent(event(1), 0)).toHaveLength(EARLY_EVENTS_MAX + 1);
    expect(line.lastSeq).toBe(EARLY_EVENTS_MAX + 1);
    expect(line.wantsResume(1_000)).toBe(true);
  });

  test("stands at the end of a batch, although deltas were left out", () => {
    const line = new HeardLine();
    line.handleEvent(event(1), 0);
    line.handleEvent(event(9), 0);
    const batch = { fromSeq: 2, throughSeq: 8, events: [event(2), event(7)] };
    expect(seqs(line.handleBatch(batch, 0))).toEqual([2, 7, 9]);
    expect(line.lastSeq).toBe(9);
  });

  test("ignores what a batch repeats, and a batch that begins too late", () => {
    const line = new HeardLine();
    line.handleEvent(event(1), 0);
    line.handleEvent(event(2), 0);
    expect(seqs(line.handleBatch({ fromSeq: 1, throughSeq: 3, events: [event(1), event(2), event(3)] }, 0))).toEqual([
      3,
    ]);
    expect(seqs(line.handleBatch({ fromSeq: 6, throughSeq: 7, events: [event(6), event(7)] }, 0))).toEqual([]);
    expect(line.wantsResume(1_000)).toBe(true);
  });

  test("drops what an older worker says", () => {
    const line = new HeardLine();
    expect(line.acceptsEpoch(2)).toBe(true);
    expect(line.acceptsEpoch(1)).toBe(false);
    line.handleEvent({ type: "session.continued", session: "s", seq: 1, epoch: 3 }, 0);
    expect(line.acceptsEpoch(2)).toBe(false);
    expect(line.acceptsEpoch(3)).toBe(true);
  });

  test("begins at the head after a reset", () => {
    const line = new HeardLine();
    line.handleEvent(event(5), 0);
    line.reset(7);
    expect(seqs(line.handleEvent(event(8), 0))).toEqual([8]);
  });
});
