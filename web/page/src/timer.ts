// Time spent in an interview, as the server counts it: while connected. Kept through reloads of the tab.

import type { RoomSnapshot } from "@viva/client";
import { useEffect, useState } from "react";

export function useElapsed(session: string, isRunning: boolean, snapshot: RoomSnapshot): number {
  const key = `viva.elapsed.${session}`;
  const [elapsedMs, setElapsed] = useState(() => Number(sessionStorage.getItem(key) ?? 0));
  const counts = isRunning && snapshot.status.link === "bound" && snapshot.connection === "open";
  useEffect(() => {
    if (!counts) return;
    let last = Date.now();
    const timer = setInterval(() => {
      const now = Date.now();
      const passed = now - last;
      last = now;
      setElapsed((before) => before + passed);
    }, 1_000);
    return () => clearInterval(timer);
  }, [counts]);
  useEffect(() => sessionStorage.setItem(key, String(elapsedMs)), [key, elapsedMs]);
  return elapsedMs;
}
