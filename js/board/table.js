// The table of a report, kept in the worker thread: the page gets one page of its rows at a time.

/** The maximum number of rows. They take about 30 MB. */
const MOST = 100_000;
/** The number of rows to write into one part of a CSV file. */
const PIECE = 5000;

export class Table {
  #columns;
  #rows = [];
  #sorted;
  #sort = {};
  #texts = new Map();

  constructor(columns) {
    this.#columns = columns;
  }

  add(cells) {
    if (this.#rows.length === MOST) {
      throw Object.assign(new Error(`a table has at most ${MOST} rows`), { code: "too_many_rows" });
    }
    // Many rows have the same texts: keep each once.
    this.#rows.push(cells.map((cell) => (typeof cell === "string" ? this.#kept(cell) : cell)));
    this.#sorted = undefined;
  }

  /** Returns a page of the rows, sorted by the column with a name if there is one. */
  page({ sort, first, most }) {
    return { columns: this.#columns, of: this.#rows.length, rows: this.#in(sort).slice(first, first + most) };
  }

  /** Returns the table as a CSV file, with durations in seconds, as the command writes it, and with names beside ids. */
  csv({ sort, names }) {
    const heads = this.#columns.map(({ name, kind }) => (kind === "duration" ? `${name}_s` : name));
    const named = ([id, ...cells], name) => (names ? [id, name, ...cells] : [id, ...cells]);
    const rows = this.#in(sort);
    const parts = [line(named(heads, `${heads[0]} name`))];
    for (let at = 0; at < rows.length; at += PIECE) {
      const lines = rows.slice(at, at + PIECE).map((cells) => line(named(cells.map((cell, i) => this.#inFile(cell, i)), names?.get(cells[0]))));
      // Blobs need not be in memory, as one long text would.
      parts.push(new Blob(lines));
    }
    return new Blob(parts, { type: "text/csv" });
  }

  #kept(text) {
    if (!this.#texts.has(text)) this.#texts.set(text, text);
    return this.#texts.get(text);
  }

  #inFile(cell, i) {
    return this.#columns[i].kind === "duration" && cell !== null ? cell / 1e9 : cell;
  }

  #in({ by, isDown } = {}) {
    const i = this.#columns.findIndex(({ name }) => name === by);
    if (i < 0) return this.#rows;
    if (!this.#sorted || this.#sort.by !== by || this.#sort.isDown !== isDown) {
      this.#sorted = this.#rows.toSorted(order(i, isDown));
      this.#sort = { by, isDown };
    }
    return this.#sorted;
  }
}

/** Returns the order by a column. What is missing comes last in both directions. */
function order(i, isDown) {
  const sign = isDown ? -1 : 1;
  return ({ [i]: a }, { [i]: b }) => {
    if (a === null || b === null) return (a === null) - (b === null);
    if (typeof a === "number") return sign * (a - b);
    // Ids of different lengths sort as numbers.
    const isId = /^\d+$/.test(a) && /^\d+$/.test(b);
    return sign * ((isId && a.length - b.length) || (a < b ? -1 : a > b ? 1 : 0));
  };
}

function line(cells) {
  return `${cells.map(field).join(",")}\r\n`;
}

/** What spreadsheets read as a formula, in any language. They skip spaces and quotes before it. */
const FORMULA = /^[\s\u0085"']*[=+\-@＝＋－＠]/;

/** Quotes a field if needed. Text that a spreadsheet would read as a formula gets a leading apostrophe. */
function field(value) {
  if (typeof value === "number") return String(value);
  const text = value === null || value === undefined ? "" : String(value);
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
