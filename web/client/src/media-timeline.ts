// Where captured blocks lie in the session's audio. Samples count; the clock only shows where samples are missing, after a
// mute or when the device had stopped. Pure.

import { CAPTURE_GAP_MS } from "./limits.ts";

export class MediaTimeline {
  #nextMs: number;
  #lastAtMs: number | undefined;

  /** `fromMs`: where the audio ended before. */
  constructor(fromMs: number) {
    this.#nextMs = fromMs;
  }

  /** The position of a block of `audioMs` whose last sample was taken at `atMs`. */
  place(audioMs: number, atMs: number): number {
    if (this.#lastAtMs !== undefined) {
      const aheadMs = atMs - this.#lastAtMs - audioMs;
      if (aheadMs > CAPTURE_GAP_MS) {
        this.#nextMs += Math.round(aheadMs);
        this.#lastAtMs = atMs - audioMs;
      }
    }
    const mediaMs = this.#nextMs;
    this.#nextMs += audioMs;
    // The samples' own count goes on, so that small delays of the clock do not add up to a gap.
    this.#lastAtMs = this.#lastAtMs === undefined ? atMs : this.#lastAtMs + audioMs;
    return mediaMs;
  }
}
