import type { Change, Outcome, ParsedEvent } from "../dist/agentfold.js";

/** A parsed event of a kind, and what the fold did with it. */
export type HandledEvent<Kind extends ParsedEvent["kind"]> = Extract<ParsedEvent, { kind: Kind }> & {
  /** What the fold did: `applied`, `late`, or `ignored` for what it does not know. */
  outcome: Outcome;
  /** What the event changed in the current state. */
  changes: readonly Change[];
};

/** A change of the value of a track, by what the track is about. */
export type ChangeOfValue<Of extends Change["aspect"]> = Extract<Change, { aspect: Of; part: "value" }>;

/** Functions by the kind of event. */
export type EventHandlers = { [Kind in ParsedEvent["kind"]]?: (event: HandledEvent<Kind>) => unknown };

/** Functions by what a change is about. */
export type ChangeHandlers = { [Of in Change["aspect"]]?: (change: ChangeOfValue<Of>) => unknown };

/** Functions that are called with events and changes, by kind. */
export interface Handlers {
  /**
   * Functions by the kind of event. An event is passed on once, however often it is delivered: not if the outcome is
   * `duplicate`, `expired` or `limit`. Only repeats of `ignored` events are not noticed.
   */
  events?: EventHandlers;
  /**
   * Functions by what changed in the current state, such as `state` or `work_item`. They get changes of values, and
   * not those of since when a value holds.
   */
  changes?: ChangeHandlers;
}

/** A result that has an event or changes: of `receive`, `Fold.apply` or `Fold.applyFrom`. */
export interface Handleable {
  /** What became of the event. */
  outcome: string;
  /** The event, if the result has one. */
  event?: ParsedEvent;
  /** The changes. */
  changes?: readonly Change[];
}

/**
 * Returns a function that passes the event and the changes of a result to their handlers, one after the other, and
 * waits for each.
 *
 * The types of events and changes follow from the kind. A handler that throws does not keep the others from being
 * called: the promise is rejected at the end with what it threw, or with an `AggregateError` of several.
 *
 * @throws {AgentfoldError} `bad_argument` for a name that is no kind.
 * @example
 * ```js
 * const handle = handlers({
 *   events: {
 *     "agent.work_item_added": ({ agent, event }) => console.log(agent.agent_id, event.event.work_item_id),
 *   },
 *   changes: {
 *     state: ({ agent_id, channel, from, to }) => console.log(agent_id, channel, from, to),
 *   },
 * });
 * await handle(await receive(request, { secrets: [secret], fold }));
 * ```
 */
export declare function handlers(handlers: Handlers): (result: Handleable) => Promise<void>;
