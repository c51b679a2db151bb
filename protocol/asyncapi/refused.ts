// What the types must not take: each line fails to compile without its mark.
import type { ClientMessage, ErrorCode, ServerMessage } from "../schema/v1.ts";

// @ts-expect-error: a session has to be named
export const noSession: ClientMessage = { type: "answer.end", seq: 2, turn: 1 };
// @ts-expect-error: an optional field is absent, never null
export const nullField: ClientMessage = { type: "ping", session: null };
// @ts-expect-error: the type is unknown
export const unknownType: ClientMessage = { type: "answer.fly", session: "s", seq: 2, turn: 1 };
// @ts-expect-error: the word is unknown
export const unknownCode: ErrorCode = "no_such_code";

/** The type tells the message. */
export function text(message: ServerMessage): string | undefined {
  switch (message.type) {
    case "question.delta":
      return message.text;
    case "error":
      return message.code;
    default:
      return undefined;
  }
}
