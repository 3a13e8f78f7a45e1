import { Records } from "../dist/agentfold.js";

/** Yields the events of a stream of bytes. Chunks may have any size; gzip is unpacked. */
export async function* readEvents(source, options) {
  const records = new Records(options);
  try {
    for await (const chunk of chunks(await unpacked(source))) yield* records.push(chunk);
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

/** Yields the bytes of a source, unpacked if they begin with the magic bytes of gzip. */
async function unpacked(source) {
  const stream = chunks(typeof source === "string" || source instanceof Uint8Array ? [source] : source);
  let head = new Uint8Array();
  let next;
  while (head.length < 2 && !(next = await stream.next()).done) {
    const chunk = typeof next.value === "string" ? new TextEncoder().encode(next.value) : next.value;
    head = new Uint8Array([...head, ...chunk]);
  }
  const whole = (async function* () {
    if (head.length > 0) yield head;
    yield* stream;
  })();
  if (head[0] !== 0x1f || head[1] !== 0x8b) return whole;
  const bytes = new ReadableStream({
    async pull(controller) {
      const { done, value } = await whole.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: () => whole.return(),
  });
  return bytes.pipeThrough(new DecompressionStream("gzip"));
}
