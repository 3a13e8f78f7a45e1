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

async function take(cursor, { path, query }, { host, fetch, headers }) {
  let reply;
  try {
    // Do not follow redirects: the credentials must not be sent to another host.
    const got = await fetch(`https://${host}${path}?${query}`, { headers, redirect: "manual" });
    reply = { host, status: got.status, headers: got.headers, body: await got.arrayBuffer() };
  } catch {
    return cursor.lost();
  }
  return cursor.take(reply);
}

function slept(seconds) {
  return new Promise((done) => setTimeout(done, seconds * 1000));
}
