// The instant that all views are of: now, the last event, or any between the first and the last.
import { byId, setAttribute, setText } from "./element.js";
import { dateTime } from "./format.js";
import { instantOf, localText } from "./instant.js";

export class Chooser {
  #chosen;
  #heard = null;
  #at;
  #zone;
  #isAsking = false;
  #next;

  /** `choose` is told `now`, `last` or an instant, and answers once the page shows it. */
  constructor(choose) {
    const asked = async (at) => {
      this.#next = at;
      if (this.#isAsking) return;
      // A slider moves faster than floors are made: only where it is by then counts.
      this.#isAsking = true;
      try {
        while (this.#next !== undefined) {
          const at = this.#next;
          this.#next = undefined;
          await choose(at);
        }
      } finally {
        this.#isAsking = false;
      }
    };
    byId("now").onclick = () => asked("now");
    byId("last").onclick = () => asked("last");
    byId("slider").oninput = ({ target }) => {
      if (this.#heard) asked(target.value === target.max ? "last" : new Date(Number(target.value)).toISOString());
    };
    byId("local").onchange = ({ target }) => target.value && asked(instantOf(target.value, this.#zone));
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
    slider.min = first;
    slider.max = Math.max(last, first + 1);
    // A hundredth of the day is as fine as a hand is; arrows go by it too.
    slider.step = Math.max(1, Math.min(60_000, Math.round((last - first) / 500)));
    if (this.#next === undefined) slider.value = Math.min(Date.parse(this.#at), last);
    setAttribute(slider, "aria-valuetext", dateTime(this.#at, this.#zone));
  }
}
