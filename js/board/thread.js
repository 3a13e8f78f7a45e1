// The page's side of the worker thread that holds the fold.

const worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
const waiting = new Map();
const listeners = new Map();
let asked = 0;

/** Sends a question to the worker thread and returns the answer. Rejects if there is none. */
export function ask(what, about = {}) {
  const id = ++asked;
  worker.postMessage({ id, ask: what, ...about });
  return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
}

/** Sets the listener for messages of the worker thread: `board`, `progress`, `connection` or `failed`. */
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
  const message = event.message ?? "files of the page are missing";
  for (const { reject } of waiting.values()) reject(new Error(message));
  waiting.clear();
  listeners.get("failed")({ message });
};
