import { afterEach, describe, expect, test } from "vitest";
import { Files, type UploadProgress } from "../src/files.ts";
import { PARTS_AT_ONCE_MAX, REST_ATTEMPTS_MAX } from "../src/limits.ts";
import { problem, ScriptedRest } from "./scripted-rest.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const PART_BYTES = 10;
const WORDS = "An ETag names one version of a resource, and no other.";
const named = (name: string) => new File([WORDS], name);
const COUNT = Math.ceil(WORDS.length / PART_BYTES);
const all = Array.from({ length: COUNT }, (_, at) => at + 1);

/** As a page has it: another one knows nothing of what this one did. */
const page = (rest: ScriptedRest) => new Files({ url: rest.url, token: async () => "t", random: () => 0 });

async function serve(): Promise<ScriptedRest> {
  const rest = await ScriptedRest.listen();
  closing.push(() => rest.close());
  rest.partBytes = PART_BYTES;
  return rest;
}

/** Holds a route until it is let go. */
function hold(rest: ScriptedRest, route: string): () => void {
  let letGo = () => {};
  rest.held.set(route, new Promise<void>((resolve) => (letGo = resolve)));
  closing.push(letGo);
  return letGo;
}

/** Breaks a file off for good when its part `number` is sent. */
function breakOff(rest: ScriptedRest, number: number): void {
  rest.next.set(`PUT /api/objects/u1/part-${number}`, [problem(409, "storage_failed")]);
}

const sorted = (numbers: number[]) => [...numbers].sort((one, other) => one - other);

