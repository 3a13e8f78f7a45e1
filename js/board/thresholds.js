// How long and how much is too long and too much: set in a dialog and kept in this browser, or taken from the server.
import { byId, element } from "./element.js";

const KEPT = "thresholds";

/** The kinds of thresholds: a sentence with … for the number and * for a status, and the number that the dialog proposes. */
const KINDS = {
  state: ["An agent is in the status * for more than … minutes", 30],
  nobody_free: ["Nobody is free on a channel for more than … minutes", 5],
  load: ["The load of an agent on a channel is above … %", 90],
  channel_load: ["The load of all agents of a channel is above … %", 90],
  silence: ["A logged-in agent sent no event for more than … minutes", 60],
  work_item: ["An item is open for more than … hours", 8],
};
const AWAY = "away";

/** The thresholds of this browser, or else those of the server. */
export class Thresholds {
  #served = null;
  #own = read();
  #changed;

  /** Calls `changed` whenever others apply. */
  constructor(changed) {
    this.#changed = changed;
    byId("set-thresholds").onclick = () => this.#open();
    byId("thresholds-cancel").onclick = () => byId("thresholds").close();
    byId("thresholds-form").onsubmit = () => this.#save();
  }

  /** Takes the thresholds of a server, or null. */
  serve(thresholds) {
    this.#served = thresholds;
    this.#changed();
  }

  /** Returns the thresholds for an account with these channels, as the package takes them; null if there are none. */
  of(channels) {
    if (!this.#own) return this.#served;
    const { state, nobody_free, load, channel_load, silence, work_item } = this.#own;
    return {
      ...(state && { state: [{ state: this.#own.status ?? AWAY, longer_than: state * 60 }] }),
      ...(nobody_free && { nobody_free: channels.map((channel) => ({ channel, longer_than: nobody_free * 60 })) }),
      ...(load && { load: [{ share: load / 100 }] }),
      ...(channel_load && { channel_load: [{ share: channel_load / 100 }] }),
      ...(silence && { silence: { longer_than: silence * 60 } }),
      ...(work_item && { work_item: [{ longer_than: work_item * 3600 }] }),
    };
  }

  #open() {
    byId("thresholds-served").hidden = !this.#served;
    byId("kinds").replaceChildren(...Object.entries(KINDS).map(([kind, [sentence, standard]]) => this.#line(kind, sentence, standard)));
    byId("thresholds").showModal();
  }

  #line(kind, sentence, standard) {
    const label = sentence.replace(" *", "").replace(" …", "");
    const own = this.#own?.[kind];
    const isOn = element("input", { type: "checkbox", name: kind, checked: own !== undefined, "aria-label": label });
    const fields = {
      "…": () => element("input", { type: "number", name: `${kind}-most`, min: 1, required: true, value: own ?? standard, "aria-label": `${label}: how much` }),
      "*": () => element("input", { name: "status", required: true, value: this.#own?.status ?? AWAY, "aria-label": "Status" }),
    };
    const parts = sentence.split(/(…|\*)/).map((part) => fields[part]?.() ?? part);
    return element("li", {}, isOn, element("span", {}, ...parts));
  }

  #save() {
    const form = new FormData(byId("thresholds-form"));
    const on = Object.keys(KINDS).filter((kind) => form.get(kind));
    const numbers = on.map((kind) => [kind, Number(form.get(`${kind}-most`))]);
    this.#own = on.length > 0 ? { ...Object.fromEntries(numbers), status: form.get("status") } : null;
    if (this.#own) localStorage.setItem(KEPT, JSON.stringify(this.#own));
    else localStorage.removeItem(KEPT);
    this.#changed();
  }
}

/** Returns what this browser has kept; null if that is nothing, or nothing that can be read. */
function read() {
  try {
    return JSON.parse(localStorage.getItem(KEPT));
  } catch {
    return null;
  }
}
