// The REST API: JSON in and out, a token with each request, refusals as problems with a code. What failed on its way is asked
// again, since every request here may be repeated. What is asked is `files`' business.

import { Backoff } from "./backoff.ts";
import { REST_ATTEMPTS_MAX, REST_MS_MAX } from "./limits.ts";
import { Problem } from "./problem.ts";
import type { Problem as RestProblem } from "./rest-types.ts";

export interface RestOptions {
  /** Where `/api` is: the origin, and a path before it where there is one. */
  url: string;
  /** Gives a token. `renew` asks for a fresh one, because the last was refused. */
  token: (renew: boolean) => Promise<string>;
  fetch?: typeof fetch;
  random?: () => number;
}

export interface Asking {
  body?: object;
  /** Instead of JSON. */
  file?: Blob;
  /** The same key and body again give the same answer. */
  idempotencyKey?: string;
  /** The version that is changed; another one is refused. */
  ifMatch?: string;
  /** How often it is asked, at most. */
  attempts?: number;
  signal?: AbortSignal | undefined;
}

export class Rest {
  readonly #options: RestOptions;

  constructor(options: RestOptions) {
    this.#options = options;
  }

  /** An address that the server gave, which may be a path of its own. */
  resolve(url: string): string {
    return new URL(url, `${this.#options.url}/`).href;
  }

  async ask<Answer>(method: string, path: string, asking: Asking = {}): Promise<Answer> {
    return this.#retrying(method, path, asking, async (response) =>
      response.status === 204 ? (undefined as Answer) : ((await response.json()) as Answer),
    );
  }

  /** Where the answer is no JSON, or its headers count. */
  async fetch(method: string, path: string, asking: Asking = {}): Promise<Response> {
    return this.#retrying(method, path, asking, async (response) => response);
  }

  #retrying<Answer>(
    method: string,
    path: string,
    asking: Asking,
    take: (response: Response) => Promise<Answer>,
  ): Promise<Answer> {
    const { random, token } = this.#options;
    const once = async (renew: boolean) => this.#once(method, path, asking, await token(renew), take);
    const attempt = async () => {
      try {
        return await once(false);
      } catch (cause) {
        if (!(cause instanceof Problem) || cause.code !== "unauthorized") throw cause;
        return once(true);
      }
    };
    return retrying(random, asking.signal, attempt, asking.attempts);
  }

  async #once<Answer>(
    method: string,
    path: string,
    asking: Asking,
    token: string,
    take: (response: Response) => Promise<Answer>,
  ): Promise<Answer> {
    const { body, file, idempotencyKey, ifMatch, signal } = asking;
    const headers: Record<string, string> = { authorization: `Bearer ${token}` };
    if (body) headers["content-type"] = "application/json";
    if (file) headers["content-type"] = "application/octet-stream";
    if (idempotencyKey) headers["idempotency-key"] = idempotencyKey;
    if (ifMatch) headers["if-match"] = ifMatch;
    const late = AbortSignal.timeout(REST_MS_MAX);
    const sent = file ?? (body && JSON.stringify(body));
    let response: Response;
    try {
      response = await (this.#options.fetch ?? fetch)(this.#options.url + path, {
        method,
        headers,
        cache: "no-store",
        signal: signal ? AbortSignal.any([signal, late]) : late,
        ...(sent && { body: sent }),
      });
      if (response.ok) return await take(response);
    } catch (cause) {
      throw fault(cause, signal);
    }
    throw problemOf(response.status, await response.text().catch(() => ""));
  }
}

/** What is asked for, as the end of an address; what is absent or empty is left out. */
export function queryOf(wishes: Record<string, string | number | undefined>): string {
  const said = Object.entries(wishes).filter(([, value]) => value !== undefined && value !== "");
  const query = new URLSearchParams(said.map(([name, value]) => [name, String(value)]));
  return query.size === 0 ? "" : `?${query}`;
}

/** Asks until there is an answer, or a refusal that asking again does not change, or it has failed too often. */
export async function retrying<Answer>(
  random: (() => number) | undefined,
  signal: AbortSignal | undefined,
  attempt: () => Promise<Answer>,
  attemptsMax = REST_ATTEMPTS_MAX,
): Promise<Answer> {
  const backoff = new Backoff(random);
  for (let number = 1; ; number += 1) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (cause) {
      if (!(cause instanceof Problem) || !cause.retryable || number >= attemptsMax) throw cause;
      await pause(Math.max(backoff.nextDelayMs(), cause.retryAfterMs ?? 0), signal);
    }
  }
}

/** Problem details, or whatever something between us and the server said instead. */
export function problemOf(status: number, text: string): Problem {
  try {
    const { code, detail, title, retryAfterMs } = JSON.parse(text) as Partial<RestProblem>;
    if (code) return new Problem(code, detail ?? title ?? code, isRetryable(status), retryAfterMs);
  } catch {
    // Not JSON: a proxy's page, or S3's XML.
  }
  const code =
    status === 401 ? "unauthorized" : status === 403 ? "forbidden" : status === 413 ? "file_too_large" : "rest_failed";
  return new Problem(code, `The server answered with ${status}.`, isRetryable(status));
}

/** What went wrong before there was an answer. */
export function fault(cause: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return signal.reason;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new Problem("not_reachable", message, true);
}

/** Until the time is over, or the browser is back online. */
function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => {
      clearTimeout(timer);
      globalThis.removeEventListener?.("online", go);
      signal?.removeEventListener("abort", stop);
    };
    const go = () => {
      leave();
      resolve();
    };
    const stop = () => {
      leave();
      reject(signal?.reason);
    };
    const timer = setTimeout(go, ms);
    globalThis.addEventListener?.("online", go);
    signal?.addEventListener("abort", stop);
  });
}

function isRetryable(status: number): boolean {
  return status === 408 || status === 429 || (status >= 500 && status !== 501 && status !== 505);
}
