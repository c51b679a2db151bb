// A hook for documents and the files that are on their way.

import type { DocumentShelf, Shelf } from "@viva/client";
import { useCallback, useEffect, useSyncExternalStore } from "react";

export interface UseDocuments extends Shelf {
  upload: DocumentShelf["upload"];
  tryAgain: DocumentShelf["tryAgain"];
  giveUp: DocumentShelf["giveUp"];
  remove: DocumentShelf["remove"];
}

/** The documents that a person may read, live. The shelf outlives the screens that show it, so that uploads go on. */
export function useDocuments(shelf: DocumentShelf): UseDocuments {
  const subscribe = useCallback((changed: () => void) => shelf.on("change", changed), [shelf]);
  const snapshot = useSyncExternalStore(subscribe, () => shelf.shelf);
  useEffect(() => shelf.refresh(), [shelf]);
  return {
    ...snapshot,
    upload: useCallback((files, wishes) => shelf.upload(files, wishes), [shelf]),
    tryAgain: useCallback((id) => shelf.tryAgain(id), [shelf]),
    giveUp: useCallback((id) => shelf.giveUp(id), [shelf]),
    remove: useCallback((document) => shelf.remove(document), [shelf]),
  };
}
