import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { SignedBar } from "../src/charts.tsx";

const bar = (share: number) =>
  renderToStaticMarkup(createElement(SignedBar, { share, kind: "bad" })).match(/<rect class="bad"[^>]*>/)?.[0];

test("a bar of a negative share ends at the middle, a positive one begins there", () => {
  expect(bar(0.25)).toMatch(/x="0".* width="25"/);
  expect(bar(-0.25)).toMatch(/x="-25".* width="25"/);
  expect(bar(-3)).toMatch(/x="-100".* width="100"/);
});
