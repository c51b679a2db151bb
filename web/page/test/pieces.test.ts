import { describe, expect, test } from "vitest";
import { alignWords, findQuote } from "../src/align.ts";
import { hrefOf, parseRoute } from "../src/route.ts";
import { clock, metricValue, minutes, plain } from "../src/words.ts";

const word = (text: string, startMs: number, confidence = 0.9) => ({ text, startMs, endMs: startMs + 100, confidence });

describe("an answer laid over its words", () => {
  const words = [
    word("I", 0),
    word("would", 100),
    word("use", 200, 0.3),
    word("an", 300),
    word("e", 400),
    word("tag", 500),
  ];

  test("gives each word its time, whatever its case and punctuation", () => {
    expect(alignWords("I would use an e tag.", words)).toEqual([
      { text: "I", startMs: 0, endMs: 100, isUnsure: false },
      { text: "would", startMs: 100, endMs: 200, isUnsure: false },
      { text: "use", startMs: 200, endMs: 300, isUnsure: true },
      { text: "an", startMs: 300, endMs: 400, isUnsure: false },
      { text: "e", startMs: 400, endMs: 500, isUnsure: false },
      { text: "tag.", startMs: 500, endMs: 600, isUnsure: false },
    ]);
  });

  test("leaves words that were not heard so without a time, and finds its way again", () => {
    const tokens = alignWords("I would use an ETag tag", words);
    expect(tokens.map(({ startMs }) => startMs)).toEqual([0, 100, 200, 300, undefined, 500]);
  });
});

describe("a quote", () => {
  const tokens = alignWords("we try and try. And we try again", [
    word("we", 0),
    word("try", 100),
    word("and", 200),
    word("try", 300),
    word("and", 400),
    word("we", 500),
    word("try", 600),
    word("again", 700),
  ]);

  test("is found where it stands", () => {
    expect(findQuote(tokens, "Try, and try")).toEqual([1, 3]);
    expect(findQuote(tokens, "never said")).toBeUndefined();
  });

  test("is found at its time when it stands there twice", () => {
    expect(findQuote(tokens, "we try", 500)).toEqual([5, 6]);
    expect(findQuote(tokens, "we try", 0)).toEqual([0, 1]);
  });
});

describe("addresses", () => {
  test("lead back to where they were made, and anything else to the start", () => {
    for (const route of [
      { screen: "start" },
      { screen: "interviews" },
      { screen: "interview", session: "a_1-b" },
      { screen: "report", session: "x" },
    ] as const) {
      expect(parseRoute(hrefOf(route))).toEqual(route);
    }
    for (const hash of ["", "#", "#main", "#/report/", "#/report/%3Cscript%3E", "#/nowhere"]) {
      expect(parseRoute(hash)).toEqual({ screen: "start" });
    }
  });
});

test("numbers read as a person would say them", () => {
  expect(clock(65_400)).toBe("1:05");
  expect(clock(-5)).toBe("0:00");
  expect([30_000, 60_000, 184_000].map(minutes)).toEqual(["30 s", "1 minute", "3 minutes"]);
  const metric = { name: "pace", status: "measured" as const, evidence: [] };
  expect(metricValue({ ...metric, value: 128.5, unit: "wordsPerMinute" })).toBe("129 words/min");
  expect(metricValue({ ...metric, value: 1_700, unit: "ms" })).toBe("1.7 s");
  expect(metricValue({ ...metric, value: 0.625, unit: "ratio" })).toBe("63 %");
  expect(metricValue(metric)).toBe("–");
  expect(plain("not_measured")).toBe("Not measured");
});
