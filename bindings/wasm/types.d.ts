/**
 * An instant as text: RFC 3339 in UTC with up to nine fraction digits, such as
 * `2023-04-05T23:30:58.642630335Z`.
 */
export type Instant = string;

declare global {
  // Compilers with an older `lib` don't know it.
  interface SymbolConstructor {
    readonly dispose: unique symbol;
  }
}

/** Any JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Bytes: a buffer or any view of one. */
export type Bytes = ArrayBuffer | ArrayBufferView | SharedArrayBuffer;

/** An object of plain data: not a promise, a response, a `Date`, a `Map`, an array or a function, which are refused. */
export type PlainData =
  | { readonly [key: string]: unknown }
  | (object & {
      /** A promise has it. */
      then?: never;
      /** A response or a blob has it. */
      arrayBuffer?: never;
      /** A stream has it. */
      getReader?: never;
      /** A date has it. */
      toISOString?: never;
      /** A map or a set has it. */
      clear?: never;
      /** A function has it. */
      call?: never;
      /** An array and a `String` object have it. */
      concat?: never;
      /** A fold has it. */
      free?: never;
    });

/**
 * One event: the bytes or text as received, or an object.
 *
 * Prefer the bytes: `JSON.parse` loses digits of ids above 2^53.
 */
export type EventInput = Bytes | string | PlainData;

/** Any number of events: NDJSON, concatenated JSON objects, a JSON array, or pages of the Chat export. */
export type EventsInput = Bytes | string | PlainData | readonly PlainData[];

/**
 * Any number of events in chunks of any size: a Node stream, a `ReadableStream`, another iterable of bytes or text, or
 * all of it at once. May be packed with gzip. The formats are those of `EventsInput`.
 */
export type StreamInput =
  | ByteStream
  | AsyncIterable<Bytes | string>
  | Iterable<Bytes | string>
  | Bytes
  | string;

/** A stream of bytes, such as a `ReadableStream`. */
export interface ByteStream {
  /** Returns a reader, which alone reads from then on. */
  getReader(): ByteReader;
}

/** A reader of a stream of bytes. */
export interface ByteReader {
  /** Returns the next bytes. */
  read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
  /** Ends the stream. */
  cancel(): Promise<void>;
}

/** A page of Zendesk's REST API for agent availability: its bytes or text as received, or an object. */
export type PageInput = Bytes | string | PlainData;

/** A table of names of agents and groups, as JSON or CSV: its bytes or text, or an object. */
export type NamesInput = Bytes | string | PlainData;

/**
 * HTTP headers: a `Headers` object, a `Map`, pairs of name and value, or an object whose values may be lists.
 */
export type HeadersInput =
  | Iterable<readonly [string, string]>
  | {
      /** Calls a function with each header, as a `Headers` object does. */
      forEach(each: (value: string, name: string) => void): void;
    }
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/** How events are read. */
export interface ReadOptions {
  /** The field that dates a change. Default: `updated_at`. */
  instant?: "updated_at" | "time";
  /** The maximum size of one event in bytes. Default: 1 MiB. */
  max_bytes?: number;
  /** The maximum nesting depth of one event. Default: 64. */
  max_depth?: number;
  /** How much a fold holds at most. */
  limits?: Partial<Limits>;
  /**
   * The clock that dates are compared with. An event that is dated more than 24 hours after it is refused
   * (`future_instant`). Default: the clock of the host, whenever events are read.
   */
  now?: Instant;
}

/**
 * How much a fold holds at most. An event that would exceed a limit is not taken in, and its outcome is
 * `limit`; all other events are. Past a limit, the result depends on the order of arrival. Merging and
 * restoring are not limited.
 */
export interface Limits {
  /** Agents. Default: 1,000,000. */
  agents: number;
  /** Channels of one agent. Default: 1,000. */
  channels: number;
  /** Work items of one agent. Default: 1,000,000. */
  work_items: number;
  /** Distinct texts, such as states, reasons, channels and sets of groups. Default: 1,000,000. */
  names: number;
  /** Ranges of one agent's versions. Default: 1,000,000. */
  version_ranges: number;
}

/** An agent of an account. Any object with both ids is accepted, such as a state, a change or a row. */
export interface Agent {
  /** The id of the account. */
  account_id: string;
  /** The id of the agent. */
  agent_id: string;
}

/** The agents and channels that a question is about. A list that is empty or missing selects everything. */
export interface Selection {
  /** The ids of the accounts. */
  accounts?: string[];
  /** The agents: objects, or text. `10011` is that agent in any account, `2/10011` the one of account 2. */
  agents?: (string | Agent)[];
  /** The ids of the groups. An agent is selected if it is in one of them at some time of the window. */
  groups?: string[];
  /** The channels. A report then has no rows without a channel, such as those about unified states. */
  channels?: string[];
}

/** What agents and groups are called. It is plain data, and `parseNames` reads it again. */
export interface Names {
  /** The names of agents, by id. */
  agents: Record<string, string>;
  /** The names of groups, by id. */
  groups: Record<string, string>;
}

// Errors

/** The stable name of a problem with an event or a table of names. The same in every language. */
export type IssueCode =
  | "not_json"
  | "other_format"
  | "damaged_stream"
  | "not_one_event"
  | "missing_field"
  | "wrong_type"
  | "bad_instant"
  | "future_instant"
  | "bad_id"
  | "out_of_range"
  | "too_large"
  | "too_deep"
  | "duplicate_key"
  | "empty_name"
  | "bad_row"
  | "bad_wrapping"
  | "account_mismatch"
  | "subject_mismatch"
  | "chat_id_time"
  | "chat_id_agent"
  | "unknown_type"
  | "unknown_field"
  | "unknown_value"
  | "unknown_version"
  | "unchanged_value"
  | "old_instant"
  | "far_instant"
  | "ahead_instant";

/** The stable name of the reason why a fold or a `Scrubber` refused a call. The same in every language. */
export type FoldErrorCode =
  | "before_cut"
  | "different_options"
  | "not_rising"
  | "too_many_buckets"
  | "too_many_rows"
  | "other_buckets"
  | "no_track"
  | "short_key"
  | "not_saved"
  | "damaged"
  | "newer_version";

/** The stable name of the reason why a delivery or a secret was refused. The same in every language. */
export type FlawCode =
  | "too_large"
  | "no_secret"
  | "missing_header"
  | "duplicate_header"
  | "bad_base64"
  | "bad_timestamp"
  | "wrong_signature"
  | "wrong_account"
  | "stale"
  | "future"
  | "empty_secret"
  | "test_secret"
  | "nul_in_secret"
  | "untrimmed_secret"
  | "quoted_secret"
  | "decoded_secret"
  | "hex"
  | "other_base64"
  | "url_encoded"
  | "body_first"
  | "body_only"
  | "separator"
  | "reserialised"
  | "byte_order_mark"
  | "base64_body"
  | "quoted_body"
  | "encoded_body"
  | "wrong_charset"
  | "empty_body"
  | "compressed_body"
  | "parsed_body"
  | "no_json"
  | "normalised_body";

/** The stable name of the reason why a pull of the Chat export stopped. The same in every language. */
export type RefusalCode =
  | "start_in_future"
  | "bad_request"
  | "unauthorized"
  | "forbidden"
  | "not_found"
  | "redirected"
  | "unexpected_status"
  | "page_too_large"
  | "error_in_page"
  | "not_a_page"
  | "not_advancing"
  | "endless_instant"
  | "other_host";

/**
 * The codes that only this package uses.
 *
 * - `bad_argument`: an argument does not have the documented type; `path` names it.
 * - `unknown_time_zone`: no time zone has this name.
 * - `trapped`: the WebAssembly module ran out of memory or has a bug. Its objects can no longer be used, new ones can.
 * - `freed`: the object was freed before.
 * - `not_data`: an object of this package is not plain data: it can't be written as JSON.
 * - `no_module`: nothing was passed to `init` of `agentfold/slim` yet.
 * - `too_large`: the answer is larger than the host can hold.
 */
