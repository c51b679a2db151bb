// Items as a teacher writes them: what a new one begins with, and what is left out before it is sent. Pure.

import { type Item, type ItemBody, type ItemDraft, type ItemKind, newSessionId } from "@viva/client";

/** Tells nothing of what it stands for, so that no id gives a key away. */
export function newOptionId(): string {
  return `o${newSessionId().slice(0, 8)}`;
}

const option = () => ({ id: newOptionId(), text: "" });

export function blankBody(kind: ItemKind): ItemBody {
  switch (kind) {
    case "single_choice":
      return { type: kind, options: [option(), option(), option(), option()], keys: [] };
    case "multiple_choice":
      return { type: kind, options: [option(), option(), option(), option()], keys: [], rule: "penalty" };
    case "true_false":
      return { type: kind, key: true };
    case "short_text":
      return { type: kind, key: { accepted: [{ text: "", share: 1 }], typos: "one" } };
    case "numeric":
      return { type: kind, keys: [{ value: 0, tolerance: { absolute: 0 }, share: 1 }] };
    case "ordering": {
      const options = [option(), option(), option()];
      return { type: kind, options, key: options.map(({ id }) => id), rule: "pairs" };
    }
    case "matching": {
      const prompts = [option(), option(), option()];
      const targets = [option(), option(), option()];
      const key = Object.fromEntries(prompts.map(({ id }, at) => [id, targets[at]?.id ?? ""]));
      return { type: kind, prompts, targets, key, rule: "each" };
    }
    case "cloze":
      return { type: kind, parts: [], rule: "each" };
    case "free_text":
      return { type: kind, rubric: [{ ...option(), weight: 1 }] };
  }
}

export function blankDraft(kind: ItemKind, language: string): ItemDraft {
  return { stem: "", body: blankBody(kind), points: 1, difficulty: "medium", language };
}

/** What of an item a teacher may change. */
export function draftOf({ schema: _, id: __, source, ...draft }: Item): ItemDraft {
  return source ? { ...draft, source: { passage: source.passage, quote: source.quote } } : draft;
}

/** As it is sent: fields that were left empty are not there, and rows without words are gone. */
export function cleaned(draft: ItemDraft): ItemDraft {
  const { explanation, skill, stem, body, ...rest } = draft;
  const said = (text: string | undefined) => text?.trim() || undefined;
  const explained = said(explanation);
  const skilled = said(skill);
  return {
    ...rest,
    stem: stem.trim(),
    body: cleanedBody(body),
    ...(explained !== undefined && { explanation: explained }),
    ...(skilled !== undefined && { skill: skilled }),
  };
}

function cleanedBody(body: ItemBody): ItemBody {
  const filled = <Row extends { text: string }>(rows: Row[]) =>
    rows.map((row) => ({ ...row, text: row.text.trim() })).filter(({ text }) => text !== "");
  switch (body.type) {
    case "single_choice":
    case "multiple_choice": {
      const options = filled(body.options);
      return { ...body, options, keys: body.keys.filter((key) => options.some(({ id }) => id === key)) };
    }
    case "ordering": {
      const options = filled(body.options);
      return { ...body, options, key: body.key.filter((key) => options.some(({ id }) => id === key)) };
    }
    case "matching": {
      const prompts = filled(body.prompts);
      const targets = filled(body.targets);
      const pairs = Object.entries(body.key).filter(([prompt]) => prompts.some(({ id }) => id === prompt));
      return { ...body, prompts, targets, key: Object.fromEntries(pairs) };
    }
    case "short_text":
      return { ...body, key: { ...body.key, accepted: filled(body.key.accepted) } };
    case "free_text": {
      const { sample, ...rest } = body;
      const shown = sample?.trim();
      return { ...rest, rubric: filled(body.rubric), ...(shown && { sample: shown }) };
    }
    case "true_false":
    case "numeric":
    case "cloze":
      return body;
  }
}

/** Puts one thing of a list a place up or down. */
export function moved<Thing>(things: Thing[], at: number, by: number): Thing[] {
  const to = at + by;
  if (to < 0 || to >= things.length) return things;
  const changed = [...things];
  const [thing] = changed.splice(at, 1);
  if (thing !== undefined) changed.splice(to, 0, thing);
  return changed;
}
