// What was said in a conversation, as a tree: a message goes on from a reply (or begins), a reply answers a message. Another
// wording is a branch beside a message, another attempt a reply beside a reply. Pure: history and events come in, in any order
// and more than once; it asks for nothing.

import type { Problem } from "./problem.ts";
import type {
  ChatEntry,
  ChatFinish,
  ChatPage,
  ChatRating,
  ChatReplyState,
  ChatSaid,
  ChatScope,
  Citation,
  DurableEvent,
} from "./wire.ts";

export interface MessageNode {
  messageId: string;
  text: string;
  parentId?: string;
  replaces?: string;
  scope?: ChatScope;
  /** Sending: not stored yet, as far as we know. Unsent: refused. */
  state: "sending" | "said" | "unsent";
  /** Why it was refused. */
  problem?: Problem;
  /** Later ones have higher numbers. */
  order: number;
}

export interface ReplyNode {
  replyId: string;
  inReplyTo: string;
  attempt: number;
  state: ChatReplyState;
  text: string;
  citations: Citation[];
  finishReason?: ChatFinish;
  /** Why it broke off, for people. */
  message?: string;
  rating?: ChatRating;
  order: number;
}

export interface ChatTree {
  title: string | undefined;
  messages: ReadonlyMap<string, MessageNode>;
  replies: ReadonlyMap<string, ReplyNode>;
  /** Which branch a person looks at: a parent's key → its child's id. */
  chosen: ReadonlyMap<string, string>;
}

/** A message on the branch that is looked at, with the reply that is looked at, and what stands beside either. */
export interface Exchange {
  message: MessageNode;
  /** All wordings, in the order in which they were said. */
  wordings: string[];
  reply: ReplyNode | undefined;
  /** All attempts. */
  attempts: string[];
}

export type ChatEvent = Extract<DurableEvent, { type: `chat.${string}` }>;

export const EMPTY_TREE: ChatTree = { title: undefined, messages: new Map(), replies: new Map(), chosen: new Map() };

export function isChatEvent(event: DurableEvent): event is ChatEvent {
  return event.type.startsWith("chat.");
}

export function applyHistory(tree: ChatTree, page: ChatPage): ChatTree {
  const messages = new Map(tree.messages);
  const replies = new Map(tree.replies);
  for (const { number, reply, message } of page.entries) {
    const before = replies.get(reply.replyId);
    replies.set(reply.replyId, { ...before, ...withoutAbsent(reply), order: number });
    if (message) messages.set(message.messageId, { ...said(message), order: number });
  }
  return { ...tree, title: page.title || tree.title, messages, replies };
}

export function applyEvent(tree: ChatTree, event: ChatEvent): ChatTree {
  switch (event.type) {
    case "chat.titled":
      return { ...tree, title: event.title };
    case "chat.message": {
      const before = tree.messages.get(event.messageId);
      if (before?.state === "said") return tree;
      return follow(withMessage(tree, { ...said(event), order: before?.order ?? nextOrder(tree) }), event);
    }
    case "chat.started":
      return startReply(tree, event);
    case "chat.delta":
      return changeReply(tree, event.replyId, (reply) => ({ ...reply, text: reply.text + event.text }));
    case "chat.done": {
      const { replyId, text, finishReason, citations, message } = event;
      const over = { state: "done" as const, text, finishReason, citations, ...(message && { message }) };
      return changeReply(tree, replyId, (reply) => ({ ...reply, ...over }));
    }
    case "chat.cancelled":
      return changeReply(tree, event.replyId, (reply) => ({ ...reply, state: "cancelled", text: event.text }));
  }
}

/** A reply begins, or will. One that begins anew loses what it had; one that is over stays over. */
export function startReply(
  tree: ChatTree,
  { replyId, inReplyTo, attempt }: { replyId: string; inReplyTo: string; attempt: number },
  isOurs = false,
): ChatTree {
  const before = tree.replies.get(replyId);
  if (before) return isOurs ? tree : changeReply(tree, replyId, (reply) => ({ ...reply, text: "" }));
  const order = nextOrder(tree);
  const fresh: ReplyNode = { replyId, inReplyTo, attempt, state: "due", text: "", citations: [], order };
  return { ...tree, replies: new Map(tree.replies).set(replyId, fresh), chosen: unchosen(tree, `r:${inReplyTo}`) };
}

/** Something that a person has just said here: it is what is looked at. */
export function say(tree: ChatTree, message: Omit<MessageNode, "order">): ChatTree {
  const before = tree.messages.get(message.messageId);
  return follow(withMessage(tree, { ...message, order: before?.order ?? nextOrder(tree) }), message);
}

export function changeMessage(tree: ChatTree, messageId: string, change: Partial<MessageNode>): ChatTree {
  const before = tree.messages.get(messageId);
  return before ? withMessage(tree, { ...before, ...change }) : tree;
}

export function rate(tree: ChatTree, replyId: string, rating: ChatRating | undefined): ChatTree {
  const before = tree.replies.get(replyId);
  if (!before) return tree;
  const { rating: _, ...rest } = before;
  return { ...tree, replies: new Map(tree.replies).set(replyId, { ...rest, ...(rating && { rating }) }) };
}

export function dropMessage(tree: ChatTree, messageId: string): ChatTree {
  const messages = new Map(tree.messages);
  messages.delete(messageId);
  return { ...tree, messages };
}

/** Looks at another branch: a message by its wording, or a reply by its attempt. */
export function choose(tree: ChatTree, id: string): ChatTree {
  const message = tree.messages.get(id);
  const reply = tree.replies.get(id);
  const key = message ? `m:${message.parentId ?? ""}` : reply ? `r:${reply.inReplyTo}` : undefined;
  return key === undefined ? tree : { ...tree, chosen: new Map(tree.chosen).set(key, id) };
}

