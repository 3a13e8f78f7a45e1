import type { Names } from "agentfold";

import { Csv } from "./csv.ts";

/** The rows of an answer, in pages. To compute one takes some milliseconds; an empty one is only a pause. */
export type Pages = Generator<unknown[], void, void>;

/** How long an answer may take, and how long its reader may pause. */
const LONGEST_MS = 5 * 60_000;
const IDLE_MS = 5000;

/** Writes the pages of an answer as text. */
export interface Writer {
  page(rows: unknown[], isFirst: boolean): string;
  end(isEmpty: boolean): string;
}

/** How rows are written: as a JSON array, each as JSON on a line of its own, or as CSV. */
export const FORMATS = {
  json: {
    type: "application/json",
    writer: (): Writer => ({
      page: (rows, isFirst) => (isFirst ? "[" : ",") + rows.map((row) => JSON.stringify(row)).join(),
      end: (isEmpty) => (isEmpty ? "[]" : "]"),
    }),
  },
  ndjson: {
    type: "application/x-ndjson",
    writer: (): Writer => ({
      page: (rows) => rows.map((row) => `${JSON.stringify(row)}\n`).join(""),
      end: () => "",
    }),
  },
  csv: { type: "text/csv; charset=utf-8", writer: (names: Names): Writer => new Csv(names) },
};

export type Format = keyof typeof FORMATS;

/**
 * Returns the rows of pages in a format, of which the first page is computed now and the others while it is read.
 * Other requests are handled between pages. Calls `done` once, at the end.
 *
 * Throws what the first page throws. An error in a later page breaks the answer off.
 */
export async function rows(
  pages: Pages,
  format: Format,
  names: Names,
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

  async function next(): Promise<unknown[] | undefined> {
    while (open && Date.now() < until) {
      const page = pages.next();
      if (page.done) return undefined;
      if (page.value.length > 0) return page.value;
      await scheduler.wait(0);
    }
    throw new Error("the answer took too long");
  }

  let page: unknown[] | undefined;
  try {
    page = await next();
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
          controller.enqueue(encoder.encode(page ? written.page(page, isFirst) : written.end(isFirst)));
          if (!page) {
            controller.close();
            return end();
          }
          isFirst = false;
          await scheduler.wait(0);
          page = await next();
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
