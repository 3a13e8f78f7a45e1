// Follows a server: its fold, and then each event that it receives.

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30_000;

/**
 * Follows an account until `signal` aborts or the server refuses. Reports `connecting`, `live`,
 * `reconnecting` or `refused` to `onStatus`.
 */
export async function follow({ account, token, take, restore, onStatus, signal }) {
  const path = `/accounts/${encodeURIComponent(account)}`;
  let wait = FIRST_WAIT;
  onStatus("connecting");
  while (!signal.aborted) {
    const live = () => {
      wait = FIRST_WAIT;
      onStatus("live");
    };
    try {
      await followed({ path, token, take, restore, live, signal });
    } catch (error) {
      if (error instanceof Refused) return onStatus("refused");
    }
    if (signal.aborted) return undefined;
    onStatus("reconnecting");
    // Random waits, so that not all pages reconnect at once when a server restarts.
    await slept(wait * (0.5 + Math.random() / 2), signal);
    wait = Math.min(wait * 2, LONGEST_WAIT);
  }
  return undefined;
}

class Refused extends Error {}

/** Follows one connection until it ends. Queues events until the fold has arrived; duplicates change nothing. */
async function followed({ path, token, take, restore, live, signal }) {
  const waiting = [];
  let taken = (text) => waiting.push(text);
  const socket = opened(path, token);
  const closed = new Promise((done) => {
    socket.onclose = done;
  });
  const close = () => socket.close();
  signal.addEventListener("abort", close);
  socket.onmessage = ({ data }) => taken(data);
  try {
    await Promise.race([new Promise((done) => (socket.onopen = done)), closed]);
    // Scripts can't see why a socket was refused, so the status of the request for the fold decides.
    const headers = { authorization: `Bearer ${token}` };
    const reply = await fetch(`${path}/fold`, { headers, signal, cache: "no-store" });
    if ([401, 403, 404].includes(reply.status)) throw new Refused();
    if (!reply.ok || socket.readyState !== WebSocket.OPEN) return;
    restore(await reply.arrayBuffer());
    taken = (text) => {
      const { event } = JSON.parse(text, withAllDigits);
      if (event) take(event);
    };
    waiting.forEach(taken);
    live();
    await closed;
  } finally {
    signal.removeEventListener("abort", close);
    socket.close();
  }
}

function opened(path, token) {
  const url = new URL(`${path}/live`, location.origin);
  url.protocol = url.protocol.replace("http", "ws");
  try {
    return new WebSocket(url, ["agentfold", token]);
  } catch {
    // The token has characters that are not allowed in a header.
    throw new Refused();
  }
}

/** Keeps integers as text if a JavaScript number would lose digits, as with long ids. */
function withAllDigits(_, value, { source } = {}) {
  return typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value) ? source : value;
}

function slept(milliseconds, signal) {
  return new Promise((done) => {
    setTimeout(done, milliseconds);
    signal.addEventListener("abort", done, { once: true });
  });
}
