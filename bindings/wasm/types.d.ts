/** An instant as text: RFC 3339 in UTC, to the nanosecond, such as `2023-04-05T23:30:58.642630335Z`. */
export type Instant = string;

/** Anything that JSON can say. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** One event: its bytes or text as they came, or an object. */
export type EventInput = Uint8Array | ArrayBuffer | string | object;

/** Events, wrapped in any way: NDJSON, one after another, an array, pages of the Chat export. */
export type EventsInput = Uint8Array | ArrayBuffer | string | object;

/** A page of Zendesk's REST record of agent availability. */
export type PageInput = Uint8Array | ArrayBuffer | string | object;

/** Headers in any of the forms that hosts have. */
export type HeadersInput =
  | Iterable<readonly [string, string]>
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/** How events are read. */
export interface ReadOptions {
  /** Which field says when a change happened; `updated_at` by default. */
  instant?: "updated_at" | "time";
  /** The most bytes that an event may have; 1 MiB by default. */
  max_bytes?: number;
  /** How deep an event may be nested; 64 by default. */
  max_depth?: number;
}

/** An agent of an account. Whatever names both, such as a state or a change, will do. */
export interface Agent {
  account_id: string;
  agent_id: string;
}

// Errors

/** The stable name of a problem of an event. */
export type IssueCode =
  | "not_json"
  | "missing_field"
  | "wrong_type"
  | "bad_instant"
  | "future_instant"
  | "bad_id"
  | "too_large"
  | "too_deep"
  | "duplicate_key"
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
  | "far_instant";

/** The stable name of why a fold can't answer. */
export type FoldErrorCode =
  | "before_cut"
  | "different_options"
  | "not_rising"
  | "too_many_buckets"
  | "too_many_rows"
  | "no_track"
  | "short_key"
  | "not_saved"
  | "damaged"
  | "newer_version";

/** The stable name of why a delivery is not to be trusted. */
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
  | "untrimmed_secret"
  | "decoded_secret"
  | "hex"
  | "other_base64"
  | "body_first"
  | "body_only"
  | "separator"
  | "reserialised";

/** The stable name of why an export can't be gone on with. */
export type RefusalCode =
  | "bad_request"
  | "unauthorized"
  | "forbidden"
  | "not_found"
  | "redirected"
  | "unexpected_status"
  | "not_a_page"
  | "not_advancing"
  | "next_page_loops"
  | "other_host";

/**
 * What only this package says: an argument is not what its type says; no time zone has that name; or the
 * module has trapped.
 */
export type BindingCode = "bad_argument" | "unknown_time_zone" | "trapped";

/** The stable name of whatever can be thrown. */
export type ErrorCode = IssueCode | FoldErrorCode | FlawCode | RefusalCode | BindingCode;

/** One problem of one event. */
export interface Issue {
  code: IssueCode;
  /** Where it is: a JSON Pointer into the event, empty for the whole. */
  path: string;
  /** The problem in words, without values from the event. */
  message: string;
  /** An event with an error is refused; with warnings alone it is used. */
  severity: "error" | "warning";
}

/** One thing that is wrong with a delivery, or with the secrets. */
export interface Flaw {
  code: FlawCode;
  /** `/body`, `/secrets`, or `/headers/` with a header's name. */
  path: string;
  message: string;
}

// Events

/** What a webhook delivers, around what changed. */
interface Envelope<Type extends string, Change> {
  account_id?: string;
  detail: { account_id?: string; agent_id: string; version?: string };
  event: { updated_at: Instant } & Change;
  id: string;
  subject?: string;
  time?: Instant;
  type: `zen:event-type:${Type}`;
  zendesk_event_version?: string;
}

/** A record of the Chat export. */
interface ChatRecord<Field extends string, Value> {
  account_id: string;
  agent_id: string;
  field_name: Field;
  id: string;
  previous_value?: Value;
  timestamp: Instant;
  value: Value;
}

/** A unified state: an agent's overall status. */
export interface UnifiedState {
  id: string;
  name?: string;
  reason?: string;
}

/** What each type of event says, by the type without its prefix. */
export interface Changes {
  "agent.state_changed": { previous_state?: string; new_state: string; channel: string };
  "agent.work_item_added": { work_item_id: string; channel: string; reason: string };
  "agent.work_item_updated": {
    work_item_id: string;
    channel: string;
    previous_reason?: string;
    reason: string;
  };
  "agent.work_item_removed": { work_item_id: string; channel: string; reason?: string };
  "agent.max_capacity_changed": {
    maxCapacity: { [channel: string]: { current: number | null; previous?: number | null } };
  };
  "agent.unified_state_changed": {
    previous_unified_state?: UnifiedState;
    new_unified_state: UnifiedState;
  };
  "agent.channel_created": { channel: string };
  "agent.channel_deleted": { channel: string };
  "agent.groups_updated": { previous_group_ids?: string[]; new_group_ids: string[] };
}

