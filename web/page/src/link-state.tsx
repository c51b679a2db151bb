// Whether what is said arrives: the connection, and what waits to be sent.

import type { RoomSnapshot } from "@viva/client";

const UNSENT_SHOWN_FROM_MS = 2_500;

export function LinkState({ snapshot }: { snapshot: RoomSnapshot }) {
  const { status, connection } = snapshot;
  const unsent = Math.round(status.unsentAudioMs / 1_000);
  const isLate = status.unsentAudioMs >= UNSENT_SHOWN_FROM_MS;
  const isBound = status.link === "bound" && connection === "open";
  const name =
    status.link === "moved"
      ? "Open elsewhere"
      : isBound
        ? "Connected"
        : connection === "waiting"
          ? "Offline"
          : "Connecting";
  return (
    <p className={`link ${isBound ? (isLate ? "late" : "good") : "lost"}`} role="status">
      <span className="dot" aria-hidden="true" />
      {name}
      {(isLate || (!isBound && unsent > 0)) && <span className="unsent"> · {unsent} s not sent yet</span>}
    </p>
  );
}
