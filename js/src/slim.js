// For callers who hand over the module: nothing of it is in the JavaScript.
import { initSync } from "../dist/agentfold.js";

export function init(module) {
  initSync({ module });
}

export * from "./index.js";
