// What the client says in one session, in one line: numbers, credit, acknowledgement, holes, sending again, and the pace at
// which a backlog goes out. Pure: time is passed in, and what to send is asked for. It does no I/O.

import {
  CATCH_UP_BURST_MS,
  CATCH_UP_RATE,
  HOLE_RESEND_MS,
  RESEND_MS,
  RETRY_MS_MIN,
  UNSENT_AUDIO_MS_MAX,
  WINDOW_SEQS_FIRST,
} from "./limits.ts";
import type { ResumeResult, Saying, SessionStatus } from "./wire.ts";

/** A numbered message as it goes over the wire, again and again the same bytes. */
export interface SaidEntry {
  seq: number;
  line: string;
  audioMs: number;
  /** Where its audio ends in the session, 0 for what is not audio. */
  mediaEndMs: number;
}

interface Waiting extends SaidEntry {
  kept: boolean;
  sentAt: number | undefined;
}

export class SaidLine {
  readonly session: string;
  #waiting = new Map<number, Waiting>();
  #nextSeq = 1;
  #throughSeq = 0;
  #windowThroughSeq = WINDOW_SEQS_FIRST;
  #mediaEndMs = 0;
  #unsentAudioMs = 0;
  #creditMs = CATCH_UP_BURST_MS;
  #creditAt: number | undefined;
  #notBefore = 0;

  constructor(session: string) {
    this.session = session;
  }

  /** Audio that the server has not acknowledged, in milliseconds. */
  get unsentAudioMs(): number {
    return this.#unsentAudioMs;
  }

  get unsentMessages(): number {
    return this.#waiting.size;
  }

  get isFull(): boolean {
    return this.#unsentAudioMs >= UNSENT_AUDIO_MS_MAX;
  }

  /** Where the audio said so far ends. */
  get mediaEndMs(): number {
    return this.#mediaEndMs;
  }

  get throughSeq(): number {
    return this.#throughSeq;
  }

  /** Numbers what is said. It may be sent once `kept` was called for it. */
  say(saying: Saying, audioMs = 0): SaidEntry {
    const seq = this.#nextSeq++;
    const { type, ...fields } = saying;
    const line = JSON.stringify({ type, session: this.session, seq, ...fields });
    const mediaEndMs = saying.type === "audio" ? saying.mediaMs + audioMs : 0;
    const entry = { seq, line, audioMs, mediaEndMs };
    this.#insert(entry, false);
    return entry;
  }

  /** Takes what an earlier page had kept. */
  restore(entries: SaidEntry[]): void {
    for (const entry of entries) {
      if (entry.seq <= this.#throughSeq || this.#waiting.has(entry.seq)) continue;
      this.#insert(entry, true);
      this.#nextSeq = Math.max(this.#nextSeq, entry.seq + 1);
    }
  }

  kept(seq: number): void {
    const entry = this.#waiting.get(seq);
    if (entry) entry.kept = true;
  }

  /** The next message to send now; the caller sends it and calls again. */
  take(now: number): SaidEntry | undefined {
    if (now < this.#notBefore) return undefined;
    this.#earnCredit(now);
    for (const entry of this.#inOrder()) {
      if (entry.sentAt !== undefined) continue;
      if (!entry.kept || entry.seq > this.#windowThroughSeq) return undefined;
      if (entry.audioMs > 0 && this.#creditMs <= 0) return undefined;
      this.#creditMs -= entry.audioMs;
      entry.sentAt = now;
      return entry;
    }
    return undefined;
  }

  /** A message that the socket did not take after all. */
  giveBack(seq: number): void {
    const entry = this.#waiting.get(seq);
    if (entry) entry.sentAt = undefined;
  }

  /** Returns the numbers that need not be kept any more. */
  handleStatus(status: Pick<SessionStatus, "inboxThroughSeq" | "windowThroughSeq" | "missing">, now: number): number[] {
    const settled = this.#settleThrough(status.inboxThroughSeq ?? 0);
    this.#windowThroughSeq = Math.max(this.#windowThroughSeq, status.windowThroughSeq ?? 0);
    for (const entry of this.#waiting.values()) {
      if (entry.sentAt !== undefined && now - entry.sentAt >= RESEND_MS) entry.sentAt = undefined;
    }
    for (const hole of status.missing ?? []) {
      for (let seq = hole.fromSeq; seq <= hole.throughSeq; seq += 1) {
        const entry = this.#waiting.get(seq);
        if (entry?.sentAt !== undefined && now - entry.sentAt >= HOLE_RESEND_MS) entry.sentAt = undefined;
      }
    }
    return settled;
  }

  handleResume(result: ResumeResult): number[] {
    const settled = this.#settleThrough(result.inboxThroughSeq);
    this.#windowThroughSeq = Math.max(this.#windowThroughSeq, result.windowThroughSeq);
    this.#nextSeq = Math.max(this.#nextSeq, result.inboxHeadSeq + 1);
    this.#mediaEndMs = Math.max(this.#mediaEndMs, result.mediaMs);
    this.sendAllAgain();
    return settled;
  }

  /** On another connection nothing counts as sent. */
  sendAllAgain(): void {
    for (const entry of this.#waiting.values()) entry.sentAt = undefined;
    this.#notBefore = 0;
  }

  /** An error about a number: to be sent again, or spent. Returns the numbers that need not be kept any more. */
  handleError(seq: number, retry: { retryable: boolean; afterMs: number }, now: number): number[] {
    const entry = this.#waiting.get(seq);
    if (!entry) return [];
    if (retry.retryable) {
      entry.sentAt = undefined;
      this.#notBefore = now + Math.max(RETRY_MS_MIN, retry.afterMs);
      return [];
    }
    this.#remove(entry);
    return [seq];
  }

  #insert(entry: SaidEntry, kept: boolean): void {
    this.#waiting.set(entry.seq, { ...entry, kept, sentAt: undefined });
    this.#unsentAudioMs += entry.audioMs;
    this.#mediaEndMs = Math.max(this.#mediaEndMs, entry.mediaEndMs);
  }

  #remove(entry: Waiting): void {
    this.#waiting.delete(entry.seq);
    this.#unsentAudioMs -= entry.audioMs;
  }

  #settleThrough(seq: number): number[] {
    this.#throughSeq = Math.max(this.#throughSeq, seq);
    this.#nextSeq = Math.max(this.#nextSeq, this.#throughSeq + 1);
    const settled = [...this.#waiting.values()].filter((entry) => entry.seq <= this.#throughSeq);
    for (const entry of settled) this.#remove(entry);
    return settled.map((entry) => entry.seq);
  }

  #inOrder(): Waiting[] {
    return [...this.#waiting.values()].sort((one, other) => one.seq - other.seq);
  }

  #earnCredit(now: number): void {
    const elapsed = now - (this.#creditAt ?? now);
    this.#creditAt = now;
    this.#creditMs = Math.min(CATCH_UP_BURST_MS, this.#creditMs + elapsed * CATCH_UP_RATE);
  }
}
