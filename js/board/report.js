// The report: charts and a table in buckets of the chosen time zone, also as CSV.
import { address } from "./address.js";
import { Charts } from "./charts.js";
import { byId, choose, chosen, element, setAttribute, setOptions, setText } from "./element.js";
import { average, duration, hour, minute, number, share, stateName } from "./format.js";
import { dayAfter, instantOf, isBefore, localText } from "./instant.js";
import { agentName, agentText, groupName, groupText } from "./names.js";
import { Pager } from "./pager.js";
import { ask } from "./thread.js";

const PAGE = 100;
const DAY = 86_400_000;
/** How long to wait before the page says that it computes, in milliseconds. */
const WAIT = 300;
const UNITS = { duration: "h:mm:ss", share: "%", average: "agents" };
const TEXTS = { agent: agentText, group: groupText };
const NAMES = { agent: agentName, group: groupName };
const STANDARD = { every: "15m", by: "account", who: "", of: "channels", period: "", from: "", to: "" };
/** Kinds of values of which the largest is usually looked for. */
const DOWN_FIRST = new Set(["number", "average", "duration", "share"]);

export class Report {
  #account;
  #zone;
  #heard;
  #at;
  #answer;
  #asked = 0;
  #turned = 0;
  #sort = {};
  #pager;
  #charts = new Charts();

  constructor() {
    this.#pager = new Pager(byId("report-pager"), PAGE, "rows of the report", () => this.#turn());
    for (const id of ["report-form", "table-form"]) {
      byId(id).onsubmit = (event) => event.preventDefault();
      byId(id).onchange = ({ target }) => {
        if (target.id === "by") this.#choose("who", "");
        if (target.id === "from" || target.id === "to") this.#choose("period", "between");
        const isBetween = byId("period").value === "between";
        for (const id of ["from", "to"]) address.set({ [id]: isBetween ? byId(id).value : null });
        this.#pager.restart();
        this.refresh();
      };
    }
    for (const [id, standard] of Object.entries(STANDARD)) address.keep(byId(id), id, standard);
    const restore = () => {
      if (!address.get("period")) setOptions(byId("period"), []);
      const order = address.get("order");
      this.#sort = order ? { by: order.replace(/^-/, ""), isDown: order.startsWith("-") } : {};
    };
    address.onMove(restore);
    restore();
    byId("csv").onclick = () => this.#download();
  }

