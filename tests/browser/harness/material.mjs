// Course files as people have them, made with common tools: a PDF printed by Chromium, a Word document by pandoc, Markdown; and
// how they come onto the page.

import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "./browser.mjs";

const CACHING = `<title>How HTTP caching works</title>
<h1>How HTTP caching works</h1>
<p>A cache keeps a copy of a response so that it need not be fetched again.</p>
<p style="break-before: page">An entity tag names one version of a resource. The server makes it; the client sends it back in
If-None-Match, and gets a short 304 when nothing has changed.</p>
<p style="break-before: page">The directive max-age says for how many seconds a response is fresh.</p>`;

const TORTS = `# Torts

## Negligence

A driver owes a duty of care to everybody who uses the road. Whoever breaks it pays for the harm that follows.

## Nuisance

Noise at night that keeps a whole street awake is a nuisance.
`;

const WHALES = `# Whales

Whales breathe air. A blue whale weighs up to 150 tonnes and eats about four tonnes of krill a day.
`;

export async function material(browser) {
  const pdf = await browser.printed(CACHING);
  const docx = execFileSync("pandoc", ["--from=markdown", "--to=docx", "--output=-"], { input: TORTS });
  return {
    caching: { name: "caching.pdf", content: pdf },
    torts: { name: "torts.docx", content: docx },
    whales: { name: "whales.md", content: Buffer.from(WHALES) },
    /** Its name ends in what it is not. */
    pretender: { name: "notes.pdf", content: Buffer.from("These are only words, and no PDF.\n") },
  };
}

/** A Word document that is large for its picture, in `folder`: little of it is to be read. */
export function largeDocument(folder, name) {
  writeFileSync(join(folder, "noise.png"), randomBytes(18_000_000));
  const words = "# Lighthouses\n\nA lighthouse keeper writes down each ship that passes.\n\n![](noise.png)\n";
  const pandoc = ["--quiet", "--from=markdown", "--to=docx", `--output=${name}`];
  execFileSync("pandoc", pandoc, { input: words, cwd: folder });
  return join(folder, name);
}

export async function dropFiles(page, files) {
  const given = files.map(({ name, content }) => ({ name, base64: content.toString("base64") }));
  const data = await page.evaluateHandle((all) => {
    const transfer = new DataTransfer();
    for (const { name, base64 } of all) {
      const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
      transfer.items.add(new File([bytes], name));
    }
    return transfer;
  }, given);
  await page.dispatchEvent("main", "dragover", { dataTransfer: data });
  await page.dispatchEvent("main", "drop", { dataTransfer: data });
}

/** A file that is large is named by its path alone. */
export async function chooseFiles(page, button, files) {
  const chosen = files.map((file) =>
    typeof file === "string" ? file : { name: file.name, mimeType: "", buffer: file.content },
  );
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: button, exact: true }).click();
  await (await chooser).setFiles(chosen);
}

/** The row of a file, on its way or there. */
export function row(page, name) {
  return page.locator(".document").filter({ has: page.getByRole("heading", { name }) });
}

export async function areReady(page, names, withinMs = 60_000) {
  for (const name of names) {
    await eventually(`${name} is ready`, () => row(page, name).getByText("Ready", { exact: true }).count(), withinMs);
  }
}
