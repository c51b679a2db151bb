// @vitest-environment happy-dom

import type { ItemDraft, PublicItem, QuizAnswer, ScoreNote } from "@viva/client";
import { isAnswered, isPartial } from "@viva/client";
import { createElement, useState } from "react";
import { createRoot } from "react-dom/client";
import { afterEach, describe, expect, test, vi } from "vitest";
import { AnswerFields, textsOf } from "../src/answer-fields.tsx";
import { binsOf } from "../src/charts.tsx";
import { clozeParts, clozeText } from "../src/cloze-text.ts";
import { ErrorBoundary } from "../src/error-boundary.tsx";
import { blankDraft, cleaned, moved } from "../src/item-draft.ts";
import { LanguageField } from "../src/language-field.tsx";
import { clockWarning, countsSaid, languageSaid, reasonSaid, timeLeft } from "../src/quiz-words.ts";
import { type ResultLine, resultLines } from "../src/result-lines.ts";
import { hrefOf, parseRoute, type Route } from "../src/route.ts";

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

const settled = () => new Promise((drawn) => setTimeout(drawn));

async function drawn(element: React.ReactNode): Promise<HTMLElement> {
  const place = document.body.appendChild(document.createElement("div"));
  const root = createRoot(place);
  closing.push(() => {
    root.unmount();
    place.remove();
  });
  root.render(element);
  await settled();
  return place;
}

const item = (body: PublicItem["body"]): PublicItem => ({
  id: "i1",
  stem: "Which?",
  body,
  points: 1,
  difficulty: "easy",
  language: "en",
});

/** Draws the fields and gives what was answered last. */
async function answering(body: PublicItem["body"], first?: QuizAnswer) {
  let last: QuizAnswer | undefined = first;
  const Fields = () => {
    const [answer, setAnswer] = useState(first);
    last = answer;
    return createElement(AnswerFields, { item: item(body), answer, labelledBy: "q", onAnswer: setAnswer });
  };
  const place = await drawn(createElement(Fields));
  return { place, answer: () => last };
}

const choices = (...texts: string[]) => texts.map((text) => ({ id: `o-${text}`, text }));

describe("answers", () => {
  test("to an ordering are moved with buttons and with keys, and the focus stays on the line", async () => {
    const { place, answer } = await answering({ type: "ordering", options: choices("a", "b", "c") });
    expect(answer()).toBeUndefined();
    const button = (name: RegExp) =>
      [...place.querySelectorAll("button")].find((one) => name.test(one.textContent ?? "")) as HTMLButtonElement;
    button(/Move down: a/).click();
    await settled();
    expect(answer()).toEqual({ type: "order", value: ["o-b", "o-a", "o-c"] });
    expect(document.activeElement?.textContent).toContain("Move down: a, 2 of 3");
    const press = new KeyboardEvent("keydown", { key: "ArrowDown", bubbles: true, cancelable: true });
    document.activeElement?.dispatchEvent(press);
    await settled();
    expect(answer()).toEqual({ type: "order", value: ["o-b", "o-c", "o-a"] });
    expect(place.querySelector("[aria-live]")?.textContent).toBe("a: now 3 of 3.");
  });

  test("to an ordering may be that it is right as it stands", async () => {
    const { place, answer } = await answering({ type: "ordering", options: choices("a", "b") });
    [...place.querySelectorAll("button")].at(-1)?.click();
    await settled();
    expect(answer()).toEqual({ type: "order", value: ["o-a", "o-b"] });
  });

  test("to a multiple choice are none when the last is taken back", async () => {
    const { place, answer } = await answering({ type: "multiple_choice", options: choices("a", "b") });
    const box = place.querySelector("input") as HTMLInputElement;
    box.click();
    await settled();
    expect(answer()).toEqual({ type: "choices", value: ["o-a"] });
    box.click();
    await settled();
    expect(answer()).toBeUndefined();
  });

  test("are partial where pairs or gaps are left", () => {
    const matching = item({ type: "matching", prompts: choices("a", "b"), targets: choices("x", "y") });
    expect(isPartial(matching, { type: "pairs", value: { "o-a": "o-x" } })).toBe(true);
    expect(isPartial(matching, { type: "pairs", value: { "o-a": "o-x", "o-b": "o-x" } })).toBe(false);
    const cloze = item({
      type: "cloze",
      parts: [{ gap: { id: "g1", options: [] } }, { gap: { id: "g2", options: [] } }],
    });
    expect(isPartial(cloze, { type: "gaps", value: { g1: "x", g2: " " } })).toBe(true);
    expect(isAnswered({ type: "gaps", value: { g1: " " } })).toBe(false);
    expect(isAnswered({ type: "text", value: "  " })).toBe(false);
  });
});

