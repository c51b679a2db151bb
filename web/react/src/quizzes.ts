// Hooks for quizzes: the list, one that is made and reviewed, one that is taken, and what came of them.

import {
  type AnalyticsView,
  type AttemptSnapshot,
  type AttemptSummary,
  type ClassView,
  type Connection,
  type Counted,
  type ItemDraft,
  type Make,
  OpenAttempt,
  Problem,
  type ProgressView,
  QUIZ_NEWS_MS_MAX,
  type QuizAnswer,
  type QuizCover,
  type QuizMade,
  type QuizSettings,
  type QuizSummary,
  type QuizView,
  type Quizzes,
  type ResultsView,
  type StudentSkills,
} from "@viva/client";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { type Asked, useAsked } from "./asked.ts";
import { type Pages, usePages } from "./pages.ts";

export interface QuizList extends Omit<Pages<QuizSummary>, "items" | "change"> {
  quizzes: QuizSummary[];
}

/** The quizzes of a course, or all that a person may see, latest first. */
export function useQuizzes(quizzes: Quizzes, connection: Connection, course?: string): QuizList {
  const ask = useCallback(
    async (cursor?: string) => {
      const { quizzes: items, cursor: next } = await quizzes.list({ course, cursor });
      return { items, cursor: next };
    },
    [quizzes, course],
  );
  const { items, change, ...pages } = usePages(ask);
  const { reload } = pages;
  useQuizNews(connection, ({ state }) => !isAtWork(state) && reload());
  useRepeated(
    items.some((quiz) => quiz.isAtWork),
    reload,
  );
  return { quizzes: items, ...pages };
}

export interface UseQuiz {
  quiz: QuizView | undefined;
  isLoading: boolean;
  /** How far the making has come, while somebody works on it. */
  progress: QuizMade | undefined;
  /** Why the quiz could not be had, or the last change not be made. */
  problem: Problem | undefined;
  /** A change is on its way. */
  isBusy: boolean;
  dismissProblem: () => void;
  reload: () => void;
  // Each tells whether it was done; if not, there is a problem.
  change: (change: { title?: string; description?: string; settings?: QuizSettings }) => Promise<boolean>;
  make: (make: Make) => Promise<boolean>;
  cancel: () => Promise<boolean>;
  publish: () => Promise<boolean>;
  archive: () => Promise<boolean>;
  remove: () => Promise<boolean>;
  addItem: (item: ItemDraft) => Promise<boolean>;
  changeItem: (id: string, item: ItemDraft) => Promise<boolean>;
  removeItem: (id: string) => Promise<boolean>;
  orderItems: (ids: string[]) => Promise<boolean>;
}

/** A quiz as its teacher sees it. What somebody else has changed meanwhile is not overwritten, but shown. */
export function useQuiz(quizzes: Quizzes, connection: Connection, id: string): UseQuiz {
  const {
    value: quiz,
    put,
    reload,
    isLoading,
    problem: missing,
  } = useAsked(useCallback(() => quizzes.get(id), [quizzes, id]));
  const [problem, setProblem] = useState<Problem>();
  const [isBusy, setBusy] = useState(false);
  const [progress, setProgress] = useState<QuizMade>();
  const current = useRef(quiz);
  current.current = quiz;
  useQuizNews(connection, (status) => {
    if (status.quiz !== id) return;
    const isOver = !isAtWork(status.state);
    setProgress(isOver ? undefined : status);
    if (isOver || status.made !== current.current?.making?.made) reload();
  });
  useRepeated(quiz?.making !== undefined && isAtWork(quiz.making.state), reload);

  const run = useCallback(
    async (change: (read: QuizView) => Promise<QuizView | undefined>): Promise<boolean> => {
      if (!current.current) return false;
      setBusy(true);
      setProblem(undefined);
      try {
        const changed = await change(current.current);
        if (changed) {
          // The next change may come before this one is drawn.
          current.current = changed;
          put(changed);
        }
        return true;
      } catch (cause) {
        const found = Problem.from(cause);
        setProblem(found);
        if (found.code === "precondition_failed" || found.code === "quiz_at_work") reload();
        return false;
      } finally {
        setBusy(false);
      }
    },
    [put, reload],
  );
  const actions = useMemo(
    () => ({
      change: (change: Parameters<UseQuiz["change"]>[0]) => run((read) => quizzes.change(read, change)),
      make: (make: Make) => run((read) => quizzes.make(read, make)),
      cancel: () => run(() => quizzes.cancel(id)),
      publish: () => run((read) => quizzes.publish(read)),
      archive: () => run((read) => quizzes.archive(read)),
      remove: () =>
        run(async (read) => {
          await quizzes.remove(read);
          return undefined;
        }),
      addItem: (item: ItemDraft) => run((read) => quizzes.addItem(read, item)),
      changeItem: (item: string, draft: ItemDraft) => run((read) => quizzes.changeItem(read, item, draft)),
      removeItem: (item: string) => run((read) => quizzes.removeItem(read, item)),
      orderItems: (items: string[]) => run((read) => quizzes.orderItems(read, items)),
    }),
    [quizzes, id, run],
  );
  const dismissProblem = useCallback(() => setProblem(undefined), []);
  return { quiz, isLoading, progress, problem: problem ?? missing, isBusy, dismissProblem, reload, ...actions };
}

