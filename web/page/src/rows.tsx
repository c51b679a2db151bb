// Lines of text in a form: changed, added, removed, and put in order where that matters.

import { type ReactNode, useEffect, useRef, useState } from "react";
import { Icon } from "./icons.tsx";
import { moved } from "./item-draft.ts";

/** More than a person reads. */
const ROWS_MAX = 20;

export function Rows<Row extends { text: string }>({
  legend,
  one,
  rows,
  isOrdered = false,
  before,
  after,
  onChange,
  onAdd,
}: {
  legend: string;
  /** What a row is called: "option". */
  one: string;
  rows: Row[];
  isOrdered?: boolean;
  before?: (row: Row, at: number) => ReactNode;
  after?: (row: Row, at: number, change: (change: Partial<Row>) => void) => ReactNode;
  onChange: (rows: Row[]) => void;
  onAdd: () => Row;
}) {
  const list = useRef<HTMLUListElement>(null);
  const [toFocus, setToFocus] = useState<{ at: number }>();
  useEffect(() => {
    if (!toFocus) return;
    const row = list.current?.children[Math.max(0, Math.min(toFocus.at, list.current.children.length - 1))];
    row?.querySelector<HTMLInputElement>("input.text")?.focus();
  }, [toFocus]);
  const change = (at: number, to: Partial<Row>) =>
    onChange(rows.map((row, place) => (place === at ? { ...row, ...to } : row)));
  const title = one.charAt(0).toUpperCase() + one.slice(1);
  return (
    <fieldset className="rows">
      <legend lang="en">{legend}</legend>
      <ul ref={list}>
        {rows.map((row, at) => (
          <li key={"id" in row ? String(row.id) : at}>
            {before?.(row, at)}
            <input
              className="text"
              aria-label={`${title} ${at + 1}`}
              maxLength={500}
              value={row.text}
              onChange={({ target }) => change(at, { text: target.value } as Partial<Row>)}
            />
            {after?.(row, at, (to) => change(at, to))}
            {isOrdered &&
              ([-1, 1] as const).map((by) => (
                <button
                  key={by}
                  type="button"
                  className="quiet icon-button"
                  disabled={at + by < 0 || at + by >= rows.length}
                  onClick={() => {
                    onChange(moved(rows, at, by));
                    setToFocus({ at: at + by });
                  }}
                >
                  <Icon name={by < 0 ? "raise" : "lower"} />
                  <span className="visually-hidden">
                    Move {one} {at + 1} {by < 0 ? "up" : "down"}
                  </span>
                </button>
              ))}
            <button
              type="button"
              className="quiet icon-button"
              disabled={rows.length <= 1}
              onClick={() => {
                onChange(rows.filter((_, place) => place !== at));
                setToFocus({ at: at === rows.length - 1 ? at - 1 : at });
              }}
            >
              <Icon name="close" />
              <span className="visually-hidden">
                Remove {one} {at + 1}
              </span>
            </button>
          </li>
        ))}
      </ul>
      <button
        type="button"
        className="small"
        disabled={rows.length >= ROWS_MAX}
        onClick={() => {
          onChange([...rows, onAdd()]);
          setToFocus({ at: rows.length });
        }}
      >
        Add {/^[aeiou]/.test(one) ? "an" : "a"} {one}
      </button>
    </fieldset>
  );
}
