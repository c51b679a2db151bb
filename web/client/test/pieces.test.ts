import { describe, expect, test } from "vitest";
import { Backoff } from "../src/backoff.ts";
import { toBase64 } from "../src/base64.ts";
import { scalarsIn, unitsOf } from "../src/chars.ts";
import { createEncoder } from "../src/encoder.ts";
import { BACKOFF_MS_MAX } from "../src/limits.ts";
import { MediaTimeline } from "../src/media-timeline.ts";
import { Resampler } from "../src/resample.ts";
import { sentencesFrom } from "../src/sentences.ts";

describe("waiting between attempts", () => {
  test("doubles up to a limit, half of it at random", () => {
    const backoff = new Backoff(() => 1);
    const delays = Array.from({ length: 9 }, () => backoff.nextDelayMs());
    expect(delays.slice(0, 3)).toEqual([250, 500, 1_000]);
    expect(delays.at(-1)).toBe(BACKOFF_MS_MAX);
    backoff.reset();
    expect(backoff.nextDelayMs()).toBe(250);
    expect(new Backoff(() => 0).nextDelayMs()).toBe(125);
  });
});

describe("positions in text", () => {
  test("count scalar values, not UTF-16 units", () => {
    expect(scalarsIn("a😀b")).toBe(3);
    expect(scalarsIn("a😀b", 3)).toBe(2);
    expect(unitsOf("a😀b", 2)).toBe(3);
  });
});

describe("media time", () => {
  test("follows the samples in spite of a late clock", () => {
    const timeline = new MediaTimeline(0);
    expect([1_000, 1_150, 1_160, 1_170].map((at) => timeline.place(20, at))).toEqual([0, 20, 40, 60]);
  });

  test("jumps where samples are missing", () => {
    const timeline = new MediaTimeline(5_000);
    expect(timeline.place(20, 1_000)).toBe(5_000);
    expect(timeline.place(20, 3_040)).toBe(7_040);
    expect(timeline.place(20, 3_060)).toBe(7_060);
  });

  test("never runs ahead of the clock over a long stall of it", () => {
    const timeline = new MediaTimeline(0);
    let last = 0;
    for (let block = 0; block < 500; block += 1)
      last = timeline.place(20, 1_000 + block * 20 + (block % 50 === 0 ? 300 : 0));
    expect(last).toBe(499 * 20);
  });
});

describe("sentences", () => {
  test("are given out once they are whole", () => {
    expect(sentencesFrom("Thank you. What is", 0, false)).toEqual([{ text: "Thank you. ", start: 0 }]);
    expect(sentencesFrom("Thank you. What is 3.5?", 11, true)).toEqual([{ text: "What is 3.5?", start: 11 }]);
  });

  test("are not cut at an abbreviation", () => {
    expect(sentencesFrom("Ask Dr. Who, e.g. now. Then go", 0, false)).toEqual([
      { text: "Ask Dr. Who, e.g. now. ", start: 0 },
    ]);
  });
});

describe("resampling", () => {
  test("keeps a tone's loudness and length from 48 to 16 kHz, across blocks", () => {
    const resampler = new Resampler(48_000, 16_000);
    const output: number[] = [];
    for (let block = 0; block < 375; block += 1) {
      const input = Float32Array.from({ length: 128 }, (_, at) =>
        Math.sin((2 * Math.PI * 440 * (block * 128 + at)) / 48_000),
      );
      output.push(...resampler.process(input));
    }
    expect(Math.abs(output.length - 16_000)).toBeLessThan(20);
    const middle = output.slice(1_000, 15_000);
    const rms = Math.sqrt(middle.reduce((sum, sample) => sum + sample * sample, 0) / middle.length);
    expect(rms).toBeCloseTo(Math.SQRT1_2, 1);
    const steps = middle.slice(1).map((sample, at) => Math.abs(sample - (middle[at] ?? 0)));
    expect(Math.max(...steps)).toBeLessThan(0.2);
  });

  test("silences what the lower rate cannot carry", () => {
    const resampler = new Resampler(48_000, 16_000);
    const input = Float32Array.from({ length: 4_800 }, (_, at) => Math.sin((2 * Math.PI * 12_000 * at) / 48_000));
    const output = resampler.process(input).slice(100);
    expect(Math.max(...output.map(Math.abs))).toBeLessThan(0.05);
  });
});

describe("PCM", () => {
  test("is bundled in messages of 200 ms, and cut at a jump", () => {
    const bundles: { mediaMs: number; audioMs: number; data: string }[] = [];
    const encoder = createEncoder(
      { codec: "pcm_s16le", sampleRateHz: 16_000, channels: 1 },
      (bundle) => bundles.push(bundle),
      () => undefined,
    );
    const block = new Float32Array(320).fill(0.5);
    for (let at = 0; at < 12; at += 1) encoder.encode(block, at * 20);
    encoder.encode(block, 1_000);
    encoder.flush();
    expect(bundles.map(({ mediaMs, audioMs }) => [mediaMs, audioMs])).toEqual([
      [0, 200],
      [200, 40],
      [1_000, 20],
    ]);
    const bytes = Buffer.from(bundles[0]?.data ?? "", "base64");
    expect(bytes.length).toBe(6_400);
    expect(bytes.readInt16LE(0)).toBe(16_384);
  });
});

test("base64 of many bytes is what it should be", () => {
  const bytes = Uint8Array.from({ length: 20_001 }, (_, at) => at % 256);
  expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString("base64"));
});
