// The document of the Worker's API, compared with the running Worker and with its source.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";

import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

import { folder, js } from "./package.js";
import { Running, TOKENS, bundled, stream } from "./worker.js";

const text = readFileSync(join(js, "worker/openapi.json"), "utf8");
const document = JSON.parse(text);
const sources = readdirSync(join(js, "worker/src")).map((name) => readFileSync(join(js, "worker/src", name), "utf8")).join("\n");
const ajv = addFormats.default(new Ajv2020({ strict: false }));
ajv.addSchema({ ...document, $id: "openapi" });

const worker = await Running.start(bundled(), folder());
after(() => worker.stop());
for (const event of stream().slice(0, 30)) await worker.deliver(event);

/** The operations as [path, method, operation, path of a request]. */
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  ["get", "post"].filter((method) => item[method]).map((method) => [path, method, item[method], path.replace("{account}", "2")]),
);
const read = operations.filter(([, method]) => method === "get");
const ofAccounts = operations.filter(([path]) => path.startsWith("/accounts/"));

function resolved(part) {
  return part.$ref ? part.$ref.slice(2).split("/").reduce((at, key) => at[key], document) : part;
}

/** Asserts that a reply is one of the documented ones, and returns its body as text. */
async function assertDocumented(path, method, reply) {
  const named = document.paths[path][method].responses[reply.status];
  assert.ok(named, `${method} ${path} was answered ${reply.status}`);
  const body = await reply.text();
  const { content } = resolved(named);
  if (!content) {
    assert.equal(body, "", path);
    return body;
  }
  const [type] = reply.headers.get("content-type").split(";");
  assert.ok(content[type], `${method} ${path} was answered ${reply.status} with ${type}`);
  if (type !== "application/json") return body;
  const pointer = named.$ref ?? `#/paths/${path.replaceAll("/", "~1")}/${method}/responses/${reply.status}`;
  const isValid = ajv.getSchema(`openapi${encodeURI(`${pointer}/content/application~1json/schema`)}`);
  assert.ok(isValid(JSON.parse(body)), `${method} ${path}: ${ajv.errorsText(isValid.errors)}: ${body.slice(0, 200)}`);
  return body;
}

test("the document is valid OpenAPI 3.1, and all of its components are used", async () => {
  const { valid, errors } = await new Validator().validate(structuredClone(document));
  assert.ok(valid, JSON.stringify(errors));
  assert.match(document.openapi, /^3\.1\./);
  for (const kind of ["parameters", "responses", "schemas"]) {
    for (const name of Object.keys(document.components[kind])) assert.ok(text.includes(`"#/components/${kind}/${name}"`), name);
  }
  for (const [, ref] of text.matchAll(/"\$ref": "([^"]+)"/g)) assert.ok(resolved({ $ref: ref }), ref);
  const ids = operations.map(([, , { operationId }]) => operationId);
  assert.equal(new Set(ids).size, ids.length);
});

test("the Worker serves the document without a token", async () => {
  const reply = await worker.fetch("/openapi.json");
  assert.equal(reply.status, 200);
  assert.deepEqual(await reply.json(), document);
});

test("each path is answered as the document says", async () => {
  for (const [path, method, , asked] of read) {
    const body = await assertDocumented(path, method, await worker.get(asked));
    // What is not set up for the account has codes of its own.
    assert.doesNotMatch(body, /"code":"not_found"/, path);
  }
  assert.equal((await worker.get("/accounts/2/other")).status, 404);
  assert.equal((await worker.watch()).status, 101);
});

test("refusals are answered as the document says", async () => {
  for (const [path, method, { operationId }, asked] of operations) {
    if (operationId === "deliver") {
      const replies = [await worker.fetch(asked, { method: "POST", body: "{}" }), await worker.fetch(asked)];
      assert.deepEqual(replies.map(({ status }) => status), [401, 405]);
      for (const reply of replies) await assertDocumented(path, method, reply);
    }
    const { security = document.security } = document.paths[path][method];
    if (security.length === 0 || operationId === "deliver") continue;
    const init = { method: method.toUpperCase() };
    for (const [status, reply] of [
      [401, await worker.fetch(asked, init)],
      [405, await worker.fetch(asked, { method: "DELETE" })],
    ]) {
      assert.equal(reply.status, status, path);
      await assertDocumented(path, method, reply);
    }
  }
  for (const [path, method, , asked] of ofAccounts) {
    const headers = { authorization: `Bearer ${TOKENS[2]}` };
    const reply = await worker.fetch(`${asked}?evry=1h`, { method: method.toUpperCase(), headers });
    assert.equal(reply.status, 400, path);
    await assertDocumented(path, method, reply);
  }
  for (const [path, method, , asked] of ofAccounts) {
    const headers = { authorization: `Bearer ${TOKENS[3]}` };
    const reply = await worker.fetch(asked, { method: method.toUpperCase(), headers });
    assert.equal(reply.status, 403, path);
    await assertDocumented(path, method, reply);
  }
});

test("each parameter is read, and each that is read is documented", async () => {
  for (const [path, method, { parameters = [] }, asked] of read) {
    const names = parameters.map(resolved).map(({ name }) => name);
    const wrong = { agent: "x", at: "x", from: "x", to: "x", as_of: "x", every: "x", tz: "x", by: "x", track: "x", format: "x" };
    for (const name of names.filter((name) => wrong[name] && asked.startsWith("/accounts/"))) {
      const reply = await worker.get(`${asked}?${name}=${wrong[name]}`);
      assert.equal(reply.status, 400, `${path}?${name}=`);
      await assertDocumented(path, method, reply);
    }
    const formats = parameters.map(resolved).find(({ name }) => name === "format")?.schema.enum ?? [];
    for (const format of formats) {
      const reply = await worker.get(`${asked}?format=${format}`);
      assert.equal(reply.status, 200, `${path}?format=${format}`);
      await assertDocumented(path, method, reply);
    }
  }
  const documented = ofAccounts.flatMap(([, , { parameters = [] }]) => parameters.map(resolved)).map(({ name }) => name);
  // Rows may be of each kind that there is.
  const [row] = document.paths["/accounts/{account}/report"].get.parameters.filter(({ name }) => name === "row");
  const rows = JSON.parse(readFileSync(join(js, "../schemas/report_row.json"), "utf8"));
  assert.deepEqual(row.schema.enum, rows.oneOf.map(({ properties }) => properties.row.const));
  const inSource = [...sources.matchAll(/(?:asked|searchParams)\.get\("(\w+)"\)/g)].map(([, name]) => name);
  assert.deepEqual([...new Set(documented)].sort(), [...new Set(inSource)].sort());
});

test("each route in the source is documented", () => {
  const questions = [...sources.matchAll(/^ {2}\*(\w+)\(known/gm), ...sources.matchAll(/question === "(\w+)"/g)];
  const others = [...sources.matchAll(/pathname\.endsWith\("\/(\w+)"\)/g), ...sources.matchAll(/\/accounts\\\/\\d\+\\\/(\w+)\$/g)];
  const routes = [...questions, ...others].map(([, name]) => `/accounts/{account}/${name}`);
  const whole = [...sources.matchAll(/pathname === "(\/[\w.]+)"/g)].map(([, path]) => path);
  const exports = Object.keys(document.paths).filter((path) => path.startsWith("/api/"));
  assert.ok(routes.length > 10 && whole.length >= 3 && exports.length === 2);
  assert.deepEqual(Object.keys(document.paths).sort(), [...new Set([...routes, ...whole, ...exports])].sort());
});
