// The whole talk in the report: every word that was heard can be clicked to hear it, and is marked while it plays.

import type { Turn } from "@viva/client";
import { useEffect, useMemo, useRef } from "react";
import { alignWords, findQuote, type TimedToken } from "./align.ts";
import { type Player, usePosition } from "./recording.ts";
import { questionName } from "./words.ts";

/** The words that a piece of evidence points at. */
export interface Spot {
  turn: number;
  quote: string;
  startMs?: number | undefined;
  /** Counts up, so that the same spot can be shown twice. */
  round: number;
}

export function Transcript({
  turns,
  player,
  spot,
}: {
  turns: Turn[];
  player?: Player | undefined;
  spot?: Spot | undefined;
}) {
  const positionMs = usePosition(player);
  return (
    <ol className="transcript">
      {turns.map((turn) => (
        <li key={turn.turn} id={`turn-${turn.turn}`}>
          <TranscriptTurn
            turn={turn}
            player={player}
            positionMs={positionMs}
            spot={spot?.turn === turn.turn ? spot : undefined}
          />
        </li>
      ))}
    </ol>
  );
}

function TranscriptTurn({
  turn,
  player,
  positionMs,
  spot,
}: {
  turn: Turn;
  player: Player | undefined;
  positionMs: number;
  spot: Spot | undefined;
}) {
  const { answer } = turn;
  const tokens = useMemo(() => alignWords(answer?.text ?? "", answer?.words ?? []), [answer]);
  const startMs = answer?.startMs ?? answer?.words[0]?.startMs;
  return (
    <>
      <h3>
        <span className="number">{questionName(turn.turn, turn.guide)}</span> {turn.question}
      </h3>
      {!answer && <p className="unanswered">Not answered.</p>}
      {answer?.reason === "skipped" && <p className="unanswered">Skipped.</p>}
      {answer && tokens.length > 0 && <Words tokens={tokens} player={player} positionMs={positionMs} spot={spot} />}
      {answer?.spoken !== undefined && (
        <p className="hint">
          Corrected by you. {answer.reason === "typed" ? "Written first:" : "Heard as:"} <q>{answer.spoken}</q>
        </p>
      )}
      {player && startMs !== undefined && (
        <button
          type="button"
          className="quiet small"
          onClick={() => player.playFrom(startMs, answer?.endMs ?? answer?.words.at(-1)?.endMs)}
        >
          Play answer {turn.turn}
        </button>
      )}
    </>
  );
}

function Words({
  tokens,
  player,
  positionMs,
  spot,
}: {
  tokens: TimedToken[];
  player: Player | undefined;
  positionMs: number;
  spot: Spot | undefined;
}) {
  const paragraph = useRef<HTMLParagraphElement>(null);
  const range = useMemo(() => spot && findQuote(tokens, spot.quote, spot.startMs), [tokens, spot]);
  useEffect(() => {
    if (!spot) return;
    const target = paragraph.current?.querySelector<HTMLElement>("mark") ?? paragraph.current;
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    target?.scrollIntoView({ block: "center", behavior: isCalm ? "auto" : "smooth" });
    paragraph.current?.focus({ preventScroll: true });
  }, [spot]);
  useEffect(() => {
    // For the mouse only: with the keyboard there is a button for each answer and each piece of evidence.
    const element = paragraph.current;
    if (!element || !player) return;
    const click = (event: MouseEvent) => {
      const word = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-ms]") : null;
      if (word) player.playFrom(Number(word.dataset.ms));
    };
    element.addEventListener("click", click);
    return () => element.removeEventListener("click", click);
  }, [player]);

  return (
    <p ref={paragraph} className={player ? "words playable" : "words"} tabIndex={-1}>
      {grouped(tokens, range).map((group) => {
        const words = group.tokens.map((token, offset) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: words have no identity but their place.
          <Word key={group.from + offset} token={token} positionMs={positionMs} />
        ));
        return group.isMarked ? <mark key={group.from}>{words}</mark> : <span key={group.from}>{words}</span>;
      })}
    </p>
  );
}

function Word({ token, positionMs }: { token: TimedToken; positionMs: number }) {
  const { startMs, endMs, text, isUnsure } = token;
  const isPlaying = startMs !== undefined && positionMs >= startMs && positionMs < (endMs ?? startMs) + 60;
  const names = [isPlaying && "playing", isUnsure && "unsure"].filter(Boolean).join(" ");
  return (
    <>
      <span
        {...(names !== "" && { className: names })}
        {...(startMs !== undefined && { "data-ms": startMs })}
        {...(isUnsure && { title: "The recognizer was not sure of this word." })}
      >
        {text}
      </span>{" "}
    </>
  );
}

interface Group {
  from: number;
  tokens: TimedToken[];
  isMarked: boolean;
}

function grouped(tokens: TimedToken[], range: [number, number] | undefined): Group[] {
  if (!range) return [{ from: 0, tokens, isMarked: false }];
  const [first, last] = range;
  return [
    { from: 0, tokens: tokens.slice(0, first), isMarked: false },
    { from: first, tokens: tokens.slice(first, last + 1), isMarked: true },
    { from: last + 1, tokens: tokens.slice(last + 1), isMarked: false },
  ].filter((group) => group.tokens.length > 0);
}
