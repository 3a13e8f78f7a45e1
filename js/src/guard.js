import { AgentfoldError } from "./error.js";

/**
 * Wraps the module's exports so that every call after a trap throws `trapped`.
 *
 * After a trap the module's memory may be inconsistent, so no call may use it.
 */
export function guarded(exports) {
  let trap;
  const guard = (name, call) =>
    // Eight named parameters: rest and spread take longer than some of the calls.
    function (a, b, c, d, e, f, g, h) {
      // Finalizers call these functions and ignore the result; after a trap there is nothing to free.
      if (trap && name.endsWith("_free")) return undefined;
      if (trap) throw trapped(trap);
      try {
        return call(a, b, c, d, e, f, g, h);
      } catch (error) {
        // The core returns its errors. Other errors come from imports and leave the memory intact.
        if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) {
          trap = error;
          throw trapped(error);
        }
        throw error;
      }
    };
  return Object.fromEntries(
    Object.entries(exports).map(([name, value]) => [
      name,
      typeof value === "function" ? guard(name, value) : value,
    ]),
  );
}

function trapped(cause) {
  return new AgentfoldError(
    "trapped",
    "",
    "the WebAssembly module has trapped: it ran out of memory or has a bug, and can no longer be " +
      "used; restart the process or the Worker, and restore the saved folds",
    { cause },
  );
}
