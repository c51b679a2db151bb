// Cuts a text that grows into sentences that can be spoken as soon as they are whole. Pure.

export interface Sentence {
  text: string;
  /** Its place in the whole text, in UTF-16 units. */
  start: number;
}

// An end of sentence counts once a space follows it, so that "3.5" or a text still growing does not break too early.
const END = /[.!?…]["')\]]*\s+|\n+/g;
const SHORT = /(?:\b(?:Mr|Mrs|Ms|Dr|Prof|e\.g|i\.e|etc|vs|St)|\b[A-Z])\.\s+$/;

/** Whole sentences of `text` from `from` on; with `isWhole` also what is left at the end. */
export function sentencesFrom(text: string, from: number, isWhole: boolean): Sentence[] {
  const found: Sentence[] = [];
  let start = from;
  END.lastIndex = from;
  for (let match = END.exec(text); match; match = END.exec(text)) {
    const end = match.index + match[0].length;
    if (SHORT.test(text.slice(start, end))) continue;
    found.push({ text: text.slice(start, end), start });
    start = end;
  }
  if (isWhole && text.slice(start).trim() !== "") found.push({ text: text.slice(start), start });
  return found;
}
