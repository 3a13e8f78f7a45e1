// The instant that all views show: now, the last event, when most agents were online, or any instant between the
// first and the last event.
import { address } from "./address.js";
import { byId, setAttribute, setText } from "./element.js";
import { dateTime } from "./format.js";
import { instantOf, localText } from "./instant.js";

/** The steps of the slider. Over a day, one step is about a minute and a half. */
const STEPS = 1000;
/** How long the slider rests before the address follows: browsers limit how often an address changes. */
const REST = 300;

export class Chooser {
  #chosen;
  /** The instant at which the source opened. It does not stand in the address. */
  #standard;
  #heard = null;
  #at;
  #zone;
  #isAsking = false;
  #next;
  #resting;

  #show;

  /** `show` receives `now`, `last`, `busy` or an instant, and resolves once the page shows it. */
  constructor(show) {
    this.#show = show;
    byId("slider").max = STEPS;
    for (const id of ["now", "last", "busy"]) byId(id).onclick = () => this.#choose(id);
    byId("slider").oninput = ({ target }) => {
      if (this.#heard) this.#choose(this.#slid(Number(target.value)));
    };
    byId("local").onchange = ({ target }) => target.value && this.#choose(instantOf(target.value, this.#zone));
  }

  /** Chooses the instant in the address, or that at which the source opened. */
  restore() {
    const at = address.get("at") ?? this.#standard;
    if (at !== this.#chosen) this.#ask(at);
  }

  #choose(at) {
    clearTimeout(this.#resting);
    this.#resting = setTimeout(() => address.set({ at: at === this.#standard ? null : at }), REST);
    this.#ask(at);
  }

  async #ask(at) {
    this.#next = at;
    if (this.#isAsking) return;
    // The slider moves faster than the views refresh: skip all but the latest position.
    this.#isAsking = true;
    try {
      while (this.#next !== undefined) {
        const at = this.#next;
        this.#next = undefined;
        await this.#show(at);
      }
    } finally {
      this.#isAsking = false;
    }
  }

  take({ at, chosen, heard }) {
    this.#standard ??= chosen;
    [this.#at, this.#chosen, this.#heard] = [at, chosen, heard];
    this.#render();
  }

  show(zone) {
    this.#zone = zone;
    this.#render();
  }

  /** Forgets the instant of the previous source. */
  clear() {
    clearTimeout(this.#resting);
    this.#standard = undefined;
  }

  tick() {
    if (this.#chosen !== "now") return;
    const now = new Date().toISOString();
    if (now > this.#at) this.#at = now;
    this.#render();
  }

  /** Returns the instant of a slider position. Both ends are exact, to the nanosecond. */
  #slid(steps) {
    const { first, last } = this.#heard;
    if (steps === STEPS) return "last";
    if (steps === 0) return first;
    const span = Date.parse(last) - Date.parse(first);
    return new Date(Date.parse(first) + Math.round((span * steps) / STEPS)).toISOString();
  }

  #render() {
    if (!this.#at || !this.#zone) return;
    setText(byId("at"), dateTime(this.#at, this.#zone));
    byId("instant").dataset.chosen = this.#chosen;
    for (const id of ["now", "last", "busy"]) setAttribute(byId(id), "aria-pressed", this.#chosen === id);
    byId("why").hidden = this.#chosen !== "busy";
    const local = byId("local");
    if (document.activeElement !== local) local.value = localText(this.#at, this.#zone);
    const slider = byId("slider");
    slider.disabled = !this.#heard;
    if (!this.#heard) return;
    const [first, last] = [Date.parse(this.#heard.first), Date.parse(this.#heard.last)];
    const part = last > first ? (Date.parse(this.#at) - first) / (last - first) : 1;
    if (this.#next === undefined) slider.value = Math.round(part * STEPS);
    setAttribute(slider, "aria-valuetext", dateTime(this.#at, this.#zone));
  }
}
