// The entry point without the WebAssembly module. The caller passes it to `init`.
import { initSync } from "../dist/agentfold.js";

export function init(module) {
  initSync({ module });
}

export * from "./index.js";
