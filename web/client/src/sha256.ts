// SHA-256 of a file with little memory. The browser's own digest takes only the whole of it at once, so that it serves small
// files, where it exists at all: on a page without TLS it does not.

import { sha256 } from "@noble/hashes/sha2.js";
import { DIGEST_PIECE_BYTES, DIGEST_WHOLE_BYTES_MAX } from "./limits.ts";

/** In lower-case hexadecimal. */
export async function sha256Of(file: Blob, signal?: AbortSignal): Promise<string> {
  const subtle = globalThis.crypto?.subtle;
  if (subtle && file.size <= DIGEST_WHOLE_BYTES_MAX) {
    return hex(new Uint8Array(await subtle.digest("SHA-256", await file.arrayBuffer())));
  }
  const digest = sha256.create();
  for (let at = 0; at < file.size; at += DIGEST_PIECE_BYTES) {
    signal?.throwIfAborted();
    digest.update(new Uint8Array(await file.slice(at, at + DIGEST_PIECE_BYTES).arrayBuffer()));
  }
  return hex(digest.digest());
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
