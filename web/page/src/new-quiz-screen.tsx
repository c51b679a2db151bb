// A new quiz: made from files or a topic, or begun empty to be written by hand.

import { explain, Problem, type QuizSettings } from "@viva/client";
import { useDocuments } from "@viva/react";
import { type FormEvent, useState } from "react";
import type { Site } from "./app.tsx";
import { CourseField, chosenCourse } from "./course-field.tsx";
import { useCourses } from "./courses.ts";
import { LanguageField } from "./language-field.tsx";
import { FIRST_WANTED, MakeFields, makeOf, totalOf } from "./make-form.tsx";
import { Notice } from "./parts.tsx";
import { SettingsFields } from "./quiz-settings.tsx";
import { counted, DEFAULT_SETTINGS } from "./quiz-words.ts";
import { go, hrefOf } from "./route.ts";

export function NewQuizScreen({ site, course: wantedCourse }: { site: Site; course: string | undefined }) {
  const { documents } = useDocuments(site.shelf);
  const { courses, taught, user } = useCourses(site.files);
  const [course, setCourse] = useState(wantedCourse);
  const [title, setTitle] = useState("");
  const [language, setLanguage] = useState("");
  const [wanted, setWanted] = useState(FIRST_WANTED);
  const [settings, setSettings] = useState<QuizSettings>(DEFAULT_SETTINGS);
  const [isSending, setSending] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const chosen = chosenCourse(course, taught);
  const usable = documents.filter((document) => document.course === (chosen ?? user));
  const make = makeOf(wanted);
  const create = async (isEmpty: boolean) => {
    setSending(true);
    setProblem(undefined);
    try {
      const { id } = await site.quizzes.create({
        title: title.trim() || titleOf(wanted.topic, usable, wanted.documents),
        settings,
        ...(language !== "" && { language }),
        ...(chosen !== undefined && { course: chosen }),
        ...(!isEmpty && make && { make }),
      });
      go({ screen: "quiz", quiz: id });
    } catch (cause) {
      setProblem(Problem.from(cause));
      setSending(false);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (make) void create(false);
  };
  return (
    <main id="main" className="page narrow new-quiz">
      <p className="way-back">
        <a href={hrefOf({ screen: "quizzes" })}>Quizzes</a>
      </p>
      <h1 tabIndex={-1}>Make a quiz</h1>
      <form className="card" onSubmit={submit}>
        <CourseField
          taught={taught}
          value={chosen}
          onChange={(course) => {
            setCourse(course);
            setWanted((before) => ({ ...before, documents: [] }));
          }}
        />
        <MakeFields wanted={wanted} documents={usable} courses={courses} onChange={setWanted} />
        <div className="columns roomy">
          <label className="field">
            <span>
              Title <small>optional</small>
            </span>
            <input
              name="title"
              maxLength={200}
              value={title}
              placeholder={titleOf(wanted.topic, usable, wanted.documents)}
              onChange={({ target }) => setTitle(target.value)}
            />
          </label>
          <LanguageField value={language} open="From the text" onChange={setLanguage} />
        </div>
        <details className="more">
          <summary>Time, attempts and feedback</summary>
          <SettingsFields settings={settings} onChange={setSettings} />
        </details>
        {problem && <Notice kind="bad" {...explain(problem)} />}
        <button type="submit" className="primary big" disabled={isSending || !make}>
          {isSending ? "One moment …" : `Make ${counted(totalOf(wanted), "question")}`}
        </button>
        <p className="hint" aria-live="polite">
          {make
            ? "You look at them before anybody else does."
            : "Choose a file or name a topic, and at least one question."}
        </p>
        <button type="button" className="quiet" disabled={isSending} onClick={() => void create(true)}>
          Or begin empty, and write the questions myself
        </button>
      </form>
    </main>
  );
}

function titleOf(topic: string, documents: { document: string; name: string; title?: string }[], chosen: string[]) {
  const said = topic.trim();
  if (said !== "") return said;
  const first = documents.find(({ document }) => document === chosen[0]);
  return first?.title ?? first?.name.replace(/\.[^.]+$/, "") ?? "Untitled quiz";
}