export type BindingCode =
  | "bad_argument"
  | "unknown_time_zone"
  | "trapped"
  | "freed"
  | "not_data"
  | "no_module"
  | "too_large";

/** Every `code` that an `AgentfoldError` can have. */
export type ErrorCode = IssueCode | FoldErrorCode | FlawCode | RefusalCode | BindingCode;

/** One problem with one event, or with a table of names. */
export interface Issue {
  /** What kind of problem it is. */
  code: IssueCode;
  /** Where it is: a JSON Pointer (RFC 6901) into the event, empty for the whole. */
  path: string;
  /** The problem in words. It contains no value from the event. */
  message: string;
  /** An event with an error is refused. An event with only warnings is used. */
  severity: "error" | "warning";
}

/**
 * One problem with a delivery or with the secrets.
 *
 * It contains no secret, signature or payload, so it is safe to log. Do not send it to the sender.
 */
export interface Flaw {
  /** What kind of flaw it is. */
  code: FlawCode;
  /** Where it is, as a JSON Pointer: `/body`, `/secrets`, or `/headers/` and a header's name. */
  path: string;
  /** What is wrong, for people. */
  message: string;
}

// Events

/** The envelope of a webhook delivery. */
interface Envelope<Type extends string, Change> {
  /** The id of the account. */
  account_id?: string;
  /** The agent. `version` counts the changes of the agent. */
  detail: { account_id?: string; agent_id: string; version?: string };
  /** The change. `updated_at` is when it happened. */
  event: { updated_at: Instant } & Change;
  /** The id of the event. Usually a ULID; different events may have the same id. */
  id: string;
  /** Usually `zen:agent:` and the id of the agent. */
  subject?: string;
  /** When the event was issued. */
  time?: Instant;
  /** The type of the event. */
  type: `zen:event-type:${Type}`;
  /** The version of the event's format, a date. */
  zendesk_event_version?: string;
}

/** A record of the Chat export. */
interface ChatRecord<Field extends string, Value> {
  /** The id of the account. */
  account_id: string;
  /** The id of the agent. */
  agent_id: string;
  /** What changed. */
  field_name: Field;
  /** The id of the record. */
  id: string;
  /** The value before the change, if the record states it. */
  previous_value?: Value;
  /** When the change happened. */
  timestamp: Instant;
  /** The value after the change. */
  value: Value;
}

/** A unified state: an agent's status across all channels. */
export interface UnifiedState {
  /** The status's id. Zendesk's standard ids are 2 offline, 3 online, 4 away and 5 transfers only. */
  id: string;
  /** The status's name, in any language. */
  name?: string;
  /** Why the agent is in it. */
  reason?: string;
}

/** The fields of each event type, by type without the prefix `zen:event-type:`. */
export interface Changes {
  /** The state of the agent on a channel changed. */
  "agent.state_changed": {
    /** The state before the change. */
    previous_state?: string;
    /** The state after the change. */
    new_state: string;
    /** The channel. */
    channel: string;
  };
  /** A work item was offered or assigned to the agent. */
  "agent.work_item_added": {
    /** The id of the work item. */
    work_item_id: string;
    /** The channel that the item is on. */
    channel: string;
    /** The reason, such as `ACCEPTED`. */
    reason: string;
  };
  /** A work item of the agent changed, such as by acceptance. */
  "agent.work_item_updated": {
    /** The id of the work item. */
    work_item_id: string;
    /** The channel that the item is on. */
    channel: string;
    /** The reason before the change. */
    previous_reason?: string;
    /** The reason, such as `ACCEPTED`. */
    reason: string;
  };
  /** A work item left the agent. */
  "agent.work_item_removed": {
    /** The id of the work item. */
    work_item_id: string;
    /** The channel that the item is on. */
    channel: string;
    /** The reason, such as `ACCEPTED`. */
    reason?: string;
  };
  /** The largest number of items that the agent may have changed. */
  "agent.max_capacity_changed": {
    /** How many items the agent may have, by channel; `null` for no limit. */
    maxCapacity: { [channel: string]: { current: number | null; previous?: number | null } };
  };
  /** The agent's status across all channels changed. */
  "agent.unified_state_changed": {
    /** The unified state before the change. */
    previous_unified_state?: UnifiedState;
    /** The unified state after the change. */
    new_unified_state: UnifiedState;
  };
  /** The agent got access to a channel. */
  "agent.channel_created": {
    /** The channel. */
    channel: string;
  };
  /** The agent lost access to a channel. */
  "agent.channel_deleted": {
    /** The channel. */
    channel: string;
  };
  /** The agent was added to groups, or removed from some. */
  "agent.groups_updated": {
    /** The ids of the groups before the change. */
    previous_group_ids?: string[];
    /** The ids of all groups after the change. */
    new_group_ids: string[];
  };
}

/** A webhook delivery of one of the nine event types, in Zendesk's format. All ids are strings. */
export type AvailabilityEvent = { [Kind in keyof Changes]: Envelope<Kind, Changes[Kind]> }[keyof Changes];

/** A change of an agent's chat status. */
export type StatusEvent = ChatRecord<"status", string>;

/** A change of the number of chats an agent is in. */
export type EngagementsEvent = ChatRecord<"engagements", number>;

/** A record of the Chat export, in Zendesk's format. All ids are strings. */
export type ChatEvent = StatusEvent | EngagementsEvent;

/** A parsed event of a known type. */
interface Dated<Kind extends string, Event> {
  /** The event type without its prefix, or the field name of a Chat record. */
  kind: Kind;
  /** The agent of the event. */
  agent: Agent;
  /** When the change happened. */
  at: Instant;
  /** The event. */
  event: Event;
}

/** An event of an unknown type, as received. */
export interface UnknownEvent {
  /** Tells this from events of a known type. */
  kind: "unknown";
  /** The agent; `null` if the event does not name one. */
  agent: Agent | null;
  /** Unknown: nobody knows which field tells it. */
  at: null;
  /** The event as it was received. */
  event: { [key: string]: Json };
}

/** A parsed event. A `switch` over `kind` narrows the type of `event`. */
export type ParsedEvent =
  | { [Kind in keyof Changes]: Dated<Kind, Envelope<Kind, Changes[Kind]>> }[keyof Changes]
  | Dated<"status", StatusEvent>
  | Dated<"engagements", EngagementsEvent>
  | UnknownEvent;

/** A record of a stream that could not be read as an event. */
export interface Unreadable {
  /** Tells this from events. */
  kind: "unreadable";
  /** The line on which the record begins, counted from 1. */
  line: number;
  /** The byte at which the record begins, counted from 0. */
  offset: number;
  /** The reasons; never empty. */
  issues: Issue[];
}

// Tracks

/**
 * What a track is about.
 *
 * A track is one aspect of an agent that has one value at a time. The value of `load`, `accepting` and
 * `channel` follows from the others; no event states it.
 */
export type Aspect =
  | "unified_state"
  | "state"
  | "access"
  | "max_capacity"
  | "groups"
  | "chat_status"
  | "chat_engagements"
  | "work_item"
  | "load"
  | "accepting"
  | "channel";

/** The type of a track's value, by aspect. A value that is unknown is `null`. */
export interface TrackValues {
  /** The unified state. */
  unified_state: { id: string; name: string | null; reason: string | null };
  /** The state on a channel, such as `online`. */
  state: string;
  /** Whether the agent has access to a channel. */
  access: boolean;
  /** The maximum number of open items on a channel. `null` also if there is no limit. */
  max_capacity: number;
  /** The ids of the groups, sorted. */
  groups: string[];
  /** The status in the Chat export. */
  chat_status: string;
  /** The number of engagements in the Chat export. */
  chat_engagements: number;
  /** Whether a work item is open on a channel, and the reason of the latest event that changed it. */
  work_item: { open: boolean; reason: string | null };
  /** The number of open items on a channel. */
  load: number;
  /** Whether the agent can take one more item on a channel. */
  accepting: boolean;
  /** Whether a channel was ever named for the agent. */
  channel: boolean;
}

