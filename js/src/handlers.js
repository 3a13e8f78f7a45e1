import { AgentfoldError } from "./error.js";

const KINDS = [
  "agent.state_changed",
  "agent.work_item_added",
  "agent.work_item_updated",
  "agent.work_item_removed",
  "agent.max_capacity_changed",
  "agent.unified_state_changed",
  "agent.channel_created",
  "agent.channel_deleted",
  "agent.groups_updated",
  "status",
  "engagements",
  "unknown",
];
const ASPECTS = [
  "unified_state",
  "state",
  "access",
  "max_capacity",
  "groups",
  "chat_status",
  "chat_engagements",
  "work_item",
  "accepting",
  "channel",
];

/** The outcomes of events that the fold did not have before, and has not refused. */
const NEW = ["applied", "late", "ignored"];

/** Returns a function that passes the event and the changes of a result to their handlers. */
export function handlers(given) {
  check(given, ["events", "changes"], "");
  const events = given?.events ?? {};
  const changes = given?.changes ?? {};
  check(events, KINDS, "/events");
  check(changes, ASPECTS, "/changes");
  return async ({ outcome, event, changes: changed = [] }) => {
    const errors = [];
    const call = async (handler, argument) => {
      try {
        await handler?.(argument);
      } catch (error) {
        errors.push(error);
      }
    };
    if (event && NEW.includes(outcome)) await call(events[event.kind], { ...event, outcome, changes: changed });
    for (const change of changed) {
      if (change.part === "value") await call(changes[change.aspect], change);
    }
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) throw new AggregateError(errors, "several handlers threw");
  };
}

/** Throws for a misspelt name, which would never be called. */
function check(given, names, path) {
  for (const name of Object.keys(given ?? {})) {
    if (names.includes(name)) continue;
    const message = `\`${name}\` is not one of \`${names.join("`, `")}\``;
    throw new AgentfoldError("bad_argument", `${path}/${name}`, message);
  }
}
