import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { describe, expect, test } from "vitest";
import { IndexedDbSaidStore, MemorySaidStore, type SaidStore } from "../src/said-store.ts";

globalThis.IDBKeyRange = IDBKeyRange;

const entry = (seq: number) => ({ seq, line: `{"seq":${seq}}`, audioMs: 200, mediaEndMs: seq * 200 });

describe.each<[string, () => SaidStore]>([
  ["in memory", () => new MemorySaidStore()],
  ["in IndexedDB", () => new IndexedDbSaidStore("ada", new IDBFactory())],
])("unsent messages %s", (_, open) => {
  test("come back in order, as they were", async () => {
    const store = open();
    for (const seq of [2, 10, 1]) await store.put("s", entry(seq));
    await store.put("other", entry(3));
    expect(await store.load("s")).toEqual([entry(1), entry(2), entry(10)]);
  });

  test("are forgotten one by one and all at once", async () => {
    const store = open();
    for (const seq of [1, 2, 3]) await store.put("s", entry(seq));
    await store.drop("s", [1, 3]);
    expect(await store.load("s")).toEqual([entry(2)]);
    await store.clear("s");
    expect(await store.load("s")).toEqual([]);
  });
});

test("another user of the same browser does not see them", async () => {
  const factory = new IDBFactory();
  await new IndexedDbSaidStore("ada", factory).put("s", entry(1));
  expect(await new IndexedDbSaidStore("bob", factory).load("s")).toEqual([]);
  expect(await new IndexedDbSaidStore("ada", factory).load("s")).toEqual([entry(1)]);
});
