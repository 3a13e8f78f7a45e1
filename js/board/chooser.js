// The instant that all views show: now, the last event, or any instant between the first and the last event.
import { byId, setAttribute, setText } from "./element.js";
import { dateTime } from "./format.js";
import { instantOf, localText } from "./instant.js";

/** The steps of the slider. Over a day, one step is about a minute and a half. */
const STEPS = 1000;

export class Chooser {
  #chosen;
  #heard = null;
  #at;
  #zone;
  #isAsking = false;
  #next;

  #show;

  /** `show` receives `now`, `last` or an instant, and resolves once the page shows it. */
  constructor(show) {
    this.#show = show;
    byId("slider").max = STEPS;
    byId("now").onclick = () => this.choose("now");
    byId("last").onclick = () => this.choose("last");
    byId("slider").oninput = ({ target }) => {
      if (this.#heard) this.choose(this.#slid(Number(target.value)));
    };
    byId("local").onchange = ({ target }) => target.value && this.choose(instantOf(target.value, this.#zone));
  }

  async choose(at) {
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
    [this.#at, this.#chosen, this.#heard] = [at, chosen, heard];
    this.#render();
  }

  show(zone) {
    this.#zone = zone;
    this.#render();
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
    setAttribute(byId("now"), "aria-pressed", this.#chosen === "now");
    setAttribute(byId("last"), "aria-pressed", this.#chosen === "last");
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
