// The package `create-agentfold-worker`: packed, installed, and used in a folder outside of this repository.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";

import { folder, install, js, page, run, tool } from "./package.js";
import { Running, bundled } from "./worker.js";

const ACCOUNT = "10000345";
const built = page();
const project = install(js, join(js, "create"));
const created = join(project, "my-floor");
const first = create("my-floor");

function create(...args) {
  const program = join(project, "node_modules/.bin/create-agentfold-worker");
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: project, encoding: "utf8" });
  return { status, stdout, stderr };
}

function read(name) {
  return readFileSync(join(created, name), "utf8");
}

/** Lets the folder use tools that are installed in this repository. The package itself is that of the tarball. */
function link(...names) {
  for (const name of names) {
    const path = join(project, "node_modules", name);
    mkdirSync(join(path, ".."), { recursive: true });
    if (!existsSync(path)) symlinkSync(join(js, "node_modules", name), path);
  }
}

test("the command makes a folder and says the next steps", () => {
  assert.deepEqual([first.status, first.stderr], [0, ""]);
  for (const step of ["cd my-floor", "npm install", "npm run dev", "npm run deliver", "README.md"]) {
    assert.ok(first.stdout.includes(step), step);
  }
  const files = readdirSync(created);
  for (const name of [".dev.vars", ".gitignore", "README.md", "deliver.js", "page", "src", "tsconfig.json", "wrangler.jsonc"]) {
    assert.ok(files.includes(name), name);
  }
  assert.deepEqual(readdirSync(join(created, "src")), readdirSync(join(js, "worker/src")));
  assert.deepEqual(readdirSync(join(created, "page")), readdirSync(built));
  assert.match(read(".gitignore"), /^\/accounts\.json$/m);
  assert.match(read("wrangler.jsonc"), /"name": "my-floor"/);
});

test("the folder depends on the versions of this repository, and runs nothing when it is installed", () => {
  const { version, devDependencies } = JSON.parse(readFileSync(join(js, "package.json"), "utf8"));
  const described = JSON.parse(read("package.json"));
  assert.equal(described.name, "my-floor");
  assert.deepEqual(described.dependencies, { agentfold: version });
  for (const [name, range] of Object.entries(described.devDependencies)) assert.equal(range, devDependencies[name], name);
  const packed = JSON.parse(readFileSync(join(project, "node_modules/create-agentfold-worker/package.json"), "utf8"));
  assert.equal(packed.version, version);
  for (const { scripts } of [described, packed]) {
    assert.deepEqual(Object.keys(scripts).filter((name) => /install|prepare/.test(name)), []);
  }
  assert.equal(create("--version").stdout, `${version}\n`);
  run(tool("publint"), ["--strict", join(project, "node_modules/create-agentfold-worker"), "--pack", "false"], js);
});

test("each folder has its own secrets, which only its owner can read", () => {
  assert.equal(create("second").status, 0);
  assert.notEqual(read(".dev.vars"), readFileSync(join(project, "second/.dev.vars"), "utf8"));
  assert.equal(statSync(join(created, ".dev.vars")).mode & 0o077, 0);
});

test("the command refuses what it cannot use, and changes nothing", () => {
  const used = join(project, "used");
  mkdirSync(used);
  writeFileSync(join(used, "mine.txt"), "mine");
  for (const [args, message] of [
    [["used"], /not empty/],
    [["my-floor"], /not empty/],
    [["used/mine.txt"], /a-z, 0-9/],
    [["My_Floor"], /a-z, 0-9/],
    [[], /Name one folder/],
    [["a", "b"], /Name one folder/],
    [["--wrong", "a"], /--wrong/],
  ]) {
    const { status, stdout, stderr } = create(...args);
    assert.deepEqual([status, stdout], [1, ""], args.join(" "));
    assert.match(stderr, message);
  }
  assert.deepEqual(readdirSync(used), ["mine.txt"]);
  assert.ok(!existsSync(join(project, "My_Floor")));
  const { status, stdout } = create("--help");
  assert.equal(status, 0);
  assert.match(stdout, /^Usage: npm create agentfold-worker FOLDER/);
});

