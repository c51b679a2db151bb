// Spoken interviews in a browser whose microphone plays the shipped answers: as they are, over a line that is cut, through a
// reload, over a slow and distant line, and with an interruption.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Browser, eventually } from "./harness/browser.mjs";
import { begin, finish, heardText, isCommitted, question, reachReport, watchPartials } from "./harness/page.mjs";
import { Line } from "./harness/proxy.mjs";
import { Server } from "./harness/server.mjs";
import { seconds, shippedAnswers, silence, wordErrorRate, wordsOf } from "./harness/speech.mjs";

const WORD_ERRORS_MAX = 0.15;
const answers = shippedAnswers();
const answer = answers.find(({ name }) => name === "mistake.wav") ?? answers[0];

let server;
before(async () => {
  server = await Server.start();
});
after(() => server?.stop());

/** The recognizer's last words may amend an answer a moment after it was committed. */
async function assertHeard(look, spoken = answer.text, withinMs = 30_000) {
  let heard = "";
  const isRight = async () => {
    heard = await look();
    return wordErrorRate(spoken, heard) <= WORD_ERRORS_MAX;
  };
  await eventually("the words are right", isRight, withinMs).catch(() => {
    assert.fail(`word error rate ${wordErrorRate(spoken, heard).toFixed(3)}: ${heard}`);
  });
}

/** Until so many words of the answer are on the screen, settled or not; the invitation to speak is none of them. */
function wordsShown(page, count) {
  const words = page.locator(".turn.now .answer").locator(".final, .partial");
  return eventually(
    `${count} words are shown`,
    async () => wordsOf((await words.allTextContents()).join(" ")).length >= count,
    60_000,
  );
}

describe("a spoken answer", () => {
  test("appears while it is spoken, is asked on about, and is shown in the report with its recording", async () => {
    const browser = await Browser.launch("spoken", [silence(2.5), answer.samples, silence(60)]);
    try {
      const page = await browser.open(server.url);
      await begin(page, { questions: 2, pace: "Patient" });
      const partials = await watchPartials(page);
      await question(page, 1);
      await browser.shot(page, "asked");
      await wordsShown(page, 4);
      await browser.shot(page, "partials");
      await isCommitted(page, 1);
      await assertHeard(() => heardText(page, 1));
      const seen = await partials();
      assert.ok(seen.length >= 3, `partials: ${seen.join(" / ")}`);
      await question(page, 2);
      await browser.shot(page, "next-question");
      await finish(page);
      await reachReport(page);
      await browser.shot(page, "report");
      await assertHeard(() => heardText(page, 1));

      const audio = page.locator("audio");
      await eventually("the recording is there", () => audio.evaluate((element) => element.duration > 5));
      const evidence = page
        .locator(".evidence button")
        .filter({ hasText: /\d:\d\d/ })
        .first();
      await page.locator(".metrics details summary").first().click();
      await evidence.click();
      await eventually("it plays", () => audio.evaluate((element) => !element.paused && element.currentTime > 0));
      await eventually("the words of the evidence are marked", () => page.locator(".words mark").count());
      await eventually("the word that plays is marked", () => page.locator(".words .playing").count());
      await eventually("the words are in sight", () => page.locator(".words mark").evaluate(isInSight));
      await browser.shot(page, "evidence");
      const word = page.locator(".words [data-ms]").last();
      const startMs = Number(await word.getAttribute("data-ms"));
      await word.click();
      const at = await audio.evaluate((element) => element.currentTime * 1000);
      assert.ok(Math.abs(at - startMs) < 1_500, `${at} is not near ${startMs}`);
    } finally {
      await browser.close();
    }
  });

  test("is ended by a natural pause, and not by those within it", async () => {
    const browser = await Browser.launch("natural", [silence(2.5), answer.samples, silence(60)]);
    try {
      const page = await browser.open(server.url);
      await begin(page, { questions: 2, pace: "Natural" });
      await isCommitted(page, 1);
      await assertHeard(() => heardText(page, 1));
      await question(page, 2);
      await browser.shot(page, "next-question");
    } finally {
      await browser.close();
    }
  });

  test("is heard right, whichever of the shipped answers it is", async () => {
    const spoken = answers.flatMap(({ samples }) => [samples, silence(1.5)]);
    const browser = await Browser.launch("shipped", [silence(2.5), ...spoken, silence(60)]);
    try {
      const page = await browser.open(server.url);
      await begin(page, { pace: "Manual" });
      await question(page, 1);
      const text = answers.map((one) => one.text).join(" ");
      const spokenMs = answers.reduce((sum, { samples }) => sum + seconds(samples) + 1.5, 0) * 1_000;
      await assertHeard(() => heardText(page, 1), text, spokenMs + 60_000);
      await page.getByRole("button", { name: "I’m done" }).click();
      await isCommitted(page, 1);
      await browser.shot(page, "committed");
      await assertHeard(() => heardText(page, 1), text);
    } finally {
      await browser.close();
    }
  });

  test("loses no word when the network is cut in its middle", async () => {
    const line = await Line.open(server.port);
    const browser = await Browser.launch("cut", [silence(2.5), answer.samples, silence(60)]);
    try {
      const page = await browser.open(line.url);
      await begin(page, { pace: "Patient" });
      await wordsShown(page, 5);
      line.cut();
      await page.getByText(/not sent yet/).waitFor();
      await browser.shot(page, "offline");
      // The answer goes on for a while with nobody listening.
      await eventually("seconds wait", async () => Number.parseInt(await unsent(page), 10) >= 3);
      line.restore();
      await page.getByText("Connected").waitFor();
      await isCommitted(page, 1);
      await browser.shot(page, "committed");
      await assertHeard(() => heardText(page, 1));
      await reachReport(page);
      await assertHeard(() => heardText(page, 1));
    } finally {
      await browser.close();
      await line.close();
    }
  });

  test("loses no word when the server is killed in its middle", async () => {
    const own = await Server.start();
    const browser = await Browser.launch("killed", [silence(2.5), answer.samples, silence(60)]);
    try {
      const page = await browser.open(own.url);
      await begin(page, { pace: "Patient" });
      await wordsShown(page, 5);
      await own.crashAndRestart();
      await page.getByText("Connected").waitFor();
      await isCommitted(page, 1);
      await assertHeard(() => heardText(page, 1));
    } finally {
      await browser.close();
      await own.stop();
    }
  });

  test("goes on after a reload in its middle", async () => {
    const half = pauseNearMiddle(answer.samples);
    const browser = await Browser.launch("reload", [silence(2.5), answer.samples.subarray(0, half), silence(60)]);
    try {
      const page = await browser.open(server.url);
      await begin(page, { pace: "Manual" });
      const expected = wordsOf(answer.text).length * (half / answer.samples.length);
      await wordsShown(page, Math.floor(expected * 0.7));
      // The rest of this half, however quickly its beginning was understood.
      await page.waitForTimeout(seconds(answer.samples.subarray(0, half)) * 400 + 500);
      await browser.shot(page, "before");
      browser.microphone([silence(1.5), answer.samples.subarray(half), silence(60)]);
      await page.reload();
      await question(page, 1);
      await browser.shot(page, "after");
      await wordsShown(page, Math.floor(wordsOf(answer.text).length * 0.85));
      await page.waitForTimeout(seconds(answer.samples) * 200 + 1_500);
      await page.getByRole("button", { name: "I’m done" }).click();
      await isCommitted(page, 1);
      await assertHeard(() => heardText(page, 1));
    } finally {
      await browser.close();
    }
  });

  test("arrives whole at 64 kbit/s with half a second of delay", async () => {
    const line = await Line.open(server.port);
    const browser = await Browser.launch("slow", [silence(6), answer.samples, silence(60)]);
    try {
      const page = await browser.open(line.url);
      await page.getByRole("button", { name: "Begin the interview" }).waitFor();
      line.bitsPerSecond = 64_000;
      line.delayMs = 250;
      await begin(page, { pace: "Patient" });
      await wordsShown(page, 4);
      await browser.shot(page, "partials");
      await isCommitted(page, 1);
      await browser.shot(page, "committed");
      await assertHeard(() => heardText(page, 1));
      await reachReport(page);
    } finally {
      await browser.close();
      await line.close();
    }
  });

  test("interrupts the question that is being read aloud", async () => {
    const browser = await Browser.launch("barge-in", [silence(2), answer.samples, silence(60)]);
    try {
      const page = await browser.open(server.url, { init: slowVoice });
      await begin(page, { questions: 2, pace: "Patient" });
      await page.getByText("You interrupted here.").first().waitFor();
      await browser.shot(page, "interrupted");
      const voice = await page.evaluate(() => globalThis.voiceLog);
      assert.ok(voice.spoken.length >= 1, "the question was read");
      assert.ok(voice.cancelledWhileSpeaking >= 1, "the reading stopped");
      await isCommitted(page, 1);
      await assertHeard(() => heardText(page, 1));
    } finally {
      await browser.close();
    }
  });
});

