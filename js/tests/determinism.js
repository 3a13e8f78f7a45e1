// Folds a day on every processor, engine and path that is here, prints a table of the digests of the saved bytes, and
// fails if they differ. Where CI runs, none may be missing.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

import { launched } from "./browser.js";
import { folder, install, js, run, tool } from "./package.js";

const repository = join(js, "..");
const day = gunzipSync(readFileSync(join(repository, "python/examples/day.ndjson.gz")));
const place = folder();
const file = join(place, "day.ndjson");
writeFileSync(file, day);

/** Returns the path of a program, or undefined. */
function found(...names) {
  const places = (process.env.PATH ?? "").split(":").flatMap((path) => names.map((name) => join(path, name)));
  return places.find(existsSync);
}

const digest = (bytes) => createHash("sha256").update(bytes).digest("hex");

function native() {
  run(join(repository, "target/debug/agentfold"), ["state", file, "--save", join(place, "native.fold")], place);
  return digest(readFileSync(join(place, "native.fold")));
}

/** Runs an example of the core that was built for another processor. */
function emulated(processor) {
  const emulator = found(`qemu-${processor}`, `qemu-${processor}-static`);
  if (!emulator) return undefined;
  const example = join(repository, `target/${processor}-unknown-linux-musl/debug/examples/save`);
  const saved = join(place, `${processor}.fold`);
  run("bash", ["-c", '"$0" "$1" < "$2" > "$3"', emulator, example, file, saved], place);
  return digest(readFileSync(saved));
}

const project = install();
const program = `
  import { Fold } from "agentfold";
  const hex = async (bytes) => [...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))]
    .map((byte) => byte.toString(16).padStart(2, "0")).join("");
  export async function whole(day) {
    const fold = new Fold();
    fold.read(day);
    return hex(fold.save());
  }
  export async function pieces(day) {
    const fold = new Fold();
    const readable = new ReadableStream({
      start(controller) {
        for (let from = 0; from < day.length; from += 997) controller.enqueue(day.slice(from, from + 997));
        controller.close();
      },
    });
    await fold.readFrom(readable);
    return hex(fold.save());
  }
  export async function backwards(day) {
    const fold = new Fold();
    for (const line of new TextDecoder().decode(day).trim().split("\\n").reverse()) fold.apply(line);
    return hex(fold.save());
  }`;
writeFileSync(join(project, "ways.js"), program);
writeFileSync(
  join(project, "main.js"),
  `import { readFileSync } from "node:fs";
   import * as ways from "./ways.js";
   console.log(await ways[process.argv[2]](new Uint8Array(readFileSync(process.argv[3]))));`,
);

const runtime = (program, args, way) => run(program, [...args, "main.js", way, file], project, { DENO_NO_UPDATE_CHECK: "1" }).trim();
const deno = ["run", "--allow-all", "--no-lock", "--node-modules-dir=manual"];

/** Serves the package and the day, and a page that posts its digest. */
async function served(open) {
  const imports = { agentfold: "/node_modules/agentfold/src/inlined.js" };
  const html = `<!doctype html><script type="importmap">${JSON.stringify({ imports })}</script><script type="module">
    const tell = (body) => fetch("/told", { method: "POST", body });
    try {
      const { whole } = await import("/ways.js");
      await tell(await whole(new Uint8Array(await (await fetch("/day")).arrayBuffer())));
    } catch (error) {
      await tell(String(error));
    }
  </script>`;
  let told;
  const answer = new Promise((resolve) => (told = resolve));
  const server = createServer(async (request, response) => {
    if (request.url === "/told") {
      let body = "";
      for await (const part of request) body += part;
      response.end();
      return told(body);
    }
    const path = join(project, request.url);
    const [type, bytes] =
      request.url === "/" ? ["text/html", html] : request.url === "/day" ? ["application/x-ndjson", day] : ["text/javascript", existsSync(path) && readFileSync(path)];
    if (bytes === false) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": type }).end(bytes);
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const close = await open(`http://127.0.0.1:${server.address().port}/`);
  const late = new Promise((resolve) => setTimeout(resolve, 60_000, "no answer within a minute").unref());
  const result = await Promise.race([answer, late]);
  await close();
  server.close();
  server.closeAllConnections();
  return result;
}

async function chromium() {
  if (!found("chromium", "chromium-browser")) return undefined;
  return served(async (url) => {
    const browser = await launched();
    await (await browser.newPage()).goto(url);
    return () => browser.close();
  });
}

async function firefox() {
  const path = found("firefox-esr", "firefox");
  if (!path) return undefined;
  return served((url) => {
    const profile = folder();
    const quiet = ["network.captive-portal-service.enabled", "network.connectivity-service.enabled", "app.update.enabled"];
    writeFileSync(join(profile, "user.js"), quiet.map((name) => `user_pref("${name}", false);\n`).join(""));
    const child = spawn(path, ["--headless", "--no-remote", "--profile", profile, url], { stdio: "ignore", env: { ...process.env, HOME: profile } });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    return () => {
      child.kill();
      return ended;
    };
  });
}

const python = (way) => {
  const program = join(repository, ".venv/bin/python");
  return existsSync(program) ? run(program, [join(repository, "python/tests/digests.py"), way, file], place).trim() : undefined;
};

const rows = [
  ["x86-64, the command", native],
  ["aarch64, the core under QEMU", () => emulated("aarch64")],
  ["WebAssembly in V8 (Node)", () => runtime(process.execPath, [], "whole")],
  ["WebAssembly in V8 (Deno)", () => runtime(tool("deno"), deno, "whole")],
  ["WebAssembly in V8 (Chromium)", chromium],
  ["WebAssembly in JavaScriptCore (Bun)", () => runtime(tool("bun"), [], "whole")],
  ["WebAssembly in SpiderMonkey (Firefox)", firefox],
  ["Python, whole", () => python("whole")],
  ["Python, on two threads, merged", () => python("threads")],
  ["Python, in pieces of 997 bytes", () => python("pieces")],
  ["JavaScript, in pieces of 997 bytes", () => runtime(process.execPath, [], "pieces")],
  ["JavaScript, event by event, backwards", () => runtime(process.execPath, [], "backwards")],
];

const results = [];
for (const [name, result] of rows) {
  results.push([name, (await result()) ?? "not here"]);
  console.log(results.at(-1)[0].padEnd(40), results.at(-1)[1]);
}
const expected = results[0][1];
const differing = results.filter(([, result]) => result !== expected && (process.env.CI || result !== "not here"));
if (differing.length > 0) {
  console.error(`these differ from the first, or are missing: ${differing.map(([name]) => name).join("; ")}`);
  process.exitCode = 1;
}
