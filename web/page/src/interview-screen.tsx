// The interview itself.

import { explain, type InterviewRoom, Problem, type RoomSnapshot } from "@viva/client";
import { useInterview } from "@viva/react";
import { useEffect, useRef, useState } from "react";
import { Announcer, warningText } from "./announcer.tsx";
import type { Site } from "./app.tsx";
import { Conversation } from "./conversation.tsx";
import { Dock } from "./dock.tsx";
import { LinkState } from "./link-state.tsx";
import { Brand, Confirm, Notice, ThemeToggle } from "./parts.tsx";
import { go } from "./route.ts";
import { type Shortcut, ShortcutList, useShortcuts, useShortcutsSetting } from "./shortcuts.tsx";
import { useElapsed } from "./timer.ts";
import { clock } from "./words.ts";

export function InterviewScreen({ site, session }: { site: Site; session: string }) {
  const [room, setRoom] = useState<InterviewRoom>();
  const [problem, setProblem] = useState<Problem>();
  useEffect(() => {
    let isCurrent = true;
    site.openRoom(session).then(
      (opened) => isCurrent && setRoom(opened),
      (cause) => isCurrent && setProblem(Problem.from(cause)),
    );
    return () => {
      isCurrent = false;
    };
  }, [site, session]);
  useEffect(() => room && (() => room.close()), [room]);

  if (problem) {
    return (
      <main id="main" className="page narrow">
        <h1 tabIndex={-1}>The interview</h1>
        <Notice kind="bad" {...explain(problem)} />
      </main>
    );
  }
  return room ? <Live room={room} /> : null;
}

function Live({ room }: { room: InterviewRoom }) {
  const snapshot = useInterview(room);
  const { view, status } = snapshot;
  const [isTyping, setTyping] = useState(false);
  const [isAsking, setAsking] = useState(false);
  const [isFinishing, setFinishing] = useState(false);
  const [hasShortcuts, setShortcuts] = useShortcutsSetting();
  const typing = useRef<HTMLTextAreaElement>(null);
  const isSpoken = view.params?.audio !== undefined;
  const isTypingShown = isTyping || (view.params !== undefined && !isSpoken);
  const session = room.interview.session;

  useEffect(() => {
    if (view.finished) go({ screen: "report", session });
  }, [view.finished, session]);
  useEffect(() => {
    if (isTypingShown) typing.current?.focus();
  }, [isTypingShown]);

  const shortcuts: Shortcut[] = [
    ...(isSpoken
      ? [
          { key: "d", name: "I’m done", run: () => room.endAnswer() },
          { key: "m", name: "Mute or unmute", run: () => room.mute(snapshot.recorder === "recording") },
        ]
      : []),
    {
      key: "t",
      name: "Type an answer",
      run: () => {
        setTyping(true);
        typing.current?.focus();
      },
    },
    { key: "r", name: "Repeat the question", run: () => room.interview.repeat() },
    { key: "s", name: "Skip the question", run: () => room.interview.skip() },
    { key: "f", name: "Finish", run: () => setAsking(true) },
  ];
  useShortcuts(shortcuts, hasShortcuts && status.link === "bound");

  return (
    <div className="interview">
      <Head room={room} snapshot={snapshot} />
      <main id="main" className="page talk">
        <h1 tabIndex={-1} className="topic">
          {view.params?.topic ?? "Your interview"}
        </h1>
        <Notices room={room} snapshot={snapshot} />
        {view.phase === "starting" && status.link !== "over" && <p className="waiting">Taking a seat …</p>}
        <Conversation
          view={view}
          voice={snapshot.voice}
          onCorrect={(turn, text) => room.interview.correct(turn, text)}
        />
        {isFinishing && !view.finished && <p className="waiting">Your report is being written …</p>}
        <ShortcutList shortcuts={shortcuts} isOn={hasShortcuts} onChange={setShortcuts} />
      </main>
      {!isFinishing && status.link !== "over" && (
        <Dock
          room={room}
          snapshot={snapshot}
          isTyping={isTypingShown}
          typing={typing}
          onType={setTyping}
          onFinish={() => setAsking(true)}
        />
      )}
      {isAsking && (
        <Confirm
          title="Finish the interview?"
          action="Finish and see the report"
          onCancel={() => setAsking(false)}
          onConfirm={() => {
            setAsking(false);
            setFinishing(true);
            room.interview.finish();
          }}
        >
          <p>No more questions will be asked. What you said so far is in the report.</p>
        </Confirm>
      )}
      <Announcer view={view} />
    </div>
  );
}

function Head({ room, snapshot }: { room: InterviewRoom; snapshot: RoomSnapshot }) {
  const { view } = snapshot;
  const elapsedMs = useElapsed(room.interview.session, view.params !== undefined && !view.finished, snapshot);
  const { questions: asked = 0, durationMs = view.guide?.durationMs } = view.params ?? {};
  const questions = view.guide?.questions ?? asked;
  const place = view.turns.at(-1)?.place?.question ?? view.turns.length;
  return (
    <header className="bar">
      <Brand />
      <div className="progress">
        {questions > 0 && (
          <p>
            Question {Math.max(1, place)} of {questions}
          </p>
        )}
        <p className="timer">
          <span className="visually-hidden">Time: </span>
          {clock(elapsedMs)}
          {durationMs !== undefined && <small> / {clock(durationMs)}</small>}
        </p>
      </div>
      <LinkState snapshot={snapshot} />
      <ThemeToggle />
    </header>
  );
}

function Notices({ room, snapshot }: { room: InterviewRoom; snapshot: RoomSnapshot }) {
  const { view, status, recorder, problems } = snapshot;
  return (
    <div className="notices">
      {problems.map(({ id, code, message }) => (
        <Notice key={id} kind="bad" {...explain({ code, message })} onDismiss={() => room.dismiss(id)} />
      ))}
      {status.link === "moved" && (
        <div className="notice warn" role="status">
          <p>
            <strong>This interview went on in another window.</strong> Only one can listen at a time.
          </p>
          <button type="button" onClick={() => void room.takeBack()}>
            Continue here
          </button>
        </div>
      )}
      {recorder === "full" && (
        <Notice
          kind="warn"
          title="Recording has stopped: two minutes wait to be sent."
          advice="They are safe here and go out when the connection is back. Then unmute to go on."
        />
      )}
      {!status.kept && (
        <Notice
          kind="warn"
          title="This browser does not keep what is unsent."
          advice="Don't reload while seconds are shown as not sent."
        />
      )}
      {view.lostMessages > 0 && (
        <Notice kind="warn" title="A moment of what you said was lost." advice="If words are missing, correct them." />
      )}
      {view.warnings.map(({ budget, remaining }) => (
        <Notice key={budget} kind="calm" title={warningText(budget, remaining)} />
      ))}
      {status.link === "over" && !view.finished && (
        <p>
          <a href="#/">Back to the start</a>
        </p>
      )}
    </div>
  );
}
