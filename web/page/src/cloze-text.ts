// A text with gaps as a teacher types it: [[Paris]], or [[Paris|Paree]] where both are right; [[=Paris~Rome~Bern]] to choose from;
// [[#9.81±0.02]] for a number. Pure.

import type { ClozeGap, ClozeGapKind, ClozePart, NumericKey, QuizChoice } from "@viva/client";

const MARK = /\[\[(.*?)\]\]/gs;

export function clozeText(parts: ClozePart[]): string {
  return parts.map((part) => ("text" in part ? part.text : `[[${gapText(part.gap.kind)}]]`)).join("");
}

function gapText(kind: ClozeGapKind): string {
  switch (kind.type) {
    case "text":
      return kind.key.accepted.map(({ text }) => text).join("|");
    case "choice":
      return kind.options.map(({ id, text }) => `${id === kind.key ? "=" : "~"}${text}`).join("");
    case "numeric":
      return `#${kind.keys.map(numberText).join("|")}`;
  }
}

function numberText({ value, tolerance }: NumericKey): string {
  if ("relative" in tolerance) return `${value}±${tolerance.relative * 100}%`;
  return tolerance.absolute === 0 ? String(value) : `${value}±${tolerance.absolute}`;
}

/** `before`: what stood there, so that a gap whose words are the same stays as it was, and keeps its id and its weight. */
export function clozeParts(text: string, before: ClozePart[], newId: () => string): ClozePart[] {
  const known = before.flatMap((part) => ("gap" in part ? [part.gap] : []));
  const parts: ClozePart[] = [];
  let at = 0;
  for (const match of text.matchAll(MARK)) {
    if (match.index > at) parts.push({ text: text.slice(at, match.index) });
    const inside = match[1] ?? "";
    const same = known.findIndex((gap) => gapText(gap.kind) === inside);
    const [kept] = same < 0 ? [] : known.splice(same, 1);
    parts.push({ gap: kept ?? { id: newId(), kind: kindOf(inside, newId), weight: 1 } });
    at = match.index + match[0].length;
  }
  if (at < text.length) parts.push({ text: text.slice(at) });
  return parts;
}

export function gapsIn(parts: ClozePart[]): ClozeGap[] {
  return parts.flatMap((part) => ("gap" in part ? [part.gap] : []));
}

function kindOf(inside: string, newId: () => string): ClozeGapKind {
  if (inside.startsWith("#")) {
    const keys = inside.slice(1).split("|").map(numberOf);
    if (keys.every((key) => key !== undefined)) return { type: "numeric", keys };
  }
  if (/^[=~]/.test(inside) && inside.includes("=")) {
    const options = [...inside.matchAll(/([=~])([^=~]*)/g)].map(([, sign, text]) => ({
      isKey: sign === "=",
      option: { id: newId(), text: (text ?? "").trim() } satisfies QuizChoice,
    }));
    const key = options.find(({ isKey }) => isKey)?.option.id ?? "";
    return { type: "choice", options: options.map(({ option }) => option), key };
  }
  const accepted = inside.split("|").map((text) => ({ text: text.trim(), share: 1 }));
  return { type: "text", key: { accepted, typos: "one" } };
}

function numberOf(text: string): NumericKey | undefined {
  const [value = "", tolerance = "0"] = text.split("±").map((part) => part.trim());
  const isShare = tolerance.endsWith("%");
  const amount = Number(tolerance.replace("%", ""));
  if (value === "" || !Number.isFinite(Number(value)) || !Number.isFinite(amount)) return undefined;
  return { value: Number(value), share: 1, tolerance: isShare ? { relative: amount / 100 } : { absolute: amount } };
}
