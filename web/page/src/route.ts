// Where the page is, kept in the address so that a reload comes back to the same place.

import { useSyncExternalStore } from "react";

export type Route =
  | { screen: "start" }
  | { screen: "interviews" }
  | { screen: "interview"; session: string }
  | { screen: "report"; session: string };

export function parseRoute(hash: string): Route {
  const [, screen, session] = hash.replace(/^#/, "").split("/");
  if (screen === "interviews") return { screen };
  if ((screen === "interview" || screen === "report") && session && /^[A-Za-z0-9_-]{1,64}$/.test(session)) {
    return { screen, session };
  }
  return { screen: "start" };
}

export function hrefOf(route: Route): string {
  if (route.screen === "start") return "#/";
  return "session" in route ? `#/${route.screen}/${route.session}` : `#/${route.screen}`;
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
