// Charts of bars: over time, or of how long items took.
import { axisX, axisY, plot, rect, ruleX, text } from "@observablehq/plot";

import { hoursOf } from "./axis.js";
import { element } from "./element.js";
import { duration, number } from "./format.js";
import { stripes } from "./legend.js";
import { base, pictured } from "./plots.js";
import { tipped } from "./tips.js";

/** Draws bars over time, a row for each channel. The upper, striped part of a bar is uncertain. */
export function overTime(bars, shown, { domain, ticks, tickFormat, tip, label }) {
  const names = [...new Set(bars.map(({ channel }) => channel))];
  const hours = hoursOf({ ...shown, width: shown.width - 50 });
  const band = { ...ends, fy: "channel" };
  const svg = plot({
    ...base(shown),
    height: names.length * 92 + 24,
    marginTop: 18,
    marginBottom: 22,
    fy: { domain: names, axis: null, padding: 0.26 },
    y: { domain },
    marks: [
      ruleX(hours.ticks, { stroke: "var(--line)" }),
      rect(bars, { ...band, y1: 0, y2: "all", fill: "var(--chart)", title: tip }),
      rect(bars.filter(({ all, sure }) => all > sure), { ...band, y1: "sure", y2: "all", fill: "url(#disputed)", pointerEvents: "none" }),
      text(names, { fy: (name) => name, text: (name) => name, frameAnchor: "top-left", dy: -15, fill: "var(--muted)" }),
      axisY({ ticks, tickFormat, tickSize: 0 }),
      axisX({ ...hours, anchor: "bottom" }),
    ],
    ariaLabel: `${label} of ${names.join(", ")} over time. The table below has all numbers. Arrow keys read the bars.`,
  });
  return [tipped(pictured(svg)), bars.some(({ all, sure }) => all > sure) ? stripes() : null];
}

/** Returns a plot with a stack of states for each bucket. */
export function statesOverTime(bars, doubtful, shown, { fill, tip, ariaLabel }) {
  const hours = hoursOf({ ...shown, width: shown.width - 50 });
  return plot({
    ...base(shown),
    height: 270,
    marginTop: 12,
    marginBottom: 22,
    marks: [
      ruleX(hours.ticks, { stroke: "var(--line)" }),
      rect(bars, { ...ends, y1: "start", y2: "end", fill, title: tip }),
      rect(doubtful, { ...ends, y1: "sure", y2: "end", fill: "url(#disputed)", pointerEvents: "none" }),
      axisY({ ticks: 5, tickFormat: number, tickSize: 0, label: null }),
      axisX({ ...hours, anchor: "bottom" }),
    ],
    ariaLabel,
  });
}

/** Draws how many items took how long, a row for each channel, with the median and the 90th percentile. */
export function histogram({ width, bars }, quantiles, shown) {
  const names = [...new Set(bars.map(({ channel }) => channel))];
  const end = Math.max(...bars.map(({ to }) => to ?? 0));
  const rows = bars.map((bar) => ({ ...bar, x1: bar.from, x2: bar.to ?? bar.from + width })).filter(({ count }) => count > 0);
  const clock = (seconds) => duration(seconds * 1000);
  const minutes = (seconds) => (end < 180 ? `${number(seconds)} s` : end > 18_000 ? `${number(seconds / 3600)} h` : `${number(seconds / 60)} min`);
  const tip = ({ channel, from, to, count }) => `${channel}, ${to === null ? `${clock(from)} or longer` : `${clock(from)} to ${clock(to)}`}: ${number(count)} items`;
  const svg = plot({
    ...base(shown),
    height: names.length * 92 + 24,
    marginTop: 18,
    marginBottom: 22,
    x: { domain: [0, end + width], axis: null },
    fy: { domain: names, axis: null, padding: 0.26 },
    y: { label: null },
    marks: [
      rect(rows, { x1: "x1", x2: "x2", y1: 0, y2: "count", fy: "channel", fill: "var(--chart)", insetRight: 1, title: tip }),
      ...quantileMarks(quantiles, end, width),
      text(names, { fy: (name) => name, text: (name) => name, frameAnchor: "top-left", dy: -15, fill: "var(--muted)" }),
      axisY({ ticks: 3, tickFormat: number, tickSize: 0, label: null }),
      axisX({ anchor: "bottom", tickSize: 0, label: null, ticks: timesUpTo(end, shown.width), tickFormat: minutes }),
    ],
    ariaLabel: `Handle time: ${quantiles.map(({ channel, p50_ns, p90_ns }) => `${channel} median ${duration(p50_ns / 1e6)}, p90 ${duration(p90_ns / 1e6)}`).join("; ")}. Arrow keys read the bars.`,
  });
  const note = `Items by handle time, in steps of ${clock(width)}. The last bar has all that took longer.`;
  return [tipped(pictured(svg)), element("p", { className: "note", textContent: note })];
}

/** Returns lines at the median and the 90th percentile of each channel. Values beyond the axis stand at its end. */
function quantileMarks(quantiles, end, width) {
  const most = end + width;
  const rules = [["median", "p50_ns", null, 0], ["p90", "p90_ns", "4 3", 14]].map(([name, key, strokeDasharray, down]) => {
    const of = (one) => ({ channel: one.channel, at: Math.min(one[key] / 1e9, most), text: `${name} ${duration(one[key] / 1e6)}` });
    return { rows: quantiles.map(of), strokeDasharray, down };
  });
  const isLate = ({ at }) => at > most * 0.7;
  const label = { x: "at", fy: "channel", text: "text", frameAnchor: "top", fill: "var(--text)", stroke: "var(--page)", strokeWidth: 4, pointerEvents: "none" };
  return [
    ...rules.map(({ rows, strokeDasharray }) => ruleX(rows, { x: "at", fy: "channel", stroke: "var(--text)", strokeDasharray, pointerEvents: "none" })),
    ...rules.flatMap(({ rows, down }) => [
      text(rows.filter((one) => !isLate(one)), { ...label, dy: 2 + down, textAnchor: "start", dx: 4 }),
      text(rows.filter(isLate), { ...label, dy: 2 + down, textAnchor: "end", dx: -4 }),
    ]),
  ];
}

/** Returns round times for the axis of the handle time, in seconds. */
function timesUpTo(end, width) {
  const most = Math.max(2, Math.floor(width / 90));
  const step = [15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200].find((one) => end / one <= most) ?? 86_400;
  return Array.from({ length: Math.floor(end / step) + 1 }, (_, i) => i * step);
}

const ends = { x1: ({ from }) => new Date(from), x2: ({ to }) => new Date(to) };

