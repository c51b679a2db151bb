// A question and its answer, with what one can do with either.

import {
  type Citation,
  type DocumentSummary,
  type Exchange,
  explain,
  type MessageNode,
  type ReplyNode,
} from "@viva/client";
import type { UseChat } from "@viva/react";
import { type FormEvent, memo, useCallback, useState } from "react";
import { outcome } from "./answer-state.ts";
import { ErrorBoundary } from "./error-boundary.tsx";
import { Icon } from "./icons.tsx";
import { type DrawMark, Markdown } from "./markdown.tsx";
import { scopeText } from "./scope.tsx";

export function ExchangeView({
  chat,
  exchange,
  isLast,
  documents,
  onCite,
}: {
  chat: UseChat;
  exchange: Exchange;
  isLast: boolean;
  documents: DocumentSummary[];
  onCite: (citation: Citation) => void;
}) {
  const { message, wordings, reply, attempts } = exchange;
  return (
    <article className="exchange" data-message={message.messageId}>
      <Asked chat={chat} message={message} wordings={wordings} documents={documents} />
      {reply && (
        <div className="answered" data-state={reply.state}>
          <h2 className="visually-hidden">Answer</h2>
          <ErrorBoundary what="This answer" of={reply.text}>
            <Answer reply={reply} onCite={onCite} />
          </ErrorBoundary>
          {reply.state !== "due" && (
            <AnswerTools chat={chat} reply={reply} attempts={attempts} isLast={isLast} onCite={onCite} />
          )}
        </div>
      )}
    </article>
  );
}

function Asked({
  chat,
  message,
  wordings,
  documents,
}: {
  chat: UseChat;
  message: MessageNode;
  wordings: string[];
  documents: DocumentSummary[];
}) {
  const [isEditing, setEditing] = useState(false);
  const { messageId, text, state, problem, scope } = message;
  const edit = (wording: string) => {
    setEditing(false);
    if (wording !== "" && wording !== text) chat.edit(messageId, wording);
  };
  return (
    <div className="asked">
      <h2 className="visually-hidden">You asked</h2>
      {isEditing ? (
        <EditForm text={text} onDone={edit} />
      ) : (
        <div className="bubble">
          <p>{text}</p>
        </div>
      )}
      <div className="tools">
        {(scope?.course ?? scope?.documents) !== undefined && scope && <small>{scopeText(scope, documents)}</small>}
        {state === "sending" && <small role="status">Sending …</small>}
        {state === "said" && !isEditing && (
          <>
            <Switcher ids={wordings} current={messageId} name="Wording" onChoose={chat.selectBranch} />
            <Tool icon="edit" name="Ask in other words" onClick={() => setEditing(true)} />
          </>
        )}
      </div>
      {state === "unsent" && problem && (
        <div className="notice bad" role="alert">
          <p>
            <strong>Not sent. {explain(problem).title}</strong> {explain(problem).advice}
          </p>
          <div className="row">
            <button type="button" onClick={() => chat.sendAgain(messageId)}>
              Send again
            </button>
            <button type="button" className="quiet" onClick={() => chat.discard(messageId)}>
              Discard
            </button>
          </div>
        </div>
      )}
    </div>
  );
}

function EditForm({ text, onDone }: { text: string; onDone: (text: string) => void }) {
  const [wording, setWording] = useState(text);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onDone(wording.trim());
  };
  return (
    <form className="edit" onSubmit={submit}>
      <label>
        <span className="visually-hidden">Your question in other words</span>
        <textarea
          // biome-ignore lint/a11y/noAutofocus: whoever opens the field wants to type in it.
          autoFocus
          rows={3}
          maxLength={8000}
          value={wording}
          onChange={(event) => setWording(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Escape") onDone("");
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) onDone(wording.trim());
          }}
        />
      </label>
      <div className="row">
        <button type="submit" className="primary" disabled={wording.trim() === ""}>
          Ask
        </button>
        <button type="button" onClick={() => onDone("")}>
          Cancel
        </button>
        <small>The first wording stays beside it.</small>
      </div>
    </form>
  );
}

