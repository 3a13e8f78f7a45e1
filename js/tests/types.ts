// Tests of the types. Passes if tsc accepts it.
import { AgentfoldError, Fold, buckets, parseEvent, readEvents, webhook } from "agentfold";
import type { Applied, ParsedEvent, ReportRow } from "agentfold";
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
  }
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
  const received = webhook.receive(request.headers, body, ["secret"]);
  const status: number = webhook.advise(fold.apply(received.event).outcome);
  const day = buckets({ from: "", to: "", every: "1h", tz: "Europe/Berlin" });
  const id: string = parseEvent(body).agent?.agent_id ?? "";
  fold.state({ account_id: "2", agent_id: id });
  // @ts-expect-error: ids are strings
  fold.state({ account_id: 2, agent_id: 7 });
  // @ts-expect-error: `team` is not a roll-up
  fold.report(day, "team");
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