  show({ account, zone, heard, at }) {
    if (this.#account !== undefined && account !== this.#account) this.#choose("who", "");
    [this.#account, this.#zone, this.#heard, this.#at] = [account, zone, heard, at];
    return this.refresh();
  }

  /** Clears what was chosen of the previous source. */
  clear() {
    this.#asked += 1;
    this.#answer = undefined;
    this.#account = undefined;
    for (const id of ["who", "period", "from", "to"]) this.#choose(id, "");
    setOptions(byId("who"), [["", "All"]]);
    setOptions(byId("period"), []);
  }

  /** Sets a control, also in the address. */
  #choose(id, value) {
    choose(byId(id), value);
    address.set({ [id]: value });
  }

  async refresh() {
    if (!this.#heard) return;
    this.#choosePeriod();
    const [from, to] = [byId("from").value, byId("to").value];
    if (!from || !to) return;
    const asked = ++this.#asked;
    const start = instantOf(`${from}T00:00:00`, this.#zone);
    const first = this.#heard.first;
    const window = { from: isBefore(start, first) ? first : start, to: instantOf(`${dayAfter(to)}T00:00:00`, this.#zone) };
    const by = byId("by").value;
    const about = { of: byId("of").value, by, who: by === "account" ? "" : chosen(byId("who")), every: byId("every").value };
    byId("report").setAttribute("aria-busy", "true");
    const waiting = setTimeout(() => setText(byId("report-state"), "Computing …"), WAIT);
    try {
      const answer = await ask("report", { account: this.#account, tz: this.#zone, ...about, ...window, ...this.#page });
      if (asked === this.#asked) this.#take(answer, about);
    } catch (error) {
      if (asked === this.#asked) this.#fail(error);
    } finally {
      clearTimeout(waiting);
      if (asked === this.#asked) this.#ready();
    }
  }

  #ready() {
    setText(byId("report-state"), "");
    byId("report").removeAttribute("aria-busy");
  }

  get #page() {
    return { sort: this.#sort, first: this.#pager.at, most: PAGE };
  }

  #take(answer, about) {
    this.#answer = { ...answer, about };
    setText(byId("report-problem"), "");
    const one = about.by === "group" ? "Group" : "Agent";
    setText(byId("who-text"), one);
    byId("who-field").hidden = about.by === "account";
    const whose = answer.whose.sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
    setOptions(byId("who"), [["", "All"], ...whose.map((id) => [id, TEXTS[about.by](id)])]);
    this.#render();
    this.#charts.show(answer.charts, { zone: this.#zone });
  }

  #fail({ code, message }) {
    this.#answer = undefined;
    this.#charts.show(null);
    byId("measures").tHead.replaceChildren();
    byId("measures").tBodies[0].replaceChildren();
    byId("measures").caption.textContent = "";
    byId("csv").disabled = true;
    this.#pager.first(0);
    const limit = "This report is too large: the page holds 100,000 rows. Choose a shorter period, a longer step, one agent or the whole account.";
    setText(byId("report-problem"), code === "too_many_rows" ? limit : message);
  }

  /** Sets the dates of the chosen period, relative to the instant that the page shows. */
  #choosePeriod() {
    const day = localText(this.#at, this.#zone).slice(0, 10);
    const back = (days) => new Date(Date.parse(`${day}T00:00:00Z`) - days * DAY).toISOString().slice(0, 10);
    const isToday = day === localText(new Date(), this.#zone).slice(0, 10);
    const named = (day) => new Date(`${day}T00:00:00Z`).toLocaleDateString(navigator.language, { dateStyle: "medium", timeZone: "UTC" });
    const period = byId("period");
    const isNew = period.options.length === 0;
    setOptions(period, [
      ["today", isToday ? "Today" : named(day)],
      ["yesterday", isToday ? "Yesterday" : named(back(1))],
      ["week", isToday ? "Last 7 days" : `7 days to ${named(day)}`],
      ["all", "All events"],
      ["between", "From – to"],
    ]);
    if (isNew && !address.get("period")) period.value = Date.parse(this.#at) - Date.parse(this.#heard.first) < 2 * DAY ? "all" : "today";
    const dates = { today: [day, day], yesterday: [back(1), back(1)], week: [back(6), day] };
    dates.all = [localText(this.#heard.first, this.#zone).slice(0, 10), day];
    for (const field of document.querySelectorAll("#report-form .between")) field.hidden = period.value !== "between";
    if (dates[period.value]) [byId("from").value, byId("to").value] = dates[period.value];
    for (const id of ["from", "to"]) byId(id).value ||= day;
  }

  /** Gets another page or order of the rows. */
  async #turn() {
    const [asked, turned] = [this.#asked, ++this.#turned];
    const page = await ask("rows", this.#page);
    if (asked !== this.#asked || turned !== this.#turned) return;
    Object.assign(this.#answer, page);
    this.#render();
  }

  #render() {
    const { columns, rows, of, about, charts } = this.#answer;
    this.#pager.first(of);
    const table = byId("measures");
    const name = byId("of").selectedOptions[0].textContent;
    const text =
      of > 0 ? `${name}: account ${this.#account}, times in ${this.#zone}` : charts ? "There are no rows of this kind in this period." : "There are no events in this period.";
    table.caption.replaceChildren(element("span", { textContent: text }));
    this.#head(columns);
    const lines = rows.map((cells) => element("tr", {}, ...cells.map((value, i) => this.#cell(columns[i], value, i, cells))));
    table.tBodies[0].replaceChildren(...lines);
    table.dataset.of = [about.of, about.by, about.who, about.every].filter(Boolean).join(" ");
    byId("csv").disabled = of === 0;
  }

  /** Keeps the buttons of the header if the columns stay: one of them may have the focus. */
  #head(columns) {
    const { tHead } = byId("measures");
    const names = JSON.stringify(columns);
    if (tHead.dataset.columns !== names || !tHead.rows.length) {
      tHead.dataset.columns = names;
      tHead.replaceChildren(element("tr", {}, ...columns.map((column) => this.#headOf(column))));
    }
    for (const [i, { name }] of columns.entries()) {
      const isSorted = name === this.#sort.by;
      setAttribute(tHead.rows[0].cells[i], "aria-sort", isSorted ? (this.#sort.isDown ? "descending" : "ascending") : null);
    }
  }

  #headOf({ name, kind, unit = UNITS[kind] }) {
    const button = element("button", { type: "button" }, name);
    button.onclick = () => {
      const isDown = this.#sort.by === name ? !this.#sort.isDown : DOWN_FIRST.has(kind);
      this.#sort = { by: name, isDown };
      address.set({ order: `${isDown ? "-" : ""}${name}` });
      this.#pager.restart();
      this.#turn();
    };
    return element("th", { scope: "col", "data-kind": kind }, button, unit ? element("span", { className: "unit", textContent: unit }) : null);
  }

  #cell({ kind }, value, i, cells) {
    const text = this.#text(kind, value, cells[i - 1]);
    if (kind === "id") return element("th", { scope: "row", "data-kind": kind, title: value ?? "", textContent: text });
    if (i === 0) return element("th", { scope: "row", "data-kind": kind, textContent: text });
    return element("td", { "data-kind": kind, textContent: text });
  }

  #text(kind, value, before) {
    if (kind === "instant") return minute(value, this.#zone);
    // The end of a bucket is mostly on the day on which it begins.
    if (kind === "end") return this.#dayOf(value) === this.#dayOf(before) ? hour(value, this.#zone) : minute(value, this.#zone);
    if (kind === "duration") return duration(value === null ? null : value / 1e6);
    if (kind === "share") return share(value);
    if (kind === "average") return average(value);
    if (kind === "number") return number(value);
    if (kind === "state") return stateName(value);
    if (kind === "id") return NAMES[this.#answer.about.by](value) ?? value ?? "no group";
    return value ?? "unknown";
  }

  #dayOf(instant) {
    return localText(instant, this.#zone).slice(0, 10);
  }

  async #download() {
    const { about: { of, by, who, every }, whose } = this.#answer;
    const known = whose.map((id) => [id, NAMES[by]?.(id)]).filter(([, name]) => name !== undefined);
    const file = await ask("csv", { sort: this.#sort, names: known.length > 0 ? new Map(known) : null });
    const url = URL.createObjectURL(file);
    const parts = [of, by === "account" ? null : `by-${by}`, who, every, byId("from").value, byId("to").value];
    const name = ["agentfold", this.#account, ...parts].filter(Boolean).join("-").replaceAll(/[^\w.-]+/g, "_");
    element("a", { href: url, download: `${name}.csv` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }
}
