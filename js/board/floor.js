// The wallboard: a card for each channel and a row for each agent.
import { byId, element, setAttribute, setOptions, setText } from "./element.js";
import { doubtWords, duration, number, rank, stateName, tone } from "./format.js";
import { Pager } from "./pager.js";

const PAGE = 50;
const ANY = "";

/** Filters, sorts and shows the rows that the worker thread sends. */
export class Floor {
  #rows = new Map();
  #totals = [];
  #account;
  #at = 0;
  #isNow = false;
  #sort = { by: "status", isDown: false };
  #names = [];
  #shown = [];
  #cards = new Map();
  #pager;
  #opened;

  constructor(opened) {
    this.#opened = opened;
    this.#pager = new Pager(byId("agents-pager"), PAGE, "agents", () => this.#render());
    const filters = byId("filters");
    filters.onsubmit = (event) => event.preventDefault();
    filters.oninput = ({ target }) => {
      if (target.id === "sort") this.#sort = { by: target.value, isDown: isDownFirst(target.value) };
      this.#pager.restart();
      this.#render();
    };
  }

  /** Removes the rows of the previous source. */
  clear() {
    this.#rows.clear();
    this.#pager.restart();
  }

  take({ rows, gone, channels, at, chosen }) {
    for (const row of rows) this.#rows.set(row.key, row);
    for (const key of gone) this.#rows.delete(key);
    this.#totals = channels;
    this.#at = Date.parse(at);
    this.#isNow = chosen === "now";
    this.#render();
  }

  show(account) {
    this.#account = account;
    this.#render();
  }

  get rows() {
    return this.#rows.values();
  }

  /** Returns the names of the account's channels, without the Chat export. */
  get channels() {
    return this.#totals.filter((one) => one.account_id === this.#account && !one.isChat).map((one) => one.channel);
  }

  /** Returns the number of agents that pass the filters. */
  get count() {
    return this.#shown.length;
  }

  get hasChat() {
    return this.#totals.some((one) => one.account_id === this.#account && one.isChat);
  }

  /** Returns a short summary for screen readers. */
  get summary() {
    const totals = this.#totals.filter((one) => one.account_id === this.#account && !one.isChat);
    return totals.map((one) => `${one.channel}: ${number(one.accepting)} free`).join(", ");
  }

  /** Updates the durations; called every second. */
  tick() {
    if (this.#isNow) this.#renderRows();
  }

  #now() {
    return this.#isNow ? Math.max(this.#at, Date.now()) : this.#at;
  }

