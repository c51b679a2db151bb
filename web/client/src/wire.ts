// The messages of protocol v1 as this client uses them, over the types generated from the protocol's own code. It says nothing
// about order, time or storage: see `said-line` and `heard-line` for those.

import type * as v1 from "../../../protocol/schema/v1.ts";

export type {
  Answer,
  AnswerReason,
  AudioFormat,
  Budget as BudgetName,
  CancelReason,
  ChatAcceptedResult as ChatAccepted,
  ChatEntry,
  ChatFinish,
  ChatPageResult as ChatPage,
  ChatRating,
  ChatReply,
  ChatReplyState,
  ChatSaid,
  ChatScope,
  Citation,
  ClientInfo,
  Codec,
  DocumentPageResult as DocumentPage,
  DocumentPurpose,
  DocumentState,
  DocumentSummary,
  Error as WireError,
  ErrorCode,
  Evidence,
  Finding,
  FinishReason,
  Guide,
  GuidePlace,
  Locator,
  Metric,
  Model,
  Params,
  QuizSummary as QuizMade,
  Rating,
  RatingReviewed,
  Recognizer,
  Report,
  Review,
  RubricLevel,
  ServerMessage,
  SessionDetailResult as SessionDetail,
  SessionEvents,
  SessionKind,
  SessionPageResult as SessionList,
  SessionResumedResult as ResumeResult,
  SessionState,
  SessionStatus,
  SessionSummary,
  Turn,
  Usage,
  Welcome,
  Word,
} from "../../../protocol/schema/v1.ts";
export { limits, subprotocol } from "../../../protocol/schema/v1.ts";

/** Beside it, a browser offers its token as a second sub-protocol. */
export const BEARER_PREFIX = "viva.bearer.";

type Without<Message, Field extends PropertyKey> = Message extends unknown ? Omit<Message, Field> : never;

/** What is said in an interview, before it has a session and a number. */
export type Saying = Without<Extract<v1.ClientMessage, { seq: number }>, "session" | "seq">;

/** A request, before it has an id. */
export type Request = Without<Exclude<v1.ClientMessage, { seq: number }>, "id">;

/** What answers a request. */
export type ResultFor<Type extends string> = Type extends keyof v1.ResultOf ? v1.ResultOf[Type] : object;

/** Numbered by the server, replayed on resume. */
export type DurableEvent = Extract<v1.ServerMessage, { seq: number }>;

/** Not numbered; the next one replaces it. */
export type EphemeralEvent = v1.SessionStatus | v1.Speaking | v1.TranscriptPartial;

/** True for an event that the server numbers, also one of a type that this client does not know. */
export function isDurable(message: v1.ServerMessage): message is DurableEvent {
  return "seq" in message && typeof message.seq === "number" && typeof message.session === "string";
}

/** Reads a text frame; anything that is not an object with a type is nothing. */
export function decode(text: string): v1.ServerMessage | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && "type" in value && typeof value.type === "string") {
      return value as v1.ServerMessage;
    }
  } catch {
    return undefined;
  }
  return undefined;
}
