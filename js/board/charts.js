// The charts of the report: occupancy, agents online, states and handle time.
import { overTime, statesOverTime, histogram } from "./bars.js";
import { compared, spread, statesCompared } from "./comparison.js";
import { byId, element } from "./element.js";
import { average, duration, hour, minute, number, rank, share, stateName, tone } from "./format.js";
import { sign } from "./legend.js";
import { agentLabel, agentText, groupLabel, groupText } from "./names.js";
import { pictured } from "./plots.js";
import { hide, tipped } from "./tips.js";

/** The maximum number of agents or groups to compare in a chart. */
const MOST = 25;
/** The lengths of bars over time, in words. */
const LENGTHS = { "15m": "15 minutes", "1h": "hour", "1d": "day", "7d": "week", all: "period" };

/** How what is compared is called on an axis. */
const LABELS = { agent: agentLabel, group: groupLabel };

/** Draws the charts one after the other, so that the page stays responsive. */
export class Charts {
  #numbers;
  #about;
  #drawn = 0;
  #width = 0;

  constructor() {
    new ResizeObserver(() => {
      if (inside(byId("occupancy")) !== this.#width) this.#draw();
    }).observe(byId("charts"));
    byId("charts").closest("details").ontoggle = () => this.#draw();
  }

  /** Shows the numbers of a report, or nothing if there are none. */
  show(numbers, about) {
    [this.#numbers, this.#about] = [numbers, about];
    return this.#draw();
  }

  async #draw() {
    const drawn = ++this.#drawn;
    byId("charts").hidden = !this.#numbers;
    const width = inside(byId("occupancy"));
    if (!this.#numbers || width <= 0) return;
    this.#width = width;
    hide();
    const numbers = inOrder(this.#numbers);
    const { along, who, all, window, every } = numbers;
    const shown = { ...this.#about, width, along, who, window, every: LENGTHS[every], label: LABELS[along] ?? String };
    for (const [id, drawnBy] of Object.entries({ occupancy, staffing, states, handled })) {
      const { title, about, parts } = drawnBy(numbers, shown);
      const caption = element("figcaption", {}, title, element("small", { textContent: about }));
      const empty = element("p", { className: "empty", textContent: "There is nothing to show." });
      const more = all > MOST ? element("p", { className: "note", textContent: `The ${MOST} ${along}s with the most time online, of ${number(all)}.` }) : null;
      const hasFocus = byId(id).contains(document.activeElement);
      byId(id).replaceChildren(caption, ...(parts ? [...parts, more].filter(Boolean) : [empty]));
      if (hasFocus) byId(id).querySelector("svg")?.focus({ preventScroll: true });
      await new Promise((done) => setTimeout(done));
      if (drawn !== this.#drawn) return;
    }
    byId("charts").dataset.drawn = drawn;
  }
}

/** Returns the width inside of a figure's padding. */
function inside(figure) {
  const { paddingLeft, paddingRight } = getComputedStyle(figure);
  return Math.floor(figure.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight));
}

/** Keeps the agents or groups with the most time online, the most first. */
function inOrder(numbers) {
  if (numbers.along === "time") return numbers;
  const online = new Map();
  for (const { who, online_ns } of numbers.channels) online.set(who, (online.get(who) ?? 0) + online_ns);
  for (const { who } of numbers.states) if (!online.has(who)) online.set(who, 0);
  const all = [...online].sort(([, a], [, b]) => b - a).map(([who]) => who);
  const kept = new Set(all.slice(0, MOST));
  const of = (rows) => rows.filter(({ who }) => kept.has(who));
  return { ...numbers, channels: of(numbers.channels), states: of(numbers.states), who: [...kept], all: all.length };
}

function occupancy({ channels }, shown) {
  const texts = { title: "Occupancy", about: "busy time in the time online" };
  const known = channels.filter((one) => one.occupancy !== null);
  if (known.length === 0) return texts;
  const tip = (one) => `${named(one, shown)}: occupancy ${share(one.occupancy)}${doubt(one.uncertain, "the time online")}`;
  const options = { tickFormat: "%", tip, label: texts.title };
  if (shown.along !== "time") return { ...texts, parts: compared(shown.who, known, shown, { ...options, x: "occupancy", domain: [0, 1] }) };
  const bars = known.map((one) => ({ ...one, sure: one.occupancy * (1 - one.uncertain), all: one.occupancy }));
  return { ...texts, parts: overTime(bars, shown, { ...options, domain: [0, 1], ticks: [0, 0.5, 1] }) };
}

function staffing({ channels }, shown) {
  const isOverTime = shown.along === "time";
  const texts = isOverTime ? { title: "Agents online", about: `average per ${shown.every}` } : { title: "Time online", about: "over the period" };
  if (channels.every(({ online_ns }) => online_ns === 0)) return texts;
  if (!isOverTime) {
    const rows = channels.map((one) => ({ ...one, hours: one.online_ns / 3.6e12 }));
    const tip = (one) => `${named(one, shown)}: ${duration(one.online_ns / 1e6)} online${doubt(one.uncertain, "it")}`;
    return { ...texts, parts: compared(shown.who, rows, shown, { x: "hours", tickFormat: (hours) => `${number(hours)} h`, tip, label: texts.title }) };
  }
  const tip = (one) => `${named(one, shown)}: ${agentsText(one.agents)} online${doubt(one.uncertain, "the time online")}`;
  const bars = channels.map((one) => ({ ...one, sure: one.agents * (1 - one.uncertain), all: one.agents }));
  const most = Math.max(1, ...bars.map(({ all }) => all));
  return { ...texts, parts: overTime(bars, shown, { domain: [0, most], ticks: 3, tickFormat: number, tip, label: texts.title }) };
}

function states(numbers, shown) {
  const isOverTime = shown.along === "time";
  const texts = isOverTime ? { title: "Agents by state", about: `average per ${shown.every}` } : { title: "Time by state", about: "share of the period" };
  const known = numbers.states.filter(({ ns }) => ns > 0);
  if (!known.some(({ state }) => state !== null)) return texts;
  const bars = stacked(known, isOverTime);
  const size = (one) => (isOverTime ? agentsText(one.agents) : `${duration(one.ns / 1e6)} (${share(one.part)})`);
  const tip = (one) => `${named(one, shown)}: ${stateName(one.state)}, ${size(one)}${one.state === null ? "" : doubt(one.uncertain / one.agents, "it")}`;
  const fill = ({ state }) => (state === null ? "url(#unknown)" : `var(--tone-${tone(state)})`);
  const doubtful = bars.filter(({ state, sure, end }) => state !== null && end > sure);
  const ariaLabel = `${texts.title}. The table below has all numbers. Arrow keys read the bars.`;
  const svg = isOverTime
    ? statesOverTime(bars, doubtful, shown, { fill, tip, ariaLabel })
    : statesCompared(bars, doubtful, shown.who, shown, { fill, tip, ariaLabel });
  const seen = [...new Set(bars.map(({ state }) => state))].filter((state) => state !== null).sort((a, b) => rank(a) - rank(b));
  const signs = seen.map((state) => sign(stateName(state), { "data-tone": tone(state) }));
  if (doubtful.length > 0) signs.push(sign("striped: from uncertain time", { "data-basis": "disputed" }));
  if (bars.some(({ state }) => state === null)) signs.push(sign("unknown", { "data-basis": "none" }));
  return { ...texts, parts: [tipped(pictured(svg)), element("ul", { className: "legend" }, ...signs)] };
}

function handled({ channels, quantiles, handled }, shown) {
  const texts = { title: "Handle time", about: "of items closed in the period" };
  const tip = (one) => `${named(one, shown)}: median ${duration(one.p50_ns / 1e6)}, p90 ${duration(one.p90_ns / 1e6)}, ${number(one.count)} items`;
  if (shown.along !== "time") {
    const rows = channels.map((one) => ({ ...one, ...one.handled })).filter(({ count }) => count > 0);
    return rows.length > 0 ? { ...texts, parts: spread(rows, shown.who, shown, tip) } : texts;
  }
  const known = quantiles.filter(({ count }) => count > 0);
  if (known.length === 0) return texts;
  if (handled) return { ...texts, parts: histogram(handled, known, shown) };
  const rows = known.map((one) => ({ ...one, who: one.channel }));
  return { ...texts, parts: spread(rows, known.map(({ channel }) => channel), shown, tip) };
}

/** Stacks the states of each bucket, or of each agent or group: online at the bottom, unknown at the top. */
function stacked(rows, isOverTime) {
  const bars = [];
  for (const all of Map.groupBy(rows, (one) => (isOverTime ? one.from : one.who)).values()) {
    const whole = all.reduce((sum, { ns }) => sum + ns, 0);
    let start = 0;
    // States of one name, such as a renamed one, are one bar.
    for (const [state, same] of Map.groupBy(all.toSorted((a, b) => rank(a.state) - rank(b.state) || ((a.state ?? "") < (b.state ?? "") ? -1 : 1)), ({ state }) => state)) {
      const sum = (key) => same.reduce((total, one) => total + one[key], 0);
      const [ns, agents, uncertain] = ["ns", "agents", "uncertain"].map(sum);
      const part = ns / whole;
      const size = isOverTime ? agents : part;
      const { who, from, to } = same[0];
      bars.push({ who, from, to, state, ns, agents, uncertain, part, start, end: start + size, sure: start + size * (1 - uncertain / agents) });
      start += size;
    }
  }
  return bars;
}

/** Says what a mark is about. */
function named({ channel, who, from, to }, { along, zone }) {
  if (along !== "time") return [along === "agent" ? agentText(who) : groupText(who), channel].filter(Boolean).join(", ");
  if (from === undefined) return channel;
  return `${channel ? `${channel}, ` : ""}${minute(from, zone)} to ${hour(to, zone)}`;
}

function agentsText(agents) {
  return agents > 0 && agents < 0.05 ? "less than 0.1 agents" : `${average(agents)} agents`;
}

function doubt(part, of) {
  return part > 0.0005 ? `, ${share(part)} of ${of} uncertain` : "";
}

