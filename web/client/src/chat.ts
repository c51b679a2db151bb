// One conversation over the connection: what a person says and wants, what the server says, and the history where its events
// are gone. Requests are named here, so that sending one again changes nothing. The tree that comes of it is `chat-tree`'s.

import {
  applyEvent,
  applyHistory,
  type ChatTree,
  changeMessage,
  choose,
  dropMessage,
  dueReplies,
  EMPTY_TREE,
  type Exchange,
  isChatEvent,
  type MessageNode,
  pathOf,
  rate,
  say,
  startReply,
} from "./chat-tree.ts";
import type { Connection } from "./connection.ts";
import { Emitter } from "./emitter.ts";
import { HeardLine } from "./heard-line.ts";
import { CHAT_RESEND_MS, HISTORY_ENTRIES, STATUS_SILENCE_MS } from "./limits.ts";
import { Problem } from "./problem.ts";
import { newSessionId } from "./sessions.ts";
import type { ChatAccepted, ChatRating, ChatScope, DurableEvent, ServerMessage } from "./wire.ts";
import { isDurable } from "./wire.ts";

/** Loading: its history is coming. Moved: it is open in too many places, and not told here any more. Gone: deleted. */
export type ChatLink = "loading" | "connecting" | "bound" | "moved" | "gone";

export interface ChatSnapshot {
  session: string;
  title: string | undefined;
  /** The branch that is looked at, oldest first. */
  path: Exchange[];
  link: ChatLink;
  /** A reply is being written somewhere in the conversation. */
  isBusy: boolean;
  /** What went wrong last; with a message that was not taken, see there. */
  problem: Problem | undefined;
}

interface ChatEvents {
  change: ChatSnapshot;
}

export class Chat extends Emitter<ChatEvents> {
  readonly session: string;
  readonly #connection: Connection;
  readonly #stops: (() => void)[] = [];
  #heard = new HeardLine();
  #tree: ChatTree = EMPTY_TREE;
  #link: ChatLink;
  #problem: Problem | undefined;
  #snapshot: ChatSnapshot;
  /** Whether the server knows the conversation, or must soon. */
  #isKnown: boolean;
  #isLoaded: boolean;
  #resuming = false;
  #statusAt = 0;
  #pingedAt = 0;

  private constructor(connection: Connection, session: string, isNew: boolean) {
    super();
    this.session = session;
    this.#connection = connection;
    this.#isKnown = !isNew;
    this.#isLoaded = isNew;
    this.#link = isNew ? "bound" : "loading";
    this.#snapshot = this.#look();
    this.#attach();
  }

  /** A new conversation. The server hears of it with the first message. */
  static begin(connection: Connection, session = newSessionId()): Chat {
    return new Chat(connection, session, true);
  }

  /** One that was begun before, here or on another device. */
  static open(connection: Connection, session: string): Chat {
    return new Chat(connection, session, false);
  }

  get snapshot(): ChatSnapshot {
    return this.#snapshot;
  }

  /** Says something at the end of the branch that is looked at. Without a scope: as for the message before. */
  send(text: string, scope?: ChatScope): void {
    const parentId = this.#snapshot.path.findLast(({ reply }) => reply)?.reply?.replyId;
    this.#say({ messageId: newSessionId(), text, ...(parentId && { parentId }), ...(scope && { scope }) });
  }

  /** Says a message in another way, on a branch beside it. */
  edit(messageId: string, text: string): void {
    const replaced = this.#tree.messages.get(messageId);
    if (!replaced) return;
    const { parentId, scope } = replaced;
    const replaces = replaced.state === "said" ? { replaces: messageId } : {};
    if (replaced.state === "unsent") this.#change(dropMessage(this.#tree, messageId));
    this.#say({ messageId: newSessionId(), text, ...replaces, ...(parentId && { parentId }), ...(scope && { scope }) });
  }

  /** Sends again what was refused. */
  sendAgain(messageId: string): void {
    const message = this.#tree.messages.get(messageId);
    if (message?.state === "unsent") this.#say(message);
  }

  /** Forgets a message that was refused. */
  discard(messageId: string): void {
    if (this.#tree.messages.get(messageId)?.state === "unsent") this.#change(dropMessage(this.#tree, messageId));
  }

  /** Asks for another reply to a message. */
  async regenerate(messageId: string): Promise<void> {
    const attempts = [...this.#tree.replies.values()].filter(({ inReplyTo }) => inReplyTo === messageId);
    const attempt = Math.max(1, ...attempts.map((reply) => reply.attempt)) + 1;
    await this.#try(async () => {
      const request = { type: "chat.regenerate", session: this.session, messageId, attempt } as const;
      this.#accepted(await this.#connection.request(request));
    });
  }

