import type { ExportCursor, ExportPage } from "../dist/agentfold.js";
import type { FetchResponse } from "./fetch.js";

/** How `exportEvents` pulls the Chat export. */
export interface ExportEventsOptions {
  /** The position of the pull. It advances with each page. */
  cursor: ExportCursor;
  /** The host to ask, such as `example.zendesk.com`. */
  host: string;
  /** Headers to send with each request, such as `authorization`. */
  headers?: Record<string, string>;
  /** The function that sends requests. Default: the global `fetch`. */
  fetch?: (
    url: string,
    init: { headers?: Record<string, string>; redirect: "manual" },
  ) => Promise<FetchResponse>;
  /** The function that waits. Default: `setTimeout`. */
  sleep?: (seconds: number) => Promise<void>;
}

/**
 * Yields the pages of the Chat export, up to the last page that is available now.
 *
 * Asks until a page brings nothing new, or ends within the last five minutes. Waits when Zendesk asks
 * for it, and retries requests that failed temporarily. Reads no more of a reply, unpacked, than a page
 * may have. Store the events of a page, then the cursor, before you ask for the next page.
 *
 * @throws {AgentfoldError} If a retry would not help, or did not help several times; `code` is a
 * `RefusalCode`.
 * @example
 * ```js
 * for await (const page of exportEvents({ cursor, host, headers })) {
 *   fold.read(page.events.join("\n"));
 *   await store(JSON.stringify(cursor));
 * }
 * ```
 */
export declare function exportEvents(options: ExportEventsOptions): AsyncGenerator<ExportPage, void, void>;
