// What a screen reader is told of answers: that one is being written, and then the whole of it, once. Its pieces are left to the
// eyes.

import type { Exchange } from "@viva/client";
import { useEffect, useState } from "react";
import { outcome } from "./answer-state.ts";
import { spoken } from "./markdown.tsx";

export function ChatAnnouncer({ last }: { last: Exchange | undefined }) {
  const [message, setMessage] = useState("");
  const [wasDue, setWasDue] = useState(false);
  const reply = last?.reply;
  const isDue = reply?.state === "due";
  useEffect(() => {
    if (isDue && !wasDue) setMessage("The answer is being written.");
    if (!isDue && wasDue && reply) setMessage(announcement(reply));
    setWasDue(isDue);
  }, [isDue, wasDue, reply]);
  return (
    <div className="visually-hidden" aria-live="polite">
      {message}
    </div>
  );
}

function announcement(reply: NonNullable<Exchange["reply"]>): string {
  const { citations, state, text } = reply;
  const said = outcome(reply);
  const sources = citations.length === 0 ? "" : citations.length === 1 ? "One source." : `${citations.length} sources.`;
  const parts = [
    state === "cancelled" ? "Stopped." : "",
    said ? `${said.title} ${said.advice}` : "",
    spoken(text),
    sources,
  ];
  return parts.filter((part) => part !== "").join(" ");
}
