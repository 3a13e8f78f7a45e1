import type { Names } from "agentfold";

import type { Writer } from "./rows.ts";

type Cells = Record<string, unknown>;

/** Rows as CSV (RFC 4180), with the columns of the first row, and the names of agents and groups beside their ids. */
export class Csv implements Writer {
  #names: Names;
  #columns: string[] = [];
  /** Every character counts. */
  readonly space = "";

  constructor(names: Names) {
    this.#names = names;
  }

  page(rows: unknown[], isFirst: boolean): string {
    const all = rows.map((row) => this.#cells(row as Cells));
    if (isFirst) this.#columns = Object.keys(all[0] ?? {});
    const lines = all.map((cells) => line(this.#columns.map((column) => cells[column])));
    return (isFirst ? line(this.#columns) : "") + lines.join("");
  }

  end(): string {
    return "";
  }

  /** The cells of a row. Numbers that belong together, such as those of a time, have columns of their own. */
  #cells(row: Cells): Cells {
    const cells: Cells = {};
    for (const [key, value] of Object.entries(row)) {
      if (isNumbers(value)) {
        for (const [part, number] of Object.entries(value)) cells[`${key}.${part}`] = number;
        continue;
      }
      cells[key] = value;
      if (key === "agent_id") cells.agent_name = this.#names.agents[String(value)];
      if (key === "group_id") cells.group_name = this.#names.groups[String(value)];
    }
    return cells;
  }
}

function isNumbers(value: unknown): value is Record<string, number | null> {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  const values = isObject ? Object.values(value) : [];
  return values.length > 0 && values.every((part) => part === null || typeof part === "number");
}

function line(cells: unknown[]): string {
  return `${cells.map(text).join()}\r\n`;
}

function text(cell: unknown): string {
  if (cell === null || cell === undefined) return "";
  const plain = typeof cell === "object" ? JSON.stringify(cell) : unevaluated(cell);
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

/** What spreadsheets read as a formula, in any language. They skip spaces and quotes before it. */
const FORMULA = /^[\s\u0085"']*[=+\-@＝＋－＠]/;

/** Text that spreadsheets would read as a formula gets an apostrophe, which they take as the sign of text. */
function unevaluated(cell: unknown): string {
  return typeof cell === "string" && FORMULA.test(cell) ? `'${cell}` : String(cell);
}
