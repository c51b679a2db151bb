// The report: every claim with the words it rests on, and the recording in step with the transcript.

import {
  type Evidence,
  explain,
  type Finding,
  getSession,
  type Metric,
  Problem,
  type Rating,
  type Report,
  type SessionDetail,
} from "@viva/client";
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Site } from "./app.tsx";
import { EvidenceList } from "./evidence-list.tsx";
import { Notice } from "./parts.tsx";
import { Ratings, type Reviewing } from "./ratings.tsx";
import { makePlayer } from "./recording.ts";
import { hrefOf } from "./route.ts";
import { at } from "./site.ts";
import { type Spot, Transcript } from "./transcript.tsx";
import { day, metricMeaning, metricName, metricValue, minutes, plain } from "./words.ts";

export function ReportScreen({
  site,
  session,
  user,
}: {
  site: Site;
  session: string;
  /** Whose it is, where a teacher looks at it. */
  user: string | undefined;
}) {
  const [detail, setDetail] = useState<SessionDetail>();
  const [problem, setProblem] = useState<Problem>();
  const [round, setRound] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round asks again.
  useEffect(() => {
    let isCurrent = true;
    getSession(site.connection, session, user).then(
      (found) => isCurrent && setDetail(found),
      (cause) => isCurrent && setProblem(Problem.from(cause)),
    );
    return () => {
      isCurrent = false;
    };
  }, [site, session, user, round]);
  const takeRating = useCallback((rating: Rating) => setDetail((before) => before && withRating(before, rating)), []);
  useEffect(
    () =>
      site.connection.on("message", (message) => {
        if (message.type === "report.reviewed" && message.session === session) takeRating(message.rating);
      }),
    [site, session, takeRating],
  );
  const review = user === undefined ? undefined : { connection: site.connection, session, user };

  return (
    <main id="main" className="page report">
      <h1 tabIndex={-1}>{detail?.params.topic ?? "Report"}</h1>
      {problem && <Notice kind="bad" {...explain(problem)} />}
      {!detail && !problem && <p className="waiting">Loading …</p>}
      {detail && user !== undefined && (
        <p className="hint">
          {user}'s interview{detail.params.course === undefined ? "" : ` in ${detail.params.course}`}. Your reviews are
          shown to them.
        </p>
      )}
      {detail && (
        <Body
          detail={detail}
          reviewing={review}
          onReviewed={takeRating}
          onOvertaken={() => setRound((before) => before + 1)}
        />
      )}
    </main>
  );
}

function withRating(detail: SessionDetail, rating: Rating): SessionDetail {
  if (!detail.report) return detail;
  const ratings = detail.report.ratings.map((other) => (other.criterion === rating.criterion ? rating : other));
  return { ...detail, report: { ...detail.report, ratings } };
}

function Body({
  detail,
  reviewing,
  onReviewed,
  onOvertaken,
}: {
  detail: SessionDetail;
  reviewing: Reviewing | undefined;
  onReviewed: (rating: Rating) => void;
  onOvertaken: () => void;
}) {
  const { report, session, recordingUrl } = detail;
  const audio = useRef<HTMLAudioElement>(null);
  const [spot, setSpot] = useState<Spot>();
  const player = useMemo(() => (recordingUrl === undefined ? undefined : makePlayer(audio)), [recordingUrl]);
  const show = useCallback(
    ({ turn, quote, startMs, endMs }: Evidence) => {
      setSpot((before) => ({ turn, quote, startMs, round: (before?.round ?? 0) + 1 }));
      if (startMs !== undefined) player?.playFrom(startMs, endMs);
    },
    [player],
  );
  return (
    <>
      <Facts detail={detail} />
      {detail.state === "open" && !reviewing && (
        <p>
          This interview is still open. <a href={hrefOf({ screen: "interview", session })}>Go on with it</a>
        </p>
      )}
      {report ? (
        <Findings report={report} onShow={show}>
          <Ratings
            ratings={report.ratings}
            reviewing={reviewing}
            reviews={detail.reviews ?? []}
            onShow={show}
            onReviewed={onReviewed}
            onOvertaken={onOvertaken}
          />
        </Findings>
      ) : (
        <p>There is no report{detail.state === "open" ? " yet" : ""}.</p>
      )}
      <section aria-labelledby="transcript">
        <h2 id="transcript">What was said</h2>
        {recordingUrl === undefined ? (
          <p className="hint">There is no recording of this interview.</p>
        ) : (
          <div className="player">
            {/* biome-ignore lint/a11y/useMediaCaption: its transcript is right below, in step with it. */}
            <audio ref={audio} controls preload="metadata" src={at(recordingUrl)} aria-label="Recording" />
          </div>
        )}
        <Transcript turns={detail.turns} player={player} spot={spot} />
      </section>
    </>
  );
}

