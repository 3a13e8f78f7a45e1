// The wallboard: a card for each channel, and a row for each agent or group.
import { address } from "./address.js";
import { Cards } from "./cards.js";
import { fillChannel, fillLoad, fillState, loadElements, stateElement } from "./cells.js";
import { byId, element, setAttribute, setOptions, setText } from "./element.js";
import { ANY, NO_GROUP, filters, groupOrder, groupTitle, groupsOf, order, passes, spoken } from "./filter.js";
import { doubtWords, number, rank, shortDoubts, stateName } from "./format.js";
import { agentName, groupName } from "./names.js";
import { Pager } from "./pager.js";

const PAGE = 50;
const DENSE_PAGE = 100;
const STANDARD_SORT = "status";
const FILTERS = ["find", "state", "channel", "group", "free"];

/** Wide enough for a table, too narrow for sentences in it. */
const tablet = matchMedia("(min-width: 701px) and (max-width: 1000px)");

/** Filters, sorts and shows the rows that the worker thread sends. */
export class Floor {
  #rows = new Map();
  #totals = [];
  #account;
  #at = 0;
  #isNow = false;
  #sort;
  #channels = [];
  #shown = [];
  /** What the lines of the table show: rows of agents, and groups. */
  #lines = [];
  #cards = new Cards(byId("cards"));
  #pager;
  /** How many lines fit on the screen of a wall; undefined elsewhere. */
  #fit;
  #opened;
  #asked;

  /** Calls `opened` with the agent whose history the user asks for, and `asked` with the row for details. */
  constructor(opened, asked) {
    [this.#opened, this.#asked] = [opened, asked];
    this.#pager = new Pager(byId("agents-pager"), PAGE, "agents", () => this.#render());
    for (const id of [...FILTERS, "dense"]) address.keep(byId(id), id, "");
    address.keep(byId("rows"), "rows", "agents");
    const form = byId("filters");
    form.onsubmit = (event) => event.preventDefault();
    form.oninput = ({ target }) => {
      if (target.id === "sort") this.#sortBy({ by: target.value, isDown: isDownFirst(target.value) });
      this.#pager.restart();
      this.refresh();
    };
    byId("clear").onclick = () => this.#clearFilters();
    byId("agents").tBodies[0].onclick = ({ target }) => {
      const row = this.#rows.get(target.closest("tr")?.dataset.key);
      if (row && !target.closest(".link")) this.#asked(row);
    };
    tablet.onchange = () => this.#render();
    this.refresh();
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

  /** Shows everything again, after names have come or the address has moved. */
  refresh() {
    const sort = address.get("sort") ?? STANDARD_SORT;
    this.#sort = { by: sort.replace(/^-/, ""), isDown: sort.startsWith("-") };
    document.body.classList.toggle("dense", byId("dense").checked);
    this.#pager.resize(this.#fit ?? (byId("dense").checked ? DENSE_PAGE : PAGE));
    this.#render();
  }

  /** Shows as many lines at once as fit; undefined shows the usual number. */
  fit(lines) {
    if (lines === this.#fit) return;
    this.#fit = lines;
    this.refresh();
  }

  /** Turns to the next page, or from the last one to the first. */
  turnOn() {
    this.#pager.turnOn();
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
    if (this.#isNow) this.#renderLines();
  }

  /** Returns whether there is no room for doubts in full. A tap on the row shows them. */
  #isTight() {
    return byId("dense").checked || tablet.matches;
  }

  #now() {
    return this.#isNow ? Math.max(this.#at, Date.now()) : this.#at;
  }

  #sortBy({ by, isDown }) {
    const sort = `${isDown ? "-" : ""}${by}`;
    address.set({ sort: sort === STANDARD_SORT ? null : sort });
  }

  #clearFilters() {
    for (const id of FILTERS) {
      byId(id).value = "";
      byId(id).checked = false;
      delete byId(id).dataset.wanted;
    }
    address.set(Object.fromEntries(FILTERS.map((id) => [id, null])));
    this.refresh();
    byId("find").focus();
  }

