import { afterEach, describe, expect, test, vi } from "vitest";
import { WebSocket as NodeWebSocket } from "ws";
import { Chat } from "../src/chat.ts";
import { Connection } from "../src/connection.ts";
import { ScriptedChat } from "./scripted-chat.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const eventually = (assertion: () => void) => vi.waitFor(assertion, { timeout: 8_000, interval: 10 });
const usage = { modelRequests: 1, modelInputTokens: 1, modelOutputTokens: 1 };
const citation = { number: 1, document: "d1", name: "a.pdf", locator: { label: "p. 3" }, quote: "q", passage: "p1" };

async function serve(): Promise<ScriptedChat> {
  const server = await ScriptedChat.listen();
  closing.push(() => server.close());
  return server;
}

function connect(server: ScriptedChat): Connection {
  const webSocket = NodeWebSocket as unknown as typeof WebSocket;
  const connection = new Connection({ url: server.url, token: async () => "t", webSocket, random: () => 0 });
  closing.push(() => connection.close());
  connection.open();
  return connection;
}

function watched(chat: Chat): Chat {
  closing.push(() => chat.detach());
  return chat;
}

const begin = (server: ScriptedChat) => watched(Chat.begin(connect(server), server.session));
const open = (server: ScriptedChat) => watched(Chat.open(connect(server), server.session));

/** What is looked at: question and answer of each exchange. */
const shown = (chat: Chat) => chat.snapshot.path.map(({ message, reply }) => [message.text, reply?.text ?? ""]);

async function sent(server: ScriptedChat, chat: Chat, text: string) {
  const before = server.asked("chat.send").length;
  chat.send(text);
  await eventually(() => expect(server.asked("chat.send")).toHaveLength(before + 1));
  const { messageId, parentId } = server.asked("chat.send").at(-1) ?? {};
  await eventually(() => expect(chat.snapshot.path.at(-1)?.reply?.state).toBe("due"));
  return { messageId, parentId, replyId: `r-${messageId}-1` };
}

function answer(server: ScriptedChat, messageId: string, replyId: string, text: string, attempt = 1): void {
  if (attempt === 1) server.say({ type: "chat.message", messageId, text: "?" });
  server.say({ type: "chat.started", replyId, inReplyTo: messageId, attempt });
  server.say({ type: "chat.delta", replyId, text: text.slice(0, 3) });
  server.say({ type: "chat.done", replyId, text, finishReason: "complete", usage, citations: [citation] });
}

function entry(number: number, text: string, parentId?: string) {
  const messageId = `m${number}`;
  const reply = { inReplyTo: messageId, attempt: 1, state: "done", text: `A${number}`, citations: [] };
  const message = { messageId, text, ...(parentId && { parentId }) };
  return { number, createdUnixMs: number, reply: { replyId: `r${number}`, ...reply }, message };
}

