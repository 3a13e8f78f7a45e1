// Cloudflare's Workers compile no bytes: they import modules.
import module from "../dist/agentfold.wasm";
import { initSync } from "../dist/agentfold.js";

initSync({ module });

export * from "./index.js";
