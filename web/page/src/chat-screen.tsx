// Chat over one's files: the conversations, the one that is open, and the passage behind a citation.

import { newSessionId } from "@viva/client";
import { useConversations } from "@viva/react";
import { useDeferredValue, useEffect, useState } from "react";
import type { Site } from "./app.tsx";
import { ChatRoom } from "./chat-room.tsx";
import { ConversationList } from "./conversation-list.tsx";
import { useMedia } from "./media.ts";
import { Sheet } from "./parts.tsx";
import { go } from "./route.ts";

export const NARROW = "(max-width: 62rem)";

export function ChatScreen({
  site,
  session,
  about,
}: {
  site: Site;
  session: string | undefined;
  about: string | undefined;
}) {
  // A conversation that is not begun yet has its id already: with its first message only the address changes.
  const [fresh, setFresh] = useState(newSessionId);
  const current = session ?? fresh;
  useEffect(() => {
    if (session === fresh) setFresh(newSessionId());
  }, [session, fresh]);
  const [query, setQuery] = useState("");
  const list = useConversations(site.connection, useDeferredValue(query.trim()));
  const [isListOpen, setListOpen] = useState(false);
  const isNarrow = useMedia(NARROW);

  const conversations = (
    <ConversationList
      list={list}
      current={session}
      query={query}
      onQuery={setQuery}
      onChosen={() => setListOpen(false)}
    />
  );
  return (
    <main id="main" className="chat">
      {isNarrow ? (
        isListOpen && (
          <Sheet title="Conversations" className="drawer" onClose={() => setListOpen(false)}>
            {conversations}
          </Sheet>
        )
      ) : (
        <aside className="conversations" aria-label="Conversations">
          {conversations}
        </aside>
      )}
      <ChatRoom
        key={current}
        site={site}
        session={current}
        isNew={session === undefined}
        about={about}
        onBegun={() => go({ screen: "chat", session: current })}
        onShowList={isNarrow ? () => setListOpen(true) : undefined}
        onDelete={async () => {
          await list.remove(current);
          go({ screen: "chat" });
        }}
      />
    </main>
  );
}
