import { afterEach, describe, expect, test, vi } from "vitest";
import { WebSocket as NodeWebSocket } from "ws";
import { Connection } from "../src/connection.ts";
import { DocumentShelf } from "../src/document-shelf.ts";
import type { Files, UploadWishes } from "../src/files.ts";
import { Problem } from "../src/problem.ts";
import type { DocumentState, DocumentSummary } from "../src/wire.ts";
import { ScriptedChat } from "./scripted-chat.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const eventually = (assertion: () => void) => vi.waitFor(assertion, { timeout: 9_000, interval: 10 });

interface Sending {
  file: File;
  wishes: UploadWishes;
  done: (id: string) => void;
  fail: (problem: Problem) => void;
}

/** Uploads end when the test says so. */
class HeldFiles {
  readonly sending: Sending[] = [];
  readonly removed: string[] = [];

  upload(file: File, wishes: UploadWishes): Promise<{ id: string }> {
    return new Promise((resolve, reject) => {
      this.sending.push({ file, wishes, done: (id) => resolve({ id }), fail: reject });
      wishes.onProgress?.({ phase: "sending", sentBytes: 1, bytes: file.size, keptBytes: 1, resumedBytes: 0 });
    });
  }

  async remove(document: string): Promise<void> {
    this.removed.push(document);
  }
}

async function shelve(documents: DocumentSummary[] = []) {
  const server = await ScriptedChat.listen();
  server.documents = documents;
  const webSocket = NodeWebSocket as unknown as typeof WebSocket;
  const connection = new Connection({ url: server.url, token: async () => "t", webSocket, random: () => 0 });
  const files = new HeldFiles();
  const shelf = new DocumentShelf(connection, files as unknown as Files);
  closing.push(
    () => server.close(),
    () => connection.close(),
    () => shelf.close(),
  );
  connection.open();
  await eventually(() => expect(shelf.shelf.isLoading).toBe(false));
  return { server, files, shelf };
}

function summary(document: string, state: DocumentState, updatedUnixMs = 1, version = 1): DocumentSummary {
  return {
    document,
    course: "ada",
    name: `${document}.pdf`,
    bytes: 9,
    state,
    version,
    createdUnixMs: 1,
    updatedUnixMs,
  };
}

const states = (shelf: DocumentShelf) => shelf.shelf.documents.map(({ document, state }) => `${document} ${state}`);
const tell = (server: ScriptedChat, document: DocumentSummary) => server.tell({ type: "document.status", document });

describe("the documents of a person", () => {
  test("are listed, and follow what the server tells, in whatever order it comes", async () => {
    const { server, shelf } = await shelve([summary("d1", "ready")]);
    tell(server, summary("d2", "uploaded", 5));
    await eventually(() => expect(states(shelf)).toEqual(["d2 uploaded", "d1 ready"]));
    tell(server, summary("d2", "ready", 9));
    tell(server, summary("d2", "extracting", 7));
    tell(server, summary("d2", "embedding", 9));
    tell(server, summary("d1", "deleted", 9));
    await eventually(() => expect(states(shelf)).toEqual(["d2 ready"]));
    tell(server, summary("d1", "ready", 10));
    tell(server, summary("d2", "uploaded", 9, 2));
    await eventually(() => expect(states(shelf)).toEqual(["d2 uploaded"]));
  });

  test("are asked for again where news stays out, and after another connection", async () => {
    const { server, shelf } = await shelve([summary("d1", "extracting")]);
    server.documents = [summary("d1", "ready", 2)];
    await eventually(() => expect(states(shelf)).toEqual(["d1 ready"]));
    server.documents = [];
    server.cut();
    await eventually(() => expect(states(shelf)).toEqual([]));
  });

  test("are deleted, and stay so whatever comes late", async () => {
    const { server, files, shelf } = await shelve([summary("d1", "ready"), summary("d2", "ready")]);
    await shelf.remove("d1");
    expect(files.removed).toEqual(["d1"]);
    tell(server, summary("d1", "ready", 9));
    tell(server, summary("d3", "ready", 9));
    await eventually(() => expect(states(shelf)).toEqual(["d3 ready", "d2 ready"]));
  });
});

describe("files on their way", () => {
  const named = (name: string) => new File(["some words"], name);

  test("go a few at a time, and become documents", async () => {
    const { server, files, shelf } = await shelve();
    shelf.upload([named("a.pdf"), named("b.pdf"), named("c.pdf"), named("d.pdf")], { course: "law" });
    expect(files.sending.map(({ file }) => file.name)).toEqual(["a.pdf", "b.pdf", "c.pdf"]);
    expect(files.sending[0]?.wishes.course).toBe("law");
    expect(shelf.shelf.uploads.map(({ state, sentBytes }) => `${state} ${sentBytes}`)).toEqual([
      "sending 1",
      "sending 1",
      "sending 1",
      "waiting 0",
    ]);
    server.documents = [summary("d1", "uploaded")];
    files.sending[0]?.done("d1");
    await eventually(() => expect(shelf.shelf.uploads.map(({ name }) => name)).toEqual(["b.pdf", "c.pdf", "d.pdf"]));
    expect(states(shelf)).toEqual(["d1 uploaded"]);
    await eventually(() => expect(files.sending).toHaveLength(4));
  });

  test("say why they did not get there, and are tried again or given up", async () => {
    const { files, shelf } = await shelve();
    shelf.upload([named("a.pdf")]);
    files.sending[0]?.fail(new Problem("quota_exceeded", "full"));
    await eventually(() => expect(shelf.shelf.uploads[0]?.problem?.code).toBe("quota_exceeded"));
    const id = shelf.shelf.uploads[0]?.id ?? "";
    shelf.tryAgain(id);
    expect(shelf.shelf.uploads[0]).toMatchObject({ state: "sending", problem: undefined });
    expect(files.sending).toHaveLength(2);
    shelf.giveUp(id);
    expect(files.sending[1]?.wishes.signal?.aborted).toBe(true);
    expect(shelf.shelf.uploads).toEqual([]);
  });

  test("that were lost with the line go on when it is back, and no others", async () => {
    const { server, files, shelf } = await shelve();
    shelf.upload([named("a.pdf"), named("b.pdf")]);
    files.sending[0]?.wishes.onProgress?.({ phase: "sending", sentBytes: 9, bytes: 10, keptBytes: 8, resumedBytes: 0 });
    files.sending[0]?.fail(new Problem("not_reachable", "gone", true));
    files.sending[1]?.fail(new Problem("quota_exceeded", "full"));
    await eventually(() => expect(shelf.shelf.uploads.every(({ problem }) => problem)).toBe(true));
    expect(shelf.shelf.uploads[0]).toMatchObject({ state: "failed", keptBytes: 8 });
    server.cut();
    await eventually(() => expect(files.sending.map(({ file }) => file.name)).toEqual(["a.pdf", "b.pdf", "a.pdf"]));
    expect(shelf.shelf.uploads.map(({ problem }) => problem?.code)).toEqual([undefined, "quota_exceeded"]);
  });
});
