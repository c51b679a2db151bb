// Files come onto the page, are read, asked about, and go: with the built-in model, which answers with quotes. Every screen is
// accessible in dark and in light.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { assertAccessible, Browser, eventually } from "./harness/browser.mjs";
import { answered, ask, questions } from "./harness/chat.mjs";
import { areReady, chooseFiles, dropFiles, largeDocument, material, row } from "./harness/material.mjs";
import { Line } from "./harness/proxy.mjs";
import { Server } from "./harness/server.mjs";

let server;
let browser;
let files;
const folder = mkdtempSync(join(tmpdir(), "viva-files-"));
before(async () => {
  server = await Server.start();
  browser = await Browser.launch("files");
  files = await material(browser);
});
after(async () => {
  try {
    await browser?.close();
  } finally {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

const isWide = (page) => page.evaluate(() => document.documentElement.scrollWidth > innerWidth);

test("whoever comes first is led from an empty page to an answer with its source", async () => {
  const page = await browser.open(`${server.url}#/chat`);
  await page.getByRole("heading", { name: "Ask your files" }).waitFor();
  await page.getByText("Upload a file").first().waitFor();
  await browser.shot(page, "first-visit");
  await assertAccessible(page, "chat, first visit");

  await page.getByRole("link", { name: "Files" }).click();
  await page.getByText("No files yet.").waitFor();
  await browser.shot(page, "no-files");
  await assertAccessible(page, "files, none");
  await dropFiles(page, [files.caching, files.torts, files.whales, files.pretender]);
  await areReady(page, ["caching.pdf", "torts.docx", "whales.md"]);
  assert.match(await row(page, "caching.pdf").textContent(), /3 pages/);

  const failed = row(page, "notes.pdf");
  await failed.getByText("Not read", { exact: true }).waitFor();
  assert.match(await failed.locator(".reason").textContent(), /plain text\. Save it in the right format/);
  await browser.shot(page, "ready-and-failed");
  await assertAccessible(page, "files");

  await page.getByRole("link", { name: "Chat" }).click();
  await page.getByText("Answers come from your files alone").waitFor();
  await browser.shot(page, "welcome");
  await ask(page, "What does an entity tag name?");
  const answer = await answered(page);
  assert.match(await answer.textContent(), /An entity tag names one version of a resource/);
  await page.waitForURL(/#\/chat\/[0-9a-f]{32}$/);
  await browser.shot(page, "answer");
  await assertAccessible(page, "chat");

  const mark = answer.getByRole("button", { name: /^Source 1: caching.pdf/ });
  await mark.click();
  const source = page.getByRole("complementary", { name: "Source" });
  await source.locator("mark").waitFor();
  assert.match(await source.locator("mark").textContent(), /An entity tag names one version of a resource/);
  assert.match(await source.locator(".places").textContent(), /Page\s*2$/);
  assert.equal(await source.getByRole("heading").evaluate((heading) => heading === document.activeElement), true);
  await browser.shot(page, "source");
  await assertAccessible(page, "source");
  await page.keyboard.press("Escape");
  await source.waitFor({ state: "detached" });
  assert.equal(await mark.evaluate((button) => button === document.activeElement), true);

  const download = page.waitForEvent("download");
  await mark.click();
  await page.getByRole("button", { name: "Download the file" }).click();
  await (await download).cancel();
});

test("what the files do not say is said to be missing", async () => {
  const page = await browser.open(`${server.url}#/chat`);
  await ask(page, "Who composed the Goldberg Variations?");
  const answer = await answered(page);
  await answer.getByText("Not in your materials.").waitFor();
  assert.equal(await answer.locator(".cite").count(), 0);
  await browser.shot(page, "not-found");
  await assertAccessible(page, "not found");
});

test("a question about one file is answered from that file alone", async () => {
  const page = await browser.open(`${server.url}#/files`);
  await row(page, "torts.docx").getByRole("link", { name: "Ask about it" }).click();
  await page.getByRole("button", { name: /Answers come from.*torts\.docx/ }).waitFor();
  await ask(page, "What does a driver owe everybody who uses the road?");
  const answer = await answered(page);
  assert.match(await answer.textContent(), /duty of care/);
  await answer
    .getByRole("button", { name: /^Source 1: torts.docx/ })
    .first()
    .click();
  await page.locator(".source mark").waitFor();
  assert.match(await page.locator(".places").textContent(), /Heading\s*Torts/);
  await browser.shot(page, "heading");
  await ask(page, "How much krill does a blue whale eat?");
  await (await answered(page)).getByText("Not in your materials.").waitFor();

  await page.getByRole("button", { name: /Answers come from/ }).click();
  await page.getByRole("dialog").waitFor();
  await browser.shot(page, "scope");
  await assertAccessible(page, "scope");
  await page.getByLabel("All my files and courses").check();
  await page.getByRole("button", { name: "Done" }).click();
  await ask(page, "How much krill does a blue whale eat?");
  await eventually("it is found", async () => /four tonnes/.test(await (await answered(page)).textContent()));
});

test("a conversation is found, named, read again after a reload, and deleted", async () => {
  const page = await browser.open(`${server.url}#/chat`);
  await ask(page, "What is a nuisance at night?");
  await answered(page);
  await page.getByRole("button", { name: "Rename" }).click();
  await page.getByLabel("Title").fill("Noise");
  await page.getByRole("dialog").getByRole("button", { name: "Rename" }).click();
  await page.getByRole("heading", { name: "Noise" }).waitFor();
  await page.getByRole("button", { name: "Helpful", exact: true }).click();

  await page.reload();
  await page.getByRole("heading", { name: "Noise" }).waitFor();
  await eventually(
    "what was asked is there",
    async () => (await questions(page)).join() === "What is a nuisance at night?",
  );
  const last = await answered(page);
  await last
    .getByRole("button", { name: /^Source 1/ })
    .first()
    .waitFor();
  await last.getByRole("button", { name: "Helpful", exact: true, pressed: true }).waitFor();

  const list = page.getByRole("navigation", { name: "Conversations" });
  assert.ok((await list.getByRole("link").count()) >= 3);
  await page.getByLabel("Search conversations").fill("Noise");
  await eventually("one is found", async () => (await list.getByRole("link").count()) === 1);
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("button", { name: "Delete for good" }).click();
  await page.waitForURL(/#\/chat$/);
  await eventually("none is found", async () => (await list.getByRole("link").count()) === 0);
});

test("a file is replaced and deleted, and answers that quote it say so", async () => {
  const page = await browser.open(`${server.url}#/chat`);
  await ask(page, "How much does a blue whale weigh?");
  await answered(page);
  const address = page.url();

  await page.goto(`${server.url}#/files`);
  const whales = {
    name: "whales.md",
    content: Buffer.from("# Whales\n\nA blue whale weighs as much as thirty elephants.\n"),
  };
  await chooseFiles(page, "Replace whales.md", [whales]);
  await areReady(page, ["whales.md"]);
  await page.getByRole("button", { name: "Delete whales.md" }).click();
  await browser.shot(page, "delete");
  await page.getByRole("button", { name: "Delete for good" }).click();
  await row(page, "whales.md").waitFor({ state: "detached" });
  await page.reload();
  await areReady(page, ["caching.pdf"]);
  assert.equal(await row(page, "whales.md").count(), 0);

  await page.goto(address);
  await (await answered(page))
    .getByRole("button", { name: /^Source 1/ })
    .first()
    .click();
  await page.getByText("This passage is not there any more.").waitFor();
  assert.match(await page.locator(".source blockquote").textContent(), /150 tonnes/);
});

test("what cannot be uploaded says why, and what to do", async () => {
  const page = await browser.open(`${server.url}#/files`);
  await dropFiles(page, [
    { name: "movie.mp4", content: Buffer.from("no") },
    { name: "empty.txt", content: Buffer.alloc(0) },
  ]);
  await row(page, "movie.mp4").getByText("Files of this kind cannot be read.").waitFor();
  await row(page, "empty.txt").getByText("This file is empty.").waitFor();
  await browser.shot(page, "refused");
  await assertAccessible(page, "refused");
  await page.getByRole("button", { name: "Dismiss movie.mp4" }).click();
  await row(page, "movie.mp4").waitFor({ state: "detached" });
});

test("a large file shows how far it is, survives a line that is cut, and can be given up", async () => {
  const line = await Line.open(server.port);
  try {
    const page = await browser.open(`${line.url}#/files`);
    await page.getByRole("button", { name: "Choose files" }).waitFor();
    line.bitsPerSecond = 30_000_000;
    const large = { name: "large.pdf", content: Buffer.alloc(9_000_000, "no PDF ") };
    await chooseFiles(page, "Choose files", [large, { ...large, name: "other.pdf" }]);
    const uploading = row(page, "large.pdf");
    await eventually("it is under way", async () => (await uploading.locator("progress").getAttribute("value")) > 15);
    assert.match(await uploading.textContent(), /Sending · .* of 9\.0 MB/);
    await browser.shot(page, "progress");
    await assertAccessible(page, "progress");
    await page.getByRole("button", { name: "Cancel other.pdf" }).click();
    line.cut();
    line.restore();
    line.bitsPerSecond = 0;
    await uploading.getByText("Not read", { exact: true }).waitFor();
    assert.equal(await row(page, "other.pdf").count(), 0);
  } finally {
    await line.close();
  }
});

test("a large file that broke off and is chosen again after a reload sends only the parts that are missing", async () => {
  const page = await browser.open(`${server.url}#/files`);
  const name = "lighthouses.docx";
  const path = largeDocument(folder, name);
  const came = [];
  let isCut = true;
  let mayGo;
  await page.route(/\/api\/uploads\/[^/]+\/parts\/\d+$/, async (route) => {
    const number = Number(route.request().url().split("/").at(-1));
    // The third part and what follows it find no way, while the first two arrive.
    if (isCut && number > 2) return route.abort("connectionfailed");
    came.push(number);
    await mayGo;
    const answer = await route.fetch();
    await route.fulfill({ response: answer });
  });
  await chooseFiles(page, "Choose files", [path]);
  const uploading = row(page, name);
  await uploading.getByText("The server cannot be reached.").waitFor();
  await uploading.getByText(/^16\.8 MB of 18\.0 MB have arrived/).waitFor();
  assert.deepEqual([...came].sort(), [1, 2]);
  await browser.shot(page, "broke-off");
  await assertAccessible(page, "broke off");

  await page.reload();
  await areReady(page, ["caching.pdf"]);
  assert.equal(await uploading.count(), 0);
  came.splice(0);
  isCut = false;
  let go;
  mayGo = new Promise((resolve) => {
    go = resolve;
  });
  await chooseFiles(page, "Choose files", [path]);
  await uploading.getByText("16.8 MB of 18.0 MB · goes on where it stopped").waitFor();
  await browser.shot(page, "goes-on");
  go();
  await areReady(page, [name]);
  assert.deepEqual(came, [3]);
  assert.equal(await row(page, name).count(), 1);
});

test("a phone shows files and conversations without scrolling sideways", async () => {
  const page = await browser.open(`${server.url}#/files`, { viewport: { width: 360, height: 740 }, hasTouch: true });
  await row(page, "caching.pdf").waitFor();
  assert.equal(await isWide(page), false);
  await browser.shot(page, "phone-files");
  await page.goto(`${server.url}#/chat`);
  await page.getByLabel("Your question", { exact: true }).fill("What does an entity tag name?");
  await page.getByRole("button", { name: "Send" }).click();
  const answer = await answered(page);
  assert.equal(await isWide(page), false);
  await browser.shot(page, "phone-chat");
  await answer
    .getByRole("button", { name: /^Source 1: caching.pdf/ })
    .first()
    .click();
  await page.getByRole("dialog", { name: "Source" }).locator("mark").waitFor();
  await browser.shot(page, "phone-source");
  await assertAccessible(page, "source on a phone");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Conversations" }).click();
  await page.getByRole("dialog", { name: "Conversations" }).waitFor();
  await browser.shot(page, "phone-list");
  await assertAccessible(page, "conversations on a phone");
});
