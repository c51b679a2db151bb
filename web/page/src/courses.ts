// The courses that the token names, asked for once. Who has none, or whose server does not tell, has files of their own alone.

import type { Files } from "@viva/client";
import { useEffect, useState } from "react";

export interface Courses {
  /** Who asks: the name of the course that holds what is one's own. */
  user: string;
  courses: string[];
  /** Those among them that one teaches. */
  taught: string[];
}

const NONE: Courses = { user: "", courses: [], taught: [] };
const known = new WeakMap<Files, Promise<Courses>>();

async function ask(files: Files): Promise<Courses> {
  try {
    const { user, courses } = await files.me();
    const names = Object.keys(courses).sort();
    return { user, courses: names, taught: names.filter((name) => courses[name] === "teacher") };
  } catch {
    return NONE;
  }
}

export function useCourses(files: Files): Courses {
  const [courses, setCourses] = useState(NONE);
  useEffect(() => {
    let isCurrent = true;
    const asked = known.get(files) ?? ask(files);
    known.set(files, asked);
    void asked.then((found) => isCurrent && setCourses(found));
    return () => {
      isCurrent = false;
    };
  }, [files]);
  return courses;
}
