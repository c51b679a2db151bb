// One live interview: joins the connection, the line of what is said, the line of what is heard and the store. It gives out a
// view and a status and takes what the candidate does. Microphone and voice are beside it, in `recorder` and `question-voice`.

import type { Connection } from "./connection.ts";
import { Emitter } from "./emitter.ts";
import { HeardLine } from "./heard-line.ts";
import { SOCKET_BUFFERED_BYTES_MAX, STATUS_SILENCE_MS } from "./limits.ts";
import { Problem } from "./problem.ts";
import { SaidLine } from "./said-line.ts";
import type { SaidStore } from "./said-store.ts";
import { currentTurn, emptyView, type InterviewView, reduce, viewFromDetail } from "./view.ts";
import type { DurableEvent, EphemeralEvent, Params, Saying, ServerMessage, WireError } from "./wire.ts";
import { isDurable } from "./wire.ts";

export interface InterviewStatus {
  /** Bound: this page is the interview's. Moved: another page or device has taken it over. */
  link: "connecting" | "bound" | "moved" | "over";
  unsentAudioMs: number;
  unsentMessages: number;
  /** No room for more unsent audio: recording has stopped. */
  full: boolean;
  /** False where the browser refuses to keep what is unsent through a reload. */
  kept: boolean;
}

interface InterviewEvents {
  view: InterviewView;
  status: InterviewStatus;
  event: DurableEvent | EphemeralEvent;
  problem: Problem;
  /** Once, when everything that had happened before this page is there. */
  caughtUp: undefined;
}

export class Interview extends Emitter<InterviewEvents> {
  readonly session: string;
  readonly #connection: Connection;
  readonly #store: SaidStore;
  readonly #said: SaidLine;
  readonly #heard = new HeardLine();
  readonly #stops: (() => void)[] = [];
  #view: InterviewView;
  #status: InterviewStatus = { link: "connecting", unsentAudioMs: 0, unsentMessages: 0, full: false, kept: true };
  #keeping: Promise<void> = Promise.resolve();
  #resuming = false;
  #everOnServer: boolean;
  #isCaughtUp = false;
  #statusAt = 0;
  #pingedAt = 0;

  private constructor(connection: Connection, store: SaidStore, session: string, isNew: boolean) {
    super();
    this.session = session;
    this.#connection = connection;
    this.#store = store;
    this.#said = new SaidLine(session);
    this.#view = emptyView(session);
    this.#everOnServer = !isNew;
  }

  /** Begins an interview. It starts on the server as soon as there is a connection. */
  static start(connection: Connection, store: SaidStore, session: string, params: Params): Interview {
    const interview = new Interview(connection, store, session, true);
    interview.#say({ type: "interview.start", params });
    interview.#attach();
    return interview;
  }

  /** Goes on with one, after a reload or on another device. */
  static async resume(connection: Connection, store: SaidStore, session: string): Promise<Interview> {
    const interview = new Interview(connection, store, session, false);
    try {
      interview.#said.restore(await store.load(session));
    } catch {
      interview.#status = { ...interview.#status, kept: false };
    }
    interview.#attach();
    return interview;
  }

  get view(): InterviewView {
    return this.#view;
  }

  get status(): InterviewStatus {
    return this.#status;
  }

  /** Where the audio said so far ends, in the session's media time. */
  get mediaEndMs(): number {
    return this.#said.mediaEndMs;
  }

