// Small parts that several screens use.

import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { type Route, subjectOf } from "./route.ts";
import { type Theme, useTheme } from "./theme.ts";

export function Brand() {
  return (
    <a className="brand" href="#/" aria-label="viva, to the start">
      <svg viewBox="0 0 32 32" aria-hidden="true">
        <path d="M5 14.5v3M10.5 10v12M16 5v22M21.5 11v10M27 14.5v3" />
      </svg>
      <span>viva</span>
    </a>
  );
}

const NEXT_THEME: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };
const THEME_NAMES: Record<Theme, string> = { system: "System", light: "Light", dark: "Dark" };

export function ThemeToggle() {
  const [theme, setTheme] = useTheme();
  return (
    <button type="button" className="quiet theme" onClick={() => setTheme(NEXT_THEME[theme])}>
      <span aria-hidden="true" className="half-moon" />
      <span className="visually-hidden">Appearance: </span>
      {THEME_NAMES[theme]}
    </button>
  );
}

export function Notice({
  kind,
  title,
  advice,
  onDismiss,
}: {
  kind: "bad" | "warn" | "calm";
  title: string;
  advice?: string;
  onDismiss?: () => void;
}) {
  return (
    <div className={`notice ${kind}`} role={kind === "bad" ? "alert" : "status"}>
      <p>
        <strong>{title}</strong> {advice}
      </p>
      {onDismiss && (
        <button type="button" className="quiet" onClick={onDismiss}>
          Dismiss
        </button>
      )}
    </div>
  );
}

/** A question that must be answered before anything else; the browser keeps the focus inside. */
export function Confirm({
  title,
  children,
  action,
  onConfirm,
  onCancel,
}: {
  title: string;
  children: ReactNode;
  action: string;
  onConfirm: () => void;
  onCancel: () => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const cancel = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
    // Whoever types without looking must not confirm with the next space.
    cancel.current?.focus();
  }, []);
  return (
    <dialog ref={dialog} aria-labelledby={heading} onClose={onCancel}>
      <h2 id={heading}>{title}</h2>
      {children}
      <div className="row">
        <button type="button" className="primary" onClick={onConfirm}>
          {action}
        </button>
        <button ref={cancel} type="button" onClick={() => dialog.current?.close()}>
          Cancel
        </button>
      </div>
    </dialog>
  );
}

/** Asks for a line of text. Gives nothing where a person thinks better of it. */
export function Prompt({
  title,
  label,
  value,
  maxLength,
  action,
  onDone,
}: {
  title: string;
  label: string;
  value: string;
  maxLength: number;
  action: string;
  onDone: (value: string | undefined) => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const [text, setText] = useState(value);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-labelledby={heading} onClose={() => onDone(undefined)}>
      <h2 id={heading}>{title}</h2>
      <form
        className="prompt"
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() !== "") onDone(text.trim());
        }}
      >
        <label className="field">
          <span>{label}</span>
          <input required maxLength={maxLength} value={text} onChange={(event) => setText(event.target.value)} />
        </label>
        <div className="row">
          <button type="submit" className="primary">
            {action}
          </button>
          <button type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
        </div>
      </form>
    </dialog>
  );
}

/** Something that fills the window for a while, and that Escape closes; the browser keeps the focus inside. It is no part of the
 * form or the column that opened it. */
export function Sheet({
  title,
  className,
  children,
  onClose,
}: {
  title: string;
  className: string;
  children: ReactNode;
  onClose: () => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return createPortal(
    <dialog
      ref={dialog}
      className={`sheet ${className}`}
      aria-label={title}
      onClose={onClose}
      onPointerDown={(event) => {
        // On what lies behind it.
        if (event.target === dialog.current) dialog.current?.close();
      }}
    >
      {children}
    </dialog>,
    document.body,
  );
}

/** After a change of screen the focus goes to its heading, so that a screen reader says where we are. */
export function useScreenFocus(route: Route, hasEntered: boolean): void {
  const isFirst = useRef(!hasEntered);
  // A conversation is chosen from the list beside it, where the focus stays.
  const subject = route.screen === "chat" ? undefined : subjectOf(route);
  const place = subject === undefined ? route.screen : `${route.screen}/${subject}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the effect belongs to the change of place.
  useEffect(() => {
    if (isFirst.current) {
      isFirst.current = false;
      return;
    }
    scrollTo(0, 0);
    document.querySelector<HTMLElement>("main h1")?.focus();
  }, [place]);
}
