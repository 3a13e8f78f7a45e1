import type { ParsedEvent, ReadOptions, StreamInput, Unreadable } from "../dist/agentfold.js";

/**
 * Yields the events of a stream of bytes, such as the body of a response. To take events into a fold,
 * `Fold.readFrom` is many times as fast.
 *
 * Detects NDJSON, concatenated JSON objects, a JSON array and pages of the Chat export, and unpacks gzip.
 * Chunks may have any size. A record that can't be read is yielded in its place with `kind` `unreadable`.
 * Memory does not grow with the stream.
 *
 * Damaged gzip loses nothing that comes before it: the last record is then `unreadable`, with the code
 * `damaged_stream` and the byte of the damage in its message.
 *
 * @throws {AgentfoldError} `bad_argument` if the source or an option has a wrong type. Errors of `source` are thrown as
 * they are.
 * @example
 * ```js
 * for await (const record of readEvents((await fetch("/day.ndjson.gz")).body)) {
 *   if (record.kind === "unreadable") console.warn(record.line, record.issues);
 *   else console.log(record.kind, record.at);
 * }
 * ```
 */
export declare function readEvents(
  source: StreamInput,
  options?: ReadOptions,
): AsyncGenerator<ParsedEvent | Unreadable, void, void>;