describe("a conversation over a socket", () => {
  test("begins with its first message, streams, and goes on from the reply", async () => {
    const server = await serve();
    const chat = begin(server);
    const first = await sent(server, chat, "What is an ETag?");
    server.say({ type: "chat.message", messageId: first.messageId, text: "What is an ETag?" });
    server.say({ type: "chat.started", replyId: first.replyId, inReplyTo: first.messageId, attempt: 1 });
    server.say({ type: "chat.delta", replyId: first.replyId, text: "A name " });
    server.say({ type: "chat.delta", replyId: first.replyId, text: "of a version [1]." });
    await eventually(() => expect(shown(chat)).toEqual([["What is an ETag?", "A name of a version [1]."]]));
    expect(chat.snapshot.isBusy).toBe(true);
    const done = { replyId: first.replyId, text: "A name [1].", finishReason: "complete", usage } as const;
    server.say({ type: "chat.done", ...done, citations: [citation] });
    server.say({ type: "chat.titled", title: "ETags" });
    await eventually(() => expect(chat.snapshot).toMatchObject({ title: "ETags", isBusy: false }));
    expect(chat.snapshot.path[0]?.reply).toMatchObject({ state: "done", text: "A name [1].", citations: [citation] });
    const second = await sent(server, chat, "And then?");
    expect(second.parentId).toBe(first.replyId);
    expect(shown(chat)).toEqual([
      ["What is an ETag?", "A name [1]."],
      ["And then?", ""],
    ]);
  });

  test("what is lost on the line comes by resuming, and a message is sent again under the same name", async () => {
    const server = await serve();
    const chat = begin(server);
    const { messageId, replyId } = await sent(server, chat, "One?");
    server.say({ type: "chat.message", messageId, text: "One?" }, true);
    server.say({ type: "chat.started", replyId, inReplyTo: messageId, attempt: 1 }, true);
    server.cut();
    await eventually(() => expect(chat.snapshot.link).toBe("connecting"));
    server.say({ type: "chat.done", replyId, text: "Yes.", finishReason: "complete", usage, citations: [] });
    await eventually(() => expect(shown(chat)).toEqual([["One?", "Yes."]]));
    expect(chat.snapshot.link).toBe("bound");
    expect(server.asked("session.resume").at(-1)).toMatchObject({ lastSeq: 0 });

    server.losing.add("chat.send");
    chat.send("Two?");
    await eventually(() => expect(server.asked("chat.send")).toHaveLength(2));
    server.cut();
    await eventually(() => expect(server.asked("chat.send")).toHaveLength(3));
    const [lost, again] = server.asked("chat.send").slice(1);
    expect(again).toMatchObject({ messageId: lost?.messageId, text: "Two?", parentId: replyId });
    await eventually(() => expect(chat.snapshot.path.at(-1)?.message.state).toBe("said"));
  });

  test("a message that is refused says why, and can be sent again or forgotten", async () => {
    const server = await serve();
    const chat = begin(server);
    server.refusing.set("chat.send", { code: "replies_due", retryable: false });
    chat.send("One?");
    await eventually(() => expect(chat.snapshot.path[0]?.message.state).toBe("unsent"));
    const { messageId, problem } = chat.snapshot.path[0]?.message ?? {};
    expect(problem?.code).toBe("replies_due");
    chat.sendAgain(messageId ?? "");
    await eventually(() => expect(chat.snapshot.path[0]?.message.state).toBe("said"));
    expect(server.asked("chat.send").map((request) => request.messageId)).toEqual([messageId, messageId]);

    server.refusing.set("chat.send", { code: "budget_exceeded", retryable: false });
    chat.send("Two?");
    await eventually(() => expect(chat.snapshot.path.at(-1)?.message.state).toBe("unsent"));
    chat.discard(chat.snapshot.path.at(-1)?.message.messageId ?? "");
    expect(shown(chat)).toEqual([["One?", ""]]);
  });

  test("what the server cannot take for the moment is sent again by itself", async () => {
    const server = await serve();
    const chat = begin(server);
    server.refusing.set("chat.send", { code: "storage_failed", retryable: true, retryAfterMs: 20 });
    chat.send("One?");
    await eventually(() => expect(chat.snapshot.path[0]?.message.state).toBe("said"));
    expect(server.asked("chat.send")).toHaveLength(2);
  });

  test("another attempt and another wording stand beside the first, and one switches between them", async () => {
    const server = await serve();
    const chat = begin(server);
    const { messageId, replyId } = await sent(server, chat, "One?");
    answer(server, messageId, replyId, "First.");
    await eventually(() => expect(chat.snapshot.isBusy).toBe(false));
    await chat.regenerate(messageId);
    expect(server.asked("chat.regenerate")[0]).toMatchObject({ messageId, attempt: 2 });
    answer(server, messageId, `r-${messageId}-2`, "Second.", 2);
    await eventually(() => expect(shown(chat)).toEqual([["One?", "Second."]]));
    expect(chat.snapshot.path[0]?.attempts).toEqual([replyId, `r-${messageId}-2`]);
    chat.selectBranch(replyId);
    expect(shown(chat)).toEqual([["One?", "First."]]);

    chat.edit(messageId, "One, really?");
    await eventually(() => expect(server.asked("chat.edit")).toHaveLength(1));
    expect(server.asked("chat.edit")[0]).toMatchObject({ replaces: messageId, text: "One, really?" });
    await eventually(() => expect(shown(chat)).toEqual([["One, really?", ""]]));
    expect(chat.snapshot.path[0]?.wordings[0]).toBe(messageId);
    chat.selectBranch(messageId);
    expect(shown(chat)).toEqual([["One?", "First."]]);
  });

  test("is read from its history, page by page, and from what happened since", async () => {
    const server = await serve();
    server.isKnown = true;
    server.pageEntries = 2;
    server.history.push(entry(1, "Q1"), entry(2, "Q2", "r1"), entry(3, "Q3", "r2"));
    const due = { replyId: "r4", inReplyTo: "m4", attempt: 1, state: "due", text: "", citations: [] };
    server.history.push({ ...entry(4, "Q4", "r3"), reply: due });
    server.log.push({ type: "chat.message", session: "c1", seq: 1, messageId: "m4", text: "Q4", parentId: "r3" });
    server.log.push({ type: "chat.started", session: "c1", seq: 2, replyId: "r4", inReplyTo: "m4", attempt: 1 });
    server.log.push({ type: "chat.delta", session: "c1", seq: 3, replyId: "r4", text: "Still " });
    const chat = open(server);
    await eventually(() =>
      expect(shown(chat)).toEqual([
        ["Q1", "A1"],
        ["Q2", "A2"],
        ["Q3", "A3"],
        ["Q4", "Still "],
      ]),
    );
    expect(chat.snapshot.title).toBe("Kept");
    expect(server.asked("chat.history").map(({ before }) => before)).toEqual([undefined, 3]);
    server.say({ type: "chat.delta", replyId: "r4", text: "coming." });
    await eventually(() => expect(shown(chat).at(-1)).toEqual(["Q4", "Still coming."]));
  });

  test("after a reset it reads the history anew and keeps what is not stored yet", async () => {
    const server = await serve();
    server.isKnown = true;
    server.history.push(entry(1, "Q1"));
    const chat = open(server);
    await eventually(() => expect(chat.snapshot.link).toBe("bound"));
    server.losing.add("chat.send");
    chat.send("Q3");
    await eventually(() => expect(server.asked("chat.send")).toHaveLength(1));
    server.history.push(entry(2, "Q2", "r1"));
    server.log.push({ type: "chat.titled", session: "c1", seq: 1, title: "T" });
    server.push({ type: "session.reset", session: "c1", outboxHeadSeq: 1 });
    await eventually(() => expect(server.asked("chat.history")).toHaveLength(2));
    chat.selectBranch("m2");
    await eventually(() =>
      expect(shown(chat)).toEqual([
        ["Q1", "A1"],
        ["Q2", "A2"],
      ]),
    );
    expect(chat.snapshot.path.at(-1)?.wordings).toHaveLength(2);
  });

  test("another worker's fresh beginning drops the pieces, and what is over stays over", async () => {
    const server = await serve();
    const chat = begin(server);
    const { messageId, replyId } = await sent(server, chat, "One?");
    server.say({ type: "chat.started", replyId, inReplyTo: messageId, attempt: 1 });
    server.say({ type: "chat.delta", replyId, text: "Half of" });
    server.say({ type: "chat.started", replyId, inReplyTo: messageId, attempt: 1 });
    server.say({ type: "chat.delta", replyId, text: "Whole" });
    await eventually(() => expect(shown(chat)).toEqual([["One?", "Whole"]]));
    server.say({ type: "chat.cancelled", replyId, text: "Whole" });
    server.say({ type: "chat.delta", replyId, text: " and late" });
    await eventually(() => expect(chat.snapshot.isBusy).toBe(false));
    server.say({ type: "chat.titled", title: "T" });
    await eventually(() => expect(chat.snapshot.title).toBe("T"));
    expect(shown(chat)).toEqual([["One?", "Whole"]]);
  });

  test("stops, rates and renames; a rating that is not taken is taken back", async () => {
    const server = await serve();
    const chat = begin(server);
    const { messageId, replyId } = await sent(server, chat, "One?");
    await chat.stop(replyId);
    expect(server.asked("chat.stop")[0]).toMatchObject({ replyId });
    answer(server, messageId, replyId, "Yes.");
    await eventually(() => expect(chat.snapshot.isBusy).toBe(false));
    await chat.feedback(replyId, "up");
    expect(chat.snapshot.path[0]?.reply?.rating).toBe("up");
    server.refusing.set("chat.feedback", { code: "message_unknown", retryable: false });
    await chat.feedback(replyId, "down");
    expect(chat.snapshot.path[0]?.reply?.rating).toBe("up");
    expect(chat.snapshot.problem?.code).toBe("message_unknown");
    await chat.rename("Mine");
    expect(server.asked("chat.rename")[0]).toMatchObject({ title: "Mine" });
    expect(chat.snapshot.title).toBe("Mine");
  });

  test("while a reply is due and nothing comes it asks after the worker", async () => {
    const server = await serve();
    const chat = begin(server);
    await sent(server, chat, "One?");
    await eventually(() => expect(server.asked("ping").at(-1)).toMatchObject({ session: "c1" }));
  });

  test("one that is gone says so, and one open in too many places can be taken back", async () => {
    const server = await serve();
    const gone = open(server);
    await eventually(() => expect(gone.snapshot.link).toBe("gone"));
    server.isKnown = true;
    const chat = open(server);
    await eventually(() => expect(chat.snapshot.link).toBe("bound"));
    server.push({ type: "session.moved", session: "c1" });
    await eventually(() => expect(chat.snapshot.link).toBe("moved"));
    chat.takeBack();
    await eventually(() => expect(chat.snapshot.link).toBe("bound"));
  });
});
