import type { ErrorCode, Handled, Issue } from "../dist/agentfold.js";

/**
 * What is thrown: an error with the parts that errors have in every language.
 *
 * It holds no secret and nothing of an event, so it is safe to log.
 */
export declare class AgentfoldError extends Error {
  private constructor();
  /** What kind of problem it is: the same words in every language. */
  readonly code: ErrorCode;
  /** Where it is: a JSON Pointer, empty for the whole. */
  readonly path: string;
  /** Of what can't be read, every problem; else none. */
  readonly issues: Issue[];
  /** Of a delivery that is refused, what to hand to `webhook.advise`. */
  readonly handled?: Handled;
  /** Of a reply that is refused, its status. */
  readonly status?: number;
}