  sayAudio(mediaMs: number, data: string, audioMs: number): void {
    if (this.#said.isFull) return;
    this.#say({ type: "audio", mediaMs, data }, audioMs);
  }

  endAnswer(): void {
    this.#onCurrentTurn((turn) => ({ type: "answer.end", turn }));
  }

  answerText(text: string): void {
    this.#onCurrentTurn((turn) => ({ type: "answer.text", turn, text }));
  }

  correct(turn: number, text: string): void {
    this.#say({ type: "answer.correct", turn, text });
  }

  skip(): void {
    this.#onCurrentTurn((turn) => ({ type: "question.skip", turn }));
  }

  repeat(): void {
    this.#onCurrentTurn((turn) => ({ type: "question.repeat", turn }));
  }

  rendered(turn: number, attempt: number, chars: number, state: "playing" | "paused" | "done"): void {
    this.#say({ type: "rendered", turn, attempt, chars, state });
  }

  finish(): void {
    this.#say({ type: "interview.finish" });
  }

  /** Takes the interview back after it had moved elsewhere. */
  takeBack(): void {
    if (this.#status.link === "moved") void this.#resume();
  }

  /** Leaves the interview open on the server; this object does nothing more. */
  detach(): void {
    for (const stop of this.#stops.splice(0)) stop();
    this.#connection.watch(false);
  }

  #attach(): void {
    const ticks = setInterval(() => this.#tick(), TICK_MS);
    this.#stops.push(
      () => clearInterval(ticks),
      this.#connection.on("open", () => this.#bind()),
      this.#connection.on("message", (message) => this.#receive(message)),
      this.#connection.on("state", (state) => {
        if (state !== "open" && this.#status.link === "bound") this.#setLink("connecting");
      }),
    );
    this.#connection.watch(true);
    if (this.#connection.state === "open") this.#bind();
  }

  #bind(): void {
    if (this.#status.link === "moved" || this.#status.link === "over") return;
    this.#statusAt = Date.now();
    if (this.#everOnServer) {
      void this.#resume();
    } else {
      this.#everOnServer = true;
      this.#said.sendAllAgain();
      this.#setLink("bound");
      this.#pump();
    }
  }

  async #resume(): Promise<void> {
    if (this.#resuming) return;
    this.#resuming = true;
    const now = Date.now();
    this.#heard.resumeAsked(now);
    try {
      const request = { type: "session.resume", session: this.session, lastSeq: this.#heard.lastSeq } as const;
      const result = await this.#connection.request(request, false);
      this.#forget(this.#said.handleResume(result));
      this.#heard.acceptsEpoch(result.epoch);
      this.#heard.handleHead(result.outboxHeadSeq, Date.now());
      this.#statusAt = Date.now();
      if (this.#status.link !== "over") this.#setLink("bound");
    } catch (cause) {
      this.#handleResumeFailure(Problem.from(cause));
    } finally {
      this.#resuming = false;
    }
    this.#pump();
  }

  #handleResumeFailure(problem: Problem): void {
    if (problem.code === "session_unknown" && this.#said.throughSeq === 0 && this.#said.unsentMessages > 0) {
      // It never reached the server: number 1 is said again.
      this.#said.sendAllAgain();
      this.#setLink("bound");
      return;
    }
    if (problem.code === "session_unknown") {
      this.emit("problem", problem);
      this.#setLink("over");
      return;
    }
    // A lost connection binds again by itself when the next one opens.
    if (problem.code === "connection_lost" || problem.code === "not_connected") return;
    this.emit("problem", problem);
    if (problem.retryable) setTimeout(() => this.#bind(), problem.retryAfterMs ?? STATUS_SILENCE_MS);
    else this.#setLink("over");
  }

  #receive(message: ServerMessage): void {
    if (!("session" in message) || message.session !== this.session) {
      if (message.type === "error") this.#receiveError(message);
      return;
    }
    const now = Date.now();
    switch (message.type) {
      case "session.moved":
        this.#setLink("moved");
        return;
      case "session.events":
        this.#apply(this.#heard.handleBatch({ ...message, events: message.events.filter(isDurable) }, now));
        this.#checkCaughtUp();
        return;
      case "session.reset":
        this.#heard.reset(message.outboxHeadSeq);
        void this.#rebuild();
        return;
      case "session.status":
        if (!this.#heard.acceptsEpoch(message.epoch)) return;
        this.#statusAt = now;
        this.#heard.handleHead(message.outboxHeadSeq, now);
        this.#forget(this.#said.handleStatus(message, now));
        this.#pump();
        return;
      case "speaking":
      case "transcript.partial":
        if (this.#heard.acceptsEpoch(message.epoch)) this.#apply([message]);
        return;
    }
    if (isDurable(message)) this.#apply(this.#heard.handleEvent(message, now));
  }

  #receiveError(error: WireError): void {
    if (error.re?.session !== this.session) return;
    const { seq } = error.re;
    if (seq !== undefined) {
      const retry = { retryable: error.retryable, afterMs: error.retryAfterMs ?? 0 };
      this.#forget(this.#said.handleError(seq, retry, Date.now()));
      if (seq === 1 && !error.retryable && !this.#view.params) this.#setLink("over");
      this.#updateCounts();
    }
    if (!error.retryable || error.code !== "rate_limited") this.emit("problem", Problem.fromWire(error));
  }

  /** After a reset the events are gone, but what they made can be had. */
  async #rebuild(): Promise<void> {
    try {
      const detail = await this.#connection.request({ type: "session.get", session: this.session });
      this.#view = viewFromDetail(detail);
      this.emit("view", this.#view);
    } catch (cause) {
      this.emit("problem", Problem.from(cause));
    }
  }

  #checkCaughtUp(): void {
    if (this.#isCaughtUp || !this.#heard.isComplete) return;
    this.#isCaughtUp = true;
    this.emit("caughtUp", undefined);
  }

  #apply(events: (DurableEvent | EphemeralEvent)[]): void {
    if (events.length === 0) return;
    for (const event of events) this.#view = reduce(this.#view, event);
    this.emit("view", this.#view);
    for (const event of events) this.emit("event", event);
    if (this.#view.finished && this.#status.link !== "over") {
      this.#setLink("over");
      this.#connection.watch(false);
      this.#store.clear(this.session).catch(() => this.#cannotKeep());
    }
  }

  #onCurrentTurn(saying: (turn: number) => Saying): void {
    const turn = currentTurn(this.#view);
    if (turn) this.#say(saying(turn.turn));
  }

  /** Kept first, sent then: a number that the server may know is never given to something else after a reload. */
  #say(saying: Saying, audioMs = 0): void {
    if (this.#status.link === "over") return;
    const entry = this.#said.say(saying, audioMs);
    const keep = () => this.#store.put(this.session, entry).catch(() => this.#cannotKeep());
    this.#keeping = this.#keeping.then(keep).then(() => {
      this.#said.kept(entry.seq);
      this.#pump();
    });
    this.#updateCounts();
  }

  #pump(): void {
    if (this.#status.link !== "bound" || this.#resuming) return;
    while (this.#connection.bufferedBytes < SOCKET_BUFFERED_BYTES_MAX) {
      const entry = this.#said.take(Date.now());
      if (!entry) return;
      if (!this.#connection.send(entry.line)) {
        this.#said.giveBack(entry.seq);
        return;
      }
    }
  }

  #tick(): void {
    const now = Date.now();
    if (this.#status.link !== "bound" || this.#connection.state !== "open") return;
    if (this.#heard.wantsResume(now)) void this.#resume();
    if (now - this.#statusAt > STATUS_SILENCE_MS && now - this.#pingedAt > STATUS_SILENCE_MS) {
      this.#pingedAt = now;
      this.#connection.request({ type: "ping", session: this.session }, false).catch((cause) => {
        const problem = Problem.from(cause);
        if (!problem.retryable) this.emit("problem", problem);
      });
    }
    this.#pump();
  }

  #forget(seqs: number[]): void {
    if (seqs.length > 0) this.#store.drop(this.session, seqs).catch(() => this.#cannotKeep());
    this.#updateCounts();
  }

  #cannotKeep(): void {
    if (this.#status.kept) this.#setStatus({ kept: false });
  }

  #updateCounts(): void {
    const { unsentAudioMs, unsentMessages, isFull: full } = this.#said;
    const { unsentAudioMs: oldMs, unsentMessages: oldMessages, full: oldFull } = this.#status;
    if (unsentAudioMs !== oldMs || unsentMessages !== oldMessages || full !== oldFull) {
      this.#setStatus({ unsentAudioMs, unsentMessages, full });
    }
  }

  #setLink(link: InterviewStatus["link"]): void {
    if (this.#status.link !== link) this.#setStatus({ link });
  }

  #setStatus(change: Partial<InterviewStatus>): void {
    this.#status = { ...this.#status, ...change };
    this.emit("status", this.#status);
  }
}

const TICK_MS = 100;
