import { chunks } from "./chunks.js";

/** Reads a source into a fold, a chunk at a time. */
export async function readFrom(reading, source) {
  try {
    // The source may be code of the caller that asks the fold, which is borrowed until this call returns.
    await undefined;
    for await (const chunk of chunks(source, 1 << 18)) reading.read(chunk);
    return reading.endRead();
  } finally {
    reading.free();
  }
}

/** Yields the results of a source's records. Results take memory, so they are made of fewer bytes at a time. */
export async function* applyFrom(reading, source) {
  try {
    for await (const chunk of chunks(source, 1 << 14)) yield* reading.apply(chunk);
    yield* reading.endApply();
  } finally {
    reading.free();
  }
}
