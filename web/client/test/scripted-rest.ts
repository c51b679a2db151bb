// A server of files on a real port: uploads by their keys, whole and in parts. It notes what comes; a test may have the next answers to
// a route differ, hold them, or cut the line.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Came {
  method: string;
  path: string;
  headers: IncomingMessage["headers"];
  body: Buffer;
}

export type Answer = { status: number; body?: object; cut?: boolean };

interface Upload {
  id: string;
  state: "pending" | "completed" | "aborted";
  bytes: number;
  parts: Map<number, Buffer>;
}

export class ScriptedRest {
  readonly came: Came[] = [];
  readonly next = new Map<string, Answer[]>();
  /** Larger files come in parts of this; 0: none do. */
  partBytes = 0;
  /** Requests to a route wait for it. */
  readonly held = new Map<string, Promise<unknown>>();
  readonly #uploads = new Map<string, Upload>();
  #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => void this.#take(request, response));
  }

  static async listen(): Promise<ScriptedRest> {
    const rest = new ScriptedRest();
    await new Promise<void>((resolve) => rest.#server.listen(0, "127.0.0.1", resolve));
    return rest;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  to(route: string): Came[] {
    return this.came.filter(({ method, path }) => `${method} ${path}` === route);
  }

  /** The numbers of the parts that were sent, in the order in which they came. */
  partsSent(): number[] {
    return this.came.flatMap(({ method, path }) => {
      const number = path.match(/part-(\d+)$/)?.[1];
      return method === "PUT" && number ? [Number(number)] : [];
    });
  }

  /** What the parts of an upload make. */
  joined(id: string): Buffer {
    const parts = [...(this.#find(id)?.parts ?? [])].sort(([one], [other]) => one - other);
    return Buffer.concat(parts.map(([, bytes]) => bytes));
  }

  lose(id: string, part: number): void {
    this.#find(id)?.parts.delete(part);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    try {
      for await (const piece of request) pieces.push(piece as Buffer);
    } catch {
      // Given up while it came.
      return;
    }
    const { method = "", url = "", headers } = request;
    const came = { method, path: url, headers, body: Buffer.concat(pieces) };
    this.came.push(came);
    const route = `${method} ${url}`;
    await this.held.get(route);
    const { status, body, cut } = this.next.get(route)?.shift() ?? this.#usual(route, came);
    if (cut) {
      response.destroy();
      return;
    }
    response.writeHead(status, { "content-type": "application/json" });
    response.end(body === undefined ? "" : JSON.stringify(body));
  }

  #usual(route: string, { headers, body }: Came): Answer {
    if (route === "POST /api/uploads") return this.#begin(String(headers["idempotency-key"]), JSON.parse(String(body)));
    if (route.startsWith("PUT /api/objects/")) return this.#store(route, body);
    const [, method, id = "", rest = ""] = route.match(/^(\w+) \/api\/uploads\/(\w+)(.*)$/) ?? [];
    const upload = this.#find(id);
    if (!upload) return { status: 204 };
    const part = rest.match(/^\/parts\/(\d+)$/)?.[1];
    if (part) {
      if (upload.state === "completed") return problem(409, "conflict");
      return { status: 200, body: sendTo(`${id}/part-${part}`) };
    }
    if (method === "DELETE") {
      upload.state = "aborted";
      return { status: 204 };
    }
    if (method === "GET") return { status: 200, body: this.#ticket(upload, "fresh") };
    const missing = this.#parts(upload)?.count !== upload.parts.size;
    if (this.#parts(upload) && missing) return problem(409, "upload_incomplete");
    upload.state = "completed";
    return { status: 200, body: { id: id.replace("u", "d") } };
  }

  #begin(key: string, { bytes }: { bytes: number }): Answer {
    const known = this.#uploads.get(key);
    if (known) return { status: 200, body: this.#ticket(known, "signed") };
    const id = `u${this.#uploads.size + 1}`;
    const upload: Upload = { id, state: "pending", bytes, parts: new Map() };
    this.#uploads.set(key, upload);
    return { status: 201, body: this.#ticket(upload, "signed") };
  }

  #store(route: string, body: Buffer): Answer {
    const [, id = "", number] = route.match(/objects\/(\w+)\/part-(\d+)$/) ?? [];
    if (number) this.#find(id)?.parts.set(Number(number), body);
    return { status: 200 };
  }

  #ticket(upload: Upload, address: string): object {
    const { id, state } = upload;
    const parts = this.#parts(upload);
    const shown = state === "pending" ? { send: sendTo(address), ...(parts && { parts }) } : {};
    return { upload: { id, state }, ...shown };
  }

  #parts({ bytes, parts }: Upload) {
    if (this.partBytes === 0 || bytes <= this.partBytes) return undefined;
    return { bytes: this.partBytes, count: Math.ceil(bytes / this.partBytes), received: [...parts.keys()].sort() };
  }

  #find(id: string): Upload | undefined {
    return [...this.#uploads.values()].find((upload) => upload.id === id);
  }
}

export const problem = (status: number, code: string, retryAfterMs?: number): Answer => ({
  status,
  body: { type: `urn:viva:problem:${code}`, title: code, status, detail: `it is ${code}`, code, retryAfterMs },
});

function sendTo(address: string): object {
  return { method: "PUT", url: `/api/objects/${address}`, headers: { "x-terms": "these" }, expiresUnixMs: 1 };
}
