export type Instant = string;
declare global {
    interface SymbolConstructor {
        readonly dispose: unique symbol;
    }
}
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Bytes = ArrayBuffer | ArrayBufferView | SharedArrayBuffer;
export type PlainData =
| { readonly [key: string]: unknown }
| (object & {
    then?: never;
    arrayBuffer?: never;
    getReader?: never;
    toISOString?: never;
    clear?: never;
    call?: never;
    concat?: never;
    free?: never;
});
export type EventInput = Bytes | string | PlainData;
export type EventsInput = Bytes | string | PlainData | readonly PlainData[];
export type StreamInput =
| ByteStream
| AsyncIterable<Bytes | string>
| Iterable<Bytes | string>
| Bytes
| string;
export interface ByteStream {
    getReader(): ByteReader;
}
export interface ByteReader {
    read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
    cancel(): Promise<void>;
}
export type PageInput = Bytes | string | PlainData;
export type NamesInput = Bytes | string | PlainData;
export type HeadersInput =
| Iterable<readonly [string, string]>
| {
    forEach(each: (value: string, name: string) => void): void;
}
| Readonly<Record<string, string | readonly string[] | undefined>>;
export interface ReadOptions {
    instant?: "updated_at" | "time";
    max_bytes?: number;
    max_depth?: number;
    limits?: Partial<Limits>;
    now?: Instant;
}
export interface Limits {
    agents: number;
    channels: number;
    work_items: number;
    names: number;
    version_ranges: number;
}
export interface Agent {
    account_id: string;
    agent_id: string;
}
export interface Selection {
    accounts?: string[];
    agents?: (string | Agent)[];
    groups?: string[];
    channels?: string[];
}
export interface Names {
    agents: Record<string, string>;
    groups: Record<string, string>;
}
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
export type BindingCode =
| "bad_argument"
| "unknown_time_zone"
| "trapped"
| "freed"
| "not_data"
| "no_module"
| "too_large";
export type ErrorCode = IssueCode | FoldErrorCode | FlawCode | RefusalCode | BindingCode;
export interface Issue {
    code: IssueCode;
    path: string;
    message: string;
    severity: "error" | "warning";
}
export interface Flaw {
    code: FlawCode;
    path: string;
    message: string;
}
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
interface ChatRecord<Field extends string, Value> {
    account_id: string;
    agent_id: string;
    field_name: Field;
    id: string;
    previous_value?: Value;
    timestamp: Instant;
    value: Value;
}
export interface UnifiedState {
    id: string;
    name?: string;
    reason?: string;
}
export interface Changes {
    "agent.state_changed": {
        previous_state?: string;
        new_state: string;
        channel: string;
    };
    "agent.work_item_added": {
        work_item_id: string;
        channel: string;
        reason: string;
    };
    "agent.work_item_updated": {
        work_item_id: string;
        channel: string;
        previous_reason?: string;
        reason: string;
    };
    "agent.work_item_removed": {
        work_item_id: string;
        channel: string;
        reason?: string;
    };
    "agent.max_capacity_changed": {
        maxCapacity: { [channel: string]: { current: number | null; previous?: number | null } };
    };
    "agent.unified_state_changed": {
        previous_unified_state?: UnifiedState;
        new_unified_state: UnifiedState;
    };
    "agent.channel_created": {
        channel: string;
    };
    "agent.channel_deleted": {
        channel: string;
    };
    "agent.groups_updated": {
        previous_group_ids?: string[];
        new_group_ids: string[];
    };
}
export type AvailabilityEvent = { [Kind in keyof Changes]: Envelope<Kind, Changes[Kind]> }[keyof Changes];
export type StatusEvent = ChatRecord<"status", string>;
export type EngagementsEvent = ChatRecord<"engagements", number>;
export type ChatEvent = StatusEvent | EngagementsEvent;
interface Dated<Kind extends string, Event> {
    kind: Kind;
    agent: Agent;
    at: Instant;
    event: Event;
}
export interface UnknownEvent {
    kind: "unknown";
    agent: Agent | null;
    at: null;
    event: { [key: string]: Json };
}
export type ParsedEvent =
| { [Kind in keyof Changes]: Dated<Kind, Envelope<Kind, Changes[Kind]>> }[keyof Changes]
| Dated<"status", StatusEvent>
| Dated<"engagements", EngagementsEvent>
| UnknownEvent;
export interface Unreadable {
    kind: "unreadable";
    line: number;
    offset: number;
    issues: Issue[];
}
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
export interface TrackValues {
    unified_state: { id: string; name: string | null; reason: string | null };
    state: string;
    access: boolean;
    max_capacity: number;
    groups: string[];
    chat_status: string;
    chat_engagements: number;
    work_item: { open: boolean; reason: string | null };
    load: number;
    accepting: boolean;
    channel: boolean;
}
type StatedAspect = Exclude<Aspect, "load" | "accepting" | "channel">;
type GlobalAspect = "unified_state" | "groups" | "chat_status" | "chat_engagements";
interface OfTrack<Of extends Aspect> extends Agent {
    track: string;
    aspect: Of;
    channel: Of extends GlobalAspect ? null : string;
    work_item: Of extends "work_item" ? string : null;
}
export type Outcome = "applied" | "late" | "duplicate" | "expired" | "ignored" | "limit";
export type Limit = keyof Limits & string;
export type Part = "value" | "since" | "opened_at";
interface ChangeOf<Of extends Aspect, What extends Part, Value> extends OfTrack<Of> {
    track: string;
    part: What;
    from: Value | null;
    to: Value | null;
    at: Instant;
}
type SinceAspect = "unified_state" | "state" | "chat_status" | "work_item";
export type Change =
| { [Of in Exclude<Aspect, "load">]: ChangeOf<Of, "value", TrackValues[Of]> }[Exclude<Aspect, "load">]
| { [Of in SinceAspect]: ChangeOf<Of, "since", Instant> }[SinceAspect]
| ChangeOf<"work_item", "opened_at", Instant>;
export type Applied =
| { outcome: Exclude<Outcome, "limit">; changes: Change[] }
| { outcome: "limit"; limit: Limit; changes: Change[] }
| { outcome: "unreadable"; issues: Issue[]; changes: Change[] };
export type AppliedRecord =
| Exclude<Applied, { outcome: "unreadable" }>
| {
    outcome: "unreadable";
    line: number;
    offset: number;
    issues: Issue[];
    changes: Change[];
};
export type Seeded = Agent & Applied;
export interface SavedAgent extends Agent {
    saved: Uint8Array<ArrayBuffer>;
}
export interface Counts {
    applied: number;
    late: number;
    duplicate: number;
    expired: number;
    ignored: number;
    limit: number;
    unreadable: number;
}
export interface Read {
    counts: Counts;
    unreadable: Unreadable[];
    unreadable_codes: { [code in IssueCode]?: number };
    changes?: Change[];
}
export interface AgentState extends Agent {
    version: number | null;
    last_event_at: Instant;
    unified_state: { id: string; name: string | null; reason: string | null; since: Instant } | null;
    channels: { [channel: string]: ChannelState };
    group_ids: string[] | null;
    chat: { status: string | null; since: Instant | null; engagements: number | null } | null;
}
export interface ChannelState {
    access: boolean | null;
    state: string | null;
    since: Instant | null;
    max_capacity: number | null;
    work_items: WorkItemState[];
    load: number;
    spare: number | null;
    accepting: boolean | null;
}
export interface WorkItemState {
    id: string;
    reason: string;
    opened_at: Instant;
    since: Instant;
}
interface Sign<Name extends string, Of extends Aspect> extends OfTrack<Of> {
    anomaly: Name;
    at: Instant;
    event_id: string;
}
export type Anomaly =
| { [Of in StatedAspect]: Sign<"gap", Of> }[StatedAspect]
| Sign<"orphan", "work_item">
| { [Of in Exclude<StatedAspect, "work_item">]: Sign<"conflict", Of> }[Exclude<StatedAspect, "work_item">]
| (Omit<Sign<"conflict", "work_item">, "channel"> & { channel: null })
| (Agent & { anomaly: "version_disorder"; at: Instant; event_id: string; version: number })
| (Agent & { anomaly: "missing_versions"; ranges: [number, number][]; sparse?: boolean });
export interface Window {
    from: Instant;
    to: Instant;
    as_of?: Instant;
}
export type Basis = "observed" | "assumed" | "inferred" | "disputed" | "unknown";
interface IntervalOf<Of extends Aspect> extends OfTrack<Of> {
    from: Instant;
    to: Instant;
    value: TrackValues[Of] | null;
    basis: Basis;
    open: boolean;
    doubtful: DoubtfulPart[];
}
export interface DoubtfulPart {
    from: Instant;
    to: Instant;
}
export type Interval = { [Of in StatedAspect | "load"]: IntervalOf<Of> }[StatedAspect | "load"];
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
export interface ChatSpan extends Agent {
    start_time: Instant;
    status: string | null;
    engagement_count: number | null;
    duration: number;
    basis: Basis;
    open: boolean;
}
export interface Buckets {
    boundaries: Instant[];
    as_of?: Instant;
    row_limit?: number;
}
export interface BucketsOptions {
    from: Instant;
    to: Instant;
    every: string | number;
    tz?: string;
    as_of?: Instant;
}
export type RollUp = "agent" | "channel" | "account" | "group" | "group_split";
export interface UsualTimes {
    first: Instant;
    last: Instant;
    before: number;
    after: number;
}
interface About {
    account_id: string | null;
    agent_id: string | null;
    group_id?: string | null;
    agents?: number;
    from: Instant;
    to: Instant;
}
export interface Times {
    count: number;
    sum_ns: number;
    min_ns: number | null;
    max_ns: number | null;
    p50_ns: number | null;
    p90_ns: number | null;
    p95_ns: number | null;
}
export interface ChannelRow extends About {
    row: "channel";
    channel: string;
    length_ns: number;
    state: { state: string | null; basis: Basis; ns: number }[];
    doubtful_ns: number;
    online_ns: number;
    busy_ns: number;
    item_ns: number;
    item_least_ns: number;
    item_most_ns: number;
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
    doubtful_ns: number;
    involuntary_ns: number;
}
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
    doubtful_ns: number;
    adherence: number | null;
}
export type ExceptionKind = "no_show" | "late" | "left_early" | "out_of_adherence";
export interface ExceptionRow extends About {
    row: "exception";
    track: string;
    exception: ExceptionKind;
    open: boolean;
    scheduled_from: Instant;
    scheduled_to: Instant;
    value: TrackValues["unified_state" | "state" | "chat_status" | "chat_engagements"] | null;
    out_ns: number;
    unknown_ns: number;
    disputed_ns: number;
    inferred_ns: number;
}
export interface SessionsRow extends About {
    row: "sessions";
    length_ns: number;
    sessions: number;
    logins: number;
    logouts: number;
    first_login: Instant | null;
    first_login_basis: Basis | null;
    last_logout: Instant | null;
    last_logout_basis: Basis | null;
    session_ns: number;
    unknown_ns: number;
    continued: boolean;
    open: boolean;
}
export type ReportRow = ChannelRow | UnifiedStateRow | ChatRow | AdherenceRow | ExceptionRow | SessionsRow;
export interface TextColumn {
    values: string[];
    indices: Int32Array<ArrayBuffer>;
}
export interface ListColumn<Item> {
    offsets: Uint32Array<ArrayBuffer>;
    items: ColumnsOf<Item>;
}
export type ColumnOf<Name, Value> = Name extends "from" | "to" | "ns" | `${string}_ns`
    ? BigInt64Array<ArrayBuffer>
    : NonNullable<Value> extends string
    ? TextColumn
    : NonNullable<Value> extends number
    ? Float64Array<ArrayBuffer>
    : NonNullable<Value> extends (infer Item)[]
    ? ListColumn<Item>
    : ColumnsOf<NonNullable<Value>>;
