// `make sizes`: the size of each part of the WebAssembly module, measured with twiggy.
import { execFileSync } from "node:child_process";
import { resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");
const options = { cwd: root, encoding: "utf8", maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "inherit"] };
// The output of rustc, with function names, before wasm-opt.
const named = `${process.env.CARGO_TARGET_DIR ?? "target"}/wasm32-unknown-unknown/wasm/agentfold_wasm.wasm`;
const csv = execFileSync("twiggy", ["top", "-n", "1000000", "--format", "csv", named], options);

const parts = new Map();
for (const line of csv.trim().split("\n").slice(1)) {
  const [, text, bytes] = /^(.*),(\d+),[\d.e-]+,[\d.e-]*,[\d.e-]*$/.exec(line) ?? [];
  // wasm-bindgen removes the parts that only it reads.
  if (!text || /describe|""function names""|custom section|^"?import /.test(text)) continue;
  const name = text.replaceAll(/\[[0-9a-f]+\]/g, "").replaceAll('"', "");
  const part = partOf(name);
  parts.set(part, (parts.get(part) ?? 0) + Number(bytes));
}
const whole = [...parts.values()].reduce((sum, bytes) => sum + bytes, 0);
console.log("| part | bytes | share |\n|---|---:|---:|");
for (const [part, bytes] of [...parts].sort(([, a], [, b]) => b - a)) {
  console.log(`| ${part} | ${bytes} | ${((100 * bytes) / whole).toFixed(1)} % |`);
}

/** Returns the crate of a function, and for the core also its module, by the type or trait it belongs to. */
function partOf(name) {
  if (name.startsWith("data segment")) return "texts and tables";
  if (/^(export|elem|table|func|code|type)\b/.test(name)) return "the border to JavaScript";
  const [crate, module] = name.replace(/^(<|&|mut |\*const |\*mut )+/, "").split(/::|[<>, ]/);
  if (crate === "agentfold") return `agentfold::${module}`;
  if (/^(serde|minicbor)/.test(crate)) return "serde, serde_json, minicbor";
  // The functions that JavaScript calls, and the code that only one of them uses.
  if (/^(agentfold_wasm|wasm_bindgen|js_sys)/.test(crate) || /_[0-9a-f]{16}$/.test(name)) return "the border to JavaScript";
  const others = /^(bytes|hashbrown|smallvec|http|form_urlencoded|itoa|foldhash|simdutf8|memchr|httpdate|crc32fast|base64|sha2|hmac|zmij)$/;
  return others.test(crate) ? "other crates" : "std";
}