  #render() {
    if (this.#account === undefined) return;
    const names = this.#totals.filter((one) => one.account_id === this.#account).map((one) => one.channel);
    if (names.join("\n") !== this.#names.join("\n") || !byId("agents").tHead.rows.length) this.#head(names);
    this.#renderCards();
    const rows = [...this.#rows.values()].filter((row) => row.account_id === this.#account);
    const states = new Set(rows.flatMap((row) => [row.status.name, ...Object.values(row.channels).map((one) => one.state)]));
    // Keep the selected state in the list even if no agent is in it.
    if (byId("state").value !== ANY) states.add(byId("state").value);
    const known = [...states].filter((state) => state !== null).sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
    setOptions(byId("state"), [[ANY, "Any"], ...known.map((state) => [state, stateName(state)])]);
    setOptions(byId("channel"), [[ANY, "Any"], ...names]);
    this.#shown = rows.filter(filter()).sort(order(this.#sort));
    this.#renderRows();
  }

  #renderCards() {
    const totals = this.#totals.filter((one) => one.account_id === this.#account);
    const place = byId("cards");
    const old = this.#cards;
    this.#cards = new Map();
    for (const total of totals) {
      const text = JSON.stringify(total);
      const was = old.get(total.channel);
      const card = was?.text === text ? was.card : cardOf(total);
      this.#cards.set(total.channel, { text, card });
    }
    const cards = [...this.#cards.values()].map(({ card }) => card);
    if (cards.length !== place.children.length || cards.some((card, i) => card !== place.children[i])) {
      place.replaceChildren(...cards);
    }
  }

  #head(names) {
    this.#names = names;
    const columns = [["agent", "Agent"], ["status", "Status"], ...names.map((name) => [`on ${name}`, name]), ["doubts", "Doubts"]];
    const head = columns.map(([by, text]) => {
      const button = element("button", { type: "button", textContent: text });
      button.onclick = () => {
        this.#sort = { by, isDown: this.#sort.by === by ? !this.#sort.isDown : isDownFirst(by) };
        byId("sort").value = by;
        this.#render();
      };
      return element("th", { scope: "col", role: "columnheader", "data-by": by }, button);
    });
    setOptions(byId("sort"), columns.map(([by, text]) => [by, text]));
    byId("sort").value = this.#sort.by;
    byId("agents").tHead.replaceChildren(element("tr", { role: "row" }, ...head));
    byId("agents").tBodies[0].replaceChildren();
  }

  #renderRows() {
    for (const head of byId("agents").tHead.rows[0].cells) {
      const isSorted = head.dataset.by === this.#sort.by;
      setAttribute(head, "aria-sort", isSorted ? (this.#sort.isDown ? "descending" : "ascending") : null);
    }
    const first = this.#pager.first(this.#shown.length);
    const page = this.#shown.slice(first, first + PAGE);
    const body = byId("agents").tBodies[0];
    while (body.rows.length > page.length) body.lastChild.remove();
    while (body.rows.length < page.length) body.append(this.#emptyRow());
    const now = this.#now();
    page.forEach((row, i) => this.#fill(body.rows[i], row, now));
  }

  #emptyRow() {
    const agent = element("button", { type: "button", className: "link" });
    agent.onclick = () => this.#opened(agent.textContent);
    return element(
      "tr",
      { role: "row" },
      element("th", { scope: "row", role: "rowheader" }, agent),
      element("td", { role: "cell", className: "status" }, stateElement()),
      ...this.#names.map((name) => element("td", { role: "cell", "data-label": name, className: "channel" }, ...loadElements())),
      element("td", { role: "cell", className: "doubts" }),
    );
  }

  #fill(tr, row, now) {
    const [agent, status, ...rest] = tr.cells;
    setText(agent.firstChild, row.agent_id);
    fillState(status.firstChild, row.status.name, row.status.since, now);
    this.#names.forEach((name, i) => fillChannel(rest[i], row.channels[name], now));
    setText(rest.at(-1), doubtsText(row.doubts, this.channels.length));
  }
}

function isDownFirst(by) {
  return by.startsWith("on ") || by === "doubts";
}

function filter() {
  const find = byId("find").value.trim().toLowerCase();
  const [state, channel, isFree] = [byId("state").value, byId("channel").value, byId("free").checked];
  return (row) => {
    const { status, channels } = row;
    if (find && !`${row.agent_id} ${stateName(status.name)}`.toLowerCase().includes(find)) return false;
    if (channel !== ANY && !channels[channel]) return false;
    const looked = channel === ANY ? Object.values(channels) : [channels[channel]];
    if (isFree && !looked.some(({ accepting }) => accepting)) return false;
    if (state === ANY) return true;
    return channel === ANY ? status.name === state || looked.some((one) => one.state === state) : looked[0].state === state;
  };
}

function order({ by, isDown }) {
  const ids = (a, b) => a.agent_id.length - b.agent_id.length || (a.agent_id < b.agent_id ? -1 : 1);
  const since = ({ status }) => status.since ?? "";
  const load = (row) => row.channels[by.slice(3)]?.load ?? -1;
  const compare = {
    agent: ids,
    status: (a, b) => rank(a.status.name) - rank(b.status.name) || (since(a) < since(b) ? -1 : since(a) > since(b) ? 1 : 0),
    doubts: (a, b) => Object.keys(a.doubts).length - Object.keys(b.doubts).length,
  }[by] ?? ((a, b) => load(a) - load(b));
  const sign = isDown ? -1 : 1;
  return (a, b) => sign * compare(a, b) || ids(a, b);
}

function cardOf(total) {
  const { channel, isChat, states, load, of, accepting, max_capacity, spare, unlimited, unsure, doubtful } = total;
  const sorted = [...states].sort((a, b) => rank(a.state) - rank(b.state));
  const bar = element("div", { className: "spread", "aria-hidden": "true" });
  for (const { state, agents } of sorted) {
    const part = element("span", { "data-tone": tone(state) });
    part.style.flexGrow = agents;
    bar.append(part);
  }
  const counts = sorted.map(({ state, agents }) =>
    element("li", {}, element("span", { className: "dot", "data-tone": tone(state) }), `${number(agents)} ${stateName(state)}`),
  );
  const big = isChat ? [number(load), "open chats"] : [number(accepting), "free"];
  // Items of offline agents stay open, so the load may exceed the capacity of the online agents.
  const capacity = isChat
    ? null
    : element("p", { className: "capacity" }, bared(max_capacity - spare, max_capacity), `${number(spare)} of ${number(max_capacity)} places free, ${number(load)} open`);
  const notes = [
    unlimited > 0 && `${number(unlimited)} without a limit`,
    unsure > 0 && `${number(unsure)} may be free`,
    doubtful > 0 && `${number(doubtful)} of ${number(of)} doubtful`,
  ].filter(Boolean);
  return element(
    "article",
    { className: "card", "aria-label": channel },
    element("h3", { textContent: channel }),
    element("p", { className: "big" }, element("strong", { textContent: big[0] }), ` ${big[1]}`),
    bar,
    element("ul", { className: "counts" }, ...counts),
    capacity,
    notes.length > 0 ? element("p", { className: "notes", textContent: notes.join(" · ") }) : null,
  );
}

function bared(load, capacity) {
  const bar = element("span", { className: "bar", "aria-hidden": "true" }, element("span"));
  fillBar(bar, load, capacity);
  return bar;
}

function fillBar(bar, load, capacity) {
  const width = capacity > 0 ? `${Math.min(100, Math.round((100 * load) / capacity))}%` : "0%";
  if (bar.firstChild.style.width !== width) bar.firstChild.style.width = width;
  bar.classList.toggle("full", capacity !== null && load >= capacity && load > 0);
}

function stateElement() {
  return element(
    "span",
    { className: "state" },
    element("span", { className: "dot" }),
    element("span", { className: "name" }),
    element("span", { className: "time" }),
  );
}

function fillState(node, state, since, now) {
  const [dot, name, time] = node.children;
  setAttribute(dot, "data-tone", tone(state));
  setText(name, stateName(state));
  setText(time, since ? duration(now - Date.parse(since)) : "");
}

function loadElements() {
  return [
    element(
      "span",
      { className: "load" },
      element("span", { className: "bar", "aria-hidden": "true" }, element("span")),
      element("span", { className: "of" }),
      element("span", { className: "free" }),
    ),
    stateElement(),
  ];
}

function fillChannel(cell, channel, now) {
  const [load, state] = cell.children;
  cell.classList.toggle("none", !channel);
  load.hidden = !channel;
  state.hidden = !channel;
  if (!channel) return;
  const [bar, of, free] = load.children;
  bar.hidden = channel.isChat === true;
  fillBar(bar, channel.load, channel.max_capacity);
  setText(of, channel.isChat ? number(channel.load) : `${number(channel.load)}/${channel.max_capacity === null ? "–" : number(channel.max_capacity)}`);
  setText(free, channel.accepting ? "free" : channel.accepting === null ? "free?" : "");
  fillState(state, channel.state, channel.since, now);
}

/** Returns the doubts as text, with their channels if they do not concern all. */
function doubtsText(doubts, channels) {
  return Object.entries(doubts)
    .map(([doubt, on]) => (doubt === "silent" || doubt === "missing_versions" || on.length === channels ? doubtWords[doubt] ?? doubt : `${doubtWords[doubt] ?? doubt} (${on.join(", ")})`))
    .join("; ");
}
