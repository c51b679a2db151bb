// The README's page of code for platforms that embed viva: taken out of the README and run as it stands there.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Browser, eventually } from "./harness/browser.mjs";
import { Server } from "./harness/server.mjs";

const README = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
const DIST = fileURLToPath(new URL("../../web/dist", import.meta.url));
const SECRET = "a secret of this test that is longer than 32 bytes";

let folder;
let platform;
let port;
let server;
let browser;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "viva-embed-"));
  const blocks = [...README.matchAll(/```\w+ file=(\S+)\n(.*?)```/gs)];
  assert.deepEqual(
    blocks.map(([, name]) => name),
    ["server.mjs", "index.html"],
  );
  for (const [, name, content] of blocks) writeFileSync(join(folder, name), content);
  port = await freePort();
  const env = { ...process.env, VIVA_TOKEN_SECRET: SECRET, VIVA_WEB_DIST: DIST, PORT: String(port) };
  platform = spawn(process.execPath, ["server.mjs"], { cwd: folder, env, stdio: "inherit" });
  server = await Server.start({ VIVA_TOKEN_SECRET: SECRET, VIVA_ORIGINS: `http://127.0.0.1:${port}` });
  browser = await Browser.launch("embed");
});

after(async () => {
  await browser?.close();
  await server?.stop();
  platform?.kill();
  rmSync(folder, { recursive: true, force: true });
});

test("the README's page holds an interview on a platform's own origin", async () => {
  const webSocketUrl = `${server.url.replace("http", "ws")}ws`;
  await eventually("the platform answers", () =>
    fetch(`http://127.0.0.1:${port}/`).then(
      (response) => response.ok,
      () => false,
    ),
  );
  const page = await browser.open(`http://127.0.0.1:${port}/?viva=${encodeURIComponent(webSocketUrl)}`);
  await page.getByRole("button", { name: "Begin the interview" }).click();
  for (const turn of [1, 2, 3]) {
    const item = page.locator("#turns li").nth(turn - 1);
    await eventually(`question ${turn} is asked`, async () => /\w.{10,} —/.test((await item.textContent()) ?? ""));
    await page.getByRole("textbox", { name: "Your answer" }).fill(`Leaves turn light into sugar, answer ${turn}.`);
    await page.getByRole("button", { name: "Answer" }).click();
    await eventually(`answer ${turn} is taken`, async () => (await item.textContent())?.includes(`answer ${turn}.`));
  }
  await eventually(
    "the report comes",
    async () => (await page.locator("body").textContent())?.includes("answered"),
    30_000,
  );
});

test("a platform's page uploads a file from its own origin and chats about it", async () => {
  const page = await browser.open(`http://127.0.0.1:${port}/`);
  const found = await page.evaluate(async (url) => {
    const { Chat, Connection, DocumentShelf, Files } = await import("/viva-client.js");
    const token = async () => (await fetch("/viva-token")).text();
    const connection = new Connection({ url: `${url.replace("http", "ws")}ws`, token });
    connection.open();
    const files = new Files({ url: url.replace(/\/$/, ""), token });
    const shelf = new DocumentShelf(connection, files);
    const { promise: isReady, resolve: ready } = Promise.withResolvers();
    shelf.on("change", ({ documents }) => documents.some(({ state }) => state === "ready") && ready());
    shelf.upload([new File(["Leaves turn light into sugar. Roots take up water.\n"], "leaves.md")]);
    await isReady;
    const chat = Chat.begin(connection);
    const { promise: isDone, resolve: done } = Promise.withResolvers();
    chat.on("change", ({ path }) => path[0]?.reply?.state === "done" && done(path[0].reply));
    chat.send("What do leaves turn light into?");
    const [citation] = (await isDone).citations;
    return { quote: citation.quote, text: (await files.passage(citation.passage)).text };
  }, server.url);
  assert.equal(found.quote, "Leaves turn light into sugar.");
  assert.match(found.text, /Roots take up water/);
});

/** A port that was free a moment ago. */
async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => probe.once("listening", resolve));
  const { port: free } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return free;
}
