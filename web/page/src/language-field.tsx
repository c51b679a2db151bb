// The language of a quiz: left to its text, or named.

import { LANGUAGES, languageName } from "./quiz-words.ts";

/** An empty value leaves it open, where there is a word for that. */
export function LanguageField({
  value,
  open,
  onChange,
}: {
  value: string;
  open?: string;
  onChange: (value: string) => void;
}) {
  const codes = Object.keys(LANGUAGES);
  const isOther = value !== "" && !codes.includes(value);
  return (
    <label className="field">
      <span>Language</span>
      <select name="language" value={value} onChange={({ target }) => onChange(target.value)}>
        {open !== undefined && <option value="">{open}</option>}
        {[...codes, ...(isOther ? [value] : [])].map((code) => (
          <option key={code} value={code}>
            {languageName(code)}
          </option>
        ))}
      </select>
    </label>
  );
}