const Answer = memo(function Answer({ reply, onCite }: { reply: ReplyNode; onCite: (citation: Citation) => void }) {
  const { text, citations, state } = reply;
  const isGrowing = state === "due";
  const drawMark = useCallback<DrawMark>(
    (number, key) => {
      // Which marks hold is known when the answer is whole.
      if (isGrowing) {
        return (
          <span key={key} className="cite">
            {number}
          </span>
        );
      }
      const citation = citations.find((other) => other.number === number);
      return citation ? <CitationMark key={key} citation={citation} onCite={onCite} /> : `[${number}]`;
    },
    [isGrowing, citations, onCite],
  );
  const ended = outcome(reply);
  return (
    <>
      {isGrowing && text === "" && <p className="looking">Looking in your files …</p>}
      {ended?.title === "Not in your materials." ? null : (
        <div className={isGrowing ? "prose growing" : "prose"}>
          <Markdown text={text} isGrowing={isGrowing} drawMark={drawMark} />
        </div>
      )}
      {ended && (
        <p className={`ended ${ended.kind}`}>
          <strong>{ended.title}</strong> {ended.advice}
        </p>
      )}
    </>
  );
});

function CitationMark({ citation, onCite }: { citation: Citation; onCite: (citation: Citation) => void }) {
  const { number, name, locator } = citation;
  const where = locator.label === "" ? name : `${name}, ${locator.label}`;
  return (
    <button
      type="button"
      className="cite"
      title={where}
      aria-label={`Source ${number}: ${where}`}
      onClick={() => onCite(citation)}
    >
      {number}
    </button>
  );
}

function AnswerTools({
  chat,
  reply,
  attempts,
  isLast,
  onCite,
}: {
  chat: UseChat;
  reply: ReplyNode;
  attempts: string[];
  isLast: boolean;
  onCite: (citation: Citation) => void;
}) {
  const { replyId, inReplyTo, citations, rating, text } = reply;
  const ended = outcome(reply);
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 2_000);
  };
  return (
    <>
      {citations.length > 0 && (
        <ol className="sources" aria-label="Sources">
          {citations.map((citation) => (
            <li key={citation.number}>
              <button type="button" onClick={() => onCite(citation)}>
                <span className="cite" aria-hidden="true">
                  {citation.number}
                </span>
                <span className="name">{citation.name}</span>
                <small>{citation.locator.label}</small>
              </button>
            </li>
          ))}
        </ol>
      )}
      <div className="tools">
        <Switcher ids={attempts} current={replyId} name="Answer" onChoose={chat.selectBranch} />
        {ended?.mayRetry && isLast ? (
          <button type="button" onClick={() => chat.regenerate(inReplyTo)}>
            Try again
          </button>
        ) : (
          <Tool icon="again" name="Answer again" onClick={() => chat.regenerate(inReplyTo)} />
        )}
        {text !== "" && <Tool icon="copy" name={isCopied ? "Copied" : "Copy"} onClick={() => void copy()} />}
        <Tool icon="up" name="Helpful" isOn={rating === "up"} onClick={() => chat.feedback(replyId, "up")} />
        <Tool icon="down" name="Not helpful" isOn={rating === "down"} onClick={() => chat.feedback(replyId, "down")} />
      </div>
    </>
  );
}

function Tool({
  icon,
  name,
  isOn,
  onClick,
}: {
  icon: "again" | "copy" | "down" | "edit" | "up";
  name: string;
  isOn?: boolean;
  onClick: () => void;
}) {
  return (
    <button
      type="button"
      className="quiet icon-button"
      title={name}
      {...(isOn !== undefined && { "aria-pressed": isOn })}
      onClick={onClick}
    >
      <Icon name={icon} />
      <span className="visually-hidden">{name}</span>
    </button>
  );
}

/** Between branches that stand side by side. */
function Switcher({
  ids,
  current,
  name,
  onChoose,
}: {
  ids: string[];
  current: string;
  name: string;
  onChoose: (id: string) => void;
}) {
  if (ids.length < 2) return null;
  const at = ids.indexOf(current);
  const step = (by: number) => {
    const id = ids[at + by];
    if (id !== undefined) onChoose(id);
  };
  return (
    <fieldset className="switcher">
      <legend className="visually-hidden">{name}</legend>
      <button type="button" className="quiet icon-button" disabled={at <= 0} onClick={() => step(-1)}>
        <Icon name="left" />
        <span className="visually-hidden">Previous {name.toLowerCase()}</span>
      </button>
      <span>
        <span className="visually-hidden">{name} </span>
        {at + 1} of {ids.length}
      </span>
      <button type="button" className="quiet icon-button" disabled={at >= ids.length - 1} onClick={() => step(1)}>
        <Icon name="right" />
        <span className="visually-hidden">Next {name.toLowerCase()}</span>
      </button>
    </fieldset>
  );
}