/** The aspects that events state. */
type StatedAspect = Exclude<Aspect, "load" | "accepting" | "channel">;

/** The aspects that belong to no channel. */
type GlobalAspect = "unified_state" | "groups" | "chat_status" | "chat_engagements";

/** A track of an agent: as text, and in parts. */
interface OfTrack<Of extends Aspect> extends Agent {
  /** The track, such as `unified_state`, `state[support]` or `work_item[123]@support`. */
  track: string;
  /** What the track is about. */
  aspect: Of;
  /** The channel; `null` if the track belongs to none. */
  channel: Of extends GlobalAspect ? null : string;
  /** The id of the work item; `null` if the track is not about one. */
  work_item: Of extends "work_item" ? string : null;
}

// Folds

/**
 * What a fold did with an event that it could read.
 *
 * - `applied`: the event is the latest on one of its tracks, or changed the current state.
 * - `late`: the event changed history only.
 * - `duplicate`: the fold already had the event.
 * - `expired`: the event is older than the cut of its agent, and was dropped.
 * - `ignored`: the type of the event is unknown, or the event changes no track.
 * - `limit`: the event would exceed a limit of the fold, and was not taken in.
 */
export type Outcome = "applied" | "late" | "duplicate" | "expired" | "ignored" | "limit";

/** What a fold holds a limited number of. `Limits` has their meanings. */
export type Limit = keyof Limits & string;

/**
 * Which part of the current state a change is about.
 *
 * - `value`: the value of the track.
 * - `since`: since when the track has this value.
 * - `opened_at`: when the work item was opened.
 */
export type Part = "value" | "since" | "opened_at";

/** A change of one part of a track. */
interface ChangeOf<Of extends Aspect, What extends Part, Value> extends OfTrack<Of> {
  /**
   * The track. Ends in `.since` or `.opened_at` for these parts, such as
   * `work_item[123]@support.opened_at`.
   */
  track: string;
  /** Which part changed. */
  part: What;
  /** The value before; `null` if it was unknown. */
  from: Value | null;
  /** The value after; `null` if it is unknown. */
  to: Value | null;
  /** The instant of the event that caused the change. */
  at: Instant;
}

/** The aspects for which the current state shows since when they have their value. */
type SinceAspect = "unified_state" | "state" | "chat_status" | "work_item";

/**
 * One change of a value in an agent's current state.
 *
 * Conditions on `part` and `aspect` narrow the types of `from` and `to`, and those of `channel` and
 * `work_item`.
 */
export type Change =
  | { [Of in Exclude<Aspect, "load">]: ChangeOf<Of, "value", TrackValues[Of]> }[Exclude<Aspect, "load">]
  | { [Of in SinceAspect]: ChangeOf<Of, "since", Instant> }[SinceAspect]
  | ChangeOf<"work_item", "opened_at", Instant>;

/**
 * The result of applying one event: the outcome, and the changes in the current state.
 *
 * `issues` is present if the event is `unreadable`, and `limit` if it would exceed a limit.
 */
export type Applied =
  | { outcome: Exclude<Outcome, "limit">; changes: Change[] }
  | { outcome: "limit"; limit: Limit; changes: Change[] }
  | { outcome: "unreadable"; issues: Issue[]; changes: Change[] };

/**
 * The result of applying one record of a stream: that of `apply`, and where a record begins that could not be read.
 *
 * A problem of the array or page around the records is here too, as an `unreadable` record whose issue is a warning.
 */
export type AppliedRecord =
  | Exclude<Applied, { outcome: "unreadable" }>
  | {
      /** It could not be read as an event. */
      outcome: "unreadable";
      /** The line on which the record begins, counted from 1. */
      line: number;
      /** The byte at which the record begins, counted from 0. */
      offset: number;
      /** The reasons; never empty. */
      issues: Issue[];
      /** Empty. */
      changes: Change[];
    };

/** The result of applying the REST record of one agent. */
export type Seeded = Agent & Applied;

/** Everything that a fold knows about one agent, in the format that `Fold.restore` reads. */
export interface SavedAgent extends Agent {
  /** The bytes. */
  saved: Uint8Array<ArrayBuffer>;
}

/** The number of events by outcome. */
export interface Counts {
  /** How many changed the current state. */
  applied: number;
  /** How many changed only history: later events were known. */
  late: number;
  /** How many were known already. */
  duplicate: number;
  /** How many are from before the cut, and were not taken in. */
  expired: number;
  /** How many change nothing that is kept, such as events of an unknown type. */
  ignored: number;
  /** How many would have exceeded a limit, and were not taken in. */
  limit: number;
  /** How many could not be read. */
  unreadable: number;
}

/** The result of reading a stream of events. */
export interface Read {
  /** The number of events by outcome. */
  counts: Counts;
  /**
   * The records that could not be read, in order: the first 1,000 of each code. `counts` has the number of
   * all. A problem of the array or page around the records is here too, as the warning `bad_wrapping`; it
   * does not count, and no record is lost by it.
   */
  unreadable: Unreadable[];
  /** How many records could not be read, by the code of their first issue. */
  unreadable_codes: { [code in IssueCode]?: number };
  /** The changes in the current state; present if `changes` was requested. */
  changes?: Change[];
}

/** The state of one agent, now or as of an instant. Values that no event has stated are `null`. */
export interface AgentState extends Agent {
  /** The greatest version of accepted events. */
  version: number | null;
  /** The latest instant of accepted events. */
  last_event_at: Instant;
  /** The unified state: the status across all channels, and since when the agent is in it. */
  unified_state: { id: string; name: string | null; reason: string | null; since: Instant } | null;
  /** Every channel that was ever named for the agent, by name. */
  channels: { [channel: string]: ChannelState };
  /** The agent's groups: numbers first, by value, then the rest by bytes. */
  group_ids: string[] | null;
  /** The values of the Chat export; `null` without such an event. */
  chat: { status: string | null; since: Instant | null; engagements: number | null } | null;
}

/** An agent's state on one channel. */
export interface ChannelState {
  /** Whether the agent has access to the channel. */
  access: boolean | null;
  /** The state, such as `online`. It is `null` after the channel was deleted, too. */
  state: string | null;
  /** When the agent entered that state. */
  since: Instant | null;
  /** The maximum number of items at once; `null` if it is unknown or there is no limit. */
  max_capacity: number | null;
  /** The open items, by id. */
  work_items: WorkItemState[];
  /** How many items are open. */
  load: number;
  /** How many more items the known capacity allows; `null` without a known limit. */
  spare: number | null;
  /** Whether the agent can take one more item; `null` if that is not known. */
  accepting: boolean | null;
}

/** An open work item. */
export interface WorkItemState {
  /** The item's id. */
  id: string;
  /** Why it is with the agent, such as `ACCEPTED`: the reason of the last event that changed it. */
  reason: string;
  /** When its current stay with the agent began. A move between channels does not end a stay. */
  opened_at: Instant;
  /** When it got this reason. */
  since: Instant;
}

/** An anomaly on a track. */
interface Sign<Name extends string, Of extends Aspect> extends OfTrack<Of> {
  /** The kind of anomaly. */
  anomaly: Name;
  /** The instant of the event that shows the anomaly. */
  at: Instant;
  /** The id of this event. */
  event_id: string;
}

