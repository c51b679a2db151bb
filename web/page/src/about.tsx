// Who listens, who asks, who one is here; on one's own machine one may be anybody.

import { useState } from "react";
import type { Site } from "./app.tsx";
import { courseWishes, keepCourseWishes, keepUserName, userName } from "./site.ts";

export function About({ site }: { site: Site }) {
  const { recognizer, model } = site.config;
  const [user, setUser] = useState(userName);
  const [courses, setCourses] = useState(courseWishes);
  const hasChanged = user !== userName() || courses !== courseWishes();
  return (
    <aside className="about" aria-label="About this server">
      <dl>
        {model && (
          <>
            <div>
              <dt>Listening</dt>
              <dd>{recognizer ? `${recognizer.name} (${recognizer.languages.join(", ")})` : "not available here"}</dd>
            </div>
            <div>
              <dt>Asking</dt>
              <dd>{model.name}</dd>
            </div>
          </>
        )}
        {site.person && (
          <div>
            <dt>You are</dt>
            <dd>{site.person.email || "a guest"}</dd>
          </div>
        )}
        {site.config.devTokens && (
          <div>
            <dt>
              <label htmlFor="user">You are</label>
            </dt>
            <dd>
              <form
                className="inline"
                onSubmit={(event) => {
                  event.preventDefault();
                  keepUserName(user);
                  keepCourseWishes(courses);
                  location.reload();
                }}
              >
                <input
                  id="user"
                  value={user}
                  pattern="[A-Za-z0-9_\-]{1,64}"
                  required
                  onChange={(event) => setUser(event.target.value)}
                />
                <input
                  aria-label="Courses"
                  placeholder="Courses, e.g. law-101: teacher"
                  value={courses}
                  onChange={(event) => setCourses(event.target.value)}
                />
                {hasChanged && <button type="submit">Change</button>}
              </form>
            </dd>
          </div>
        )}
      </dl>
      <p>
        {model?.kind === "builtin" &&
          "The built-in interviewer follows rules, not a language model: it asks on from your own words, and says so. "}
        No emotion or personality is inferred. Ratings stay pending until a teacher confirms them.
      </p>
    </aside>
  );
}
