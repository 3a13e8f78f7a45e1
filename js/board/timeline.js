// The timeline: one agent on all channels, or a team on one channel.
import { axisX, axisY, line, plot, rect, ruleX } from "@observablehq/plot";

import { address } from "./address.js";
import { hoursOf } from "./axis.js";
import { byId, element, setOptions } from "./element.js";
import { dateTime, duration, number, rank, stateName, time, tone } from "./format.js";
import { dayAfter, localText } from "./instant.js";
import { sign } from "./legend.js";
import { agentLabel, agentName, agentText } from "./names.js";
import { Pager } from "./pager.js";
import { base, pictured } from "./plots.js";
import { Range } from "./range.js";
import { ask } from "./thread.js";
import { hide, tipped } from "./tips.js";

const PAGE = 25;
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
  #range = new Range(() => this.refresh(), (text) => this.#tell(text));

  constructor() {
    this.#pager = new Pager(byId("lanes-pager"), PAGE, "agents of the timeline", () => this.refresh());
    const form = byId("timeline-form");
    form.onsubmit = (event) => event.preventDefault();
    form.onchange = ({ target }) => {
      if (target.id !== "one" && target.id !== "track") return;
      this.#pager.restart();
      this.refresh();
    };
    address.keep(byId("track"), "track", "unified_state");
    byId("plots").onkeydown = (event) => this.#range.key(event) && event.preventDefault();
    this.#range.drag(byId("plots"), (x) => this.#timeAt(x));
    byId("stretches").ontoggle = () => this.#table();
    new ResizeObserver(() => this.#draw()).observe(byId("plots"));
  }

  show({ account, zone, heard, at, channels, hasChat, agents }) {
    [this.#account, this.#zone, this.#heard] = [account, zone, heard];
    this.#range.show({ zone, heard, at });
    const tracks = [["unified_state", "Status"], ...channels.map((name) => [`state[${name}]`, name])];
    setOptions(byId("track"), hasChat ? [...tracks, ["chat_status", "Chat export"]] : tracks);
    const ids = agents.map((value) => ({ value, label: agentName(value) ?? "" }));
    if (byId("ids").dataset.of !== JSON.stringify(ids)) {
      byId("ids").dataset.of = JSON.stringify(ids);
      byId("ids").replaceChildren(...ids.map((one) => element("option", one)));
    }
    return this.refresh();
  }

  /** Clears the range and the agent of the previous source. */
  clear() {
    this.#range.clear();
    byId("one").value = "";
  }

  async refresh() {
    if (!this.#heard) return;
    const asked = ++this.#asked;
    const agent = byId("one").value.trim();
    byId("track-field").hidden = agent !== "";
    byId("lanes-pager").hidden = agent !== "";
    const track = byId("track").value;
    const about = { account: this.#account, agent, track, ...this.#range.window, first: this.#pager.at, most: PAGE };
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
    const hasFocus = byId("plots").contains(document.activeElement);
    const { lanes, loads, window, agent } = this.#answer;
    byId("chart-caption").textContent = this.#caption();
    legend(lanes, loads);
    const shown = { zone: this.#zone, window, width, along: "time", label: agent ? String : agentLabel };
    const plots = lanes.length > 0 ? [lanesPlot(lanes, shown), ...loads.map((one) => loadPlot(one, lanes, shown))] : [];
    hide();
    byId("plots").replaceChildren(...plots);
    byId("plots").dataset.of = agent || "team";
    byId("plots").dataset.range = `${window.from} ${window.to}`;
    // A key has moved the range: the next key should too.
    if (hasFocus) byId("plots").querySelector("svg")?.focus({ preventScroll: true });
  }

  /** Returns the time at a horizontal position on the screen; null if there is no plot. */
  #timeAt(x) {
    const svg = byId("plots").querySelector("svg");
    if (!svg) return null;
    const { range, invert } = svg.scale("x");
    const at = x - svg.getBoundingClientRect().left;
    return invert(Math.max(range[0], Math.min(at, range[1]))).getTime();
  }

  #tell(text) {
    for (const id of ["chart-caption", "told"]) byId(id).textContent = text;
  }

  #caption() {
    const { lanes, window, agent, of } = this.#answer;
    if (lanes.length === 0) return "There are no events in this period.";
    const who = agent ? `Agent ${agentText(agent)}` : `${number(of)} agents`;
    return `${who}, ${dateTime(window.from, this.#zone)} to ${timeIn(window, this.#zone)(window.to)}`;
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
      element("caption", {}, element("span", { textContent: this.#caption() })),
      element("thead", {}, element("tr", {}, ...head.map((text) => element("th", { scope: "col", textContent: text })))),
      element("tbody", {}, ...[...rows, ...counts].map(([name, was, one]) => this.#row(name, was, one))),
    );
    byId("stretches").querySelector("div").replaceChildren(table);
  }

  #row(name, was, { from, to, basis }) {
    const length = duration(Date.parse(to) - Date.parse(from));
    const at = timeIn(this.#answer.window, this.#zone);
    const cells = [was, at(from), at(to), length, basis];
    const head = element("th", { scope: "row", textContent: this.#answer.agent ? name : agentText(name) });
    return element("tr", {}, head, ...cells.map((textContent) => element("td", { textContent })));
  }
}

/** Returns a format of instants: the time, with the date if a window has several days. */
function timeIn({ from, to }, zone) {
  const [first, last] = [from, to].map((at) => localText(at, zone));
  const isOneDay = first.slice(0, 10) === last.slice(0, 10) || last === `${dayAfter(first.slice(0, 10))}T00:00:00`;
  return (at) => (isOneDay ? time(at, zone) : dateTime(at, zone));
}

/** The horizontal ends of a period. */
const ends = { x1: ({ from }) => new Date(from), x2: ({ to }) => new Date(to) };

function lanesPlot(lanes, shown) {
  const hours = hoursOf(shown);
  const rows = lanes.flatMap(({ name, stretches }) => stretches.map((one) => ({ name, ...one })));
  const seen = rows.filter(({ value }) => value !== null);
  const at = timeIn(shown.window, shown.zone);
  const title = ({ name, value, from, to, basis }) =>
    `${shown.label === agentLabel ? agentText(name) : name}: ${stateName(value)}, ${at(from)} to ${at(to)} (${duration(Date.parse(to) - Date.parse(from))}), ${basis}`;
  const band = { ...ends, y1: "name", y2: "name" };
  const svg = plot({
    ...base(shown, lanes.map(({ name }) => shown.label(name))),
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
      axisY({ tickSize: 0, tickFormat: shown.label }),
      axisX({ ...hours, anchor: "top" }),
    ],
    ariaLabel: spoken(lanes),
    opacity: { type: "identity" },
  });
  return tipped(pictured(svg));
}

function loadPlot({ channel, load, capacity }, lanes, shown) {
  const hours = hoursOf(shown);
  const most = Math.max(1, ...load.map(({ value }) => value), ...capacity.map(({ value }) => value));
  const bar = { ...ends, y1: 0, y2: "value" };
  const at = timeIn(shown.window, shown.zone);
  const title = ({ value, from, to, basis }) => `${channel}: ${number(value)} open items, ${at(from)} to ${at(to)}, ${basis}`;
  const steps = (stretches) => stretches.flatMap(({ from, to, value }) => [[new Date(from), value], [new Date(to), value]]);
  const svg = plot({
    ...base(shown, lanes.map(({ name }) => name)),
    height: 90,
    marginTop: 12,
    marginBottom: 8,
    y: { domain: [0, most], ticks: [0, most], tickFormat: number, label: null },
    marks: [
      ruleX(hours.ticks, { stroke: "var(--line)" }),
      rect(load, { ...bar, fill: "var(--accent)", fillOpacity: 0.2, title }),
      rect(load.filter(({ basis, value }) => basis === "disputed" && value > 0), { ...bar, fill: "url(#disputed)", pointerEvents: "none" }),
      line(steps(capacity), { stroke: "var(--muted)", strokeDasharray: "4 4", pointerEvents: "none" }),
      line(steps(load), { stroke: "var(--accent)", strokeWidth: 2, pointerEvents: "none" }),
      axisY({ ticks: [0, most], tickFormat: number, tickSize: 0 }),
    ],
    ariaLabel: `Open items on ${channel}: at most ${number(Math.max(0, ...load.map(({ value }) => value)))}`,
  });
  const name = element("span", { className: "plot-name", textContent: `${channel}: open items` });
  return element("div", { className: "load-plot" }, name, tipped(pictured(svg)));
}

function paler({ basis }) {
  return basis === "assumed" ? 0.55 : 1;
}

function legend(lanes, loads) {
  const all = lanes.flatMap(({ stretches }) => stretches);
  const states = [...new Set(all.map(({ value }) => value))].filter((state) => state !== null);
  states.sort((a, b) => rank(a) - rank(b));
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
