// The module within the package's JavaScript: nothing to fetch, to serve or to set up, in Node, Deno,
// Bun and browsers, through every bundler and without one.
import { initSync } from "../dist/agentfold.js";
import text from "../dist/inlined.js";

const binary = atob(text);
const module = new Uint8Array(binary.length);
for (let i = 0; i < binary.length; i++) module[i] = binary.charCodeAt(i);
initSync({ module });

export * from "./index.js";