/** A webhook delivery of one of the nine types, in Zendesk's shape, its ids as strings. */
export type AvailabilityEvent = { [Kind in keyof Changes]: Envelope<Kind, Changes[Kind]> }[keyof Changes];

/** A change of a chat status. */
export type StatusEvent = ChatRecord<"status", string>;

/** A change of the number of chats at once. */
export type EngagementsEvent = ChatRecord<"engagements", number>;

/** A record of the Chat export, in Zendesk's shape, its ids as strings. */
export type ChatEvent = StatusEvent | EngagementsEvent;

/** An event with what it is about. */
interface Dated<Kind extends string, Event> {
  kind: Kind;
  /** Whom it is about. */
  agent: Agent;
  /** When the change happened. */
  at: Instant;
  event: Event;
}

/** An event of a type that is not known, as it came. */
export interface UnknownEvent {
  kind: "unknown";
  agent: Agent | null;
  at: null;
  event: { [key: string]: Json };
}

/** One event, read. A `switch` over `kind` tells them all apart. */
export type ParsedEvent =
  | { [Kind in keyof Changes]: Dated<Kind, Envelope<Kind, Changes[Kind]>> }[keyof Changes]
  | Dated<"status", StatusEvent>
  | Dated<"engagements", EngagementsEvent>
  | UnknownEvent;

/** A record of a stream that is no event. */
export interface Unreadable {
  kind: "unreadable";
  /** The line it begins on, from 1. */
  line: number;
  /** The byte it begins at, from 0. */
  offset: number;
  issues: Issue[];
}

// Folds

/** What became of an event that could be read. */
export type Outcome = "applied" | "late" | "duplicate" | "expired" | "ignored";

/** One value of an agent's current state that became another. */
export interface Change extends Agent {
  /** Such as `state[support]`, `work_item[123]@support.opened_at` or `accepting[support]`. */
  track: string;
  from: Json;
  to: Json;
  at: Instant;
}

/** What became of one event. */
export type Applied =
  | { outcome: Outcome; changes: Change[] }
  | { outcome: "unreadable"; issues: Issue[]; changes: Change[] };

/** What became of one agent of a REST record. */
export interface Seeded extends Agent {
  outcome: Outcome;
  changes: Change[];
}

/** All that a fold knows of one agent, as `restore` takes it. */
export interface SavedAgent extends Agent {
  saved: Uint8Array<ArrayBuffer>;
}

/** How many events had each outcome. */
export interface Counts {
  applied: number;
  late: number;
  duplicate: number;
  expired: number;
  ignored: number;
  unreadable: number;
}

/** What became of many events. */
export interface Read {
  counts: Counts;
  unreadable: Unreadable[];
  /** Where they were asked for. */
  changes?: Change[];
}

/** What is true of one agent: now, or as of an instant. What was never told is `null`. */
export interface AgentState extends Agent {
  version: number | null;
  last_event_at: Instant;
  unified_state: { id: string; name: string | null; reason: string | null; since: Instant } | null;
  channels: { [channel: string]: ChannelState };
  group_ids: string[] | null;
  chat: { status: string | null; since: Instant | null; engagements: number | null } | null;
}

/** An agent's state on one channel. */
export interface ChannelState {
  access: boolean | null;
  state: string | null;
  since: Instant | null;
  /** `null` too where there is no limit. */
  max_capacity: number | null;
  work_items: WorkItemState[];
  load: number;
  spare: number | null;
  /** Whether the agent can take one more item; `null` if that can't be known. */
  accepting: boolean | null;
}

/** A work item that is open. */
export interface WorkItemState {
  id: string;
  reason: string;
  opened_at: Instant;
  since: Instant;
}

/** A sign that events of an agent are missing or strange. */
export type Anomaly = Agent &
  (
    | { anomaly: "gap" | "orphan" | "conflict"; track: string; at: Instant; event_id: string }
    | { anomaly: "version_disorder"; at: Instant; event_id: string; version: number }
    | { anomaly: "missing_versions"; ranges: [number, number][] }
  );

// Measures

/** The stretch of time that a question is about: from `from` up to, not with, `to`. */
export interface Window {
  from: Instant;
  to: Instant;
  /** The latest instant of which anything is known. */
  as_of: Instant;
}

/** How sure a value is, from best to worst. */
export type Basis = "observed" | "assumed" | "inferred" | "disputed" | "unknown";

