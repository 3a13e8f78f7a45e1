// Runs the vectors in every runtime, with the packed and installed package.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { test } from "node:test";

import { build } from "esbuild";

import { launched, reason } from "./browser.js";
import { install, js, run, tool, vectors } from "./package.js";

const project = install();
const harness = join(js, "tests/vectors.js");
const streams = join(js, "tests/streams.js");

writeFileSync(
  join(project, "held.js"),
  `import * as api from "agentfold";
   import { check } from ${JSON.stringify(harness)};
   import { checkStreams } from ${JSON.stringify(streams)};
   export const held = async (vectors) => {
     const [checked, streamed] = [check(api, vectors), await checkStreams(api, vectors)];
     const failures = [...checked.failures, ...streamed.failures];
     return JSON.stringify({ held: checked.held, streamed: streamed.held, failures });
   };`,
);
writeFileSync(join(project, "vectors.json"), JSON.stringify(vectors()));
writeFileSync(
  join(project, "main.js"),
  `import { readFileSync } from "node:fs";
   import { held } from "./held.js";
   console.log(await held(JSON.parse(readFileSync("vectors.json", "utf8"))));`,
);

function assertHeld(printed) {
  const { held, streamed, failures } = JSON.parse(printed);
  assert.deepEqual(failures.slice(0, 5), []);
  assert.ok(held > 3000, `${held} checks`);
  assert.ok(streamed > 500, `${streamed} checks of streams`);
}

test("the vectors pass in Node", () => {
  assertHeld(run(process.execPath, ["main.js"], project));
});

for (const version of [22, 24]) {
  test(`the vectors pass in Node ${version}`, () => {
    const node = join(js, `node_modules/node-${version}/bin/node`);
    assert.match(run(node, ["--version"], project), new RegExp(`^v${version}`));
    assertHeld(run(node, ["main.js"], project));
  });
}

test("require loads the package in Node", () => {
  const required = 'const { Fold } = require("agentfold"); console.log(new Fold().agents().length)';
  assert.equal(run(process.execPath, ["--no-warnings", "-e", required, "--input-type=commonjs"], project), "0\n");
  // It is the copy that is imported.
  const shared = `
    const all = ["agentfold/slim", "agentfold"].map((name) => require(name).Fold);
    import("agentfold").then(({ Fold }) => console.log(all.every((required) => required === Fold), Object.keys(require("agentfold/node"))))`;
  const printed = run(process.execPath, ["--no-warnings", "-e", shared, "--input-type=commonjs"], project);
  assert.equal(printed, "true [ 'fastifyPlugin', 'nodeHandler' ]\n");
});

test("the vectors pass in Jest, with its defaults", () => {
  const folder = join(project, "jest");
  mkdirSync(folder);
  // As Jest begins: CommonJS, with nothing configured.
  writeFileSync(join(folder, "package.json"), "{}");
  const asCommonJs = readFileSync(harness, "utf8").replace("export function check", "module.exports = function check");
  writeFileSync(join(folder, "harness.js"), asCommonJs);
  writeFileSync(
    join(folder, "held.test.js"),
    `const agentfold = require("agentfold");
     const check = require("./harness.js");
     test("the vectors", () => {
       const { held, failures } = check(agentfold, require("../vectors.json"));
       expect(failures.slice(0, 5)).toEqual([]);
       expect(held).toBeGreaterThan(3000);
     });
     test("all entry points are required, and share one copy of the package", () => {
       const [slim, node] = [require("agentfold/slim"), require("agentfold/node")];
       expect(slim.Fold).toBe(agentfold.Fold);
       expect(slim.init).toBeInstanceOf(Function);
       expect(Object.keys(node).sort()).toEqual(["fastifyPlugin", "nodeHandler"]);
     });
     test("a handler of agentfold/node takes a fold of agentfold", async () => {
       const { Fold, webhook } = agentfold;
       const fold = new Fold();
       const rawBody = '{"account_id":2}';
       const incoming = { method: "POST", headers: webhook.sign(rawBody, "s"), rawBody };
       const status = await new Promise((answer, refuse) => {
         const outgoing = { writeHead: (status) => answer(status), end() {} };
         require("agentfold/node").nodeHandler({ secrets: ["s"], fold })(incoming, outgoing, refuse);
       });
       expect(status).toBe(400);
     });`,
  );
  run(tool("jest"), ["--rootDir", folder, "--ci", "--cacheDirectory", join(folder, "cache")], folder);
});

test("the package is imported by tests of Jest that are modules", () => {
  const folder = join(project, "jest-modules");
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(
    join(folder, "imported.test.js"),
    `import { Fold } from "agentfold";
     import { nodeHandler } from "agentfold/node";
     import * as slim from "agentfold/slim";
     test("all entry points share one copy", () => {
       expect(new Fold().agents()).toEqual([]);
       expect(slim.Fold).toBe(Fold);
       expect(nodeHandler).toBeInstanceOf(Function);
     });`,
  );
  const args = ["--rootDir", folder, "--ci", "--cacheDirectory", join(folder, "cache")];
  run(tool("jest"), args, folder, { NODE_OPTIONS: "--experimental-vm-modules" });
});

test("the vectors pass in Deno", () => {
  const args = ["run", "--allow-all", "--no-lock", "--node-modules-dir=manual", "main.js"];
  assertHeld(run(tool("deno"), args, project, { DENO_NO_UPDATE_CHECK: "1" }));
});

test("the vectors pass in Bun", () => {
  assertHeld(run(tool("bun"), ["main.js"], project));
});

test("the vectors pass in workerd, bundled like a Worker", async () => {
  writeFileSync(
    join(project, "worker.js"),
    `import { held } from "./held.js";
     import vectors from "./vectors.json";
     export default { async test() { console.log(await held(vectors)); } };`,
  );
  const outdir = join(project, "worker");
  await build({
    entryPoints: [join(project, "worker.js")],
    outdir,
    bundle: true,
    format: "esm",
    conditions: ["workerd", "worker", "browser"],
    loader: { ".wasm": "copy" },
    absWorkingDir: project,
  });
  const wasm = readdirSync(outdir).find((name) => name.endsWith(".wasm"));
  writeFileSync(
    join(outdir, "config.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
     const config :Workerd.Config = (services = [(name = "main", worker = (
       modules = [
         (name = "worker.js", esModule = embed "worker.js"),
         (name = "${wasm}", wasm = embed "${wasm}"),
       ],
       compatibilityDate = "2026-04-01",
     ))]);`,
  );
  assertHeld(run(tool("workerd"), ["test", "config.capnp"], outdir));
});

test("the vectors pass in a browser without a bundler", async (t) => {
  if (reason) return t.skip(reason);
  writeFileSync(
    join(project, "index.html"),
    `<!doctype html><script type="importmap">{ "imports": {
       "agentfold": "/node_modules/agentfold/src/inlined.js", "${harness}": "/vectors.js", "${streams}": "/streams.js" } }</script>`,
  );
  const types = { ".html": "text/html", ".js": "text/javascript", ".json": "application/json" };
  const server = createServer(({ url }, response) => {
    const file = { "/vectors.js": harness, "/streams.js": streams }[url] ?? join(project, url);
    if (!existsSync(file)) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": types[extname(file)] }).end(readFileSync(file));
  });
  const browser = await launched();
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.address().port}/index.html`);
    const printed = await page.evaluate(async () => {
      const { held } = await import("/held.js");
      return held(await (await fetch("/vectors.json")).json());
    });
    assertHeld(printed);
  } finally {
    await browser.close();
    server.close();
  }
});
