let memory;
let view = new Uint8Array();

/** Where the module takes bytes from its host. */
export function lend(given) {
  memory = given;
}

/**
 * Copies what fits of bytes, from one of them on, into the module, and tells how many there are in all;
 * -1 if these are no bytes.
 */
export function copy(bytes, from, to, room) {
  // Also those of another realm, which are no instances of this one's `Uint8Array`.
  if (!ArrayBuffer.isView(bytes) || bytes.BYTES_PER_ELEMENT !== 1) return -1;
  // Memory that has grown is another buffer, and views of the one before are empty.
  if (view.length === 0) view = new Uint8Array(memory.buffer);
  const fits = from === 0 && bytes.length <= room;
  view.set(fits ? bytes : bytes.subarray(from, from + room), to);
  return bytes.length;
}
