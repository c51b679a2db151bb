// Ratings, which a model proposes and a teacher stands behind: each with the words that it rests on, its rubric, and for a teacher
// of the course the way to confirm or change it.

import { type Connection, type Evidence, explain, Problem, type Rating, type Review, reviewRating } from "@viva/client";
import { type FormEvent, type ReactNode, useState } from "react";
import { EvidenceList } from "./evidence-list.tsx";
import { Notice } from "./parts.tsx";
import { day, plain } from "./words.ts";

/** What a teacher needs to review a rating. */
export interface Reviewing {
  connection: Connection;
  session: string;
  user: string;
}

const STATES: Record<Rating["status"], string> = {
  pending: "Pending a teacher’s confirmation",
  confirmed: "Confirmed by a teacher",
  changed: "Changed by a teacher",
};

export function Ratings({
  ratings,
  reviewing,
  reviews,
  onShow,
  onReviewed,
  onOvertaken,
}: {
  ratings: Rating[];
  reviewing: Reviewing | undefined;
  reviews: Review[];
  onShow: (evidence: Evidence) => void;
  onReviewed: (rating: Rating) => void;
  /** Another teacher was quicker. */
  onOvertaken: () => void;
}) {
  const pending = ratings.filter(({ status }) => status === "pending").length;
  return (
    <section aria-labelledby="ratings">
      <h2 id="ratings">Ratings</h2>
      {pending > 0 && (
        <p className="hint" role="status">
          {pending} of {ratings.length} {pending === 1 ? "waits" : "wait"} for {reviewing ? "your review" : "a teacher"}
          .
        </p>
      )}
      <ul className="ratings">
        {ratings.map((rating) => (
          <li key={rating.criterion}>
            <h3>
              {plain(rating.criterion)}
              <span className="stars">{rating.rating === undefined ? "not rated" : `${rating.rating} of 5`}</span>
            </h3>
            <p className={`state ${rating.status}`}>{STATES[rating.status]}</p>
            {rating.description && <p className="hint">{rating.description}</p>}
            <p>{rating.rationale}</p>
            {rating.status === "changed" && rating.proposed !== undefined && (
              <p className="hint">The model had proposed {rating.proposed} of 5.</p>
            )}
            {rating.comment !== undefined && (
              <p className="said-by">
                {rating.reviewedBy}: {rating.comment}
              </p>
            )}
            <EvidenceList evidence={rating.evidence} onShow={onShow} />
            {reviewing && (
              <Foldable isFolded={rating.status !== "pending"} summary="Review it again">
                <ReviewForm
                  // What another teacher said meanwhile begins it anew.
                  key={rating.revision ?? 0}
                  rating={rating}
                  reviewing={reviewing}
                  onReviewed={onReviewed}
                  onOvertaken={onOvertaken}
                />
              </Foldable>
            )}
            <Before reviews={reviews.filter(({ criterion }) => criterion === rating.criterion)} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Foldable({ isFolded, summary, children }: { isFolded: boolean; summary: string; children: ReactNode }) {
  if (!isFolded) return children;
  return (
    <details className="more">
      <summary>{summary}</summary>
      {children}
    </details>
  );
}

function ReviewForm({
  rating,
  reviewing,
  onReviewed,
  onOvertaken,
}: {
  rating: Rating;
  reviewing: Reviewing;
  onReviewed: (rating: Rating) => void;
  onOvertaken: () => void;
}) {
  const { criterion, revision = 0, levels = [] } = rating;
  const [given, setGiven] = useState(rating.rating);
  const [comment, setComment] = useState(rating.comment ?? "");
  const [isSending, setSending] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const isSame = given === rating.rating;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (given === undefined) return;
    setSending(true);
    setProblem(undefined);
    const { connection, session, user } = reviewing;
    const said = comment.trim();
    try {
      const about = { session, user, criterion, rating: given, revision };
      onReviewed(await reviewRating(connection, { ...about, ...(said !== "" && { comment: said }) }));
    } catch (cause) {
      const found = Problem.from(cause);
      setProblem(found);
      if (found.code === "review_conflict") onOvertaken();
    } finally {
      setSending(false);
    }
  };
  return (
    <form className="review" onSubmit={submit} aria-label={`Review: ${plain(criterion)}`}>
      <fieldset>
        <legend>Your rating</legend>
        <div className="grades">
          {[1, 2, 3, 4, 5].map((grade) => (
            <label key={grade} className="choice">
              <input
                type="radio"
                name={`grade ${criterion}`}
                checked={given === grade}
                onChange={() => setGiven(grade)}
              />
              <span>
                <strong>{grade}</strong>
                <small>{levels.find((level) => level.rating === grade)?.text}</small>
              </span>
            </label>
          ))}
        </div>
      </fieldset>
      <label className="field">
        <span>
          Comment <small>optional</small>
        </span>
        <textarea rows={2} maxLength={2000} value={comment} onChange={(event) => setComment(event.target.value)} />
      </label>
      {problem && <Notice kind="bad" {...explain(problem)} />}
      <div className="row">
        <button type="submit" className="primary" disabled={given === undefined || isSending}>
          {isSame && rating.rating !== undefined ? `Confirm ${rating.rating} of 5` : `Give ${given ?? "…"} of 5`}
        </button>
      </div>
    </form>
  );
}

/** What teachers said before, latest first. */
function Before({ reviews }: { reviews: Review[] }) {
  if (reviews.length < 2) return null;
  return (
    <details>
      <summary>Reviews before</summary>
      <ul className="reviews">
        {reviews.map(({ revision, rating, reviewedBy, atUnixMs, comment }) => (
          <li key={revision}>
            {day(atUnixMs)} · {reviewedBy}: {rating} of 5{comment === undefined ? "" : ` – ${comment}`}
          </li>
        ))}
      </ul>
    </details>
  );
}
