// A failure with a code: one of the protocol's, or one of the client's own. Plain words for each are in `explain`.

import type { WireError } from "./wire.ts";

export class Problem extends Error {
  override readonly name = "Problem";
  readonly code: string;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(code: string, message: string, retryable = false, retryAfterMs?: number) {
    super(message);
    this.code = code;
    this.retryable = retryable;
    this.retryAfterMs = retryAfterMs;
  }

  static fromWire(error: WireError): Problem {
    return new Problem(error.code, error.message, error.retryable, error.retryAfterMs);
  }

  static from(cause: unknown, code = "internal"): Problem {
    if (cause instanceof Problem) return cause;
    return new Problem(code, cause instanceof Error ? cause.message : String(cause));
  }
}
