// What attempts say about a quiz: which questions are bad and why, and the figures, with charts and tables.

import {
  type AnalyticsView,
  type Counted,
  explain,
  type ItemFigures,
  type OptionFigures,
  type QuizView,
} from "@viva/client";
import { useAnalytics } from "@viva/react";
import { useState } from "react";
import type { Site } from "./app.tsx";
import { binsOf, Histogram, ShareBar, SignedBar } from "./charts.tsx";
import { Notice } from "./parts.tsx";
import { COUNTINGS, concernSaid, counted, DEFAULT_SETTINGS, kindName, percent, points, span } from "./quiz-words.ts";

export function FiguresPanel({ site, quiz }: { site: Site; quiz: QuizView }) {
  const [counting, setCounting] = useState<Counted>(quiz.settings.counting ?? DEFAULT_SETTINGS.counting);
  const { value: view, problem, isLoading } = useAnalytics(site.quizzes, quiz.id, counting);
  if (quiz.edition === undefined) {
    return <p className="empty">There are no figures before the quiz is published and taken.</p>;
  }
  return (
    <section className="figures" aria-labelledby="figures">
      <h2 id="figures">Analysis</h2>
      <label className="field inline">
        <span>What counts</span>
        <select value={counting} onChange={({ target }) => setCounting(target.value as Counted)}>
          {Object.entries(COUNTINGS).map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      </label>
      {problem && <Notice kind="bad" {...explain(problem)} />}
      {isLoading && !view && <p className="waiting">Loading …</p>}
      {view && view.pending > 0 && (
        <p className="soft">
          {counted(view.pending, "attempt")} {view.pending === 1 ? "is" : "are"} left out until the free texts are
          marked.
        </p>
      )}
      {view && view.attempts === 0 && view.pending === 0 && <p className="empty">Nobody has submitted it yet.</p>}
      {view && view.attempts > 0 && <Figures view={view} />}
    </section>
  );
}

/** As many attempts it takes until items are judged, as the server does it. */
const JUDGED_ATTEMPTS_MIN = 10;

function Figures({ view }: { view: AnalyticsView }) {
  const { statistics, attempts } = view;
  return (
    <>
      {attempts < JUDGED_ATTEMPTS_MIN && (
        <Notice
          kind="calm"
          title={`${counted(attempts, "attempt")} so far.`}
          advice={`From ${JUDGED_ATTEMPTS_MIN} on, bad questions are named here. Until then, take the figures as a hint.`}
        />
      )}
      <Concerns view={view} />
      <Spread values={view.points} max={statistics.max} />
      <Whole view={view} />
      <ItemTable view={view} />
      {statistics.items.map((item) =>
        item.options.length > 0 ? <Distractors key={item.item} item={item} view={view} /> : null,
      )}
    </>
  );
}

function placeOf(view: AnalyticsView, item: string): number {
  return view.items.findIndex((one) => one.item === item) + 1;
}

function stemOf(view: AnalyticsView, item: string): string {
  return view.items.find((one) => one.item === item)?.stem ?? "";
}

function optionText(view: AnalyticsView, item: string, option: string): string {
  const options = view.items.find((one) => one.item === item)?.options ?? [];
  const text = options.find(({ id }) => id === option)?.text ?? option;
  return text === "true" ? "True" : text === "false" ? "False" : text;
}

function Concerns({ view }: { view: AnalyticsView }) {
  const bad = view.statistics.items.filter(({ concerns }) => concerns.length > 0);
  if (bad.length === 0) return null;
  return (
    <section className="concerns" aria-labelledby="concerns">
      <h3 id="concerns">Questions to look at</h3>
      <ul>
        {bad.map(({ item, concerns }) => (
          <li key={item}>
            <strong>
              {placeOf(view, item)}. {stemOf(view, item)}
            </strong>
            <ul>
              {concerns.map((concern) => {
                const said = concernSaid(concern, (option) => optionText(view, item, option));
                return <li key={said}>{said}</li>;
              })}
            </ul>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Spread({ values, max }: { values: number[]; max: number }) {
  const bins = binsOf(values, max);
  return (
    <figure className="spread">
      <figcaption>Attempts by points</figcaption>
      <Histogram bins={bins} name="Attempts by points" unit="points" />
      <details>
        <summary>As a table</summary>
        <table>
          <thead>
            <tr>
              <th scope="col">Points</th>
              <th scope="col">Attempts</th>
            </tr>
          </thead>
          <tbody>
            {bins.map(({ label, count }) => (
              <tr key={label}>
                <th scope="row">{label}</th>
                <td>{count}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}

function figure(value: number | null | undefined, digits = 2): string {
  return value == null ? "–" : value.toFixed(digits).replace("-", "−");
}

function Whole({ view: { statistics, attempts } }: { view: AnalyticsView }) {
  const { mean, median, max, standardDeviation, skewness, kurtosis, internalConsistency, errorRatio, standardError } =
    statistics;
  const facts: [string, string, string][] = [
    ["Attempts", String(attempts), ""],
    ["Mean", `${figure(mean)} of ${points(max)}`, "points"],
    ["Median", figure(median), "points"],
    ["Standard deviation", figure(standardDeviation), "points"],
    ["Internal consistency", `${figure(internalConsistency, 1)} %`, "Cronbach’s α; from 70 % on, the sum is reliable"],
    ["Error ratio", `${figure(errorRatio, 1)} %`, "how much of the spread is chance; below 50 % is good"],
    ["Standard error", figure(standardError), "points that chance may give or take"],
    ["Skewness", figure(skewness), "below −1: too easy to tell the best apart"],
    ["Kurtosis", figure(kurtosis), "above 1: most are alike"],
    ["Time", statistics.duration ? span(statistics.duration.medianMs) : "–", "half are quicker"],
  ];
  return (
    <dl className="whole-figures">
      {facts.map(([name, value, meaning]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <strong>{value.startsWith("–") ? "–" : value}</strong>
            <small>{meaning}</small>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function discriminationKind({ discriminationIndex: index }: ItemFigures): "good" | "warn" | "bad" {
  if (index == null) return "warn";
  return index < 0 ? "bad" : index < 20 ? "warn" : "good";
}

function ItemTable({ view }: { view: AnalyticsView }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard.
    <section className="table" aria-label="Questions" tabIndex={0}>
      <table className="item-figures stacking">
        <caption>Questions</caption>
        <thead>
          <tr>
            <th scope="col">Question</th>
            <th scope="col">
              Facility <small>share of the points</small>
            </th>
            <th scope="col">
              Discrimination <small>tells strong from weak</small>
            </th>
            <th scope="col">Efficiency</th>
            <th scope="col">
              Weight <small>meant, had</small>
            </th>
            <th scope="col">Time</th>
          </tr>
        </thead>
        <tbody>
          {view.statistics.items.map((item) => (
            <tr key={item.item}>
              <th scope="row">
                {placeOf(view, item.item)}. {stemOf(view, item.item)}
                <small>{kindName(view.items.find((one) => one.item === item.item)?.kind ?? "")}</small>
              </th>
              <td data-label="Facility">
                {item.facility == null ? "–" : percent(item.facility)}
                {item.facility != null && <ShareBar share={item.facility} />}
              </td>
              <td data-label="Discrimination">
                {item.discriminationIndex == null ? "–" : `${figure(item.discriminationIndex, 0)} %`}
                {item.discriminationIndex != null && (
                  <SignedBar share={item.discriminationIndex / 100} kind={discriminationKind(item)} />
                )}
                {item.discriminationIndex != null && item.discriminationIndex < 0 && (
                  <small>negative: the weak do better</small>
                )}
              </td>
              <td data-label="Efficiency">
                {item.discriminativeEfficiency == null ? "–" : `${figure(item.discriminativeEfficiency, 0)} %`}
              </td>
              <td className="figure" data-label="Weight: meant, had">
                {figure(item.intendedWeight, 0)} %, {figure(item.effectiveWeight, 0)} %
              </td>
              <td className="figure" data-label="Time">
                {item.time ? span(item.time.medianMs) : "–"}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Distractors({ item, view }: { item: ItemFigures; view: AnalyticsView }) {
  const share = (value: OptionFigures["shareOfBest"]) => (value == null ? "–" : percent(value));
  return (
    <details className="distractors">
      <summary>
        What was chosen in {placeOf(view, item.item)}. {stemOf(view, item.item)}
      </summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard. */}
      <section className="table" aria-label={`Options of question ${placeOf(view, item.item)}`} tabIndex={0}>
        <table className="stacking">
          <thead>
            <tr>
              <th scope="col">Option</th>
              <th scope="col">Chosen</th>
              <th scope="col">
                By the best <small>27 %</small>
              </th>
              <th scope="col">
                By the weakest <small>27 %</small>
              </th>
              <th scope="col">Their mean points</th>
            </tr>
          </thead>
          <tbody>
            {item.options.map((option) => (
              <tr key={option.option}>
                <th scope="row">
                  {optionText(view, item.item, option.option)}
                  {option.isKey && <small>right</small>}
                </th>
                <td data-label="Chosen">
                  {option.count} ({percent(option.share)})
                  <ShareBar share={option.share} kind={option.isKey ? "good" : "warn"} />
                </td>
                <td data-label="By the best 27 %">{share(option.shareOfBest)}</td>
                <td data-label="By the weakest 27 %">{share(option.shareOfWeakest)}</td>
                <td data-label="Their mean points">{figure(option.meanTotal)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}
