import type { Connection, Rating } from "@viva/client";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { Ratings, type Reviewing } from "../src/ratings.tsx";
import { hrefOf, parseRoute } from "../src/route.ts";
import { questionName } from "../src/words.ts";

const pending: Rating = {
  criterion: "validators",
  rating: 3,
  status: "pending",
  rationale: "Names a validator.",
  evidence: [{ turn: 1, quote: "an ETag" }],
  description: "Knows how a stored response is checked.",
  levels: [{ rating: 5, text: "Explains both." }],
};

function drawn(ratings: Rating[], reviewing?: Reviewing): string {
  const nothing = () => undefined;
  const handlers = { onShow: nothing, onReviewed: nothing, onOvertaken: nothing };
  return renderToStaticMarkup(createElement(Ratings, { ratings, reviewing, reviews: [], ...handlers }));
}

test("a student sees what is pending, and what a teacher said", () => {
  const html = drawn([
    pending,
    { ...pending, criterion: "depth", status: "changed", rating: 4, proposed: 2, reviewedBy: "tess", comment: "Well." },
  ]);
  expect(html).toContain("1 of 2 waits for a teacher.");
  expect(html).toContain("Pending a teacher’s confirmation");
  expect(html).toContain("Changed by a teacher");
  expect(html).toContain("The model had proposed 2 of 5.");
  expect(html).toContain("tess: Well.");
  expect(html).not.toContain("<form");
});

test("a teacher confirms or changes, with the rubric's levels in sight", () => {
  const reviewing = { connection: {} as Connection, session: "s1", user: "sam" };
  const html = drawn([pending], reviewing);
  expect(html).toContain("1 of 1 waits for your review.");
  expect(html).toContain("Confirm 3 of 5");
  expect(html).toContain("Explains both.");
  const { rating: _, ...unrated } = pending;
  expect(drawn([unrated], reviewing)).toMatch(/<button type="submit" class="primary" disabled="">/);
});

test("a teacher's places have addresses", () => {
  for (const route of [
    { screen: "interviews", course: "law-101" },
    { screen: "report", session: "s1", user: "sam" },
    { screen: "report", session: "s1" },
    { screen: "start", guide: "d1" },
    { screen: "start" },
    { screen: "interview", session: "s1" },
  ] as const) {
    expect(parseRoute(hrefOf(route))).toEqual(route);
  }
  expect(parseRoute("#/interviews?course=%3Cb%3E")).toEqual({ screen: "interviews" });
});

test("a question is named by its place in the guide", () => {
  expect(questionName(4, undefined)).toBe("Question 4");
  expect(questionName(4, { question: 2, followUp: 0 })).toBe("Question 2");
  expect(questionName(4, { question: 2, followUp: 1 })).toBe("Question 2, follow-up 1");
});
