// Charts that compare agents or groups, a row each.
import { axisX, axisY, dot, link, plot, rect, ruleY } from "@observablehq/plot";

import { element } from "./element.js";
import { duration, number } from "./format.js";
import { SYMBOLS, symbols } from "./legend.js";
import { base, pictured } from "./plots.js";
import { tipped } from "./tips.js";

/** The part of the time from which on a value is drawn as uncertain. */
const UNCERTAIN = 0.1;
/** From this handle time on, an axis counts hours: five hours. */
const LONG = 1.8e13;

/** The options of a plot with a row for each agent or group, and its axis on top. */
function inRows(who, shown, labels) {
  return { ...base(shown, labels), height: who.length * 22 + 40, marginTop: 22, marginBottom: 6 };
}

/** The colour of a channel's marks. */
function colourOf(names) {
  return ({ channel }) => `var(--series-${names.indexOf(channel) % SYMBOLS.length})`;
}

/** Draws a row for each agent or group, with a symbol for each channel. */
export function compared(who, rows, shown, { x, domain, tickFormat, tip, label }) {
  const names = [...new Set(rows.map(({ channel }) => channel))].sort();
  const colour = colourOf(names);
  const labels = who.map(shown.label);
  const svg = plot({
    ...inRows(who, shown, labels),
    x: { domain, nice: !domain, zero: true },
    y: { type: "point", domain: who, label: null },
    symbol: { domain: names, range: SYMBOLS.slice(0, names.length) },
    marks: [
      axisX({ anchor: "top", tickFormat, tickSize: 0, label: null, ticks: ticksOf(shown, labels) }),
      ruleY(who, { stroke: "var(--line)" }),
      dot(rows, {
        x,
        y: "who",
        symbol: "channel",
        r: 4.5,
        fill: (one) => (one.uncertain > UNCERTAIN ? "var(--page)" : colour(one)),
        stroke: colour,
        strokeWidth: 1.5,
        title: tip,
      }),
      axisY({ tickSize: 0, label: null, tickFormat: shown.label }),
    ],
    ariaLabel: `${label} by ${shown.along} and channel. The table below has all numbers. Arrow keys read the marks.`,
  });
  const hollow = rows.some(({ uncertain }) => uncertain > UNCERTAIN);
  return [tipped(pictured(svg)), symbols(names, hollow && UNCERTAIN)];
}

/** Returns a plot with a stack of states for each agent or group. */
export function statesCompared(bars, doubtful, who, shown, { fill, tip, ariaLabel }) {
  const labels = who.map(shown.label);
  return plot({
    ...inRows(who, shown, labels),
    x: { domain: [0, 1] },
    y: { type: "band", domain: who, label: null, padding: 0.2 },
    marks: [
      axisX({ anchor: "top", tickFormat: "%", tickSize: 0, label: null, ticks: ticksOf(shown, labels) }),
      rect(bars, { x1: "start", x2: "end", y1: "who", y2: "who", fill, title: tip }),
      rect(doubtful, { x1: "sure", x2: "end", y1: "who", y2: "who", fill: "url(#disputed)", pointerEvents: "none" }),
      axisY({ tickSize: 0, label: null, tickFormat: shown.label }),
    ],
    ariaLabel,
  });
}

/** Draws a line from the median to the 90th percentile for each agent, group or channel. */
export function spread(rows, who, shown, tip) {
  const names = [...new Set(rows.map(({ channel }) => channel))].sort();
  // Long times read better in hours.
  const [unit, ns] = Math.max(...rows.map(({ p90_ns }) => p90_ns)) > LONG ? ["h", 3.6e12] : ["min", 6e10];
  const lines = rows.map((one) => ({ ...one, p50: one.p50_ns / ns, p90: one.p90_ns / ns }));
  const colour = colourOf(names);
  const rowsOf = (name) => lines.filter(({ channel }) => channel === name);
  // Channels of one agent lie below each other.
  const dy = (i) => (shown.along === "time" ? 0 : (i - (names.length - 1) / 2) * 6);
  const labels = who.map(shown.label);
  const svg = plot({
    ...inRows(who, shown, labels),
    x: { zero: true, nice: true },
    y: { type: "point", domain: who, label: null },
    symbol: { domain: names, range: SYMBOLS.slice(0, names.length) },
    marks: [
      axisX({ anchor: "top", tickSize: 0, label: null, tickFormat: (length) => `${number(length)} ${unit}`, ticks: ticksOf(shown, labels) }),
      ruleY(who, { stroke: "var(--line)" }),
      ...names.map((name, i) => link(rowsOf(name), { x1: "p50", x2: "p90", y1: "who", y2: "who", dy: dy(i), stroke: colour, strokeWidth: 1.5, pointerEvents: "none" })),
      ...names.map((name, i) => dot(rowsOf(name), { x: "p50", y: "who", dy: dy(i), symbol: "channel", r: 3.5, fill: colour, stroke: colour, title: tip })),
      axisY({ tickSize: 0, label: null, tickFormat: shown.label }),
    ],
    ariaLabel: `Handle time: medians, with lines to the 90th percentile. The table below has all numbers. Arrow keys read the marks.`,
  });
  const note = element("p", { className: "note", textContent: "The symbol is the median, the line ends at the 90th percentile (p90)." });
  return [tipped(pictured(svg)), symbols(names), note];
}

/** Returns about how many ticks there is room for. */
function ticksOf(shown, labels) {
  return Math.max(2, Math.floor((shown.width - base(shown, labels).marginLeft) / 80));
}
