// What validation found of a question or a quiz: rejects first, each with its reason.

import type { ItemFinding } from "@viva/client";
import { reasonSaid } from "./quiz-words.ts";

/** `ids`: those of the quiz's questions, in their order, by which a reason may name one. */
export function Findings({ findings, ids }: { findings: ItemFinding[]; ids: string[] }) {
  if (findings.length === 0) return null;
  const sorted = [...findings].sort((one, other) => rank(one) - rank(other));
  return (
    <ul className="findings-list">
      {sorted.map(({ code, severity, reason }) => (
        <li key={`${code} ${reason}`} data-severity={severity}>
          <strong>{severity === "reject" ? "Must be mended" : "Look at this"}</strong>: {reasonSaid(reason, ids)}
        </li>
      ))}
    </ul>
  );
}

function rank({ severity }: ItemFinding): number {
  return severity === "reject" ? 0 : 1;
}
