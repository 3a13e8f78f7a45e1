import type { Change, Flaw, Fold, Issue, Outcome, Policy, Received } from "../dist/agentfold.js";
import type { FetchRequest, FetchResponse } from "./fetch.js";

/** The result of storing an event: the result of `Fold.apply`, or only an outcome. */
export type Stored =
  | { outcome: Outcome; changes?: Change[] }
  | { outcome: "unreadable"; issues: Issue[]; changes?: Change[] };

/** What `receive` verifies, and where it stores events: in a fold, or by a function. */
export type ReceiveOptions = Policy & {
  /** The webhook's secrets. Pass both the old and the new one while you rotate them. */
  secrets: string[];
} & (
    | {
        /** The fold that events are applied to. */
        fold: Fold;
        apply?: undefined;
      }
    | {
        /**
         * Stores an event, given as the bytes received and as the parsed event, and returns the outcome. If it
         * throws, the response is 409, and Zendesk sends the delivery again.
         */
        apply: (bytes: Uint8Array, event: Received) => Stored | Promise<Stored>;
        fold?: undefined;
      }
  );

/** The result of `receive`. A `switch` over `outcome` narrows the type. */
export type Answered = {
  /** The response to return to the sender: a status without a body, so that it reveals nothing. */
  response: FetchResponse;
  /** The changes in the current state. */
  changes: Change[];
} & (
  | { outcome: Outcome; event: Received }
  | {
      /** The signature is valid, but the body could not be read as an event. */
      outcome: "unreadable";
      issues: Issue[];
    }
  | {
      /** The delivery failed verification; its sender is unknown. */
      outcome: "untrusted" | "too_large";
      flaws: Flaw[];
    }
  | {
      /** The error that `apply` threw, or the reason why the body could not be read. */
      outcome: "not_stored";
      error: unknown;
    }
  | { outcome: "wrong_method" }
);

/**
 * Handles a webhook delivery: verifies the signature, parses the event, applies it, and returns the
 * response for Zendesk.
 *
 * Reads at most `read.max_bytes` of the body. The status follows Zendesk's rules for retries:
 *
 * - 200: the event was stored, or is a duplicate, or is ignored.
 * - 400: the body is not an event.
 * - 401: the signature or the account is wrong.
 * - 405: the method is not POST.
 * - 409: the event could not be stored. Zendesk sends it again.
 * - 413: the body is too large.
 *
 * @throws {AgentfoldError} `bad_argument` if an option is unknown or has a wrong type, if the request is not one of the
 * Fetch API or its body was read before; `freed` if the fold was freed. Nothing that a sender does makes it throw.
 * @example
 * ```js
 * export default {
 *   async fetch(request, env) {
 *     const { response, changes } = await receive(request, { secrets: [env.SECRET], fold });
 *     for (const change of changes) {
 *       if (change.aspect === "state" && change.part === "value") console.log(change.channel, change.to);
 *     }
 *     return response;
 *   },
 * };
 * ```
 * @see https://developer.zendesk.com/documentation/webhooks/verifying/
 */
export declare function receive(request: FetchRequest, options: ReceiveOptions): Promise<Answered>;
