import { Records } from "../dist/agentfold.js";

/** The events of a stream of bytes, in chunks of any size, gzip unpacked. */
export async function* readEvents(source, options) {
  const records = new Records(options);
  try {
    for await (const chunk of chunks(await unpacked(source))) yield* records.push(chunk);
    yield* records.end();
  } finally {
    records.free();
  }
}

/** Not every host can iterate over a stream. */
async function* chunks(source) {
  if (typeof source.getReader !== "function") return yield* source;
  const reader = source.getReader();
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
  } finally {
    // Who stops early wants no more of it.
    await reader.cancel();
  }
}

/** The bytes themselves, where they begin as gzip does. */
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
