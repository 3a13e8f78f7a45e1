// The instant at which the page opens a file: a moment when people worked, not the end of the day.

const QUARTER = 900_000;
const DAY = 86_400_000;
/** The number of agents to look at. More would take long, and change little. */
const MOST = 60;
/** How close to the highest number of agents online is close enough. */
const NEARLY = 0.9;

/**
 * Returns the latest quarter hour of the last 24 hours, or else the last event, at which at least nine tenths as many
 * agents were online as when most were. Returns `last` if nobody was online. Looks at some agents of the largest
 * account.
 */
export function mostOnline(fold, { first, last }) {
  const end = Date.parse(last);
  const start = Math.max(Date.parse(first), end - DAY);
  const instants = [];
  for (let at = Math.ceil(start / QUARTER) * QUARTER; at < end; at += QUARTER) instants.push(at);
  instants.push(end);
  const window = { from: new Date(start).toISOString(), to: last, as_of: last };
  const counts = instants.map(() => 0);
  for (const agent of some(largest(fold.agents()))) {
    for (const i of onlineAt(fold, agent, window, instants)) counts[i] += 1;
  }
  const most = Math.max(...counts);
  const latest = counts.findLastIndex((count) => count >= most * NEARLY);
  if (most === 0 || latest === instants.length - 1) return last;
  return new Date(instants[latest]).toISOString().replace(".000Z", "Z");
}

/** Returns the indexes of the instants at which an agent is online on any channel or in the Chat export. */
function onlineAt(fold, agent, window, instants) {
  const { channels, chat } = fold.state(agent);
  const tracks = Object.keys(channels).map((channel) => `state[${channel}]`);
  if (chat) tracks.push("chat_status");
  const online = new Set();
  for (const { from, to, value } of tracks.flatMap((track) => fold.intervals(agent, window, track))) {
    if (value !== "online") continue;
    const [begins, ends] = [Date.parse(from), Date.parse(to)];
    instants.forEach((at, i) => at >= begins && (at < ends || to === window.to) && online.add(i));
  }
  return online;
}

function largest(agents) {
  const accounts = [...Map.groupBy(agents, ({ account_id }) => account_id).values()];
  return accounts.reduce((most, one) => (one.length > most.length ? one : most));
}

function some(agents) {
  const step = Math.max(1, agents.length / MOST);
  return Array.from({ length: Math.min(MOST, agents.length) }, (_, i) => agents[Math.floor(i * step)]);
}
