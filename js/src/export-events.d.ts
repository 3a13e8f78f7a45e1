import type { ExportCursor, ExportPage } from "../dist/agentfold.js";

/** How the Chat export is pulled. */
export interface ExportEventsOptions {
  /** Where the pull stands; it moves on as pages are given. */
  cursor: ExportCursor;
  /** Such as `example.zendesk.com`. */
  host: string;
  /** Credentials. */
  headers?: Record<string, string>;
  /** The host's own by default. */
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** How to wait so many seconds; by `setTimeout` by default. */
  sleep?: (seconds: number) => Promise<void>;
}

/**
 * The pages of the Chat export up to the last one there is for now, waiting where Zendesk asks for it.
 * Store a page's events, then the cursor, before you ask for the next page.
 *
 * @throws {AgentfoldError} Whose code is a `RefusalCode`.
 * @example
 * for await (const page of exportEvents({ cursor, host, headers })) {
 *   fold.read(page.events.join("\n"));
 *   await store(JSON.stringify(cursor));
 * }
 */
export declare function exportEvents(options: ExportEventsOptions): AsyncGenerator<ExportPage, void, void>;
