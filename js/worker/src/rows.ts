import type { Names } from "agentfold";

import { Csv } from "./csv.ts";

/**
 * The rows of an answer, in pages. To compute one takes some milliseconds. An empty one is only a pause; `undefined` is
 * one before it is known whether the question is refused.
 */
export type Pages = Generator<unknown[] | undefined, void, void>;

/** How long an answer may take, and how long its reader may pause. */
const LONGEST_MS = 5 * 60_000;
const IDLE_MS = 5000;

/** After how many pauses without a row something is written, so that it shows whether the reader is still there. */
const SILENT = 64;

/** Lets one answer be computed for some milliseconds, then others, and events. */
export class Turns {
  #last: Promise<void> = Promise.resolve();

  /** Returns when it is the caller's turn, which ends when it waits for anything. */
  next(): Promise<void> {
    this.#last = this.#last.then(() => scheduler.wait(0));
    return this.#last;
  }
}

/** Writes the pages of an answer as text. */
export interface Writer {
  page(rows: unknown[], isFirst: boolean): string;
  end(isEmpty: boolean): string;
  /** What may stand between pages and means nothing. */
  space: string;
}

/** How rows are written: as a JSON array, each as JSON on a line of its own, or as CSV. */
export const FORMATS = {
  json: {
    type: "application/json",
    writer: (): Writer => ({
      page: (rows, isFirst) => (isFirst ? "[" : ",") + rows.map((row) => JSON.stringify(row)).join(),
      end: (isEmpty) => (isEmpty ? "[]" : "]"),
      space: " ",
    }),
  },
  ndjson: {
    type: "application/x-ndjson",
    writer: (): Writer => ({
      page: (rows) => rows.map((row) => `${JSON.stringify(row)}\n`).join(""),
      end: () => "",
      space: " ",
    }),
  },
  csv: { type: "text/csv; charset=utf-8", writer: (names: Names): Writer => new Csv(names) },
};

export type Format = keyof typeof FORMATS;

/**
 * Returns the rows of pages in a format. The first page, or pause, is computed now, and the others while the answer is
 * read. Events and other requests are handled in between. Calls `done` once, at the end.
 *
 * Throws what the first page throws. An error in a later page breaks the answer off.
 */
export async function rows(
  pages: Pages,
  format: Format,
  names: Names,
  turns: Turns,
  done: () => void,
): Promise<ReadableStream<Uint8Array>> {
  const until = Date.now() + LONGEST_MS;
  let open = true;
  const end = () => {
    if (!open) return;
    open = false;
    clearTimeout(timer);
    pages.return();
    done();
  };
  let breakOff: (error: Error) => void = () => {};
  let timer: ReturnType<typeof setTimeout> | null = null;
  // Nothing else tells that a reader has gone: the runtime cancels the request, and not the stream.
  const awaitReader = () => {
    timer = setTimeout(() => {
      end();
      breakOff(new Error("the answer took too long"));
    }, IDLE_MS);
  };

  /** Computes until there are rows, or until there were none for too long. `undefined` is the end. */
  async function next(silent: number): Promise<unknown[] | undefined> {
    for (let pauses = 0; ; ) {
      await turns.next();
      if (!open || Date.now() >= until) throw new Error("the answer took too long");
      const page = pages.next();
      if (page.done) return undefined;
      if (page.value === undefined) continue;
      if (page.value.length > 0 || pauses >= silent) return page.value;
      pauses += 1;
    }
  }

  let page: unknown[] | undefined;
  try {
    page = await next(0);
  } catch (error) {
    end();
    throw error;
  }
  awaitReader();
  const encoder = new TextEncoder();
  const written = FORMATS[format].writer(names);
  let isFirst = true;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        breakOff = (error) => controller.error(error);
      },
      async pull(controller) {
        clearTimeout(timer);
        try {
          // A stream asks again only after something was written.
          while (page?.length === 0) {
            page = await next(SILENT);
            if (written.space !== "") break;
          }
          if (!page) {
            controller.enqueue(encoder.encode(written.end(isFirst)));
            controller.close();
            return end();
          }
          controller.enqueue(encoder.encode(page.length > 0 ? written.page(page, isFirst) : written.space));
          isFirst &&= page.length === 0;
          page = [];
          awaitReader();
        } catch (error) {
          end();
          controller.error(error);
        }
      },
      cancel: end,
    },
    { highWaterMark: 0 },
  );
}
