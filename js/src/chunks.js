import { AgentfoldError } from "./error.js";
import { bytesOf, wrongType } from "./given.js";

/**
 * Yields the chunks of a source: a stream, or an iterable of bytes or text. Bytes come in chunks of at most `most`.
 *
 * @throws {AgentfoldError} `bad_argument` for anything else.
 */
export async function* chunks(source, most) {
  for await (const chunk of of(source)) {
    const bytes = bytesOf(chunk, "source");
    if (!bytes && typeof chunk !== "string") throw wrongType(chunk, "source");
    if (!bytes) yield chunk;
    else for (let at = 0; at < bytes.length; at += most) yield bytes.subarray(at, at + most);
  }
}

function of(source) {
  // Bytes and text have no iterator of their chunks.
  if (typeof source === "string" || typeof source?.byteLength === "number") return [source];
  if (typeof source?.getReader === "function") return read(source.getReader());
  if (source?.[Symbol.asyncIterator] || source?.[Symbol.iterator]) return source;
  if (source?.body?.getReader) {
    throw new AgentfoldError("bad_argument", "/source", "`source` is not a stream: pass its `body`");
  }
  throw wrongType(source, "source");
}

/** Uses a reader because some hosts can't iterate over streams. */
async function* read(reader) {
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
  } finally {
    // A caller that stops early does not need the rest.
    await reader.cancel();
  }
}
