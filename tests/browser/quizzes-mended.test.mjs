// What is wrong with questions: one that was rejected while it was made is mended and taken in, and one with a wrong key is named once
// a class has taken it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible, Browser } from "./harness/browser.mjs";
import { areReady, chooseFiles } from "./harness/material.mjs";
import { Server } from "./harness/server.mjs";

let server;
let browser;
before(async () => {
  // Its items are the sentences of a text, as they stand there.
  server = await Server.start({ VIVA_MODEL: "scripted" });
  browser = await Browser.launch("quizzes-mended");
});
after(async () => {
  try {
    await browser?.close();
  } finally {
    await server?.stop();
  }
});

const COURSE = "bio-101";

function openTeacher(path) {
  const init = `localStorage.setItem("viva.user", "tess"); localStorage.setItem("viva.courses", "${COURSE}: teacher");`;
  return browser.open(`${server.url}${path}`, { init });
}

async function shown(page, step) {
  await browser.shot(page, step);
  await assertAccessible(page, step);
}

// The third sentence says the same as the second with its words in another order.
const TIDES = `# Tides

The flood comes twice on most days. The full moon pulls the water of a deep sea towards a low coast. A low coast pulls the
water of the deep sea towards a full moon. A neap tide stands when sun and moon pull across each other.
`;

test("a question that was rejected is shown with the reason, mended and taken in", async () => {
  const teacher = await openTeacher("#/files");
  await teacher.getByLabel("For").selectOption(COURSE);
  await chooseFiles(teacher, "Choose files", [{ name: "tides.md", content: Buffer.from(TIDES) }]);
  await areReady(teacher, ["tides.md"]);
  await teacher.getByRole("link", { name: "Quizzes" }).click();
  await teacher.getByRole("link", { name: "Make a quiz" }).click();
  await teacher.getByLabel("tides.md").check();
  for (const [kind, wanted] of [
    ["Single choice", 0],
    ["True or false", 3],
    ["Short answer", 0],
    ["Number", 0],
    ["Gaps", 0],
  ]) {
    await teacher.getByRole("spinbutton", { name: kind, exact: true }).fill(String(wanted));
  }
  await teacher.getByLabel("Title").fill("Tides");
  await teacher.getByRole("button", { name: "Make 3 questions" }).click();
  await teacher
    .getByRole("strong")
    .filter({ hasText: /^Could not be made: 1 / })
    .waitFor();
  await teacher.getByText(/rejected, with the reasons$/).click();
  // However often it was tried.
  const rejected = teacher.locator(".rejected-items > ul > li");
  const tries = await rejected.count();
  await rejected.first().getByText("asks the same as question 2").waitFor();
  assert.equal(await teacher.locator(".review-item").count(), 2);
  await shown(teacher, "rejected");

  await rejected
    .first()
    .getByRole("button", { name: /^Mend and take in/ })
    .click();
  const form = teacher.getByRole("form", { name: "Mend this question" });
  await form.getByRole("textbox", { name: "Statement", exact: true }).fill("A neap tide is higher than a spring tide.");
  await form.getByRole("radio", { name: "False" }).check();
  await shown(teacher, "mend");
  await form.getByRole("button", { name: "Take it in" }).click();
  await teacher.getByRole("heading", { name: "A neap tide is higher than a spring tide." }).waitFor();
  assert.equal(await teacher.locator(".review-item").count(), 3);
  assert.equal(await rejected.count(), tries - 1, "it is rejected no more");
});

const GIFT = `::One:: What does an entity tag name? {=One version of a resource ~A whole server ~A way to compress}

::Two:: Which status says that nothing has changed? {=304 ~404 ~500}

::Three:: Which directive keeps no copy? {=no-store ~max-age ~public}

::Wrong:: What does max-age count in? {=Days ~Seconds ~Requests}
`;

/** Whoever has learned it says what is right, whatever the key is; the others take what comes. */
const KNOWN = ["One version of a resource", "304", "no-store", "Seconds"];

async function said(user, method, path, body) {
  const asked = await fetch(`${server.url}dev/token`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ user, role: "student", courses: { [COURSE]: "student" } }),
  });
  const { token } = await asked.json();
  const answer = await fetch(`${server.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });
  assert.ok(answer.ok, `${path}: ${answer.status}`);
  return answer.json();
}

async function take(quiz, user, hasLearned, place) {
  const attempt = await said(user, "POST", `api/quizzes/${quiz}/attempts`);
  const answers = {};
  for (const { id, body } of attempt.items) {
    const known = body.options.find(({ text }) => KNOWN.includes(text));
    const others = body.options
      .filter(({ text }) => !KNOWN.includes(text))
      .sort((a, b) => a.text.localeCompare(b.text));
    answers[id] = { type: "choice", value: hasLearned ? known.id : others[place % others.length].id };
  }
  await said(user, "POST", `api/attempts/${attempt.id}/submit`, { answers });
}

test("a question with a wrong key is named, once a class has taken it", async () => {
  const teacher = await openTeacher("#/quizzes");
  await teacher.getByRole("button", { name: "Import a file" }).click();
  const dialog = teacher.getByRole("dialog");
  const file = { name: "caching.gift", mimeType: "text/plain", buffer: Buffer.from(GIFT) };
  await dialog.getByLabel("File").setInputFiles(file);
  await dialog.getByLabel("Title").fill("Caching");
  await dialog.getByRole("button", { name: "Import", exact: true }).click();
  await teacher.waitForURL(/#\/quiz\//);
  await teacher.getByRole("button", { name: "Publish" }).click();
  await teacher.locator(".quiz-facts").getByText("Published", { exact: true }).waitFor();
  const quiz = new URL(teacher.url()).hash.match(/#\/quiz\/([^/?]+)/)[1];
  for (let place = 0; place < 12; place += 1) await take(quiz, `student-${place}`, place % 2 === 0, place >> 1);

  await teacher.getByRole("navigation", { name: "Sides of this quiz" }).getByRole("link", { name: "Analysis" }).click();
  const bad = teacher.getByRole("region", { name: "Questions to look at" });
  await bad.getByText("4. What does max-age count in?").waitFor();
  await bad.getByText(/The key is probably wrong/).waitFor();
  await bad.getByText(/The best students choose “Seconds” rather than the key/).waitFor();
  assert.equal(await bad.locator(":scope > ul > li").count(), 1, "nothing is said against the others");
  await shown(teacher, "named");
});
