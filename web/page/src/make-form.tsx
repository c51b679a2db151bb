// What questions are wanted: from which files, about what, how many of each kind, how hard.

import { type Difficulty, type DocumentSummary, ITEM_KINDS, type Make } from "@viva/client";
import { DIFFICULTIES, kindName } from "./quiz-words.ts";
import { DocumentChoice } from "./scope.tsx";

export interface Wanted {
  documents: string[];
  topic: string;
  counts: Record<string, number>;
  difficulty: Difficulty;
}

export const FIRST_WANTED: Wanted = {
  documents: [],
  topic: "",
  counts: { single_choice: 4, true_false: 2, cloze: 2, short_text: 1, ordering: 0, numeric: 1 },
  difficulty: "medium",
};

/** The most of one kind that is asked for at once. */
const COUNT_MAX = 50;

export function totalOf({ counts }: Wanted): number {
  return Object.values(counts).reduce((sum, count) => sum + (count || 0), 0);
}

/** Nothing where there is too little to begin with. */
export function makeOf(wanted: Wanted): Make | undefined {
  const { documents, topic, counts, difficulty } = wanted;
  const said = topic.trim();
  if ((documents.length === 0 && said === "") || totalOf(wanted) === 0) return undefined;
  const some = Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
  return { documents, counts: some, difficulty, ...(said !== "" && { topic: said }) };
}

export function MakeFields({
  wanted,
  documents,
  courses,
  onChange,
}: {
  wanted: Wanted;
  documents: DocumentSummary[];
  courses: string[];
  onChange: (wanted: Wanted) => void;
}) {
  const set = (change: Partial<Wanted>) => onChange({ ...wanted, ...change });
  return (
    <>
      <DocumentChoice
        documents={documents}
        courses={courses}
        chosen={wanted.documents}
        onChoose={(ids) => set({ documents: ids })}
      />
      <label className="field">
        <span>
          Topic{" "}
          <small>{wanted.documents.length > 0 ? "optional: only what is about it" : "or choose files above"}</small>
        </span>
        <input
          name="topic"
          maxLength={200}
          value={wanted.topic}
          placeholder="How HTTP caching works"
          onChange={({ target }) => set({ topic: target.value })}
        />
      </label>
      <fieldset>
        <legend>How many questions?</legend>
        <div className="kind-counts">
          {ITEM_KINDS.map((kind) => (
            <label key={kind} className="kind-count">
              <span>{kindName(kind)}</span>
              <input
                type="number"
                min={0}
                max={COUNT_MAX}
                value={Number.isNaN(wanted.counts[kind]) ? "" : (wanted.counts[kind] ?? 0)}
                onChange={({ target }) => set({ counts: { ...wanted.counts, [kind]: target.valueAsNumber } })}
              />
            </label>
          ))}
        </div>
      </fieldset>
      <label className="field">
        <span>How hard?</span>
        <select value={wanted.difficulty} onChange={({ target }) => set({ difficulty: target.value as Difficulty })}>
          {Object.entries(DIFFICULTIES).map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      </label>
    </>
  );
}
