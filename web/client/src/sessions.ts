// Interviews of the past: list, read whole, delete. Results that come in pages are put together here.

import type { Connection } from "./connection.ts";
import type { SessionDetail, SessionList } from "./wire.ts";

export async function listSessions(connection: Connection, query = "", cursor?: string): Promise<SessionList> {
  return connection.request({
    type: "session.list",
    kind: "interview",
    ...(query !== "" && { query }),
    ...(cursor !== undefined && { cursor }),
  });
}

export async function getSession(connection: Connection, session: string, user?: string): Promise<SessionDetail> {
  const ask = (cursor?: string) =>
    connection.request({
      type: "session.get",
      session,
      ...(user !== undefined && { user }),
      ...(cursor !== undefined && { cursor }),
    });
  const detail = await ask();
  let { cursor } = detail;
  while (cursor !== undefined) {
    const page = await ask(cursor);
    detail.turns.push(...page.turns);
    cursor = page.cursor;
  }
  return detail;
}

export async function deleteSession(connection: Connection, session: string): Promise<void> {
  await connection.request({ type: "session.delete", session });
}

/** An id as the protocol wants it, made by the client. */
export function newSessionId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
