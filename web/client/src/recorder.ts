// From the microphone into an interview: encodes, bundles, places in media time, lowers the bit rate on a backlog, and stops
// when there is no more room for unsent audio. It says nothing about turns.

import { Emitter } from "./emitter.ts";
import { createEncoder, type SpeechEncoder } from "./encoder.ts";
import type { Interview } from "./interview.ts";
import {
  AWAY_GAP_MS,
  BACKLOG_MS_SLOW,
  BACKLOG_MS_SLOWEST,
  OPUS_BITS_PER_SECOND,
  OPUS_BITS_PER_SECOND_SLOW,
  OPUS_BITS_PER_SECOND_SLOWEST,
  OPUS_FRAME_MS,
} from "./limits.ts";
import { MediaTimeline } from "./media-timeline.ts";
import type { CapturedBlock, Microphone } from "./microphone.ts";
import { Problem } from "./problem.ts";
import type { AudioFormat } from "./wire.ts";

export type RecorderState = "recording" | "muted" | "full" | "blocked" | "failed" | "closed";

interface RecorderEvents {
  state: RecorderState;
  /** The loudness of each block, 0 to 1. */
  level: number;
  problem: Problem;
}

export class Recorder extends Emitter<RecorderEvents> {
  readonly #interview: Interview;
  readonly #microphone: Microphone;
  readonly #encoder: SpeechEncoder;
  readonly #timeline: MediaTimeline;
  readonly #stopWatching: () => void;
  #state: RecorderState = "recording";

  constructor(interview: Interview, microphone: Microphone, format: AudioFormat) {
    super();
    this.#interview = interview;
    this.#microphone = microphone;
    const before = interview.mediaEndMs;
    this.#timeline = new MediaTimeline(before > 0 ? Math.ceil(before) + AWAY_GAP_MS : 0);
    this.#encoder = createEncoder(
      format,
      ({ mediaMs, data, audioMs }) => interview.sayAudio(mediaMs, data, audioMs),
      (cause) => this.#fail(new Problem("encoder_failed", String(cause))),
    );
    this.#stopWatching = interview.on("status", ({ unsentAudioMs, full }) => this.#adapt(unsentAudioMs, full));
    microphone.onBlock((block) => this.#take(block));
    microphone.onLost(() => this.#fail(new Problem("microphone_lost", "The microphone was taken away.")));
    if (!microphone.isRunning) this.#setState("blocked");
  }

  get state(): RecorderState {
    return this.#state;
  }

  mute(on: boolean): void {
    if (this.#state === "closed" || this.#state === "failed") return;
    if (!on && this.#interview.status.full) return;
    if (on) this.#encoder.flush();
    this.#microphone.mute(on);
    this.#setState(on ? "muted" : this.#microphone.isRunning ? "recording" : "blocked");
  }

  /** After a click, where the browser had asked for one. */
  async unblock(): Promise<void> {
    await this.#microphone.resume();
    if (this.#state === "blocked") this.#setState("recording");
  }

  /** Gives out what was captured so far, so that what is said next falls after it. */
  flush(): void {
    this.#encoder.flush();
  }

  close(): void {
    if (this.#state === "closed") return;
    this.#stopWatching();
    this.#encoder.flush();
    this.#encoder.close();
    this.#microphone.close();
    this.#setState("closed");
  }

  #take(block: CapturedBlock): void {
    if (this.#state === "blocked") this.#setState("recording");
    if (this.#state !== "recording") return;
    this.emit("level", block.level);
    this.#encoder.encode(block.samples, this.#timeline.place(OPUS_FRAME_MS, block.atMs));
  }

  #adapt(unsentAudioMs: number, full: boolean): void {
    if (full && this.#state === "recording") {
      this.#microphone.mute(true);
      this.#setState("full");
    }
    if (unsentAudioMs > BACKLOG_MS_SLOWEST) this.#encoder.setBitsPerSecond(OPUS_BITS_PER_SECOND_SLOWEST);
    else if (unsentAudioMs > BACKLOG_MS_SLOW) this.#encoder.setBitsPerSecond(OPUS_BITS_PER_SECOND_SLOW);
    else if (unsentAudioMs < BACKLOG_MS_SLOW / 2) this.#encoder.setBitsPerSecond(OPUS_BITS_PER_SECOND);
  }

  #fail(problem: Problem): void {
    if (this.#state === "closed") return;
    this.#setState("failed");
    this.emit("problem", problem);
  }

  #setState(state: RecorderState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.emit("state", state);
  }
}
