// What a person sees of an interview, and the one pure function that makes it from the server's messages. Everything here is
// a value; nothing is known of connections, time or devices.

import type {
  AnswerReason,
  BudgetName,
  CancelReason,
  DurableEvent,
  EphemeralEvent,
  FinishReason,
  Guide,
  GuidePlace,
  Metric,
  Model,
  Params,
  Recognizer,
  Report,
  SessionDetail,
  Turn,
  Usage,
  Word,
} from "./wire.ts";

export type Phase = "starting" | "asking" | "listening" | "thinking" | "finished";

export interface QuestionView {
  attempt: number;
  text: string;
  state: "streaming" | "done" | "held" | "cancelled";
  /** The whole text is there. */
  complete: boolean;
  heardChars: number;
  cancelled?: CancelReason;
}

export interface SegmentView {
  segment: number;
  text: string;
  words: Word[];
}

export interface PartialView {
  segment: number;
  revision: number;
  text: string;
  stableChars: number;
}

export interface AnswerView {
  text: string;
  reason: AnswerReason;
  metrics: Metric[];
  /** What stood there before the recognizer or the candidate amended it. */
  previous?: string;
  amendedBy?: "recognizer" | "candidate";
  /** The recognizer's own words, where the candidate disputed them. */
  spoken?: string;
}

export interface TurnView {
  turn: number;
  /** Which of the guide's questions it is. */
  place?: GuidePlace;
  question: QuestionView;
  /** Attempts of the same question that were cut. */
  cut: QuestionView[];
  segments: SegmentView[];
  partial?: PartialView;
  answer?: AnswerView;
  timing?: { totalMs: number; stages: { name: string; durationMs: number }[] };
}

export interface InterviewView {
  session: string;
  phase: Phase;
  params?: Params;
  /** The guide that it follows. */
  guide?: Guide;
  recognizer?: Recognizer;
  model?: Model;
  speaking: boolean;
  turns: TurnView[];
  warnings: { budget: BudgetName; remaining: number }[];
  lostMessages: number;
  workerChanges: number;
  report?: Report;
  finished?: { reason: FinishReason; usage?: Usage };
}

export function emptyView(session: string): InterviewView {
  return {
    session,
    phase: "starting",
    speaking: false,
    turns: [],
    warnings: [],
    lostMessages: 0,
    workerChanges: 0,
  };
}

/** The turn that is being asked or answered, where there is one. */
export function currentTurn(view: InterviewView): TurnView | undefined {
  return view.turns.at(-1);
}

/** The words of an answer as far as they are settled. */
export function finalText(turn: TurnView): string {
  return (
    turn.answer?.text ??
    turn.segments
      .map((segment) => segment.text)
      .filter((text) => text !== "")
      .join(" ")
  );
}

export function reduce(view: InterviewView, event: DurableEvent | EphemeralEvent): InterviewView {
  const next = reduceContent(view, event);
  return next === view ? view : { ...next, phase: phaseOf(next) };
}

function reduceContent(view: InterviewView, event: DurableEvent | EphemeralEvent): InterviewView {
  switch (event.type) {
    case "interview.started":
      return {
        ...view,
        params: event.params,
        model: event.model,
        ...(event.recognizer && { recognizer: event.recognizer }),
        ...(event.guide && { guide: event.guide }),
        phase: "thinking",
      };
    case "session.continued":
      return { ...view, workerChanges: view.workerChanges + 1, speaking: false };
    case "input.lost":
      return { ...view, lostMessages: view.lostMessages + event.throughSeq - event.fromSeq + 1 };
    case "budget.warning": {
      const others = view.warnings.filter((warning) => warning.budget !== event.budget);
      return { ...view, warnings: [...others, { budget: event.budget, remaining: event.remaining }] };
    }
    case "interview.report":
      return { ...view, report: event.report };
    case "interview.finished":
      return { ...view, speaking: false, finished: { reason: event.reason, usage: event.usage } };
    case "speaking":
      return { ...view, speaking: event.on };
    case "question.started":
      return onTurn(view, event.turn, (turn) => startQuestion(turn, event.attempt, event.guide));
    case "question.delta":
    case "question.done":
    case "question.held":
    case "question.resumed":
    case "question.heard":
    case "question.cancelled":
      return onTurn(view, event.turn, (turn) => ({ ...turn, question: reduceQuestion(turn.question, event) }));
    case "transcript.partial":
      return onTurn(view, event.turn, (turn) => withPartial(turn, event));
    case "transcript.final":
      return onTurn(view, event.turn, (turn) => withFinal(turn, event));
    case "answer.committed":
      return onTurn(view, event.turn, ({ partial: _, ...turn }) => ({
        ...turn,
        answer: { text: event.text, reason: event.reason, metrics: event.metrics ?? [] },
      }));
    case "answer.revised":
      return onTurn(view, event.turn, (turn) => withRevision(turn, event));
    case "turn.timing":
      return onTurn(view, event.turn, (turn) => ({
        ...turn,
        timing: { totalMs: event.totalMs, stages: event.stages },
      }));
    default:
      return view;
  }
}

type QuestionEvent = Extract<
  DurableEvent,
  {
    type:
      | "question.delta"
      | "question.done"
      | "question.held"
      | "question.resumed"
      | "question.heard"
      | "question.cancelled";
  }
>;

