// Webhook deliveries in the frameworks of Node, each with a real server.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { describe, test } from "node:test";

import { Fold, receive, webhook } from "agentfold";
import { fastifyPlugin, nodeHandler } from "agentfold/node";
import express from "express";
import Fastify from "fastify";
import { Hono } from "hono";

const SECRET = "only-zendesk-and-we-know";
// Not as `JSON.stringify` writes it: a body that was parsed has another signature.
const EVENT = `{ "account_id": 2, "agent_id": 9007199254740993, "field_name": "status", "id": "a",
  "timestamp": "2026-01-05T09:00:00Z", "value": "online" }`;

/** Each server with its deliveries at /zendesk, and JSON parsed elsewhere. */
const servers = {
  "node:http": (options) => createServer(nodeHandler(options)),
  Express(options) {
    const app = express();
    app.all("/zendesk", nodeHandler(options));
    app.use(express.json());
    app.post("/json", (request, response) => response.json(request.body));
    return createServer(app);
  },
  "Express, with raw bodies": (options) => {
    const app = express();
    app.use(express.raw({ type: "*/*" }));
    app.all("/zendesk", nodeHandler(options));
    return createServer(app);
  },
  async Fastify(options) {
    const app = Fastify();
    app.register(fastifyPlugin, { path: "/zendesk", ...options });
    app.post("/json", (request) => request.body);
    await app.ready();
    return app.server;
  },
  Hono({ answered, ...options }) {
    const app = new Hono();
    app.all("/zendesk", async (c) => {
      const result = await receive(c.req.raw, options);
      answered(result);
      return result.response;
    });
    return createServer(async (incoming, outgoing) => {
      const { method, headers } = incoming;
      const body = method === "POST" ? incoming : undefined;
      const reply = await app.fetch(new Request(`http://localhost${incoming.url}`, { method, headers: withoutHops(headers), body, duplex: "half" }));
      outgoing.writeHead(reply.status, Object.fromEntries(reply.headers)).end(Buffer.from(await reply.arrayBuffer()));
    });
  },
};

function withoutHops({ connection, host, "transfer-encoding": encoding, ...headers }) {
  return headers;
}

async function listening(server) {
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const url = `http://127.0.0.1:${server.address().port}`;
  return { url, close: () => (server.closeAllConnections(), new Promise((done) => server.close(done))) };
}

function deliver(url, body, secret = SECRET) {
  const headers = { "content-type": "application/json", "x-zendesk-account-id": "2", ...webhook.sign(body, secret) };
  return fetch(`${url}/zendesk`, { method: "POST", body, headers });
}

describe("deliveries", () => {
  for (const [name, make] of Object.entries(servers)) {
    test(`in ${name}`, async () => {
      const [fold, results] = [new Fold(), []];
      const answered = ({ outcome }) => void results.push(outcome);
      const { url, close } = await listening(await make({ secrets: [SECRET], fold, answered }));
      const statuses = [];
      for (const [body, secret] of [[EVENT], [EVENT], [EVENT, "somebody-else-s-secret"], ["{}"], [" ".repeat(90_000)]]) {
        const reply = await deliver(url, body, secret);
        statuses.push(reply.status);
        assert.equal(await reply.text(), "");
      }
      assert.deepEqual(statuses, [200, 200, 401, 400, 400]);
      const got = await fetch(`${url}/zendesk`);
      assert.deepEqual([got.status, got.headers.get("allow")], [405, "POST"]);
      assert.deepEqual(results, ["applied", "duplicate", "untrusted", "unreadable", "unreadable", "wrong_method"]);
      assert.equal(fold.agents()[0].agent_id, "9007199254740993");
      const json = await fetch(`${url}/json`, { method: "POST", body: "[1]", headers: { "content-type": "application/json" } });
      if (name === "Express" || name === "Fastify") assert.equal(await json.text(), "[1]");
      await close();
    });
  }

  test("a body that is too large is not read to its end", async () => {
    const fold = new Fold();
    const { url, close } = await listening(createServer(nodeHandler({ secrets: [SECRET], fold, read: { max_bytes: 1000 } })));
    const reply = await deliver(url, " ".repeat(2000));
    assert.equal(reply.status, 413);
    await close();
  });

  test("a body that was parsed before is a mistake of the program, which is told", async () => {
    const errors = [];
    const app = express();
    app.use(express.json());
    app.post("/zendesk", nodeHandler({ secrets: [SECRET], fold: new Fold() }));
    app.use((error, _request, response, _next) => {
      errors.push(error);
      response.sendStatus(500);
    });
    const { url, close } = await listening(createServer(app));
    assert.equal((await deliver(url, EVENT)).status, 500);
    assert.equal(errors.length, 1);
    assert.deepEqual([errors[0].name, errors[0].code, errors[0].path], ["AgentfoldError", "bad_argument", "/request"]);
    assert.match(errors[0].message, /before parsers such as `express.json\(\)`/);
    await close();
  });
});
