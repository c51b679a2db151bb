// A question in a form: its words, its key, what it is worth, why it is so.

import type { Difficulty, ItemBody, ItemDraft } from "@viva/client";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { BodyFields } from "./body-fields.tsx";
import { cleaned } from "./item-draft.ts";
import { DIFFICULTIES, kindMeaning, kindName } from "./quiz-words.ts";

export function ItemForm({
  name,
  draft: first,
  language,
  isBusy,
  action,
  onSave,
  onCancel,
}: {
  name: string;
  draft: ItemDraft;
  language: string;
  isBusy: boolean;
  action: string;
  onSave: (draft: ItemDraft) => void;
  onCancel: () => void;
}) {
  const [draft, setDraft] = useState(first);
  const stem = useRef<HTMLTextAreaElement>(null);
  useEffect(() => stem.current?.focus(), []);
  const set = (change: Partial<ItemDraft>) => setDraft((before) => ({ ...before, ...change }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSave(cleaned(draft));
  };
  const { body } = draft;
  return (
    <form className="item-form" aria-label={name} lang={draft.language ?? language} onSubmit={submit}>
      <p className="hint" lang="en">
        {kindName(body.type)}: {kindMeaning(body.type)}
      </p>
      <label className="field">
        <span lang="en">{body.type === "true_false" ? "Statement" : "Question"}</span>
        <textarea
          ref={stem}
          rows={2}
          required
          maxLength={2000}
          value={draft.stem}
          onChange={({ target }) => set({ stem: target.value })}
        />
      </label>
      <BodyFields body={body} onChange={(changed: ItemBody) => set({ body: changed })} />
      <label className="field">
        <span lang="en">
          Why is it so? <small>students read it afterwards</small>
        </span>
        <textarea
          rows={2}
          maxLength={4000}
          value={draft.explanation ?? ""}
          onChange={({ target }) => set({ explanation: target.value })}
        />
      </label>
      <div className="columns" lang="en">
        <label className="field">
          <span>Points</span>
          <input
            type="number"
            required
            min={0.1}
            max={1000}
            step="any"
            value={draft.points === undefined || Number.isNaN(draft.points) ? "" : draft.points}
            onChange={({ target }) => set({ points: target.valueAsNumber })}
          />
        </label>
        <label className="field">
          <span>Difficulty</span>
          <select
            value={draft.difficulty ?? "medium"}
            onChange={({ target }) => set({ difficulty: target.value as Difficulty })}
          >
            {Object.entries(DIFFICULTIES).map(([value, said]) => (
              <option key={value} value={value}>
                {said}
              </option>
            ))}
          </select>
        </label>
        <label className="field">
          <span>
            Skill <small>for progress</small>
          </span>
          <input maxLength={100} value={draft.skill ?? ""} onChange={({ target }) => set({ skill: target.value })} />
        </label>
      </div>
      <div className="row" lang="en">
        <button type="submit" className="primary" disabled={isBusy}>
          {action}
        </button>
        <button type="button" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}
