/**
 * Initialises the package with its WebAssembly module, `agentfold/agentfold.wasm`, as bytes or compiled.
 *
 * Call it before anything else.
 *
 * @example
 * ```js
 * import wasm from "agentfold/agentfold.wasm";
 * import { Fold, init } from "agentfold/slim";
 *
 * init(wasm);
 * const fold = new Fold();
 * ```
 */
export declare function init(module: object): void;

export * from "./index.js";
