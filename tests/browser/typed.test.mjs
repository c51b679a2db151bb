// A whole interview by keyboard, without microphone or sound; every screen is accessible in dark and in light.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible, Browser, eventually } from "./harness/browser.mjs";
import { answerText, question, reachReport } from "./harness/page.mjs";
import { Server } from "./harness/server.mjs";

let server;
let browser;
before(async () => {
  server = await Server.start();
  browser = await Browser.launch("typed");
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const ANSWERS = [
  "In my first job our cache served stale prices, so I measured the hit rate and then shortened the lifetime to a minute.",
  "I learned that a validator such as an ETag lets the client ask whether its copy is still good.",
];

/** Presses Tab until what has the focus matches. */
async function tabTo(page, name) {
  for (let press = 0; press < 60; press += 1) {
    const focused = await page.evaluate(() => {
      const element = document.activeElement === document.body ? null : document.activeElement;
      return `${element?.getAttribute("aria-label") ?? ""} ${element?.getAttribute("name") ?? ""} ${element?.textContent ?? ""}`;
    });
    if (name.test(focused)) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`Tab never reaches ${name}`);
}

test("an interview is held by keyboard alone, without microphone or sound", async () => {
  const page = await browser.open(server.url);
  await page.getByRole("button", { name: "Begin the interview" }).waitFor();
  await browser.shot(page, "start");
  await assertAccessible(page, "start");

  await tabTo(page, /topic/);
  await page.keyboard.type("How HTTP caching works");
  await tabTo(page, /questions/);
  await page.keyboard.press("Control+A");
  await page.keyboard.type("3");
  await tabTo(page, /answers/);
  await page.keyboard.press("ArrowRight");
  assert.ok(await page.getByRole("radio", { name: /^Type/ }).isChecked());
  await tabTo(page, /Begin the interview/);
  await page.keyboard.press("Enter");

  const first = await question(page, 1);
  assert.ok(first.length > 10, first);
  await browser.shot(page, "first-question");
  await assertAccessible(page, "interview");
  const live = page.locator("[aria-live=polite]").last();
  await eventually("the question is announced", async () => (await live.textContent())?.includes(first));

  // The answer's field has the focus already; shortcuts do not fire while one types in it.
  await page.keyboard.type("s f m r d ");
  assert.equal(await page.locator("dialog").count(), 0);
  await page.keyboard.press("Control+A");
  await page.keyboard.type(ANSWERS[0]);
  await page.keyboard.press("Control+Enter");
  await eventually("the answer is taken", async () => (await answerText(page, 1)) === ANSWERS[0]);
  await question(page, 2);

  await tabTo(page, /Correct a misheard word/);
  await page.keyboard.press("Enter");
  await page.keyboard.press("Control+A");
  await page.keyboard.type(ANSWERS[0].replace("prices", "pages"));
  await browser.shot(page, "correction");
  await assertAccessible(page, "correction");
  await tabTo(page, /^\s*Correct\s*$/);
  await page.keyboard.press("Enter");
  await eventually("both versions are shown", () => page.getByText("You corrected this.").count());

  await page.getByLabel("Your answer").focus();
  await page.keyboard.type(ANSWERS[1]);
  await page.keyboard.press("Control+Enter");
  await question(page, 3);
  await browser.shot(page, "third-question");

  await tabTo(page, /^\s*Skip\s*$/);
  await page.keyboard.press("f");
  await page.getByRole("dialog").waitFor();
  await browser.shot(page, "confirm");
  await assertAccessible(page, "confirm");
  await page.keyboard.press("Escape");
  // The browser tells of the closing in a task of its own.
  await page.locator("dialog").waitFor({ state: "detached" });
  await page.keyboard.press("s");

  await reachReport(page);
  assert.equal(await page.evaluate(() => document.activeElement?.tagName), "H1");
  await browser.shot(page, "report");
  await assertAccessible(page, "report");
  await eventually("the skipped question is said to be skipped", () => page.getByText("Skipped.").count());
  assert.match(await page.locator(".transcript").textContent(), /stale pages/);
  assert.match(await page.locator(".unmeasured").first().textContent(), /^Not measured, because .*: Pace/);

  // Evidence is reached and followed by keyboard, too.
  await tabTo(page, /Answer \d.*“?/);
  await page.keyboard.press("Enter");
  await eventually("the words are marked", () => page.locator(".words mark").count());
  await browser.shot(page, "evidence");

  await page.goto(`${server.url}#/interviews`);
  await page.getByRole("link", { name: "How HTTP caching works" }).waitFor();
  await browser.shot(page, "past");
  await assertAccessible(page, "past interviews");
});

test("past interviews are found, opened, gone on with and deleted", async () => {
  const page = await browser.open(server.url);
  await page.getByLabel("What is it about?").fill("Trains and tracks");
  await page.getByRole("radio", { name: /^Type/ }).check();
  await page.getByRole("button", { name: "Begin the interview" }).click();
  await question(page, 1);
  await page.goto(`${server.url}#/interviews`);
  const links = page.locator(".sessions h2 a");
  await eventually("both are listed", async () => (await links.count()) === 2);
  await page.getByLabel("Search").fill("train");
  await eventually("one is found", async () => (await links.count()) === 1);
  await browser.shot(page, "search");
  await links.first().click();
  await question(page, 1);
  await page.getByLabel("Your answer").fill("Steel wheels on steel rails have little friction.");
  await page.keyboard.press("Control+Enter");
  await question(page, 2);

  await page.goto(`${server.url}#/interviews`);
  await page.getByRole("button", { name: "Delete Trains and tracks" }).click();
  await page.getByRole("button", { name: "Delete for good" }).click();
  await eventually("it is gone", async () => (await links.count()) === 1);
  await page.reload();
  await eventually("it stays gone", async () => (await links.allTextContents()).join() === "How HTTP caching works");
  await links.first().click();
  await page.getByRole("heading", { name: "What was said" }).waitFor();
});

test("an address that leads nowhere is explained", async () => {
  const page = await browser.open(`${server.url}#/report/nothing-here`);
  await page.getByText("There is no such interview.").waitFor();
  await browser.shot(page, "unknown");
  await assertAccessible(page, "unknown");
});

test("a phone shows everything without scrolling sideways", async () => {
  const page = await browser.open(server.url, { viewport: { width: 360, height: 740 } });
  await page.getByLabel("What is it about?").fill("How HTTP caching works");
  const isWide = () => page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  assert.equal(await isWide(), false);
  await browser.shot(page, "phone-start");
  await page.getByRole("radio", { name: /^Type/ }).check();
  await page.getByRole("button", { name: "Begin the interview" }).click();
  await question(page, 1);
  assert.equal(await isWide(), false);
  await browser.shot(page, "phone-interview");
  await page.goto(`${server.url}#/interviews`);
  await page.locator(".sessions h2 a").first().waitFor();
  assert.equal(await isWide(), false);
});
