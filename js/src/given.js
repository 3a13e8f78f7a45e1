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
    if (typeof value !== "object" || value === null) return undefined;
    if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    const type = tag(value);
    if (type === "ArrayBuffer" || type === "SharedArrayBuffer") return new Uint8Array(value);
    if (Array.isArray(value)) checkArray(value, name);
    else if (type !== "Object" || !isData(value)) throw mistaken(value, path(name));
    return undefined;
  });
}

/** Many events may be an array of objects, and one event may not. */
function checkArray(values, name) {
  if (name === "event") throw wrong(path(name), "it is an array: `Fold.read` takes many events");
  const i = values.findIndex((value) => typeof value !== "object" || value === null);
  if (i < 0) return;
  const type = values[i] === null ? "null" : typeof values[i];
  const why = type === "number" ? "it is an array of numbers: pass bytes as a `Uint8Array`" : `it has an item of type ${type}`;
  throw wrong(path(name), why);
}

/** Returns the error for an argument that has a wrong type. */
export function wrongType(value, name) {
  return mistaken(value, path(name));
}

/** Whether an object has fields of its own, or none at all as `{}`: an object of a class without any is no data. */
function isData(value) {
  const prototype = Object.getPrototypeOf(value);
  const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null;
  if (isPlain) return true;
  // An object of this package has its memory and no fields. Streams of Node have fields.
  if (tag(value) === "Date" || value.held || value[Symbol.asyncIterator]) return false;
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
  const type = value === null ? "null" : typeof value === "object" ? tag(value) : typeof value;
  if (typeof value?.then === "function") return wrong(path, "it is a promise: `await` it");
  if (type === "Date") return wrong(path, "it is a `Date`: pass its `toISOString()`");
  if (typeof value?.arrayBuffer === "function") {
    return wrong(path, `it is a \`${type}\`: pass its bytes, \`await value.arrayBuffer()\``);
  }
  if (value?.held) return wrong(path, "it is an object of this package: `Fold.merge` takes the events of another fold");
  if (typeof value?.getReader === "function" || value?.[Symbol.asyncIterator]) {
    return wrong(path, "it is a stream: `Fold.readFrom` and `readEvents` take streams");
  }
  if (type === "Map") return wrong(path, "it is a `Map`: pass an object, `Object.fromEntries(value)`");
  if (type === "Set") return wrong(path, "it is a `Set`: pass an array, `[...value]`");
  if (type === "String") return wrong(path, "it is a `String` object: pass its text, `String(value)`");
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
