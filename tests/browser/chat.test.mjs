// A conversation with a model that takes its time: stopping, another attempt, another wording, a second device, a line that is
// cut in the middle of an answer, a server that dies.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Browser, eventually } from "./harness/browser.mjs";
import { answered, answerSoFar, ask, questions } from "./harness/chat.mjs";
import { areReady, dropFiles, material } from "./harness/material.mjs";
import { Line } from "./harness/proxy.mjs";
import { Server } from "./harness/server.mjs";

const SENTENCE = "An entity tag names one version of a resource [1].";
const PARAGRAPH = "The server makes it, and the client sends it back in If-None-Match. ";
const TEXT = `${SENTENCE}\n\n${`${PARAGRAPH.repeat(3)}\n\n`.repeat(5)}**The end.**`;

let server;
let browser;
const folder = mkdtempSync(join(tmpdir(), "viva-script-"));
before(async () => {
  const script = join(folder, "model.json");
  writeFileSync(script, JSON.stringify({ usual: { text: TEXT, intervalMs: 25 } }));
  server = await Server.start({ VIVA_MODEL: "scripted", VIVA_MODEL_SCRIPT: script });
  browser = await Browser.launch("chat");
  const { caching } = await material(browser);
  const page = await browser.open(`${server.url}#/files`);
  await dropFiles(page, [caching]);
  await areReady(page, ["caching.pdf"]);
});
after(async () => {
  try {
    await browser?.close();
  } finally {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

/** What Chromium calls good is below 0.1; what follows the end of a text moves nothing but that. */
const SHIFT_MAX = 0.05;
const QUESTION = "What does an entity tag name?";
const grows = (page, pattern) => eventually(`${pattern} is shown`, async () => pattern.test(await answerSoFar(page)));
const tool = (page, name) => page.locator(".answered").last().getByRole("button", { name, exact: true });

/** How far anything moved by itself, from now on. */
async function watchShifts(page) {
  await page.evaluate(() => {
    globalThis.shifted = 0;
    new PerformanceObserver((list) => {
      for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) globalThis.shifted += value;
    }).observe({ type: "layout-shift" });
  });
  return () => page.evaluate(() => globalThis.shifted);
}

test("an answer streams, does not fight who reads, is stopped, and is had again", async () => {
  const page = await browser.open(`${server.url}#/chat`, { viewport: { width: 1200, height: 600 } });
  await ask(page, QUESTION);
  await grows(page, /An entity/);
  const shifts = await watchShifts(page);
  await grows(page, /If-None-Match/);
  await browser.shot(page, "streaming");
  assert.equal(
    await page
      .locator(".answered .prose .cite")
      .first()
      .evaluate((mark) => mark.tagName),
    "SPAN",
  );

  const thread = page.locator(".thread");
  await eventually("it follows the end", () =>
    thread.evaluate((it) => it.scrollTop > 150 && it.scrollHeight - it.scrollTop - it.clientHeight < 50),
  );
  assert.ok((await shifts()) < SHIFT_MAX, `moved by ${await shifts()}`);
  await thread.hover();
  await page.mouse.wheel(0, -2_000);
  await page.getByRole("button", { name: "To the latest" }).waitFor();
  const top = await thread.evaluate((it) => it.scrollTop);
  const length = (await answerSoFar(page)).length;
  await eventually("it has grown", async () => (await answerSoFar(page)).length > length + 60);
  assert.equal(await thread.evaluate((it) => it.scrollTop), top);
  await page.getByRole("button", { name: "To the latest" }).click();
  await page.getByRole("button", { name: "To the latest" }).waitFor({ state: "detached" });

  await page.getByRole("button", { name: "Stop" }).click();
  await answered(page);
  await page.locator(".ended").getByText("You stopped this answer.").waitFor();
  const partial = await answerSoFar(page);
  assert.match(partial, /An entity tag names one version/);
  assert.doesNotMatch(partial, /The end\./);
  await browser.shot(page, "stopped");

  await tool(page, "Try again").click();
  await eventually("another is written", async () => (await answerSoFar(page)).length < partial.length);
  const whole = await answered(page);
  assert.match(await whole.textContent(), /The end\./);
  await whole
    .getByRole("button", { name: /^Source 1: caching.pdf, p\. \d/ })
    .first()
    .waitFor();
  await page.getByText("2 of 2").waitFor();
  await page.getByRole("button", { name: "Previous answer" }).click();
  await page.locator(".ended").getByText("You stopped this answer.").waitFor();
  await browser.shot(page, "attempts");
  await page.getByRole("button", { name: "Next answer" }).click();
  await grows(page, /The end\./);
});

test("another wording is a branch, on every device, also after a reload", async () => {
  const page = await browser.open(`${server.url}#/chat`);
  await ask(page, QUESTION);
  await page.waitForURL(/#\/chat\/[0-9a-f]{32}$/);
  const other = await browser.open(page.url());
  await eventually("the other device has it", async () => (await questions(other)).join() === QUESTION);
  await Promise.all([answered(page), answered(other)]);

  await page.getByRole("button", { name: "Ask in other words" }).click();
  const wording = page.getByLabel("Your question in other words");
  await wording.fill("What does an entity tag stand for?");
  await browser.shot(page, "edit");
  await page.getByRole("button", { name: "Ask", exact: true }).click();
  await eventually(
    "the other device follows",
    async () => (await questions(other)).join() === "What does an entity tag stand for?",
  );
  await page.getByText("2 of 2").waitFor();
  await page.getByRole("button", { name: "Previous wording" }).click();
  assert.deepEqual(await questions(page), [QUESTION]);
  await browser.shot(page, "wordings");
  await answered(other);
  await other.reload();
  await eventually(
    "the last wording is shown",
    async () => (await questions(other)).join() === "What does an entity tag stand for?",
  );
  await other.getByRole("button", { name: "Previous wording" }).click();
  assert.match(await (await answered(other)).textContent(), /The end\./);
});

test("a line that is cut in the middle of an answer costs nothing of it", async () => {
  const line = await Line.open(server.port);
  try {
    const page = await browser.open(`${line.url}#/chat`);
    await ask(page, QUESTION);
    await grows(page, /If-None-Match/);
    line.cut();
    await page.getByText("No connection.").waitFor();
    await browser.shot(page, "offline");
    line.restore();
    assert.match(await (await answered(page)).textContent(), /The end\./);
    await page.getByText("No connection.").waitFor({ state: "detached" });

    // What is asked without a connection goes out when there is one.
    line.cut();
    await page.getByText("No connection.").waitFor();
    await ask(page, "And what does the client send back?");
    await page.getByText("Sending …").waitFor();
    line.restore();
    await eventually("it is answered", async () => (await page.locator(".answered").count()) === 2);
    await grows(page, /If-None-Match/);
    await page.getByRole("button", { name: "Stop" }).click();
    await answered(page);
  } finally {
    await line.close();
  }
});

test("a server that dies in the middle of an answer begins it anew", async () => {
  const page = await browser.open(`${server.url}#/chat`);
  await ask(page, QUESTION);
  await grows(page, /If-None-Match/);
  await server.crashAndRestart();
  assert.match(await (await answered(page, 90_000)).textContent(), /The end\./);
  assert.deepEqual(await questions(page), [QUESTION]);
});
