import type { Bytes, ParsedEvent, ReadOptions, Unreadable } from "../dist/agentfold.js";
import type { ByteStream } from "./fetch.js";

/**
 * Yields the events of a stream of bytes, such as the body of a response.
 *
 * Detects NDJSON, concatenated JSON objects, a JSON array and pages of the Chat export, and unpacks gzip.
 * Chunks may have any size. A record that can't be read is yielded in its place with `kind` `unreadable`.
 * Memory does not grow with the stream.
 *
 * Damaged gzip loses nothing that comes before it: the last record is then `unreadable`, with the code
 * `damaged_stream` and the byte of the damage in its message.
 *
 * @throws {AgentfoldError} `bad_argument` if an option has a wrong type. Errors of `source` are thrown as
 * they are.
 * @example
 * ```js
 * for await (const record of readEvents((await fetch("/day.ndjson.gz")).body)) {
 *   if (record.kind === "unreadable") console.warn(record.line, record.issues);
 *   else fold.apply(record.event);
 * }
 * ```
 */
export declare function readEvents(
  source: ByteStream | AsyncIterable<Bytes | string> | Bytes | string,
  options?: ReadOptions,
): AsyncGenerator<ParsedEvent | Unreadable, void, void>;
