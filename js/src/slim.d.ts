/**
 * Takes the module of this package, `agentfold/agentfold.wasm`: its bytes, or compiled. Nothing else may
 * be called before.
 */
export declare function init(module: BufferSource | WebAssembly.Module): void;

export * from "./index.js";
