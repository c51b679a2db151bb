// What a person does and sees in a conversation, by the names that the page shows.

import { eventually } from "./browser.mjs";

export async function ask(page, question) {
  await page.getByLabel("Your question", { exact: true }).fill(question);
  await page.keyboard.press("Enter");
}

/** The last answer, once it is over. */
export async function answered(page, withinMs = 60_000) {
  const last = page.locator(".answered").last();
  await eventually(
    "the answer is over",
    async () => ["done", "cancelled"].includes(await last.getAttribute("data-state").catch(() => "")),
    withinMs,
  );
  return last;
}

export async function questions(page) {
  return page.locator(".bubble").allTextContents();
}

/** What the last answer holds by now. */
export async function answerSoFar(page) {
  return (await page.locator(".answered .prose").last().textContent()) ?? "";
}
