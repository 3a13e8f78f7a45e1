// The timeline: a day of one agent on all channels, or of a team on one channel.
import { axisX, axisY, line, plot, rect, ruleX } from "@observablehq/plot";

import { byId, element, setOptions } from "./element.js";
import { dateTime, duration, hour, number, rank, stateName, time, tone } from "./format.js";
import { dayAfter, instantOf, localText } from "./instant.js";
import { Pager } from "./pager.js";
import { ask } from "./thread.js";

const PAGE = 25;
const HOUR = 3_600_000;
/** The legend of each basis that is drawn differently from `observed`. */
const BASES = {
  assumed: "paler: not confirmed by a later event",
  inferred: "inferred from a later event",
  disputed: "disputed: an event is missing",
};

export class Timeline {
  #account;
  #zone;
  #heard;
  #asked = 0;
  #pager;
  #answer;

  constructor() {
    this.#pager = new Pager(byId("lanes-pager"), PAGE, "agents of the timeline", () => this.refresh());
    const form = byId("timeline-form");
    form.onsubmit = (event) => event.preventDefault();
    form.onchange = () => {
      this.#pager.restart();
      this.refresh();
    };
    byId("stretches").ontoggle = () => this.#table();
    new ResizeObserver(() => this.#draw()).observe(byId("plots"));
  }

  show({ account, zone, heard, at, channels, hasChat, agents }) {
    [this.#account, this.#zone, this.#heard] = [account, zone, heard];
    if (!byId("day").value) byId("day").value = localText(at, zone).slice(0, 10);
    const tracks = [["unified_state", "Status"], ...channels.map((name) => [`state[${name}]`, name])];
    setOptions(byId("track"), hasChat ? [...tracks, ["chat_status", "Chat export"]] : tracks);
    const ids = byId("ids");
    if (ids.childElementCount !== agents.length) ids.replaceChildren(...agents.map((value) => element("option", { value })));
    return this.refresh();
  }

  /** Clears the day and the agent of the previous source. */
  clear() {
    byId("day").value = "";
    byId("one").value = "";
  }

  async refresh() {
    if (!this.#heard || !byId("day").value) return;
    const asked = ++this.#asked;
    const agent = byId("one").value.trim();
    byId("track-field").hidden = agent !== "";
    byId("lanes-pager").hidden = agent !== "";
    const window = dayOf(byId("day").value, this.#zone, this.#heard);
    const track = byId("track").value;
    const about = { account: this.#account, agent, track, ...window, first: this.#pager.at, most: PAGE };
    const answer = await ask("lanes", about);
    if (asked !== this.#asked) return;
    this.#answer = { ...answer, agent };
    this.#pager.first(answer.of);
    this.#draw();
    this.#table();
  }

  #draw() {
    const width = byId("plots").clientWidth;
    if (!this.#answer || width === 0) return;
    const { lanes, loads, window, agent } = this.#answer;
    byId("chart-caption").textContent = this.#caption();
    legend(lanes, loads);
    const shown = { zone: this.#zone, window, width, ...margins(width, lanes) };
    const plots = lanes.length > 0 ? [lanesPlot(lanes, shown), ...loads.map((one) => loadPlot(one, shown))] : [];
    byId("plots").replaceChildren(...plots);
    byId("plots").dataset.of = agent || "team";
  }

  #caption() {
    const { lanes, window, agent, of } = this.#answer;
    if (lanes.length === 0) return "There are no events in this period.";
    const who = agent ? `Agent ${agent}` : `${number(of)} agents`;
    return `${who}, ${dateTime(window.from, this.#zone)} to ${time(window.to, this.#zone)}`;
  }

  /** Builds the table, only if it is open: the day of a team has many rows. */
  #table() {
    if (!this.#answer || !byId("stretches").open) return;
    const { lanes, loads, agent } = this.#answer;
    const rows = lanes.flatMap(({ name, stretches }) => stretches.map((one) => [name, stateName(one.value), one]));
    const counts = loads.flatMap(({ channel, load }) => load.map((one) => [`open items, ${channel}`, number(one.value), one]));
    const head = [agent ? "Track" : "Agent", "Value", "From", "To", "Duration", "Certainty"];
    const table = element(
      "table",
      {},
      element("caption", { textContent: this.#caption() }),
      element("thead", {}, element("tr", {}, ...head.map((text) => element("th", { scope: "col", textContent: text })))),
      element("tbody", {}, ...[...rows, ...counts].map(([name, was, one]) => this.#row(name, was, one))),
    );
    byId("stretches").querySelector("div").replaceChildren(table);
  }

  #row(name, was, { from, to, basis }) {
    const length = duration(Date.parse(to) - Date.parse(from));
    const cells = [was, time(from, this.#zone), time(to, this.#zone), length, basis];
    const head = element("th", { scope: "row", textContent: name });
    return element("tr", {}, head, ...cells.map((textContent) => element("td", { textContent })));
  }
}

/** Returns a day in the time zone as a window. Begins at the hour of the first event, if that is later. */
function dayOf(day, zone, heard) {
  const [from, to] = [day, dayAfter(day)].map((date) => instantOf(`${date}T00:00:00`, zone));
  const first = new Date(Math.floor(Date.parse(heard.first) / HOUR) * HOUR).toISOString();
  return { from: first > from ? first : from, to };
}

/** The margins, with room for the longest name: an id has up to 20 digits. */
function margins(width, lanes) {
  const [least, marginRight] = width < 500 ? [92, 32] : [130, 36];
  const longest = Math.max(0, ...lanes.map(({ name }) => name.length));
  const wanted = Math.max(least, longest * 8.5 + 12);
  return { marginLeft: Math.min(wanted, width * 0.45), marginRight };
}

/** The options of all plots, so that their hours align. */
function base({ window, width, marginLeft, marginRight }) {
  const domain = [new Date(window.from), new Date(window.to)];
  return {
    width,
    marginLeft,
    marginRight,
    className: "plot",
    style: { fontSize: "13px" },
    x: { type: "utc", domain, axis: null },
  };
}

/** The horizontal ends of a period. */
const ends = { x1: ({ from }) => new Date(from), x2: ({ to }) => new Date(to) };

/** Returns as many ticks at round local times as there is room for. */
function ticks([from, to], { zone, width, marginLeft }) {
  const most = Math.max(2, Math.floor((width - marginLeft) / 64));
  const hours = (to - from) / HOUR;
  const every = [0.25, 0.5, 1, 2, 3, 4, 6, 12, 24].find((length) => hours / length <= most) ?? 24;
  const all = [];
  for (let at = Math.ceil(from / (HOUR / 4)) * (HOUR / 4); at <= to; at += HOUR / 4) {
    const local = Date.parse(`${localText(at, zone)}Z`);
    if (local % (every * HOUR) === 0) all.push(new Date(at));
  }
  return all;
}

function hoursOf(shown) {
  const { zone, window } = shown;
  const all = ticks([new Date(window.from), new Date(window.to)], shown);
  return { ticks: all, tickFormat: (at) => hour(at, zone), tickSize: 0 };
}

function lanesPlot(lanes, shown) {
  const hours = hoursOf(shown);
  const rows = lanes.flatMap(({ name, stretches }) => stretches.map((one) => ({ name, ...one })));
  const seen = rows.filter(({ value }) => value !== null);
  const title = ({ name, value, from, to, basis }) =>
    `${name}: ${stateName(value)}, ${time(from, shown.zone)} to ${time(to, shown.zone)} (${duration(Date.parse(to) - Date.parse(from))}), ${basis}`;
  const band = { ...ends, y1: "name", y2: "name" };
  const svg = plot({
    ...base(shown),
    height: lanes.length * 28 + 28,
    marginTop: 24,
    marginBottom: 4,
    y: { type: "band", domain: lanes.map(({ name }) => name), label: null, padding: 0.3 },
    marks: [
      ruleX(hours.ticks, { stroke: "var(--line)" }),
      rect(seen, { ...band, fill: ({ value }) => `var(--tone-${tone(value)})`, fillOpacity: paler, title }),
      ...["inferred", "disputed"].map((doubt) =>
        rect(seen.filter(({ basis }) => basis === doubt), { ...band, fill: `url(#${doubt})`, pointerEvents: "none" }),
      ),
      axisY({ tickSize: 0 }),
      axisX({ ...hours, anchor: "top" }),
    ],
    ariaLabel: spoken(lanes),
    color: { type: "identity" },
    opacity: { type: "identity" },
  });
  return pictured(svg);
}

function loadPlot({ channel, load, capacity }, shown) {
  const hours = hoursOf(shown);
  const most = Math.max(1, ...load.map(({ value }) => value), ...capacity.map(({ value }) => value));
  const bar = { ...ends, y1: 0, y2: "value" };
  const steps = (stretches) => stretches.flatMap(({ from, to, value }) => [[new Date(from), value], [new Date(to), value]]);
  const svg = plot({
    ...base(shown),
    height: 90,
    marginTop: 12,
    marginBottom: 8,
    y: { domain: [0, most], ticks: [0, most], tickFormat: number, label: null },
    marks: [
      ruleX(hours.ticks, { stroke: "var(--line)" }),
      rect(load, { ...bar, fill: "var(--accent)", fillOpacity: 0.2 }),
      rect(load.filter(({ basis, value }) => basis === "disputed" && value > 0), { ...bar, fill: "url(#disputed)" }),
      line(steps(capacity), { stroke: "var(--muted)", strokeDasharray: "4 4" }),
      line(steps(load), { stroke: "var(--accent)", strokeWidth: 2 }),
      axisY({ ticks: [0, most], tickFormat: number, tickSize: 0 }),
    ],
    ariaLabel: `Open items on ${channel}: at most ${number(Math.max(0, ...load.map(({ value }) => value)))}`,
  });
  const name = element("span", { className: "plot-name", textContent: `${channel}: open items` });
  return element("div", { className: "load-plot" }, name, pictured(svg));
}

/** Makes the plot a single image with one label, without labels for its parts. */
function pictured(svg) {
  for (const part of svg.querySelectorAll("[aria-label]")) part.removeAttribute("aria-label");
  svg.prepend(patterns());
  svg.setAttribute("role", "img");
  return svg;
}

function paler({ basis }) {
  return basis === "assumed" ? 0.55 : 1;
}

/** Returns the dot and stripe patterns for uncertain periods, in the colour of the page so that they look paler. */
function patterns() {
  const svg = (name, attributes, ...children) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };
  const tile = { width: 6, height: 6, patternUnits: "userSpaceOnUse" };
  const dot = svg("circle", { cx: 3, cy: 3, r: 1.7, fill: "var(--page)" });
  const stripe = svg("rect", { width: 2.5, height: 6, fill: "var(--page)" });
  return svg(
    "defs",
    {},
    svg("pattern", { ...tile, id: "inferred" }, dot),
    svg("pattern", { ...tile, id: "disputed", patternTransform: "rotate(45)" }, stripe),
  );
}

function legend(lanes, loads) {
  const all = lanes.flatMap(({ stretches }) => stretches);
  const states = [...new Set(all.map(({ value }) => value))].filter((state) => state !== null);
  states.sort((a, b) => rank(a) - rank(b));
  const sign = (text, attributes) => element("li", {}, element("span", { className: "swatch", ...attributes }), text);
  const signs = states.map((state) => sign(stateName(state), { "data-tone": tone(state) }));
  for (const [basis, text] of Object.entries(BASES)) {
    if (all.some((one) => one.basis === basis)) signs.push(sign(text, { "data-basis": basis }));
  }
  if (all.some(({ value }) => value === null)) signs.push(sign("blank: unknown", { "data-basis": "unknown" }));
  if (loads.length > 0) signs.push(sign("open items", { "data-basis": "load" }), sign("capacity", { "data-basis": "capacity" }));
  byId("legend").replaceChildren(...signs);
}

/** Returns the time in each state as text, for screen readers. */
function spoken(lanes) {
  const texts = lanes.slice(0, 5).map(({ name, stretches }) => {
    const times = new Map();
    for (const { from, to, value } of stretches) {
      times.set(value, (times.get(value) ?? 0) + Date.parse(to) - Date.parse(from));
    }
    const parts = [...times].map(([value, length]) => `${stateName(value)} ${duration(length)}`);
    return `${name}: ${parts.join(", ")}`;
  });
  const more = lanes.length > 5 ? `; and ${number(lanes.length - 5)} more` : "";
  return `${texts.join("; ")}${more}. The table below contains all data.`;
}
