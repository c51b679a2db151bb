// What the server says in one session: numbered events are given on in order, each once; unnumbered ones only from the newest
// worker. Pure: time is passed in. It does not know what the events mean.

import { EARLY_EVENTS_MAX, GAP_MS, REQUEST_MS_MAX } from "./limits.ts";
import type { DurableEvent } from "./wire.ts";

export class HeardLine {
  #lastSeq = 0;
  #headSeq = 0;
  #epoch = 0;
  #early = new Map<number, DurableEvent>();
  #gapSince: number | undefined;

  get lastSeq(): number {
    return this.#lastSeq;
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** True where nothing is known that was not given on. */
  get isComplete(): boolean {
    return this.#lastSeq > 0 && this.#lastSeq >= this.#headSeq;
  }

  /** Returns the events that may be applied now. */
  handleEvent(event: DurableEvent, now: number): DurableEvent[] {
    if (event.seq <= this.#lastSeq || this.#early.has(event.seq)) return [];
    if (event.type === "session.continued") this.#epoch = Math.max(this.#epoch, event.epoch);
    if (this.#early.size < EARLY_EVENTS_MAX || event.seq === this.#lastSeq + 1) this.#early.set(event.seq, event);
    this.#headSeq = Math.max(this.#headSeq, event.seq);
    return this.#drain(now);
  }

  /** A batch replayed by the server. It may leave out what no longer matters, so that its end counts, not its length. */
  handleBatch(batch: { fromSeq: number; throughSeq: number; events: DurableEvent[] }, now: number): DurableEvent[] {
    if (batch.fromSeq > this.#lastSeq + 1) {
      this.#headSeq = Math.max(this.#headSeq, batch.throughSeq);
      this.#watchGap(now);
      return [];
    }
    const ready = batch.events.filter((event) => event.seq > this.#lastSeq).sort((one, other) => one.seq - other.seq);
    for (const event of ready) {
      if (event.type === "session.continued") this.#epoch = Math.max(this.#epoch, event.epoch);
    }
    this.#lastSeq = Math.max(this.#lastSeq, batch.throughSeq);
    this.#headSeq = Math.max(this.#headSeq, this.#lastSeq);
    this.#gapSince = undefined;
    return [...ready, ...this.#drain(now)];
  }

  /** True where an unnumbered event comes from the newest worker known. */
  acceptsEpoch(epoch: number): boolean {
    if (epoch < this.#epoch) return false;
    this.#epoch = epoch;
    return true;
  }

  /** The server's newest number, from a status or a resume: a lost tail shows in nothing else. */
  handleHead(seq: number, now: number): void {
    this.#headSeq = Math.max(this.#headSeq, seq);
    this.#watchGap(now);
  }

  /** After `session.reset` the numbers before the head are gone. */
  reset(headSeq: number): void {
    this.#lastSeq = headSeq;
    this.#headSeq = headSeq;
    this.#early.clear();
    this.#gapSince = undefined;
  }

  /** True when a gap has lasted so long that the events are to be asked for. */
  wantsResume(now: number): boolean {
    return this.#gapSince !== undefined && now - this.#gapSince >= GAP_MS;
  }

  resumeAsked(now: number): void {
    // The next question waits until the answer to this one must have come.
    if (this.#gapSince !== undefined) this.#gapSince = now + REQUEST_MS_MAX / 4;
  }

  #drain(now: number): DurableEvent[] {
    const ready: DurableEvent[] = [];
    for (;;) {
      const event = this.#early.get(this.#lastSeq + 1);
      if (!event) break;
      this.#early.delete(event.seq);
      this.#lastSeq = event.seq;
      ready.push(event);
    }
    for (const seq of this.#early.keys()) {
      if (seq <= this.#lastSeq) this.#early.delete(seq);
    }
    if (ready.length > 0) this.#gapSince = undefined;
    this.#watchGap(now);
    return ready;
  }

  #watchGap(now: number): void {
    if (this.#headSeq <= this.#lastSeq) this.#gapSince = undefined;
    else this.#gapSince ??= now;
  }
}
