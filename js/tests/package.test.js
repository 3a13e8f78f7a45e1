import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

import * as api from "agentfold";
import * as slim from "agentfold/slim";
import { build } from "esbuild";

import * as glue from "../dist/agentfold.js";
import { folder, js, run, tool } from "./package.js";

/**
 * The maximum size of the package in a Worker, gzipped, in bytes. It was 345,000 before unpacking, envelopes,
 * exceptions, sessions, the marks of what is doubtful, limits and explanations of refused webhooks; 460,000 before
 * learned spellings and the packed past; 480,000 before the module was made anew after a trap, and wrong
 * arguments were told from each other; and 500,000 before columns, streams into folds and handlers, names with
 * their reader of CSV, and alerts.
 */
const BUDGET = 550_000;

test("the package exports everything that Rust exports", () => {
  const exported = new Set([...Object.values(api), ...Object.values(api.webhook)]);
  const missing = Object.entries(glue).filter(([, value]) => !exported.has(value));
  // Only `receive` uses `maxBytes`, only `reportRows` uses `ReportPages`, and only `readFrom` uses `Reading`.
  const inner = ["Reading", "ReportPages", "default", "initSync", "maxBytes"];
  assert.deepEqual(missing.map(([name]) => name).sort(), inner);
  assert.deepEqual(Object.keys(slim).sort(), [...Object.keys(api), "init"].sort());
});

test("a caller can pass the module to `init`", () => {
  const program = `
    import { readFileSync } from "node:fs";
    import { Fold, init } from "agentfold/slim";
    init(readFileSync(new URL(import.meta.resolve("agentfold/agentfold.wasm"))));
    console.log(new Fold().agents().length);`;
  assert.equal(run(process.execPath, ["--input-type=module", "--eval", program], import.meta.dirname), "0\n");
});

test("a module from another realm is accepted, as in Next's edge runtime", () => {
  const program = `
    import { readFileSync } from "node:fs";
    import { runInNewContext } from "node:vm";
    import { Fold, init } from "agentfold/slim";
    const bytes = readFileSync(new URL(import.meta.resolve("agentfold/agentfold.wasm")));
    init(runInNewContext("new WebAssembly.Module(bytes)", { bytes }));
    console.log(new Fold().agents().length);`;
  assert.equal(run(process.execPath, ["--input-type=module", "--eval", program], import.meta.dirname), "0\n");
});

test("a program bundled by esbuild runs without other files", async () => {
  const outfile = join(folder(), "bundled.mjs");
  const contents = 'import { Fold } from "agentfold"; console.log(new Fold().agents().length)';
  for (const platform of ["browser", "node"]) {
    const stdin = { contents, resolveDir: import.meta.dirname };
    await build({ stdin, outfile, platform, bundle: true, format: "esm", logLevel: "error" });
    assert.equal(run(process.execPath, [outfile], tmpdir()), "0\n");
  }
});

test("the package stays within its size budget in a Worker", async (t) => {
  const outdir = folder();
  await build({
    stdin: { contents: 'export * from "agentfold"', resolveDir: import.meta.dirname },
    outdir,
    bundle: true,
    minify: true,
    format: "esm",
    conditions: ["workerd"],
    loader: { ".wasm": "copy" },
  });
  const sizes = readdirSync(outdir).map((file) => {
    const bytes = readFileSync(join(outdir, file));
    return [file, bytes.length, gzipSync(bytes, { level: 9 }).length];
  });
  const total = sizes.reduce((sum, [, , gzipped]) => sum + gzipped, 0);
  for (const [file, raw, gzipped] of sizes) t.diagnostic(`${file}: ${raw} bytes, ${gzipped} gzipped`);
  t.diagnostic(`${total} bytes gzipped in total; the budget is ${BUDGET}`);
  assert.ok(total <= BUDGET, `${total} bytes`);
});

test("publint finds no problem in the package", () => {
  run(tool("publint"), ["--strict", js], js);
});

test("types resolve to those of the code that runs", () => {
  // The package is ESM only: Node 20.19 and later can require it.
  run(tool("attw"), ["--pack", js, "--profile", "node16", "--ignore-rules", "cjs-resolves-to-esm", "--exclude-entrypoints", "agentfold.wasm"], js);
});