/** What one sees of a quiz before one takes it, with the attempts so far. */
export function useCover(quizzes: Quizzes, id: string): Asked<QuizCover> {
  return useAsked(useCallback(() => quizzes.cover(id), [quizzes, id]));
}

export interface UseAttempt {
  /** Nothing until the attempt is there. */
  snapshot: AttemptSnapshot | undefined;
  /** Why it cannot be had. */
  problem: Problem | undefined;
  answer: (item: string, answer: QuizAnswer | undefined) => void;
  /** Names the item that is in sight, so that its time is counted. */
  look: (item: string | undefined) => void;
  /** Saves now what is not saved. */
  save: () => void;
  submit: () => void;
}

/** An attempt that is being made: answers are saved as one goes, and nothing is lost on a reload. */
export function useAttempt(quizzes: Quizzes, id: string): UseAttempt {
  const { value: view, problem } = useAsked(useCallback(() => quizzes.attempt(id), [quizzes, id]));
  const [open, setOpen] = useState<OpenAttempt>();
  const [snapshot, setSnapshot] = useState<AttemptSnapshot>();
  useEffect(() => {
    if (!view) return;
    const opened = new OpenAttempt(quizzes, view, { store: localStorage });
    setOpen(opened);
    setSnapshot(opened.snapshot);
    const stop = opened.on("change", setSnapshot);
    return () => {
      stop();
      opened.close();
      setOpen(undefined);
    };
  }, [quizzes, view]);
  return {
    snapshot,
    problem,
    answer: useCallback((item, answer) => open?.answer(item, answer), [open]),
    look: useCallback((item) => open?.look(item), [open]),
    save: useCallback(() => void open?.flush(), [open]),
    submit: useCallback(() => void open?.submit(), [open]),
  };
}

export function useResults(quizzes: Quizzes, attempt: string): Asked<ResultsView> {
  return useAsked(useCallback(() => quizzes.results(attempt), [quizzes, attempt]));
}

/** The attempts of all who took a quiz, for its teacher. */
export function useAttempts(quizzes: Quizzes, quiz: string): Omit<Pages<AttemptSummary>, "change"> {
  const ask = useCallback(
    async (cursor?: string) => {
      const { attempts, cursor: next } = await quizzes.attempts(quiz, { cursor });
      return { items: attempts, cursor: next };
    },
    [quizzes, quiz],
  );
  const { change: _, ...pages } = usePages(ask);
  return pages;
}

export function useAnalytics(quizzes: Quizzes, quiz: string, counting?: Counted): Asked<AnalyticsView> {
  return useAsked(
    useCallback(() => quizzes.analytics(quiz, counting === undefined ? {} : { counting }), [quizzes, quiz, counting]),
  );
}

/** One's own progress in a course, or that of one of its students, for its teacher. */
export function useProgress(quizzes: Quizzes, course?: string, user?: string): Asked<ProgressView> {
  return useAsked(
    useCallback(
      () => (user === undefined || course === undefined ? quizzes.progress(course) : quizzes.progressOf(course, user)),
      [quizzes, course, user],
    ),
  );
}

export interface UseClass extends Omit<Pages<StudentSkills>, "items" | "change"> {
  /** All of it, however many of its students are shown. */
  whole: ClassView | undefined;
  students: StudentSkills[];
}

/** How a course's students stand, for its teacher. */
export function useClassProgress(quizzes: Quizzes, course: string): UseClass {
  const [told, setTold] = useState<{ course: string; whole: ClassView }>();
  const ask = useCallback(
    async (cursor?: string) => {
      const { class: whole, students, cursor: next } = await quizzes.classProgress(course, { cursor });
      if (whole) setTold({ course, whole });
      return { items: students, cursor: next };
    },
    [quizzes, course],
  );
  const { items, change: _, ...pages } = usePages(ask);
  return { whole: told?.course === course ? told.whole : undefined, students: items, ...pages };
}

function isAtWork(state: string): boolean {
  return state === "queued" || state === "running";
}

/** Calls with each `quiz.status`; one may be lost. */
function useQuizNews(connection: Connection, tell: (status: QuizMade) => unknown): void {
  const latest = useRef(tell);
  latest.current = tell;
  useEffect(
    () =>
      connection.on("message", (message) => {
        if (message.type === "quiz.status") latest.current(message.quiz);
      }),
    [connection],
  );
}

/** Asks again from time to time, as long as there is something to wait for. */
function useRepeated(isWaiting: boolean, ask: () => void): void {
  useEffect(() => {
    if (!isWaiting) return;
    const timer = setInterval(ask, QUIZ_NEWS_MS_MAX);
    return () => clearInterval(timer);
  }, [isWaiting, ask]);
}
