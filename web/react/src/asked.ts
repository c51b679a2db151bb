// Something that is asked for once, and again when it is told to.

import { Problem } from "@viva/client";
import { useCallback, useEffect, useState } from "react";

export interface Asked<Value> {
  /** What came last; it stays while it is asked for again. */
  value: Value | undefined;
  isLoading: boolean;
  problem: Problem | undefined;
  reload: () => void;
  /** Puts in its place what another request has answered. */
  put: (value: Value) => void;
}

/** Another `ask` asks for something else. */
export function useAsked<Value>(ask: () => Promise<Value>): Asked<Value> {
  const [value, setValue] = useState<{ of: () => Promise<Value>; value: Value }>();
  const [problem, setProblem] = useState<Problem>();
  const [isLoading, setLoading] = useState(true);
  const [round, setRound] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round asks again.
  useEffect(() => {
    let isCurrent = true;
    setLoading(true);
    ask().then(
      (found) => {
        if (!isCurrent) return;
        setValue({ of: ask, value: found });
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
  const put = useCallback((given: Value) => setValue({ of: ask, value: given }), [ask]);
  return { value: value?.of === ask ? value.value : undefined, isLoading, problem, reload, put };
}
