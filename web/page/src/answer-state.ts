// How an answer ended, where that is more than its text, in plain words. Pure.

import type { ReplyNode } from "@viva/client";

export interface Outcome {
  kind: "calm" | "warn" | "bad";
  title: string;
  advice: string;
  /** Whether asking the same again may help. */
  mayRetry: boolean;
}

export function outcome({ state, finishReason }: ReplyNode): Outcome | undefined {
  if (state === "cancelled") {
    return { kind: "calm", title: "You stopped this answer.", advice: "What had been written stays.", mayRetry: true };
  }
  switch (finishReason) {
    case "not_found":
      return {
        kind: "warn",
        title: "Not in your materials.",
        advice: "Ask in other words, look in more files, or upload the file that says it.",
        mayRetry: false,
      };
    case "length":
      return {
        kind: "calm",
        title: "The answer became too long and was cut.",
        advice: "Ask about a part of it.",
        mayRetry: false,
      };
    case "filtered":
      return {
        kind: "warn",
        title: "The model's filter stopped this answer.",
        advice: "Ask in other words.",
        mayRetry: true,
      };
    case "failed":
      return { kind: "bad", title: "The answer broke off.", advice: "What had been written stays.", mayRetry: true };
    case "timed_out":
      return {
        kind: "bad",
        title: "The model took too long.",
        advice: "What had been written stays.",
        mayRetry: true,
      };
    case "busy":
      return { kind: "warn", title: "The model has too much to do.", advice: "Wait a moment.", mayRetry: true };
    case "budget":
      return {
        kind: "warn",
        title: "Today's allowance of answers is used up.",
        advice: "Try again tomorrow, or ask your teacher.",
        mayRetry: false,
      };
    default:
      return undefined;
  }
}
