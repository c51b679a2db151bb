// Lists that come in pages.

import { Problem } from "@viva/client";
import { useCallback, useEffect, useState } from "react";

export interface Page<Item> {
  items: Item[];
  /** Where the next one begins. */
  cursor: string | undefined;
}

export interface Pages<Item> {
  items: Item[];
  /** It is being asked for; what was there before is shown meanwhile. */
  isLoading: boolean;
  problem: Problem | undefined;
  hasMore: boolean;
  loadMore: () => void;
  /** Asks again. */
  reload: () => void;
  change: (change: (before: Item[]) => Item[]) => void;
}

/** `ask` gives a page; another `ask` begins another list. */
export function usePages<Item>(ask: (cursor?: string) => Promise<Page<Item>>): Pages<Item> {
  const [items, setItems] = useState<Item[]>([]);
  const [cursor, setCursor] = useState<string>();
  const [isLoading, setLoading] = useState(true);
  const [problem, setProblem] = useState<Problem>();
  const [round, setRound] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round asks again.
  useEffect(() => {
    let isCurrent = true;
    setLoading(true);
    ask().then(
      (page) => {
        if (!isCurrent) return;
        setItems(page.items);
        setCursor(page.cursor);
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
  }, [ask, round]);

  const reload = useCallback(() => setRound((before) => before + 1), []);
  const loadMore = useCallback(() => {
    if (cursor === undefined) return;
    ask(cursor).then(
      (page) => {
        setItems((before) => [...before, ...page.items]);
        setCursor(page.cursor);
      },
      (cause) => setProblem(Problem.from(cause)),
    );
  }, [ask, cursor]);
  return { items, isLoading, problem, hasMore: cursor !== undefined, loadMore, reload, change: setItems };
}
