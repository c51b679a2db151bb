// React hooks over @viva/client: a live interview, a conversation, documents, quizzes, and lists of the past. They hold no logic of
// their own.

import {
  type Connection,
  deleteSession,
  type InterviewRoom,
  listSessions,
  type Problem,
  type RoomSnapshot,
  type SessionSummary,
} from "@viva/client";
import { useCallback, useSyncExternalStore } from "react";
import { usePages } from "./pages.ts";

export type { Asked } from "./asked.ts";
export { type Conversations, type UseChat, useChat, useConversations } from "./chat.ts";
export { type UseDocuments, useDocuments } from "./documents.ts";
export {
  type QuizList,
  type UseAttempt,
  type UseClass,
  type UseQuiz,
  useAnalytics,
  useAttempt,
  useAttempts,
  useClassProgress,
  useCover,
  useProgress,
  useQuiz,
  useQuizzes,
  useResults,
} from "./quizzes.ts";

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

/** Past interviews whose title matches `query`: one's own, or a course's for its teacher. */
export function useSessions(connection: Connection, query: string, course?: string): Sessions {
  const ask = useCallback(
    async (cursor?: string) => {
      const { sessions, cursor: next } = await listSessions(connection, { query, course, cursor });
      return { items: sessions, cursor: next };
    },
    [connection, query, course],
  );
  const { items: sessions, change, ...pages } = usePages(ask);
  const remove = useCallback(
    async (session: string) => {
      await deleteSession(connection, session);
      change((before) => before.filter((other) => other.session !== session));
    },
    [connection, change],
  );
  return { sessions, ...pages, remove };
}