/**
 * A sign that events of an agent are missing or inconsistent. A late event can resolve it.
 *
 * - `gap`: an event states a previous value that differs from the known one.
 * - `orphan`: a work item was updated or removed while it was not open.
 * - `conflict`: two different events have the same position on a track. `channel` is `null` if it is a work
 *   item's.
 * - `version_disorder`: an event has a lower version than an earlier event.
 * - `missing_versions`: versions that were never received, as ranges from first to last, both included.
 *   `sparse` is there if so many are missing that they do not indicate lost events.
 */
export type Anomaly =
  | { [Of in StatedAspect]: Sign<"gap", Of> }[StatedAspect]
  | Sign<"orphan", "work_item">
  | { [Of in Exclude<StatedAspect, "work_item">]: Sign<"conflict", Of> }[Exclude<StatedAspect, "work_item">]
  | (Omit<Sign<"conflict", "work_item">, "channel"> & { channel: null })
  | (Agent & { anomaly: "version_disorder"; at: Instant; event_id: string; version: number })
  | (Agent & { anomaly: "missing_versions"; ranges: [number, number][]; sparse?: boolean });

// Measures

/** The time range of a question: from `from` (inclusive) to `to` (exclusive). */
export interface Window {
  /** The start, inclusive. */
  from: Instant;
  /** The end, exclusive. */
  to: Instant;
  /**
   * Events after this instant are ignored, and nothing is known of the time after it. Default: `to`, or the last event
   * apart from outliers if that is earlier. Pass the current time if values hold until now.
   */
  as_of?: Instant;
}

/**
 * How certain a value is, from most to least certain.
 *
 * - `observed`: the next event states this value as its previous value.
 * - `assumed`: no later event confirms or contradicts it.
 * - `inferred`: derived from the previous value that the first event states.
 * - `disputed`: the next event states a different previous value, so an event is missing.
 * - `unknown`: the value is not known.
 */
export type Basis = "observed" | "assumed" | "inferred" | "disputed" | "unknown";

/** An interval of a track of one aspect. */
interface IntervalOf<Of extends Aspect> extends OfTrack<Of> {
  /** The start, inclusive. */
  from: Instant;
  /** The end, exclusive. */
  to: Instant;
  /** The value. `null` if it is unknown, and for a capacity without limit. */
  value: TrackValues[Of] | null;
  /** How certain the value is. */
  basis: Basis;
  /** Whether the interval has not ended by `as_of`. */
  open: boolean;
  /** The parts in which the value is doubtful: a version is missing between them and what speaks for it. */
  doubtful: DoubtfulPart[];
}

/** A part of an interval. */
export interface DoubtfulPart {
  /** Where it begins. */
  from: Instant;
  /** Where it ends, exclusive. */
  to: Instant;
}

/**
 * A period in which a track has one value.
 *
 * A `switch` over `aspect` narrows the type of `value`, and those of `channel` and `work_item`. Intervals of
 * `load` are returned only if you ask for that track.
 */
export type Interval = { [Of in StatedAspect | "load"]: IntervalOf<Of> }[StatedAspect | "load"];

/**
 * The time a work item spends with one agent, including moves between channels. `handle_ns` is rounded above 104 days.
 */
export interface WorkItemSpan extends Agent {
  /** The item's id. */
  work_item: string;
  /** When this stay began. */
  opened_at: Instant;
  /** When it was first offered; `null` if no event stated an offer. */
  offered_at: Instant | null;
  /** When it was first accepted; `null` if no event stated that. */
  accepted_at: Instant | null;
  /** When it left the agent; `null` if it had not by the window's `as_of`. */
  closed_at: Instant | null;
  /** Why it is with the agent or, once it has left, why it left. */
  reason: string | null;
  /** The channels it came to; the first at its opening. */
  moves: { at: Instant; channel: string }[];
  /** Whether its opening is missing: its first event was an update. */
  orphan: boolean;
  /**
   * The time from its acceptance, or its opening, to its removal, in nanoseconds; `null` if it has no handle
   * time.
   */
  handle_ns: number | null;
}

/** A period with one chat status and one number of engagements, in the format of Zendesk's `agent_timeline`. */
export interface ChatSpan extends Agent {
  /** Where it begins. */
  start_time: Instant;
  /** The status; `null` if it is unknown. */
  status: string | null;
  /** The number of engagements; `null` if it is unknown. */
  engagement_count: number | null;
  /** Its length in seconds. */
  duration: number;
  /** The worst basis of the intervals that were joined. */
  basis: Basis;
  /** Whether it continues at the window's `as_of`. */
  open: boolean;
}

/** The buckets of a report. Each runs from one boundary (inclusive) to the next (exclusive). */
export interface Buckets {
  /** At least two instants, in ascending order. */
  boundaries: Instant[];
  /**
   * Later events are ignored, and the report ends here. Default: the last boundary, or the fold's last event apart from
   * outliers if that is earlier. `ReportSums` requires it.
   */
  as_of?: Instant;
  /**
   * The maximum number of rows, and of pairs of an agent and a bucket. Default: 100,000, and 500,000 for
   * `reportRows`. A row takes about 4 kB of memory.
   */
  row_limit?: number;
}

/** Options of `buckets`. */
export interface BucketsOptions {
  /** The instant at which the first bucket begins. */
  from: Instant;
  /** The instant at which the last bucket ends. */
  to: Instant;
  /**
   * The length: up to 1440 minutes, 24 hours, 366 days, 52 weeks or 12 months, such as `15m`, `1h`, `1d`, `1w` or `1mo`,
   * also with the unit as `min` or a word; or a number of seconds. `7d` begin on Mondays, and months on their first day.
   */
  every: string | number;
  /** An IANA time zone, such as `Europe/Berlin`; `UTC` by default. */
  tz?: string;
  /**
   * Later events are ignored, and the report ends here. Default: `to`, or the fold's last event apart from outliers if
   * that is earlier. Pass the current time if values hold until now.
   */
  as_of?: Instant;
}

/**
 * What a row of a report is about: one agent (the default), or the sum over a channel, an account or a group. An
 * agent of several groups counts fully in each; by `group_split` its time is divided evenly among them.
 */
export type RollUp = "agent" | "channel" | "account" | "group" | "group_split";

/** When the events of a fold happened, apart from outliers. */
export interface UsualTimes {
  /** The earliest instant that is not an outlier. */
  first: Instant;
  /** The latest one. */
  last: Instant;
  /** How many instants of agents are before `first`. */
  before: number;
  /** How many are after `last`. */
  after: number;
}

/** The agent or agents, and the bucket, of a row. */
interface About {
  /** The account; `null` in rows by channel, which cover all accounts. */
  account_id: string | null;
  /** The agent; `null` in rows that roll up several. */
  agent_id: string | null;
  /**
   * The group, in rows by group. `null` is for agents without a known group. By `group`, an agent counts
   * fully in each of its groups, so these rows must not be added; by `group_split`, times add up.
   */
  group_id?: string | null;
  /** The number of agents, in rows that roll up several. */
  agents?: number;
  /** Where the bucket begins. */
  from: Instant;
  /** Where it ends, exclusive. */
  to: Instant;
}

/**
 * Statistics of durations in nanoseconds, with exact quantiles. `null` if `count` is 0. A sum above 2^53 is rounded, as
 * in all of `ReportRow`.
 */
export interface Times {
  /** How many there are. */
  count: number;
  /** Their sum. */
  sum_ns: number;
  /** The shortest. This and all fields that follow are `null` if there are no times. */
  min_ns: number | null;
  /** The longest. */
  max_ns: number | null;
  /** The median: 50 percent took no longer. */
  p50_ns: number | null;
  /** 90 percent took no longer. */
  p90_ns: number | null;
  /** 95 percent took no longer. */
  p95_ns: number | null;
}

