// A headless Chromium whose microphone plays a file, with a screenshot at every step and an accessibility check.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { axeSource, chromium } from "./packages.mjs";
import { silence, writeWav } from "./speech.mjs";

const SCREENSHOTS = fileURLToPath(new URL("../../../target/browser-screenshots/", import.meta.url));
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

export class Browser {
  #browser;
  #folder = mkdtempSync(join(tmpdir(), "viva-microphone-"));
  #name;
  #step = 0;
  problems = [];

  /** `spoken`: what the microphone plays from the moment it is opened. */
  static async launch(name, spoken = [silence(1)]) {
    const browser = new Browser();
    browser.#name = name;
    browser.microphone(spoken);
    browser.#browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: [
        "--headless=new",
        "--no-sandbox",
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        `--use-file-for-fake-audio-capture=${browser.#wav}%noloop`,
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        "--disable-gpu",
      ],
    });
    return browser;
  }

  get #wav() {
    return join(this.#folder, "microphone.wav");
  }

  /** What the microphone plays the next time it is opened. */
  microphone(spoken) {
    writeWav(this.#wav, spoken);
  }

  async open(url, options = {}) {
    const context = await this.#browser.newContext({
      viewport: { width: 1200, height: 850 },
      colorScheme: "light",
      permissions: ["microphone"],
      ...options,
    });
    context.setDefaultTimeout(30_000);
    const page = await context.newPage();
    page.on("pageerror", (error) => this.problems.push(String(error)));
    page.on("console", (message) => {
      // A connection that a test cuts is reported by the browser itself.
      if (message.type() === "error" && !/ERR_|WebSocket|Failed to load resource/.test(message.text())) {
        this.problems.push(message.text());
      }
    });
    if (options.init) await page.addInitScript(options.init);
    await page.goto(url);
    return page;
  }

  /** A page as Chromium prints it. */
  async printed(html) {
    const context = await this.#browser.newContext();
    const page = await context.newPage();
    await page.setContent(html);
    const pdf = await page.pdf({ format: "A5" });
    await context.close();
    return pdf;
  }

  async shot(page, step) {
    mkdirSync(SCREENSHOTS, { recursive: true });
    this.#step += 1;
    const path = join(SCREENSHOTS, `${this.#name}-${String(this.#step).padStart(2, "0")}-${step}.png`);
    await page.screenshot({ path });
  }

  async close() {
    await this.#browser.close();
    rmSync(this.#folder, { recursive: true, force: true });
    assert.deepEqual(this.problems, [], "the page reported problems");
  }
}

/** Fails where axe finds anything, in dark and in light. */
export async function assertAccessible(page, screen) {
  for (const colorScheme of ["dark", "light"]) {
    await page.emulateMedia({ colorScheme });
    await page.evaluate(axeSource);
    const { violations } = await page.evaluate(() => globalThis.axe.run());
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
    assert.deepEqual(found, [], `${screen}, ${colorScheme}`);
  }
}

/** Polls until `look` gives something true. */
export async function eventually(what, look, withinMs = 30_000) {
  const end = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    assert.ok(performance.now() < end, `${what}: not within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
