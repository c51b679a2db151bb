// The talk so far: each question with its answer, the newest large. Partials stand apart from what is settled.

import { finalText, type InterviewView, type TurnView, unitsOf, type VoiceProgress } from "@viva/client";
import { useEffect, useRef, useState } from "react";
import { questionName } from "./words.ts";

export function Conversation({
  view,
  voice,
  onCorrect,
}: {
  view: InterviewView;
  voice: VoiceProgress | undefined;
  onCorrect: (turn: number, text: string) => void;
}) {
  const last = view.turns.at(-1);
  const end = useRef<HTMLDivElement>(null);
  const length = (last?.question.text.length ?? 0) + (last?.partial?.text.length ?? 0) + (last?.segments.length ?? 0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the talk's growth is what moves the end.
  useEffect(() => {
    end.current?.scrollIntoView({ block: "nearest" });
  }, [length, last?.turn]);
  return (
    <section className="conversation" aria-label="The interview">
      <ol>
        {view.turns.map((turn) => (
          <li key={turn.turn} className={turn === last ? "turn now" : "turn past"}>
            <Question turn={turn} voice={voice?.turn === turn.turn ? voice : undefined} />
            <Answer turn={turn} view={view} isLast={turn === last} onCorrect={onCorrect} />
          </li>
        ))}
      </ol>
      {view.phase === "thinking" && (
        <p className="thinking" aria-hidden="true">
          <i />
          <i />
          <i />
        </p>
      )}
      <div ref={end} className="end" />
    </section>
  );
}

function Question({ turn, voice }: { turn: TurnView; voice: VoiceProgress | undefined }) {
  const { question } = turn;
  const isCut = question.state === "cancelled";
  const heard = voice?.isSpeaking
    ? voice.units
    : isCut && question.cancelled === "barge_in"
      ? unitsOf(question.text, question.heardChars)
      : question.text.length;
  if (question.text === "") return null;
  return (
    <div className={`question ${question.state}`}>
      <h2>
        <span className="number">{questionName(turn.turn, turn.place)}</span>
        <span className="text">
          {question.text.slice(0, heard)}
          <span className="unheard">{question.text.slice(heard)}</span>
          {question.state === "streaming" && <span className="caret" aria-hidden="true" />}
        </span>
      </h2>
      {question.state === "held" && <p className="hint">Paused, because you are speaking.</p>}
      {isCut && question.cancelled === "barge_in" && <p className="hint">You interrupted here.</p>}
      {isCut && question.cancelled === "restarted" && <p className="hint">Cut by a restart; it is asked again.</p>}
    </div>
  );
}

function Answer({
  turn,
  view,
  isLast,
  onCorrect,
}: {
  turn: TurnView;
  view: InterviewView;
  isLast: boolean;
  onCorrect: (turn: number, text: string) => void;
}) {
  const [isEditing, setEditing] = useState(false);
  const text = finalText(turn);
  if (turn.answer?.reason === "skipped" && text === "") return <p className="answer skipped">Skipped.</p>;
  if (isEditing) {
    return (
      <Correction
        text={text}
        onSend={(corrected) => {
          setEditing(false);
          if (corrected !== text) onCorrect(turn.turn, corrected);
        }}
        onCancel={() => setEditing(false)}
      />
    );
  }
  const isListening = isLast && !turn.answer && view.params?.audio !== undefined && view.phase !== "finished";
  if (text === "" && !turn.partial && !isListening) return null;
  return (
    <div className={turn.answer ? "answer" : "answer live"}>
      <p>
        <span className="visually-hidden">Your answer: </span>
        <span className="final">{text}</span> {turn.partial && <Partial {...turn.partial} />}
        {isListening && text === "" && !turn.partial && (
          <span className="invitation">{view.speaking ? "Listening …" : "Speak when you are ready."}</span>
        )}
      </p>
      {turn.answer?.amendedBy === "candidate" && (
        <p className="hint">
          You corrected this. {turn.answer.reason === "typed" ? "Written first:" : "Heard as:"}{" "}
          <q>{turn.answer.spoken ?? turn.answer.previous}</q>
        </p>
      )}
      {turn.answer && text !== "" && (
        <button type="button" className="quiet small" onClick={() => setEditing(true)}>
          Correct a misheard word
          <span className="visually-hidden"> in answer {turn.turn}</span>
        </button>
      )}
    </div>
  );
}

/** Words that may still change: those that stand are darker than those that may not. */
function Partial({ text, stableChars }: { text: string; stableChars: number }) {
  const settled = unitsOf(text, stableChars);
  const stable = text.charAt(settled) === " " ? settled + 1 : settled;
  return (
    <span className="partial">
      {text.slice(0, stable)}
      <em>{text.slice(stable)}</em>
    </span>
  );
}

function Correction({
  text,
  onSend,
  onCancel,
}: {
  text: string;
  onSend: (text: string) => void;
  onCancel: () => void;
}) {
  const [corrected, setCorrected] = useState(text);
  const area = useRef<HTMLTextAreaElement>(null);
  useEffect(() => area.current?.focus(), []);
  return (
    <form
      className="correction"
      onSubmit={(event) => {
        event.preventDefault();
        onSend(corrected.trim());
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape") onCancel();
      }}
    >
      <label className="field">
        <span>What you said</span>
        <textarea
          ref={area}
          required
          maxLength={8_000}
          rows={3}
          value={corrected}
          onChange={(event) => setCorrected(event.target.value)}
        />
      </label>
      <p className="hint">Both versions stay: what was heard and what you say you said.</p>
      <div className="row">
        <button type="submit" className="primary">
          Correct
        </button>
        <button type="button" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}
