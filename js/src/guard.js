import { AgentfoldError } from "./error.js";

/** What is known of the instance of the module that calls go to. */
let current;

/**
 * Wraps the exports of an instance of the module.
 *
 * After a trap its memory may be inconsistent, so no call may use it: its objects throw `trapped`. The next other
 * call makes an instance by `renew`, which returns its exports.
 */
export function guarded(exports, renew) {
  const own = { trap: undefined };
  current = own;
  const guard = (name, call) =>
    // Eight named parameters: rest and spread take longer than some of the calls.
    function (a, b, c, d, e, f, g, h) {
      if (own.trap) return name.endsWith("_free") ? undefined : renewed(renew, own.trap)[name](a, b, c, d, e, f, g, h);
      try {
        return call(a, b, c, d, e, f, g, h);
      } catch (error) {
        // The core returns its errors. Other errors come from imports and leave the memory intact.
        if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) {
          own.trap = error;
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

function renewed(renew, trap) {
  try {
    return renew();
  } catch {
    throw trapped(trap);
  }
}

/** Stands for the exports while there is no instance. */
export const absent = new Proxy(
  {},
  {
    get() {
      const message = "call `init(module)` of `agentfold/slim` before anything else";
      throw new AgentfoldError("no_module", "", message);
    },
  },
);

/**
 * Keeps the pointers of a class's objects together with the instance that they belong to.
 *
 * They are kept in a function, which can't be cloned: a clone without its memory would be of no use.
 */
export function hold(type) {
  Object.defineProperty(type.prototype, "__wbg_ptr", {
    get() {
      const { of, pointer } = this.held;
      if (of.trap) throw trapped(of.trap);
      if (pointer === 0) throw new AgentfoldError("freed", "", `this ${type.name} was freed before`);
      return pointer;
    },
    set(pointer) {
      this.held ??= Object.assign(() => {}, { of: current });
      this.held.pointer = pointer;
    },
  });
  type.prototype.toJSON ??= () => {
    throw new AgentfoldError("not_data", "", `a ${type.name} is not plain data, and can't be written as JSON`);
  };
}

/** Returns the pointer of an object that is to be freed; 0 after a trap, when there is nothing to free. */
export function toFree(object) {
  return object.held.of.trap ? 0 : object.__wbg_ptr;
}

/** The error for an object that should be one of this class. */
export function foreign(type) {
  return new AgentfoldError("bad_argument", "", `expected a \`${type.name}\` of this copy of the package`);
}

function trapped(cause) {
  return new AgentfoldError(
    "trapped",
    "",
    "the WebAssembly module has trapped: it ran out of memory or has a bug. Its objects can no longer be used; " +
      "make new ones, and restore the saved folds",
    { cause },
  );
}
