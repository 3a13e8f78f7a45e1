import { AgentfoldError } from "./error.js";

/** How deeply plain data may be nested. */
const DEEPEST = 128;

/**
 * Copies plain data, so that no code of the caller runs while the module reads it.
 *
 * @throws {AgentfoldError} `bad_argument` for other objects, and for data that can't be read.
 */
export function plain(value, name) {
  return readable(name, () => copied(value, path(name), 0));
}

function copied(value, path, depth) {
  if (typeof value === "function" || typeof value === "symbol") throw mistaken(value, path);
  if (typeof value !== "object" || value === null) return value;
  if (depth === DEEPEST) throw wrong(path, "it is nested too deeply");
  if (Array.isArray(value)) return value.map((item, i) => copied(item, `${path}/${i}`, depth + 1));
  if (value instanceof Map) return copied(Object.fromEntries(value), path, depth);
  if (!isData(value)) throw mistaken(value, path);
  const fields = Object.entries(value).map(([key, field]) => [key, copied(field, `${path}/${key}`, depth + 1)]);
  return Object.fromEntries(fields);
}

/**
 * Returns the bytes of a buffer or a view of one, of any realm. Returns `undefined` for plain data.
 *
 * @throws {AgentfoldError} `bad_argument` for other objects: as JSON, most of them would be `{}`.
 */
export function bytesOf(value, name) {
  return readable(name, () => {
    if (typeof value === "function" || typeof value === "symbol") throw mistaken(value, path(name));
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    const type = tag(value);
    if (type === "ArrayBuffer" || type === "SharedArrayBuffer") return new Uint8Array(value);
    if (!isData(value)) throw mistaken(value, path(name));
    return undefined;
  });
}

/** Returns the error for an argument that should be text. */
export function notText(value, name) {
  return mistaken(value, path(name));
}

/** Whether an object has fields of its own, or none at all as `{}`: an object of a class without any is no data. */
function isData(value) {
  const prototype = Object.getPrototypeOf(value);
  const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null;
  if (isPlain) return true;
  // An object of this package has its memory and no fields.
  if (tag(value) === "Date" || value.held) return false;
  return Object.keys(value).length > 0 || typeof value.toJSON === "function";
}

function readable(name, read) {
  try {
    return read();
  } catch (error) {
    if (error instanceof AgentfoldError) throw error;
    throw wrong(path(name), "it can't be read", error);
  }
}

/** The error for a value of the wrong type, with the mistake that it probably comes from. */
function mistaken(value, path) {
  const type = typeof value === "object" && value !== null ? tag(value) : typeof value;
  if (typeof value?.then === "function") return wrong(path, "it is a promise: `await` it");
  if (type === "Date") return wrong(path, "it is a `Date`: pass its `toISOString()`");
  if (typeof value?.arrayBuffer === "function") {
    return wrong(path, `it is a \`${type}\`: pass its bytes, \`await value.arrayBuffer()\``);
  }
  return wrong(path, `it has the wrong type: ${type}`);
}

function wrong(path, why, cause) {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return new AgentfoldError("bad_argument", path, name ? `\`${name}\`: ${why}` : why, cause && { cause });
}

/** The path of an argument; that of the fields of a single argument begins at the fields. */
function path(name) {
  return name && `/${name}`;
}

function tag(value) {
  return Object.prototype.toString.call(value).slice("[object ".length, -1);
}
