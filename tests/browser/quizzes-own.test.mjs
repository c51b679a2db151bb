// A quiz of one's own with every kind of question, imported and written, taken on a phone: over a line that breaks, past its time.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible, Browser, eventually } from "./harness/browser.mjs";
import { Line } from "./harness/proxy.mjs";
import { isSaved, questionShown } from "./harness/quiz.mjs";
import { Server } from "./harness/server.mjs";

const GIFT = `::Tag:: What does an entity tag name? {=One version of a resource ~A whole server ~A user of the site ~A way to compress####It is sent as ETag.}

::True:: A response with max-age 60 is fresh for a minute. {T}

::Typed:: Which header does a client send an entity tag back in? {=If-None-Match =if none match}

::Number:: Which status says that nothing has changed? {#304:0}

::Pairs:: Match each directive with its meaning. {=max-age -> seconds of freshness =no-store -> keep no copy =private -> no shared cache}

::Many:: Which of these may be cached? {~%50%A picture ~%50%A style sheet ~%-50%A bank statement ~%-50%A one-time code}

::Essay:: When is it wrong to cache? {}
`;

let server;
let browser;
before(async () => {
  server = await Server.start();
  browser = await Browser.launch("quizzes-own");
});
after(async () => {
  try {
    await browser?.close();
  } finally {
    await server?.stop();
  }
});

const PHONE = { viewport: { width: 390, height: 844 } };
const isWide = (page) => page.evaluate(() => document.documentElement.scrollWidth > innerWidth);

async function shown(page, step) {
  await browser.shot(page, step);
  await assertAccessible(page, step);
  assert.equal(await isWide(page), false, `${step} is wider than the window`);
}

/** Brings a quiz onto the page, and publishes it. */
async function imported(page, title) {
  await page.getByRole("button", { name: "Import a file" }).click();
  const dialog = page.getByRole("dialog");
  await dialog
    .getByLabel("File")
    .setInputFiles({ name: "caching.gift", mimeType: "text/plain", buffer: Buffer.from(GIFT) });
  await dialog.getByLabel("Title").fill(title);
  assert.equal(await dialog.getByLabel("Format").inputValue(), "gift");
  await shown(page, "import");
  await dialog.getByRole("button", { name: "Import", exact: true }).click();
  await page.waitForURL(/#\/quiz\//);
  await page.getByRole("heading", { name: title }).waitFor();
}

async function write(page, kind, stem, fill) {
  await page.getByLabel("Kind of question").selectOption(kind);
  await page.getByRole("button", { name: "Write a question" }).click();
  const form = page.getByRole("form", { name: "New question" });
  await form.getByRole("textbox", { name: "Question", exact: true }).fill(stem);
  await fill(form);
  await shown(page, `write-${kind}`);
  await form.getByRole("button", { name: "Add it" }).click();
  await page.getByRole("heading", { name: stem }).waitFor();
}

async function publish(page) {
  await page.getByRole("button", { name: "Publish" }).click();
  await page.locator(".quiz-facts").getByText("Published", { exact: true }).waitFor();
}

const show = (page, number) =>
  page
    .getByRole("navigation", { name: "Questions" })
    .getByRole("button", { name: new RegExp(`^Question ${number}\\b`) })
    .click();

test("every kind of question is taken on a phone, and nothing is lost when the line breaks", async () => {
  const line = await Line.open(server.port);
  try {
    const page = await browser.open(`${line.url}#/quizzes`, PHONE);
    await imported(page, "All about caching");
    await write(page, "ordering", "Put the steps in order.", async (form) => {
      for (const [at, text] of ["The client asks", "The server answers", "The cache keeps a copy"].entries()) {
        await form.getByLabel(`Line ${at + 1}`, { exact: true }).fill(text);
      }
    });
    await write(page, "cloze", "Fill the gaps.", async (form) => {
      await form.getByLabel("Text with gaps").fill("A [[cache]] answers with [[=200~404]] from its [[copy|store]].");
    });
    await shown(page, "review");
    await publish(page);
    const download = page.waitForEvent("download");
    await page.getByText("Export", { exact: true }).click();
    await page.getByRole("button", { name: "GIFT" }).click();
    assert.match((await download).suggestedFilename(), /\.(gift|txt)$/);
    await shown(page, "exported");

    await page.getByRole("link", { name: "Try it" }).click();
    await page.getByRole("button", { name: "Start the quiz" }).click();
    await page.waitForURL(/#\/attempt\//);
    await page.getByRole("radio", { name: "One version of a resource" }).check();
    await shown(page, "single");
    await show(page, 2);
    await page.getByRole("radio", { name: "True" }).check();
    await show(page, 5);
    for (const name of ["max-age", "no-store"]) await page.getByLabel(name).selectOption({ index: 1 });
    await shown(page, "matching");
    assert.equal(await page.getByRole("button", { name: /^Question 5.*partly answered/ }).count(), 1);
    await show(page, 6);
    await page.getByRole("checkbox", { name: "A picture" }).check();
    await isSaved(page);

    line.cut();
    await show(page, 8);
    await page
      .getByRole("button", { name: /^Move down/ })
      .first()
      .click();
    await page.getByText("Not saved: trying again").waitFor();
    await shown(page, "cut");
    await show(page, 9);
    await page.getByLabel("Gap 1 of 3").fill("cache");
    await page.getByLabel("Gap 2 of 3").selectOption({ label: "200" });
    await shown(page, "cloze");
    line.restore();
    await isSaved(page);
    await page.reload();
    await page.getByText("6 of 9 answered").waitFor();
    assert.equal(await questionShown(page), 3);
    await show(page, 9);
    assert.equal(await page.getByLabel("Gap 1 of 3").inputValue(), "cache");

    await page.getByRole("button", { name: "Check", exact: true }).click();
    await page.getByText("3 questions are not answered.").waitFor();
    await shown(page, "unanswered");
    await page.getByRole("button", { name: "Submit", exact: true }).click();
    const sure = page.getByRole("dialog", { name: "Submit with 3 questions unanswered?" });
    await sure.getByRole("button", { name: "Submit" }).click();
    await page.waitForURL(/#\/results\//);
    await page.getByText("It is sent as ETag.").waitFor();
    await shown(page, "results");
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await browser.shot(page, "results-end");
    await page.getByRole("link", { name: "Try again" }).click();
    await page.getByRole("link", { name: "Attempt 1" }).waitFor();
    await shown(page, "history");
  } finally {
    await line.close();
  }
});

test("whoever is at it when time is over has submitted what is answered", async () => {
  const page = await browser.open(`${server.url}#/quizzes`);
  await imported(page, "In a hurry");
  await page.getByRole("link", { name: "Settings" }).click();
  await page.getByLabel(/^Minutes/).fill("10");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved. Students get it").waitFor();
  await publish(page);
  await page.clock.install();
  await page.getByRole("link", { name: "Try it" }).click();
  await page.getByRole("button", { name: "Start the quiz" }).click();
  await page.getByRole("timer").waitFor();
  await page.getByRole("radio", { name: "One version of a resource" }).check();
  await page.clock.fastForward("05:01");
  await eventually("it is said that five minutes are left", async () =>
    /5 minutes left/.test((await page.locator(".clock [aria-live]").textContent()) ?? ""),
  );
  await shown(page, "hurry");
  await page.clock.fastForward("05:00");
  await page.waitForURL(/#\/results\//);
  await page.getByRole("heading", { name: "Question 1" }).waitFor();
  assert.equal(await page.locator(".badge.right").count(), 1);
});
