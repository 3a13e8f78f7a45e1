// Vercel's and Next's edge runtimes compile no bytes: they import modules, and want to be told so.
import module from "../dist/agentfold.wasm?module";
import { initSync } from "../dist/agentfold.js";

initSync({ module });

export * from "./index.js";
