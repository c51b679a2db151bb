import { createHash } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import { Files, type UploadProgress } from "../src/files.ts";
import { DIGEST_WHOLE_BYTES_MAX } from "../src/limits.ts";
import { sha256Of } from "../src/sha256.ts";
import { problem, ScriptedRest } from "./scripted-rest.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function serve(): Promise<{ rest: ScriptedRest; files: Files; tokens: boolean[] }> {
  const rest = await ScriptedRest.listen();
  closing.push(() => rest.close());
  const tokens: boolean[] = [];
  const token = async (renew: boolean) => {
    tokens.push(renew);
    return renew ? "fresh" : "old";
  };
  return { rest, tokens, files: new Files({ url: rest.url, token, random: () => 0 }) };
}

const file = new File(["An ETag names one version."], "caching.md");

describe("an upload", () => {
  test("promises the file's name, size and hash, sends it as told, and completes", async () => {
    const { rest, files } = await serve();
    const seen: UploadProgress[] = [];
    const document = await files.upload(file, { course: "law", onProgress: (progress) => seen.push(progress) });
    expect(document.id).toBe("d1");
    const [asked] = rest.to("POST /api/uploads");
    const sha256 = createHash("sha256").update("An ETag names one version.").digest("hex");
    expect(JSON.parse(String(asked?.body))).toEqual({ name: "caching.md", bytes: 26, sha256, course: "law" });
    expect(asked?.headers).toMatchObject({ authorization: "Bearer old" });
    expect(asked?.headers["idempotency-key"]).toMatch(/^[0-9a-f]{64}$/);
    const [sent] = rest.to("PUT /api/objects/signed");
    expect(String(sent?.body)).toBe("An ETag names one version.");
    expect(sent?.headers).toMatchObject({ "x-terms": "these", "content-length": "26" });
    expect(sent?.headers.authorization).toBeUndefined();
    expect(seen.map(({ phase }) => phase).filter((phase, at, all) => phase !== all[at - 1])).toEqual([
      "hashing",
      "sending",
      "completing",
    ]);
    expect(seen.at(-1)).toEqual({ phase: "completing", sentBytes: 26, bytes: 26, keptBytes: 0, resumedBytes: 0 });
  });

  test("is repeated where the line broke, under the same idempotency key", async () => {
    const { rest, files } = await serve();
    rest.next.set("POST /api/uploads", [{ status: 0, cut: true }, problem(503, "unavailable", 1)]);
    rest.next.set("PUT /api/objects/signed", [{ status: 0, cut: true }]);
    rest.next.set("POST /api/uploads/u1/complete", [{ status: 0, cut: true }]);
    expect((await files.upload(file)).id).toBe("d1");
    const keys = rest.to("POST /api/uploads").map(({ headers }) => headers["idempotency-key"]);
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
    expect(rest.to("PUT /api/objects/signed")).toHaveLength(2);
    expect(rest.to("POST /api/uploads/u1/complete")).toHaveLength(2);
  });

  test("asks for another address where the first has expired", async () => {
    const { rest, files } = await serve();
    rest.next.set("PUT /api/objects/signed", [problem(403, "link_expired")]);
    await files.upload(file);
    expect(rest.to("PUT /api/objects/fresh")).toHaveLength(1);
  });

  test("is refused with a code, and not repeated", async () => {
    const { rest, files } = await serve();
    rest.next.set("POST /api/uploads", [problem(403, "quota_exceeded")]);
    await expect(files.upload(file)).rejects.toMatchObject({ code: "quota_exceeded", retryable: false });
    expect(rest.came).toHaveLength(1);
  });

  test.each([
    [new File(["x"], "movie.mp4"), "unsupported_kind"],
    [new File(["x"], "README"), "unsupported_kind"],
    [new File([], "empty.pdf"), "file_empty"],
  ])("of a file that cannot be read is refused before anything is sent: %#", async (wrong, code) => {
    const { rest, files } = await serve();
    await expect(files.upload(wrong)).rejects.toMatchObject({ code });
    expect(rest.came).toEqual([]);
  });

  test("that is given up is given up on the server, too", async () => {
    const { rest, files } = await serve();
    rest.next.set("PUT /api/objects/signed", [problem(503, "unavailable", 60_000)]);
    const giveUp = new AbortController();
    const upload = files.upload(file, { signal: giveUp.signal });
    await expect.poll(() => rest.to("PUT /api/objects/signed").length).toBe(1);
    giveUp.abort(new Error("enough"));
    await expect(upload).rejects.toThrow("enough");
    await expect.poll(() => rest.to("DELETE /api/uploads/u1").length).toBe(1);
  });
});

describe("the REST API", () => {
  test("is asked once more with a fresh token where the old one is refused", async () => {
    const { rest, files, tokens } = await serve();
    rest.next.set("GET /api/documents/d1", [problem(401, "unauthorized"), { status: 200, body: { id: "d1" } }]);
    expect(await files.get("d1")).toEqual({ id: "d1" });
    expect(tokens).toEqual([false, true]);
    rest.next.set("GET /api/documents/d1", [problem(401, "unauthorized"), problem(401, "unauthorized")]);
    await expect(files.get("d1")).rejects.toMatchObject({ code: "unauthorized" });
  });

  test("tells how it is asked", async () => {
    const { rest, files } = await serve();
    rest.next.set("GET /api/passages/p%2F1", [{ status: 200, body: { id: "p/1" } }]);
    rest.next.set("GET /api/documents/d1/file", [{ status: 200, body: { url: "/api/recordings/x" } }]);
    expect(await files.passage("p/1")).toEqual({ id: "p/1" });
    expect(await files.fileUrl("d1")).toBe(`${rest.url}/api/recordings/x`);
    await files.list({ course: "law", query: "a b" });
    expect(rest.came.at(-1)?.path).toBe("/api/documents?course=law&query=a+b");
  });

  test("a document that is gone already is deleted", async () => {
    const { rest, files } = await serve();
    rest.next.set("DELETE /api/documents/d1", [problem(404, "not_found")]);
    await expect(files.remove("d1")).resolves.toBeUndefined();
    rest.next.set("DELETE /api/documents/d1", [problem(403, "forbidden")]);
    await expect(files.remove("d1")).rejects.toMatchObject({ code: "forbidden" });
  });

  test("what is no problem details is a problem all the same", async () => {
    const { rest, files } = await serve();
    rest.next.set("GET /api/documents/d1", [{ status: 418, body: {} }]);
    await expect(files.get("d1")).rejects.toMatchObject({ code: "rest_failed", retryable: false });
  });
});

test("a large file is hashed piece by piece to the same end", async () => {
  const bytes = new Uint8Array(DIGEST_WHOLE_BYTES_MAX + 12_345).map((_, at) => at % 251);
  expect(await sha256Of(new Blob([bytes]))).toBe(createHash("sha256").update(bytes).digest("hex"));
});
