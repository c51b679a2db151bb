// Says when there has been no connection for a while, and why where that is known. A short break is nobody's business.

import { type Connection, explain, type Problem } from "@viva/client";
import { useEffect, useState } from "react";
import { Notice } from "./parts.tsx";

const LOST_MS = 1_000;

export function ConnectionNotice({ connection, advice }: { connection: Connection; advice: string }) {
  const [isLost, setLost] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = () => {
      if (connection.state !== "open") {
        timer ??= setTimeout(() => setLost(true), LOST_MS);
        return;
      }
      clearTimeout(timer);
      timer = undefined;
      setLost(false);
      setProblem(undefined);
    };
    look();
    const stops = [connection.on("state", look), connection.on("problem", setProblem)];
    return () => {
      clearTimeout(timer);
      for (const stop of stops) stop();
    };
  }, [connection]);
  if (!isLost) return null;
  // Without a connection there is mostly no token to be had either.
  const isToBlame = problem !== undefined && problem.code !== "token_unavailable";
  return <Notice kind="warn" {...(isToBlame ? explain(problem) : { title: "No connection.", advice })} />;
}
