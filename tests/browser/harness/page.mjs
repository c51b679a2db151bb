// What a candidate does and sees on the page, by the names that the page shows.

import { eventually } from "./browser.mjs";

export async function begin(page, { topic = "How HTTP caching works", questions = 1, pace = "Natural" } = {}) {
  await page.getByLabel("What is it about?").fill(topic);
  await page.getByRole("spinbutton", { name: "Questions" }).fill(String(questions));
  await page.locator("details.more summary").click();
  await page.getByRole("radio", { name: new RegExp(`^${pace}`) }).check();
  await page.getByRole("button", { name: "Begin the interview" }).click();
  await page.waitForURL(/#\/interview\//);
}

export async function finish(page) {
  await page.getByRole("button", { name: "Finish", exact: true }).click();
  await page.getByRole("button", { name: "Finish and see the report" }).click();
}

export async function reachReport(page, withinMs = 60_000) {
  await page.waitForURL(/#\/report\//, { timeout: withinMs });
  await page.getByRole("heading", { name: "What was said" }).waitFor();
}

// Both read what is there now and wait for nothing: the page may go on to the report between two looks.

/** The settled words of one answer, 1 the first. */
export async function answerText(page, turn) {
  const answer = page
    .locator(".turn")
    .nth(turn - 1)
    .locator(".answer .final");
  return (await answer.allTextContents())[0] ?? "";
}

export async function transcriptText(page, turn) {
  return (await page.locator(`#turn-${turn} .words`).allTextContents())[0] ?? "";
}

/** An answer's words wherever they are shown now: the page goes on to the report by itself. */
export async function heardText(page, turn) {
  return page.url().includes("#/report/") ? transcriptText(page, turn) : answerText(page, turn);
}

/** Collects every partial that is shown, from now on. */
export async function watchPartials(page) {
  await page.evaluate(() => {
    globalThis.partialsSeen = new Set();
    new MutationObserver(() => {
      const text = document.querySelector(".partial")?.textContent;
      if (text) globalThis.partialsSeen.add(text);
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  return () => page.evaluate(() => [...globalThis.partialsSeen]);
}

export async function question(page, turn) {
  const shown = page
    .locator(".turn")
    .nth(turn - 1)
    .locator(".question.done .text, .question.cancelled .text");
  await shown.waitFor();
  return (await shown.textContent()) ?? "";
}

export function isCommitted(page, turn) {
  return eventually(
    `answer ${turn} is committed`,
    // After the last answer the page may have gone on to the report already.
    () =>
      page.url().includes("#/report/") ||
      page
        .locator(".turn")
        .nth(turn - 1)
        .locator(".answer:not(.live)")
        .count(),
    90_000,
  );
}
