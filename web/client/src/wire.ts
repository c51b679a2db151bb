// The messages of protocol v1 as this client uses them. It says nothing about order, time or storage: see `said-line`
// and `heard-line` for those.

export const SUBPROTOCOL = "viva.v1";
export const BEARER_PREFIX = "viva.bearer.";

export interface ClientInfo {
  name: string;
  version: string;
}

export interface Limits {
  messageBytesMax: number;
  audioMsMax: number;
  audioBytesMax: number;
  windowSeqs: number;
  unsentAudioMsMax: number;
  sessionsOpenMax: number;
  textCharsMax: number;
  questionsMax: number;
  durationMsMax: number;
}

export interface Recognizer {
  name: string;
  kind: string;
  languages: string[];
}

export interface Model {
  name: string;
  kind: string;
}

export type Codec = "opus" | "pcm_s16le";
export interface AudioFormat {
  codec: Codec;
  sampleRateHz: number;
  channels: number;
}
export type Playback = "voice" | "text";
export type TurnTaking = "auto" | "patient" | "manual";

export interface Params {
  topic: string;
  role?: string;
  level?: string;
  language: string;
  questions: number;
  durationMs?: number;
  course?: string;
  documents?: string[];
  guide?: string;
  audio?: AudioFormat;
  playback: Playback;
  turnTaking: TurnTaking;
  recording: boolean;
}

export interface Word {
  text: string;
  startMs: number;
  endMs: number;
  confidence: number;
}

export interface Evidence {
  turn: number;
  quote: string;
  startMs?: number;
  endMs?: number;
  note?: string;
}

export type MetricStatus = "measured" | "unreliable" | "not_measured";
export interface Metric {
  name: string;
  status: MetricStatus;
  value?: number;
  unit?: string;
  band?: string;
  reason?: string;
  evidence: Evidence[];
}

export interface Finding {
  text: string;
  evidence: Evidence[];
}

export interface Rating {
  criterion: string;
  rating?: number;
  status: "pending" | "confirmed" | "changed";
  rationale: string;
  evidence: Evidence[];
  reviewedBy?: string;
  comment?: string;
}

export interface ReportTurn {
  turn: number;
  question: string;
  state: "answered" | "skipped" | "unanswered";
  metrics: Metric[];
}

export interface Report {
  reportVersion: number;
  metricVersion: number;
  language: string;
  topic: string;
  role?: string;
  level?: string;
  questions: number;
  answered: number;
  skipped: number;
  durationMs: number;
  summary: string;
  strengths: Finding[];
  improvements: Finding[];
  ratings: Rating[];
  metrics: Metric[];
  turns: ReportTurn[];
  notices: string[];
  quotesDropped: number;
  model: Model;
  recognizer?: Recognizer;
}

export interface Usage {
  audioMs: number;
  speechMs: number;
  recognizerMs: number;
  recognizerStreams: number;
  modelRequests: number;
  modelInputTokens: number;
  modelOutputTokens: number;
  speculativeRequests: number;
  speculativeDroppedTokens: number;
  messages: number;
}

export type AnswerReason = "silence" | "ended" | "typed" | "skipped" | "limit";
export interface Answer {
  text: string;
  reason: AnswerReason;
  spoken?: string;
  previous?: string;
  words: Word[];
  metrics: Metric[];
  startMs?: number;
  endMs?: number;
}

export interface Turn {
  turn: number;
  attempt: number;
  question: string;
  questionState: "asking" | "done" | "cancelled";
  heardChars?: number;
  answer?: Answer;
}

export type SessionState = "open" | "finished" | "abandoned";
export interface SessionSummary {
  session: string;
  kind: string;
  state: SessionState;
  title: string;
  createdUnixMs: number;
  updatedUnixMs: number;
  questions: number;
  durationMs: number;
  user?: string;
}

export interface SessionList {
  sessions: SessionSummary[];
  cursor?: string;
}

export interface SessionDetail {
  session: string;
  state: SessionState;
  params: Params;
  createdUnixMs: number;
  turns: Turn[];
  report?: Report;
  recordingUrl?: string;
  recordingExpiresUnixMs?: number;
  usage?: Usage;
  cursor?: string;
}

export interface ResumeResult {
  session: string;
  state: SessionState;
  epoch: number;
  outboxHeadSeq: number;
  inboxThroughSeq: number;
  inboxHeadSeq: number;
  windowThroughSeq: number;
  mediaMs: number;
}