function Facts({ detail }: { detail: SessionDetail }) {
  const { report, params, createdUnixMs } = detail;
  const facts = [
    day(createdUnixMs),
    params.role,
    params.level,
    report?.guide && `Guide: ${report.guide.title}`,
    report && `${report.answered} answered, ${report.skipped} skipped`,
    report && minutes(report.durationMs),
  ].filter((fact) => fact !== undefined && fact !== "");
  return (
    <div className="facts">
      <p>{facts.join(" · ")}</p>
      <button type="button" className="quiet print" onClick={() => print()}>
        Print
      </button>
    </div>
  );
}

function Findings({
  report,
  onShow,
  children,
}: {
  report: Report;
  onShow: (evidence: Evidence) => void;
  /** The ratings. */
  children: ReactNode;
}) {
  return (
    <>
      <section className="summary-text" aria-label="Summary">
        <p>{report.summary}</p>
      </section>
      <div className="columns wide">
        <FindingList title="What went well" kind="good" findings={report.strengths} onShow={onShow} />
        <FindingList title="What to work on" kind="better" findings={report.improvements} onShow={onShow} />
      </div>
      {report.ratings.length > 0 && children}
      <section aria-labelledby="delivery">
        <h2 id="delivery">How you spoke</h2>
        {report.metrics.some(isMeasured) && (
          <ul className="metrics">
            {report.metrics.filter(isMeasured).map((metric) => (
              <li key={metric.name}>
                <MetricCard metric={metric} onShow={onShow} />
              </li>
            ))}
          </ul>
        )}
        <Unmeasured metrics={report.metrics.filter((metric) => !isMeasured(metric))} />
      </section>
      <section className="small-print" aria-label="Notices">
        <ul>
          {report.notices.map((notice) => (
            <li key={notice}>{notice}</li>
          ))}
          {report.quotesDropped > 0 && (
            <li>
              {report.quotesDropped} {report.quotesDropped === 1 ? "quote was" : "quotes were"} dropped, because you did
              not say that.
            </li>
          )}
          <li>
            Feedback: {report.model.name}.{" "}
            {report.recognizer ? `Transcript: ${report.recognizer.name}.` : "Answers were typed."}
          </li>
        </ul>
      </section>
    </>
  );
}

function FindingList({
  title,
  kind,
  findings,
  onShow,
}: {
  title: string;
  kind: "good" | "better";
  findings: Finding[];
  onShow: (evidence: Evidence) => void;
}) {
  return (
    <section className={`findings ${kind}`}>
      <h2>{title}</h2>
      {findings.length === 0 && <p className="hint">Nothing that could be shown by your own words.</p>}
      <ul>
        {findings.map((finding) => (
          <li key={finding.text}>
            <p>{finding.text}</p>
            <EvidenceList evidence={finding.evidence} onShow={onShow} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function isMeasured({ status }: Metric): boolean {
  return status !== "not_measured";
}

/** What there is no figure for, and why: once for each reason. */
function Unmeasured({ metrics }: { metrics: Metric[] }) {
  const reasons = new Map<string, string[]>();
  for (const { name, reason = "" } of metrics) reasons.set(reason, [...(reasons.get(reason) ?? []), metricName(name)]);
  return [...reasons].map(([reason, names]) => (
    <p key={reason} className="unmeasured">
      <strong>Not measured</strong>
      {reason !== "" && `, because ${reason}`}: {names.join(", ")}.
    </p>
  ));
}

function MetricCard({ metric, onShow }: { metric: Metric; onShow: (evidence: Evidence) => void }) {
  const { name, status, band, reason } = metric;
  return (
    <article className={`metric ${status}`}>
      <h3>{metricName(name)}</h3>
      <p className="value">{metricValue(metric)}</p>
      {band !== undefined && <p className="band">{plain(band)}</p>}
      {status === "unreliable" && <p className="band warn">Unreliable</p>}
      <p className="hint">{reason ?? metricMeaning(name)}</p>
      {metric.evidence.length > 0 && (
        <details>
          <summary>
            The words it rests on<span className="visually-hidden"> for {metricName(name)}</span>
          </summary>
          <EvidenceList evidence={metric.evidence} onShow={onShow} />
        </details>
      )}
    </article>
  );
}
