// The bytes of a file on their way, with progress. `fetch` does not tell how much has gone out, so that a browser's older way
// is taken where there is one.

import { SEND_SILENCE_MS_MAX } from "./limits.ts";
import { Problem } from "./problem.ts";
import { fault, problemOf } from "./rest.ts";
import type { SendFile } from "./rest-types.ts";

export type SendBytes = (
  file: Blob,
  to: SendFile,
  onSent: (bytes: number) => void,
  signal: AbortSignal | undefined,
) => Promise<void>;

export const sendBytes: SendBytes = (file, to, onSent, signal) =>
  typeof XMLHttpRequest === "undefined" ? byFetch(file, to, onSent, signal) : byXhr(file, to, onSent, signal);

function byXhr(file: Blob, to: SendFile, onSent: (bytes: number) => void, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const request = new XMLHttpRequest();
    request.open(to.method, to.url);
    for (const [name, value] of headersOf(to)) request.setRequestHeader(name, value);
    const stop = () => request.abort();
    let silence = setTimeout(stop, SEND_SILENCE_MS_MAX);
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(stop, SEND_SILENCE_MS_MAX);
    };
    request.upload.onprogress = ({ loaded }) => {
      heard();
      onSent(loaded);
    };
    request.onreadystatechange = heard;
    request.onloadend = () => {
      clearTimeout(silence);
      signal?.removeEventListener("abort", stop);
      if (request.status >= 200 && request.status < 300) resolve();
      else if (request.status > 0) reject(problemOf(request.status, request.responseText));
      else reject(fault(new Error("the file did not get through"), signal));
    };
    signal?.addEventListener("abort", stop);
    request.send(file);
  });
}

async function byFetch(file: Blob, to: SendFile, onSent: (bytes: number) => void, signal?: AbortSignal): Promise<void> {
  let response: Response;
  try {
    const headers = Object.fromEntries(headersOf(to));
    response = await fetch(to.url, { method: to.method, headers, body: file, ...(signal && { signal }) });
  } catch (cause) {
    throw fault(cause, signal);
  }
  if (!response.ok) throw problemOf(response.status, await response.text().catch(() => ""));
  onSent(file.size);
}

/** Without those that browsers set themselves, and refuse to have set. */
function headersOf({ headers }: SendFile): [string, string][] {
  return Object.entries(headers).filter(([name]) => !/^(content-length|host)$/i.test(name));
}

/** A file that is gone, or a folder: the browser says so only when it is read. */
export async function assertReadable(file: Blob): Promise<void> {
  try {
    await file.slice(0, 1).arrayBuffer();
  } catch {
    throw new Problem("file_unreadable", "The browser cannot read this file.");
  }
}
