// A file on its way, or one that did not get there.

import { explain, type Uploading } from "@viva/client";
import { size } from "./words.ts";

const PHASES: Record<Uploading["state"], string> = {
  waiting: "Waits for its turn",
  hashing: "Being prepared",
  sending: "Sending",
  completing: "Nearly there",
  failed: "Not sent",
};

export function UploadRow({
  upload,
  onTryAgain,
  onGiveUp,
}: {
  upload: Uploading;
  onTryAgain: () => void;
  onGiveUp: () => void;
}) {
  const { name, bytes, sentBytes, keptBytes, resumedBytes, state, problem } = upload;
  const percent = bytes === 0 ? 0 : Math.floor((sentBytes / bytes) * 100);
  return (
    <article className="document" data-state={state}>
      <h2>{name}</h2>
      {state === "failed" && problem ? (
        <div className="reason" role="alert">
          <p>
            <strong>{explain(problem).title}</strong> {explain(problem).advice}
          </p>
          {keptBytes > 0 && keeps(problem) && (
            <p>
              {size(keptBytes)} of {size(bytes)} have arrived. Trying again, or choosing the same file again within a
              day, goes on from there.
            </p>
          )}
        </div>
      ) : (
        <>
          <p className="facts-line">
            {PHASES[state]} · {state === "sending" ? `${size(sentBytes)} of ${size(bytes)}` : size(bytes)}
            {resumedBytes > 0 && " · goes on where it stopped"}
          </p>
          <progress max={100} value={percent} aria-label={`Sending ${name}`}>
            {percent} %
          </progress>
        </>
      )}
      <div className="row actions">
        {state === "failed" && (
          <button type="button" onClick={onTryAgain}>
            Try again<span className="visually-hidden">: {name}</span>
          </button>
        )}
        <button type="button" className="quiet" onClick={onGiveUp}>
          {state === "failed" ? "Dismiss" : "Cancel"}
          <span className="visually-hidden"> {name}</span>
        </button>
      </div>
    </article>
  );
}

/** After these the server has nothing of it any more. */
function keeps({ code }: { code: string }): boolean {
  return !["checksum_mismatch", "upload_aborted", "upload_expired"].includes(code);
}
