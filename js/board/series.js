// The numbers of the charts: occupancy, agents online, states and handle time, over time or by agent or group.
import { WHO, agentsOver, inUnifiedState, summed } from "./measures.js";

/** The lengths of the bars of the handle time, in seconds. */
const WIDTHS = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400];
/** About how many bars show the handle time, without the long ones. */
const BARS = 24;

/** Takes the rows of one roll-up and returns the numbers to draw. */
export class Series {
  #by;
  #channels = [];
  #unified = [];
  #statuses = [];

  /** With `by`, the rows are compared by agent or group; otherwise they are shown over time. */
  constructor(by) {
    this.#by = by;
  }

  take(row) {
    const { from, to } = row;
    const about = { who: WHO[this.#by] ? (row[WHO[this.#by]] ?? "no group") : null, from, to };
    if (row.row === "unified_state") this.#unified.push({ ...about, ...this.#state(row, row.name ?? row.id, inUnifiedState(row)) });
    if (row.row === "channel") this.#channels.push({ ...about, ...channelOf(row, row.channel, row.state) });
    if (row.row !== "chat" || row.status.every(({ status }) => status === null)) return;
    const states = row.status.map(({ status, ...rest }) => ({ state: status, ...rest }));
    this.#channels.push({ ...about, ...channelOf(row, "chat export", states) });
    for (const [name, times] of Map.groupBy(states, ({ state }) => state)) {
      this.#statuses.push({ ...about, ...this.#state(row, name, summed(times)) });
    }
  }

  /** Returns the values by channel, and by state: those of the Chat export if no unified state is known. */
  end() {
    const isKnown = this.#unified.some(({ state }) => state !== null);
    return { channels: this.#channels, states: isKnown || this.#statuses.length === 0 ? this.#unified : this.#statuses };
  }

  #state(row, state, { ns, uncertain_ns }) {
    return { state, ns, agents: agentsOver(ns, row), uncertain: agentsOver(uncertain_ns, row) };
  }
}

function channelOf(row, channel, states) {
  const online = summed(states.filter(({ state }) => state === "online"));
  const { count = 0, p50_ns = null, p90_ns = null } = row.handle_time ?? {};
  return {
    channel,
    occupancy: row.occupancy,
    online_ns: row.online_ns,
    agents: agentsOver(row.online_ns, row),
    /** The uncertain part of the time online. */
    uncertain: online.ns > 0 ? online.uncertain_ns / online.ns : 0,
    handled: { count, p50_ns, p90_ns },
  };
}

/** Handle times of closed items, as counts of equally long steps; the last step has all longer ones. */
export class HandleTimes {
  #channels = new Map();

  add({ handle_ns, moves }) {
    if (handle_ns === null) return;
    const { channel } = moves.at(-1);
    if (!this.#channels.has(channel)) this.#channels.set(channel, []);
    this.#channels.get(channel).push(handle_ns / 1e9);
  }

  end() {
    const all = [...this.#channels.values()].flat().sort((a, b) => a - b);
    if (all.length === 0) return { width: 0, bars: [] };
    const most = all[Math.floor((all.length - 1) * 0.95)];
    const width = WIDTHS.find((width) => most / width <= BARS) ?? WIDTHS.at(-1);
    const steps = Math.ceil(most / width) || 1;
    const bars = [...this.#channels].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([channel, times]) => {
      const counts = new Array(steps + 1).fill(0);
      for (const time of times) counts[Math.min(steps, Math.floor(time / width))] += 1;
      return counts.map((count, i) => ({ channel, from: i * width, to: i === steps ? null : (i + 1) * width, count }));
    });
    return { width, bars };
  }
}
