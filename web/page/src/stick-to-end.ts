// A list that grows at its end stays at its end, until whoever reads scrolls away from it; then it stays where it is.

import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

const NEAR_PX = 48;

export interface StickToEnd {
  scroller: RefObject<HTMLElement | null>;
  content: RefObject<HTMLDivElement | null>;
  /** The end is out of sight. */
  isAway: boolean;
  goToEnd: () => void;
}

export function useStickToEnd(): StickToEnd {
  const scroller = useRef<HTMLElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const isStuck = useRef(true);
  const lastTop = useRef(0);
  const [isAway, setAway] = useState(false);

  const follow = useCallback(() => {
    const element = scroller.current;
    if (!element || !isStuck.current) return;
    element.scrollTop = element.scrollHeight;
    lastTop.current = element.scrollTop;
  }, []);
  useLayoutEffect(follow);
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const scrolled = () => {
      const { scrollTop, scrollHeight, clientHeight } = element;
      const isNear = scrollHeight - scrollTop - clientHeight < NEAR_PX;
      // What grows does not scroll up: only a person does.
      if (isNear) isStuck.current = true;
      else if (scrollTop < lastTop.current - 1) isStuck.current = false;
      lastTop.current = scrollTop;
      setAway(!isStuck.current);
    };
    element.addEventListener("scroll", scrolled, { passive: true });
    const grown = new ResizeObserver(follow);
    grown.observe(element);
    if (content.current) grown.observe(content.current);
    return () => {
      element.removeEventListener("scroll", scrolled);
      grown.disconnect();
    };
  }, [follow]);
  const goToEnd = useCallback(() => {
    isStuck.current = true;
    setAway(false);
    follow();
  }, [follow]);
  return { scroller, content, isAway, goToEnd };
}
