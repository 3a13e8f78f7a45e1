// Cloudflare Workers do not compile bytes. They import modules.
import wasm from "../dist/agentfold.wasm";
import { initSync } from "../dist/agentfold.js";

initSync({ module: wasm });

export * from "./index.js";
