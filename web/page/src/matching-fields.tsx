// The pairs of a matching in a form, and the targets that go with none of them.

import type { ItemBody } from "@viva/client";
import { RuleField } from "./body-fields.tsx";
import { Icon } from "./icons.tsx";
import { newOptionId } from "./item-draft.ts";

type Matching = Extract<ItemBody, { type: "matching" }>;

const PAIRS_MAX = 20;

export function MatchingFields({ body, onChange }: { body: Matching; onChange: (body: ItemBody) => void }) {
  const { prompts, targets, key } = body;
  const decoys = targets.filter(({ id }) => !Object.values(key).includes(id));
  const textOf = (id: string | undefined) => targets.find((target) => target.id === id)?.text ?? "";
  const setPrompt = (id: string, text: string) =>
    onChange({ ...body, prompts: prompts.map((prompt) => (prompt.id === id ? { ...prompt, text } : prompt)) });
  const setTarget = (id: string | undefined, text: string) =>
    onChange({ ...body, targets: targets.map((target) => (target.id === id ? { ...target, text } : target)) });
  const add = () => {
    const prompt = { id: newOptionId(), text: "" };
    const target = { id: newOptionId(), text: "" };
    onChange({
      ...body,
      prompts: [...prompts, prompt],
      targets: [...targets, target],
      key: { ...key, [prompt.id]: target.id },
    });
  };
  const remove = (id: string) => {
    const { [id]: target, ...rest } = key;
    const isShared = Object.values(rest).includes(target ?? "");
    onChange({
      ...body,
      prompts: prompts.filter((prompt) => prompt.id !== id),
      targets: isShared ? targets : targets.filter((one) => one.id !== target),
      key: rest,
    });
  };
  const setDecoys = (text: string) => {
    const lines = text === "" ? [] : text.split("\n");
    const kept = lines.map((line, at) => ({ id: decoys[at]?.id ?? newOptionId(), text: line }));
    onChange({ ...body, targets: [...targets.filter((target) => !decoys.includes(target)), ...kept] });
  };
  return (
    <>
      <fieldset className="rows pairs">
        <legend lang="en">Pairs</legend>
        <ul>
          {prompts.map(({ id, text }, at) => (
            <li key={id}>
              <input
                className="text"
                aria-label={`Pair ${at + 1}, left`}
                maxLength={500}
                value={text}
                onChange={({ target }) => setPrompt(id, target.value)}
              />
              <span aria-hidden="true">→</span>
              <input
                className="text"
                aria-label={`Pair ${at + 1}, right`}
                maxLength={500}
                value={textOf(key[id])}
                onChange={({ target }) => setTarget(key[id], target.value)}
              />
              <button
                type="button"
                className="quiet icon-button"
                disabled={prompts.length <= 2}
                onClick={() => remove(id)}
              >
                <Icon name="close" />
                <span className="visually-hidden">Remove pair {at + 1}</span>
              </button>
            </li>
          ))}
        </ul>
        <button type="button" className="small" disabled={prompts.length >= PAIRS_MAX} onClick={add}>
          Add a pair
        </button>
      </fieldset>
      <label className="field">
        <span lang="en">
          Decoys <small>optional, one a line: they go with nothing</small>
        </span>
        <textarea
          rows={2}
          value={decoys.map(({ text }) => text).join("\n")}
          onChange={({ target }) => setDecoys(target.value)}
        />
      </label>
      <RuleField
        value={body.rule ?? "each"}
        rules={{ each: "For each pair", exact: "All or nothing" }}
        onChange={(rule) => onChange({ ...body, rule })}
      />
    </>
  );
}
