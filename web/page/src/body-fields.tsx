// The fields for what a question asks for and what of it is right, one kind beside the other.

import type { ItemBody, NumericKey } from "@viva/client";
import { useState } from "react";
import { clozeParts, clozeText } from "./cloze-text.ts";
import { newOptionId } from "./item-draft.ts";
import { MatchingFields } from "./matching-fields.tsx";
import { Rows } from "./rows.tsx";

type Of<Kind extends ItemBody["type"]> = Extract<ItemBody, { type: Kind }>;

interface Props<Kind extends ItemBody["type"]> {
  body: Of<Kind>;
  onChange: (body: ItemBody) => void;
}

export function BodyFields({ body, onChange }: { body: ItemBody; onChange: (body: ItemBody) => void }) {
  switch (body.type) {
    case "single_choice":
    case "multiple_choice":
      return <ChoiceFields body={body} onChange={onChange} />;
    case "true_false":
      return <TruthFields body={body} onChange={onChange} />;
    case "short_text":
      return <TextFields body={body} onChange={onChange} />;
    case "numeric":
      return <NumericFields body={body} onChange={onChange} />;
    case "ordering":
      return <OrderingFields body={body} onChange={onChange} />;
    case "matching":
      return <MatchingFields body={body} onChange={onChange} />;
    case "cloze":
      return <ClozeFields body={body} onChange={onChange} />;
    case "free_text":
      return <FreeTextFields body={body} onChange={onChange} />;
  }
}

function ChoiceFields({ body, onChange }: Props<"single_choice" | "multiple_choice">) {
  const isSingle = body.type === "single_choice";
  const [group] = useState(newOptionId);
  const mark = (id: string, isOn: boolean) => {
    const keys = isSingle ? [id] : isOn ? [...body.keys, id] : body.keys.filter((key) => key !== id);
    onChange({ ...body, keys });
  };
  return (
    <>
      <Rows
        legend={isSingle ? "Options; mark the right one" : "Options; mark all that are right"}
        one="option"
        rows={body.options}
        onChange={(options) => onChange({ ...body, options })}
        onAdd={() => ({ id: newOptionId(), text: "" })}
        before={({ id }, at) => (
          <input
            type={isSingle ? "radio" : "checkbox"}
            name={group}
            aria-label={`Option ${at + 1} is right`}
            checked={body.keys.includes(id)}
            onChange={({ target }) => mark(id, target.checked)}
          />
        )}
      />
      {body.type === "multiple_choice" && (
        <RuleField
          value={body.rule ?? "penalty"}
          rules={{
            penalty: "A share for each right one, taken away again for each wrong one",
            right_minus_wrong: "Each option counts: judged rightly less wrongly",
            exact: "All or nothing",
          }}
          onChange={(rule) => onChange({ ...body, rule })}
        />
      )}
    </>
  );
}

export function RuleField<Rule extends string>({
  value,
  rules,
  onChange,
}: {
  value: Rule;
  rules: Record<Rule, string>;
  onChange: (rule: Rule) => void;
}) {
  return (
    <label className="field" lang="en">
      <span>Points for part of it</span>
      <select value={value} onChange={({ target }) => onChange(target.value as Rule)}>
        {Object.entries<string>(rules).map(([rule, meaning]) => (
          <option key={rule} value={rule}>
            {meaning}
          </option>
        ))}
      </select>
    </label>
  );
}