/** A row about one channel in one bucket. Ratios are `null` if the denominator is 0. */
export interface ChannelRow extends About {
  /** Tells the kinds of rows apart. */
  row: "channel";
  /** The channel. */
  channel: string;
  /** The bucket's length; in rows of several agents, the sum over them. */
  length_ns: number;
  /** The time in each state, by basis; adds up to `length_ns`. */
  state: { state: string | null; basis: Basis; ns: number }[];
  /** The time in which the state is doubtful: a version is missing between it and what speaks for it. */
  doubtful_ns: number;
  /**
   * The time in the state `online` on the channel. An agent is online on several channels at once, so the
   * sum over channels is more than the time that agents worked.
   */
  online_ns: number;
  /**
   * The time online with at least one open item on the channel. An agent may be busy on several channels at
   * once: do not add it over channels.
   */
  busy_ns: number;
  /** The number of open items, integrated over the time online: two items for an hour are two hours. */
  item_ns: number;
  /** As `item_ns`, without the items that are doubtful. */
  item_least_ns: number;
  /** As `item_ns`, with the items that may be open although they are not known to be. */
  item_most_ns: number;
  /** As `item_ns`, but only while the capacity is a known number. So it can be compared with `capacity_ns`. */
  item_known_ns: number;
  /** The capacity, integrated over the time online, while it is a known number. */
  capacity_ns: number;
  /**
   * The time online with at least as many open items as the capacity, while that is a known number. An agent
   * with capacity 0 is at capacity.
   */
  at_capacity_ns: number;
  /**
   * `busy_ns` divided by `online_ns`: the share of the time online with an open item; `null` if never
   * online.
   */
  occupancy: number | null;
  /**
   * `item_known_ns` divided by `capacity_ns`: the share of the known capacity that is taken; `null` if that
   * is 0.
   */
  utilisation: number | null;
  /** `item_ns` divided by `online_ns`: how many items are open at once, on average; `null` if never online. */
  average_used_capacity: number | null;
  /** How many items were opened, moves to the channel included. */
  added: number;
  /** How many items were closed, by reason, moves from the channel included. */
  removed: { reason: string | null; count: number }[];
  /** How many offers began: an item was offered to the agent, who may accept it. */
  offered: number;
  /** How many offers ended: accepted, missed, obsolete or withdrawn. */
  offers_ended: number;
  /** How many offers ended with their acceptance. */
  offers_accepted: number;
  /** How many items were accepted, with or without an offer before. */
  accepted: number;
  /** How many offers were missed, even if the offer's event is missing. */
  missed: number;
  /**
   * `offers_accepted` divided by `offers_ended`; `null` if no offer ended. Items that are accepted
   * automatically play no part.
   */
  acceptance_rate: number | null;
  /** The times from an offer to its acceptance. */
  offer_time: Times;
  /**
   * The times from an item's acceptance to its removal, or from its opening if it was never accepted. Each
   * is counted once, on the channel and in the bucket of the removal.
   */
  handle_time: Times;
}

/** A row about one unified state in one bucket. */
export interface UnifiedStateRow extends About {
  /** Tells the kinds of rows apart. */
  row: "unified_state";
  /** The bucket's length; in rows of several agents, the sum over them. */
  length_ns: number;
  /** The state's id; `null` for the time in which the state is unknown. */
  id: string | null;
  /** Its name, as stated last. */
  name: string | null;
  /**
   * The time in the state: the sum of `observed_ns`, `assumed_ns`, `inferred_ns`, `disputed_ns` and
   * `unknown_ns`. An agent is in one unified state at a time, so the times in all of them add up to the
   * agent's hours.
   */
  ns: number;
  /** The part of `ns` that is observed: the next event confirms it. */
  observed_ns: number;
  /** The part of `ns` that is assumed: no later event confirms or contradicts it. */
  assumed_ns: number;
  /** The part of `ns` that is inferred: the first event states it as the value before. */
  inferred_ns: number;
  /** The part of `ns` that is disputed: the next event states another value before it. */
  disputed_ns: number;
  /** The part of `ns` that is unknown. */
  unknown_ns: number;
  /** How much of `ns` is doubtful: a version is missing between it and what speaks for it. */
  doubtful_ns: number;
  /** The part of `ns` that the system caused, not the agent: disconnected, idle, reconnected. */
  involuntary_ns: number;
}

/** A row about the values of the Chat export in one bucket. */
export interface ChatRow extends About {
  /** Tells the kinds of rows apart. */
  row: "chat";
  /** The bucket's length; in rows of several agents, the sum over them. */
  length_ns: number;
  /** The time in each status, by basis; adds up to `length_ns`. */
  status: { status: string | null; basis: Basis; ns: number }[];
  /** The time with each number of engagements, by basis; adds up to `length_ns`. */
  engagements: { engagements: number | null; basis: Basis; ns: number }[];
  /**
   * The number of engagements, integrated over the bucket, in any status: two chats for an hour are two
   * hours.
   */
  concurrency_ns: number;
  /** The time in the status `online`. */
  online_ns: number;
  /** The time online with at least one engagement. */
  busy_ns: number;
  /**
   * `busy_ns` divided by `online_ns`: the share of the time online with an engagement; `null` if never
   * online.
   */
  occupancy: number | null;
}

/** A comparison of an agent with one entry of the schedule. */
export interface AdherenceRow extends About {
  /** Tells the kinds of rows apart. */
  row: "adherence";
  /** The track that is compared with the schedule. */
  track: string;
  /** The whole length of the schedule's line. */
  scheduled_ns: number;
  /** The part of it that had elapsed by `as_of`: the sum of `adherent_ns`, `out_ns` and `unknown_ns`. */
  elapsed_ns: number;
  /** The time in a scheduled state. */
  adherent_ns: number;
  /** The time in another state. */
  out_ns: number;
  /** The time in which the state is unknown. */
  unknown_ns: number;
  /** How much of `elapsed_ns` is disputed. */
  disputed_ns: number;
  /** How much of `elapsed_ns` is inferred. */
  inferred_ns: number;
  /** How much of `elapsed_ns` is doubtful. */
  doubtful_ns: number;
  /** `adherent_ns` divided by `elapsed_ns`; `null` if no time has elapsed. */
  adherence: number | null;
}

/**
 * How an agent did not keep to an entry of the schedule. `no_show`: in no scheduled state so far. `late`: from the
 * beginning of the entry on. `left_early`: up to its end. `out_of_adherence`: in between, or now.
 */
export type ExceptionKind = "no_show" | "late" | "left_early" | "out_of_adherence";

/** A time in which an agent did not keep to an entry of the schedule. `from` and `to` are the time's. */
export interface ExceptionRow extends About {
  /** Tells the kinds of rows apart. */
  row: "exception";
  /** The track that is compared with the schedule. */
  track: string;
  /** How the agent did not keep to the line. */
  exception: ExceptionKind;
  /** Whether it still goes on at `as_of`, before the line ends. */
  open: boolean;
  /** Where the schedule's line begins. */
  scheduled_from: Instant;
  /** Where it ends. */
  scheduled_to: Instant;
  /** The last value in this time, as in the state. `null` if it is unknown. */
  value: TrackValues["unified_state" | "state" | "chat_status" | "chat_engagements"] | null;
  /** The part in another state than the scheduled ones. */
  out_ns: number;
  /** The part in which the state is unknown. */
  unknown_ns: number;
  /** How much of it is disputed. */
  disputed_ns: number;
  /** How much of it is inferred. */
  inferred_ns: number;
}

/** When an agent logged in and out in one bucket. */
export interface SessionsRow extends About {
  /** Tells the kinds of rows apart. */
  row: "sessions";
  /** The bucket's length. */
  length_ns: number;
  /** How many sessions have a part in the bucket. */
  sessions: number;
  /** How many of them begin in it. */
  logins: number;
  /** How many of them end in it. */
  logouts: number;
  /** The first login; `null` if no session begins in the bucket. */
  first_login: Instant | null;
  /** How certain it is that the agent was offline before it; unknown if nothing says so. */
  first_login_basis: Basis | null;
  /** The last logout; `null` if no session ends in the bucket. */
  last_logout: Instant | null;
  /** How certain it is that the session lasted until then; unknown if its end is not known. */
  last_logout_basis: Basis | null;
  /** The time in sessions. */
  session_ns: number;
  /** The time of which nothing is known. */
  unknown_ns: number;
  /** Whether a session goes on at the beginning of the bucket, begun before. */
  continued: boolean;
  /** Whether a session goes on at the end of the bucket. */
  open: boolean;
}

