// Tests of the types. Passes if tsc accepts it.
import { AgentfoldError, Fold, buckets, handlers, parseEvent, readEvents, webhook } from "agentfold";
import type { Anomaly, Applied, Change, Difference, Interval, ParsedEvent, ReportRow } from "agentfold";
import { init } from "agentfold/slim";

export function textOf(parsed: ParsedEvent): string {
  switch (parsed.kind) {
    case "agent.state_changed":
      return parsed.event.event.new_state;
    case "agent.work_item_added":
    case "agent.work_item_updated":
      return parsed.event.event.reason;
    case "agent.work_item_removed":
      return parsed.event.event.reason ?? "";
    case "agent.max_capacity_changed":
      return Object.keys(parsed.event.event.maxCapacity).join();
    case "agent.unified_state_changed":
      return parsed.event.event.new_unified_state.id;
    case "agent.channel_created":
    case "agent.channel_deleted":
      return parsed.event.event.channel;
    case "agent.groups_updated":
      return parsed.event.event.new_group_ids.join();
    case "status":
      return parsed.event.value;
    case "engagements":
      return parsed.event.value.toFixed();
    case "unknown":
      return String(parsed.event["type"]);
  }
}

// @ts-expect-error: some kinds are not handled, so the function may return undefined
export function textOfChat(parsed: ParsedEvent): string {
  switch (parsed.kind) {
    case "status":
      return parsed.event.value;
    case "engagements":
      return parsed.event.value.toFixed();
  }
}

export function nanoseconds(row: ReportRow): number {
  switch (row.row) {
    case "channel":
    case "chat":
      return row.online_ns;
    case "unified_state":
      return row.ns;
    case "adherence":
      return row.adherent_ns;
    case "exception":
      return row.out_ns;
    case "sessions":
      return row.session_ns;
  }
}

export function valueOf(interval: Interval): string {
  switch (interval.aspect) {
    case "state":
      return `${interval.channel.toUpperCase()} ${interval.value?.toUpperCase()}`;
    case "unified_state":
      return interval.value?.name ?? interval.value?.id ?? "";
    case "work_item":
      return interval.value?.open ? interval.work_item.toUpperCase() : (interval.value?.reason ?? "");
    case "max_capacity":
    case "load":
    case "chat_engagements":
      return interval.value?.toFixed() ?? "";
    case "access":
      return (interval.value satisfies boolean | null) ? "yes" : "no";
    case "groups":
      // @ts-expect-error: groups belong to no channel
      interval.channel.length;
      return interval.value?.join() ?? "";
    case "chat_status":
      return interval.value ?? "";
  }
}

export function textOfChange(change: Change): string {
  if (change.part !== "value") return change.to satisfies string | null ?? "";
  // @ts-expect-error: the type depends on the aspect
  change.to?.open;
  switch (change.aspect) {
    case "work_item":
      return change.to?.open ? change.work_item.toUpperCase() : "";
    case "accepting":
      return (change.to satisfies boolean | null) ? change.channel.toUpperCase() : "";
    case "unified_state":
      return change.from?.id ?? "";
    default:
      return change.track;
  }
}

/** No aspect is missing: without one, the function may return undefined. */
export function channelOf(change: Change): string | null {
  switch (change.aspect) {
    case "state":
    case "access":
    case "max_capacity":
    case "accepting":
    case "channel":
      return change.channel satisfies string;
    case "work_item":
      return `${change.channel satisfies string} ${change.work_item satisfies string}`;
    case "unified_state":
    case "groups":
    case "chat_status":
    case "chat_engagements":
      return change.channel satisfies null;
  }
}

export const handle = handlers({
  events: {
    "agent.state_changed": ({ agent, at, event, outcome, changes }) =>
      console.log(agent.agent_id, at, event.event.new_state satisfies string, outcome, changes.length),
    "agent.work_item_removed": ({ event }) => event.event.reason satisfies string | undefined,
    engagements: ({ event }) => event.value satisfies number,
    unknown: ({ at }) => at satisfies null,
    // @ts-expect-error: no such type
    "agent.state_change": () => {},
  },
  changes: {
    state: async ({ channel, from, to }) => console.log(channel satisfies string, from ?? "", to satisfies string | null),
    max_capacity: ({ to }) => to satisfies number | null,
    work_item: ({ work_item, to }) => [work_item satisfies string, to?.open],
    groups: ({ channel, to }) => [channel satisfies null, to?.length],
    // @ts-expect-error: a load is not told as a change
    load: () => {},
  },
});

