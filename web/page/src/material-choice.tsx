// The files that an interview is about. Nothing of it is seen by those who have none.

import { useDocuments } from "@viva/react";
import type { Site } from "./app.tsx";
import { useCourses } from "./courses.ts";
import { DocumentChoice } from "./scope.tsx";

export function MaterialChoice({
  site,
  chosen,
  onChoose,
}: {
  site: Site;
  chosen: string[];
  onChoose: (chosen: string[]) => void;
}) {
  const { documents } = useDocuments(site.shelf);
  const { courses } = useCourses(site.files);
  if (!documents.some(({ state, purpose }) => state === "ready" && purpose === undefined)) return null;
  const said =
    chosen.length === 0
      ? "Ask me about my files"
      : chosen.length === 1
        ? "About 1 file"
        : `About ${chosen.length} files`;
  return (
    <details className="more material">
      <summary>{said}</summary>
      <DocumentChoice documents={documents} courses={courses} chosen={chosen} onChoose={onChoose} />
    </details>
  );
}
