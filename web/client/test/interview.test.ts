import { afterEach, describe, expect, test, vi } from "vitest";
import { WebSocket as NodeWebSocket } from "ws";
import { Connection } from "../src/connection.ts";
import { Interview } from "../src/interview.ts";
import type { Problem } from "../src/problem.ts";
import { MemorySaidStore } from "../src/said-store.ts";
import type { Params } from "../src/wire.ts";
import { ScriptedServer } from "./scripted-server.ts";

const params: Params = {
  topic: "Caching",
  language: "en-US",
  questions: 2,
  playback: "text",
  turnTaking: "auto",
  recording: false,
};
const model = { name: "builtin", kind: "builtin" as const };
const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Polls until the assertion holds. */
const eventually = (assertion: () => void) => vi.waitFor(assertion, { timeout: 8_000, interval: 10 });

async function serve(statusEveryMs?: number): Promise<ScriptedServer> {
  const server = await ScriptedServer.listen("s1", statusEveryMs);
  closing.push(() => server.close());
  return server;
}

function connect(server: ScriptedServer, token: (renew: boolean) => Promise<string> = async () => "t1"): Connection {
  const webSocket = NodeWebSocket as unknown as typeof WebSocket;
  const connection = new Connection({ url: server.url, token, webSocket, random: () => 0 });
  closing.push(() => connection.close());
  connection.open();
  return connection;
}

function begin(server: ScriptedServer, store = new MemorySaidStore(), connection = connect(server)) {
  const interview = Interview.start(connection, store, "s1", params);
  closing.push(() => interview.detach());
  return { interview, store, connection };
}

async function beginAndAsk(server: ScriptedServer) {
  const begun = begin(server);
  await eventually(() => expect(server.inbox.has(1)).toBe(true));
  server.say({ type: "interview.started", params, model });
  server.say({ type: "question.started", turn: 1, attempt: 1 });
  server.say({ type: "question.done", turn: 1, attempt: 1, text: "What is an ETag?" });
  await eventually(() => expect(begun.interview.view.phase).toBe("listening"));
  return begun;
}

function sayAudio(interview: Interview, count: number): void {
  for (let at = 0; at < count; at += 1) interview.sayAudio(interview.mediaEndMs, `data${at}`, 200);
}

const audioLines = (server: ScriptedServer) => [...server.inbox.values()].filter((line) => line.includes('"audio"'));

