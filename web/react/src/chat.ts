// Hooks for conversations: one that is open, and the list of them.

import {
  Chat,
  type ChatSnapshot,
  type Connection,
  deleteSession,
  listSessions,
  renameConversation,
  type SessionSummary,
} from "@viva/client";
import { useCallback, useEffect, useMemo, useSyncExternalStore } from "react";
import { type Pages, usePages } from "./pages.ts";

export interface UseChat extends ChatSnapshot {
  send: Chat["send"];
  /** Ends the reply that is being written on the branch that is looked at. */
  stop: () => void;
  regenerate: (messageId: string) => void;
  edit: Chat["edit"];
  sendAgain: Chat["sendAgain"];
  discard: Chat["discard"];
  /** By the id of another wording, or of another attempt. */
  selectBranch: Chat["selectBranch"];
  rename: (title: string) => void;
  feedback: (replyId: string, rating: "up" | "down") => void;
  takeBack: () => void;
  dismissProblem: () => void;
}

/** One conversation, told live. `isNew`: its first message will begin it. */
export function useChat(connection: Connection, session: string, isNew = false): UseChat {
  // Whether it is new is a fact of the moment when it is opened.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above.
  const holder = useMemo(() => new Holder(connection, session, isNew), [connection, session]);
  const subscribe = useCallback((changed: () => void) => holder.subscribe(changed), [holder]);
  const snapshot = useSyncExternalStore(subscribe, () => holder.chat.snapshot);
  const actions = useMemo(() => actionsOf(holder), [holder]);
  return { ...snapshot, ...actions };
}

/** Detached when nobody looks on any more, and opened again for whoever comes back. */
class Holder {
  readonly #connection: Connection;
  readonly #isNew: boolean;
  #chat: Chat;
  #onlookers = 0;
  #isDetached = false;

  constructor(connection: Connection, session: string, isNew: boolean) {
    this.#connection = connection;
    this.#isNew = isNew;
    this.#chat = isNew ? Chat.begin(connection, session) : Chat.open(connection, session);
  }

  get chat(): Chat {
    return this.#chat;
  }

  subscribe(changed: () => void): () => void {
    if (this.#isDetached) {
      const { session, path } = this.#chat.snapshot;
      const isStillNew = this.#isNew && path.length === 0;
      this.#chat = isStillNew ? Chat.begin(this.#connection, session) : Chat.open(this.#connection, session);
      this.#isDetached = false;
    }
    this.#onlookers += 1;
    const stop = this.#chat.on("change", changed);
    return () => {
      stop();
      this.#onlookers -= 1;
      if (this.#onlookers > 0) return;
      this.#chat.detach();
      this.#isDetached = true;
    };
  }
}

function actionsOf(holder: Holder): Omit<UseChat, keyof ChatSnapshot> {
  return {
    send: (text, scope) => holder.chat.send(text, scope),
    stop: () => {
      const due = holder.chat.snapshot.path.findLast(({ reply }) => reply?.state === "due")?.reply;
      if (due) void holder.chat.stop(due.replyId);
    },
    regenerate: (messageId) => void holder.chat.regenerate(messageId),
    edit: (messageId, text) => holder.chat.edit(messageId, text),
    sendAgain: (messageId) => holder.chat.sendAgain(messageId),
    discard: (messageId) => holder.chat.discard(messageId),
    selectBranch: (id) => holder.chat.selectBranch(id),
    rename: (title) => void holder.chat.rename(title),
    feedback: (replyId, rating) => void holder.chat.feedback(replyId, rating),
    takeBack: () => holder.chat.takeBack(),
    dismissProblem: () => holder.chat.dismissProblem(),
  };
}

export interface Conversations extends Omit<Pages<SessionSummary>, "items" | "change"> {
  conversations: SessionSummary[];
  remove: (session: string) => Promise<void>;
  rename: (session: string, title: string) => Promise<void>;
}

/** Conversations whose title or words match `query`, latest first. */
export function useConversations(connection: Connection, query: string): Conversations {
  const ask = useCallback(
    async (cursor?: string) => {
      const { sessions, cursor: next } = await listSessions(connection, { kind: "chat", query, cursor });
      return { items: sessions, cursor: next };
    },
    [connection, query],
  );
  const { items: conversations, change, ...pages } = usePages(ask);
  const { reload } = pages;
  useEffect(() => {
    // What happens in a conversation puts it first, and gives it a title.
    return connection.on("message", (message) => {
      if (message.type === "chat.titled" || message.type === "chat.message") reload();
    });
  }, [connection, reload]);
  const remove = useCallback(
    async (session: string) => {
      await deleteSession(connection, session);
      change((before) => before.filter((other) => other.session !== session));
    },
    [connection, change],
  );
  const rename = useCallback(
    async (session: string, title: string) => {
      await renameConversation(connection, session, title);
      change((before) => before.map((other) => (other.session === session ? { ...other, title } : other)));
    },
    [connection, change],
  );
  return { conversations, ...pages, remove, rename };
}