/**
 * One row of a report. A `switch` over `row` narrows the type.
 *
 * Fields that end in `_ns` are nanoseconds. Numbers are exact up to 2^53, which is 104 days. Longer times, such as sums
 * over many agents, are rounded: by at most 8 ns below 3 years of them. `Fold.reportColumns` has all times exactly.
 */
export type ReportRow = ChannelRow | UnifiedStateRow | ChatRow | AdherenceRow | ExceptionRow | SessionsRow;

/** A column of texts. Each different text is stored once. */
export interface TextColumn {
  /** The different texts. */
  values: string[];
  /** The index of each row's text in `values`; -1 for `null`. */
  indices: Int32Array<ArrayBuffer>;
}

/** A column of lists. */
export interface ListColumn<Item> {
  /** The items of row `i` are those from `offsets[i]` to `offsets[i + 1]`, exclusive. It is one longer than the rows. */
  offsets: Uint32Array<ArrayBuffer>;
  /** The columns of all items. */
  items: ColumnsOf<Item>;
}

/**
 * The column of a field.
 *
 * - Nanoseconds (`ns`, `…_ns`) are exact, in a `BigInt64Array`: -1 for `null`, and for more than 2^63 - 1, which is the
 *   time of 292 agents in a year.
 * - Instants (`from`, `to`) are nanoseconds since 1970 in UTC, in a `BigInt64Array`.
 * - Counts and ratios are in a `Float64Array`: `NaN` for `null`.
 * - Texts are a `TextColumn`, lists a `ListColumn`, and objects have a column for each of their fields.
 */
export type ColumnOf<Name, Value> = Name extends "from" | "to" | "ns" | `${string}_ns`
  ? BigInt64Array<ArrayBuffer>
  : NonNullable<Value> extends string
    ? TextColumn
    : NonNullable<Value> extends number
      ? Float64Array<ArrayBuffer>
      : NonNullable<Value> extends (infer Item)[]
        ? ListColumn<Item>
        : ColumnsOf<NonNullable<Value>>;

/** The columns of a type of row. */
export type ColumnsOf<Row> = { [Name in keyof Row]: ColumnOf<Name, Row[Name]> };

/** Rows of one kind as columns. */
export interface ColumnsOfRow<Row extends ReportRow> {
  /** The kind of row. */
  row: Row["row"];
  /** The number of rows, at most 4,096. */
  length: number;
  /** The fields of the rows, a column each. */
  columns: ColumnsOf<Omit<Row, "row">>;
}

/** A batch of a report's rows as columns. A `switch` over `row` narrows the type. */
export type ReportColumns = ColumnsOfRow<ChannelRow> | ColumnsOfRow<UnifiedStateRow> | ColumnsOfRow<ChatRow>;

/** What a word of a schedule names that is not known. */
export type ScheduleWarningCode = "unknown_channel" | "unknown_state";

/** A word of a schedule that no agent ever had. */
export interface ScheduleWarning {
  /** What is not known. */
  code: ScheduleWarningCode;
  /** Where the word stands first: a JSON Pointer into the schedule, such as `/3/states/0`. */
  path: string;
  /** The problem in words. */
  message: string;
  /** The account of the entry. */
  account_id: string;
  /** The word. */
  word: string;
  /** The known words that are written most alike. */
  near: string[];
  /** How many entries have the word. */
  lines: number;
}

/** One entry of a schedule: the states that an agent is scheduled to be in. */
export interface Scheduled extends Agent {
  /** The start, inclusive. */
  from: Instant;
  /** The end, exclusive. */
  to: Instant;
  /** The track to compare. Default: `unified_state`. */
  track?: string;
  /** Ids or names of unified states, or the states of `track`. */
  states: string[];
}

/** A row that differs between two reports. */
export interface Correction {
  /** The kind of row. */
  row: ReportRow["row"];
  /** The account; `null` in rows by channel, which cover all accounts. */
  account_id: string | null;
  /** The agent; `null` in rows that roll up several. */
  agent_id: string | null;
  /**
   * The group, in rows by group. `null` is for agents without a known group. By `group`, an agent counts
   * fully in each of its groups, so these rows must not be added; by `group_split`, times add up.
   */
  group_id?: string | null;
  /** Where its bucket begins. */
  from: Instant;
  /** The channel, in rows about one. */
  channel?: string;
  /** The id of the unified state, in rows about one; `null` if it is unknown. */
  id?: string | null;
  /** The track that was compared, in rows of adherence and exceptions. */
  track?: string;
  /** The row of the earlier report; `null` if it had none. */
  before: ReportRow | null;
  /** The row of the later report; `null` if it has none. */
  after: ReportRow | null;
}

/** When the data about an agent counts as doubtful. */
export interface Trust {
  /** How long an agent stays doubtful after an anomaly, in seconds. Default: 900. */
  near_seconds?: number;
  /** How long an agent may be silent before it is doubtful, in seconds. Default: 28800. */
  silent_seconds?: number;
}

/**
 * Why the data about an agent is doubtful. `silent`: no event was received for too long. `unconfirmed`: since the
 * state or an open item of the channel was stated, a version was never received. The others are recent anomalies.
 */
export type Doubt = "gap" | "orphan" | "conflict" | "missing_versions" | "silent" | "unconfirmed";

/** One channel of an account at an instant. */
export interface ChannelFloor {
  /** The account. */
  account_id: string;
  /** The channel. */
  channel: string;
  /** The instant that was asked for. */
  at: Instant;
  /** The number of agents in each state. */
  states: { state: string | null; agents: number }[];
  /** The number of open items of all its agents. */
  load: number;
  /** How many of them are not doubtful: the load is at least this. */
  load_least: number;
  /** The sum of the capacities of its online agents that have a limit. */
  max_capacity: number;
  /** The number of items that the accepting agents with a limit can take. */
  spare: number;
  /** The number of agents that can take one more item. */
  accepting: number;
  /** The number of accepting agents without a limit. */
  unlimited: number;
  /** The number of agents of which it is not known whether they accept. */
  unsure: number;
  /** The number of agents with a doubt. */
  doubtful: number;
  /**
   * Its agents, without those that have no access. First come the agents that can take one more item: by
   * load, and of equal load, the one with more to spare first. Then come the agents of which that is not
   * known, then the others.
   */
  agents: FloorAgent[];
}

/** One agent on one channel. */
export interface FloorAgent {
  /** The agent. */
  agent_id: string;
  /** The state on the channel; `null` if it is unknown. */
  state: string | null;
  /** How many items are open. */
  load: number;
  /** How many of them are not doubtful: the load is at least this. */
  load_least: number;
  /** The maximum number of open items; `null` if it is unknown or there is no limit. */
  max_capacity: number | null;
  /** How many more items the agent can take; `null` without a known limit. */
  spare: number | null;
  /** Whether the agent can take one more item; `null` if that is not known. */
  accepting: boolean | null;
  /** The instant of the agent's last accepted event. */
  last_event_at: Instant;
  /** Why this may be wrong; empty if nothing speaks against it. */
  doubts: Doubt[];
}

// Alerts

/**
 * A length of time: a number of seconds, or a text: a whole number and a unit, such as `90s`, `30m`, `8h` or `2d`.
 */
export type Length = number | string;

/**
 * How long and how much is too long and too much. What is left out raises no alert, and what equals a threshold is not
 * over it. [The contract](https://github.com/agentfold/agentfold/blob/main/docs/contract/alerts.md) has the rules.
 */