function isInSight(element) {
  const { top, bottom } = element.getBoundingClientRect();
  return top >= 0 && bottom <= innerHeight;
}

async function unsent(page) {
  return (await page.locator(".unsent").textContent())?.replace(/\D+/, "") ?? "0";
}

/** The quietest tenth of a second in the middle third: a gap between words. */
function pauseNearMiddle(samples) {
  const window = 1_600;
  let best = { at: 0, energy: Number.POSITIVE_INFINITY };
  const count = samples.length / 2;
  for (let at = Math.floor(count / 3); at < (count * 2) / 3; at += 160) {
    let energy = 0;
    for (let offset = 0; offset < window; offset += 4) energy += samples.readInt16LE((at + offset) * 2) ** 2;
    if (energy < best.energy) best = { at: at + window / 2, energy };
  }
  return best.at * 2;
}

/** Stands in for the voices that a headless browser lacks: slow, with word boundaries. */
function slowVoice() {
  const log = { spoken: [], cancelledWhileSpeaking: 0 };
  globalThis.voiceLog = log;
  let current;
  const voice = {
    getVoices: () => [{ name: "Slow", lang: "en-US", default: true }],
    addEventListener: () => undefined,
    speak(utterance) {
      log.spoken.push(utterance.text);
      let at = 0;
      utterance.onstart?.({});
      const timer = setInterval(() => {
        at = utterance.text.indexOf(" ", at + 1);
        if (at >= 0) {
          utterance.onboundary?.({ charIndex: at });
          return;
        }
        clearInterval(timer);
        current = undefined;
        utterance.onend?.({});
      }, 600);
      current = timer;
    },
    cancel() {
      if (current === undefined) return;
      clearInterval(current);
      current = undefined;
      log.cancelledWhileSpeaking += 1;
    },
  };
  Object.defineProperty(globalThis, "speechSynthesis", { value: voice });
}
