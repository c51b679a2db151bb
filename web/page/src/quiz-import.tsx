// A file of questions from another program, as a quiz.

import { explain, type ImportedQuiz, type ImportFormat, Problem } from "@viva/client";
import { type FormEvent, useState } from "react";
import type { Site } from "./app.tsx";
import { CourseField, chosenCourse } from "./course-field.tsx";
import { useCourses } from "./courses.ts";
import { LanguageField } from "./language-field.tsx";
import { Notice } from "./parts.tsx";
import { counted } from "./quiz-words.ts";
import { go } from "./route.ts";

const FORMATS: Record<ImportFormat, string> = {
  moodle: "Moodle XML",
  gift: "GIFT",
  aiken: "Aiken",
};

export function QuizImport({
  site,
  course: wanted,
  onClose,
}: {
  site: Site;
  course: string | undefined;
  onClose: () => void;
}) {
  const { taught } = useCourses(site.files);
  const [file, setFile] = useState<File>();
  const [format, setFormat] = useState<ImportFormat>("moodle");
  const [title, setTitle] = useState("");
  const [course, setCourse] = useState(wanted);
  const [language, setLanguage] = useState("");
  const [isSending, setSending] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const [imported, setImported] = useState<ImportedQuiz>();
  const chosen = chosenCourse(course, taught);
  const choose = (picked: File | undefined) => {
    setFile(picked);
    if (!picked) return;
    setFormat(formatOf(picked.name));
    if (title === "") setTitle(picked.name.replace(/\.[^.]+$/, ""));
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!file) return;
    setSending(true);
    setProblem(undefined);
    try {
      const wishes = { title: title.trim(), course: chosen, ...(language !== "" && { language }) };
      const answer = await site.quizzes.import(file, format, wishes);
      if (answer.problems.length === 0) open(answer);
      else setImported(answer);
    } catch (cause) {
      setProblem(Problem.from(cause));
    } finally {
      setSending(false);
    }
  };
  const open = ({ quiz }: ImportedQuiz) => {
    onClose();
    go({ screen: "quiz", quiz: quiz.id });
  };
  if (imported) {
    const { quiz, problems } = imported;
    return (
      <div className="quiz-import">
        <h2>{counted(quiz.items.length, "question")} imported</h2>
        <p>{counted(problems.length, "thing")} could not be taken over:</p>
        <ul className="import-problems">
          {problems.map(({ line, reason }) => (
            <li key={`${line} ${reason}`}>
              Line {line}: {reason}
            </li>
          ))}
        </ul>
        <button type="button" className="primary" onClick={() => open(imported)}>
          Look at the quiz
        </button>
      </div>
    );
  }
  return (
    <form className="quiz-import" onSubmit={submit}>
      <h2>Import a file of questions</h2>
      <label className="field">
        <span>File</span>
        <input type="file" required accept=".xml,.gift,.txt" onChange={({ target }) => choose(target.files?.[0])} />
      </label>
      <label className="field">
        <span>Format</span>
        <select value={format} onChange={({ target }) => setFormat(target.value as ImportFormat)}>
          {Object.entries(FORMATS).map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label className="field">
        <span>Title</span>
        <input required maxLength={200} value={title} onChange={({ target }) => setTitle(target.value)} />
      </label>
      <div className="columns roomy">
        <CourseField taught={taught} value={chosen} onChange={setCourse} />
        <LanguageField value={language} open="From the questions" onChange={setLanguage} />
      </div>
      {problem && <Notice kind="bad" {...explain(problem)} advice={problem.message} />}
      <div className="row">
        <button type="submit" className="primary" disabled={!file || isSending}>
          {isSending ? "Importing …" : "Import"}
        </button>
        <button type="button" onClick={onClose}>
          Cancel
        </button>
      </div>
    </form>
  );
}

function formatOf(name: string): ImportFormat {
  if (/\.xml$/i.test(name)) return "moodle";
  return /gift/i.test(name) ? "gift" : "aiken";
}