export interface Thresholds {
  /** An agent is in a state for too long. */
  state?: StateThreshold[];
  /** No agent can take one more item on a channel for too long. */
  nobody_free?: NobodyFreeThreshold[];
  /** An agent has too much of what it can take on a channel. */
  load?: LoadThreshold[];
  /** The agents of a channel together have too much of what they can take. */
  channel_load?: LoadThreshold[];
  /** For too long, no event came of an agent who is logged in. */
  silence?: SilenceThreshold;
  /** For too long, no event came of any agent of an account. */
  account_silence?: AccountSilenceThreshold;
  /** A work item is open for too long, so that its removal was probably lost: it is a ghost. */
  work_item?: WorkItemThreshold[];
  /** When an alert is doubtful. It has no influence on which alerts there are. */
  trust?: Trust;
}

/** How long an agent may be in a state. */
export interface StateThreshold {
  /** The state: the id or the name of a unified state, or a state on a channel. */
  state: string;
  /**
   * The channel. Without it, the state is the unified state, or Chat's status of an agent who never had a unified state.
   */
  channel?: string;
  /** How long is too long. */
  longer_than: Length;
}

/** How long a channel may be without an agent who can take one more item. */
export interface NobodyFreeThreshold {
  /** The channel. */
  channel: string;
  /** The group whose agents are meant; without it, all agents. */
  group_id?: string;
  /** How long is too long. */
  longer_than: Length;
}

/** Which share of the capacity may be taken. */
export interface LoadThreshold {
  /** The channel; without it, every channel that no other threshold names. */
  channel?: string;
  /** The share: 0.9 is nine of ten items. */
  share: number;
}

/** How long an agent who is logged in may be without an event. */
export interface SilenceThreshold {
  /** How long is too long. */
  longer_than: Length;
}

/** How long all agents of an account may be without an event. */
export interface AccountSilenceThreshold {
  /** How long is too long. */
  longer_than: Length;
  /** Whether somebody has to be logged in, so that a quiet night raises no alert. Default: false. */
  while_logged_in?: boolean;
}

/** How long a work item may be open. */
export interface WorkItemThreshold {
  /** The channel; without it, every channel that no other threshold names. */
  channel?: string;
  /** How long is too long. */
  longer_than: Length;
}

/**
 * What an alert is about.
 *
 * - `state`: an agent is in a state for too long.
 * - `nobody_free`: no agent can take one more item on a channel for too long.
 * - `load`: an agent has too much of what it can take on a channel.
 * - `channel_load`: the agents of a channel together have too much of what they can take.
 * - `silence`: nothing was heard of an agent who is logged in for too long.
 * - `account_silence`: nothing was heard of any agent of an account for too long.
 * - `work_item`: a work item is open for too long.
 */
export type AlertKind = "state" | "nobody_free" | "load" | "channel_load" | "silence" | "account_silence" | "work_item";

/**
 * A condition that is over its threshold at an instant. What does not belong to its kind is `null`. Times are rounded
 * above 104 days.
 */
export interface Alert {
  /** What it is about. */
  kind: AlertKind;
  /** The account. */
  account_id: string;
  /** The agent; `null` if it is about a channel or an account. */
  agent_id: string | null;
  /** The channel; `null` if it is about no channel. */
  channel: string | null;
  /** The group, if the threshold names one. */
  group_id: string | null;
  /** The work item, if it is about one. */
  work_item_id: string | null;
  /** The state that lasts for too long: a unified state's name, or its id if the name was never stated. */
  state: string | null;
  /** When the condition began. It is never later than the instant of the question. */
  since: Instant;
  /** How long it has lasted, in nanoseconds. */
  for_ns: number;
  /** The length of time that it exceeds, in nanoseconds; `null` if it exceeds a share. */
  threshold_ns: number | null;
  /** How many items are open, for a load. */
  load: number | null;
  /** How many items the agents can have, for a load. */
  max_capacity: number | null;
  /** `load` divided by `max_capacity`; `null` too if that is 0. */
  share: number | null;
  /** The share that it exceeds. */
  threshold_share: number | null;
  /**
   * The number of agents of which it is not known whether they can take one more item, if nobody is known to
   * be free.
   */
  unsure: number | null;
  /** Why it may be wrong; empty if nothing speaks against it. */
  doubts: Doubt[];
  /** The episode: a text that stays the same as long as the condition lasts, and that no other condition has. */
  episode: string;
}

/** An alert that was reported and had not ended at the last look. Store it. */
export interface Episode {
  /** The alert as it was last seen. Its episode is the one that was reported. */
  alert: Alert;
  /** When it was reported. */
  told_at: Instant;
  /** When it was last seen. */
  seen_at: Instant;
}

/** What `episodes` returns. */
export interface Episodes {
  /** The alerts to report: their episodes have begun since the last look. */
  began: Alert[];
  /** The alerts that were reported and go on. */
  continued: Alert[];
  /** The alerts that were reported and have ended, as they were last seen, by subject. */
  ended: Alert[];
  /** What to store and to pass at the next look. */
  told: Episode[];
}

/** What a message says about an alert. */
export type Turn = "began" | "ended";

/** How a message about an alert is written. */
export interface AlertMessageOptions {
  /**
   * `agentfold`: an `AlertMessage`, for programs. `slack`: a sentence, as Slack's incoming webhooks take it. Default:
   * `agentfold`.
   */
  form?: "agentfold" | "slack";
  /** When the alert was found, or found to be over. Default: the host's clock. */
  at?: Instant;
  /** The names by which people know agents and groups. */
  names?: AlertNames;
}

/** The names of agents and groups. Whoever has no name is named by the id. */
export interface AlertNames {
  /** The names of agents, by id. */
  agents?: Record<string, string>;
  /** The names of groups, by id. */
  groups?: Record<string, string>;
}

/** The body of a message about an alert. */
export interface AlertMessage {
  /** `agentfold.alert_began` or `agentfold.alert_ended`. */
  type: "agentfold.alert_began" | "agentfold.alert_ended";
  /** The account. */
  account_id: string;
  /** When the alert was found, or found to be over. */
  at: Instant;
  /** The alert in a sentence. */
  text: string;
  /** The alert; one that ended, as it was last seen. */
  alert: Alert;
}

// Zendesk's record

/**
 * What differs between a fold and Zendesk's REST record.
 *
 * - `unknown_agent`: the fold has no event of the agent.
 * - `version`, `unified_state`, `groups`, `state`, `max_capacity`: the values differ.
 * - `ghost_item`: an item is open in the fold only; its removal was lost.
 * - `unheard_item`: an item is open in the record only; its opening was lost.
 * - `item_count`: the record lists only some items, and the total numbers differ.
 */
export type Differs =
  | "unknown_agent"
  | "version"
  | "unified_state"
  | "groups"
  | "state"
  | "max_capacity"
  | "ghost_item"
  | "unheard_item"
  | "item_count";

/** A difference in the value of a track. */
interface DifferenceOf<Name extends Differs, Of extends Aspect, Value> extends OfTrack<Of> {
  /** The kind of difference. */
  difference: Name;
  /** The value in the fold; `null` if it has none. */
  fold: Value | null;
  /** The value in the record; `null` if it has none. */
  record: Value | null;
}

/** A difference in the version. `fold` is `null` if the agent is unknown. */
interface VersionDifference extends Agent {
  /** The kind of difference. */
  difference: "unknown_agent" | "version";
  /** No track: it is about the whole agent. */
  track: null;
  /** As `track`. */
  aspect: null;
  /** As `track`. */
  channel: null;
  /** As `track`. */
  work_item: null;
  /** The version in the fold; `null` if it has none. */
  fold: number | null;
  /** The version in the record; `null` if it has none. */
  record: number | null;
}

