// What can be told of an answer without its key: whether something was said. Pure.

import type { PublicItem, QuizAnswer } from "./quiz-types.ts";

/** As the server sees it: an empty field is the same as none. */
export function isAnswered(answer: QuizAnswer | undefined): answer is QuizAnswer {
  switch (answer?.type) {
    case undefined:
      return false;
    case "choice":
    case "true_false":
      return true;
    case "text":
      return answer.value.trim() !== "";
    case "choices":
    case "order":
      return answer.value.length > 0;
    case "pairs":
      return Object.keys(answer.value).length > 0;
    case "gaps":
      return Object.values(answer.value).some((text) => text.trim() !== "");
  }
}

/** Whether something was said, but not of all that is asked for. */
export function isPartial({ body }: PublicItem, answer: QuizAnswer | undefined): boolean {
  if (!isAnswered(answer)) return false;
  if (body.type === "matching" && answer.type === "pairs") {
    return body.prompts.some(({ id }) => answer.value[id] === undefined);
  }
  if (body.type === "cloze" && answer.type === "gaps") {
    return body.parts.some((part) => "gap" in part && (answer.value[part.gap.id] ?? "").trim() === "");
  }
  return false;
}
