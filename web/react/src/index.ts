// React hooks over @viva/client: a live interview, and the list of past ones. They hold no logic of their own.

import {
  type Connection,
  deleteSession,
  type InterviewRoom,
  listSessions,
  Problem,
  type RoomSnapshot,
  type SessionSummary,
} from "@viva/client";
import { useCallback, useEffect, useState, useSyncExternalStore } from "react";

/** What is seen of a room, and again whenever it changes. */
export function useInterview(room: InterviewRoom): RoomSnapshot {
  const subscribe = useCallback((changed: () => void) => room.on("change", changed), [room]);
  return useSyncExternalStore(subscribe, () => room.snapshot);
}

export interface Sessions {
  sessions: SessionSummary[];
  isLoading: boolean;
  problem: Problem | undefined;
  hasMore: boolean;
  loadMore: () => void;
  reload: () => void;
  remove: (session: string) => Promise<void>;
}

/** Past interviews whose title matches `query`. */
export function useSessions(connection: Connection, query: string): Sessions {
  const [sessions, setSessions] = useState<SessionSummary[]>([]);
  const [cursor, setCursor] = useState<string>();
  const [isLoading, setLoading] = useState(true);
  const [problem, setProblem] = useState<Problem>();
  const [round, setRound] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round asks again.
  useEffect(() => {
    let isCurrent = true;
    setLoading(true);
    listSessions(connection, query).then(
      (list) => {
        if (!isCurrent) return;
        setSessions(list.sessions);
        setCursor(list.cursor);
        setProblem(undefined);
        setLoading(false);
      },
      (cause) => {
        if (!isCurrent) return;
        setProblem(Problem.from(cause));
        setLoading(false);
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [connection, query, round]);

  const reload = useCallback(() => setRound((before) => before + 1), []);
  const loadMore = useCallback(() => {
    if (cursor === undefined) return;
    listSessions(connection, query, cursor).then(
      (list) => {
        setSessions((before) => [...before, ...list.sessions]);
        setCursor(list.cursor);
      },
      (cause) => setProblem(Problem.from(cause)),
    );
  }, [connection, query, cursor]);
  const remove = useCallback(
    async (session: string) => {
      await deleteSession(connection, session);
      setSessions((before) => before.filter((other) => other.session !== session));
    },
    [connection],
  );
  return { sessions, isLoading, problem, hasMore: cursor !== undefined, loadMore, reload, remove };
}
