// Cloudflare Workers do not compile bytes. They import modules.
import module from "../dist/agentfold.wasm";
import { initSync } from "../dist/agentfold.js";

initSync({ module });

export * from "./index.js";
