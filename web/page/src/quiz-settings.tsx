// How a quiz is taken: time, attempts, order, feedback, and which attempt counts.

import type { Counting, FeedbackShown, QuizSettings, QuizView } from "@viva/client";
import type { UseQuiz } from "@viva/react";
import { type FormEvent, useState } from "react";
import { LanguageField } from "./language-field.tsx";
import { COUNTINGS, DEFAULT_SETTINGS, FEEDBACKS, languageName } from "./quiz-words.ts";

const MINUTE_MS = 60_000;

export function SettingsFields({
  settings,
  onChange,
}: {
  settings: QuizSettings;
  onChange: (settings: QuizSettings) => void;
}) {
  const { timeLimitMs, attemptsMax, optionOrder, itemOrder, feedback, counting } = { ...DEFAULT_SETTINGS, ...settings };
  const set = (change: Partial<QuizSettings>) => onChange({ ...settings, ...change });
  const setLimit = (name: "timeLimitMs" | "attemptsMax", value: number) => {
    const { [name]: _, ...rest } = settings;
    onChange(Number.isNaN(value) ? rest : { ...rest, [name]: value });
  };
  return (
    <div className="settings-fields">
      <div className="columns">
        <label className="field">
          <span>
            Minutes <small>empty: no limit</small>
          </span>
          <input
            type="number"
            min={1}
            max={600}
            value={timeLimitMs === undefined ? "" : timeLimitMs / MINUTE_MS}
            onChange={({ target }) => setLimit("timeLimitMs", target.valueAsNumber * MINUTE_MS)}
          />
        </label>
        <label className="field">
          <span>
            Attempts <small>empty: any number</small>
          </span>
          <input
            type="number"
            min={1}
            max={100}
            value={attemptsMax ?? ""}
            onChange={({ target }) => setLimit("attemptsMax", target.valueAsNumber)}
          />
        </label>
      </div>
      <div className="switches">
        <label className="switch">
          <input
            type="checkbox"
            checked={itemOrder === "shuffled"}
            onChange={({ target }) => set({ itemOrder: target.checked ? "shuffled" : "as_written" })}
          />
          <span>Shuffle the questions</span>
        </label>
        <label className="switch">
          <input
            type="checkbox"
            checked={optionOrder === "shuffled"}
            onChange={({ target }) => set({ optionOrder: target.checked ? "shuffled" : "as_written" })}
          />
          <span>Shuffle the options of each question</span>
        </label>
      </div>
      <label className="field">
        <span>What students see afterwards</span>
        <select value={feedback} onChange={({ target }) => set({ feedback: target.value as FeedbackShown })}>
          {Object.entries(FEEDBACKS).map(([value, { name }]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
        <small>{FEEDBACKS[feedback].meaning}</small>
      </label>
      <label className="field">
        <span>Which attempt counts</span>
        <select value={counting} onChange={({ target }) => set({ counting: target.value as Counting })}>
          {(["best", "first", "last"] as const).map((value) => (
            <option key={value} value={value}>
              {COUNTINGS[value]}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

/** The settings of a quiz that is there, with its title and what students read before it. */
export function QuizSettingsForm({ held }: { held: UseQuiz }) {
  const { quiz } = held;
  const [title, setTitle] = useState(quiz?.title ?? "");
  const [description, setDescription] = useState(quiz?.description ?? "");
  // Naming none leaves the language as it was told.
  const [language, setLanguage] = useState(quiz?.languageOrigin === "named" ? quiz.language : "");
  const [settings, setSettings] = useState<QuizSettings>(quiz?.settings ?? DEFAULT_SETTINGS);
  const [isSaved, setSaved] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const named = language === "" ? {} : { language };
    setSaved(await held.change({ title: title.trim(), description: description.trim(), settings, ...named }));
  };
  const touched =
    <Value,>(set: (value: Value) => void) =>
    (value: Value) => {
      setSaved(false);
      set(value);
    };
  return (
    <form className="card quiz-settings" aria-label="Settings" onSubmit={submit}>
      <label className="field">
        <span>Title</span>
        <input required maxLength={200} value={title} onChange={({ target }) => touched(setTitle)(target.value)} />
      </label>
      <label className="field">
        <span>
          What students read before they start <small>optional</small>
        </span>
        <textarea
          rows={3}
          maxLength={4000}
          value={description}
          onChange={({ target }) => touched(setDescription)(target.value)}
        />
      </label>
      {quiz && (
        <LanguageField
          value={language}
          {...(quiz.languageOrigin !== "named" && { open: openLanguage(quiz) })}
          onChange={touched(setLanguage)}
        />
      )}
      <SettingsFields settings={settings} onChange={touched(setSettings)} />
      <div className="row">
        <button type="submit" className="primary" disabled={held.isBusy}>
          Save
        </button>
        <span className="soft" role="status">
          {isSaved ? "Saved. Students get it with the next publication." : ""}
        </span>
      </div>
    </form>
  );
}

function openLanguage({ language, languageOrigin }: QuizView): string {
  return languageOrigin === "told" ? `From the text: ${languageName(language)}` : "From the text";
}