/**
 * One difference between a fold and Zendesk's REST record of an agent.
 *
 * A `switch` over `difference` or `aspect` narrows the types of `fold` and `record`. A unified state is compared
 * by its id, and a work item by its reason.
 */
export type Difference =
  | VersionDifference
  | DifferenceOf<"unified_state", "unified_state", string>
  | DifferenceOf<"groups", "groups", string[]>
  | DifferenceOf<"state", "state", string>
  | DifferenceOf<"max_capacity", "max_capacity", number>
  | DifferenceOf<"ghost_item" | "unheard_item", "work_item", string>
  | DifferenceOf<"item_count", "load", number>;

/** A row of Zendesk Chat's `agent_timeline`. */
export interface TimelineRow {
  /** The id of the agent, a number as Chat writes it. */
  agent_id: number;
  /** When the row begins. */
  start_time: Instant;
  /** The chat status. */
  status: string;
  /** The number of engagements. */
  engagement_count: number;
  /** The length in seconds. */
  duration: number;
}

/** A period for which a fold and `agent_timeline` differ. */
export interface TimelineDifference extends Agent {
  /** Where it begins. */
  from: Instant;
  /** Where it ends, exclusive. */
  to: Instant;
  /** The status in the fold; `null` if it is unknown. */
  fold_status: string | null;
  /** The number of engagements in the fold; `null` if it is unknown. */
  fold_engagements: number | null;
  /** How certain the fold's values are. */
  basis: Basis;
  /** The status in the row. */
  row_status: string;
  /** The number of engagements in the row. */
  row_engagements: number;
}

// Webhooks

/** What to check of a delivery apart from its signature, and how to read it. */
export interface Policy {
  /** The current time of the receiver. Default: the clock of the host. */
  now?: Instant;
  /** The maximum distance between `now` and the signed timestamp, in seconds. Default: 300. */
  tolerance_seconds?: number;
  /**
   * The account that the secrets belong to. Deliveries that name a different account are refused.
   *
   * Set it if you choose the secrets by the account header; otherwise the owner of one account could sign
   * events of
   * another.
   */
  account_id?: string;
  /** How the event is read. */
  read?: ReadOptions;
  /**
   * Whether to accept secrets that are public: the empty one, and the one of Zendesk's test webhooks. Default:
   * false.
   */
  for_tests?: boolean;
}

/** A verified signature. */
export interface Signed {
  /**
   * The index of the secret that signed the delivery, from 0. Once the old secret no longer appears here,
   * you can remove it.
   */
  secret: number;
  /** When the delivery was signed. */
  at: Instant;
}

/** A verified and parsed delivery. */
export type Received = ParsedEvent & { signed: Signed };

/** The result of handling a delivery. `webhook.advise` returns the HTTP status for it. */
export type Handled = Outcome | "unreadable" | "untrusted" | "not_stored" | "too_large";

// The Chat export

/** Where a pull of the Chat export begins, and what it requests. */
export interface CursorOptions {
  /** The instant to begin at, inclusive. */
  since: Instant;
  /** The maximum number of events on a page, from 1 to 1000. Default: 1000. */
  limit?: number;
  /**
   * The endpoint: `chat` is the current path and the default, `document` the path in Zendesk's older
   * documentation,
   * `agent_timeline` the export of time spans.
   */
  endpoint?: "chat" | "document" | "agent_timeline";
  /** The unit of times in requests. Default: the one of the endpoint. */
  unit?: "seconds" | "microseconds";
  /** Whether to request all fields, including undocumented ones. Default: false. */
  all_fields?: boolean;
}

/** A cursor as JSON. Save it as it is; its fields are internal. */
export type SavedCursor = { [key: string]: Json };

/** A GET request to send. Add the host and the credentials. */
export interface ExportRequest {
  /** Tells a request from a pause. */
  step: "request";
  /** The path. */
  path: string;
  /** The query, encoded, without `?`. */
  query: string;
  /**
   * The maximum size of a reply's body in bytes, uncompressed. Stop reading a body that has more, and hand
   * over what was read: the cursor refuses it.
   */
  max_bytes: number;
}

/**
 * Why to wait.
 *
 * - `too_recent`: Zendesk serves only events older than five minutes.
 * - `too_many_requests`: the status was 429.
 * - `server_error`: the status was 408, 409, 425, or 500 or above.
 * - `strange_reply`: the reply is probably not Zendesk's, but for example the page of a proxy.
 * - `cut_off`: the body was incomplete.
 * - `no_reply`: the request failed.
 */
export type PauseReason =
  | "too_recent"
  | "too_many_requests"
  | "server_error"
  | "strange_reply"
  | "cut_off"
  | "no_reply";

/** An instruction to wait `seconds`, and then to call `next` again. */
export interface Pause {
  /** Tells a pause from a request or a page. */
  step: "pause";
  /** Why to wait. */
  reason: PauseReason;
  /** How long to wait, in seconds. */
  seconds: number;
}

/** The reply to an `ExportRequest`. */
export interface ExportReply {
  /** The host that was asked, with its port if it is not the default one. */
  host: string;
  /** The HTTP status. */
  status: number;
  /** The HTTP headers. */
  headers: HeadersInput;
  /** The body, unpacked. */
  body: Bytes | string;
}

/** The new events of a reply. Store them before you save the cursor. */
export interface ExportPage {
  /** Tells a page from a pause. */
  step: "page";
  /** The events as received, one JSON text each. */
  events: string[];
  /**
   * The records that are not events, or are dated too far ahead. They are not in `events`. Each is
   * returned once.
   */
  apart: ExportApart[];
  /**
   * Where the page's `count`, `next_page` or size disagrees with what came. A cursor reports each kind
   * once.
   */
  warnings: ExportNote[];
  /** The number of events left out because they were returned before, or are older than `since`. */
  repeats: number;
  /** Whether there are no more events for now. */
  is_last: boolean;
}

/**
 * What is odd about a page or one of its records.
 *
 * - `not_an_event`: the record is not an object, or has no id or no instant.
 * - `dated_ahead`: the record is dated more than five minutes after the caller's clock. It becomes an
 *   event when the clock has reached its instant.
 * - `count_differs`: `count` is not the number of records on the page.
 * - `short_page`: the page before had fewer records than requested, but more followed.
 * - `no_next_page`: the page before had no `next_page`, but more followed.
 * - `next_page_loops`: `next_page` points to this page or to an earlier one.
 * - `start_ignored`: the last page has nothing new, but records from before the requested start.
 * - `repeated_key`: a key stands twice in the page. The records of both are read.
 */
export type NoteCode =
  | "not_an_event"
  | "dated_ahead"
  | "count_differs"
  | "short_page"
  | "no_next_page"
  | "next_page_loops"
  | "start_ignored"
  | "repeated_key";

/** What is odd about a page or one of its records. The pull goes on. */
export interface ExportNote {
  /** The kind of oddity. */
  code: NoteCode;
  /** The location: a JSON Pointer into the body. */
  path: string;
  /** The oddity in words. It contains no value from the reply. */
  message: string;
}

/** A record of a page that is kept apart from its events, and why. */
export interface ExportApart {
  /** The record as received: a JSON text. */
  record: string;
  /** The kind of oddity. */
  code: NoteCode;
  /** The location: a JSON Pointer into the body. */
  path: string;
  /** The oddity in words. It contains no value from the reply. */
  message: string;
}

/** The endpoint that serves an export. */
export interface Served {
  /** The URL of the endpoint, without a query. */
  url: string;
  /** The current time. Default: the clock of the host. */
  now?: Instant;
  /** The point up to which the source is complete, if it is after the last event. */
  end?: { id: string; at: Instant };
}

/** An exported event that has changed since: it would be exported differently now. */
export interface ToldCorrection {
  /** The event as exported; `null` if it was not exported. */
  before: ChatEvent | null;
  /** The event as it would be exported now; `null` if it would not be. */
  after: ChatEvent | null;
}
