// The beginning: what about, for how long, how to answer, and one big button.

import { explain, Microphone, type Params, Problem, supportedFormat, voicesAvailable } from "@viva/client";
import { useDocuments } from "@viva/react";
import { type FormEvent, useEffect, useState } from "react";
import { About } from "./about.tsx";
import type { Site } from "./app.tsx";
import { useCourses } from "./courses.ts";
import { guideName, type Material, MaterialChoice, NO_MATERIAL } from "./material-choice.tsx";
import { Notice } from "./parts.tsx";
import { at } from "./site.ts";

interface Wishes {
  topic: string;
  role: string;
  level: string;
  questions: number;
  minutes: number;
  turnTaking: Params["turnTaking"];
  answers: "speak" | "type";
  isReadAloud: boolean;
  isRecorded: boolean;
}

const FIRST_WISHES: Wishes = {
  topic: "",
  role: "",
  level: "",
  questions: 5,
  minutes: 15,
  turnTaking: "auto",
  answers: "speak",
  isReadAloud: true,
  isRecorded: true,
};

function keptWishes(): Wishes {
  try {
    const kept = JSON.parse(localStorage.getItem("viva.wishes") ?? "{}") as Partial<Wishes>;
    return { ...FIRST_WISHES, ...kept };
  } catch {
    return FIRST_WISHES;
  }
}

const TURN_TAKING: { value: Params["turnTaking"]; name: string; meaning: string }[] = [
  { value: "auto", name: "Natural", meaning: "A pause after a finished thought ends your answer." },
  { value: "patient", name: "Patient", meaning: "Long pauses are fine. Take the time you need." },
  { value: "manual", name: "Manual", meaning: "You say when an answer is over, with a button." },
];

export function StartScreen({ site, guide: wanted }: { site: Site; guide: string | undefined }) {
  const [wishes, setWishes] = useState(keptWishes);
  const [material, setMaterial] = useMaterial(site, wanted);
  const { guide } = material;
  const [isStarting, setStarting] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const set = <Name extends keyof Wishes>(name: Name, value: Wishes[Name]) =>
    setWishes((before) => ({ ...before, [name]: value }));
  const hasVoices = useVoices();
  const isDeaf = site.config.model !== undefined && !site.config.recognizer;
  const answers = isDeaf ? "type" : wishes.answers;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setStarting(true);
    setProblem(undefined);
    localStorage.setItem("viva.wishes", JSON.stringify({ ...wishes, topic: wishes.topic.trim() }));
    try {
      const microphone = answers === "speak" ? await Microphone.open(at("viva-capture.js")) : undefined;
      site.start(await paramsOf(wishes, material, microphone !== undefined), microphone);
    } catch (cause) {
      setProblem(Problem.from(cause));
      setStarting(false);
    }
  };

  return (
    <main id="main" className="page start">
      <div className="lead">
        <h1 tabIndex={-1}>Rehearse the conversation that matters.</h1>
        <p>
          Speak with an interviewer who listens, asks on, and lets you interrupt. At the end you get a report in which
          every claim points at your own words.
        </p>
      </div>
      <form className="card" onSubmit={submit}>
        {problem && <Notice kind="bad" {...explain(problem)} />}
        <label className="field">
          <span>What is it about? {guide && <small>optional</small>}</span>
          <input
            name="topic"
            required={!guide}
            maxLength={500}
            placeholder={guide ? guideName(guide) : "How HTTP caching works"}
            value={wishes.topic}
            onChange={(event) => set("topic", event.target.value)}
          />
        </label>
        <div className="columns roomy">
          <label className="field">
            <span>
              Role <small>optional</small>
            </span>
            <input
              name="role"
              maxLength={200}
              placeholder="Backend engineer"
              value={wishes.role}
              onChange={(event) => set("role", event.target.value)}
            />
          </label>
          <label className="field">
            <span>
              Level <small>optional</small>
            </span>
            <input
              name="level"
              maxLength={100}
              list="levels"
              placeholder="Junior"
              value={wishes.level}
              onChange={(event) => set("level", event.target.value)}
            />
            <datalist id="levels">
              <option value="School" />
              <option value="Student" />
              <option value="Junior" />
              <option value="Experienced" />
              <option value="Senior" />
            </datalist>
          </label>
        </div>
        <MaterialChoice site={site} material={material} onChoose={setMaterial} />
        {guide ? (
          <p className="hint">The questions, how many there are, and the time are the guide's.</p>
        ) : (
          <div className="columns">
            <Amount name="questions" label="Questions" value={wishes.questions} min={1} max={50} onChange={set} />
            <Amount name="minutes" label="Minutes at most" value={wishes.minutes} min={1} max={120} onChange={set} />
          </div>
        )}
        <fieldset>
          <legend>How do you want to answer?</legend>
          <div className="choices two">
            <Choice
              group="answers"
              value="speak"
              name="Speak"
              meaning={isDeaf ? "This server has no speech recognition." : "With your microphone. You can type, too."}
              chosen={answers}
              isDisabled={isDeaf}
              onChoose={() => set("answers", "speak")}
            />
            <Choice
              group="answers"
              value="type"
              name="Type"
              meaning="No microphone, no sound needed."
              chosen={answers}
              onChoose={() => set("answers", "type")}
            />
          </div>
        </fieldset>
        <details className="more">
          <summary>{summaryOf(wishes, answers, hasVoices !== false)}</summary>
          {answers === "speak" && (
            <fieldset>
              <legend>When is an answer over?</legend>
              <div className="choices three">
                {TURN_TAKING.map(({ value, name, meaning }) => (
                  <Choice
                    key={value}
                    group="turnTaking"
                    value={value}
                    name={name}
                    meaning={meaning}
                    chosen={wishes.turnTaking}
                    onChoose={() => set("turnTaking", value)}
                  />
                ))}
              </div>
            </fieldset>
          )}
          <div className="switches">
            <Switch
              label="Read the questions aloud"
              {...(hasVoices === false && {
                isDisabled: true,
                note: "this browser has no voices; questions are shown",
              })}
              isOn={wishes.isReadAloud}
              onChange={(isOn) => set("isReadAloud", isOn)}
            />
            {answers === "speak" && (
              <Switch
                label="Keep a recording, to listen to my answers again"
                isOn={wishes.isRecorded}
                onChange={(isOn) => set("isRecorded", isOn)}
              />
            )}
          </div>
        </details>
        <button type="submit" className="primary big" disabled={isStarting}>
          {isStarting ? "Starting …" : "Begin the interview"}
        </button>
      </form>
      <About site={site} />
    </main>
  );
}

