import type { Change, Flaw, Fold, Issue, Outcome, Policy, Received } from "../dist/agentfold.js";

/** What became of an event that was stored: as `Fold.apply` answers it, or the outcome alone. */
export type Stored =
  | { outcome: Outcome; changes?: Change[] }
  | { outcome: "unreadable"; issues: Issue[]; changes?: Change[] };

/** Whom to trust, and where events go: into a fold, or to a function. */
export type ReceiveOptions = Policy & {
  /** The secrets that deliveries may be signed with; several while they are rotated. */
  secrets: string[];
} & (
    | {
        /** What events are applied to. */
        fold: Fold;
        apply?: undefined;
      }
    | {
        /**
         * Stores an event, its bytes as they came, and answers what became of it. If it throws, the
         * delivery is answered so that Zendesk sends it again.
         */
        apply: (bytes: Uint8Array, event: Received) => Stored | Promise<Stored>;
        fold?: undefined;
      }
  );

/** What became of a delivery. A `switch` over `outcome` tells what else there is. */
export type Answered = {
  /** The answer to the sender: a status, and nothing of the delivery, of secrets or of reasons. */
  response: Response;
  /** What moved in the current state. */
  changes: Change[];
} & (
  | { outcome: Outcome; event: Received }
  | {
      /** It is Zendesk's, and no event that can be read. */
      outcome: "unreadable";
      issues: Issue[];
    }
  | {
      /** It may be anybody's. */
      outcome: "untrusted" | "too_large";
      flaws: Flaw[];
    }
  | {
      /** What `apply` threw, or why the delivery could not be looked at. */
      outcome: "not_stored";
      error: unknown;
    }
  | { outcome: "wrong_method" }
);

/**
 * Answers a webhook's delivery: reads no more of it than `read.max_bytes`, verifies it, reads its event,
 * applies it, and chooses the status by Zendesk's rules for retries.
 *
 * Statuses are 200 for whatever was understood, repeats too; 400, 401 and 413 for what is refused; 405
 * for another method than POST; 409, upon which Zendesk sends it again, if it could not be stored.
 *
 * @throws {AgentfoldError} `bad_argument` if the options are not what their types say; nothing that a
 * sender does makes it throw.
 * @example
 * ```js
 * export default {
 *   async fetch(request, env) {
 *     const { response, outcome, changes } = await receive(request, { secrets: [env.SECRET], fold });
 *     for (const change of changes) console.log(change.agent_id, change.track, change.to);
 *     return response;
 *   },
 * };
 * ```
 * @see https://developer.zendesk.com/documentation/webhooks/verifying/
 */
export declare function receive(request: Request, options: ReceiveOptions): Promise<Answered>;
