import { Records } from "../dist/agentfold.js";

/** Yields the events of a stream of bytes. Chunks may have any size; gzip is unpacked. */
export async function* readEvents(source, options) {
  const records = new Records(options);
  // A buffer has no iterator of its chunks.
  const whole = typeof source === "string" || typeof source?.byteLength === "number";
  try {
    for await (const chunk of chunks(whole ? [source] : source)) yield* records.push(chunk);
    yield* records.end();
  } finally {
    records.free();
  }
}

/** Yields the chunks of a source. Uses a reader because some hosts can't iterate over streams. */
async function* chunks(source) {
  if (typeof source.getReader !== "function") return yield* source;
  const reader = source.getReader();
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
  } finally {
    // A caller that stops early does not need the rest.
    await reader.cancel();
  }
}
