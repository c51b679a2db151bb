import { describe, expect, test } from "vitest";
import { UNSENT_AUDIO_MS_MAX } from "../src/limits.ts";
import { type SaidEntry, SaidLine } from "../src/said-line.ts";

const status = (
  inboxThroughSeq: number,
  windowThroughSeq = 64,
  missing: { fromSeq: number; throughSeq: number }[] = [],
) => ({
  inboxThroughSeq,
  windowThroughSeq,
  missing,
});

function sayAudio(line: SaidLine, count: number, audioMs = 200): void {
  for (let at = 0; at < count; at += 1) {
    const { seq } = line.say({ type: "audio", mediaMs: line.mediaEndMs, data: "AAAA" }, audioMs);
    line.kept(seq);
  }
}

function takeAll(line: SaidLine, now: number): number[] {
  const seqs: number[] = [];
  for (let entry = line.take(now); entry; entry = line.take(now)) seqs.push(entry.seq);
  return seqs;
}

describe("what is said", () => {
  test("is numbered from 1 and keeps its bytes", () => {
    const line = new SaidLine("s");
    const first = line.say({ type: "answer.end", turn: 1 });
    line.kept(first.seq);
    expect(line.take(0)).toMatchObject({
      seq: 1,
      line: '{"type":"answer.end","session":"s","seq":1,"turn":1}',
    });
    line.sendAllAgain();
    expect(line.take(1)?.line).toBe(first.line);
  });

  test("is not sent before it is kept, and nothing overtakes it", () => {
    const line = new SaidLine("s");
    const first = line.say({ type: "answer.end", turn: 1 });
    const second = line.say({ type: "interview.finish" });
    line.kept(second.seq);
    expect(takeAll(line, 0)).toEqual([]);
    line.kept(first.seq);
    expect(takeAll(line, 0)).toEqual([1, 2]);
  });

  test("waits for credit beyond the window", () => {
    const line = new SaidLine("s");
    for (let at = 0; at < 66; at += 1) line.kept(line.say({ type: "answer.end", turn: 1 }).seq);
    expect(takeAll(line, 0).at(-1)).toBe(64);
    line.handleStatus(status(10, 74), 10);
    expect(takeAll(line, 10)).toEqual([65, 66]);
  });

  test("is forgotten once acknowledged", () => {
    const line = new SaidLine("s");
    sayAudio(line, 3);
    takeAll(line, 0);
    expect(line.unsentAudioMs).toBe(600);
    expect(line.handleStatus(status(2), 100)).toEqual([1, 2]);
    expect(line.unsentAudioMs).toBe(200);
  });

  test("is sent again when it is not acknowledged for three seconds in spite of statuses", () => {
    const line = new SaidLine("s");
    sayAudio(line, 2);
    takeAll(line, 0);
    line.handleStatus(status(0), 2_900);
    expect(takeAll(line, 2_900)).toEqual([]);
    line.handleStatus(status(1), 3_100);
    expect(takeAll(line, 3_100)).toEqual([2]);
  });

  test("is sent again for a reported hole, but not at every report", () => {
    const line = new SaidLine("s");
    sayAudio(line, 4);
    takeAll(line, 0);
    const report = status(1, 64, [{ fromSeq: 2, throughSeq: 3 }]);
    line.handleStatus(report, 500);
    expect(takeAll(line, 500)).toEqual([]);
    line.handleStatus(report, 1_100);
    expect(takeAll(line, 1_100)).toEqual([2, 3]);
    line.handleStatus(report, 1_500);
    expect(takeAll(line, 1_500)).toEqual([]);
  });

  test("is sent again from the acknowledged number on after a resume", () => {
    const line = new SaidLine("s");
    sayAudio(line, 4);
    takeAll(line, 0);
    line.handleResume(resumed({ inboxThroughSeq: 2, inboxHeadSeq: 4 }));
    expect(takeAll(line, 10)).toEqual([3, 4]);
  });

  test("goes on after the server's head and media time when count was lost", () => {
    const line = new SaidLine("s");
    line.handleResume(resumed({ inboxThroughSeq: 40, inboxHeadSeq: 44, mediaMs: 5_600 }));
    expect(line.mediaEndMs).toBe(5_600);
    expect(line.say({ type: "answer.end", turn: 2 }).seq).toBe(45);
  });

  test("goes on after what an earlier page had kept", () => {
    const kept: SaidEntry[] = [
      { seq: 7, line: '{"seq":7}', audioMs: 200, mediaEndMs: 1_400 },
      { seq: 8, line: '{"seq":8}', audioMs: 0, mediaEndMs: 0 },
    ];
    const line = new SaidLine("s");
    line.restore(kept);
    line.handleResume(resumed({ inboxThroughSeq: 6, inboxHeadSeq: 6, mediaMs: 1_200 }));
    expect(line.mediaEndMs).toBe(1_400);
    expect(line.unsentAudioMs).toBe(200);
    expect(takeAll(line, 0)).toEqual([7, 8]);
    expect(line.say({ type: "interview.finish" }).seq).toBe(9);
  });

  test("is sent again later after a retryable error, and its number is spent after another", () => {
    const line = new SaidLine("s");
    sayAudio(line, 2);
    takeAll(line, 0);
    expect(line.handleError(1, { retryable: true, afterMs: 0 }, 100)).toEqual([]);
    expect(takeAll(line, 200)).toEqual([]);
    expect(takeAll(line, 600)).toEqual([1]);
    expect(line.handleError(2, { retryable: false, afterMs: 0 }, 700)).toEqual([2]);
    expect(line.unsentMessages).toBe(1);
  });

  test("catches up at four times real time at most", () => {
    const line = new SaidLine("s");
    sayAudio(line, 60);
    let sent = takeAll(line, 0).length;
    for (let now = 100; now <= 2_000; now += 100) sent += takeAll(line, now).length;
    // One second at once, then 4 x 2 seconds.
    expect(sent * 200).toBeGreaterThanOrEqual(8_600);
    expect(sent * 200).toBeLessThanOrEqual(9_400);
  });

  test("is full at two minutes of unsent audio", () => {
    const line = new SaidLine("s");
    sayAudio(line, UNSENT_AUDIO_MS_MAX / 200 - 1);
    expect(line.isFull).toBe(false);
    sayAudio(line, 1);
    expect(line.isFull).toBe(true);
  });
});

function resumed(change: { inboxThroughSeq: number; inboxHeadSeq: number; mediaMs?: number }) {
  return {
    type: "result" as const,
    id: "r1",
    session: "s",
    state: "open" as const,
    epoch: 1,
    outboxHeadSeq: 0,
    windowThroughSeq: change.inboxThroughSeq + 64,
    mediaMs: 0,
    ...change,
  };
}
