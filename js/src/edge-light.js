// Vercel's and Next's edge runtimes do not compile bytes. They import modules, marked by `?module`.
import wasm from "../dist/agentfold.wasm?module";
import { initSync } from "../dist/agentfold.js";

initSync({ module: wasm });

export * from "./index.js";
