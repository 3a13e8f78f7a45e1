// What the wallboard shows about each agent, and which rows have changed since the last update.

/** The name under which values of the Chat export are shown, next to the channels. */
const CHAT = "chat export";

/** Returns the rows of a fold's agents that have changed since the last call. */
export class Changed {
  #fold;
  #agents = [];
  #states = new Map();
  /** The row last sent to the page, by agent. */
  #sent = new Map();
  #dirty = new Set();
  #isWhole = true;

  constructor(fold) {
    this.#fold = fold;
  }

  /** Marks one agent as changed. */
  add({ account_id, agent_id }) {
    this.#dirty.add(`${account_id}/${agent_id}`);
  }

  /** Marks all agents as changed. */
  all() {
    this.#isWhole = true;
  }

  /** Goes on with another fold of the same source. */
  goOn(fold) {
    this.#fold = fold;
    this.#isWhole = true;
  }

  /** Returns the channels, the rows that changed since the last call, and the keys of agents that are gone. */
  take(at, isCurrent) {
    const channels = this.#fold.floor(at);
    this.#read(at, isCurrent);
    const doubts = doubtsOf(channels);
    const rows = [];
    for (const [key, state] of this.#states) {
      const row = { key, ...rowOf(state, doubts.get(key)) };
      const text = JSON.stringify(row);
      if (this.#sent.get(key) === text) continue;
      this.#sent.set(key, text);
      rows.push(row);
    }
    const gone = [...this.#sent.keys()].filter((key) => !this.#states.has(key));
    for (const key of gone) this.#sent.delete(key);
    // The rows already contain the agents.
    const totals = channels.map(({ agents, ...total }) => ({ ...total, of: agents.length }));
    return { channels: [...totals, ...chatOf(this.#states.values())], rows, gone };
  }

  #read(at, isCurrent) {
    if (!isCurrent) {
      // At a different instant every agent may have a different state.
      this.#states = this.#statesOf((agent) => this.#fold.stateAt(agent, at));
      this.#isWhole = true;
      return;
    }
    const isNew = [...this.#dirty].some((key) => !this.#states.has(key));
    if (this.#isWhole || isNew) {
      this.#agents = this.#fold.agents();
      this.#states = this.#statesOf((agent) => this.#fold.state(agent));
    } else {
      for (const key of this.#dirty) {
        const [account_id, agent_id] = key.split("/");
        this.#states.set(key, this.#fold.state({ account_id, agent_id }));
      }
    }
    this.#isWhole = false;
    this.#dirty.clear();
  }

  #statesOf(state) {
    if (this.#agents.length === 0 || this.#isWhole) this.#agents = this.#fold.agents();
    const states = this.#agents.map((agent) => [`${agent.account_id}/${agent.agent_id}`, state(agent)]);
    return new Map(states.filter(([, state]) => state !== null));
  }
}

function rowOf(state, doubts = {}) {
  const { account_id, agent_id, unified_state, channels, chat, group_ids } = state;
  const status = unified_state
    ? { name: unified_state.name ?? unified_state.id, since: unified_state.since }
    : { name: chat?.status ?? null, since: chat?.since ?? null };
  const on = Object.entries(channels).map(([name, { work_items, ...channel }]) => [name, channel]);
  if (chat) on.push([CHAT, { state: chat.status, since: chat.since, load: chat.engagements ?? 0, isChat: true }]);
  return { account_id, agent_id, status, channels: Object.fromEntries(on), group_ids, doubts };
}

/** Returns the doubts of each agent, each with the channels that it concerns. */
function doubtsOf(channels) {
  const all = new Map();
  for (const { account_id, channel, agents } of channels) {
    for (const { agent_id, doubts } of agents) {
      if (doubts.length === 0) continue;
      const key = `${account_id}/${agent_id}`;
      if (!all.has(key)) all.set(key, {});
      for (const doubt of doubts) (all.get(key)[doubt] ??= []).push(channel);
    }
  }
  return all;
}

/** Returns totals by account for the Chat export, whose agents have no channel. */
function chatOf(states) {
  const totals = new Map();
  for (const { account_id, chat } of states) {
    if (!chat) continue;
    if (!totals.has(account_id)) totals.set(account_id, { account_id, channel: CHAT, isChat: true, of: 0, load: 0, states: [] });
    const total = totals.get(account_id);
    total.of += 1;
    total.load += chat.engagements ?? 0;
    const same = total.states.find(({ state }) => state === chat.status);
    if (same) same.agents += 1;
    else total.states.push({ state: chat.status, agents: 1 });
  }
  return [...totals.values()];
}
