// Interviews and conversations of the past: list, read an interview whole, delete. Results that come in pages are put together
// here.

import type { Connection } from "./connection.ts";
import type { SessionDetail, SessionKind, SessionList } from "./wire.ts";

export async function listSessions(
  connection: Connection,
  query = "",
  cursor?: string,
  kind: SessionKind = "interview",
): Promise<SessionList> {
  return connection.request({
    type: "session.list",
    kind,
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

/** Gives a conversation a title, also one that is not open here. */
export async function renameConversation(connection: Connection, session: string, title: string): Promise<void> {
  await connection.request({ type: "chat.rename", session, title });
}

/** An id as the protocol wants it, made by the client. */
export function newSessionId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
