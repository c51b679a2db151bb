// Reads questions aloud with the browser's own voice, sentence by sentence while they stream in, and reports how far it is. It
// stops at once when the question is held or cancelled, and goes on from the last word when it is resumed.

import { scalarsIn } from "./chars.ts";
import type { Interview } from "./interview.ts";
import { RENDERED_EVERY_MS, VOICE_CHARS_PER_SECOND } from "./limits.ts";
import { type Sentence, sentencesFrom } from "./sentences.ts";
import type { DurableEvent, EphemeralEvent } from "./wire.ts";

export interface VoiceProgress {
  turn: number;
  /** Spoken so far, in UTF-16 units of the question's text. */
  units: number;
  isSpeaking: boolean;
}

/** Voices may come late; no voices mean that questions are shown only. */
export async function voicesAvailable(waitMs = 700): Promise<boolean> {
  if (typeof speechSynthesis === "undefined") return false;
  if (speechSynthesis.getVoices().length > 0) return true;
  await new Promise<void>((resolve) => {
    setTimeout(resolve, waitMs);
    speechSynthesis.addEventListener?.("voiceschanged", () => resolve(), { once: true });
  });
  return speechSynthesis.getVoices().length > 0;
}

interface Reading {
  turn: number;
  attempt: number;
  text: string;
  isWhole: boolean;
  isHeld: boolean;
  /** Shown only, from here on. */
  isQuiet: boolean;
  isReported: boolean;
  /** Up to here the text was given to the voice. */
  queued: number;
  /** Up to here it was spoken. */
  spoken: number;
  current: Sentence | undefined;
  currentSince: number;
  hasBoundaries: boolean;
}

export class QuestionVoice {
  readonly #interview: Interview;
  readonly #language: string;
  readonly #onProgress: (progress: VoiceProgress) => void;
  readonly #stops: (() => void)[];
  #reading: Reading | undefined;
  #utterance: SpeechSynthesisUtterance | undefined;

  constructor(interview: Interview, language: string, onProgress: (progress: VoiceProgress) => void) {
    this.#interview = interview;
    this.#language = language;
    this.#onProgress = onProgress;
    const reports = setInterval(() => this.#report("playing"), RENDERED_EVERY_MS);
    this.#stops = [() => clearInterval(reports), interview.on("event", (event) => this.#handle(event))];
  }

  close(): void {
    for (const stop of this.#stops.splice(0)) stop();
    this.#silence();
    this.#reading = undefined;
  }

  /** Stops reading this question aloud; the rest counts as shown. */
  quiet(): void {
    const reading = this.#reading;
    if (!reading) return;
    this.#silence();
    reading.isQuiet = true;
    reading.current = undefined;
    this.#tell(reading);
    this.#next();
  }

  #handle(event: DurableEvent | EphemeralEvent): void {
    if (event.type === "question.started") this.#begin(event.turn, event.attempt);
    if (!("attempt" in event && "turn" in event)) return;
    if (event.attempt !== this.#reading?.attempt || event.turn !== this.#reading.turn) return;
    const reading = this.#reading;
    switch (event.type) {
      case "question.delta":
        reading.text += event.text;
        this.#next();
        return;
      case "question.done":
        reading.text = event.text;
        reading.isWhole = true;
        this.#next();
        return;
      case "question.held":
        this.#hold(reading);
        return;
      case "question.resumed":
        reading.isHeld = false;
        this.#next();
        return;
      case "question.cancelled":
        this.#stop(reading);
    }
  }

  #begin(turn: number, attempt: number): void {
    this.#silence();
    this.#reading = {
      turn,
      attempt,
      text: "",
      isWhole: false,
      isHeld: false,
      isQuiet: false,
      isReported: false,
      queued: 0,
      spoken: 0,
      current: undefined,
      currentSince: 0,
      hasBoundaries: false,
    };
  }

  #next(): void {
    const reading = this.#reading;
    if (!reading || reading.isHeld || reading.current) return;
    const sentence = reading.isQuiet ? undefined : sentencesFrom(reading.text, reading.queued, reading.isWhole)[0];
    if (sentence) {
      this.#speak(reading, sentence);
    } else if (reading.isWhole) {
      reading.spoken = reading.text.length;
      this.#report("done");
      this.#reading = undefined;
      this.#onProgress({ turn: reading.turn, units: reading.spoken, isSpeaking: false });
    }
  }

  #speak(reading: Reading, sentence: Sentence): void {
    const utterance = new SpeechSynthesisUtterance(sentence.text);
    utterance.lang = this.#language;
    reading.current = sentence;
    reading.queued = sentence.start + sentence.text.length;
    utterance.onstart = () => {
      reading.currentSince = Date.now();
      if (!reading.isReported) this.#report("playing");
      reading.isReported = true;
      this.#tell(reading);
    };
    utterance.onboundary = (event) => {
      if (this.#utterance !== utterance) return;
      reading.hasBoundaries = true;
      reading.spoken = sentence.start + event.charIndex;
      this.#tell(reading);
    };
    const over = () => {
      if (this.#utterance !== utterance) return;
      this.#utterance = undefined;
      reading.current = undefined;
      reading.spoken = reading.queued;
      this.#next();
    };
    utterance.onend = over;
    // A voice that fails must not hold up the interview: the text is there to read.
    utterance.onerror = over;
    this.#utterance = utterance;
    speechSynthesis.speak(utterance);
  }

  /** `pause` of the browsers' voices is unreliable, so that the rest is spoken anew from the last word. */
  #hold(reading: Reading): void {
    // Back to the beginning of the word, so that none is spoken in halves.
    reading.spoken = reading.text.lastIndexOf(" ", this.#position(reading) - 1) + 1;
    this.#silence();
    reading.isHeld = true;
    reading.current = undefined;
    reading.queued = reading.spoken;
    this.#report("paused");
    this.#tell(reading);
  }

  #stop(reading: Reading): void {
    reading.spoken = this.#position(reading);
    this.#silence();
    this.#reading = undefined;
    this.#onProgress({ turn: reading.turn, units: reading.spoken, isSpeaking: false });
  }

  #silence(): void {
    this.#utterance = undefined;
    speechSynthesis.cancel();
  }

  #position(reading: Reading): number {
    const { current, hasBoundaries, spoken, currentSince } = reading;
    if (!current || hasBoundaries || currentSince === 0) return spoken;
    const estimate = Math.round(((Date.now() - currentSince) / 1_000) * VOICE_CHARS_PER_SECOND);
    return Math.max(spoken, current.start + Math.min(estimate, current.text.length));
  }

  #report(state: "playing" | "paused" | "done"): void {
    const reading = this.#reading;
    if (!reading || (state === "playing" && !reading.current)) return;
    if (state === "playing") reading.spoken = this.#position(reading);
    this.#interview.rendered(reading.turn, reading.attempt, scalarsIn(reading.text, reading.spoken), state);
    if (state === "playing") this.#tell(reading);
  }

  #tell(reading: Reading): void {
    this.#onProgress({ turn: reading.turn, units: reading.spoken, isSpeaking: reading.current !== undefined });
  }
}
