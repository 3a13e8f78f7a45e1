let memory;
let view = new Uint8Array();

/** Passes the memory that the module reads bytes from. */
export function lend(given) {
  memory = given;
  view = new Uint8Array();
}

/**
 * Copies up to `room` of `bytes`, beginning at index `from`, into the module's memory at `to`.
 *
 * Returns the total number of bytes, or -1 if `bytes` is not an array of bytes, or has none: it may be detached.
 */
export function copy(bytes, from, to, room) {
  // Not `instanceof`: arrays from another realm are not instances of this realm's `Uint8Array`.
  if (!ArrayBuffer.isView(bytes) || bytes.BYTES_PER_ELEMENT !== 1 || bytes.length === 0) return -1;
  // When the memory grows it gets a new buffer, and views of the old one become empty.
  if (view.length === 0) view = new Uint8Array(memory.buffer);
  const fits = from === 0 && bytes.length <= room;
  view.set(fits ? bytes : bytes.subarray(from, from + room), to);
  return bytes.length;
}