export function firstOccupancy(fold: Fold, from: string, to: string): number | undefined {
  for (const batch of fold.reportColumns(buckets({ from, to, every: "1h" }), "channel")) {
    switch (batch.row) {
      case "channel": {
        const { columns, length } = batch;
        columns.busy_ns satisfies BigInt64Array;
        columns.handle_time.p90_ns satisfies BigInt64Array;
        columns.handle_time.count satisfies Float64Array;
        columns.channel.values satisfies string[];
        columns.state.items.basis.indices satisfies Int32Array;
        columns.state.items.ns satisfies BigInt64Array;
        columns.removed.offsets satisfies Uint32Array;
        return columns.occupancy[length - 1];
      }
      case "unified_state":
        batch.columns.name satisfies { values: string[] };
        break;
      case "chat":
        batch.columns.engagements.items.engagements satisfies Float64Array;
        // @ts-expect-error: only rows of channels have it
        batch.columns.utilisation;
    }
  }
  return undefined;
}

export async function streamed(fold: Fold, source: ReadableStream<Uint8Array>, response: Response) {
  const { counts } = await fold.readFrom(source);
  await fold.readFrom(response.body!);
  await fold.readFrom(["{}", new Uint8Array()]);
  // @ts-expect-error: a response is no stream
  await fold.readFrom(response);
  // @ts-expect-error: numbers are no bytes
  await fold.readFrom([7]);
  for await (const result of fold.applyFrom(source)) {
    await handle(result);
    if (result.outcome === "unreadable") console.warn(result.line, result.issues);
    else console.log(result.outcome satisfies string);
  }
  return counts.applied;
}

export function sortOf(anomaly: Anomaly): string | null {
  if (anomaly.anomaly === "orphan") return `${anomaly.work_item.toUpperCase()} on ${anomaly.channel.toUpperCase()}`;
  if (anomaly.anomaly === "conflict" && anomaly.aspect === "work_item") return anomaly.channel satisfies null;
  // @ts-expect-error: `missing_versions` has no event
  return anomaly.event_id;
}

export function lost(difference: Difference): string | null {
  if (difference.aspect === "load") return (difference.record ?? 0).toFixed();
  return difference.difference === "ghost_item" ? difference.fold : (difference.track satisfies string | null);
}

export function problems(applied: Applied): number {
  // @ts-expect-error: only `unreadable` has issues
  applied.issues;
  return applied.outcome === "unreadable" ? applied.issues.length : applied.changes.length;
}

export async function used(request: Request, body: Uint8Array<ArrayBuffer>, bytes: ArrayBuffer) {
  init(bytes);
  using fold = new Fold({ instant: "time" });
  for await (const record of readEvents(request.body!)) {
    if (record.kind !== "unreadable") fold.apply(record.event);
  }
  fold.read([{ type: "zen:event-type:agent.state_changed" }]);
  // @ts-expect-error: a fold is no event
  fold.apply(fold);
  // @ts-expect-error: an array is no event
  fold.apply([{ type: "zen:event-type:agent.state_changed" }]);
  // @ts-expect-error: numbers are no bytes
  fold.read([1, 2]);
  // @ts-expect-error: a `String` object is no text
  fold.apply(new String("{}"));
  const received = webhook.receive(request.headers, body, ["secret"]);
  const status: number = webhook.advise(fold.apply(received.event).outcome);
  try {
    webhook.verify(request.headers, body, ["secret"]);
  } catch (error) {
    if (!(error instanceof AgentfoldError)) throw error;
    return new Response(null, { status: webhook.advise(error.handled) });
  }
  const day = buckets({ from: "", to: "", every: "1h", tz: "Europe/Berlin" });
  const id: string = parseEvent(body).agent?.agent_id ?? "";
  fold.state({ account_id: "2", agent_id: id });
  // @ts-expect-error: ids are strings
  fold.state({ account_id: 2, agent_id: 7 });
  // @ts-expect-error: `team` is not a roll-up
  fold.report(day, "team");
  const selection = { agents: ["10011", "2/10011", ...fold.agents()], channels: ["support"] };
  fold.report(day, "group", { ...selection, groups: ["1"] });
  fold.floor("", { near_seconds: 60 }, { ...selection, accounts: ["2"] });
  // @ts-expect-error: a selection has no teams
  fold.floor("", undefined, { teams: [] });
  return new Response(fold.save(), { status });
}

export function codeOf(error: AgentfoldError): string {
  switch (error.code) {
    case "before_cut":
      return "compacted";
    // @ts-expect-error: this code does not exist
    case "no_such_code":
      return "";
    default:
      return error.path;
  }
}
