// Reads a local file into a fold, piece by piece.

/** The first bytes of a saved fold. */
const SAVED = new TextEncoder().encode("agentfold");
/** The number of bytes to fold at once: about 15 ms of work. */
const PIECE = 1 << 20;
/** The maximum size of a JSON array. It can't be split, so it is held in memory as a whole. */
const MOST = 1 << 29;
/** The maximum number of unreadable records to report. */
export const FIRST = 10;
const TELL_EVERY = 100;

/** Reads events in any supported format, or a saved fold, plain or gzipped. Reports progress to `onProgress`. */
export async function readFile(file, fold, onProgress, signal) {
  const read = { name: file.name, size: file.size, bytes: 0, events: 0, unreadable: 0, first: [] };
  let lines = 0;
  let toldAt = 0;
  for await (const { bytes, isSaved } of pieces(await unpacked(file, read))) {
    if (signal.aborted) return read;
    if (isSaved) {
      fold.restore(bytes);
      continue;
    }
    const { counts, unreadable } = fold.read(bytes);
    read.events += Object.values(counts).reduce((sum, count) => sum + count, 0) - counts.unreadable;
    read.unreadable += counts.unreadable;
    for (const record of unreadable.slice(0, FIRST - read.first.length)) {
      read.first.push({ line: lines + record.line, code: record.issues[0]?.code, message: record.issues[0]?.message });
    }
    for (const byte of bytes) if (byte === 10) lines += 1;
    if (Date.now() - toldAt < TELL_EVERY) continue;
    toldAt = Date.now();
    onProgress(read);
  }
  onProgress(read);
  return read;
}

async function unpacked(file, read) {
  const count = new TransformStream({
    transform(chunk, controller) {
      read.bytes += chunk.length;
      controller.enqueue(chunk);
    },
  });
  const [a, b, c, d] = new Uint8Array(await file.slice(0, 4).arrayBuffer());
  if (a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd) {
    throw new Error("browsers can't unpack zstd; unpack the file first, or use gzip");
  }
  const bytes = file.stream().pipeThrough(count);
  return a === 0x1f && b === 0x8b ? bytes.pipeThrough(new DecompressionStream("gzip")) : bytes;
}

/** Yields pieces of a stream that each end at the end of a record. */
async function* pieces(stream) {
  let held = [];
  let size = 0;
  let wanted = PIECE;
  let isSaved = false;
  const reader = stream.getReader();
  for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
    held.push(value);
    size += value.length;
    if (size > MOST) throw new Error("not a file of events: no record ends within 512 MB");
    if (size < wanted) continue;
    const bytes = joined(held, size);
    isSaved ||= isSavedFold(bytes);
    const cut = isSaved ? 0 : recordEnd(bytes);
    if (cut > 0) yield { bytes: bytes.subarray(0, cut) };
    const rest = bytes.subarray(cut);
    [held, size] = [[rest], rest.length];
    // Do not search the same bytes again for every chunk.
    wanted = Math.max(PIECE, size * 2);
  }
  const bytes = joined(held, size);
  if (size > 0) yield { bytes, isSaved: isSaved || isSavedFold(bytes) };
}

/** Returns the index after the last `}` that precedes a line break and a `{`: in JSON, only between records. */
function recordEnd(bytes) {
  for (let at = bytes.lastIndexOf(0x7b); at > 0; at = bytes.lastIndexOf(0x7b, at - 1)) {
    let before = at - 1;
    while (bytes[before] === 10 || bytes[before] === 13) before -= 1;
    if (bytes[before] === 0x7d && before < at - 1) return at;
  }
  return 0;
}

function isSavedFold(bytes) {
  return SAVED.every((byte, i) => bytes[i] === byte);
}

function joined(chunks, size) {
  if (chunks.length === 1) return chunks[0];
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