/** What is said in an interview, before it has a session and a number. */
export type Saying =
  | { type: "interview.start"; params: Params }
  | { type: "audio"; mediaMs: number; data: string }
  | { type: "answer.end"; turn: number }
  | { type: "answer.text"; turn: number; text: string }
  | { type: "answer.correct"; turn: number; text: string }
  | { type: "question.skip"; turn: number }
  | { type: "question.repeat"; turn: number }
  | { type: "rendered"; turn: number; attempt: number; chars: number; state: "playing" | "paused" | "done" }
  | { type: "interview.finish" };

export type Request =
  | { type: "hello"; client: ClientInfo; features: string[] }
  | { type: "ping"; session?: string }
  | { type: "auth.refresh"; token: string }
  | { type: "session.resume"; session: string; lastSeq: number }
  | { type: "session.list"; kind?: string; query?: string; cursor?: string; course?: string; user?: string }
  | { type: "session.get"; session: string; user?: string; cursor?: string }
  | { type: "session.delete"; session: string };

export type CancelReason = "barge_in" | "repeated" | "skipped" | "restarted" | "finished";
export type FinishReason = "completed" | "finished" | "time" | "abandoned" | "failed" | "budget";
export type BudgetName = "duration" | "questions" | "audio" | "tokens";

interface Said {
  session: string;
  seq: number;
  mediaMs?: number;
}

export type DurableEvent = Said &
  (
    | { type: "session.continued"; epoch: number }
    | { type: "input.lost"; fromSeq: number; throughSeq: number }
    | { type: "budget.warning"; budget: BudgetName; remaining: number }
    | { type: "interview.started"; params: Params; recognizer?: Recognizer; model: Model }
    | { type: "interview.report"; report: Report }
    | { type: "interview.finished"; reason: FinishReason; usage: Usage }
    | { type: "question.started"; turn: number; attempt: number }
    | { type: "question.held"; turn: number; attempt: number }
    | { type: "question.resumed"; turn: number; attempt: number }
    | { type: "question.delta"; turn: number; attempt: number; text: string }
    | { type: "question.done"; turn: number; attempt: number; text: string }
    | { type: "question.heard"; turn: number; attempt: number; chars: number }
    | { type: "question.cancelled"; turn: number; attempt: number; text: string; reason: CancelReason }
    | { type: "transcript.final"; turn: number; segment: number; text: string; words: Word[] }
    | { type: "answer.committed"; turn: number; text: string; metrics: Metric[]; reason: AnswerReason }
    | {
        type: "answer.revised";
        turn: number;
        text: string;
        previous: string;
        cause: "recognizer" | "candidate";
      }
    | { type: "turn.timing"; turn: number; totalMs: number; stages: { name: string; durationMs: number }[] }
  );

interface Passing {
  session: string;
  epoch: number;
}

export interface SeqRange {
  fromSeq: number;
  throughSeq: number;
}

export type SessionStatus = Passing & {
  type: "session.status";
  inboxThroughSeq?: number;
  windowThroughSeq?: number;
  missing?: SeqRange[];
  outboxHeadSeq: number;
  bufferedMs?: number;
};

export type EphemeralEvent =
  | SessionStatus
  | (Passing & { type: "speaking"; on: boolean })
  | (Passing & {
      type: "transcript.partial";
      turn: number;
      segment: number;
      revision: number;
      text: string;
      stableChars: number;
    });

/** What an error is about: a request, or a numbered message. */
export interface ErrorSubject {
  id?: string;
  session?: string;
  seq?: number;
}

export interface WireError {
  type: "error";
  code: string;
  message: string;
  retryable: boolean;
  retryAfterMs?: number;
  re?: ErrorSubject;
}

export interface Welcome {
  type: "welcome";
  id?: string;
  protocol: string;
  connection: string;
  user: string;
  limits: Limits;
  features: string[];
  expiresUnixMs: number;
}

export type ServerMessage =
  | Welcome
  | { type: "pong"; id?: string }
  | ({ type: "result"; id: string } & Record<string, unknown>)
  | WireError
  | { type: "goAway"; reason: "max_duration" | "draining" | "idle" | "token_expired"; remainingMs: number }
  | { type: "session.moved"; session: string }
  | { type: "session.reset"; session: string; outboxHeadSeq: number }
  | { type: "session.events"; session: string; fromSeq: number; throughSeq: number; events: DurableEvent[] }
  | EphemeralEvent
  | DurableEvent;

/** True for an event that the server numbers, also one of a type that this client does not know. */
export function isDurable(message: { type: string; seq?: unknown; session?: unknown }): boolean {
  return typeof message.seq === "number" && typeof message.session === "string";
}

/** Reads a text frame; anything that is not an object with a type is nothing. */
export function decode(text: string): ServerMessage | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && "type" in value && typeof value.type === "string") {
      return value as ServerMessage;
    }
  } catch {
    return undefined;
  }
  return undefined;
}