  #render() {
    if (this.#account === undefined) return;
    const totals = this.#totals.filter((one) => one.account_id === this.#account);
    const channels = totals.map((one) => one.channel);
    if (channels.join("\n") !== this.#channels.join("\n") || !byId("agents").tHead.rows.length) this.#head(channels);
    this.#cards.show(totals);
    const rows = [...this.#rows.values()].filter((row) => row.account_id === this.#account);
    this.#options(rows, channels);
    const chosen = filters();
    this.#shown = rows.filter(passes(chosen)).sort(order(this.#sort));
    this.#lines = this.#grouped(chosen);
    byId("none").hidden = this.#shown.length > 0;
    if (this.#shown.length === 0) setText(byId("none-text"), `No agent matches ${spoken(chosen).join(", ")}.`);
    this.#renderLines();
  }

  #options(rows, channels) {
    const states = new Set(rows.flatMap((row) => [row.status.name, ...Object.values(row.channels).map((one) => one.state)]));
    const { state, group } = filters();
    // Keep the chosen state and group in the list even if no agent is in it.
    if (state !== ANY) states.add(state);
    const known = [...states].filter((state) => state !== null).sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
    setOptions(byId("state"), [[ANY, "Any"], ...known.map((state) => [state, stateName(state)])]);
    setOptions(byId("channel"), [[ANY, "Any"], ...channels]);
    const groups = new Set(rows.flatMap(groupsOf));
    if (group !== ANY) groups.add(group);
    const sorted = [...groups].sort(groupOrder);
    setOptions(byId("group"), [[ANY, "Any"], ...sorted.map((group) => [group, groupName(group) ?? groupTitle(group)])]);
  }

  /** Returns the lines of the table: agents, agents under their groups, or groups alone. An agent is in each of its groups. */
  #grouped({ group: only }) {
    const how = byId("rows").value;
    if (how === "agents") return this.#shown;
    const members = new Map();
    for (const row of this.#shown) {
      for (const group of groupsOf(row)) {
        if (only !== ANY && group !== only) continue;
        if (!members.has(group)) members.set(group, []);
        members.get(group).push(row);
      }
    }
    const sorted = [...members].sort(([a], [b]) => groupOrder(a, b));
    return sorted.flatMap(([group, rows]) => [{ group, rows }, ...(how === "groups" ? [] : rows)]);
  }

  #head(channels) {
    this.#channels = channels;
    const columns = [["agent", "Agent"], ["status", "Status"], ...channels.map((name) => [`on ${name}`, name]), ["doubts", "Doubts"]];
    const head = columns.map(([by, text]) => {
      const button = element("button", { type: "button", textContent: text });
      button.onclick = () => {
        this.#sortBy({ by, isDown: this.#sort.by === by ? !this.#sort.isDown : isDownFirst(by) });
        this.refresh();
      };
      return element("th", { scope: "col", role: "columnheader", "data-by": by }, button);
    });
    setOptions(byId("sort"), columns.map(([by, text]) => [by, text]));
    byId("agents").tHead.replaceChildren(element("tr", { role: "row" }, ...head));
    byId("agents").tBodies[0].replaceChildren();
  }

  #renderLines() {
    for (const head of byId("agents").tHead.rows[0]?.cells ?? []) {
      const isSorted = head.dataset.by === this.#sort.by;
      setAttribute(head, "aria-sort", isSorted ? (this.#sort.isDown ? "descending" : "ascending") : null);
    }
    byId("sort").value = this.#sort.by;
    const groups = this.#lines.filter(({ group }) => group).length;
    const counts = groups > 0 ? `${number(this.#shown.length)} agents in ${number(groups)} groups` : undefined;
    const first = this.#pager.first(this.#lines.length, counts);
    const page = this.#lines.slice(first, first + this.#pager.size);
    const body = byId("agents").tBodies[0];
    while (body.rows.length > page.length) body.lastChild.remove();
    const now = this.#now();
    page.forEach((line, i) => {
      const isGroup = line.group !== undefined;
      if (body.rows[i]?.classList.contains("group") !== isGroup) {
        const made = isGroup ? this.#emptyGroup() : this.#emptyRow();
        if (body.rows[i]) body.rows[i].replaceWith(made);
        else body.append(made);
      }
      if (isGroup) this.#fillGroup(body.rows[i], line);
      else this.#fill(body.rows[i], line, now);
    });
  }

  #emptyRow() {
    const agent = element("button", { type: "button", className: "link" });
    agent.onclick = () => this.#opened(agent.dataset.agent);
    const more = element("button", { type: "button", className: "more" });
    return element(
      "tr",
      { role: "row" },
      element("th", { scope: "row", role: "rowheader" }, element("span", { className: "who" }, agent, more, element("span", { className: "id" }))),
      element("td", { role: "cell", className: "status" }, stateElement()),
      ...this.#channels.map((name) => element("td", { role: "cell", "data-label": name, className: "channel" }, ...loadElements())),
      element("td", { role: "cell", className: "doubts" }, element("span")),
    );
  }

