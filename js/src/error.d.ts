import type { Agent, ErrorCode, Handled, Instant, Issue } from "../dist/agentfold.js";

/**
 * The error that this package throws.
 *
 * It has the same `code`, `path` and `message` in every language. It contains no secret and no value
 * from an event, so it is safe to log.
 *
 * @example
 * ```js
 * try {
 *   parseEvent(body);
 * } catch (error) {
 *   if (!(error instanceof AgentfoldError)) throw error;
 *   console.warn(error.code, error.path, error.issues.length);
 * }
 * ```
 */
export declare class AgentfoldError extends Error {
  private constructor();
  /** The kind of problem: a stable name, the same in every language. */
  readonly code: ErrorCode;
  /** The location of the problem: a JSON Pointer, empty for the whole input. */
  readonly path: string;
  /** All problems of an input that could not be read; empty for other errors. */
  readonly issues: Issue[];
  /** For a refused delivery: the argument for `webhook.advise`. */
  readonly handled?: Handled;
  /** For a refused reply: its HTTP status. */
  readonly status?: number;
  /** The agent whose history before its cut was asked for, with the code `before_cut`. */
  readonly agent?: Agent;
  /** That agent's cut: from this instant on, there is an answer. */
  readonly cut?: Instant;
}
