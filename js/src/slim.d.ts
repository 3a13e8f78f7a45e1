/**
 * Initialises the package with its WebAssembly module, `agentfold/agentfold.wasm`, as bytes or compiled.
 *
 * Call it before anything else.
 */
export declare function init(module: BufferSource | WebAssembly.Module): void;

export * from "./index.js";
