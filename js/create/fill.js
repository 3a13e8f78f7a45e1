// Fills `dist` with all files of the folder that the command makes. npm runs this before it packs the package.
import { copyFileSync, cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const here = import.meta.dirname;
const dist = join(here, "dist");
const worker = join(here, "../worker");
const board = join(here, "../board/dist");
const { version, devDependencies } = JSON.parse(readFileSync(join(here, "../package.json"), "utf8"));

if (!existsSync(join(board, "index.html"))) {
  console.error("The page is not built: run `make page`.");
  process.exit(1);
}
rmSync(dist, { recursive: true, force: true });
cpSync(join(here, "folder"), dist, { recursive: true });
cpSync(join(worker, "src"), join(dist, "src"), { recursive: true });
cpSync(board, join(dist, "page"), { recursive: true });
for (const file of ["openapi.json", "tsconfig.json"]) copyFileSync(join(worker, file), join(dist, file));
for (const license of ["LICENSE-APACHE", "LICENSE-MIT"]) copyFileSync(join(here, "../..", license), join(here, license));

/** The settings of the Worker, with the paths of the folder. */
let settings = readFileSync(join(worker, "wrangler.jsonc"), "utf8");
for (const [from, to] of [["../node_modules/", "./node_modules/"], ["../board/dist", "./page"], ['"name": "agentfold"', '"name": "my-floor"']]) {
  if (!settings.includes(from)) throw new Error(`wrangler.jsonc does not contain ${from}`);
  settings = settings.replace(from, to);
}
writeFileSync(join(dist, "wrangler.jsonc"), settings);

const tools = ["@cloudflare/workers-types", "typescript", "wrangler"];
const described = {
  name: "my-floor",
  private: true,
  type: "module",
  scripts: {
    dev: "wrangler dev",
    deliver: "node --env-file=.dev.vars deliver.js",
    types: "tsc",
    deploy: "wrangler deploy",
  },
  dependencies: { agentfold: version },
  devDependencies: Object.fromEntries(tools.map((name) => [name, devDependencies[name]])),
};
writeFileSync(join(dist, "package.json"), JSON.stringify(described, null, 2) + "\n");