function reduceQuestion(question: QuestionView, event: QuestionEvent): QuestionView {
  if (event.attempt < question.attempt) return question;
  switch (event.type) {
    case "question.delta":
      return { ...question, attempt: event.attempt, text: question.text + event.text };
    case "question.done": {
      // The whole text may come while the question is held: it stays held.
      const state = question.state === "streaming" ? "done" : question.state;
      return { ...question, attempt: event.attempt, text: event.text, complete: true, state };
    }
    case "question.held":
      return { ...question, state: "held" };
    case "question.resumed":
      return { ...question, state: question.complete ? "done" : "streaming" };
    case "question.heard":
      return { ...question, heardChars: Math.max(question.heardChars, event.chars) };
    case "question.cancelled":
      return { ...question, text: event.text, state: "cancelled", cancelled: event.reason };
  }
}

function startQuestion(turn: TurnView, attempt: number, place: GuidePlace | undefined): TurnView {
  if (turn.question.attempt === attempt) return turn;
  const cut = turn.question.attempt > 0 ? [...turn.cut, turn.question] : turn.cut;
  const question: QuestionView = { attempt, text: "", state: "streaming", complete: false, heardChars: 0 };
  return { ...turn, cut, question, ...(place && { place }) };
}

function withPartial(turn: TurnView, event: Extract<EphemeralEvent, { type: "transcript.partial" }>): TurnView {
  const { segment, revision, text, stableChars } = event;
  const isOld =
    turn.answer !== undefined ||
    turn.segments.some((final) => final.segment === segment) ||
    (turn.partial !== undefined &&
      (turn.partial.segment > segment || (turn.partial.segment === segment && turn.partial.revision >= revision)));
  return isOld ? turn : { ...turn, partial: { segment, revision, text, stableChars } };
}

function withFinal(turn: TurnView, event: Extract<DurableEvent, { type: "transcript.final" }>): TurnView {
  const { segment, text, words } = event;
  const others = turn.segments.filter((final) => final.segment !== segment);
  const segments = [...others, { segment, text, words: words ?? [] }].sort((one, other) => one.segment - other.segment);
  if (turn.partial && turn.partial.segment <= segment) {
    const { partial: _, ...rest } = turn;
    return { ...rest, segments };
  }
  return { ...turn, segments };
}

function withRevision(turn: TurnView, event: Extract<DurableEvent, { type: "answer.revised" }>): TurnView {
  const before = turn.answer ?? { text: event.previous, reason: "silence" as const, metrics: [] };
  const byCandidate = event.cause === "candidate";
  const spoken = before.spoken ?? (byCandidate ? event.previous : undefined);
  const answer: AnswerView = { ...before, text: event.text, previous: event.previous, amendedBy: event.cause };
  return { ...turn, answer: spoken === undefined ? answer : { ...answer, spoken } };
}

function onTurn(view: InterviewView, number: number, change: (turn: TurnView) => TurnView): InterviewView {
  const found = view.turns.find((turn) => turn.turn === number);
  const changed = change(found ?? emptyTurn(number));
  if (changed === found) return view;
  const turns = found
    ? view.turns.map((turn) => (turn === found ? changed : turn))
    : [...view.turns, changed].sort((one, other) => one.turn - other.turn);
  return { ...view, turns };
}

function emptyTurn(turn: number): TurnView {
  return {
    turn,
    question: { attempt: 0, text: "", state: "streaming", complete: false, heardChars: 0 },
    cut: [],
    segments: [],
  };
}

function phaseOf(view: InterviewView): Phase {
  if (view.finished) return "finished";
  if (!view.params) return "starting";
  const turn = currentTurn(view);
  if (!turn || turn.answer) return "thinking";
  if (turn.question.state === "streaming") return turn.question.text === "" ? "thinking" : "asking";
  if (turn.question.state === "cancelled" && turn.question.cancelled !== "barge_in") return "thinking";
  return "listening";
}

/** The same view from a stored session, for interviews that are over or whose events are no longer there. */
export function viewFromDetail(detail: SessionDetail): InterviewView {
  const view: InterviewView = {
    ...emptyView(detail.session),
    params: detail.params,
    turns: detail.turns.map(turnFromStored),
    ...(detail.report && { report: detail.report }),
    ...(detail.report?.guide && { guide: detail.report.guide }),
    ...(detail.state !== "open" && {
      finished: {
        reason: detail.state === "abandoned" ? ("abandoned" as const) : ("finished" as const),
        ...(detail.usage && { usage: detail.usage }),
      },
    }),
  };
  return { ...view, phase: phaseOf(view) };
}

function turnFromStored(stored: Turn): TurnView {
  const state = stored.questionState === "asking" ? "streaming" : stored.questionState;
  const question: QuestionView = {
    attempt: stored.attempt,
    text: stored.question,
    state,
    complete: stored.questionState === "done",
    heardChars: stored.heardChars ?? 0,
  };
  const place = stored.guide && { place: stored.guide };
  const turn: TurnView = { turn: stored.turn, question, cut: [], segments: [], ...place };
  if (!stored.answer) return turn;
  const { text, reason, metrics, previous, spoken, words } = stored.answer;
  return {
    ...turn,
    segments: words.length > 0 ? [{ segment: 1, text: words.map((word) => word.text).join(" "), words }] : [],
    answer: {
      text,
      reason,
      metrics,
      ...(previous !== undefined && { previous }),
      ...(spoken !== undefined && { spoken }),
    },
  };
}
