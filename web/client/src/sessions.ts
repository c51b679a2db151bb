// Interviews and conversations of the past: list, read an interview whole, delete. Results that come in pages are put together
// here.

import type { Connection } from "./connection.ts";
import type { Rating, SessionDetail, SessionKind, SessionList } from "./wire.ts";

export interface SessionsWanted {
  kind?: SessionKind;
  query?: string;
  /** Of this course: a teacher of it sees everybody's. */
  course?: string | undefined;
  cursor?: string | undefined;
}

export async function listSessions(connection: Connection, wanted: SessionsWanted = {}): Promise<SessionList> {
  const { kind = "interview", query = "", course, cursor } = wanted;
  return connection.request({
    type: "session.list",
    kind,
    ...(query !== "" && { query }),
    ...(course !== undefined && { course }),
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

export interface RatingReview {
  session: string;
  /** Whose interview it is. */
  user: string;
  criterion: string;
  rating: number;
  comment?: string;
  /** The rating's `revision` as the teacher saw it. */
  revision: number;
}

/** Confirms a rating, by giving the same, or changes it. */
export async function reviewRating(connection: Connection, review: RatingReview): Promise<Rating> {
  const { rating } = await connection.request({ type: "report.review", ...review });
  return rating;
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
