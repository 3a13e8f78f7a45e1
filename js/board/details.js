// All that is known of one agent at the chosen instant, by a click or a tap on the agent's row.
import { byId, element } from "./element.js";
import { doubtWords, duration, number, stateName, time, dateTime } from "./format.js";
import { agentName, groupText } from "./names.js";
import { ask } from "./thread.js";

export class Details {
  #row;
  #zone;
  #asked = 0;

  /** Calls `opened` with the agent whose history the user asks for. */
  constructor(opened) {
    byId("details-close").onclick = () => byId("details").close();
    byId("details-timeline").onclick = () => {
      byId("details").close();
      opened(this.#row.agent_id);
    };
    // A click on the backdrop has the dialog itself as its target.
    byId("details").onclick = ({ target }) => target === byId("details") && byId("details").close();
  }

  async show(row, zone) {
    [this.#row, this.#zone] = [row, zone];
    await this.#fill();
    if (!byId("details").open) byId("details").showModal();
  }

  /** Shows the present values while the dialog is open. */
  refresh() {
    if (byId("details").open) this.#fill();
  }

  async #fill() {
    const asked = ++this.#asked;
    const { account_id, agent_id, doubts } = this.#row;
    const { at, state } = await ask("agent", { account_id, agent_id });
    if (asked !== this.#asked || !state) return;
    const name = agentName(agent_id);
    byId("details-title").textContent = name ?? agent_id;
    const facts = [
      name !== undefined && ["Id", agent_id],
      ["Status", this.#since(state.unified_state?.name ?? state.unified_state?.id ?? state.chat?.status, state.unified_state?.since ?? state.chat?.since, at)],
      state.group_ids && ["Groups", state.group_ids.map(groupText).join(", ") || "none"],
      state.chat && ["Chat export", `${number(state.chat.engagements ?? 0)} open chats`],
      ["Last event", dateTime(state.last_event_at, this.#zone)],
      ["Doubts", Object.entries(doubts).map(([doubt, on]) => `${doubtWords[doubt] ?? doubt} (${on.join(", ")})`).join("; ") || "none"],
    ].filter(Boolean);
    byId("facts").replaceChildren(...facts.flatMap(([term, text]) => [element("dt", { textContent: term }), element("dd", { textContent: text })]));
    byId("details-channels").replaceChildren(...Object.entries(state.channels).map(([channel, one]) => this.#channel(channel, one, at)));
  }

  #channel(channel, { access, state, since, load, max_capacity, work_items }, at) {
    const limit = max_capacity === null ? "no known limit" : `capacity ${number(max_capacity)}`;
    const items = work_items.map(({ id, reason, opened_at }) =>
      element("li", {}, `${id}: ${stateName(reason?.toLowerCase())}, open since ${time(opened_at, this.#zone)} (${duration(Date.parse(at) - Date.parse(opened_at))})`),
    );
    return element(
      "section",
      {},
      element("h3", { textContent: channel }),
      element("p", { textContent: access === false ? "no access" : `${this.#since(state, since, at)}; ${number(load)} open, ${limit}` }),
      items.length > 0 ? element("ul", {}, ...items) : null,
    );
  }

  #since(state, since, at) {
    const name = stateName(state);
    return since ? `${name} since ${time(since, this.#zone)} (${duration(Date.parse(at) - Date.parse(since))})` : name;
  }
}