describe("a text with gaps", () => {
  let made = 0;
  const newId = () => `n${++made}`;

  test("is read as it is typed, and written as it was read", () => {
    const text = "The capital is [[Paris|Paree]], on the [[=Seine~Rhine]], at [[#48.9±0.1]] or [[#5±10%]] degrees.";
    const parts = clozeParts(text, [], newId);
    expect(parts.flatMap((part) => ("gap" in part ? [part.gap.kind.type] : []))).toEqual([
      "text",
      "choice",
      "numeric",
      "numeric",
    ]);
    expect(clozeText(parts)).toBe(text);
  });

  test("keeps a gap that did not change with its id and what is not seen of it", () => {
    const accepted = [{ text: "Paris", share: 0.5 }];
    const gap = { id: "g1", weight: 3, kind: { type: "text" as const, key: { accepted, refused: ["Rome"] } } };
    const parts = clozeParts("In [[Paris]] and [[Rome]].", [{ text: "Is it " }, { gap }], newId);
    expect(parts[1]).toEqual({ gap });
    expect(parts[3]).toMatchObject({ gap: { weight: 1, kind: { type: "text" } } });
  });

  test("takes what is no number as words", () => {
    const [part] = clozeParts("[[#many]]", [], newId);
    expect(part).toMatchObject({ gap: { kind: { type: "text", key: { accepted: [{ text: "#many" }] } } } });
  });
});

describe("a draft", () => {
  test("is sent without empty rows, and without keys that point at them", () => {
    const draft = blankDraft("single_choice", "en") as ItemDraft & { body: { type: "single_choice" } };
    const [first, second] = draft.body.options;
    if (!first || !second) throw new Error("a single choice begins with rows");
    first.text = " a ";
    draft.body.keys = [second.id];
    expect(cleaned({ ...draft, stem: " Which? ", explanation: " ", skill: " x " })).toEqual({
      stem: "Which?",
      body: { type: "single_choice", options: [{ id: first.id, text: "a" }], keys: [] },
      points: 1,
      difficulty: "medium",
      language: "en",
      skill: "x",
    });
  });

  test("moves a thing, but not beyond the ends", () => {
    expect(moved(["a", "b", "c"], 0, 1)).toEqual(["b", "a", "c"]);
    expect(moved(["a", "b"], 0, -1)).toEqual(["a", "b"]);
  });
});

describe("the language of a quiz", () => {
  test("is said with where it comes from", () => {
    const said = (language: string, languageOrigin: "named" | "told" | "assumed") =>
      languageSaid({ language, languageOrigin });
    expect(said("de", "named")).toBe("German");
    expect(said("de", "told")).toBe("German, told from the text");
    expect(said("en", "assumed")).toBe("language open");
    expect(said("el", "named")).toBe("Greek");
  });

  test("is left open or named, and one that is not in the list can stay", async () => {
    const chosen: string[] = [];
    const onChange = (code: string) => chosen.push(code);
    const place = await drawn(createElement(LanguageField, { value: "el", open: "From the text", onChange }));
    const field = place.querySelector("select");
    expect(field?.selectedOptions[0]?.textContent).toBe("Greek");
    expect(field?.options[0]?.textContent).toBe("From the text");
    if (field) field.value = "";
    field?.dispatchEvent(new Event("change", { bubbles: true }));
    expect(chosen).toEqual([""]);
  });
});

describe("the clock", () => {
  test("warns at a few marks, each once, also when it jumps over them", () => {
    expect(clockWarning(301, 300)).toBe("5 minutes left.");
    expect(clockWarning(300, 299)).toBeUndefined();
    expect(clockWarning(90, 40)).toBe("1 minute left.");
    expect(clockWarning(1, 0)).toMatch(/Time is over/);
    expect(clockWarning(undefined, 300)).toBeUndefined();
    expect([timeLeft(3_661), timeLeft(59)]).toEqual(["1:01:01", "0:59"]);
  });
});

test("points are cut into parts that hold all of them", () => {
  expect(binsOf([0, 2, 3, 3], 3).map(({ count }) => count)).toEqual([1, 0, 1, 2]);
  const bins = binsOf([0, 9.9, 10, 55, 100], 100);
  expect(bins).toHaveLength(10);
  expect(bins.map(({ count }) => count)).toEqual([2, 1, 0, 0, 0, 1, 0, 0, 0, 1]);
});

test("counts are said in words, without what is not wanted", () => {
  expect(countsSaid({ true_false: 2, single_choice: 4, cloze: 0 })).toBe("4 × single choice, 2 × true or false");
});

