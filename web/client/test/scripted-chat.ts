// A gateway for tests of conversations: numbers requests, keeps a log and a history as the protocol says, says what the test
// wants, and makes the faults that the test wants.

import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import type { ChatEvent } from "../src/chat-tree.ts";

// biome-ignore lint/suspicious/noExplicitAny: tests read what they expect to be there.
type Message = Record<string, any>;
type Bare<Event> = Event extends unknown ? Omit<Event, "session" | "seq"> : never;

export class ScriptedChat {
  readonly #server: WebSocketServer;
  readonly #bound = new Set<WebSocket>();
  readonly requests: Message[] = [];
  readonly log: Message[] = [];
  readonly history: Message[] = [];
  documents: Message[] = [];
  conversations: Message[] = [];
  /** By type: what a request is answered with, once. */
  readonly refusing = new Map<string, { code: string; retryable: boolean; retryAfterMs?: number }>();
  /** By type: requests that are lost on their way, once. */
  readonly losing = new Set<string>();
  /** Entries in a page of the history. */
  pageEntries = 50;
  /** Whether anybody has begun the conversation. */
  isKnown = false;
  isSilent = true;
  readonly session = "c1";
  readonly #statuses: ReturnType<typeof setInterval>;

  private constructor(server: WebSocketServer) {
    this.#server = server;
    server.on("connection", (socket) => {
      socket.on("message", (data) => this.#receive(socket, JSON.parse(String(data))));
      socket.on("close", () => this.#bound.delete(socket));
    });
    this.#statuses = setInterval(() => {
      const { session } = this;
      const rest = { inboxThroughSeq: 0, windowThroughSeq: 0, missing: [], bufferedMs: 0 };
      if (!this.isSilent) {
        this.push({ type: "session.status", session, epoch: 1, outboxHeadSeq: this.log.length, ...rest });
      }
    }, 50);
  }

  static async listen(): Promise<ScriptedChat> {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1", handleProtocols: () => "viva.v1" });
    await new Promise((resolve) => server.once("listening", resolve));
    return new ScriptedChat(server);
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}/ws`;
  }

  asked(type: string): Message[] {
    return this.requests.filter((request) => request.type === type);
  }

  /** Commits an event; `isLost` keeps it from being pushed. */
  say(event: Bare<ChatEvent>, isLost = false): void {
    const message = { ...event, session: this.session, seq: this.log.length + 1 };
    this.log.push(message);
    if (!isLost) this.push(message);
  }

  /** To every connection that looks on. */
  push(message: Message): void {
    for (const socket of this.#bound) socket.send(JSON.stringify(message));
  }

  /** To every connection. */
  tell(message: Message): void {
    for (const socket of this.#server.clients) socket.send(JSON.stringify(message));
  }

  cut(): void {
    for (const socket of this.#server.clients) socket.terminate();
  }

  async close(): Promise<void> {
    clearInterval(this.#statuses);
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #receive(socket: WebSocket, message: Message): void {
    this.requests.push(message);
    const { id, type } = message;
    const reply = (answer: Message) => socket.send(JSON.stringify(answer));
    if (this.losing.delete(type)) return;
    const refusal = this.refusing.get(type);
    if (refusal) {
      this.refusing.delete(type);
      reply({ type: "error", message: "no", ...refusal, re: { id } });
      return;
    }
    switch (type) {
      case "hello": {
        const expiresUnixMs = Date.now() + 3_600_000;
        reply({ type: "welcome", id, protocol: "viva.v1", connection: "c", user: "ada", limits: {}, expiresUnixMs });
        return;
      }
      case "ping":
        reply({ type: "pong", id });
        return;
      case "documents.list":
        reply({ type: "result", id, documents: this.documents });
        return;
      case "session.list":
        reply({ type: "result", id, sessions: this.conversations });
        return;
      case "chat.send":
      case "chat.edit":
      case "chat.regenerate":
        this.isKnown = true;
        this.#bound.add(socket);
        reply({ type: "result", id, ...this.#accepted(message) });
        return;
      case "chat.history":
        this.#page(reply, message);
        return;
      case "session.resume":
        this.#resume(socket, message);
        return;
      default:
        reply({ type: "result", id });
    }
  }

  #accepted({ messageId, attempt = 1 }: Message) {
    return { messageId, replyId: `r-${messageId}-${attempt}`, attempt };
  }

  #page(reply: (answer: Message) => void, { id, before = Number.MAX_SAFE_INTEGER }: Message): void {
    if (!this.isKnown) {
      reply({ type: "error", code: "session_unknown", message: "?", retryable: false, re: { id } });
      return;
    }
    const older = this.history.filter(({ number }) => number < before).sort((one, other) => other.number - one.number);
    const entries = older.slice(0, this.pageEntries);
    const more = older.length > entries.length ? { before: entries.at(-1)?.number } : {};
    reply({ type: "result", id, session: this.session, title: "Kept", entries, ...more });
  }

  #resume(socket: WebSocket, { id, lastSeq }: Message): void {
    const { session, log } = this;
    if (!this.isKnown) {
      socket.send(
        JSON.stringify({ type: "error", code: "session_unknown", message: "?", retryable: false, re: { id } }),
      );
      return;
    }
    const rest = { inboxThroughSeq: 0, inboxHeadSeq: 0, windowThroughSeq: 0, mediaMs: 0 };
    const outboxHeadSeq = log.length;
    socket.send(JSON.stringify({ type: "result", id, session, state: "open", epoch: 1, outboxHeadSeq, ...rest }));
    const batch = { fromSeq: lastSeq + 1, throughSeq: outboxHeadSeq, events: log.slice(lastSeq) };
    socket.send(JSON.stringify({ type: "session.events", session, ...batch }));
    this.#bound.add(socket);
  }
}
