// @vitest-environment happy-dom

import { Connection, DocumentShelf, type Files } from "@viva/client";
import { createElement } from "react";
import { createRoot } from "react-dom/client";
import { afterEach, describe, expect, test, vi } from "vitest";
import { WebSocket as NodeWebSocket } from "ws";
import { ScriptedChat } from "../../client/test/scripted-chat.ts";
import { useChat, useConversations, useDocuments } from "../src/index.ts";

/** Does something, and lets React draw what came of it. */
async function act(run: () => unknown): Promise<void> {
  await run();
  await new Promise((drawn) => setTimeout(drawn));
}

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function connected() {
  const server = await ScriptedChat.listen();
  const webSocket = NodeWebSocket as unknown as typeof WebSocket;
  const connection = new Connection({ url: server.url, token: async () => "t", webSocket, random: () => 0 });
  closing.push(
    () => server.close(),
    () => connection.close(),
  );
  connection.open();
  return { server, connection };
}

/** Draws a component that uses the hook, and gives what the hook gave last. */
async function drawn<Value>(hook: () => Value) {
  const seen: Value[] = [];
  const Component = () => {
    seen.push(hook());
    return null;
  };
  const root = createRoot(document.createElement("div"));
  await act(() => root.render(createElement(Component)));
  const leave = () => act(() => root.unmount());
  closing.push(leave);
  const latest = () => seen.at(-1) as Value;
  const until = (look: (value: Value) => void) => vi.waitFor(() => look(latest()), { timeout: 8_000, interval: 10 });
  return { latest, until, leave };
}

const usage = { modelRequests: 1, modelInputTokens: 1, modelOutputTokens: 1 };

describe("useChat", () => {
  test("gives the branch that is looked at, live, and takes what a person wants", async () => {
    const { server, connection } = await connected();
    const { latest, until } = await drawn(() => useChat(connection, server.session, true));
    expect(latest()).toMatchObject({ path: [], link: "bound", isBusy: false });
    await act(() => latest().send("What is an ETag?", { documents: ["d1"] }));
    expect(latest().path[0]?.message).toMatchObject({ text: "What is an ETag?", state: "sending" });
    await until(({ path }) => expect(path[0]?.reply?.state).toBe("due"));
    expect(server.asked("chat.send")[0]).toMatchObject({ scope: { documents: ["d1"] } });
    const { messageId } = server.asked("chat.send")[0] ?? {};
    const replyId = `r-${messageId}-1`;
    server.say({ type: "chat.started", replyId, inReplyTo: messageId, attempt: 1 });
    server.say({ type: "chat.delta", replyId, text: "A name" });
    await until(({ path }) => expect(path[0]?.reply?.text).toBe("A name"));
    await act(() => latest().stop());
    await until(() => expect(server.asked("chat.stop")[0]).toMatchObject({ replyId }));
    server.say({ type: "chat.done", replyId, text: "A name.", finishReason: "complete", usage, citations: [] });
    await until(({ isBusy }) => expect(isBusy).toBe(false));
    await act(() => latest().regenerate(messageId));
    await until(({ path }) => expect(path[0]?.attempts).toEqual([replyId, `r-${messageId}-2`]));
    await act(() => latest().selectBranch(replyId));
    expect(latest().path[0]?.reply?.text).toBe("A name.");
  });

  test("leaves the conversation when nobody looks on any more", async () => {
    const { server, connection } = await connected();
    server.isKnown = true;
    const { until, leave } = await drawn(() => useChat(connection, server.session));
    await until(({ link }) => expect(link).toBe("bound"));
    await leave();
    const before = server.asked("session.resume").length;
    server.cut();
    await vi.waitFor(() => expect(server.asked("hello").length).toBe(2), { timeout: 8_000 });
    expect(server.asked("session.resume")).toHaveLength(before);
  });
});

test("useConversations lists them, and again when one gets a title", async () => {
  const { server, connection } = await connected();
  server.conversations = [{ session: "c1", title: "ETags" }];
  const { until } = await drawn(() => useConversations(connection, "tag"));
  await until(({ conversations }) => expect(conversations.map(({ title }) => title)).toEqual(["ETags"]));
  expect(server.asked("session.list")[0]).toMatchObject({ kind: "chat", query: "tag" });
  server.conversations = [{ session: "c1", title: "Entity tags" }];
  server.tell({ type: "chat.titled", session: "c1", seq: 1, title: "Entity tags" });
  await until(({ conversations }) => expect(conversations.map(({ title }) => title)).toEqual(["Entity tags"]));
});

test("useDocuments follows the shelf", async () => {
  const { server, connection } = await connected();
  const files = { remove: async () => undefined } as unknown as Files;
  const shelf = new DocumentShelf(connection, files);
  closing.push(() => shelf.close());
  const { latest, until } = await drawn(() => useDocuments(shelf));
  await until(({ isLoading }) => expect(isLoading).toBe(false));
  const summary = { document: "d1", course: "ada", name: "a.pdf", bytes: 1, version: 1, createdUnixMs: 1 };
  server.tell({ type: "document.status", document: { ...summary, state: "ready", updatedUnixMs: 1 } });
  await until(({ documents }) => expect(documents.map(({ name }) => name)).toEqual(["a.pdf"]));
  await act(() => latest().remove("d1"));
  expect(latest().documents).toEqual([]);
});
