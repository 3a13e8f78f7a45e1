// The entry point with the WebAssembly module inlined as text. Works in Node, Deno, Bun and browsers,
// with any bundler or none, without a file to fetch or serve.
import { initSync } from "../dist/agentfold.js";
import text from "../dist/inlined.js";

const binary = atob(text);
const bytes = new Uint8Array(binary.length);
for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
initSync({ module: bytes });

export * from "./index.js";
