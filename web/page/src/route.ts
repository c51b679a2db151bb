// Where the page is, kept in the address so that a reload comes back to the same place.

import { useSyncExternalStore } from "react";

export type Route =
  /** `guide`: one to begin with. */
  | { screen: "start"; guide?: string }
  /** `course`: a teacher's list of it. */
  | { screen: "interviews"; course?: string }
  | { screen: "files" }
  | { screen: "interview"; session: string }
  /** `user`: whose it is, for a teacher. */
  | { screen: "report"; session: string; user?: string }
  /** `about`: a document that a new conversation begins with. */
  | { screen: "chat"; session?: string; about?: string }
  /** `course`: only those of it. */
  | { screen: "quizzes"; course?: string }
  | { screen: "new-quiz"; course?: string }
  /** A quiz as its teacher sees it; `view`: which side of it. */
  | { screen: "quiz"; quiz: string; view?: QuizSide }
  /** A quiz as those see it who take it. */
  | { screen: "take"; quiz: string }
  | { screen: "attempt"; attempt: string }
  | { screen: "results"; attempt: string }
  /** `user`: a student's, for a teacher. */
  | { screen: "progress"; course?: string; user?: string }
  | { screen: "class"; course: string };

export type QuizSide = "settings" | "attempts" | "figures";

const ID = /^[A-Za-z0-9_-]{1,64}$/;

export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#/, "").split("?");
  const [, screen, id] = path.split("/");
  const isNamed = id !== undefined && ID.test(id);
  const said = new URLSearchParams(query);
  const named = <Name extends string>(name: Name) => {
    const value = said.get(name) ?? "";
    return (ID.test(value) ? { [name]: value } : {}) as { [Key in Name]?: string };
  };
  if (screen === "files") return { screen };
  if (screen === "interviews") return { screen, ...named("course") };
  if (screen === "chat") return { screen, ...(isNamed && { session: id }), ...named("about") };
  if (screen === "interview" && isNamed) return { screen, session: id };
  if (screen === "report" && isNamed) return { screen, session: id, ...named("user") };
  if (screen === "quizzes" || screen === "new-quiz") return { screen, ...named("course") };
  const { course } = named("course");
  if (screen === "class" && course !== undefined) return { screen, course };
  if (screen === "progress") return { screen, ...named("course"), ...named("user") };
  if (screen === "quiz" && isNamed) return { screen, quiz: id, ...sideIn(said.get("view")) };
  if (screen === "take" && isNamed) return { screen, quiz: id };
  if ((screen === "attempt" || screen === "results") && isNamed) return { screen, attempt: id };
  return { screen: "start", ...named("guide") };
}

function sideIn(view: string | null): { view?: QuizSide } {
  return view === "settings" || view === "attempts" || view === "figures" ? { view } : {};
}

/** What a route is about: an interview, a conversation, a quiz, an attempt. */
export function subjectOf(route: Route): string | undefined {
  const { session, quiz, attempt } = route as { session?: string; quiz?: string; attempt?: string };
  return session ?? quiz ?? attempt;
}

export function hrefOf({ screen, ...rest }: Route): string {
  const { session, quiz, attempt, ...said } = rest as Record<string, string>;
  const id = session ?? quiz ?? attempt;
  const path = screen === "start" ? "#/" : id === undefined ? `#/${screen}` : `#/${screen}/${id}`;
  const query = new URLSearchParams(said);
  return query.size === 0 ? path : `${path}?${query}`;
}

export function go(route: Route): void {
  location.hash = hrefOf(route);
}

export function useRoute(): Route {
  const hash = useSyncExternalStore(
    (changed) => {
      addEventListener("hashchange", changed);
      return () => removeEventListener("hashchange", changed);
    },
    () => location.hash,
  );
  return parseRoute(hash);
}