describe("an interview over a socket", () => {
  test("offers the protocol and the token, says hello and starts", async () => {
    const server = await serve();
    const { interview } = await beginAndAsk(server);
    expect(server.tokens).toEqual(["t1"]);
    expect(server.requests[0]).toMatchObject({ type: "hello", client: { name: "viva-web" } });
    interview.answerText("A validator.");
    await eventually(() => expect(server.inbox.get(2)).toContain('"text":"A validator."'));
    await eventually(() => expect(interview.status.unsentMessages).toBe(0));
  });

  test("loses nothing when the connection is cut in the middle of an answer", async () => {
    const server = await serve();
    const { interview } = await beginAndAsk(server);
    sayAudio(interview, 3);
    await eventually(() => expect(server.throughSeq).toBe(4));
    server.cut();
    sayAudio(interview, 4);
    server.say({ type: "transcript.final", turn: 1, segment: 1, text: "While away.", words: [] });
    expect(interview.status.unsentAudioMs).toBeGreaterThanOrEqual(800);
    await eventually(() => expect(server.throughSeq).toBe(8));
    await eventually(() => expect(interview.view.turns[0]?.segments[0]?.text).toBe("While away."));
    expect(audioLines(server).map((line) => JSON.parse(line).mediaMs)).toEqual([0, 200, 400, 600, 800, 1_000, 1_200]);
    expect(server.requests.find(({ type }) => type === "session.resume")).toMatchObject({ lastSeq: 3 });
    await eventually(() => expect(interview.status.unsentAudioMs).toBe(0));
  });

  test("goes on after a reload with what was not acknowledged, in the same bytes and numbers", async () => {
    const server = await serve(20_000);
    const { interview, store, connection } = await beginAndAsk(server);
    sayAudio(interview, 2);
    await eventually(() => expect(server.throughSeq).toBe(3));
    server.cut();
    connection.close();
    sayAudio(interview, 3);
    await eventually(async () => expect((await store.load("s1")).length).toBeGreaterThanOrEqual(5));
    const kept = await store.load("s1");
    interview.detach();

    const reloaded = await Interview.resume(connect(server), store, "s1");
    closing.push(() => reloaded.detach());
    await eventually(() => expect(server.throughSeq).toBe(6));
    expect(reloaded.view.turns[0]?.question.text).toBe("What is an ETag?");
    for (const { seq, line } of kept) expect(server.inbox.get(seq)).toBe(line);
    sayAudio(reloaded, 1);
    await eventually(() => expect(JSON.parse(server.inbox.get(7) ?? "{}").mediaMs).toBe(1_000));
  });

  test("counts on after the server's head when the browser kept nothing", async () => {
    const server = await serve();
    const { interview, connection } = await beginAndAsk(server);
    sayAudio(interview, 3);
    await eventually(() => expect(server.throughSeq).toBe(4));
    interview.detach();
    connection.close();
    const elsewhere = await Interview.resume(connect(server), new MemorySaidStore(), "s1");
    closing.push(() => elsewhere.detach());
    await eventually(() => expect(elsewhere.mediaEndMs).toBe(600));
    elsewhere.endAnswer();
    await eventually(() => expect(server.inbox.get(5)).toContain("answer.end"));
  });

  test("says number 1 again when the server never got it", async () => {
    const server = await serve();
    server.losing.add(1);
    const { interview } = begin(server);
    await eventually(() => expect(server.received).toHaveLength(1));
    server.cut();
    await eventually(() => expect(server.inbox.has(1)).toBe(true));
    expect(server.received[0]?.line).toBe(server.received[1]?.line);
    expect(interview.status.link).toBe("bound");
  });

  test("sends what is missing again", async () => {
    const server = await serve();
    const { interview } = await beginAndAsk(server);
    server.losing.add(3);
    sayAudio(interview, 4);
    await eventually(() => expect(server.throughSeq).toBe(5));
    const lines = server.received.filter(({ seq }) => seq === 3).map(({ line }) => line);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toBe(lines[1]);
  });

  test("asks for a lost event, and for a lost tail", async () => {
    const server = await serve();
    const { interview } = await beginAndAsk(server);
    server.say({ type: "transcript.final", turn: 1, segment: 1, text: "One.", words: [] }, true);
    server.say({ type: "transcript.final", turn: 1, segment: 2, text: "Two.", words: [] });
    expect(interview.view.turns[0]?.segments).toEqual([]);
    await eventually(() => expect(interview.view.turns[0]?.segments.map(({ text }) => text)).toEqual(["One.", "Two."]));
    server.say({ type: "transcript.final", turn: 1, segment: 3, text: "Three.", words: [] }, true);
    await eventually(() => expect(interview.view.turns[0]?.segments).toHaveLength(3));
    expect(server.requests.filter(({ type }) => type === "session.resume")).toHaveLength(2);
  });

  test("drops what an older worker still says", async () => {
    const server = await serve();
    const { interview } = await beginAndAsk(server);
    server.epoch = 2;
    server.say({ type: "session.continued", epoch: 2 });
    const partial = { type: "transcript.partial", session: "s1", turn: 1, segment: 1, revision: 1, stableChars: 0 };
    server.push({ ...partial, epoch: 1, text: "old" });
    server.push({ ...partial, epoch: 2, text: "new" });
    await eventually(() => expect(interview.view.turns[0]?.partial?.text).toBe("new"));
  });

  test("sends again what could not be stored, and goes on after a spent number", async () => {
    const server = await serve();
    const { interview } = await beginAndAsk(server);
    const problems: Problem[] = [];
    interview.on("problem", (problem) => problems.push(problem));
    server.refusing.set(2, { code: "storage_failed", retryable: true, retryAfterMs: 50 });
    interview.answerText("Again.");
    await eventually(() => expect(server.inbox.get(2)).toContain("Again."));
    server.refusing.set(3, { code: "turn_unknown", retryable: false });
    interview.skip();
    interview.repeat();
    await eventually(() => expect(server.throughSeq).toBe(4));
    expect(server.received.filter(({ seq }) => seq === 3)).toHaveLength(1);
    await eventually(() => expect(problems.map(({ code }) => code)).toEqual(["storage_failed", "turn_unknown"]));
  });

  test("stops when it has moved elsewhere and comes back only when asked", async () => {
    const server = await serve();
    const { interview } = await beginAndAsk(server);
    const other = await Interview.resume(connect(server), new MemorySaidStore(), "s1");
    closing.push(() => other.detach());
    await eventually(() => expect(interview.status.link).toBe("moved"));
    await eventually(() => expect(other.status.link).toBe("bound"));
    interview.answerText("From the old place.");
    expect(server.inbox.has(2)).toBe(false);
    interview.takeBack();
    await eventually(() => expect(interview.status.link).toBe("bound"));
    await eventually(() => expect(server.inbox.get(2)).toContain("From the old place."));
    await eventually(() => expect(other.status.link).toBe("moved"));
  });

  test("pings when there is no status for three seconds", async () => {
    const server = await serve();
    await beginAndAsk(server);
    server.isSilent = true;
    await eventually(() =>
      expect(server.requests.some((one) => one.type === "ping" && one.session === "s1")).toBe(true),
    );
  });

  test("moves to another connection before the old one ends", async () => {
    const server = await serve();
    const { interview, connection } = await beginAndAsk(server);
    const states: string[] = [];
    connection.on("state", (state) => states.push(state));
    server.push({ type: "goAway", reason: "max_duration", remainingMs: 60_000 });
    await eventually(() => expect(server.connections).toBe(2));
    await eventually(() => expect(server.requests.at(-1)?.type).toBe("session.resume"));
    sayAudio(interview, 1);
    await eventually(() => expect(server.throughSeq).toBe(2));
    await eventually(() => expect(server.openConnections).toBe(1));
    expect(states).toEqual([]);
    expect(interview.status.link).toBe("bound");
  });

  test("renews its token before it expires", async () => {
    const server = await serve();
    server.expiresInMs = 61_200;
    const connection = connect(server, async (renew) => (renew ? "fresh" : "first"));
    begin(server, undefined, connection);
    await eventually(() => expect(server.tokens).toEqual(["first", "fresh"]));
    expect(server.requests.some(({ type }) => type === "auth.refresh")).toBe(true);
  });

  test("tries again where its token could not be renewed, on the same connection", async () => {
    const server = await serve();
    server.expiresInMs = 61_200;
    const asked: boolean[] = [];
    const connection = connect(server, async (renew) => {
      asked.push(renew);
      if (asked.length === 2) throw new TypeError("Failed to fetch");
      return renew ? "fresh" : "first";
    });
    begin(server, undefined, connection);
    await eventually(() => expect(server.tokens).toEqual(["first", "fresh"]));
    expect([server.connections, asked]).toEqual([1, [false, true, true]]);
  }, 12_000);

  test("gives up an interview that the server refuses to start", async () => {
    const server = await serve();
    server.refusing.set(1, { code: "language_unsupported", retryable: false });
    const { interview } = begin(server);
    await eventually(() => expect(interview.status.link).toBe("over"));
  });

  test("stops taking audio at two minutes of it unsent", async () => {
    const server = await serve();
    const { interview } = await beginAndAsk(server);
    await server.close();
    sayAudio(interview, 700);
    expect(interview.status.unsentAudioMs).toBe(120_000);
    expect(interview.status.full).toBe(true);
  });

  test("forgets what it kept when the interview is over", async () => {
    const server = await serve();
    const { interview, store } = await beginAndAsk(server);
    interview.finish();
    await eventually(() => expect(server.throughSeq).toBe(2));
    const usage = {} as never;
    server.say({ type: "interview.finished", reason: "finished", usage });
    await eventually(() => expect(interview.status.link).toBe("over"));
    await eventually(async () => expect(await store.load("s1")).toEqual([]));
  });
});