  #fill(tr, row, now) {
    const [head, status, ...rest] = tr.cells;
    const [agent, more, id] = head.firstChild.children;
    const name = agentName(row.agent_id);
    tr.dataset.key = row.key;
    agent.dataset.agent = row.agent_id;
    setText(agent, name ?? row.agent_id);
    setText(id, name === undefined ? "" : row.agent_id);
    setAttribute(more, "aria-label", `Details of ${name ?? row.agent_id}`);
    fillState(status.firstChild, row.status.name, row.status.since, now);
    this.#channels.forEach((name, i) => fillChannel(rest[i], row.channels[name], now));
    const doubts = this.#isTight() ? shortText(row.doubts) : doubtsText(row.doubts, this.channels.length);
    setText(rest.at(-1).firstChild, doubts);
  }

  #emptyGroup() {
    return element(
      "tr",
      { role: "row", className: "group" },
      element("th", { scope: "row", role: "rowheader" }, element("span", { className: "name" }), element("span", { className: "id" })),
      element("td", { role: "cell", className: "status" }),
      ...this.#channels.map((name) => element("td", { role: "cell", "data-label": name, className: "channel" }, loadElements()[0])),
      element("td", { role: "cell", className: "doubts" }, element("span")),
    );
  }

  #fillGroup(tr, { group, rows }) {
    const [head, status, ...rest] = tr.cells;
    setText(head.firstChild, groupName(group) ?? groupTitle(group));
    setText(head.lastChild, group === NO_GROUP || groupName(group) === undefined ? "" : group);
    setText(status, statesText(rows));
    this.#channels.forEach((name, i) => {
      const on = rows.map(({ channels }) => channels[name]).filter((one) => one && one.access !== false);
      rest[i].classList.toggle("none", on.length === 0);
      rest[i].firstChild.hidden = on.length === 0;
      fillLoad(rest[i].firstChild, sumOf(on), on[0]?.isChat ? "" : `${number(on.filter(({ accepting }) => accepting).length)} free`);
    });
    const doubtful = rows.filter(({ doubts }) => Object.keys(doubts).length > 0).length;
    setText(rest.at(-1).firstChild, doubtful > 0 ? `${number(doubtful)} of ${number(rows.length)} doubtful` : "");
  }
}

function isDownFirst(by) {
  return by.startsWith("on ") || by === "doubts";
}

/** Returns the load of a group on a channel, and the capacity of those online, as the cards count it. */
function sumOf(on) {
  const load = on.reduce((sum, one) => sum + one.load, 0);
  const online = on.filter(({ state }) => state === "online");
  return { load, max_capacity: online.reduce((sum, one) => sum + (one.max_capacity ?? 0), 0), isChat: on[0]?.isChat };
}

/** Returns how many agents are in each state, such as `5 online, 2 away`. */
function statesText(rows) {
  const counts = [...Map.groupBy(rows, ({ status }) => status.name)];
  counts.sort(([a], [b]) => rank(a) - rank(b));
  return counts.map(([state, all]) => `${number(all.length)} ${stateName(state)}`).join(", ");
}

/** Returns the doubts as text, with their channels if they do not concern all. */
function doubtsText(doubts, channels) {
  return Object.entries(doubts)
    .map(([doubt, on]) => (doubt === "silent" || doubt === "missing_versions" || on.length === channels ? doubtWords[doubt] ?? doubt : `${doubtWords[doubt] ?? doubt} (${on.join(", ")})`))
    .join("; ");
}

function shortText(doubts) {
  return Object.keys(doubts).map((doubt) => shortDoubts[doubt] ?? doubt).join("; ");
}
