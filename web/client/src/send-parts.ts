// A large file in parts, a few at a time: those that have not come. What broke off goes on with the next try, also of another page.

import type { Lanes } from "./lanes.ts";
import type { UploadParts } from "./rest-types.ts";

export interface Parts {
  file: Blob;
  /** How the file is cut, and what has come of it already. */
  parts: UploadParts;
  /** Shared with other files, so that the browser has connections left. */
  lanes: Lanes;
  /** Sends one part as often as it takes. */
  send: (part: Blob, number: number, onSent: (bytes: number) => void, signal: AbortSignal) => Promise<void>;
  /** Bytes that have gone out, and those of them that are at the server for good, whatever happens. */
  onSent: (sentBytes: number, keptBytes: number) => void;
  signal: AbortSignal | undefined;
}

/** The first part that cannot be sent ends the others. */
export async function sendParts({ file, parts, lanes, send, onSent, signal }: Parts): Promise<void> {
  const came = new Set(parts.received);
  const numbers = Array.from({ length: parts.count }, (_, at) => at + 1);
  const onTheWay = new Map<number, number>();
  const tell = () => {
    const keptBytes = bytesOf(came, parts, file);
    onSent(keptBytes + total(onTheWay.values()), keptBytes);
  };
  const sendOne = async (number: number, one: AbortSignal) => {
    const sent = (bytes: number) => {
      onTheWay.set(number, bytes);
      tell();
    };
    await send(cut(file, parts, number), number, sent, one);
    onTheWay.delete(number);
    came.add(number);
    tell();
  };

  tell();
  const failed = new AbortController();
  const ended = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
  const sendings = numbers
    .filter((number) => !came.has(number))
    .map((number) => lanes.run(ended, () => sendOne(number, ended)));
  try {
    await Promise.all(sendings);
  } catch (cause) {
    failed.abort(cause);
    await Promise.allSettled(sendings);
    throw cause;
  }
}

/** Of the file, in these parts of it. */
export function bytesOf(numbers: Iterable<number>, parts: UploadParts, file: Blob): number {
  return total([...numbers].map((number) => cut(file, parts, number).size));
}

/** Parts are numbered from 1. */
function cut(file: Blob, { bytes }: UploadParts, number: number): Blob {
  return file.slice((number - 1) * bytes, number * bytes);
}

function total(counts: Iterable<number>): number {
  let sum = 0;
  for (const count of counts) sum += count;
  return sum;
}
