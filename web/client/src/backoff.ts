// Exponential backoff with jitter: half of each delay is fixed, half random, so that many clients do not return at once.

import { BACKOFF_MS_MAX, BACKOFF_MS_MIN } from "./limits.ts";

export class Backoff {
  #failures = 0;
  readonly #random: () => number;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  nextDelayMs(): number {
    const ceiling = Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN * 2 ** this.#failures);
    this.#failures += 1;
    return ceiling / 2 + (ceiling / 2) * this.#random();
  }

  reset(): void {
    this.#failures = 0;
  }
}
