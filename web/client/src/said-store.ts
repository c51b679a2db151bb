// Where what was said but is not acknowledged waits, so that a reload loses nothing. `IndexedDbSaidStore` survives reloads;
// `MemorySaidStore` is for tests and for browsers that refuse to store. Neither knows what the lines mean.

import type { SaidEntry } from "./said-line.ts";

export interface SaidStore {
  load(session: string): Promise<SaidEntry[]>;
  put(session: string, entry: SaidEntry): Promise<void>;
  drop(session: string, seqs: number[]): Promise<void>;
  clear(session: string): Promise<void>;
}

export class MemorySaidStore implements SaidStore {
  readonly #sessions = new Map<string, Map<number, SaidEntry>>();

  async load(session: string): Promise<SaidEntry[]> {
    return [...(this.#sessions.get(session)?.values() ?? [])].sort((one, other) => one.seq - other.seq);
  }

  async put(session: string, entry: SaidEntry): Promise<void> {
    const entries = this.#sessions.get(session) ?? new Map<number, SaidEntry>();
    this.#sessions.set(session, entries.set(entry.seq, entry));
  }

  async drop(session: string, seqs: number[]): Promise<void> {
    for (const seq of seqs) this.#sessions.get(session)?.delete(seq);
  }

  async clear(session: string): Promise<void> {
    this.#sessions.delete(session);
  }
}

interface StoredEntry extends SaidEntry {
  /** User and session: browsers are shared, and ids are unique for one user only. */
  owner: string;
  savedUnixMs: number;
}

export class IndexedDbSaidStore implements SaidStore {
  readonly #user: string;
  readonly #factory: IDBFactory;
  #database: Promise<IDBDatabase> | undefined;

  constructor(user: string, factory: IDBFactory = indexedDB) {
    this.#user = user;
    this.#factory = factory;
  }

  async load(session: string): Promise<SaidEntry[]> {
    const entries = await this.#run<StoredEntry[]>("readonly", (store) => store.getAll(this.#range(session)));
    return entries.map(({ seq, line, audioMs, mediaEndMs }) => ({ seq, line, audioMs, mediaEndMs }));
  }

  async put(session: string, entry: SaidEntry): Promise<void> {
    const stored: StoredEntry = { ...entry, owner: this.#owner(session), savedUnixMs: Date.now() };
    await this.#run("readwrite", (store) => store.put(stored));
  }

  async drop(session: string, seqs: number[]): Promise<void> {
    if (seqs.length === 0) return;
    await this.#run("readwrite", (store) => {
      for (const seq of seqs) store.delete([this.#owner(session), seq]);
    });
  }

  async clear(session: string): Promise<void> {
    await this.#run("readwrite", (store) => store.delete(this.#range(session)));
  }

  #owner(session: string): string {
    return `${this.#user}/${session}`;
  }

  #range(session: string): IDBKeyRange {
    const owner = this.#owner(session);
    return IDBKeyRange.bound([owner, 0], [owner, Number.MAX_SAFE_INTEGER]);
  }

  // biome-ignore lint/suspicious/noConfusingVoidType: a change without a result has nothing to return.
  async #run<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest | void): Promise<T> {
    this.#database ??= this.#open();
    const database = await this.#database;
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const request = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request?.result as T);
      transaction.onabort = () => reject(transaction.error ?? new Error("The browser gave up storing."));
    });
  }

  #open(): Promise<IDBDatabase> {
    return new Promise((resolve, reject) => {
      const request = this.#factory.open("viva", 1);
      request.onupgradeneeded = () => {
        const store = request.result.createObjectStore(STORE, { keyPath: ["owner", "seq"] });
        store.createIndex("saved", "savedUnixMs");
      };
      request.onerror = () => reject(request.error ?? new Error("The browser refuses to store."));
      request.onsuccess = () => {
        forgetOld(request.result);
        resolve(request.result);
      };
    });
  }
}

/** What was never acknowledged in all these days belongs to interviews that are over. */
function forgetOld(database: IDBDatabase): void {
  const store = database.transaction(STORE, "readwrite").objectStore(STORE);
  const old = store.index("saved").openCursor(IDBKeyRange.upperBound(Date.now() - KEEP_MS));
  old.onsuccess = () => {
    old.result?.delete();
    old.result?.continue();
  };
}

const STORE = "said";
const KEEP_MS = 3 * 24 * 3_600_000;
