// One WebSocket to the gateway that is opened again whenever it is lost. It carries requests and their answers and hands
// on everything else. It knows nothing of sessions: numbering and resuming are `said-line`'s and `heard-line`'s.

import { Backoff } from "./backoff.ts";
import { Emitter } from "./emitter.ts";
import {
  CONNECT_MS_MAX,
  DEAD_CONNECTION_MS,
  REQUEST_MS_MAX,
  STATUS_SILENCE_MS,
  TOKEN_RENEW_AGAIN_MS,
  TOKEN_RENEW_BEFORE_MS,
} from "./limits.ts";
import { Problem } from "./problem.ts";
import type { Welcome } from "./wire.ts";
import {
  BEARER_PREFIX,
  type ClientInfo,
  decode,
  type Request,
  type ResultFor,
  type ServerMessage,
  subprotocol,
} from "./wire.ts";

export type ConnectionState = "connecting" | "open" | "waiting" | "closed";

export interface ConnectionOptions {
  url: string;
  /** Gives a token. `renew` asks for a fresh one, because the last was refused or is about to expire. */
  token: (renew: boolean) => Promise<string>;
  client?: ClientInfo;
  webSocket?: typeof WebSocket;
  random?: () => number;
}

interface ConnectionEvents {
  state: ConnectionState;
  open: Welcome;
  message: ServerMessage;
  problem: Problem;
}

interface Pending {
  request: Request;
  /** A request that means this very connection (resume, ping) is not repeated on the next. */
  lasting: boolean;
  resolve: (result: object) => void;
  reject: (problem: Problem) => void;
  timer: ReturnType<typeof setTimeout>;
}

export class Connection extends Emitter<ConnectionEvents> {
  readonly #options: ConnectionOptions;
  readonly #backoff: Backoff;
  #state: ConnectionState = "closed";
  #current: WebSocket | undefined;
  #opening: WebSocket | undefined;
  #welcome: Welcome | undefined;
  #requests = new Map<string, Pending>();
  #nextId = 1;
  #heardAt = 0;
  #renewToken = false;
  #renewing = false;
  #watched = false;
  #attempt = 0;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #renewTimer: ReturnType<typeof setTimeout> | undefined;
  #pulse: ReturnType<typeof setInterval> | undefined;
  #stopListening: (() => void) | undefined;

