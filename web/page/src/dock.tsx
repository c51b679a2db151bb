// What a candidate can do at any moment, always in the same place at the foot of the screen.

import type { InterviewRoom, RoomSnapshot } from "@viva/client";
import { type RefObject, useEffect, useRef, useState } from "react";

export function Dock({
  room,
  snapshot,
  isTyping,
  typing,
  onType,
  onFinish,
}: {
  room: InterviewRoom;
  snapshot: RoomSnapshot;
  isTyping: boolean;
  typing: RefObject<HTMLTextAreaElement | null>;
  onType: (isOn: boolean) => void;
  onFinish: () => void;
}) {
  const { view } = snapshot;
  const isSpoken = view.params?.audio !== undefined;
  const canAnswer = view.phase === "listening" || view.phase === "asking";
  return (
    <section className="dock" aria-label="Your controls">
      {isTyping && <TypedAnswer area={typing} canSend={canAnswer} onSend={(text) => room.answerText(text)} />}
      <div className="controls">
        {isSpoken && <MicrophoneControl room={room} snapshot={snapshot} />}
        {isSpoken && (
          <button type="button" className="primary" disabled={!canAnswer} onClick={() => room.endAnswer()}>
            I’m done
          </button>
        )}
        {isSpoken && (
          <button type="button" aria-pressed={isTyping} onClick={() => onType(!isTyping)}>
            Type
          </button>
        )}
        <button type="button" disabled={!canAnswer} onClick={() => room.interview.repeat()}>
          Repeat
        </button>
        <button type="button" disabled={!canAnswer} onClick={() => room.interview.skip()}>
          Skip
        </button>
        {snapshot.voice?.isSpeaking && (
          <button type="button" onClick={() => room.quiet()}>
            Stop reading
          </button>
        )}
        <button type="button" className="leave" onClick={onFinish}>
          Finish
        </button>
      </div>
    </section>
  );
}

function TypedAnswer({
  area,
  canSend,
  onSend,
}: {
  area: RefObject<HTMLTextAreaElement | null>;
  canSend: boolean;
  onSend: (text: string) => void;
}) {
  const [text, setText] = useState("");
  const send = () => {
    if (!canSend || text.trim() === "") return;
    onSend(text.trim());
    setText("");
    area.current?.focus();
  };
  return (
    <form
      className="typed"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <label className="visually-hidden" htmlFor="typed-answer">
        Your answer
      </label>
      <textarea
        id="typed-answer"
        ref={area}
        rows={3}
        maxLength={8_000}
        placeholder="Type your answer"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            send();
          }
        }}
      />
      <button type="submit" className="primary" disabled={!canSend || text.trim() === ""}>
        Send
      </button>
    </form>
  );
}

function MicrophoneControl({ room, snapshot }: { room: InterviewRoom; snapshot: RoomSnapshot }) {
  const { recorder } = snapshot;
  if (recorder === "off" || recorder === "blocked" || recorder === "failed") {
    return (
      <button type="button" className="mic" onClick={() => void room.listen()}>
        {recorder === "blocked" ? "Click to go on speaking" : "Turn the microphone on"}
      </button>
    );
  }
  const isMuted = recorder !== "recording";
  return (
    <button
      type="button"
      className="mic"
      aria-pressed={isMuted}
      disabled={recorder === "full" && snapshot.status.full}
      onClick={() => room.mute(!isMuted)}
    >
      <Level room={room} isMuted={isMuted} />
      {isMuted ? "Muted" : "Mute"}
    </button>
  );
}

const BARS = ["one", "two", "three", "four", "five"];

/** Moves without React: the level comes fifty times a second. */
function Level({ room, isMuted }: { room: InterviewRoom; isMuted: boolean }) {
  const meter = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    let shown = 0;
    return room.on("level", (level) => {
      // Speech lies at about -50 to -10 dB; the meter falls slower than it rises.
      const loudness = Math.min(1, Math.max(0, (20 * Math.log10(level + 1e-6) + 55) / 45));
      shown = loudness > shown ? loudness : shown * 0.9 + loudness * 0.1;
      meter.current?.style.setProperty("--level", shown.toFixed(3));
    });
  }, [room]);
  return (
    <span ref={meter} className={isMuted ? "level muted" : "level"} aria-hidden="true">
      {BARS.map((bar) => (
        <i key={bar} className={bar} />
      ))}
    </span>
  );
}
