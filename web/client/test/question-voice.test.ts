import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Emitter } from "../src/emitter.ts";
import type { Interview } from "../src/interview.ts";
import { QuestionVoice, type VoiceProgress } from "../src/question-voice.ts";
import type { DurableEvent } from "../src/wire.ts";

interface Utterance {
  text: string;
  lang: string;
  onstart?: () => void;
  onend?: () => void;
  onerror?: () => void;
  onboundary?: (event: { charIndex: number }) => void;
}

/** The browser's voice, moved by hand. */
class Voice {
  spoken: Utterance[] = [];
  cancels = 0;

  get now(): Utterance {
    return this.spoken.at(-1) as Utterance;
  }

  speak(utterance: Utterance): void {
    this.spoken.push(utterance);
    utterance.onstart?.();
  }

  cancel(): void {
    this.cancels += 1;
  }
}

class Listener extends Emitter<{ event: DurableEvent }> {
  rendered = vi.fn();

  say(type: string, fields: object = {}): void {
    this.emit("event", { type, session: "s", seq: 1, turn: 1, attempt: 1, ...fields } as DurableEvent);
  }
}

let voice: Voice;
let interview: Listener;
let reader: QuestionVoice;
let progress: VoiceProgress[];

beforeEach(() => {
  vi.useFakeTimers();
  voice = new Voice();
  vi.stubGlobal("speechSynthesis", voice);
  vi.stubGlobal(
    "SpeechSynthesisUtterance",
    class {
      constructor(public text: string) {}
    },
  );
  interview = new Listener();
  progress = [];
  reader = new QuestionVoice(interview as unknown as Interview, "en-US", (one) => progress.push(one));
});

afterEach(() => {
  reader.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function ask(text: string): void {
  interview.say("question.started");
  interview.say("question.delta", { text });
}

describe("a question read aloud", () => {
  test("is spoken sentence by sentence while it streams in, and reported at its start and end", () => {
    ask("Thank you. And wh");
    expect(voice.spoken.map(({ text }) => text)).toEqual(["Thank you. "]);
    interview.say("question.delta", { text: "y?" });
    voice.now.onend?.();
    expect(voice.spoken).toHaveLength(1);
    interview.say("question.done", { text: "Thank you. And why?" });
    expect(voice.spoken.map(({ text }) => text)).toEqual(["Thank you. ", "And why?"]);
    voice.now.onend?.();
    expect(interview.rendered.mock.calls).toEqual([
      [1, 1, 0, "playing"],
      [1, 1, 19, "done"],
    ]);
    expect(progress.at(-1)).toEqual({ turn: 1, units: 19, isSpeaking: false });
  });

  test("is reported each second, by its words where the voice tells them", () => {
    ask("What is a cache for? ");
    voice.now.onboundary?.({ charIndex: 8 });
    vi.advanceTimersByTime(1_000);
    expect(interview.rendered).toHaveBeenLastCalledWith(1, 1, 8, "playing");
  });

  test("is reported by time where the voice does not tell its words", () => {
    ask("What is a cache for, and who would want one at all? ");
    vi.advanceTimersByTime(1_000);
    expect(interview.rendered).toHaveBeenLastCalledWith(1, 1, 14, "playing");
  });

  test("stops at once when it is held and goes on from the last word when it is resumed", () => {
    ask("What is a cache for? ");
    const held = voice.now;
    held.onboundary?.({ charIndex: 10 });
    const before = voice.cancels;
    interview.say("question.held");
    expect(voice.cancels).toBe(before + 1);
    expect(interview.rendered).toHaveBeenLastCalledWith(1, 1, 10, "paused");
    held.onend?.();
    expect(voice.spoken).toHaveLength(1);
    interview.say("question.resumed");
    expect(voice.now.text).toBe("cache for? ");
    voice.now.onboundary?.({ charIndex: 6 });
    vi.advanceTimersByTime(1_000);
    expect(interview.rendered).toHaveBeenLastCalledWith(1, 1, 16, "playing");
  });

  test("is silent after it was cancelled, and so are its late pieces", () => {
    ask("What is a cache for? ");
    interview.say("question.cancelled", { text: "What is a cache for? ", reason: "barge_in" });
    interview.say("question.delta", { text: "And why? " });
    vi.advanceTimersByTime(3_000);
    expect(voice.spoken).toHaveLength(1);
    expect(interview.rendered).toHaveBeenCalledTimes(1);
    expect(progress.at(-1)?.isSpeaking).toBe(false);
  });

  test("is shown to its end when the voice fails or is told to be quiet", () => {
    ask("One. Two. ");
    voice.now.onerror?.();
    expect(voice.now.text).toBe("Two. ");
    reader.quiet();
    interview.say("question.done", { text: "One. Two. Three." });
    expect(interview.rendered).toHaveBeenLastCalledWith(1, 1, 16, "done");
  });
});
