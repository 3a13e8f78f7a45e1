import { Records } from "../dist/agentfold.js";
import { chunks } from "./chunks.js";

/** Few enough bytes that the events of a chunk take little memory, also if they are packed. */
const CHUNK = 1 << 14;

/** Yields the events of a stream of bytes. Chunks may have any size; gzip is unpacked. */
export async function* readEvents(source, options) {
  const records = new Records(options);
  try {
    for await (const chunk of chunks(source, CHUNK)) yield* records.push(chunk);
    yield* records.end();
  } finally {
    records.free();
  }
}