/** A stretch of a track with one value. */
export interface Interval extends Agent {
  track: string;
  from: Instant;
  to: Instant;
  value: Json;
  basis: Basis;
  open: boolean;
}

/** A work item's stay with an agent, across channel moves. */
export interface WorkItemSpan extends Agent {
  work_item: string;
  opened_at: Instant;
  offered_at: Instant | null;
  accepted_at: Instant | null;
  closed_at: Instant | null;
  reason: string | null;
  moves: { at: Instant; channel: string }[];
  orphan: boolean;
  handle_ns: number | null;
}

/** A stretch of one chat status and number of engagements; `duration` is in seconds. */
export interface ChatSpan extends Agent {
  start_time: Instant;
  status: string | null;
  engagement_count: number | null;
  duration: number;
  basis: Basis;
  open: boolean;
}

/** The parts of a report's window, each from one boundary up to, not with, the next. */
export interface Buckets {
  boundaries: Instant[];
  as_of: Instant;
}

/** What buckets are made of. */
export interface BucketsOptions {
  from: Instant;
  to: Instant;
  /** Up to 1440 minutes, 24 hours or 366 days, such as `15m`, `1h` or `1d`. `7d` begin on Mondays. */
  every: string;
  /** An IANA time zone, such as `Europe/Berlin`; `UTC` by default. */
  tz?: string;
  /** The latest instant of which anything is known; `to` by default. */
  as_of?: Instant;
}

/** Whom a row of a report is about; one agent by default. */
export type RollUp = "agent" | "channel" | "account" | "group";

/** Whom and when a row of a report is about. */
interface About {
  account_id: string | null;
  agent_id: string | null;
  /** In rows by group. */
  group_id?: string | null;
  /** In rows of several agents, how many. */
  agents?: number;
  from: Instant;
  to: Instant;
}

/** How long something took: exact quantiles, in nanoseconds. */
export interface Times {
  count: number;
  sum_ns: number;
  min_ns: number | null;
  max_ns: number | null;
  p50_ns: number | null;
  p90_ns: number | null;
  p95_ns: number | null;
}

/** An agent, or several, on one channel in one bucket. */
export interface ChannelRow extends About {
  row: "channel";
  channel: string;
  length_ns: number;
  state: { state: string | null; basis: Basis; ns: number }[];
  online_ns: number;
  busy_ns: number;
  item_ns: number;
  item_known_ns: number;
  capacity_ns: number;
  at_capacity_ns: number;
  occupancy: number | null;
  utilisation: number | null;
  average_used_capacity: number | null;
  added: number;
  removed: { reason: string | null; count: number }[];
  offered: number;
  offers_ended: number;
  offers_accepted: number;
  accepted: number;
  missed: number;
  acceptance_rate: number | null;
  offer_time: Times;
  handle_time: Times;
}

/** An agent, or several, in one unified state in one bucket. */
export interface UnifiedStateRow extends About {
  row: "unified_state";
  length_ns: number;
  id: string | null;
  name: string | null;
  ns: number;
  observed_ns: number;
  assumed_ns: number;
  inferred_ns: number;
  disputed_ns: number;
  unknown_ns: number;
  involuntary_ns: number;
}

/** An agent, or several, by the Chat export in one bucket. */
export interface ChatRow extends About {
  row: "chat";
  length_ns: number;
  status: { status: string | null; basis: Basis; ns: number }[];
  engagements: { engagements: number | null; basis: Basis; ns: number }[];
  concurrency_ns: number;
  online_ns: number;
  busy_ns: number;
  occupancy: number | null;
}

/** An agent held against a line of a schedule. */
export interface AdherenceRow extends About {
  row: "adherence";
  track: string;
  scheduled_ns: number;
  elapsed_ns: number;
  adherent_ns: number;
  out_ns: number;
  unknown_ns: number;
  disputed_ns: number;
  inferred_ns: number;
  adherence: number | null;
}

/** One line of a report. A `switch` over `row` tells them all apart. Durations are in nanoseconds. */
export type ReportRow = ChannelRow | UnifiedStateRow | ChatRow | AdherenceRow;

/** A line of a schedule: in which states an agent was to be. */
export interface Scheduled extends Agent {
  from: Instant;
  to: Instant;
  /** The unified state if none is named. */
  track?: string;
  states: string[];
}

/** A row that is another in a later report. */
export interface Correction {
  row: ReportRow["row"];
  account_id: string | null;
  agent_id: string | null;
  group_id?: string | null;
  from: Instant;
  channel?: string;
  id?: string | null;
  track?: string;
  before: ReportRow | null;
  after: ReportRow | null;
}

