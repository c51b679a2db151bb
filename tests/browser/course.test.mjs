// A course: its teacher uploads a guide, a student is interviewed by it, the teacher reviews what the model proposed, and the
// student sees that at once.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible, Browser, eventually } from "./harness/browser.mjs";
import { areReady, chooseFiles, row } from "./harness/material.mjs";
import { question, reachReport } from "./harness/page.mjs";
import { Server } from "./harness/server.mjs";

const GUIDE = `# Caching, oral exam

- time: 10 min

## Questions

### 1. How can a client reuse a response?

- follow-up: What does the server answer when nothing has changed?

### 2. When is it wrong to cache a response?

## Rubric

### Validators

Knows how a stored response is checked.

- 1: Names no mechanism.
- 5: Explains the validator, and what a 304 saves.
- keywords: ETag, If-None-Match, 304

### Judgement

Weighs freshness against cost.
`;

const ANSWERS = [
  "It keeps the ETag of the response, and sends it back in If-None-Match when the copy is no longer fresh.",
  "The server answers with a short 304, and the client goes on with the copy that it has.",
  "It is wrong for prices that change each minute, because a stale price costs more than a request.",
];

let server;
let browser;
before(async () => {
  server = await Server.start();
  browser = await Browser.launch("course");
});
after(async () => {
  try {
    await browser?.close();
  } finally {
    await server?.stop();
  }
});

/** The page as somebody in the course sees it. */
function openAs(user, role, path = "") {
  const init = `localStorage.setItem("viva.user", "${user}"); localStorage.setItem("viva.courses", "web-101: ${role}");`;
  return browser.open(`${server.url}${path}`, { init });
}

test("a guide is followed, its criteria are rated, and a teacher stands behind the ratings", async () => {
  const teacher = await openAs("tess", "teacher", "#/files");
  await teacher.getByLabel("For").selectOption("web-101");
  await chooseFiles(teacher, "Choose files", [
    { name: "caching.guide.md", content: Buffer.from(GUIDE) },
    { name: "slip.guide.md", content: Buffer.from(GUIDE.replace("time: 10 min", "tiem: 10 min")) },
  ]);
  await areReady(teacher, ["Caching, oral exam"]);
  await row(teacher, "slip.guide.md")
    .getByText(/line 3/i)
    .waitFor();
  await browser.shot(teacher, "guides");
  await assertAccessible(teacher, "guides");

  const student = await openAs("sam", "student");
  await student.getByLabel("Guide").selectOption({ label: "Caching, oral exam (web-101)" });
  assert.equal(await student.locator("select[name=course]").inputValue(), "web-101");
  await student.getByRole("radio", { name: /^Type/ }).check();
  await browser.shot(student, "start");
  await assertAccessible(student, "start with a guide");
  await student.getByRole("button", { name: "Begin the interview" }).click();
  for (const [index, answer] of ANSWERS.entries()) {
    await question(student, index + 1);
    if (index === 0) await browser.shot(student, "question");
    await student.getByLabel("Your answer").fill(answer);
    await student.keyboard.press("Control+Enter");
  }
  await reachReport(student);
  assert.match(await student.locator(".transcript").textContent(), /Question 1, follow-up 1/);
  const ratings = student.locator(".ratings > li");
  assert.equal(await ratings.count(), 2);
  await ratings.first().getByText("Pending a teacher’s confirmation").waitFor();
  assert.equal(await student.getByRole("form").filter({ hasText: "Your rating" }).count(), 0);
  await browser.shot(student, "pending");
  await assertAccessible(student, "pending ratings");

  await teacher.getByRole("link", { name: "Past interviews" }).click();
  await teacher.getByLabel("Whose").selectOption("web-101");
  await teacher.getByText("sam ·").waitFor();
  await browser.shot(teacher, "list");
  await assertAccessible(teacher, "a course's interviews");
  await teacher.getByRole("link", { name: "Caching, oral exam" }).click();
  const review = (criterion) => teacher.getByRole("form", { name: `Review: ${criterion}` });
  await review("Validators").waitFor();
  await browser.shot(teacher, "review");
  await assertAccessible(teacher, "review");
  await review("Validators")
    .getByRole("button", { name: /^Confirm/ })
    .click();
  await teacher.getByText("Confirmed by a teacher").waitFor();
  await review("Judgement").getByRole("radio", { name: "4", exact: true }).check();
  await review("Judgement").getByLabel("Comment").fill("A case of your own, well weighed.");
  await review("Judgement").getByRole("button", { name: "Give 4 of 5" }).click();
  await teacher.getByText("tess: A case of your own, well weighed.").waitFor();
  await browser.shot(teacher, "reviewed");

  await student.getByText("tess: A case of your own, well weighed.").waitFor();
  await eventually("both are settled", async () => (await student.getByText("Pending a teacher").count()) === 0);
  await student.reload();
  await student.getByText("Confirmed by a teacher").waitFor();
  await browser.shot(student, "settled");
  await assertAccessible(student, "reviewed ratings");
});

test("an interview is about the files that were chosen for it", async () => {
  const student = await openAs("sara", "student", "#/files");
  const notes = "# Photosynthesis\n\nChlorophyll absorbs red and blue light, and reflects green light.\n";
  await chooseFiles(student, "Choose files", [{ name: "leaves.md", content: Buffer.from(notes) }]);
  await areReady(student, ["leaves.md"]);
  await student.getByRole("link", { name: "New interview" }).click();
  await student.getByText("Ask me about my files").click();
  await student.getByLabel("leaves.md").check();
  await student.getByText("About 1 file").waitFor();
  await student.getByLabel("What is it about?").fill("Photosynthesis");
  await student.getByRole("radio", { name: /^Type/ }).check();
  await browser.shot(student, "about-files");
  await assertAccessible(student, "start with files");
  await student.getByRole("button", { name: "Begin the interview" }).click();
  const asked = await question(student, 1);
  assert.match(asked, /chlorophyll|light|green|photosynthesis/i);
});
