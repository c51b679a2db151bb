// What people do with quizzes, by the names that the page shows; whoever takes one does it with the keyboard alone.

import assert from "node:assert/strict";
import { eventually } from "./browser.mjs";

/** Tabs on until the focus is on something whose name matches. */
export async function tabTo(page, name, presses = 60) {
  for (let press = 0; press < presses; press += 1) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      return element?.getAttribute("aria-label") ?? element?.textContent ?? "";
    });
    if (name.test(focused.trim())) return;
  }
  assert.fail(`nothing called ${name} within ${presses} tabs`);
}

/** The kind of control that the focus is on. */
function focused(page) {
  return page.evaluate(() => {
    const element = document.activeElement;
    return { tag: element?.tagName ?? "", type: element?.getAttribute("type") ?? "" };
  });
}

/** Says something to the question that is shown: its heading has the focus, and the next tab is the first field. */
export async function answerByKeyboard(page, words = "something or other") {
  const fields = await page.locator(".question-card").locator(".gap, .matching select").count();
  await page.keyboard.press("Tab");
  const { tag, type } = await focused(page);
  if (tag === "INPUT" && (type === "radio" || type === "checkbox")) {
    await page.keyboard.press("Space");
  } else if (tag === "BUTTON") {
    // The first line of an ordering cannot go up: its button for down comes first.
    await page.keyboard.press("Enter");
  } else {
    for (let field = 0; field < Math.max(1, fields); field += 1) {
      const { tag: here } = await focused(page);
      if (here === "SELECT") await page.keyboard.press("ArrowDown");
      else await page.keyboard.type(words);
      if (field + 1 < fields) await page.keyboard.press("Tab");
    }
  }
}

export async function isSaved(page) {
  await eventually("the answers are saved", () => page.getByText("All is saved").count());
}

/** The number of the question that is shown, or 0 at the look over all. */
export async function questionShown(page) {
  const heading = await page.locator(".question-card h2").textContent();
  return Number(heading?.match(/^Question (\d+)/)?.[1] ?? 0);
}

/** Keeps every answer of the server's REST API that comes to the page from now on. */
export function listen(page) {
  const heard = [];
  page.on("response", async (response) => {
    if (!response.url().includes("/api/")) return;
    const text = await response.text().catch(() => "");
    heard.push({ path: new URL(response.url()).pathname, text, headers: JSON.stringify(response.headers()) });
  });
  page.on("websocket", (socket) => {
    socket.on("framereceived", ({ payload }) => heard.push({ path: "ws", text: String(payload), headers: "" }));
  });
  return heard;
}
