/** The error that this package throws. It has the same parts in every language. */
export class AgentfoldError extends Error {
  constructor(code, path, message, more) {
    // The module's own frames would push the caller's frames out of the trace.
    const limit = Error.stackTraceLimit;
    if (limit) Error.stackTraceLimit = limit + 20;
    super(message, more?.cause && { cause: more.cause });
    if (limit) Error.stackTraceLimit = limit;
    this.code = code;
    this.path = path;
    this.issues = [];
    Object.assign(this, more);
  }
}

Object.defineProperty(AgentfoldError.prototype, "name", { value: "AgentfoldError", configurable: true });
