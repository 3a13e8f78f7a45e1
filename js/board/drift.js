// Differences between the server's fold and Zendesk's record, as the server last compared them.
import { byId, element } from "./element.js";
import { dateTime, number, stateName } from "./format.js";
import { agentText, groupText } from "./names.js";

const words = {
  unknown_agent: "no event of this agent was received",
  version: "version",
  unified_state: "status",
  groups: "groups",
  state: "state",
  max_capacity: "capacity",
  ghost_item: "open here, but not in Zendesk",
  unheard_item: "open in Zendesk, but not here",
  item_count: "number of open items",
};

/** Shows the answer of a server, or nothing if it has none. `zone` returns the time zone. */
export function drift(answer, zone) {
  const differences = answer?.differences ?? [];
  byId("drift").hidden = differences.length === 0;
  if (differences.length === 0) return;
  const [summary, list] = byId("drift").children;
  const count = differences.length === 1 ? "1 difference" : `${number(differences.length)} differences`;
  summary.textContent = `${count} from Zendesk's record, checked ${dateTime(answer.checked_at, zone())}`;
  list.replaceChildren(...differences.map((one) => element("li", { textContent: line(one) })));
}

function line({ agent_id, difference, channel, work_item, fold, record }) {
  const where = [channel, work_item && `item ${work_item}`].filter(Boolean).join(", ");
  const what = `${agentText(agent_id)}${where && `, ${where}`}: ${words[difference] ?? stateName(difference)}`;
  if (["unknown_agent", "ghost_item", "unheard_item"].includes(difference)) return what;
  return `${what} is ${value(difference, fold)} here, ${value(difference, record)} in Zendesk`;
}

function value(difference, of) {
  if (of === null || of === undefined) return "unknown";
  if (difference === "groups") return of.map(groupText).join(" and ") || "none";
  return typeof of === "number" ? number(of) : stateName(String(of));
}