export type ColumnsOf<Row> = { [Name in keyof Row]: ColumnOf<Name, Row[Name]> };
export interface ColumnsOfRow<Row extends ReportRow> {
    row: Row["row"];
    length: number;
    columns: ColumnsOf<Omit<Row, "row">>;
}
export type ReportColumns = ColumnsOfRow<ChannelRow> | ColumnsOfRow<UnifiedStateRow> | ColumnsOfRow<ChatRow>;
export type ScheduleWarningCode = "unknown_channel" | "unknown_state";
export interface ScheduleWarning {
    code: ScheduleWarningCode;
    path: string;
    message: string;
    account_id: string;
    word: string;
    near: string[];
    lines: number;
}
export interface Scheduled extends Agent {
    from: Instant;
    to: Instant;
    track?: string;
    states: string[];
}
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
export interface Trust {
    near_seconds?: number;
    silent_seconds?: number;
}
export type Doubt = "gap" | "orphan" | "conflict" | "missing_versions" | "silent" | "unconfirmed";
export interface ChannelFloor {
    account_id: string;
    channel: string;
    at: Instant;
    states: { state: string | null; agents: number }[];
    load: number;
    load_least: number;
    max_capacity: number;
    spare: number;
    accepting: number;
    unlimited: number;
    unsure: number;
    doubtful: number;
    agents: FloorAgent[];
}
export interface FloorAgent {
    agent_id: string;
    state: string | null;
    load: number;
    load_least: number;
    max_capacity: number | null;
    spare: number | null;
    accepting: boolean | null;
    last_event_at: Instant;
    doubts: Doubt[];
}
export type Length = number | string;
export interface Thresholds {
    state?: StateThreshold[];
    nobody_free?: NobodyFreeThreshold[];
    load?: LoadThreshold[];
    channel_load?: LoadThreshold[];
    silence?: SilenceThreshold;
    account_silence?: AccountSilenceThreshold;
    work_item?: WorkItemThreshold[];
    trust?: Trust;
}
export interface StateThreshold {
    state: string;
    channel?: string;
    longer_than: Length;
}
export interface NobodyFreeThreshold {
    channel: string;
    group_id?: string;
    longer_than: Length;
}
export interface LoadThreshold {
    channel?: string;
    share: number;
}
export interface SilenceThreshold {
    longer_than: Length;
}
export interface AccountSilenceThreshold {
    longer_than: Length;
    while_logged_in?: boolean;
}
export interface WorkItemThreshold {
    channel?: string;
    longer_than: Length;
}
export type AlertKind = "state" | "nobody_free" | "load" | "channel_load" | "silence" | "account_silence" | "work_item";
export interface Alert {
    kind: AlertKind;
    account_id: string;
    agent_id: string | null;
    channel: string | null;
    group_id: string | null;
    work_item_id: string | null;
    state: string | null;
    since: Instant;
    for_ns: number;
    threshold_ns: number | null;
    load: number | null;
    max_capacity: number | null;
    share: number | null;
    threshold_share: number | null;
    unsure: number | null;
    doubts: Doubt[];
    episode: string;
}
export interface Episode {
    alert: Alert;
    told_at: Instant;
    seen_at: Instant;
}
export interface Episodes {
    began: Alert[];
    continued: Alert[];
    ended: Alert[];
    told: Episode[];
}
export type Turn = "began" | "ended";
export interface AlertMessageOptions {
    form?: "agentfold" | "slack";
    at?: Instant;
    names?: AlertNames;
}
export interface AlertNames {
    agents?: Record<string, string>;
    groups?: Record<string, string>;
}
export interface AlertMessage {
    type: "agentfold.alert_began" | "agentfold.alert_ended";
    account_id: string;
    at: Instant;
    text: string;
    alert: Alert;
}
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
interface DifferenceOf<Name extends Differs, Of extends Aspect, Value> extends OfTrack<Of> {
    difference: Name;
    fold: Value | null;
    record: Value | null;
}
interface VersionDifference extends Agent {
    difference: "unknown_agent" | "version";
    track: null;
    aspect: null;
    channel: null;
    work_item: null;
    fold: number | null;
    record: number | null;
}
export type Difference =
| VersionDifference
| DifferenceOf<"unified_state", "unified_state", string>
| DifferenceOf<"groups", "groups", string[]>
| DifferenceOf<"state", "state", string>
| DifferenceOf<"max_capacity", "max_capacity", number>
| DifferenceOf<"ghost_item" | "unheard_item", "work_item", string>
| DifferenceOf<"item_count", "load", number>;
export interface TimelineRow {
    agent_id: number;
    start_time: Instant;
    status: string;
    engagement_count: number;
    duration: number;
}
export interface TimelineDifference extends Agent {
    from: Instant;
    to: Instant;
    fold_status: string | null;
    fold_engagements: number | null;
    basis: Basis;
    row_status: string;
    row_engagements: number;
}
export interface Policy {
    now?: Instant;
    tolerance_seconds?: number;
    account_id?: string;
    read?: ReadOptions;
    for_tests?: boolean;
}
export interface Signed {
    secret: number;
    at: Instant;
}
export type Received = ParsedEvent & { signed: Signed };
export type Handled = Outcome | "unreadable" | "untrusted" | "not_stored" | "too_large";
export interface CursorOptions {
    since: Instant;
    limit?: number;
    endpoint?: "chat" | "document" | "agent_timeline";
    unit?: "seconds" | "microseconds";
    all_fields?: boolean;
}
export type SavedCursor = { [key: string]: Json };
export interface ExportRequest {
    step: "request";
    path: string;
    query: string;
    max_bytes: number;
}
export type PauseReason =
| "too_recent"
| "too_many_requests"
| "server_error"
| "strange_reply"
| "cut_off"
| "no_reply";
export interface Pause {
    step: "pause";
    reason: PauseReason;
    seconds: number;
}
export interface ExportReply {
    host: string;
    status: number;
    headers: HeadersInput;
    body: Bytes | string;
}
export interface ExportPage {
    step: "page";
    events: string[];
    apart: ExportApart[];
    warnings: ExportNote[];
    repeats: number;
    is_last: boolean;
}
export type NoteCode =
| "not_an_event"
| "dated_ahead"
| "count_differs"
| "short_page"
| "no_next_page"
| "next_page_loops"
| "start_ignored"
| "repeated_key";
export interface ExportNote {
    code: NoteCode;
    path: string;
    message: string;
}
export interface ExportApart {
    record: string;
    code: NoteCode;
    path: string;
    message: string;
}
export interface Served {
    url: string;
    now?: Instant;
    end?: { id: string; at: Instant };
}
export interface ToldCorrection {
    before: ChatEvent | null;
    after: ChatEvent | null;
}
export class ExportCursor {
    free(): void;
    [Symbol.dispose](): void;
    static from(saved: SavedCursor | string): ExportCursor;
    lost(jitter?: number): Pause;
    constructor(options: CursorOptions);
    next(now?: string): ExportRequest | Pause;
    take(reply: ExportReply, options?: { now?: string; jitter?: number }): ExportPage | Pause;
    toJSON(): SavedCursor;
    readonly handedOut: number;
    readonly startTime: string;
}
export class Fold {
    free(): void;
    [Symbol.dispose](): void;
    adherence(schedule: Scheduled[], as_of: string): AdherenceRow[];
    agents(): Agent[];
    alerts(thresholds: Thresholds, at: string, selection?: Selection): Alert[];
    anomalies(): Anomaly[];
    answerExport(channel: string, query: string, served: Served): { status: number; body: string };
    applyFrom(source: StreamInput): AsyncGenerator<AppliedRecord, void, void>;
    apply(event: EventInput): Applied;
    chatSpans(agent: Agent, window: Window): ChatSpan[];
    compact(before: string): void;
    cutOf(agent: Agent): Instant | null;
    cut(): Instant | null;
    exceptions(schedule: Scheduled[], as_of: string): ExceptionRow[];
    firstAndLastEventAt(): { first: string; last: string } | null;
    floor(at: string, trust?: Trust, selection?: Selection): ChannelFloor[];
    forget(agent: Agent): boolean;
    intervals(agent: Agent, window: Window, track?: string): Interval[];
    merge(other: Fold): void;
    constructor(options?: ReadOptions);
    readFrom(source: StreamInput): Promise<Read>;
    read(events: EventsInput, options?: { changes?: boolean }): Read;
    reconcileTimeline(account_id: string, rows: Bytes | string | TimelineRow[], as_of: string): TimelineDifference[];
    reconcile(account_id: string, page: PageInput): Difference[];
    reportColumns(buckets: Buckets, by?: RollUp, selection?: Selection): Generator<ReportColumns, undefined, undefined>;
    reportRows(buckets: Buckets, by?: RollUp, selection?: Selection): Generator<ReportRow, undefined, undefined>;
    report(buckets: Buckets, by?: RollUp, selection?: Selection): ReportRow[];
    restore(saved: Bytes): void;
    saveAgent(agent: Agent): Uint8Array<ArrayBuffer> | null;
    saveAgents(): SavedAgent[];
    save(): Uint8Array<ArrayBuffer>;
    scheduleWarnings(schedule: Scheduled[]): ScheduleWarning[];
    seed(account_id: string, page: PageInput, at: string): Seeded[];
    sessions(buckets: Buckets, selection?: Selection): SessionsRow[];
    snapshot(): Fold;
    stateAt(agent: Agent, at: string): AgentState | null;
    state(agent: Agent): AgentState | null;
    tellChat(channel: string, from: string, now: string): ChatEvent[];
    unknownAgents(): Agent[];
    usualEventTimes(): UsualTimes | null;
    workItems(agent: Agent, window: Window): WorkItemSpan[];
}
export class Records {
    free(): void;
    [Symbol.dispose](): void;
    end(): Array<ParsedEvent | Unreadable>;
    constructor(options?: ReadOptions);
    push(chunk: Bytes | string): Array<ParsedEvent | Unreadable>;
}
export class ReportSums {
    free(): void;
    [Symbol.dispose](): void;
    add(fold: Fold, agent?: Agent, first?: number, last?: number): void;
    constructor(buckets: Buckets, by?: RollUp, selection?: Selection);
    rows(): Generator<ReportRow, undefined, undefined>;
}
export class Scrubber {
    free(): void;
    [Symbol.dispose](): void;
    account(id: string): string;
    agent(id: string): string;
    group(id: string): string;
    name(name: string): string;
    constructor(key: Bytes | string);
    scrub(event: EventInput, options?: ReadOptions): string;
    workItem(id: string): string;
}
export function adviseWebhook(handled: Handled | undefined): number;
export function alertMessage(alert: Alert, turn: Turn, options?: AlertMessageOptions): string;
export function answerExport(query: string, events: Bytes | string | ChatEvent[], served: Served): { status: number; body: string };
export function buckets(options: BucketsOptions): Buckets;
export function checkEvent(event: EventInput, options?: ReadOptions): Issue[];
export function corrections(before: ReportRow[], after: ReportRow[]): Correction[];
export function episodes(told: Episode[], alerts: Alert[], at: string): Episodes;
export function explainWebhook(headers: HeadersInput, body: Bytes | string, secrets: string[], policy?: Policy): Flaw[];
export function maxBytes(policy: Policy): number;
export function parseEvent(event: EventInput, options?: ReadOptions): ParsedEvent;
export function parseNames(names: NamesInput): Names;
export function parseWebhook(body: Bytes | string, policy?: Policy): ParsedEvent;
export function printEvent(event: EventInput, options?: ReadOptions): string;
export function receiveWebhook(headers: HeadersInput, body: Bytes | string, secrets: string[], policy?: Policy): Received;
export function signWebhook(body: Bytes | string, secret: string, at?: string): Record<string, string>;
export function toCloudEvent(event: EventInput, options?: ReadOptions): string | null;
export function toldCorrections(before: ChatEvent[], after: ChatEvent[], told_until: string): ToldCorrection[];
export function verifyWebhook(headers: HeadersInput, body: Bytes | string, secrets: string[], policy?: Policy): Signed;
export function initSync(options: { module: object }): void;
