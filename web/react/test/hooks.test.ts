// @vitest-environment happy-dom

import {
  type AttemptView,
  Connection,
  DocumentShelf,
  type Files,
  Problem,
  type QuizView,
  type Quizzes,
} from "@viva/client";
import { createElement } from "react";
import { createRoot } from "react-dom/client";
import { afterEach, describe, expect, test, vi } from "vitest";
import { WebSocket as NodeWebSocket } from "ws";
import { ScriptedChat } from "../../client/test/scripted-chat.ts";
import { useAttempt, useChat, useConversations, useDocuments, useQuiz, useQuizzes } from "../src/index.ts";

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

const quiz = (change: Partial<QuizView> = {}): QuizView => ({
  id: "q1",
  course: "web-101",
  owner: "tess",
  title: "Caching",
  language: "en",
  languageOrigin: "named",
  state: "draft",
  hasUnpublishedChanges: true,
  version: 1,
  settings: { optionOrder: "shuffled", itemOrder: "as_written", feedback: "full", counting: "best" },
  items: [],
  findings: [],
  createdUnixMs: 1,
  updatedUnixMs: 1,
  ...change,
});

describe("useQuiz", () => {
  test("makes each change to the version that the one before gave", async () => {
    const { connection } = await connected();
    const versions: number[] = [];
    const change = async ({ version }: { version: number }) => {
      versions.push(version);
      return quiz({ version: version + 1 });
    };
    const quizzes = { get: async () => quiz(), change, publish: change } as unknown as Quizzes;
    const { latest, until } = await drawn(() => useQuiz(quizzes, connection, "q1"));
    await until((held) => expect(held.quiz?.version).toBe(1));
    const held = latest();
    await act(async () => {
      expect(await held.change({ title: "Caches" })).toBe(true);
      expect(await held.publish()).toBe(true);
    });
    expect(versions).toEqual([1, 2]);
    expect(latest().quiz?.version).toBe(3);
  });

  test("shows what somebody else has changed instead of overwriting it", async () => {
    const { connection } = await connected();
    let version = 1;
    const refuse = async () => {
      throw new Problem("precondition_failed", "stale");
    };
    const quizzes = { get: async () => quiz({ version }), change: refuse } as unknown as Quizzes;
    const { latest, until } = await drawn(() => useQuiz(quizzes, connection, "q1"));
    await until((held) => expect(held.quiz).toBeDefined());
    version = 2;
    await act(() => latest().change({ title: "Caches" }));
    await until((held) => {
      expect(held.quiz?.version).toBe(2);
      expect(held.problem?.code).toBe("precondition_failed");
    });
  });

  test("asks again by itself while items are being made", async () => {
    const { connection } = await connected();
    let made = 0;
    const making = () => ({
      state: made < 2 ? ("running" as const) : ("done" as const),
      wanted: { documents: [], counts: {} },
      total: 2,
      made,
      rejected: [],
      missing: {},
    });
    const quizzes = {
      get: async () => {
        const now = quiz({ making: making() });
        made += 1;
        return now;
      },
    } as unknown as Quizzes;
    const { until } = await drawn(() => useQuiz(quizzes, connection, "q1"));
    await until((held) => expect(held.quiz?.making).toMatchObject({ state: "done", made: 2 }));
  });
});

describe("useQuizzes", () => {
  test("gives what there is, page by page", async () => {
    const { connection } = await connected();
    const pages: Record<string, object> = {
      first: { quizzes: [{ id: "q1" }], cursor: "second" },
      second: { quizzes: [{ id: "q2" }] },
    };
    const quizzes = { list: async ({ cursor = "first" }) => pages[cursor] } as unknown as Quizzes;
    const { latest, until } = await drawn(() => useQuizzes(quizzes, connection));
    await until((list) => expect(list.quizzes.map(({ id }) => id)).toEqual(["q1"]));
    await act(() => latest().loadMore());
    await until((list) => {
      expect(list.quizzes.map(({ id }) => id)).toEqual(["q1", "q2"]);
      expect(list.hasMore).toBe(false);
    });
  });
});

test("useAttempt saves what is answered, and says when it is over", async () => {
  const view: AttemptView = {
    id: "a1",
    quiz: "q1",
    title: "Caching",
    number: 1,
    preview: false,
    state: "open",
    startedUnixMs: 1,
    nowUnixMs: Date.now(),
    items: [],
    answers: {},
    revision: 0,
  };
  const saved: object[] = [];
  const quizzes = {
    attempt: async () => view,
    save: async (_: string, { answers }: { answers: object }) => {
      saved.push(answers);
      return { revision: 1, savedUnixMs: 1 };
    },
    submit: async () => ({}),
  } as unknown as Quizzes;
  const { latest, until } = await drawn(() => useAttempt(quizzes, "a1"));
  await until(({ snapshot }) => expect(snapshot?.state).toBe("open"));
  await act(() => latest().answer("i1", { type: "true_false", value: true }));
  await until(({ snapshot }) => expect(snapshot?.saving).toBe("saved"));
  expect(saved).toEqual([{ i1: { type: "true_false", value: true } }]);
  await act(() => latest().submit());
  await until(({ snapshot }) => expect(snapshot?.state).toBe("submitted"));
});
