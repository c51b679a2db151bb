// A gateway for tests: keeps an inbox and an outbox as the protocol says, says what the test wants, and makes the faults that
// the test wants. It holds no interview of its own.

import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import type { DurableEvent } from "../src/wire.ts";

// biome-ignore lint/suspicious/noExplicitAny: tests read what they expect to be there.
type Message = Record<string, any>;
type Bare = DurableEvent extends infer Event ? (Event extends unknown ? Omit<Event, "session" | "seq"> : never) : never;

export class ScriptedServer {
  readonly session: string;
  readonly #server: WebSocketServer;
  /** Every numbered line that came, also those that were dropped. */
  readonly received: { seq: number; line: string }[] = [];
  readonly inbox = new Map<number, string>();
  readonly outbox: Message[] = [];
  readonly requests: Message[] = [];
  readonly tokens: string[] = [];
  /** Numbers to lose on their first arrival. */
  readonly losing = new Set<number>();
  /** Answers to give instead of storing: an error for a number, once. */
  readonly refusing = new Map<number, { code: string; retryable: boolean; retryAfterMs?: number }>();
  isSilent = false;
  epoch = 1;
  connections = 0;
  expiresInMs = 3_600_000;
  #bound: WebSocket | undefined;
  #statuses: ReturnType<typeof setInterval>;

  private constructor(server: WebSocketServer, session: string, statusEveryMs: number) {
    this.#server = server;
    this.session = session;
    server.on("connection", (socket, request) => {
      this.connections += 1;
      const offered = String(request.headers["sec-websocket-protocol"]).split(/, */);
      this.tokens.push(offered[1]?.replace("viva.bearer.", "") ?? "");
      socket.on("message", (data) => this.#receive(socket, JSON.parse(String(data)), String(data)));
    });
    this.#statuses = setInterval(() => this.status(), statusEveryMs);
  }

  static async listen(session: string, statusEveryMs = 50): Promise<ScriptedServer> {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1", handleProtocols: () => "viva.v1" });
    await new Promise((resolve) => server.once("listening", resolve));
    return new ScriptedServer(server, session, statusEveryMs);
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}/ws`;
  }

  get throughSeq(): number {
    let seq = 0;
    while (this.inbox.has(seq + 1)) seq += 1;
    return seq;
  }

  get openConnections(): number {
    return this.#server.clients.size;
  }

  /** Commits an event; `isLost` keeps it from being pushed. */
  say(event: Bare, isLost = false): void {
    const message = { ...event, session: this.session, seq: this.outbox.length + 1 };
    this.outbox.push(message);
    if (!isLost) this.push(message);
  }

  push(message: Message): void {
    if (this.#bound?.readyState === 1) this.#bound.send(JSON.stringify(message));
  }

  status(): void {
    if (this.isSilent) return;
    const head = Math.max(0, ...this.inbox.keys());
    const missing = [];
    for (let seq = 1; seq <= head; seq += 1) if (!this.inbox.has(seq)) missing.push({ fromSeq: seq, throughSeq: seq });
    const { throughSeq, session, epoch } = this;
    this.push({
      type: "session.status",
      session,
      epoch,
      inboxThroughSeq: throughSeq,
      windowThroughSeq: throughSeq + 64,
      missing,
      outboxHeadSeq: this.outbox.length,
      bufferedMs: 0,
    });
  }

  /** Cuts every connection without a word. */
  cut(): void {
    for (const socket of this.#server.clients) socket.terminate();
  }

  async close(): Promise<void> {
    clearInterval(this.#statuses);
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #receive(socket: WebSocket, message: Message, line: string): void {
    if (typeof message.seq === "number") {
      this.#append(socket, message, line);
      return;
    }
    this.requests.push(message);
    const reply = (answer: Message) => socket.send(JSON.stringify(answer));
    switch (message.type) {
      case "hello":
        reply({
          type: "welcome",
          id: message.id,
          protocol: "viva.v1",
          connection: `c${this.connections}`,
          user: "ada",
          limits: {},
          features: [],
          expiresUnixMs: Date.now() + this.expiresInMs,
        });
        return;
      case "ping":
        reply({ type: "pong", id: message.id, ...(message.session && { session: message.session }) });
        return;
      case "auth.refresh":
        this.tokens.push(message.token);
        reply({ type: "result", id: message.id, expiresUnixMs: Date.now() + 3_600_000 });
        return;
      case "session.resume":
        this.#resume(socket, message);
        return;
      default:
        reply({ type: "error", code: "unknown_type", message: "?", retryable: false, re: { id: message.id } });
    }
  }

  #append(socket: WebSocket, message: Message, line: string): void {
    const { seq, session } = message;
    this.received.push({ seq, line });
    if (this.losing.delete(seq)) return;
    const refusal = this.refusing.get(seq);
    if (refusal) {
      this.refusing.delete(seq);
      if (!refusal.retryable) this.inbox.set(seq, "refused");
      socket.send(JSON.stringify({ type: "error", message: "no", ...refusal, re: { session, seq } }));
      return;
    }
    if (message.type === "interview.start") this.#bind(socket);
    this.inbox.set(seq, line);
  }

  #resume(socket: WebSocket, { id, lastSeq }: Message): void {
    if (!this.inbox.has(1)) {
      const re = { id };
      socket.send(JSON.stringify({ type: "error", code: "session_unknown", message: "?", retryable: true, re }));
      return;
    }
    this.#bind(socket);
    const { throughSeq, session, epoch } = this;
    const inboxHeadSeq = Math.max(0, ...this.inbox.keys());
    const media = [...this.inbox.values()].filter((line) => line.includes('"audio"')).length * 200;
    this.push({
      type: "result",
      id,
      session,
      state: "open",
      epoch,
      outboxHeadSeq: this.outbox.length,
      inboxThroughSeq: throughSeq,
      inboxHeadSeq,
      windowThroughSeq: throughSeq + 64,
      mediaMs: media,
    });
    const events = this.outbox.slice(lastSeq);
    this.push({ type: "session.events", session, fromSeq: lastSeq + 1, throughSeq: this.outbox.length, events });
  }

  #bind(socket: WebSocket): void {
    if (this.#bound && this.#bound !== socket) this.push({ type: "session.moved", session: this.session });
    this.#bound = socket;
  }
}