test("the folder passes tsc, bundles, and answers signed deliveries and the page in workerd", async (t) => {
  link("@cloudflare/workers-types", "typescript", "wrangler");
  run(tool("tsc"), [], created);
  const bundle = bundled("src/index.ts", created, join(created, "page"));
  const { AGENTFOLD_ACCOUNTS } = bundle.bindings;
  const [secret, token] = ["secrets", "tokens"].map((name) => JSON.parse(AGENTFOLD_ACCOUNTS)[ACCOUNT][name][0]);
  assert.ok(secret.length >= 32 && token.length >= 32);
  const worker = await Running.start(bundle, folder(), { AGENTFOLD_ACCOUNTS });
  t.after(() => worker.stop());

  assert.deepEqual(await (await worker.fetch("/healthz")).json(), { status: "ok" });
  assert.equal((await worker.fetch("/openapi.json")).status, 200);
  const sent = run(process.execPath, ["--env-file=.dev.vars", "deliver.js", worker.url], created);
  assert.match(sent, /^(agent \d+: \w+: 200\n){4}$/);
  const [channel, ...others] = await (await worker.get(`/accounts/${ACCOUNT}/floor`, token)).json();
  assert.equal(others.length, 0);
  assert.deepEqual([channel.channel, channel.accepting, channel.load, channel.doubtful], ["messaging", 1, 1, 0]);
  assert.deepEqual(await (await worker.get(`/accounts/${ACCOUNT}/anomalies`, token)).json(), []);
  const reply = await worker.fetch("/");
  assert.equal(reply.status, 200);
  assert.equal(await reply.text(), read("page/index.html"));
  assert.match(reply.headers.get("content-security-policy"), /default-src 'none'/);
  assert.equal((await worker.get(`/accounts/${ACCOUNT}/state`, secret)).status, 401);
});

test("the commands of docs/worker.md print what it shows, while `npm run dev` runs", async (t) => {
  link("@cloudflare/workers-types", "typescript", "wrangler");
  const url = await dev(t);
  const page = readFileSync(join(js, "../docs/worker.md"), "utf8");
  const blocks = [...page.matchAll(/^```text\n(\$ .*?)^```$/gms)].map(([, block]) => block);
  assert.ok(blocks.length >= 4);
  for (const block of blocks) {
    const lines = block.split("\n");
    const commands = lines.filter((line) => /^[$>] /.test(line)).map((line) => line.slice(2)).join("\n");
    const shown = lines.filter((line) => !/^[$>] /.test(line)).join("\n");
    const here = commands.replaceAll("http://localhost:8787", url).replace("npm run --silent deliver", `$& -- ${url}`);
    const printed = run("bash", ["-euo", "pipefail", "-c", here], created).trimEnd();
    const parts = shown.trimEnd().split("...").map((part) => part.replace(/[^\w\s]/g, "\\$&"));
    assert.match(printed, new RegExp(`^${parts.join("[^]*?")}$`), commands);
  }
});

/** Serves the folder as `npm run dev` does, at a free port, and returns the URL. */
async function dev(t) {
  assert.equal(JSON.parse(read("package.json")).scripts.dev, "wrangler dev");
  const quiet = { WRANGLER_HIDE_BANNER: "true", WRANGLER_SEND_METRICS: "false", WRANGLER_LOG_PATH: folder() };
  const env = { ...process.env, ...quiet, CLOUDFLARE_CF_FETCH_ENABLED: "false", CI: "1" };
  const options = ["dev", "--ip", "127.0.0.1", "--port", "0", "--persist-to", folder()];
  const wrangler = spawn(tool("wrangler"), options, { cwd: created, env, stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((done) => wrangler.once("exit", done));
  t.after(() => (wrangler.kill(), ended));
  for await (const line of createInterface({ input: wrangler.stdout })) {
    const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? [];
    if (url) return wrangler.stdout.resume(), url;
  }
  throw new Error("wrangler did not start");
}
