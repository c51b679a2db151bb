// The conversations so far: find one, open it, begin another.

import { explain } from "@viva/client";
import type { Conversations } from "@viva/react";
import { Notice } from "./parts.tsx";
import { hrefOf } from "./route.ts";
import { day } from "./words.ts";

export function ConversationList({
  list,
  current,
  query,
  onQuery,
  onChosen,
}: {
  list: Conversations;
  current: string | undefined;
  query: string;
  onQuery: (query: string) => void;
  onChosen: () => void;
}) {
  const { conversations, problem, isLoading } = list;
  const isEmpty = conversations.length === 0 && !isLoading && !problem;
  return (
    <>
      <a className="button primary" href={hrefOf({ screen: "chat" })} onClick={onChosen}>
        New conversation
      </a>
      <search>
        <label>
          <span className="visually-hidden">Search conversations</span>
          <input
            type="search"
            maxLength={200}
            placeholder="Search"
            value={query}
            onChange={(event) => onQuery(event.target.value)}
          />
        </label>
      </search>
      {problem && <Notice kind="bad" {...explain(problem)} />}
      <p className="visually-hidden" role="status">
        {isLoading ? "" : `${conversations.length} conversations`}
      </p>
      {isEmpty && <p className="empty">{query === "" ? "None yet." : "Nothing matches."}</p>}
      <nav aria-label="Conversations">
        <ul>
          {conversations.map(({ session, title, updatedUnixMs }) => (
            <li key={session}>
              <a
                href={hrefOf({ screen: "chat", session })}
                aria-current={session === current ? "page" : undefined}
                onClick={onChosen}
              >
                <span className="title">{title}</span>
                <small>{day(updatedUnixMs)}</small>
              </a>
            </li>
          ))}
        </ul>
      </nav>
      {list.hasMore && (
        <button type="button" onClick={list.loadMore}>
          Show more
        </button>
      )}
    </>
  );
}