/** For one interview, and not kept for the next. */
function useMaterial(site: Site, wanted: string | undefined): [Material, (material: Material) => void] {
  const { documents } = useDocuments(site.shelf);
  const { courses } = useCourses(site.files);
  const [material, setMaterial] = useState<Material>();
  const guide = documents.find(({ document, state }) => document === wanted && state === "ready");
  const course = guide && courses.includes(guide.course) ? guide.course : undefined;
  return [material ?? { ...NO_MATERIAL, guide, course }, setMaterial];
}

async function paramsOf(wishes: Wishes, material: Material, isSpoken: boolean): Promise<Params> {
  const playback = wishes.isReadAloud && (await voicesAvailable()) ? "voice" : "text";
  const role = wishes.role.trim();
  const level = wishes.level.trim();
  const { guide, course, documents } = material;
  return {
    topic: wishes.topic.trim() || (guide ? guideName(guide) : ""),
    ...(guide && { guide: guide.document }),
    ...(course !== undefined && { course }),
    ...(role !== "" && { role }),
    ...(level !== "" && { level }),
    ...(documents.length > 0 && { documents }),
    language: "en-US",
    questions: wishes.questions,
    ...(!guide && { durationMs: wishes.minutes * 60_000 }),
    ...(isSpoken && { audio: await supportedFormat() }),
    playback,
    turnTaking: isSpoken ? wishes.turnTaking : "manual",
    recording: isSpoken && wishes.isRecorded,
  };
}

/** What the folded choices say, so that nothing is recorded or read aloud unseen. */
function summaryOf(wishes: Wishes, answers: Wishes["answers"], hasVoices: boolean): string {
  const isSpoken = answers === "speak";
  const taking = TURN_TAKING.find(({ value }) => value === wishes.turnTaking)?.name ?? "";
  const parts = [
    isSpoken && `${taking} pace`,
    wishes.isReadAloud && hasVoices ? "questions read aloud" : "questions shown",
    isSpoken && (wishes.isRecorded ? "recorded" : "not recorded"),
  ];
  const sentence = parts.filter((part) => part !== false).join(", ");
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

function Amount({
  name,
  label,
  value,
  min,
  max,
  onChange,
}: {
  name: "questions" | "minutes";
  label: string;
  value: number;
  min: number;
  max: number;
  onChange: (name: "questions" | "minutes", value: number) => void;
}) {
  return (
    <label className="field">
      <span>{label}</span>
      <input
        type="number"
        name={name}
        required
        min={min}
        max={max}
        value={Number.isNaN(value) ? "" : value}
        onChange={(event) => onChange(name, event.target.valueAsNumber)}
      />
    </label>
  );
}

function Choice({
  group,
  value,
  name,
  meaning,
  chosen,
  isDisabled = false,
  onChoose,
}: {
  group: string;
  value: string;
  name: string;
  meaning: string;
  chosen: string;
  isDisabled?: boolean;
  onChoose: () => void;
}) {
  return (
    <label className="choice">
      <input
        type="radio"
        name={group}
        value={value}
        checked={chosen === value}
        disabled={isDisabled}
        onChange={onChoose}
      />
      <span>
        <strong>{name}</strong>
        <small>{meaning}</small>
      </span>
    </label>
  );
}

function Switch({
  label,
  note,
  isOn,
  isDisabled = false,
  onChange,
}: {
  label: string;
  note?: string;
  isOn: boolean;
  isDisabled?: boolean;
  onChange: (isOn: boolean) => void;
}) {
  return (
    <label className="switch">
      <input
        type="checkbox"
        checked={isOn && !isDisabled}
        disabled={isDisabled}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span>
        {label}
        {note && <small> – {note}</small>}
      </span>
    </label>
  );
}

/** Undefined until the browser has told which voices it has. */
function useVoices(): boolean | undefined {
  const [hasVoices, setHasVoices] = useState<boolean>();
  useEffect(() => {
    voicesAvailable().then(setHasVoices, () => setHasVoices(false));
  }, []);
  return hasVoices;
}
