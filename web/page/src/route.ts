// Where the page is, kept in the address so that a reload comes back to the same place.

import { useSyncExternalStore } from "react";

export type Route =
  | { screen: "start" }
  | { screen: "interviews" }
  | { screen: "files" }
  | { screen: "interview"; session: string }
  | { screen: "report"; session: string }
  /** `about`: a document that a new conversation begins with. */
  | { screen: "chat"; session?: string; about?: string };

const ID = /^[A-Za-z0-9_-]{1,64}$/;

export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#/, "").split("?");
  const [, screen, session] = path.split("/");
  if (screen === "interviews" || screen === "files") return { screen };
  const isNamed = session !== undefined && ID.test(session);
  if (screen === "chat") {
    const about = new URLSearchParams(query).get("about") ?? "";
    return { screen, ...(isNamed && { session }), ...(ID.test(about) && { about }) };
  }
  if ((screen === "interview" || screen === "report") && isNamed) return { screen, session };
  return { screen: "start" };
}

export function hrefOf(route: Route): string {
  if (route.screen === "start") return "#/";
  const path = "session" in route ? `#/${route.screen}/${route.session}` : `#/${route.screen}`;
  return "about" in route ? `${path}?about=${route.about}` : path;
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