describe("a large file", () => {
  test("goes in parts, and counts the bytes of all of them", async () => {
    const rest = await serve();
    const seen: UploadProgress[] = [];
    const document = await page(rest).upload(named("a.md"), { onProgress: (progress) => seen.push(progress) });
    expect(document.id).toBe("d1");
    expect(sorted(rest.partsSent())).toEqual(all);
    expect(String(rest.joined("u1"))).toBe(WORDS);
    expect(rest.to("PUT /api/objects/signed")).toEqual([]);
    const [sent] = rest.to("PUT /api/objects/u1/part-1");
    expect(sent?.headers).toMatchObject({ "x-terms": "these", "content-length": "10" });
    expect(sent?.headers.authorization).toBeUndefined();
    const bytes = WORDS.length;
    expect(seen.at(-2)).toEqual({ phase: "sending", sentBytes: bytes, bytes, keptBytes: bytes, resumedBytes: 0 });
    expect(seen.at(-1)).toEqual({ phase: "completing", sentBytes: bytes, bytes, keptBytes: bytes, resumedBytes: 0 });
    expect(seen.every(({ sentBytes, keptBytes }) => keptBytes <= sentBytes && sentBytes <= bytes)).toBe(true);
  });

  test("has a few parts on their way at a time, together with others", async () => {
    const rest = await serve();
    const letGo = [1, 2].flatMap((id) => all.map((number) => hold(rest, `PUT /api/objects/u${id}/part-${number}`)));
    const files = page(rest);
    const uploads = [files.upload(named("a.md")), files.upload(named("b.md"))];
    await expect.poll(() => rest.partsSent().length).toBe(PARTS_AT_ONCE_MAX);
    expect(rest.came.filter(({ path }) => path.includes("/parts/"))).toHaveLength(PARTS_AT_ONCE_MAX);
    for (const go of letGo) go();
    expect((await Promise.all(uploads)).map(({ id }) => id).sort()).toEqual(["d1", "d2"]);
    expect(rest.partsSent()).toHaveLength(2 * COUNT);
  });

  test("has a part sent again where the line broke, and at another address where one was refused", async () => {
    const rest = await serve();
    rest.next.set("PUT /api/objects/u1/part-2", [{ status: 0, cut: true }, problem(503, "unavailable", 1)]);
    rest.next.set("PUT /api/objects/u1/part-3", [problem(403, "link_expired"), problem(400, "length_mismatch")]);
    rest.next.set("POST /api/uploads/u1/parts/4", [{ status: 0, cut: true }]);
    await page(rest).upload(named("a.md"));
    const sent = (number: number) => rest.to(`PUT /api/objects/u1/part-${number}`).length;
    const asked = (number: number) => rest.to(`POST /api/uploads/u1/parts/${number}`).length;
    expect(all.map((number) => [sent(number), asked(number)])).toEqual([
      [1, 1],
      [3, 1],
      [3, 3],
      [1, 2],
      [1, 1],
      [1, 1],
    ]);
    expect(String(rest.joined("u1"))).toBe(WORDS);
  });

  test("ends with the server's reason where a part is refused for good, and sends no more", async () => {
    const rest = await serve();
    const letGo = [2, 3].map((number) => hold(rest, `PUT /api/objects/u1/part-${number}`));
    rest.next.set("POST /api/uploads/u1/parts/1", [problem(410, "upload_expired")]);
    await expect(page(rest).upload(named("a.md"))).rejects.toMatchObject({ code: "upload_expired", retryable: false });
    expect(rest.to("POST /api/uploads/u1/parts/1")).toHaveLength(1);
    for (const go of letGo) go();
    expect(rest.partsSent().filter((number) => number > PARTS_AT_ONCE_MAX)).toEqual([]);
    expect(rest.to("DELETE /api/uploads/u1")).toEqual([]);
  });

  test("is not tried for ever", async () => {
    const rest = await serve();
    const gone = Array.from({ length: REST_ATTEMPTS_MAX }, () => ({ status: 0, cut: true }));
    rest.next.set("PUT /api/objects/u1/part-6", gone);
    await expect(page(rest).upload(named("a.md"))).rejects.toMatchObject({ code: "not_reachable" });
    expect(rest.to("PUT /api/objects/u1/part-6")).toHaveLength(REST_ATTEMPTS_MAX);
  });

  test("that broke off goes on with what is missing when it is chosen again on another page", async () => {
    const rest = await serve();
    breakOff(rest, COUNT);
    await expect(page(rest).upload(named("a.md"))).rejects.toMatchObject({ code: "storage_failed" });
    expect(sorted(rest.partsSent())).toEqual(all);
    rest.came.splice(0);
    const seen: UploadProgress[] = [];
    const document = await page(rest).upload(named("a.md"), { onProgress: (progress) => seen.push(progress) });
    expect(document.id).toBe("d1");
    expect(rest.partsSent()).toEqual([COUNT]);
    expect(String(rest.joined("u1"))).toBe(WORDS);
    const kept = (COUNT - 1) * PART_BYTES;
    expect(seen.find(({ phase }) => phase === "sending")).toMatchObject({ sentBytes: kept, keptBytes: kept });
    expect(seen.at(-1)).toMatchObject({ phase: "completing", resumedBytes: kept });
  });

  test("does not go on with what is for another place, or has another name", async () => {
    const rest = await serve();
    breakOff(rest, 1);
    await expect(page(rest).upload(named("a.md"))).rejects.toThrow();
    expect((await page(rest).upload(named("a.md"), { course: "law" })).id).toBe("d2");
    expect((await page(rest).upload(named("b.md"))).id).toBe("d3");
  });

  test("is another document when it is sent again after it was one, and goes on then, too", async () => {
    const rest = await serve();
    expect((await page(rest).upload(named("a.md"))).id).toBe("d1");
    rest.next.set("PUT /api/objects/u2/part-1", [problem(409, "storage_failed")]);
    await expect(page(rest).upload(named("a.md"))).rejects.toThrow();
    expect((await page(rest).upload(named("a.md"))).id).toBe("d2");
  });

  test("chosen twice at once is two documents", async () => {
    const rest = await serve();
    const files = page(rest);
    const documents = await Promise.all([files.upload(named("a.md")), files.upload(named("a.md"))]);
    expect(documents.map(({ id }) => id).sort()).toEqual(["d1", "d2"]);
  });

  test("whose parts had come but are lost has them sent again", async () => {
    const rest = await serve();
    const letGo = hold(rest, "POST /api/uploads/u1/complete");
    const upload = page(rest).upload(named("a.md"));
    await expect.poll(() => rest.to("POST /api/uploads/u1/complete").length).toBe(1);
    rest.lose("u1", 3);
    letGo();
    expect((await upload).id).toBe("d1");
    expect(rest.partsSent().slice(COUNT)).toEqual([3]);
  });

  test("that another page has completed meanwhile is its document", async () => {
    const rest = await serve();
    const letGo = hold(rest, "POST /api/uploads/u1/parts/1");
    const first = page(rest).upload(named("a.md"));
    await expect.poll(() => rest.to("POST /api/uploads/u1/parts/1").length).toBe(1);
    rest.held.clear();
    expect((await page(rest).upload(named("a.md"))).id).toBe("d1");
    letGo();
    expect((await first).id).toBe("d1");
  });

  test("that is given up stops at once, and is forgotten by the server", async () => {
    const rest = await serve();
    for (const number of all) hold(rest, `PUT /api/objects/u1/part-${number}`);
    const giveUp = new AbortController();
    const upload = page(rest).upload(named("a.md"), { signal: giveUp.signal });
    await expect.poll(() => rest.partsSent().length).toBe(PARTS_AT_ONCE_MAX);
    giveUp.abort(new Error("enough"));
    await expect(upload).rejects.toThrow("enough");
    await expect.poll(() => rest.to("DELETE /api/uploads/u1").length).toBe(1);
    expect(rest.partsSent()).toHaveLength(PARTS_AT_ONCE_MAX);
    expect((await page(rest).upload(named("a.md"))).id).toBe("d2");
  });
});
