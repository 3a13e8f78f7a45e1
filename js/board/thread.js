// The page's end of the fold's thread.

const worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
const waiting = new Map();
const listeners = new Map();
let asked = 0;

/** Asks the fold; what it can't answer is thrown. */
export function ask(what, about = {}) {
  const id = ++asked;
  worker.postMessage({ id, ask: what, ...about });
  return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
}

/** Hears what the fold's thread tells of itself: `board`, `progress`, `connection`, `failed`. */
export function on(push, listener) {
  listeners.set(push, listener);
}

worker.onmessage = ({ data }) => {
  if (data.push) return listeners.get(data.push)(data);
  const { resolve, reject } = waiting.get(data.id);
  waiting.delete(data.id);
  return data.error ? reject(Object.assign(new Error(data.error.message), data.error)) : resolve(data.answer);
};

worker.onerror = (event) => {
  const message = event.message ?? "the page's files are not all there";
  for (const { reject } of waiting.values()) reject(new Error(message));
  waiting.clear();
  listeners.get("failed")({ message });
};
