// Runs programs in workerd, bundled as wrangler bundles Workers.
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { build } from "esbuild";

import { run, tool } from "./package.js";

/** Bundles a Worker from its text or file, and returns its modules in the format of workerd's configuration. */
export async function bundle(worker, outdir) {
  const entry = worker.includes("\n")
    ? { stdin: { contents: worker, resolveDir: import.meta.dirname, sourcefile: "worker.js" } }
    : { entryPoints: { worker } };
  await build({
    ...entry,
    outfile: entry.stdin && join(outdir, "worker.js"),
    outdir: entry.entryPoints && outdir,
    bundle: true,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*"],
    loader: { ".wasm": "copy" },
    logLevel: "error",
  });
  const wasm = readdirSync(outdir).filter((name) => name.endsWith(".wasm"));
  const modules = ['(name = "worker.js", esModule = embed "worker.js")'];
  modules.push(...wasm.map((name) => `(name = "${name}", wasm = embed "${name}")`));
  return `modules = [${modules.join(", ")}]`;
}

/** Runs the `test` handler of a Worker and returns what it prints. */
export async function testInWorkerd(worker, outdir) {
  const modules = await bundle(worker, outdir);
  writeFileSync(
    join(outdir, "config.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
     const config :Workerd.Config = (services = [(name = "main", worker = (
       ${modules},
       compatibilityDate = "2026-04-01",
       compatibilityFlags = ["nodejs_compat"],
     ))]);`,
  );
  return run(tool("workerd"), ["test", "config.capnp"], outdir);
}
