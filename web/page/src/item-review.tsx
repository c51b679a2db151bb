// The questions of a quiz, each with its key, its source and what was found of it; changed, put in order, added, removed.

import { ITEM_KINDS, type ItemKind, type ItemView, type QuizView } from "@viva/client";
import type { UseQuiz } from "@viva/react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import type { Site } from "./app.tsx";
import { ErrorBoundary } from "./error-boundary.tsx";
import { Findings } from "./findings.tsx";
import { Icon } from "./icons.tsx";
import { blankDraft, draftOf, moved } from "./item-draft.ts";
import { ItemForm } from "./item-form.tsx";
import { ItemKey } from "./item-key.tsx";
import { Confirm } from "./parts.tsx";
import { answerLines, DIFFICULTIES, kindName, pointsSaid } from "./quiz-words.ts";
import { SourceLink } from "./source-link.tsx";

export function ItemReview({ site, held, quiz }: { site: Site; held: UseQuiz; quiz: QuizView }) {
  const [editing, setEditing] = useState<string>();
  const [leaving, setLeaving] = useState<ItemView>();
  const [said, setSaid] = useState("");
  const [toFocus, setToFocus] = useState<{ id: string; by?: number }>();
  const list = useRef<HTMLOListElement>(null);
  const isAtWork = quiz.making?.state === "queued" || quiz.making?.state === "running";
  const ids = quiz.items.map(({ item }) => item.id);
  useEffect(() => {
    if (!toFocus) return;
    const row = document.getElementById(`item-${toFocus.id}`)?.closest("article");
    const buttons = [...(row?.querySelectorAll<HTMLButtonElement>("button[data-by]:not(:disabled)") ?? [])];
    const again = toFocus.by === undefined ? undefined : buttons.find(({ dataset }) => dataset.by === `${toFocus.by}`);
    (again ?? row?.querySelector<HTMLElement>("h2"))?.focus();
  }, [toFocus]);
  const move = async (at: number, by: number) => {
    const id = ids[at];
    if (id === undefined || !(await held.orderItems(moved(ids, at, by)))) return;
    setSaid(`Question ${at + 1} is now question ${at + by + 1}.`);
    setToFocus({ id, by });
  };
  return (
    <>
      {quiz.findings.length > 0 && (
        <section aria-label="The quiz as a whole">
          <Findings findings={quiz.findings} ids={ids} />
        </section>
      )}
      {quiz.items.length === 0 && !isAtWork && (
        <p className="empty">No questions yet. Have some made, or write one below.</p>
      )}
      <ol className="item-list" ref={list}>
        {quiz.items.map((view, at) => (
          <li key={view.item.id}>
            <ErrorBoundary what={`Question ${at + 1}`} of={view}>
              <ReviewedItem
                site={site}
                view={view}
                number={at + 1}
                ids={ids}
                isEditing={editing === view.item.id}
                isLocked={isAtWork || held.isBusy}
                onMove={(by) => void move(at, by)}
                onEdit={() => setEditing(view.item.id)}
                onRemove={() => setLeaving(view)}
                form={
                  <ItemForm
                    name={`Change question ${at + 1}`}
                    draft={draftOf(view.item)}
                    language={quiz.language}
                    isBusy={held.isBusy}
                    action="Save"
                    onCancel={() => {
                      setEditing(undefined);
                      setToFocus({ id: view.item.id });
                    }}
                    onSave={async (draft) => {
                      if (!(await held.changeItem(view.item.id, draft))) return;
                      setEditing(undefined);
                      setSaid(`Question ${at + 1} is saved.`);
                      setToFocus({ id: view.item.id });
                    }}
                  />
                }
              />
            </ErrorBoundary>
          </li>
        ))}
      </ol>
      {!isAtWork && <AddItem held={held} quiz={quiz} onAdded={() => setSaid("The question is added at the end.")} />}
      {leaving && (
        <Confirm
          title="Remove this question?"
          action="Remove"
          onCancel={() => setLeaving(undefined)}
          onConfirm={() => {
            setLeaving(undefined);
            void held.removeItem(leaving.item.id);
          }}
        >
          <p>{leaving.item.stem}</p>
        </Confirm>
      )}
      <p className="visually-hidden" aria-live="polite">
        {said}
      </p>
    </>
  );
}