/** The branch that is looked at, from its beginning: what a person chose, and else what was said last. */
export function pathOf(tree: ChatTree): Exchange[] {
  const byParent = new Map<string, MessageNode[]>();
  for (const message of tree.messages.values()) {
    // While the history is still coming, its oldest message so far begins the path.
    const isRoot = message.parentId === undefined || !tree.replies.has(message.parentId);
    push(byParent, isRoot ? "" : (message.parentId ?? ""), message);
  }
  const byMessage = new Map<string, ReplyNode[]>();
  for (const reply of tree.replies.values()) push(byMessage, reply.inReplyTo, reply);
  for (const list of byParent.values()) list.sort((one, other) => one.order - other.order);
  for (const list of byMessage.values()) list.sort((one, other) => one.attempt - other.attempt);
  const latest = latestBelow(byParent, byMessage);

  const path: Exchange[] = [];
  const seen = new Set<string>();
  let parent = "";
  for (;;) {
    const wordings = byParent.get(parent) ?? [];
    const chosen = tree.chosen.get(`m:${parent}`);
    const message = wordings.find(({ messageId }) => messageId === chosen) ?? newest(wordings, latest.message);
    if (!message || seen.has(message.messageId)) return path;
    seen.add(message.messageId);
    const replies = byMessage.get(message.messageId) ?? [];
    const attempt = tree.chosen.get(`r:${message.messageId}`);
    const reply = replies.find(({ replyId }) => replyId === attempt) ?? newest(replies, latest.reply);
    path.push({
      message,
      wordings: wordings.map(({ messageId }) => messageId),
      reply,
      attempts: replies.map(({ replyId }) => replyId),
    });
    if (!reply) return path;
    parent = reply.replyId;
  }
}

/** Replies that are not over. */
export function dueReplies(tree: ChatTree): ReplyNode[] {
  return [...tree.replies.values()].filter(({ state }) => state === "due");
}

interface Latest {
  message: (node: MessageNode) => number;
  reply: (node: ReplyNode) => number;
}

/** When something was last said below a node. Without recursion: a conversation may be thousands of messages deep. */
function latestBelow(byParent: Map<string, MessageNode[]>, byMessage: Map<string, ReplyNode[]>): Latest {
  const latest = new Map<string, number>();
  const all = [
    ...[...byParent.values()].flat().map((node) => ({ id: node.messageId, order: node.order })),
    ...[...byMessage.values()].flat().map((node) => ({ id: node.replyId, order: node.order + 0.5 })),
  ];
  const below = (id: string) => [
    ...(byParent.get(id) ?? []).map(({ messageId }) => messageId),
    ...(byMessage.get(id) ?? []).map(({ replyId }) => replyId),
  ];
  // What is below was said later, so that it is done when its parent's turn comes.
  for (const { id, order } of all.sort((one, other) => other.order - one.order)) {
    latest.set(id, Math.max(order, ...below(id).map((child) => latest.get(child) ?? 0)));
  }
  const of = (id: string) => latest.get(id) ?? 0;
  return { message: ({ messageId }) => of(messageId), reply: ({ replyId }) => of(replyId) };
}

function newest<Node>(nodes: Node[], of: (node: Node) => number): Node | undefined {
  return nodes.reduce<Node | undefined>((best, node) => (best && of(best) > of(node) ? best : node), undefined);
}

/** A new message takes the eye with it, also one from another device: it is the same person. */
function follow(tree: ChatTree, { messageId, parentId }: { messageId: string; parentId?: string }): ChatTree {
  const key = `m:${parentId ?? ""}`;
  return tree.chosen.has(key) ? { ...tree, chosen: new Map(tree.chosen).set(key, messageId) } : tree;
}

function unchosen(tree: ChatTree, key: string): ReadonlyMap<string, string> {
  if (!tree.chosen.has(key)) return tree.chosen;
  const chosen = new Map(tree.chosen);
  chosen.delete(key);
  return chosen;
}

function withMessage(tree: ChatTree, message: MessageNode): ChatTree {
  return { ...tree, messages: new Map(tree.messages).set(message.messageId, message) };
}

function changeReply(tree: ChatTree, replyId: string, change: (reply: ReplyNode) => ReplyNode): ChatTree {
  const before = tree.replies.get(replyId);
  if (before?.state !== "due") return tree;
  return { ...tree, replies: new Map(tree.replies).set(replyId, change(before)) };
}

function said({ messageId, text, parentId, replaces, scope }: ChatSaid): Omit<MessageNode, "order"> {
  return {
    messageId,
    text,
    state: "said",
    ...(parentId !== undefined && { parentId }),
    ...(replaces !== undefined && { replaces }),
    ...(scope !== undefined && { scope }),
  };
}

function withoutAbsent(reply: ChatEntry["reply"]): Omit<ReplyNode, "order"> {
  const { replyId, inReplyTo, attempt, state, text, citations, finishReason, rating } = reply;
  return {
    replyId,
    inReplyTo,
    attempt,
    state,
    text,
    citations,
    ...(finishReason !== undefined && { finishReason }),
    ...(rating !== undefined && { rating }),
  };
}

/** What comes live is later than all that is known. */
function nextOrder(tree: ChatTree): number {
  let last = 0;
  for (const { order } of tree.messages.values()) last = Math.max(last, order);
  for (const { order } of tree.replies.values()) last = Math.max(last, order);
  return last + 1;
}

function push<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
