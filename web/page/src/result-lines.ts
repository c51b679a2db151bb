// What is said of each part of an answer, in words, kind by kind: the server names parts by place, by prompt or by gap. Pure.

import type { PublicItem, QuizAnswer, ScoreNote } from "@viva/client";

export interface ResultLine {
  sign: "right" | "wrong" | "missed";
  /** What it is about, where that is not the answer itself: "Place 2", a prompt, "Gap 1", a criterion. */
  part?: string;
  /** What was answered. */
  said?: string;
  /** What would have been right, where it was not. */
  right?: string;
  remark?: string;
}

const SIGNS = { hit: "right", met: "right", wrong: "wrong", missed: "missed", misfit: "wrong" } as const;

export function resultLines(
  item: PublicItem,
  answer: QuizAnswer | undefined,
  notes: ScoreNote[],
  textOf: (id: string) => string,
): ResultLine[] {
  return notes.map((note) => {
    const sign = SIGNS[note.note];
    if (note.note === "misfit") return { sign, remark: "This answer does not fit the question." };
    if (note.note === "met") {
      const typed = answer?.type === "text" ? answer.value.trim() : note.accepted;
      return note.with_slip
        ? { sign, said: typed, remark: `“${note.accepted}” was meant; a slip of the pen is forgiven.` }
        : { sign, said: typed };
    }
    const right = note.note === "hit" || note.expected === undefined ? {} : { right: truth(note.expected) };
    const named = partOf(item, answer, note.part, textOf);
    if (named) return { sign, ...named, ...right };
    if (item.body.type === "free_text") return { sign, part: note.part, remark: REACHED[note.note] };
    if (note.note === "missed") return { sign, right: truth(note.part) };
    return { sign, said: truth(note.part), ...right };
  });
}

const REACHED = { hit: "reached", wrong: "partly reached", missed: "not reached" };

/** A place, a prompt or a gap, with what was put there. */
function partOf(
  { body }: PublicItem,
  answer: QuizAnswer | undefined,
  part: string,
  textOf: (id: string) => string,
): Pick<ResultLine, "part" | "said"> | undefined {
  const placed = (name: string, id: string | undefined) =>
    id === undefined || id.trim() === "" ? { part: name } : { part: name, said: textOf(id) };
  switch (body.type) {
    case "ordering":
      return placed(`${part}.`, answer?.type === "order" ? answer.value[Number(part) - 1] : undefined);
    case "matching": {
      const prompt = body.prompts.find(({ text }) => text === part)?.id ?? "";
      return placed(part, answer?.type === "pairs" ? answer.value[prompt] : undefined);
    }
    case "cloze": {
      const gaps = body.parts.flatMap((one) => ("gap" in one ? [one.gap.id] : []));
      return placed(`Gap ${gaps.indexOf(part) + 1}`, answer?.type === "gaps" ? answer.value[part] : undefined);
    }
    default:
      return undefined;
  }
}

function truth(part: string): string {
  return part === "true" ? "True" : part === "false" ? "False" : part;
}
