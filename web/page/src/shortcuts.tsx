// Single-key shortcuts: never while somebody types, and they can be switched off (WCAG 2.1.4).

import { useEffect, useRef, useState } from "react";

export interface Shortcut {
  key: string;
  name: string;
  run: () => void;
}

export function useShortcuts(shortcuts: Shortcut[], isOn: boolean): void {
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  useEffect(() => {
    if (!isOn) return;
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      const target = event.target instanceof Element ? event.target : document.body;
      if (target.closest("input, textarea, select, [contenteditable], dialog")) return;
      const shortcut = latest.current.find(({ key }) => key === event.key.toLowerCase());
      if (!shortcut) return;
      event.preventDefault();
      shortcut.run();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [isOn]);
}

export function useShortcutsSetting(): [boolean, (isOn: boolean) => void] {
  const [isOn, setOn] = useState(() => localStorage.getItem("viva.shortcuts") !== "off");
  return [
    isOn,
    (wanted) => {
      localStorage.setItem("viva.shortcuts", wanted ? "on" : "off");
      setOn(wanted);
    },
  ];
}

export function ShortcutList({
  shortcuts,
  isOn,
  onChange,
}: {
  shortcuts: Shortcut[];
  isOn: boolean;
  onChange: (isOn: boolean) => void;
}) {
  return (
    <details className="shortcuts">
      <summary>Keyboard</summary>
      <ul>
        {shortcuts.map(({ key, name }) => (
          <li key={key}>
            <kbd>{key.toUpperCase()}</kbd> {name}
          </li>
        ))}
        <li>
          <kbd>Ctrl</kbd> <kbd>Enter</kbd> Send a typed answer
        </li>
      </ul>
      <label className="switch">
        <input type="checkbox" checked={isOn} onChange={(event) => onChange(event.target.checked)} />
        <span>Single-key shortcuts</span>
      </label>
    </details>
  );
}
