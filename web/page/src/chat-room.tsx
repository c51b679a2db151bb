// One conversation: what was asked and answered, the field to ask in, and beside it the passage that a citation names.

import { type ChatScope, type Citation, explain, Problem } from "@viva/client";
import { type UseChat, useChat, useDocuments } from "@viva/react";
import { useCallback, useRef, useState } from "react";
import type { Site } from "./app.tsx";
import { ChatAnnouncer } from "./chat-announcer.tsx";
import { NARROW } from "./chat-screen.tsx";
import { ChatWelcome } from "./chat-welcome.tsx";
import { Composer } from "./composer.tsx";
import { ConnectionNotice } from "./connection-notice.tsx";
import { useCourses } from "./courses.ts";
import { ExchangeView } from "./exchange-view.tsx";
import { Icon } from "./icons.tsx";
import { useMedia } from "./media.ts";
import { Confirm, Notice, Prompt, Sheet } from "./parts.tsx";
import { PassagePanel } from "./passage-panel.tsx";
import { hrefOf } from "./route.ts";
import { useStickToEnd } from "./stick-to-end.ts";

export function ChatRoom({
  site,
  session,
  isNew,
  about,
  onBegun,
  onShowList,
  onDelete,
}: {
  site: Site;
  session: string;
  isNew: boolean;
  about: string | undefined;
  onBegun: () => void;
  /** Where the list is not in sight. */
  onShowList: (() => void) | undefined;
  onDelete: () => Promise<void>;
}) {
  const chat = useChat(site.connection, session, isNew);
  const { documents } = useDocuments(site.shelf);
  const { courses } = useCourses(site.files);
  const [wanted, setWanted] = useState<ChatScope | undefined>(about ? { documents: [about] } : undefined);
  const { cited, show, hide } = useCited();
  const end = useStickToEnd();
  const isNarrow = useMedia(NARROW);
  const scope = wanted ?? chat.path.at(-1)?.message.scope ?? {};
  const last = chat.path.at(-1);

  const send = (text: string) => {
    chat.send(text, scope);
    setWanted(undefined);
    end.goToEnd();
    if (isNew) onBegun();
  };
  const passage = cited && <PassagePanel key={cited.passage} site={site} citation={cited} onClose={hide} />;
  return (
    <>
      <section className="room" aria-label="Conversation">
        <RoomHeader chat={chat} isNew={isNew} onShowList={onShowList} onDelete={onDelete} />
        <section className="thread" aria-label="Questions and answers" ref={end.scroller}>
          <div ref={end.content}>
            {chat.link === "loading" && <p className="waiting">Loading …</p>}
            {chat.link === "gone" && <Gone />}
            {chat.path.length === 0 && isNew && <ChatWelcome site={site} scope={scope} onScope={setWanted} />}
            {chat.path.map((exchange, index) => (
              <ExchangeView
                // Another wording stands in the place of the one before, so that nothing jumps.
                key={exchange.message.parentId ?? "first"}
                chat={chat}
                exchange={exchange}
                isLast={index === chat.path.length - 1}
                documents={documents}
                onCite={show}
              />
            ))}
          </div>
        </section>
        {chat.link !== "gone" && (
          <div className="foot">
            {end.isAway && (
              <button type="button" className="to-end" onClick={end.goToEnd}>
                To the latest
              </button>
            )}
            <RoomState chat={chat} />
            <ConnectionNotice
              connection={site.connection}
              advice="The page reconnects by itself; what you send goes out then."
            />
            <Composer
              session={session}
              scope={scope}
              documents={documents}
              courses={courses}
              isAnswering={last?.reply?.state === "due" || last?.message.state === "sending"}
              isReady={chat.link !== "loading"}
              onScope={setWanted}
              onSend={send}
              onStop={chat.stop}
            />
          </div>
        )}
        <ChatAnnouncer last={last} />
      </section>
      {passage &&
        (isNarrow ? (
          <Sheet title="Source" className="bottom" onClose={hide}>
            {passage}
          </Sheet>
        ) : (
          <aside className="passage" aria-label="Source">
            {passage}
          </aside>
        ))}
    </>
  );
}

/** The citation that is open. When it is closed, the focus goes back to its mark. */
function useCited() {
  const [cited, setCited] = useState<Citation>();
  const mark = useRef<HTMLElement>(null);
  const show = useCallback((citation: Citation) => {
    mark.current = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    setCited(citation);
  }, []);
  const hide = useCallback(() => {
    setCited(undefined);
    mark.current?.focus();
  }, []);
  return { cited, show, hide };
}

function RoomHeader({
  chat,
  isNew,
  onShowList,
  onDelete,
}: {
  chat: UseChat;
  isNew: boolean;
  onShowList: (() => void) | undefined;
  onDelete: () => Promise<void>;
}) {
  const [asking, setAsking] = useState<"title" | "delete">();
  const [problem, setProblem] = useState<Problem>();
  const { title, link } = chat;
  const isBegun = !isNew && link !== "gone" && link !== "loading";
  return (
    <header className="room-header">
      {onShowList && (
        <button type="button" className="quiet icon-button" onClick={onShowList}>
          <Icon name="list" />
          <span className="visually-hidden">Conversations</span>
        </button>
      )}
      <h1 tabIndex={-1}>{title ?? chat.path[0]?.message.text ?? (isNew ? "Ask your files" : "Conversation")}</h1>
      {isBegun && (
        <div className="row">
          <button type="button" className="quiet icon-button" title="Rename" onClick={() => setAsking("title")}>
            <Icon name="edit" />
            <span className="visually-hidden">Rename</span>
          </button>
          <button type="button" className="quiet icon-button" title="Delete" onClick={() => setAsking("delete")}>
            <Icon name="trash" />
            <span className="visually-hidden">Delete</span>
          </button>
        </div>
      )}
      {problem && <Notice kind="bad" {...explain(problem)} onDismiss={() => setProblem(undefined)} />}
      {asking === "title" && (
        <Prompt
          title="Rename this conversation"
          label="Title"
          value={title ?? ""}
          maxLength={200}
          action="Rename"
          onDone={(named) => {
            setAsking(undefined);
            if (named !== undefined && named !== title) chat.rename(named);
          }}
        />
      )}
      {asking === "delete" && (
        <Confirm
          title="Delete this conversation?"
          action="Delete for good"
          onCancel={() => setAsking(undefined)}
          onConfirm={() => {
            setAsking(undefined);
            onDelete().catch((cause) => setProblem(Problem.from(cause)));
          }}
        >
          <p>Its questions and answers are removed. Your files stay. This cannot be undone.</p>
        </Confirm>
      )}
    </header>
  );
}

/** What stands between a person and the answers, and what to do about it. */
function RoomState({ chat }: { chat: UseChat }) {
  const { link, problem } = chat;
  if (link === "moved") {
    return (
      <div className="notice warn" role="status">
        <p>
          <strong>This conversation is open in many places.</strong> News of it does not come here any more.
        </p>
        <button type="button" onClick={chat.takeBack}>
          Go on here
        </button>
      </div>
    );
  }
  return problem ? <Notice kind="bad" {...explain(problem)} onDismiss={chat.dismissProblem} /> : null;
}

function Gone() {
  return (
    <div className="notice warn">
      <p>
        <strong>There is no such conversation.</strong> It may have been deleted.{" "}
        <a href={hrefOf({ screen: "chat" })}>Begin another</a>
      </p>
    </div>
  );
}