test("a question that a reason names by its id has a number", () => {
  expect(reasonSaid("asks the same as m-12", ["m-1", "m-12"])).toBe("asks the same as question 2");
  expect(reasonSaid("asks the same as i0123456789ab", ["m-1", "m-12"])).toBe("asks the same as another question");
  expect(reasonSaid("too short, as is m-3", ["m-1", "m-12"])).toBe("too short, as is m-3");
});

test("routes of quizzes lead back to themselves", () => {
  const routes: Route[] = [
    { screen: "quizzes", course: "web-101" },
    { screen: "new-quiz" },
    { screen: "quiz", quiz: "q1", view: "figures" },
    { screen: "quiz", quiz: "q1" },
    { screen: "take", quiz: "q1" },
    { screen: "attempt", attempt: "a1" },
    { screen: "results", attempt: "a1" },
    { screen: "progress", course: "web-101", user: "sam" },
    { screen: "class", course: "web-101" },
  ];
  for (const route of routes) expect(parseRoute(hrefOf(route))).toEqual(route);
  expect(parseRoute("#/quiz/q1?view=nonsense")).toEqual({ screen: "quiz", quiz: "q1" });
  expect(parseRoute("#/attempt/..%2F")).toEqual({ screen: "start" });
});

test("what cannot be drawn keeps to its place, and is tried again when it changes", async () => {
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  const Bad = ({ text }: { text: string }) => {
    if (text === "bad") throw new Error("cannot draw this");
    return text;
  };
  let change = (_: string) => {};
  const Page = () => {
    const [text, setText] = useState("bad");
    change = setText;
    const boundary = createElement(ErrorBoundary, { what: "This answer", of: text }, createElement(Bad, { text }));
    return createElement("div", null, boundary, createElement("p", null, "The rest"));
  };
  const place = await drawn(createElement(Page));
  expect(place.textContent).toContain("This answer cannot be shown.");
  expect(place.textContent).toContain("The rest");
  change("good");
  await settled();
  expect(place.textContent).toBe("goodThe rest");
});

describe("results", () => {
  const lines = (body: PublicItem["body"], answer: QuizAnswer, ...notes: ScoreNote[]): ResultLine[] =>
    resultLines(item(body), answer, notes, textsOf(body));

  test("of an ordering say what stands in each place, and what belongs there", () => {
    const answer: QuizAnswer = { type: "order", value: ["o-a", "o-c", "o-b"] };
    const hit: ScoreNote = { note: "hit", part: "1" };
    const wrong: ScoreNote = { note: "wrong", part: "2", expected: "b" };
    expect(lines({ type: "ordering", options: choices("a", "b", "c") }, answer, hit, wrong)).toEqual([
      { sign: "right", part: "1.", said: "a" },
      { sign: "wrong", part: "2.", said: "c", right: "b" },
    ]);
  });

  test("of pairs and gaps say what was put where", () => {
    const matching: PublicItem["body"] = { type: "matching", prompts: choices("a", "b"), targets: choices("x", "y") };
    const pairs: QuizAnswer = { type: "pairs", value: { "o-a": "o-y" } };
    expect(
      lines(matching, pairs, { note: "wrong", part: "a", expected: "x" }, { note: "missed", part: "b", expected: "y" }),
    ).toEqual([
      { sign: "wrong", part: "a", said: "y", right: "x" },
      { sign: "missed", part: "b", right: "y" },
    ]);
    const parts = [{ gap: { id: "g9", options: [] } }, { text: " and " }, { gap: { id: "g4", options: choices("x") } }];
    const gaps: QuizAnswer = { type: "gaps", value: { g9: "sea", g4: "o-x" } };
    expect(
      lines({ type: "cloze", parts }, gaps, { note: "hit", part: "g9" }, { note: "wrong", part: "g4", expected: "z" }),
    ).toEqual([
      { sign: "right", part: "Gap 1", said: "sea" },
      { sign: "wrong", part: "Gap 2", said: "x", right: "z" },
    ]);
  });

  test("of typed answers say what was typed, and that a slip is forgiven", () => {
    const typed: QuizAnswer = { type: "text", value: " tydes " };
    expect(lines({ type: "short_text" }, typed, { note: "met", accepted: "tides", with_slip: true })).toEqual([
      { sign: "right", said: "tydes", remark: "“tides” was meant; a slip of the pen is forgiven." },
    ]);
    expect(
      lines(
        { type: "true_false" },
        { type: "true_false", value: true },
        { note: "wrong", part: "true", expected: "false" },
      ),
    ).toEqual([{ sign: "wrong", said: "True", right: "False" }]);
  });

  test("of a free text say what a teacher gave", () => {
    expect(
      lines({ type: "free_text", criteria: ["cause"] }, { type: "text", value: "…" }, { note: "wrong", part: "cause" }),
    ).toEqual([{ sign: "wrong", part: "cause", remark: "partly reached" }]);
  });
});
