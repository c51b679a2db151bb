// Charts as SVG, each with the same figures in words or in a table beside it. They know numbers and names, nothing of quizzes.

const WIDTH = 480;

export interface Bin {
  label: string;
  count: number;
}

/** How many fell into each part of a scale. */
export function Histogram({ bins, name, unit }: { bins: Bin[]; name: string; unit: string }) {
  const most = Math.max(1, ...bins.map(({ count }) => count));
  const height = 180;
  const wide = WIDTH / bins.length;
  return (
    <svg className="chart" viewBox={`0 0 ${WIDTH} ${height + 40}`} role="img" aria-label={`${name}: see the table`}>
      <line className="axis" x1={0} x2={WIDTH} y1={height} y2={height} />
      {bins.map(({ label, count }, at) => {
        const tall = (count / most) * (height - 24);
        const middle = at * wide + wide / 2;
        return (
          <g key={label}>
            <rect className="bar-fill" x={at * wide + 3} y={height - tall} width={wide - 6} height={tall} rx={3} />
            {count > 0 && (
              <text className="value" x={middle} y={height - tall - 6}>
                {count}
              </text>
            )}
            <text className="tick" x={middle} y={height + 18}>
              {label}
            </text>
          </g>
        );
      })}
      <text className="tick" x={WIDTH / 2} y={height + 34}>
        {unit}
      </text>
    </svg>
  );
}

/** Cuts points into at most ten parts of the same width, from 0 to `max`. */
export function binsOf(values: number[], max: number): Bin[] {
  const count = Math.max(1, Math.min(10, Number.isInteger(max) && max < 10 ? max + 1 : 10));
  const isWhole = Number.isInteger(max) && max < 10;
  const width = isWhole ? 1 : max / count;
  const bins = Array.from({ length: count }, (_, at) => ({
    label: isWhole ? String(at) : `${short(at * width)}–${short((at + 1) * width)}`,
    count: 0,
  }));
  for (const value of values) {
    const at = width > 0 ? Math.floor(value / width) : 0;
    const bin = bins[Math.max(0, Math.min(count - 1, at))];
    if (bin) bin.count += 1;
  }
  return bins;
}

function short(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** One share as a bar; what it says stands beside it as text. */
export function ShareBar({ share, kind = "good" }: { share: number; kind?: "good" | "warn" | "bad" }) {
  const wide = Math.max(0, Math.min(1, share)) * 100;
  return (
    <svg className="share-bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
      <rect className="track" width={100} height={8} />
      <rect className={kind} width={wide} height={8} />
    </svg>
  );
}

/** A share of either sign as a bar from a line at zero: to the left it is negative. What it says stands beside it as text. */
export function SignedBar({ share, kind = "good" }: { share: number; kind?: "good" | "warn" | "bad" }) {
  const wide = Math.min(1, Math.abs(share)) * 100;
  return (
    <svg className="share-bar signed" viewBox="-100 0 200 12" preserveAspectRatio="none" aria-hidden="true">
      <rect className="track" x={-100} y={2} width={200} height={8} />
      <rect className={kind} x={share < 0 ? -wide : 0} y={2} width={wide} height={8} />
      <rect className="zero" x={-1.5} width={3} height={12} />
    </svg>
  );
}

export interface Point {
  atMs: number;
  share: number;
}

/** A share over time, with the line that it is to reach and what that means. */
export function TimeLine({
  points,
  goal,
  goalName,
  name,
}: {
  points: Point[];
  goal: number;
  goalName: string;
  name: string;
}) {
  const height = 120;
  const first = points[0]?.atMs ?? 0;
  const last = points.at(-1)?.atMs ?? first;
  // What was answered in one attempt came at one moment: then by its order.
  const along = (atMs: number, at: number) =>
    last > first ? (atMs - first) / (last - first) : at / Math.max(1, points.length - 1);
  const x = (atMs: number, at: number) => 8 + along(atMs, at) * (WIDTH - 16);
  // Above the line of what is to be reached there is room for its name.
  const y = (share: number) => height - 6 - share * (height - 32);
  const line = points.map(({ atMs, share }, at) => `${x(atMs, at).toFixed(1)},${y(share).toFixed(1)}`).join(" ");
  return (
    <svg className="chart line" viewBox={`0 0 ${WIDTH} ${height}`} role="img" aria-label={`${name}: see the table`}>
      <line className="axis" x1={0} x2={WIDTH} y1={y(0)} y2={y(0)} />
      <line className="goal" x1={0} x2={WIDTH} y1={y(goal)} y2={y(goal)} />
      <text className="goal-name" x={WIDTH} y={14}>
        {goalName}
      </text>
      <polyline points={line} />
      {points.map(({ atMs, share }, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: points keep their places.
        <circle key={at} cx={x(atMs, at)} cy={y(share)} r={4} />
      ))}
    </svg>
  );
}
