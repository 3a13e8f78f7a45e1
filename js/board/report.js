// The report: a table in buckets of the chosen time zone, also as CSV.
import { byId, element } from "./element.js";
import { duration, minute, number, share, stateName } from "./format.js";
import { dayAfter, instantOf, isBefore, localText } from "./instant.js";
import { Pager } from "./pager.js";
import { ask } from "./thread.js";

const PAGE = 100;

export class Report {
  #account;
  #zone;
  #heard;
  #answer;
  #asked = 0;
  #pager;

  constructor() {
    this.#pager = new Pager(byId("report-pager"), PAGE, "rows of the report", () => this.#render());
    const form = byId("report-form");
    form.onsubmit = (event) => event.preventDefault();
    form.onchange = () => {
      this.#pager.restart();
      this.refresh();
    };
    byId("csv").onclick = () => this.#download();
  }

  show({ account, zone, heard, at }) {
    [this.#account, this.#zone, this.#heard] = [account, zone, heard];
    if (heard && !byId("from").value) {
      byId("from").value = localText(heard.first, zone).slice(0, 10);
      byId("to").value = localText(at, zone).slice(0, 10);
    }
    return this.refresh();
  }

  /** Clears the dates of the previous source. */
  clear() {
    byId("from").value = "";
    byId("to").value = "";
  }

  async refresh() {
    const [from, to] = [byId("from").value, byId("to").value];
    if (!this.#heard || !from || !to) return;
    const asked = ++this.#asked;
    const start = instantOf(`${from}T00:00:00`, this.#zone);
    const about = { of: byId("of").value, by: byId("by").value, every: byId("every").value, tz: this.#zone };
    const first = this.#heard.first;
    const window = { from: isBefore(start, first) ? first : start, to: instantOf(`${dayAfter(to)}T00:00:00`, this.#zone) };
    const answer = await ask("report", { account: this.#account, ...about, ...window });
    if (asked !== this.#asked) return;
    this.#answer = answer;
    this.#render();
  }

  #render() {
    if (!this.#answer) return;
    const { columns, rows } = this.#answer;
    const first = this.#pager.first(rows.length);
    const table = byId("measures");
    const of = byId("of").selectedOptions[0].textContent;
    table.caption.textContent =
      rows.length > 0 ? `${of}: account ${this.#account}, times in ${this.#zone}` : "There are no events in this period.";
    const heads = columns.map(({ name, kind }) => element("th", { scope: "col", textContent: name, className: kind }));
    table.tHead.replaceChildren(element("tr", {}, ...heads));
    const lines = rows.slice(first, first + PAGE).map((cells) =>
      element("tr", {}, ...cells.map((value, i) => this.#cell(columns[i], value, i))),
    );
    table.tBodies[0].replaceChildren(...lines);
    byId("csv").disabled = rows.length === 0;
  }

  #cell({ name, kind }, value, i) {
    const text = this.#text(name, kind, value);
    if (i === 0) return element("th", { scope: "row", className: kind, textContent: text });
    return element("td", { className: kind, textContent: text });
  }

  #text(name, kind, value) {
    if (kind === "instant") return minute(value, this.#zone);
    if (kind === "duration") return duration(value === null ? null : value / 1e6);
    if (kind === "share") return share(value);
    if (kind === "number") return number(value);
    if (name === "state") return stateName(value);
    return value ?? "unknown";
  }

  #download() {
    const url = URL.createObjectURL(new Blob([this.#answer.csv], { type: "text/csv" }));
    const download = `${byId("of").value}-${byId("from").value}-${byId("to").value}.csv`;
    element("a", { href: url, download }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }
}
