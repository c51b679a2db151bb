// What an interview is about and for, beside its topic: a teacher's guide, a course, files. Nothing of it is seen by those who
// have none of these.

import type { DocumentSummary } from "@viva/client";
import { useDocuments } from "@viva/react";
import type { Site } from "./app.tsx";
import { useCourses } from "./courses.ts";
import { DocumentChoice } from "./scope.tsx";

export interface Material {
  guide: DocumentSummary | undefined;
  course: string | undefined;
  documents: string[];
}

export const NO_MATERIAL: Material = { guide: undefined, course: undefined, documents: [] };

export function guideName({ title, name }: DocumentSummary): string {
  return title ?? name;
}

export function MaterialChoice({
  site,
  material,
  onChoose,
}: {
  site: Site;
  material: Material;
  onChoose: (material: Material) => void;
}) {
  const { documents } = useDocuments(site.shelf);
  const { courses } = useCourses(site.files);
  const ready = documents.filter(({ state }) => state === "ready");
  const guides = ready.filter(({ purpose }) => purpose === "guide");
  const hasFiles = ready.some(({ purpose }) => purpose === undefined);
  const { guide, course, documents: chosen } = material;
  // A guide of a course is for that course.
  const guided = (found: DocumentSummary | undefined): Material => {
    const isOfCourse = found !== undefined && courses.includes(found.course);
    return { ...material, guide: found, course: isOfCourse ? found.course : course };
  };
  return (
    <>
      {guides.length > 0 && (
        <label className="field">
          <span>
            Guide <small>optional</small>
          </span>
          <select
            name="guide"
            value={guide?.document ?? ""}
            onChange={({ target }) => onChoose(guided(guides.find(({ document }) => document === target.value)))}
          >
            <option value="">None: questions follow from the topic</option>
            {guides.map((found) => (
              <option key={found.document} value={found.document}>
                {guideName(found)}
                {courses.includes(found.course) ? ` (${found.course})` : ""}
              </option>
            ))}
          </select>
        </label>
      )}
      {courses.length > 0 && (
        <label className="field">
          <span>
            Course <small>its teachers see the report</small>
          </span>
          <select
            name="course"
            value={course ?? ""}
            onChange={({ target }) => onChoose({ ...material, course: target.value || undefined })}
          >
            <option value="">None: for me alone</option>
            {courses.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      )}
      {hasFiles && (
        <details className="more material">
          <summary>{filesSaid(chosen.length)}</summary>
          <DocumentChoice
            documents={documents}
            courses={courses}
            chosen={chosen}
            onChoose={(ids) => onChoose({ ...material, documents: ids })}
          />
        </details>
      )}
    </>
  );
}

function filesSaid(count: number): string {
  if (count === 0) return "Ask me about my files";
  return count === 1 ? "About 1 file" : `About ${count} files`;
}
