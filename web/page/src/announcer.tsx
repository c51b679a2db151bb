// What a screen reader is told while the interview goes on: whole questions and settled words, politely, each once. Partials
// are left to the eyes, because they change several times a second.

import { currentTurn, type InterviewView } from "@viva/client";
import { useEffect, useRef, useState } from "react";

export function Announcer({ view }: { view: InterviewView }) {
  const [message, setMessage] = useState("");
  const told = useRef(new Set<string>());
  useEffect(() => {
    const fresh = announcements(view).filter(([key]) => !told.current.has(key));
    if (fresh.length === 0) return;
    for (const [key] of fresh) told.current.add(key);
    setMessage(fresh.map(([, text]) => text).join(" "));
  }, [view]);
  return (
    <div className="visually-hidden" aria-live="polite">
      {message}
    </div>
  );
}

function announcements(view: InterviewView): [string, string][] {
  const turn = currentTurn(view);
  if (!turn) return [];
  const list: [string, string][] = [];
  const { question } = turn;
  // A question that is read aloud would be spoken by two voices at once.
  if (question.complete && view.params?.playback === "text") {
    list.push([`question ${turn.turn} ${question.attempt}`, `Question ${turn.turn}: ${question.text}`]);
  }
  for (const { segment, text } of turn.segments) list.push([`words ${turn.turn} ${segment}`, text]);
  const before = view.turns.at(-2);
  const taken = turn.answer ? turn : before;
  if (taken?.answer) {
    const text = taken.answer.reason === "skipped" ? "Question skipped." : "Answer taken.";
    list.push([`answer ${taken.turn}`, text]);
  }
  for (const { budget, remaining } of view.warnings) list.push([`budget ${budget}`, warningText(budget, remaining)]);
  return list;
}

export function warningText(budget: string, remaining: number): string {
  switch (budget) {
    case "duration":
      return remaining < 90_000 ? `About ${Math.round(remaining / 1_000)} seconds are left.` : minutesLeft(remaining);
    case "questions":
      if (remaining === 0) return "No more questions: the interview is ending.";
      return remaining === 1
        ? "One more question comes after this one."
        : `${remaining} more questions come after this one.`;
    case "audio":
      return `Speaking time for today is nearly used up: ${minutesLeft(remaining)}`;
    default:
      return "Today's allowance is nearly used up.";
  }
}

function minutesLeft(ms: number): string {
  return `About ${Math.round(ms / 60_000)} minutes are left.`;
}
