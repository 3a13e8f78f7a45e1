// The types of the package's module without their descriptions, as `tests/interface` lists them for every version.
// `make interface` writes the list.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { argv } from "node:process";
import { fileURLToPath } from "node:url";

import { js } from "./package.js";

export const listed = join(js, "../tests/interface/agentfold.d.ts");

/** Returns the types that the build made, without comments and empty lines. */
export function types() {
  const text = readFileSync(join(js, "dist/agentfold.d.ts"), "utf8").replace(/\/\*.*?\*\//gs, "").replace(/^ *\/\/.*$/gm, "");
  return text.replace(/\s*\n/g, "\n").trimStart();
}

if (argv[1] === fileURLToPath(import.meta.url)) writeFileSync(listed, types());
