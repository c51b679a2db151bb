// How numbers and names of the protocol read in plain words. Pure.

import type { GuidePlace, Metric } from "@viva/client";

/** Which question it is: by its place in the guide, where the interview follows one. */
export function questionName(turn: number, place: GuidePlace | undefined): string {
  if (!place) return `Question ${turn}`;
  return place.followUp === 0
    ? `Question ${place.question}`
    : `Question ${place.question}, follow-up ${place.followUp}`;
}

export function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

export function minutes(ms: number): string {
  if (ms < 60_000) return `${Math.round(ms / 1_000)} s`;
  const whole = Math.round(ms / 60_000);
  return whole === 1 ? "1 minute" : `${whole} minutes`;
}

export function size(bytes: number): string {
  if (bytes < 1_000) return `${bytes} bytes`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1_000)} KB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

export function day(unixMs: number): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" }).format(unixMs);
}

/** Of what is planned by the day. */
export function dayAlone(unixMs: number): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: "medium" }).format(unixMs);
}

const METRIC_NAMES: Record<string, string> = {
  pace: "Pace",
  articulation: "Articulation",
  fillers: "Filler words",
  longPauses: "Long pauses",
  longestPause: "Longest pause",
  responseLatency: "Time to first word",
  talkShare: "Your share of the talk",
  longestMonologue: "Longest stretch",
  structure: "Structure",
};

const METRIC_MEANINGS: Record<string, string> = {
  pace: "Words a minute, from first word to last",
  articulation: "Words a minute, pauses left out",
  fillers: "“Um”, “uh”, “you know” and the like, a minute",
  longPauses: "Gaps of 1.5 seconds or more",
  longestPause: "The longest gap between two words",
  responseLatency: "From the question's end to your first word",
  talkShare: "How much of all speech was yours",
  longestMonologue: "Without a gap of 1.5 seconds",
  structure: "Situation, task, action, result",
};

export function metricName(name: string): string {
  return METRIC_NAMES[name] ?? plain(name);
}

export function metricMeaning(name: string): string {
  return METRIC_MEANINGS[name] ?? "";
}

export function metricValue(metric: Metric): string {
  const { name, value, unit } = metric;
  if (value === undefined) return "–";
  if (name === "structure") return `${value} of 4`;
  switch (unit) {
    case "wordsPerMinute":
      return `${Math.round(value)} words/min`;
    case "perMinute":
      return `${value.toFixed(1)} a minute`;
    case "ms":
      return value < 1_000 ? `${Math.round(value)} ms` : `${(value / 1_000).toFixed(1)} s`;
    case "ratio":
      return `${Math.round(value * 100)} %`;
    default:
      return String(Math.round(value * 10) / 10);
  }
}

/** "notMeasured" or "not_measured" as a person would write it. */
export function plain(name: string): string {
  const spaced = name
    .replace(/_/g, " ")
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}