  async stop(replyId: string): Promise<void> {
    await this.#try(() => this.#connection.request({ type: "chat.stop", session: this.session, replyId }));
  }

  async rename(title: string): Promise<void> {
    const before = this.#tree.title;
    this.#change({ ...this.#tree, title });
    const isDone = await this.#try(() =>
      this.#connection.request({ type: "chat.rename", session: this.session, title }),
    );
    if (!isDone && this.#tree.title === title) this.#change({ ...this.#tree, title: before });
  }

  async feedback(replyId: string, rating: ChatRating): Promise<void> {
    const before = this.#tree.replies.get(replyId)?.rating;
    this.#change(rate(this.#tree, replyId, rating));
    const request = { type: "chat.feedback", session: this.session, replyId, rating } as const;
    const isDone = await this.#try(() => this.#connection.request(request));
    if (!isDone) this.#change(rate(this.#tree, replyId, before));
  }

  /** Looks at another wording of a message, or another attempt at a reply. */
  selectBranch(id: string): void {
    this.#change(choose(this.#tree, id));
  }

  dismissProblem(): void {
    this.#setProblem(undefined);
  }

  /** Is told here again after it was opened in too many places. */
  takeBack(): void {
    if (this.#link !== "moved") return;
    this.#setLink("connecting");
    void this.#resume();
  }

  /** Leaves the conversation as it is on the server; this object does nothing more. */
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
        if (state !== "open" && this.#link === "bound" && this.#isKnown) this.#setLink("connecting");
      }),
    );
    if (this.#connection.state === "open") this.#bind();
  }

  #bind(): void {
    if (!this.#isKnown || this.#link === "moved" || this.#link === "gone") return;
    this.#statusAt = Date.now();
    if (this.#isLoaded) void this.#resume();
    else void this.#load();
  }

  /** The history first, then what happened since: its events may be gone. */
  async #load(): Promise<void> {
    if (this.#resuming) return;
    this.#resuming = true;
    try {
      let before: number | undefined;
      do {
        const paging = { limit: HISTORY_ENTRIES, ...(before !== undefined && { before }) };
        const request = { type: "chat.history", session: this.session, ...paging } as const;
        const page = await this.#connection.request(request, false);
        this.#change(applyHistory(this.#tree, page));
        before = page.before;
      } while (before !== undefined);
      this.#isLoaded = true;
    } catch (cause) {
      this.#handleBindFailure(Problem.from(cause));
      return;
    } finally {
      this.#resuming = false;
    }
    await this.#resume();
  }

  async #resume(): Promise<void> {
    if (this.#resuming) return;
    this.#resuming = true;
    this.#heard.resumeAsked(Date.now());
    try {
      const request = { type: "session.resume", session: this.session, lastSeq: this.#heard.lastSeq } as const;
      const result = await this.#connection.request(request, false);
      this.#heard.acceptsEpoch(result.epoch);
      this.#heard.handleHead(result.outboxHeadSeq, Date.now());
      this.#statusAt = Date.now();
      this.#problem = undefined;
      this.#setLink("bound");
    } catch (cause) {
      this.#handleBindFailure(Problem.from(cause));
    } finally {
      this.#resuming = false;
    }
  }

  #handleBindFailure(problem: Problem): void {
    // A lost connection binds again by itself when the next one opens.
    if (problem.code === "connection_lost" || problem.code === "not_connected") return;
    if (problem.code === "session_unknown") {
      // Its first message may still be on its way.
      if (this.#pending().length > 0) return;
      this.#problem = problem;
      this.#setLink("gone");
      return;
    }
    // The log is not the one that we knew: what it made can be had.
    if (problem.code === "invalid_field" && this.#heard.lastSeq > 0) {
      this.#startOver(0);
      return;
    }
    this.#setProblem(problem);
    if (problem.retryable) this.#later(() => this.#bind(), problem.retryAfterMs ?? STATUS_SILENCE_MS);
  }

  #receive(message: ServerMessage): void {
    if (!("session" in message) || message.session !== this.session) {
      if (message.type === "error" && message.re?.session === this.session) {
        this.#setProblem(Problem.fromWire(message));
      }
      return;
    }
    const now = Date.now();
    switch (message.type) {
      case "session.moved":
        this.#setLink("moved");
        return;
      case "session.events":
        this.#apply(this.#heard.handleBatch({ ...message, events: message.events.filter(isDurable) }, now));
        return;
      case "session.reset":
        this.#startOver(message.outboxHeadSeq);
        return;
      case "session.status":
        if (!this.#heard.acceptsEpoch(message.epoch)) return;
        this.#statusAt = now;
        this.#heard.handleHead(message.outboxHeadSeq, now);
        return;
    }
    if (isDurable(message)) {
      this.#statusAt = now;
      this.#apply(this.#heard.handleEvent(message, now));
    }
  }

  /** Reads the history anew. What is not stored yet stays, and so does the branch that is looked at. */
  #startOver(headSeq: number): void {
    this.#heard = new HeardLine();
    this.#heard.reset(headSeq);
    this.#isLoaded = false;
    const kept = new Map([...this.#tree.messages].filter(([, { state }]) => state !== "said"));
    this.#tree = { ...EMPTY_TREE, title: this.#tree.title, chosen: this.#tree.chosen, messages: kept };
    void this.#load();
  }

  #apply(events: DurableEvent[]): void {
    const ours = events.filter(isChatEvent);
    if (ours.length > 0) this.#change(ours.reduce(applyEvent, this.#tree));
  }

  #say(message: Omit<MessageNode, "order" | "state" | "problem">): void {
    const { messageId, text, parentId, replaces, scope } = message;
    const fresh = { messageId, text, ...(parentId && { parentId }), ...(scope && { scope }) };
    this.#change(say(this.#tree, { ...fresh, ...(replaces && { replaces }), state: "sending" }));
    this.#isKnown = true;
    this.#statusAt = Date.now();
    void this.#submit(messageId);
  }

  /** Sends it until it is stored or refused. It is named by its id, so that once too often is no harm. */
  async #submit(messageId: string): Promise<void> {
    const message = this.#tree.messages.get(messageId);
    if (message?.state !== "sending" || this.#stops.length === 0) return;
    const { text, parentId, replaces, scope } = message;
    const { session } = this;
    try {
      const accepted = await (replaces
        ? this.#connection.request({ type: "chat.edit", session, messageId, replaces, text })
        : this.#connection.request({
            type: "chat.send",
            session,
            messageId,
            text,
            ...(parentId && { parentId }),
            ...(scope && { scope }),
          }));
      this.#accepted(accepted);
    } catch (cause) {
      const problem = Problem.from(cause);
      if (problem.code === "connection_closed") return;
      if (problem.retryable) this.#later(() => void this.#submit(messageId), problem.retryAfterMs ?? CHAT_RESEND_MS);
      else this.#change(changeMessage(this.#tree, messageId, { state: "unsent", problem }));
    }
  }

  /** The answer to a request says which reply will come; its events may have told already. */
  #accepted({ messageId, replyId, attempt }: ChatAccepted): void {
    const said = changeMessage(this.#tree, messageId, { state: "said" });
    this.#change(startReply(said, { replyId, inReplyTo: messageId, attempt }, true));
  }

  async #try(request: () => Promise<unknown>): Promise<boolean> {
    try {
      await request();
      return true;
    } catch (cause) {
      this.#setProblem(Problem.from(cause));
      return false;
    }
  }

  #tick(): void {
    if (this.#link !== "bound" || this.#connection.state !== "open" || !this.#isKnown) return;
    const now = Date.now();
    if (this.#heard.wantsResume(now)) void this.#resume();
    if (!this.#snapshot.isBusy) return;
    // While a reply is due there is a status each second: its worker may have died.
    if (now - this.#statusAt > STATUS_SILENCE_MS && now - this.#pingedAt > STATUS_SILENCE_MS) {
      this.#pingedAt = now;
      this.#connection.request({ type: "ping", session: this.session }, false).catch((cause) => {
        const problem = Problem.from(cause);
        if (!problem.retryable) this.#setProblem(problem);
      });
    }
  }

  #pending(): MessageNode[] {
    return [...this.#tree.messages.values()].filter(({ state }) => state === "sending");
  }

  #later(run: () => void, ms: number): void {
    const timer = setTimeout(run, ms);
    this.#stops.push(() => clearTimeout(timer));
  }

  #setLink(link: ChatLink): void {
    this.#link = link;
    this.#tell();
  }

  #setProblem(problem: Problem | undefined): void {
    this.#problem = problem;
    this.#tell();
  }

  #change(tree: ChatTree): void {
    this.#tree = tree;
    this.#tell();
  }

  #tell(): void {
    const wasBusy = this.#snapshot.isBusy;
    this.#snapshot = this.#look();
    // A silent connection matters while somebody waits.
    if (wasBusy !== this.#snapshot.isBusy) this.#connection.watch(this.#snapshot.isBusy);
    this.emit("change", this.#snapshot);
  }

  #look(): ChatSnapshot {
    const isBusy = dueReplies(this.#tree).length > 0 || this.#pending().length > 0;
    const { title } = this.#tree;
    return { session: this.session, title, path: pathOf(this.#tree), link: this.#link, isBusy, problem: this.#problem };
  }
}

const TICK_MS = 250;
