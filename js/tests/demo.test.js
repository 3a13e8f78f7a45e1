// The last steps of `make demo`: a summary, and a browser that is found, or one line.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";

import { folder, js, page, run } from "./package.js";

const built = page();
const AT = "2026-01-05T06:00:00Z";
const DAY = '{"day": 1}\n';
const isLinux = process.platform === "linux" ? {} : { skip: "other systems open the page with other programs" };

/** Runs the demo with programs in place of those on the PATH: name and shell script. */
function demo(programs, env, ...args) {
  const path = folder();
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(path, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(path, name), 0o755);
  }
  writeFileSync(join(path, "day.ndjson"), DAY);
  const options = { cwd: path, env: { PATH: path, ...env }, stdio: ["ignore", "pipe", "inherit"] };
  const child = spawn(process.execPath, [join(js, "board/demo.js"), "day.ndjson", AT, ...args], options);
  const ran = { path, child, printed: "", ended: once(child, "exit") };
  child.stdout.setEncoding("utf8").on("data", (text) => (ran.printed += text));
  return ran;
}

/** Returns the address that is printed once the page is served. */
async function address(t, ran) {
  t.after(() => ran.child.kill());
  while (!/Ctrl-C/.test(ran.printed)) await wait(10);
  return /http:\S+/.exec(ran.printed)[0];
}

async function assertServed(url) {
  assert.match(url, new RegExp(`^http://127\\.0\\.0\\.1:\\d+/\\?file=day\\.ndjson&at=${encodeURIComponent(AT)}$`));
  assert.equal(await (await fetch(url)).text(), readFileSync(join(built, "index.html"), "utf8"));
  assert.equal(await (await fetch(new URL("day.ndjson", url))).text(), DAY);
  assert.equal((await fetch(new URL("other.ndjson", url))).status, 404);
}

test("without a screen or in CI, the demo opens nothing, prints one line and ends", isLinux, async () => {
  const programs = { "xdg-open": 'echo "$1" > opened' };
  for (const env of [{}, { DISPLAY: ":0", CI: "true" }]) {
    const ran = demo(programs, env);
    assert.deepEqual(await ran.ended, [0, null]);
    assert.match(ran.printed, /^Found no screen to open the page\. To serve it: node \S+ day\.ndjson \S+ --serve 8080\n$/);
    assert.ok(!existsSync(join(ran.path, "opened")));
  }
});

test("without a browser, the demo prints one line and ends", isLinux, async () => {
  for (const programs of [{}, { "xdg-open": "exit 3", firefox: "exit 1" }]) {
    const ran = demo(programs, { DISPLAY: ":0" });
    assert.deepEqual(await ran.ended, [0, null]);
    assert.match(ran.printed, /^Found no browser to open the page\. To serve it: .*\n$/);
  }
});

test("the demo opens the page with the day in the first browser that starts", isLinux, async (t) => {
  const ran = demo({ "xdg-open": "exit 3", firefox: 'echo "$1" > opened' }, { WAYLAND_DISPLAY: "wayland-0" });
  const url = await address(t, ran);
  await assertServed(url);
  assert.equal(readFileSync(join(ran.path, "opened"), "utf8"), `${url}\n`);
  ran.child.kill("SIGINT");
  assert.deepEqual(await ran.ended, [null, "SIGINT"]);
});

test("a browser that keeps running counts as started", isLinux, async (t) => {
  const ran = demo({ chromium: 'echo "$1" > opened; exec /bin/sleep 5' }, { DISPLAY: ":0" });
  const url = await address(t, ran);
  assert.equal(readFileSync(join(ran.path, "opened"), "utf8"), `${url}\n`);
});

test("the line that the demo prints serves the page", async (t) => {
  await assertServed(await address(t, demo({}, { CI: "true" }, "--serve", "0")));
});

test("the summary counts the events and lists the channels of the floor", () => {
  const file = join(folder(), "day.ndjson");
  writeFileSync(file, gunzipSync(readFileSync(join(js, "../python/examples/day.ndjson.gz"))));
  const printed = run(process.execPath, [join(js, "board/summary.js"), file, "2026-01-05T12:00:00Z"], js);
  assert.match(printed, /^2154 events folded in \d+ ms: 46 arrived late and 65 twice/);
  assert.match(printed, /\n  10003751 {3}talk {8}1 away, 1 transfers_only +0 open {3}0 can take one more\n/);
  assert.equal(printed.match(/can take one more\n/g).length, 6);
});
