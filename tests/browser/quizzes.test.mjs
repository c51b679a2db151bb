// A course's quiz: its teacher has it made from a text, reviews and publishes it; a student takes it with the keyboard alone, over a
// reload; the teacher marks and looks into it; both see what was learned. Nothing of a key comes to the student before the end.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { assertAccessible, Browser, eventually } from "./harness/browser.mjs";
import { areReady, chooseFiles } from "./harness/material.mjs";
import { answerByKeyboard, isSaved, listen, questionShown, tabTo } from "./harness/quiz.mjs";
import { Server } from "./harness/server.mjs";

const BOTANY = new URL("../../examples/data/retrieval/botany.md", import.meta.url);
/** What stands in a quiz for those who may see its keys, and nowhere else. */
const SECRETS = /"(keys?|accepted|explanation|source|quote|rubric|sample|seed|secondAnswer)"\s*:/;

let server;
let browser;
before(async () => {
  server = await Server.start();
  browser = await Browser.launch("quizzes");
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
  const init = `localStorage.setItem("viva.user", "${user}"); localStorage.setItem("viva.courses", "bio-101: ${role}");`;
  return browser.open(`${server.url}${path}`, { init });
}

async function shown(page, step) {
  await browser.shot(page, step);
  await assertAccessible(page, step);
}

const count = (page, kind) => page.getByRole("spinbutton", { name: kind, exact: true });
const side = (page, name) => page.getByRole("navigation", { name: "Sides of this quiz" }).getByRole("link", { name });

/** On a phone each row of a table is a block of its own: nothing of it has to be scrolled to sideways. */
async function shownOnPhone(page, step) {
  const wide = page.viewportSize();
  await page.setViewportSize({ width: 390, height: 844 });
  const hidden = await page.locator("section.table:visible").evaluateAll((tables) => {
    return tables.filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth).length;
  });
  assert.equal(hidden, 0, `${step}: a table is cut off`);
  await shown(page, step);
  await page.setViewportSize(wide);
}

