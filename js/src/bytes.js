let memory;
let view = new Uint8Array();

/** Passes the memory that the module reads bytes from. */
export function lend(given) {
  memory = given;
}

/**
 * Copies up to `room` of `bytes`, beginning at index `from`, into the module's memory at `to`.
 *
 * Returns the total number of bytes, or -1 if `bytes` is not an array of bytes.
 */
export function copy(bytes, from, to, room) {
  // Not `instanceof`: arrays from another realm are not instances of this realm's `Uint8Array`.
  if (!ArrayBuffer.isView(bytes) || bytes.BYTES_PER_ELEMENT !== 1) return -1;
  // When the memory grows it gets a new buffer, and views of the old one become empty.
  if (view.length === 0) view = new Uint8Array(memory.buffer);
  const fits = from === 0 && bytes.length <= room;
  view.set(fits ? bytes : bytes.subarray(from, from + room), to);
  return bytes.length;
}

/**
 * Returns the bytes of an array of bytes, a `DataView` or a buffer, of any realm. Returns `undefined` for plain
 * data.
 *
 * Throws for other objects without fields, such as a promise or a response: as JSON they would be `{}`.
 */
export function bytesOf(value) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  if (ArrayBuffer.isView(value)) {
    if (value.BYTES_PER_ELEMENT > 1) throw new TypeError("not bytes");
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }
  const type = Object.prototype.toString.call(value);
  if (type === "[object ArrayBuffer]" || type === "[object SharedArrayBuffer]") return new Uint8Array(value);
  const prototype = Object.getPrototypeOf(value);
  const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null;
  if (!isPlain && Object.keys(value).length === 0 && !value.toJSON) throw new TypeError("not data");
  return undefined;
}
