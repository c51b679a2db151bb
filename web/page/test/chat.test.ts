import type { ReplyNode } from "@viva/client";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, test } from "vitest";
import { outcome } from "../src/answer-state.ts";
import { Markdown, spoken } from "../src/markdown.tsx";
import { hrefOf, parseRoute } from "../src/route.ts";
import { scopeText } from "../src/scope.tsx";
import { coursesOf } from "../src/site.ts";

const drawn = (text: string, isGrowing = false) =>
  renderToStaticMarkup(
    createElement(Markdown, {
      text,
      isGrowing,
      drawMark: (number, key) => createElement("b", { key, id: `cite-${number}` }, number),
    }),
  );

describe("an answer's Markdown", () => {
  test("becomes elements", () => {
    expect(drawn("# One\n\nA *b* **c** `d` ~~e~~\n\n> said\n\n1. x\n2. y")).toBe(
      '<h3 class="depth-1">One</h3><p>A <em>b</em> <strong>c</strong> <code>d</code> <del>e</del></p>' +
        '<blockquote><p>said</p></blockquote><ol start="1"><li>x</li><li>y</li></ol>',
    );
    expect(drawn("| a | b |\n|---|---|\n| 1 | 2 |")).toContain("<td>2</td>");
  });

  test("neither runs nor loads anything", () => {
    for (const text of [
      "<script>alert(1)</script>",
      "<img src=x onerror=alert(1)>",
      "a <b onclick=alert(1)>b</b>",
      "[click](javascript:alert(1))",
      "[click](JaVaScRiPt:alert(1))",
      "[click](data:text/html,x)",
      "![pixel](https://evil.example/x.png)",
      "<https://ok.example> <iframe src=//evil.example>",
      "[1]: https://evil.example\n\nA claim [1].",
    ]) {
      expect(drawn(text)).not.toMatch(/<(script|img|iframe|b onclick)|javascript:|data:|href="https:\/\/evil/i);
    }
    expect(drawn("[safe](https://ok.example/a?b=1&c=2)")).toBe(
      '<p><a href="https://ok.example/a?b=1&amp;c=2" target="_blank" rel="noreferrer noopener">safe</a></p>',
    );
  });

  test("has its marks drawn, also one after another, but not in code", () => {
    expect(drawn("A [1][2]. `[3]`")).toBe('<p>A<b id="cite-1">1</b><b id="cite-2">2</b>. <code>[3]</code></p>');
    expect(drawn("> Quoted. [1]")).toContain('Quoted.<b id="cite-1">1</b>');
  });

  test("shows no half of a mark while it grows", () => {
    expect(drawn("A claim [1", true)).toBe("<p>A claim</p>");
    expect(drawn("A claim [1")).toBe("<p>A claim [1</p>");
  });

  test("shows what is written, whatever it looks like as HTML", () => {
    expect(drawn("a < b &amp; c")).toBe("<p>a &lt; b &amp; c</p>");
  });

  test("is read out without its signs", () => {
    expect(spoken("> **An ETag** names one version. [1]\n\n- next `x`")).toBe("An ETag names one version. next x");
  });
});

test("an answer's end is put in words where it is more than its text", () => {
  const reply: ReplyNode = {
    replyId: "r",
    inReplyTo: "m",
    attempt: 1,
    state: "done",
    text: "",
    citations: [],
    order: 1,
  };
  expect(outcome({ ...reply, finishReason: "complete" })).toBeUndefined();
  expect(outcome({ ...reply, finishReason: "not_found" })?.title).toBe("Not in your materials.");
  expect(outcome({ ...reply, state: "cancelled" })?.mayRetry).toBe(true);
});

test("a scope is named", () => {
  const document = { document: "d1", name: "torts.pdf" } as Parameters<typeof scopeText>[1][number];
  expect(scopeText({}, [document])).toBe("All files");
  expect(scopeText({ course: "law" }, [document])).toBe("All files of law");
  expect(scopeText({ documents: ["d1"] }, [document])).toBe("torts.pdf");
  expect(scopeText({ documents: ["d1", "d2"] }, [document])).toBe("2 files");
});

test("conversations have addresses", () => {
  for (const route of [
    { screen: "chat" },
    { screen: "chat", session: "c1" },
    { screen: "chat", about: "d1" },
    { screen: "files" },
  ] as const) {
    expect(parseRoute(hrefOf(route))).toEqual(route);
  }
  expect(parseRoute("#/chat/a b?about=../x")).toEqual({ screen: "chat" });
});

test("courses to try are read as they are typed", () => {
  expect(coursesOf("law-101, physics: teacher ,, b@d")).toEqual({ "law-101": "student", physics: "teacher" });
});
