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
  | { screen: "chat"; session?: string; about?: string };

const ID = /^[A-Za-z0-9_-]{1,64}$/;

export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#/, "").split("?");
  const [, screen, session] = path.split("/");
  const isNamed = session !== undefined && ID.test(session);
  const said = new URLSearchParams(query);
  const named = <Name extends string>(name: Name) => {
    const value = said.get(name) ?? "";
    return (ID.test(value) ? { [name]: value } : {}) as { [Key in Name]?: string };
  };
  if (screen === "files") return { screen };
  if (screen === "interviews") return { screen, ...named("course") };
  if (screen === "chat") return { screen, ...(isNamed && { session }), ...named("about") };
  if (screen === "interview" && isNamed) return { screen, session };
  if (screen === "report" && isNamed) return { screen, session, ...named("user") };
  return { screen: "start", ...named("guide") };
}

export function hrefOf({ screen, ...rest }: Route): string {
  const { session, ...said } = rest as { session?: string } & Record<string, string>;
  const path = screen === "start" ? "#/" : session === undefined ? `#/${screen}` : `#/${screen}/${session}`;
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