  constructor(options: ConnectionOptions) {
    super();
    this.#options = options;
    this.#backoff = new Backoff(options.random);
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get welcome(): Welcome | undefined {
    return this.#welcome;
  }

  /** Bytes that wait in the browser's socket buffer. */
  get bufferedBytes(): number {
    return this.#current?.bufferedAmount ?? 0;
  }

  /** While watched (a session is live), a connection that has gone silent is noticed and replaced. */
  watch(on: boolean): void {
    this.#watched = on;
    this.#heardAt = Date.now();
  }

  open(): void {
    if (this.#state !== "closed") return;
    this.#pulse = setInterval(() => this.#checkLife(), 1_000);
    const online = () => this.#reconnectNow();
    globalThis.addEventListener?.("online", online);
    this.#stopListening = () => globalThis.removeEventListener?.("online", online);
    this.#connect();
  }

  close(): void {
    this.#attempt += 1;
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#renewTimer);
    clearInterval(this.#pulse);
    this.#stopListening?.();
    this.#opening?.close();
    this.#current?.close();
    this.#opening = undefined;
    this.#current = undefined;
    for (const id of [...this.#requests.keys()]) this.#reject(id, new Problem("connection_closed", "closed"));
    this.#setState("closed");
  }

  /** Sends a line as it stands; false where there is no open connection. */
  send(line: string): boolean {
    if (this.#state !== "open" || this.#current?.readyState !== 1) return false;
    this.#current.send(line);
    return true;
  }

  /** Sends a request once there is a connection, and again on the next one if it was lost before the answer. */
  request<One extends Request>(request: One, lasting = true): Promise<ResultFor<One["type"]>> {
    if (!lasting && this.#state !== "open") {
      return Promise.reject(new Problem("not_connected", "There is no connection.", true));
    }
    const id = `r${this.#nextId++}`;
    return new Promise((give, reject) => {
      const resolve = give as (result: object) => void;
      const expire = () => this.#reject(id, new Problem("no_answer", "The server did not answer.", true));
      const timer = setTimeout(expire, REQUEST_MS_MAX);
      this.#requests.set(id, { request, lasting, resolve, reject, timer });
      this.send(JSON.stringify({ ...request, id }));
    });
  }

  #connect(): void {
    const attempt = ++this.#attempt;
    clearTimeout(this.#retryTimer);
    if (this.#state !== "open") this.#setState("connecting");
    this.#options.token(this.#renewToken).then(
      (token) => {
        if (attempt === this.#attempt) this.#openSocket(token, attempt);
      },
      (cause) => {
        if (attempt !== this.#attempt) return;
        this.emit("problem", Problem.from(cause, "token_unavailable"));
        this.#retryLater();
      },
    );
  }

  #openSocket(token: string, attempt: number): void {
    const WebSocketClass = this.#options.webSocket ?? WebSocket;
    const socket = new WebSocketClass(this.#options.url, [subprotocol, BEARER_PREFIX + token]);
    this.#opening = socket;
    const giveUp = setTimeout(() => socket.close(), CONNECT_MS_MAX);
    socket.onopen = () => {
      const hello = { type: "hello", id: "hello", client: this.#options.client ?? CLIENT, features: [] };
      socket.send(JSON.stringify(hello));
    };
    socket.onmessage = (event: MessageEvent) => {
      const message = typeof event.data === "string" ? decode(event.data) : undefined;
      if (!message) return;
      if (socket === this.#opening && message.type === "welcome") {
        clearTimeout(giveUp);
        this.#adopt(socket);
      }
      if (socket === this.#current) this.#receive(message);
      else if (message.type === "error") this.emit("problem", Problem.fromWire(message));
    };
    socket.onclose = () => {
      clearTimeout(giveUp);
      if (socket === this.#current) this.#lose();
      else if (socket === this.#opening && attempt === this.#attempt) {
        // The handshake does not tell why it was refused; a stale token is one reason that we can mend.
        this.#opening = undefined;
        this.#renewToken = true;
        this.#retryLater();
      }
    };
  }

  /** The new socket takes over; the old one, still open where the server had said `goAway`, is closed. */
  #adopt(socket: WebSocket): void {
    const old = this.#current;
    this.#current = socket;
    this.#opening = undefined;
    this.#renewToken = false;
    this.#backoff.reset();
    if (old) {
      old.close();
      this.#dropFleeting();
    }
  }

  #receive(message: ServerMessage): void {
    this.#heardAt = Date.now();
    switch (message.type) {
      case "welcome":
        this.#welcome = message;
        this.#planRenewal(message.expiresUnixMs);
        this.#setState("open");
        for (const [id, pending] of this.#requests) this.send(JSON.stringify({ ...pending.request, id }));
        this.emit("open", message);
        return;
      case "pong":
        if (message.id !== undefined) this.#resolve(message.id, {});
        return;
      case "result":
        this.#resolve(message.id, message);
        return;
      case "goAway":
        this.#leave(message.reason);
        return;
      case "error":
        if (message.code === "token_expired") void this.#renew();
        if (message.re?.id !== undefined) {
          this.#reject(message.re.id, Problem.fromWire(message));
          return;
        }
    }
    this.emit("message", message);
  }

  #leave(reason: string): void {
    if (reason === "token_expired") void this.#renew();
    else if (reason !== "idle" || this.#watched) this.#connect();
  }

  #lose(): void {
    this.#current = undefined;
    this.#dropFleeting();
    if (this.#opening) this.#setState("connecting");
    else this.#retryLater();
  }

  #dropFleeting(): void {
    for (const [id, pending] of this.#requests) {
      if (!pending.lasting) this.#reject(id, new Problem("connection_lost", "The connection was lost.", true));
    }
  }

  #retryLater(): void {
    if (this.#state === "closed") return;
    if (!this.#current) this.#setState("waiting");
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => this.#connect(), this.#backoff.nextDelayMs());
  }

  #reconnectNow(): void {
    if (this.#state === "waiting") this.#connect();
  }

  #checkLife(): void {
    if (this.#state !== "open" || !this.#watched) return;
    const silentMs = Date.now() - this.#heardAt;
    if (silentMs > DEAD_CONNECTION_MS) {
      const dead = this.#current;
      this.#lose();
      dead?.close();
    } else if (silentMs > STATUS_SILENCE_MS && Math.round(silentMs / 1_000) % 3 === 0) {
      this.request({ type: "ping" }, false).catch(() => {
        // A lost ping is seen by the silence that follows.
      });
    }
  }

  #planRenewal(expiresUnixMs: number): void {
    clearTimeout(this.#renewTimer);
    const inMs = Math.min(expiresUnixMs - Date.now() - TOKEN_RENEW_BEFORE_MS, 2 ** 31 - 1);
    this.#renewTimer = setTimeout(() => void this.#renew(), Math.max(1_000, inMs));
  }

  async #renew(): Promise<void> {
    // Once the token is over, the answer to every message says so.
    if (this.#renewing) return;
    this.#renewing = true;
    clearTimeout(this.#renewTimer);
    try {
      const token = await this.#options.token(true);
      const result = await this.request({ type: "auth.refresh", token }, false);
      this.#planRenewal(result.expiresUnixMs);
    } catch (cause) {
      this.#renewToken = true;
      this.emit("problem", Problem.from(cause, "token_unavailable"));
      const isForGood = cause instanceof Problem && !cause.retryable;
      // A connection that comes anew brings a new token itself.
      if (!isForGood && this.#state === "open") {
        this.#renewTimer = setTimeout(() => void this.#renew(), TOKEN_RENEW_AGAIN_MS);
      }
    } finally {
      this.#renewing = false;
    }
  }

  #resolve(id: string, result: object): void {
    const pending = this.#requests.get(id);
    if (!pending) return;
    clearTimeout(pending.timer);
    this.#requests.delete(id);
    pending.resolve(result);
  }

  #reject(id: string, problem: Problem): void {
    const pending = this.#requests.get(id);
    if (!pending) return;
    clearTimeout(pending.timer);
    this.#requests.delete(id);
    pending.reject(problem);
  }

  #setState(state: ConnectionState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.emit("state", state);
  }
}

const CLIENT: ClientInfo = { name: "viva-web", version: "0.1.0" };
