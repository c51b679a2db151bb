// The passage that a question rests on: named, and opened beside it as citations are.

import type { ItemSource } from "@viva/client";
import { useDocuments } from "@viva/react";
import { useEffect, useRef, useState } from "react";
import type { Site } from "./app.tsx";
import { Sheet } from "./parts.tsx";
import { type Cited, PassagePanel } from "./passage-panel.tsx";
import { placeName } from "./quiz-words.ts";

export function SourceLink({ site, source }: { site: Site; source: ItemSource }) {
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const wasOpen = useRef(false);
  // Once the sheet is gone: what lies behind it cannot have the focus before.
  useEffect(() => {
    if (wasOpen.current && !isOpen) button.current?.focus();
    wasOpen.current = isOpen;
  }, [isOpen]);
  const close = () => setOpen(false);
  const { documents } = useDocuments(site.shelf);
  const name = documents.find(({ document }) => document === source.document)?.name ?? "Source";
  const place = placeName(source.locator);
  const citation: Cited = {
    document: source.document,
    passage: source.passage,
    quote: source.quote,
    name,
    locator: { ...source.locator, label: place },
  };
  return (
    <div className="item-source">
      <button ref={button} type="button" onClick={() => setOpen(true)}>
        <span className="name">{name}</span>
        {place !== "" && <small>{place}</small>}
      </button>
      <q>{source.quote}</q>
      {isOpen && (
        <Sheet title="Source" className="bottom" onClose={close}>
          <PassagePanel site={site} citation={citation} onClose={close} />
        </Sheet>
      )}
    </div>
  );
}
