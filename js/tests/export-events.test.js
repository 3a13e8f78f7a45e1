// Pulls the Chat export over real HTTP on loopback.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import { ExportCursor, answerExport, exportEvents } from "agentfold";

const SINCE = "2018-10-19T12:00:00Z";
const event = (number) => ({
  account_id: 2,
  agent_id: 7,
  field_name: "engagements",
  id: `event-${String(number).padStart(3, "0")}`,
  timestamp: new Date(Date.parse(SINCE) + number * 1000).toISOString(),
  value: number,
});

/** Starts a server that gives its failures first, and then pages of at most `most` events. */
async function serve(events, { failures = [], most = 1000 } = {}) {
  const asked = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    const failure = failures.shift();
    if (failure) {
      response.writeHead(failure.status, failure.headers).end(failure.body);
      return;
    }
    const query = new URL(request.url, "http://x").searchParams;
    query.delete("start_id");
    query.set("limit", String(Math.min(most, Number(query.get("limit")))));
    const url = `https://${server.host}/api/v2/chat/incremental/agent_events`;
    const answer = answerExport(query.toString(), events, { url });
    response.writeHead(answer.status).end(answer.body);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  server.host = `127.0.0.1:${server.address().port}`;
  after(() => server.close());
  server.unref();
  return { host: server.host, asked };
}

/** Pulls everything; the waits are noted, not waited for. */
async function pull(cursor, host) {
  const [pages, slept] = [[], []];
  // The local server has no certificate.
  const plain = (url, init) => fetch(url.replace("https:", "http:"), init);
  const sleep = async (seconds) => {
    slept.push(seconds);
  };
  for await (const page of exportEvents({ cursor, host, fetch: plain, sleep })) pages.push(page);
  return { pages, slept, ids: pages.flatMap((page) => page.events.map((one) => JSON.parse(one).id)) };
}

const EVENTS = Array.from({ length: 95 }, (_, number) => event(number));
const IDS = EVENTS.map(({ id }) => id);

test("a host that gives fewer events than requested is asked on", async () => {
  const { host } = await serve(EVENTS, { most: 20 });
  const { ids, pages } = await pull(new ExportCursor({ since: SINCE }), host);
  assert.deepEqual(ids, IDS);
  assert.equal(pages.flatMap((page) => page.warnings).filter(({ code }) => code === "short_page").length, 1);
});

test("replies that may pass are asked for again, as long as the reply says", async () => {
  const failures = [
    { status: 409, body: '{"error":"DatabaseConflict"}' },
    { status: 200, body: "<html>maintenance</html>" },
    { status: 403, body: "<html>proxy</html>" },
    { status: 302, headers: { location: "https://login.example/" } },
    { status: 429, headers: { "retry-after": "1.5" } },
    { status: 503, headers: { "retry-after": "2, 2" } },
    { status: 429, headers: { "ratelimit-reset": "41" } },
  ];
  const { host } = await serve(EVENTS, { failures });
  const { ids, slept } = await pull(new ExportCursor({ since: SINCE }), host);
  assert.deepEqual(ids, IDS);
  assert.deepEqual(slept.slice(4), [1.5, 2, 41]);
});

test("a reply that does not pass is thrown", async () => {
  const html = { status: 200, body: "<html>login</html>" };
  const wrong = { status: 401, body: '{"error":"invalid_token"}' };
  for (const [failures, code] of [[Array(5).fill(html), "not_a_page"], [[wrong], "unauthorized"]]) {
    const { host } = await serve(EVENTS, { failures });
    await assert.rejects(pull(new ExportCursor({ since: SINCE }), host), { code });
  }
});

test("no more is unpacked than a page may have", async () => {
  const body = gzipSync(Buffer.alloc(400 << 20, " "), { level: 1 });
  const { host } = await serve(EVENTS, { failures: [{ status: 200, headers: { "content-encoding": "gzip" }, body }] });
  const before = process.memoryUsage().arrayBuffers;
  await assert.rejects(pull(new ExportCursor({ since: SINCE }), host), { code: "page_too_large", status: 200 });
  assert.ok(process.memoryUsage().arrayBuffers - before < 300 << 20);
});

test("records that are no events or dated ahead are kept apart", async () => {
  const ahead = { ...event(95), timestamp: "9999-12-31T23:59:59Z" };
  const body = `\ufeff${JSON.stringify({ agent_events: [{}, EVENTS[0], ahead, null, { ...event(3), id: 5 }] })}`;
  const { host } = await serve(EVENTS, { failures: [{ status: 200, body }] });
  const cursor = new ExportCursor({ since: SINCE });
  const { pages } = await pull(cursor, host);
  assert.deepEqual(
    pages[0].apart.map(({ code, path }) => [code, path]),
    [["not_an_event", "/agent_events/0"], ["dated_ahead", "/agent_events/2"], ["not_an_event", "/agent_events/3"]],
  );
  assert.equal(pages[0].events.length, 2);
  assert.ok(cursor.startTime < "2019");
});

test("a start in the future is thrown", async () => {
  await assert.rejects(pull(new ExportCursor({ since: "2999-01-01T00:00:00Z" }), "127.0.0.1:9"), {
    code: "start_in_future",
  });
});
