// Lays an answer's text over the recognizer's timed words, so that words can be highlighted and found. Pure.

import type { Word } from "@viva/client";

export interface TimedToken {
  text: string;
  startMs?: number;
  endMs?: number;
  isUnsure: boolean;
}

const LOOK_AHEAD_WORDS = 12;
const UNSURE_BELOW = 0.5;

const bare = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}']/gu, "");

/** Each word of `text`; those that were heard so have their time. */
export function alignWords(text: string, words: Word[]): TimedToken[] {
  let next = 0;
  return text
    .split(/\s+/)
    .filter((token) => token !== "")
    .map((token) => {
      const wanted = bare(token);
      const limit = Math.min(words.length, next + LOOK_AHEAD_WORDS);
      for (let at = next; at < limit; at += 1) {
        const word = words[at];
        if (word && bare(word.text) === wanted) {
          next = at + 1;
          const isUnsure = word.confidence < UNSURE_BELOW;
          return { text: token, startMs: word.startMs, endMs: word.endMs, isUnsure };
        }
      }
      return { text: token, isUnsure: false };
    });
}

/** First and last index of the tokens that make up `quote`, near `startMs` where it is known. */
export function findQuote(tokens: TimedToken[], quote: string, startMs?: number): [number, number] | undefined {
  const wanted = quote
    .split(/\s+/)
    .map(bare)
    .filter((token) => token !== "");
  if (wanted.length === 0) return undefined;
  const have = tokens.map((token) => bare(token.text));
  const places: number[] = [];
  for (let at = 0; at + wanted.length <= have.length; at += 1) {
    if (wanted.every((token, offset) => have[at + offset] === token)) places.push(at);
  }
  const distance = (place: number) => Math.abs((tokens[place]?.startMs ?? 0) - (startMs ?? 0));
  const best = startMs === undefined ? places[0] : places.sort((one, other) => distance(one) - distance(other))[0];
  return best === undefined ? undefined : [best, best + wanted.length - 1];
}