const STALE = {
  replaced: "The file that it rests on was replaced since. Check whether it is still right.",
  deleted: "The file that it rests on was deleted.",
};

function ReviewedItem({
  site,
  view,
  number,
  ids,
  isEditing,
  isLocked,
  form,
  onMove,
  onEdit,
  onRemove,
}: {
  site: Site;
  view: ItemView;
  number: number;
  /** Of all questions of the quiz, in their order. */
  ids: string[];
  isEditing: boolean;
  isLocked: boolean;
  form: ReactNode;
  onMove: (by: number) => void;
  onEdit: () => void;
  onRemove: () => void;
}) {
  const { item, findings, stale, secondAnswer } = view;
  const isRejected = findings.some(({ severity }) => severity === "reject");
  const facts = [
    kindName(item.body.type),
    pointsSaid(item.points),
    DIFFICULTIES[item.difficulty ?? "medium"],
    item.skill,
  ];
  return (
    <article className="review-item card" data-rejected={isRejected}>
      <header>
        <h2 id={`item-${item.id}`} tabIndex={-1}>
          {number}. <span lang={item.language}>{item.stem}</span>
        </h2>
        <p className="hint">{facts.filter((fact) => fact).join(" · ")}</p>
      </header>
      {stale && (
        <p className="stale-line">
          <strong>Check this:</strong> {STALE[stale]}
        </p>
      )}
      {isEditing ? (
        form
      ) : (
        <>
          <ItemKey body={item.body} />
          <Findings findings={findings} ids={ids} />
          {secondAnswer && isRejected && (
            <p className="hint">
              Answered blind: {answerLines(secondAnswer, (id) => optionText(item.body, id)).join(", ")}
            </p>
          )}
          {item.explanation && <p className="explained">{item.explanation}</p>}
          {item.source && <SourceLink site={site} source={item.source} />}
          <div className="row item-actions">
            <button type="button" className="quiet" disabled={isLocked} onClick={onEdit}>
              Edit<span className="visually-hidden"> question {number}</span>
            </button>
            {([-1, 1] as const).map((by) => (
              <button
                key={by}
                type="button"
                className="quiet icon-button"
                data-by={by}
                disabled={isLocked || number + by < 1 || number + by > ids.length}
                onClick={() => onMove(by)}
              >
                <Icon name={by < 0 ? "raise" : "lower"} />
                <span className="visually-hidden">
                  Move question {number} {by < 0 ? "up" : "down"}
                </span>
              </button>
            ))}
            <button type="button" className="quiet" disabled={isLocked} onClick={onRemove}>
              Remove<span className="visually-hidden"> question {number}</span>
            </button>
          </div>
        </>
      )}
    </article>
  );
}

function optionText(body: ItemView["item"]["body"], id: string): string {
  const choices = "options" in body ? body.options : body.type === "matching" ? [...body.prompts, ...body.targets] : [];
  return choices.find((choice) => choice.id === id)?.text ?? id;
}

function AddItem({ held, quiz, onAdded }: { held: UseQuiz; quiz: QuizView; onAdded: () => void }) {
  const [kind, setKind] = useState<ItemKind>("single_choice");
  const [isOpen, setOpen] = useState(false);
  if (!isOpen) {
    return (
      <div className="row add-item">
        <label className="field inline">
          <span className="visually-hidden">Kind of question</span>
          <select value={kind} onChange={({ target }) => setKind(target.value as ItemKind)}>
            {ITEM_KINDS.map((one) => (
              <option key={one} value={one}>
                {kindName(one)}
              </option>
            ))}
          </select>
        </label>
        <button type="button" onClick={() => setOpen(true)}>
          Write a question
        </button>
      </div>
    );
  }
  return (
    <div className="card">
      <ItemForm
        name="New question"
        draft={blankDraft(kind, quiz.language)}
        language={quiz.language}
        isBusy={held.isBusy}
        action="Add it"
        onCancel={() => setOpen(false)}
        onSave={async (draft) => {
          if (!(await held.addItem(draft))) return;
          setOpen(false);
          onAdded();
        }}
      />
    </div>
  );
}
