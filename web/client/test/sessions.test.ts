import { afterEach, expect, test } from "vitest";
import { WebSocket as NodeWebSocket } from "ws";
import { Connection } from "../src/connection.ts";
import { listSessions, reviewRating } from "../src/sessions.ts";
import { ScriptedChat } from "./scripted-chat.ts";

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

test("a list says only what is wanted", async () => {
  const { server, connection } = await connected();
  await listSessions(connection);
  await listSessions(connection, { kind: "chat", query: "tag", course: "law", cursor: "c" });
  const asked = server.asked("session.list").map(({ id: _, ...rest }) => rest);
  expect(asked).toEqual([
    { type: "session.list", kind: "interview" },
    { type: "session.list", kind: "chat", query: "tag", course: "law", cursor: "c" },
  ]);
});

test("a review says which rating the teacher saw, and a conflict is told", async () => {
  const { server, connection } = await connected();
  const review = { session: "s1", user: "sam", criterion: "depth", rating: 4, revision: 0 };
  await reviewRating(connection, { ...review, comment: "Well." });
  expect(server.asked("report.review")[0]).toMatchObject({ ...review, comment: "Well." });
  server.refusing.set("report.review", { code: "review_conflict", retryable: false });
  await expect(reviewRating(connection, review)).rejects.toMatchObject({ code: "review_conflict" });
});
