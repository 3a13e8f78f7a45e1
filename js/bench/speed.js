// `npm run bench`: compares reading and folding with other libraries, in Node and in workerd, in one run.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import Ajv from "ajv/dist/2020.js";
import standalone from "ajv/dist/standalone/index.js";
import formats from "ajv-formats";
import { build } from "esbuild";

const here = import.meta.dirname;
const root = resolve(here, "../..");
/** How often each is measured. The median is reported. */
const ROUNDS = 7;

/** The spellings of `agentfold simulate` in which an event is a line. */
const SPELLINGS = ["documented", "type-first", "spaced", "shuffled", "escaped", "extra-fields"];

const events = simulated("documented");
await makeValidator();
const { bulk, deliveries, single } = await import("./peers.js");
const given = { bulk: events.bytes, single: deliveries(events.bytes) };
console.log("The documents' spelling, unless another one is named:");
console.log(`${events.count} webhook deliveries, ${(events.bytes.length / 1e6).toFixed(1)} MB of NDJSON`);
table("Node", await measured(async (way, peer) => ({ bulk, single })[way][peer](given[way])));
await bySpelling();
const worker = await started();
try {
  await fetch(worker.url, { method: "PUT", body: events.bytes });
  table(
    "workerd",
    await measured(async (way, peer) => {
      const { ok } = await fetch(`${worker.url}/${way}/${peer}`);
      if (!ok) throw new Error(`${way}/${peer} failed in workerd`);
    }),
  );
} finally {
  worker.stop();
}

/** Returns the simulated events of 200 agents, with some deliveries repeated and late. */
function simulated(spelling) {
  const command = ["run", "--quiet", "--release", "--locked", "--package", "agentfold-cli", "--", "simulate"];
  const floor = ["--agents", "200", "--hours", "40", "--seed", "3", "--duplicate", "0.02", "--shuffle", "60"];
  floor.push("--spelling", spelling);
  const options = { cwd: root, maxBuffer: 1 << 30, stdio: ["ignore", "pipe", "ignore"] };
  const bytes = new Uint8Array(execFileSync("cargo", [...command, ...floor], options));
  return { bytes, count: bytes.reduce((sum, byte) => sum + (byte === 10), 0) };
}

/** Writes the validator that ajv generates from the schemas of the nine types. */
function makeValidator() {
  const folder = join(root, "schemas");
  const schemas = readdirSync(folder)
    .filter((name) => name.startsWith("agent."))
    .map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")));
  const ajv = new Ajv({ strict: false, discriminator: true, code: { source: true, esm: true } });
  formats(ajv);
  for (const schema of schemas) ajv.addSchema(schema);
  const oneOf = schemas.map(({ $id }) => ({ $ref: $id }));
  const discriminator = { propertyName: "type" };
  const validate = ajv.compile({ type: "object", required: ["type"], discriminator, oneOf });
  const code = standalone(ajv, validate);
  // It imports its helpers with `require`, which modules do not have, so it is bundled.
  const bundled = { stdin: { contents: code, resolveDir: here }, bundle: true, format: "esm" };
  return build({ ...bundled, outfile: join(here, "validate.js"), logLevel: "error" });
}

/** Prints how fast each spelling is read and folded, all at once. */
async function bySpelling() {
  console.log("\n| Node, all at once | agentfold, MB/s | JSON.parse, MB/s | faster by |\n|---|---:|---:|---:|");
  const { agentfold, "JSON.parse": parse } = bulk;
  for (const spelling of SPELLINGS) {
    const { bytes } = simulated(spelling);
    const times = await measured((_, peer) => bulk[peer](bytes), { bulk: { agentfold, "JSON.parse": parse } });
    const [own, other] = times.values();
    const [speed, others] = [own, other].map((ms) => (bytes.length / 1e3 / ms).toFixed(0));
    console.log(`| ${spelling} | ${speed} | ${others} | ${(other / own).toFixed(1)} |`);
  }
}

/** Returns the median milliseconds of each library. The libraries take turns. */
async function measured(call, ways = { bulk, single }) {
  const times = new Map();
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [way, peers] of Object.entries(ways)) {
      for (const peer of Object.keys(peers)) {
        const start = performance.now();
        await call(way, peer);
        const name = `${way} ${peer}`;
        // The first round only warms up.
        if (round > 0) times.set(name, [...(times.get(name) ?? []), performance.now() - start]);
      }
    }
  }
  return new Map([...times].map(([name, all]) => [name, all.sort((a, b) => a - b)[all.length >> 1]]));
}

function table(title, times) {
  console.log(`\n| ${title} | MB/s | µs per event | agentfold is faster by |\n|---|---:|---:|---:|`);
  for (const [name, ms] of times) {
    const own = times.get(`${name.split(" ")[0]} agentfold`);
    const speed = (events.bytes.length / 1e3 / ms).toFixed(0);
    const each = ((ms * 1e3) / events.count).toFixed(2);
    const ratio = name.includes("agentfold") ? "" : (ms / own).toFixed(1);
    console.log(`| ${name.replace("bulk ", "all at once: ").replace("single ", "one by one: ")} | ${speed} | ${each} | ${ratio} |`);
  }
}

/** Starts the Worker in workerd, and returns its address. */
async function started() {
  const folder = mkdtempSync(join(tmpdir(), "agentfold-bench-"));
  await build({
    entryPoints: [join(here, "worker.js")],
    outdir: folder,
    bundle: true,
    format: "esm",
    conditions: ["workerd", "worker"],
    loader: { ".wasm": "copy" },
    absWorkingDir: here,
    logLevel: "error",
  });
  const wasm = readdirSync(folder).find((name) => name.endsWith(".wasm"));
  const port = await freePort();
  writeFileSync(
    join(folder, "config.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
     const config :Workerd.Config = (
       services = [(name = "main", worker = (
         modules = [
           (name = "worker.js", esModule = embed "worker.js"),
           (name = "${wasm}", wasm = embed "${wasm}"),
         ],
         compatibilityDate = "2026-04-01",
       ))],
       sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
     );`,
  );
  const workerd = join(here, "../node_modules/.bin/workerd");
  const running = spawn(workerd, ["serve", join(folder, "config.capnp")], { stdio: ["ignore", "inherit", "inherit"] });
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; tries++) {
    try {
      await fetch(url, { method: "PUT", body: "" });
      break;
    } catch (error) {
      if (tries === 100) throw error;
      await new Promise((done) => setTimeout(done, 50));
    }
  }
  const stop = () => {
    running.kill();
    rmSync(folder, { recursive: true });
  };
  return { url, stop };
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}
