// The words that a claim rests on; each leads to where they were said.

import type { Evidence } from "@viva/client";
import type { ReactNode } from "react";
import { clock } from "./words.ts";

export function EvidenceList({
  evidence,
  onShow,
  children,
}: {
  evidence: Evidence[];
  onShow: (evidence: Evidence) => void;
  children?: ReactNode;
}) {
  if (evidence.length === 0) return children;
  return (
    <ul className="evidence">
      {evidence.map((piece) => (
        <li key={`${piece.turn} ${piece.startMs} ${piece.quote} ${piece.note}`}>
          <button type="button" onClick={() => onShow(piece)}>
            <span className="where">
              Answer {piece.turn}
              {piece.startMs !== undefined && `, ${clock(piece.startMs)}`}
            </span>
            <q>{piece.quote}</q>
            {piece.note !== undefined && <span className="note">{piece.note}</span>}
          </button>
        </li>
      ))}
    </ul>
  );
}
