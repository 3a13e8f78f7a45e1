import { AgentfoldError } from "./error.js";

/**
 * The module's functions, which say so once one of them has trapped: what is in the memory then is
 * anybody's guess, and nothing may be answered from it.
 */
export function guarded(exports) {
  let trap;
  const guard = (name, call) =>
    // So many, and by name, since to gather and to spread them takes longer than some calls do.
    function (a, b, c, d, e, f, g, h) {
      // Nobody waits for what a finaliser answers, and there is nothing to free any more.
      if (trap && name.endsWith("_free")) return undefined;
      if (trap) throw trapped(trap);
      try {
        return call(a, b, c, d, e, f, g, h);
      } catch (error) {
        // Whatever the core can't answer is returned; only imports throw `AgentfoldError`s or `Error`s.
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
    "the WebAssembly module has trapped: its memory is exhausted, or it has a bug. Nothing can be " +
      "answered any more: start the process or the Worker anew, and restore what was saved",
    { cause },
  );
}