function TruthFields({ body, onChange }: Props<"true_false">) {
  const [group] = useState(newOptionId);
  return (
    <fieldset lang="en">
      <legend>The statement is</legend>
      <div className="row">
        {[true, false].map((key) => (
          <label key={String(key)} className="choice">
            <input type="radio" name={group} checked={body.key === key} onChange={() => onChange({ ...body, key })} />
            <span>{key ? "True" : "False"}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function TextFields({ body, onChange }: Props<"short_text">) {
  const { accepted, refused = [], typos = "one" } = body.key;
  const set = (change: Partial<typeof body.key>) => onChange({ ...body, key: { ...body.key, ...change } });
  return (
    <>
      <Rows
        legend="Accepted answers; * stands for anything"
        one="answer"
        rows={accepted}
        onChange={(rows) => set({ accepted: rows })}
        onAdd={() => ({ text: "", share: 1 })}
        after={({ share }, at, change) => (
          <ShareField
            share={share}
            name={`Answer ${at + 1}: per cent of the points`}
            onChange={(to) => change({ share: to })}
          />
        )}
      />
      <label className="field">
        <span lang="en">
          Never accepted <small>one a line, where it looks like a right one</small>
        </span>
        <textarea
          rows={2}
          value={refused.join("\n")}
          onChange={({ target }) => set({ refused: target.value === "" ? [] : target.value.split("\n") })}
        />
      </label>
      <label className="switch" lang="en">
        <input
          type="checkbox"
          checked={typos === "one"}
          onChange={({ target }) => set({ typos: target.checked ? "one" : "none" })}
        />
        <span>Forgive one slip of the pen</span>
      </label>
    </>
  );
}

function ShareField({ share, name, onChange }: { share: number; name: string; onChange: (share: number) => void }) {
  const percent = Math.round(share * 100);
  return (
    <span className="share">
      <input
        type="number"
        aria-label={name}
        min={1}
        max={100}
        required
        value={Number.isNaN(percent) ? "" : percent}
        onChange={({ target }) => onChange(target.valueAsNumber / 100)}
      />
      <span aria-hidden="true">%</span>
    </span>
  );
}

function NumericFields({ body, onChange }: Props<"numeric">) {
  const [first, ...others] = body.keys;
  if (!first) return null;
  const isRelative = "relative" in first.tolerance;
  const amount = "relative" in first.tolerance ? first.tolerance.relative * 100 : first.tolerance.absolute;
  const set = (change: Partial<NumericKey>) => onChange({ ...body, keys: [{ ...first, ...change }, ...others] });
  const within = (value: number, relative: boolean) =>
    set({ tolerance: relative ? { relative: value / 100 } : { absolute: value } });
  const setUnit = (said: string) => {
    const { unit: _, ...rest } = body;
    onChange(said === "" ? rest : { ...rest, unit: said });
  };
  return (
    <div className="columns" lang="en">
      <label className="field">
        <span>Right is</span>
        <input
          type="number"
          step="any"
          required
          value={Number.isNaN(first.value) ? "" : first.value}
          onChange={({ target }) => set({ value: target.valueAsNumber })}
        />
      </label>
      <label className="field">
        <span>More or less</span>
        <input
          type="number"
          step="any"
          min={0}
          required
          value={Number.isNaN(amount) ? "" : amount}
          onChange={({ target }) => within(target.valueAsNumber, isRelative)}
        />
      </label>
      <label className="field">
        <span>Measured</span>
        <select
          value={isRelative ? "relative" : "absolute"}
          onChange={({ target }) => within(amount, target.value === "relative")}
        >
          <option value="absolute">as a number</option>
          <option value="relative">in per cent</option>
        </select>
      </label>
      <label className="field">
        <span>
          Unit <small>optional</small>
        </span>
        <input maxLength={30} value={body.unit ?? ""} onChange={({ target }) => setUnit(target.value)} />
      </label>
    </div>
  );
}

function OrderingFields({ body, onChange }: Props<"ordering">) {
  const rows = body.key.flatMap((id) => body.options.filter((option) => option.id === id));
  return (
    <>
      <Rows
        legend="Lines, in the right order"
        one="line"
        rows={rows}
        isOrdered
        onChange={(options) => onChange({ ...body, options, key: options.map(({ id }) => id) })}
        onAdd={() => ({ id: newOptionId(), text: "" })}
      />
      <RuleField
        value={body.rule ?? "pairs"}
        rules={{
          pairs: "For lines that stand rightly before one another",
          positions: "For each line in its place",
          exact: "All or nothing",
        }}
        onChange={(rule) => onChange({ ...body, rule })}
      />
    </>
  );
}

function ClozeFields({ body, onChange }: Props<"cloze">) {
  const [text, setText] = useState(() => clozeText(body.parts));
  const [known] = useState(body.parts);
  return (
    <>
      <label className="field">
        <span lang="en">Text with gaps</span>
        <textarea
          rows={4}
          required
          value={text}
          onChange={({ target }) => {
            setText(target.value);
            onChange({ ...body, parts: clozeParts(target.value, known, newOptionId) });
          }}
        />
        <small lang="en">
          A gap is written as <code>[[word]]</code>, or <code>[[word|another]]</code> where both are right; to choose
          from: <code>[[=right~wrong~wrong]]</code>; a number: <code>[[#9.81±0.02]]</code>.
        </small>
      </label>
      <RuleField
        value={body.rule ?? "each"}
        rules={{ each: "For each gap", exact: "All or nothing" }}
        onChange={(rule) => onChange({ ...body, rule })}
      />
    </>
  );
}

function FreeTextFields({ body, onChange }: Props<"free_text">) {
  return (
    <>
      <Rows
        legend="What you mark it by; students see it"
        one="criterion"
        rows={body.rubric}
        onChange={(rubric) => onChange({ ...body, rubric })}
        onAdd={() => ({ id: newOptionId(), text: "", weight: 1 })}
        after={({ weight }, at, change) => (
          <span className="share">
            <input
              type="number"
              aria-label={`Weight of criterion ${at + 1}`}
              min={0.1}
              step="any"
              required
              value={Number.isNaN(weight) ? "" : weight}
              onChange={({ target }) => change({ weight: target.valueAsNumber })}
            />
          </span>
        )}
      />
      <label className="field">
        <span lang="en">
          A good answer <small>optional, for you</small>
        </span>
        <textarea
          rows={3}
          maxLength={4000}
          value={body.sample ?? ""}
          onChange={({ target }) => onChange({ ...body, sample: target.value })}
        />
      </label>
    </>
  );
}
