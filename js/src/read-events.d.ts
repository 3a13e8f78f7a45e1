import type { ParsedEvent, ReadOptions, Unreadable } from "../dist/agentfold.js";

/**
 * The events of a stream of bytes in chunks of any size, such as a response's body: NDJSON, a JSON array,
 * pages of the Chat export, told apart by looking; gzip is unpacked. What can't be read is told in its
 * place, and memory does not grow with the stream.
 *
 * @example
 * for await (const record of readEvents((await fetch("/day.ndjson.gz")).body)) {
 *   if (record.kind === "unreadable") console.warn(record.line, record.issues);
 *   else fold.apply(record.event);
 * }
 */
export declare function readEvents(
  source: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array | string> | Uint8Array | string,
  options?: ReadOptions,
): AsyncGenerator<ParsedEvent | Unreadable, void, void>;