test("a quiz is made, reviewed, published, taken by keyboard, marked and looked into", async () => {
  const teacher = await openAs("tess", "teacher", "#/quizzes");
  await teacher.getByText("No quizzes yet.").waitFor();
  await shown(teacher, "none");

  // From a text to questions.
  await teacher.getByRole("link", { name: "Files" }).click();
  await teacher.getByLabel("For").selectOption("bio-101");
  await chooseFiles(teacher, "Choose files", [{ name: "botany.md", content: readFileSync(BOTANY) }]);
  await areReady(teacher, ["botany.md"]);
  await teacher.getByRole("link", { name: "Quizzes" }).click();
  await teacher.getByRole("link", { name: "Make a quiz" }).click();
  await teacher.getByLabel("botany.md").check();
  for (const [kind, wanted] of [
    ["Single choice", 2],
    ["True or false", 1],
    ["Short answer", 0],
    ["Number", 0],
    ["Gaps", 2],
  ]) {
    await count(teacher, kind).fill(String(wanted));
  }
  await teacher.getByLabel("Title").fill("Leaves and light");
  await shown(teacher, "make");
  await teacher.getByRole("button", { name: "Make 5 questions" }).click();
  await teacher.waitForURL(/#\/quiz\//);
  await teacher.getByRole("heading", { name: "Leaves and light" }).waitFor();
  const items = teacher.locator(".review-item");
  await eventually(
    "the questions are made",
    async () => (await items.count()) >= 5 && (await teacher.locator(".at-work").count()) === 0,
  );
  await shown(teacher, "made");

  // The source of a question opens.
  const source = teacher.locator(".item-source button").first();
  await source.click();
  await teacher.locator("dialog.sheet mark").waitFor();
  await shown(teacher, "source");
  await teacher.keyboard.press("Escape");
  await teacher.locator("dialog.sheet").waitFor({ state: "detached" });
  assert.equal(await source.evaluate((button) => button === document.activeElement), true);

  // A question is changed, one moved with the keyboard, one written.
  await teacher.getByRole("button", { name: "Edit question 1" }).click();
  const form = teacher.getByRole("form", { name: "Change question 1" });
  await form.getByLabel(/Why is it so/).fill("It stands in the chapter on leaves.");
  await form.getByLabel(/Skill/).fill("Leaves");
  await shown(teacher, "edit");
  await form.getByRole("button", { name: "Save" }).click();
  await form.waitFor({ state: "detached" });
  await teacher.getByText("It stands in the chapter on leaves.").waitFor();
  const first = await items.first().locator("h2 span").textContent();
  await teacher.getByRole("button", { name: "Move question 1 down" }).focus();
  await teacher.keyboard.press("Enter");
  await teacher.getByText("Question 1 is now question 2.").waitFor();
  assert.equal(await items.nth(1).locator("h2 span").textContent(), first);
  await eventually("the focus follows", () =>
    teacher.evaluate(() => document.activeElement?.textContent === "Move question 2 down"),
  );
  await teacher.getByLabel("Kind of question").selectOption("free_text");
  await teacher.getByRole("button", { name: "Write a question" }).click();
  const written = teacher.getByRole("form", { name: "New question" });
  await written.getByRole("textbox", { name: "Question", exact: true }).fill("Why are leaves green?");
  await written.getByRole("textbox", { name: "Criterion 1" }).fill("Names what is reflected");
  await written.getByRole("button", { name: "Add a criterion" }).click();
  await teacher.keyboard.type("Names the pigment");
  await written.getByRole("spinbutton", { name: "Points" }).fill("2");
  await written.getByLabel(/Skill/).fill("Leaves");
  await shown(teacher, "write");
  await written.getByRole("button", { name: "Add it" }).click();
  await teacher.getByRole("heading", { name: "Why are leaves green?" }).waitFor();

  await side(teacher, "Settings").click();
  await teacher.getByLabel(/^Attempts/).fill("2");
  await teacher.getByLabel(/^Minutes/).fill("30");
  await teacher.getByRole("button", { name: "Save" }).click();
  await teacher.getByText("Saved. Students get it").waitFor();
  await shown(teacher, "settings");
  const count6 = await teacher.locator(".quiz-facts").textContent();
  assert.match(count6, /6 questions/);

  // Not before it is published.
  const student = await openAs("sam", "student", "#/quizzes");
  await student.getByText("No quizzes yet.").waitFor();
  await teacher.getByRole("button", { name: "Publish" }).click();
  await teacher.locator(".quiz-facts").getByText("Published", { exact: true }).waitFor();

  await eventually("the focus is on what it is now", () =>
    teacher.evaluate(() => document.activeElement?.textContent === "Published"),
  );
  assert.equal(await teacher.getByRole("button", { name: /^Publish/ }).count(), 0);

  // A student takes it without a mouse.
  const heard = listen(student);
  await student.reload();
  await student.getByRole("link", { name: /^Take it/ }).waitFor();
  await shown(student, "list");
  await student.getByRole("link", { name: /^Take it/ }).focus();
  await student.keyboard.press("Enter");
  await student.getByText("30 min from the start").waitFor();
  await shown(student, "cover");
  await tabTo(student, /^Start the quiz$/);
  await student.keyboard.press("Enter");
  await student.waitForURL(/#\/attempt\//);
  await student.getByRole("timer").waitFor();
  await tabTo(student, /^Question 1/);
  await student.keyboard.press("Enter");
  for (let number = 1; number <= 6; number += 1) {
    assert.equal(await questionShown(student), number);
    if (number === 1) await shown(student, "question");
    await student.locator(".question-card h2").focus();
    await answerByKeyboard(student, "Chlorophyll reflects green light.");
    if (number === 3) {
      await isSaved(student);
      await student.reload();
      await student.getByText("3 of 6 answered").waitFor();
      assert.equal(await questionShown(student), 4, "it goes on where nothing is answered");
      await tabTo(student, /^Question 3/);
      await student.keyboard.press("Enter");
      await student.locator(".question-card h2").focus();
    }
    await browser.shot(student, `answered-${number}`);
    await tabTo(student, number === 6 ? /^Check and submit$/ : /^Next$/);
    await student.keyboard.press("Enter");
    await eventually("the focus is on the next heading", () =>
      student.evaluate(() => document.activeElement?.matches(".question-card h2")),
    );
  }
  await student.getByText("You have answered every question.").waitFor();
  await shown(student, "check");
  for (const { path, text, headers } of heard) {
    assert.doesNotMatch(text, SECRETS, `${path} told a secret`);
    assert.doesNotMatch(headers, SECRETS, `${path} told a secret in its headers`);
  }
  await tabTo(student, /^Submit$/);
  await student.keyboard.press("Enter");
  await student.waitForURL(/#\/results\//);
  await student.getByText("It stands in the chapter on leaves.").waitFor();
  await student.getByText("1 answer waits for a teacher").waitFor();
  await shown(student, "results");

  // The teacher marks the free text.
  await side(teacher, "Attempts").click();
  await teacher.getByText("1 to be marked").waitFor();
  await shown(teacher, "attempts");
  await shownOnPhone(teacher, "attempts-phone");
  await teacher.getByRole("link", { name: /^sam/ }).click();
  const marking = teacher.getByRole("form", { name: "Mark: Why are leaves green?" });
  await marking
    .getByRole("group", { name: /reflected/ })
    .getByLabel("Reached", { exact: true })
    .check();
  await marking
    .getByRole("group", { name: /pigment/ })
    .getByLabel("Partly")
    .check();
  await marking.scrollIntoViewIfNeeded();
  await shown(teacher, "marking");
  await marking.getByRole("button", { name: "Give 1.5 of 2 points" }).click();
  await teacher.getByText("Names the pigment: partly reached").waitFor();

  // What that says of the quiz, of the class, and to the student.
  await teacher.getByRole("link", { name: "All attempts" }).click();
  await side(teacher, "Analysis").click();
  await teacher.getByText("1 attempt so far.").waitFor();
  await teacher.getByRole("img", { name: /Attempts by points/ }).waitFor();
  await shown(teacher, "analysis");
  await shownOnPhone(teacher, "analysis-phone");
  await teacher.getByRole("link", { name: "Progress" }).click();
  await teacher.getByRole("link", { name: "The class of bio-101" }).click();
  await teacher.getByRole("rowheader", { name: "Leaves" }).waitFor();
  await shown(teacher, "class");
  await shownOnPhone(teacher, "class-phone");
  await teacher.getByRole("link", { name: "sam" }).first().click();
  await teacher.getByRole("heading", { name: "Progress of sam" }).waitFor();

  await student.reload();
  await student.getByText("Names the pigment: partly reached").waitFor();
  await student.getByRole("link", { name: "See what to do next" }).click();
  await student.getByRole("heading", { name: "Leaves" }).waitFor();
  await shown(student, "progress");
});
