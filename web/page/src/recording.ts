// The recording's player, and where it is, for everything that moves in step with it.

import { createContext, type RefObject, useContext, useEffect, useState } from "react";

export interface Player {
  audio: RefObject<HTMLAudioElement | null>;
  playFrom: (ms: number, untilMs?: number) => void;
}

export const PlayerContext = createContext<Player | undefined>(undefined);

export function usePlayer(): Player | undefined {
  return useContext(PlayerContext);
}

export function makePlayer(audio: RefObject<HTMLAudioElement | null>): Player {
  let stop: (() => void) | undefined;
  return {
    audio,
    playFrom(ms, untilMs) {
      const element = audio.current;
      if (!element) return;
      stop?.();
      // A little before the words, so that the ear catches their beginning.
      element.currentTime = Math.max(0, ms / 1_000 - 0.25);
      void element.play().catch(() => {
        // The browser's own controls show that it does not play.
      });
      if (untilMs === undefined) return;
      const check = () => {
        if (element.currentTime * 1_000 < untilMs + 400) return;
        element.pause();
        stop?.();
      };
      element.addEventListener("timeupdate", check);
      stop = () => element.removeEventListener("timeupdate", check);
    },
  };
}

/** The playing position in milliseconds, about every frame while it plays; -1 before it ever did. */
export function usePosition(player: Player | undefined): number {
  const [positionMs, setPosition] = useState(-1);
  useEffect(() => {
    const element = player?.audio.current;
    if (!element) return;
    let frame = 0;
    const read = () => {
      setPosition(Math.round(element.currentTime * 20) * 50);
      if (!element.paused) frame = requestAnimationFrame(read);
    };
    const start = () => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(read);
    };
    for (const name of ["play", "seeked"]) element.addEventListener(name, start);
    return () => {
      cancelAnimationFrame(frame);
      for (const name of ["play", "seeked"]) element.removeEventListener(name, start);
    };
  }, [player]);
  return positionMs;
}
