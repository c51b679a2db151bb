// A teacher marks a free text by its rubric: for each criterion, how much of it was reached.

import { type AttemptSummary, type Criterion, explain, type ItemResult, Problem, type ResultsView } from "@viva/client";
import { type FormEvent, useEffect, useState } from "react";
import type { Site } from "./app.tsx";
import { Notice } from "./parts.tsx";
import { points, pointsSaid } from "./quiz-words.ts";

const GRADES = [
  { share: 0, name: "Not reached" },
  { share: 0.5, name: "Partly" },
  { share: 1, name: "Reached" },
];

export function Marking({
  site,
  attempt,
  result: { item, result, rubric: given },
  onMarked,
}: {
  site: Site;
  attempt: AttemptSummary;
  result: ItemResult;
  onMarked: (results: ResultsView) => void;
}) {
  const rubric = useRubric(site, attempt.quiz, item.id, given);
  const [awarded, setAwarded] = useState<Record<string, number>>({});
  const [isSending, setSending] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const isPending = result.outcome === "pending";
  if (result.outcome === "unanswered") return null;
  if (!rubric) return <p className="waiting">Loading the rubric …</p>;
  const isWhole = rubric.every(({ id }) => awarded[id] !== undefined);
  const weights = rubric.reduce((sum, { weight }) => sum + weight, 0);
  const reached = rubric.reduce((sum, { id, weight }) => sum + weight * (awarded[id] ?? 0), 0);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setSending(true);
    setProblem(undefined);
    try {
      onMarked(await site.quizzes.mark(attempt.id, item.id, awarded));
    } catch (cause) {
      setProblem(Problem.from(cause));
    } finally {
      setSending(false);
    }
  };
  const form = (
    <form className="marking" aria-label={`Mark: ${item.stem}`} onSubmit={submit}>
      {rubric.map(({ id, text, weight }) => (
        <fieldset key={id}>
          <legend>
            {text} <small>{pointsSaid((item.points * weight) / (weights || 1))}</small>
          </legend>
          <div className="row">
            {GRADES.map(({ share, name }) => (
              <label key={share} className="choice">
                <input
                  type="radio"
                  name={`${item.id} ${id}`}
                  checked={awarded[id] === share}
                  onChange={() => setAwarded({ ...awarded, [id]: share })}
                />
                <span>{name}</span>
              </label>
            ))}
          </div>
        </fieldset>
      ))}
      {problem && <Notice kind="bad" {...explain(problem)} />}
      <div className="row">
        <button type="submit" className="primary" disabled={!isWhole || isSending}>
          {isWhole
            ? `Give ${points((item.points * reached) / (weights || 1))} of ${points(item.points)} points`
            : "Judge each criterion"}
        </button>
      </div>
    </form>
  );
  if (isPending) return form;
  return (
    <details className="more">
      <summary>Mark it again</summary>
      {form}
    </details>
  );
}

/** As it comes with the results; else that of the quiz as it stands now. */
function useRubric(site: Site, quiz: string, item: string, given: Criterion[] | undefined): Criterion[] | undefined {
  const [rubric, setRubric] = useState(given);
  useEffect(() => {
    if (given) {
      setRubric(given);
      return;
    }
    let isCurrent = true;
    site.quizzes.get(quiz).then(
      ({ items }) => {
        const body = items.find((view) => view.item.id === item)?.item.body;
        if (isCurrent) setRubric(body?.type === "free_text" ? body.rubric : []);
      },
      () => isCurrent && setRubric([]),
    );
    return () => {
      isCurrent = false;
    };
  }, [site, quiz, item, given]);
  return rubric;
}