/** When what is known of an agent is doubted. */
export interface Trust {
  /** For how long an anomaly makes doubtful; 900 by default. */
  near_seconds?: number;
  /** For how long nothing need be heard of an agent; 28800 by default. */
  silent_seconds?: number;
}

/** Why what is known of an agent should not be trusted. */
export type Doubt = "gap" | "orphan" | "conflict" | "missing_versions" | "silent";

/** A channel of an account at an instant. */
export interface ChannelFloor {
  account_id: string;
  channel: string;
  at: Instant;
  states: { state: string | null; agents: number }[];
  load: number;
  max_capacity: number;
  spare: number;
  accepting: number;
  unlimited: number;
  unsure: number;
  doubtful: number;
  /** First who can take one more item, least loaded first. */
  agents: FloorAgent[];
}

/** An agent on a channel. */
export interface FloorAgent {
  agent_id: string;
  state: string | null;
  load: number;
  max_capacity: number | null;
  spare: number | null;
  accepting: boolean | null;
  last_event_at: Instant;
  doubts: Doubt[];
}

// Zendesk's record

/** In what a fold and the REST record differ. */
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

/** Where a fold and the REST record do not agree on an agent. */
export interface Difference extends Agent {
  difference: Differs;
  track: string | null;
  fold: Json;
  record: Json;
}

/** A row of Chat's `agent_timeline`. */
export interface TimelineRow {
  agent_id: number;
  start_time: Instant;
  status: string;
  engagement_count: number;
  duration: number;
}

/** A stretch of which `agent_timeline` says something else than a fold. */
export interface TimelineDifference extends Agent {
  from: Instant;
  to: Instant;
  fold_status: string | null;
  fold_engagements: number | null;
  basis: Basis;
  row_status: string;
  row_engagements: number;
}

// Webhooks

/** What is asked of a delivery beside a right signature. */
export interface Policy {
  /** The receiver's instant; the host's clock by default. */
  now?: Instant;
  /** How far from now a delivery may have been signed; 300 by default. */
  tolerance_seconds?: number;
  /** The account whose secrets are given. */
  account_id?: string;
  /** How its event is read. */
  read?: ReadOptions;
  /** Also take secrets that anybody knows: the empty one, and that of Zendesk's test webhooks. */
  for_tests?: boolean;
}

/** A right signature. */
export interface Signed {
  /** Which of the secrets signed it, from 0. */
  secret: number;
  at: Instant;
}

/** A delivery that is Zendesk's, read. */
export type Received = ParsedEvent & { signed: Signed };

/** What became of a delivery. */
export type Handled = Outcome | "unreadable" | "untrusted" | "not_stored" | "too_large";

// The Chat export

/** Where a pull of the export begins, and how it asks. */
export interface CursorOptions {
  since: Instant;
  /** The most events of a page: 1 to 1000, which is the default. */
  limit?: number;
  /** Where the export is today, which is the default, where the document has it, or its sibling. */
  endpoint?: "chat" | "document" | "agent_timeline";
  /** What times are counted in; by default as the endpoint does. */
  unit?: "seconds" | "microseconds";
  /** Whether to ask for fields that the document does not have. */
  all_fields?: boolean;
}

/** A cursor as data: to be saved, not to be looked into. */
export type SavedCursor = { [key: string]: Json };

/** A request to send, by GET; host and credentials are the caller's. */
export interface ExportRequest {
  step: "request";
  path: string;
  /** Encoded, without `?`. */
  query: string;
}

/** Why to wait. */
export type PauseReason =
  | "too_recent"
  | "too_many_requests"
  | "server_error"
  | "cut_off"
  | "no_reply";

/** Wait so long, then ask `next` again. */
export interface Pause {
  step: "pause";
  reason: PauseReason;
  seconds: number;
}

/** What came back for a request. */
export interface ExportReply {
  /** The host that was asked, with its port if it is not the usual one. */
  host: string;
  status: number;
  headers: HeadersInput;
  body: Uint8Array | ArrayBuffer | string;
}

/** The events of a reply that were not handed out before. Store them before the cursor. */
export interface ExportPage {
  step: "page";
  /** The events as they came, one JSON text each. */
  events: string[];
  /** How many others were left out. */
  repeats: number;
  /** Whether there is nothing more for now. */
  is_last: boolean;
}

/** Where and when the export is served. */
export interface Served {
  /** The endpoint's URL, without a query. */
  url: string;
  /** The host's clock by default. */
  now?: Instant;
  /** How far the source has looked, if that is past its last event. */
  end?: { id: string; at: Instant };
}

/** An event that was told, and would be told otherwise now. */
export interface ToldCorrection {
  before: ChatEvent | null;
  after: ChatEvent | null;
}
