/** Yields the pages of the Chat export that a cursor pulls. */
export async function* exportEvents({ cursor, host, fetch = globalThis.fetch, headers, sleep = slept }) {
  for (;;) {
    const step = cursor.next();
    if (step.step === "pause") {
      await sleep(step.seconds);
      continue;
    }
    const taken = await take(cursor, step, { host, fetch, headers });
    if (taken.step === "pause") {
      await sleep(taken.seconds);
      continue;
    }
    yield taken;
    if (taken.is_last) return;
  }
}

async function take(cursor, { path, query, max_bytes }, { host, fetch, headers }) {
  let reply;
  try {
    // Do not follow redirects: the credentials must not be sent to another host.
    const got = await fetch(`https://${host}${path}?${query}`, { headers, redirect: "manual" });
    reply = { host, status: got.status, headers: got.headers, body: await body(got, max_bytes) };
  } catch {
    return cursor.lost();
  }
  return cursor.take(reply);
}

/** The body, unpacked, but not much more of it than the cursor takes. */
async function body(got, maxBytes) {
  if (!got.body?.getReader) return got.arrayBuffer();
  const reader = got.body.getReader();
  const parts = [];
  for (let length = 0; length <= maxBytes; ) {
    const { done, value } = await reader.read();
    if (done) return joined(parts);
    parts.push(value);
    length += value.length;
  }
  reader.cancel().catch(() => {});
  return joined(parts);
}

function joined(parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function slept(seconds) {
  return new Promise((done) => setTimeout(done, seconds * 1000));
}
