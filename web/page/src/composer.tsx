// The field to ask in: what is typed is kept through reloads, Enter sends, and while an answer is written one can stop it.

import type { ChatScope, DocumentSummary } from "@viva/client";
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useMedia } from "./media.ts";
import { ScopeButton } from "./scope.tsx";

const TEXT_CHARS_MAX = 8_000;

export function Composer({
  session,
  scope,
  documents,
  courses,
  isAnswering,
  isReady,
  onScope,
  onSend,
  onStop,
}: {
  session: string;
  scope: ChatScope;
  documents: DocumentSummary[];
  courses: string[];
  isAnswering: boolean;
  isReady: boolean;
  onScope: (scope: ChatScope) => void;
  onSend: (text: string) => void;
  onStop: () => void;
}) {
  const key = `viva.draft.${session}`;
  const [text, setText] = useState(() => sessionStorage.getItem(key) ?? "");
  const field = useRef<HTMLTextAreaElement>(null);
  const isTouch = useMedia("(pointer: coarse)");
  useEffect(() => {
    if (text === "") sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, text);
  }, [key, text]);

  const hasPlaces = scope.documents?.length !== 0;
  const canSend = isReady && hasPlaces && !isAnswering && text.trim() !== "";
  const send = (event: FormEvent | KeyboardEvent) => {
    event.preventDefault();
    if (!canSend) return;
    onSend(text.trim());
    setText("");
    field.current?.focus();
  };
  return (
    <form className="composer" onSubmit={send}>
      <label>
        <span className="visually-hidden">Your question</span>
        <textarea
          ref={field}
          rows={1}
          maxLength={TEXT_CHARS_MAX}
          placeholder="Ask about your files"
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            const isPlain = event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing;
            // On a phone Enter makes a new line, as everywhere there.
            if (isPlain && (!isTouch || event.ctrlKey || event.metaKey)) send(event);
          }}
        />
      </label>
      <div className="row">
        <ScopeButton scope={scope} documents={documents} courses={courses} onScope={onScope} />
        {!isTouch && <small className="keys">Enter sends, Shift + Enter begins a new line</small>}
        {isAnswering ? (
          <button type="button" className="primary" onClick={onStop}>
            Stop
          </button>
        ) : (
          <button type="submit" className="primary" disabled={!canSend}>
            Send
          </button>
        )}
      </div>
    </form>
  );
}
