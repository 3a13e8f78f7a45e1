// Helpers to test the package as users have it: packed and installed into a new project.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

export const js = resolve(import.meta.dirname, "..");
const vectorsFolder = resolve(js, "../tests/vectors");

/** Returns a new folder, which is removed when the tests end. */
export function folder() {
  const created = mkdtempSync(join(tmpdir(), "agentfold-"));
  process.on("exit", () => rmSync(created, { recursive: true, force: true }));
  return created;
}

/** Packs the package, or several, installs them into a new project, and returns the path of the project. */
export function install(...packages) {
  const project = folder();
  const tarballs = (packages.length > 0 ? packages : [js]).map((path) => {
    const [{ filename }] = JSON.parse(run("npm", ["pack", "--json", "--pack-destination", project], path));
    return join(project, filename);
  });
  writeFileSync(join(project, "package.json"), '{ "private": true, "type": "module" }');
  const quiet = ["--no-audit", "--no-fund", "--offline", "--loglevel", "error"];
  run("npm", ["install", ...quiet, ...tarballs], project);
  return project;
}

/** Builds the page. */
export function buildPage() {
  run("npm", ["run", "--silent", "build"], join(js, "board"));
}

/** Returns the folder of the page, and builds it if it is missing. */
export function page() {
  const built = join(js, "board/dist");
  if (!existsSync(join(built, "index.html"))) buildPage();
  return built;
}

/** Returns the text of each vector file, by path. */
export function vectors() {
  const paths = readdirSync(vectorsFolder, { recursive: true }).filter((path) => /\.(nd)?json$/.test(path));
  return Object.fromEntries(paths.sort().map((path) => [path, readFileSync(join(vectorsFolder, path), "utf8")]));
}

/** Runs a program and returns what it prints. */
export function run(program, args, cwd, env = {}) {
  const options = { cwd, encoding: "utf8", env: { ...process.env, ...env }, maxBuffer: 1 << 28 };
  return execFileSync(program, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
}

/** Returns the path of a tool in node_modules. */
export function tool(name) {
  return join(js, "node_modules/.bin", name);
}
