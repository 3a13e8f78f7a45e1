// What is over a threshold at the chosen instant: a quiet line with a count, and a list to unfold.
import { byId, element, setText } from "./element.js";
import { number } from "./format.js";
import { on, ask } from "./thread.js";
import { Thresholds } from "./thresholds.js";

export class Alerts {
  #thresholds = new Thresholds(() => this.#ask());
  #asked = "null";
  #accounts = {};
  #account;
  #channels = [];

  constructor() {
    on("thresholds", ({ answer }) => this.#thresholds.serve(answer));
    on("alerts", ({ accounts, problem }) => {
      this.#accounts = accounts;
      setText(byId("alerts-problem"), problem ? `The thresholds can't be used: ${problem}` : "");
      this.#render();
    });
  }

  /** Forgets the alerts and the thresholds of the previous source. */
  clear() {
    this.#accounts = {};
    this.#thresholds.serve(null);
  }

  /** Shows the alerts of an account. */
  show(account, channels) {
    [this.#account, this.#channels] = [account, channels];
    this.#ask();
    this.#render();
  }

  /** Sends the thresholds to the worker thread if they have changed. */
  #ask() {
    if (this.#account === undefined) return;
    const thresholds = this.#thresholds.of(this.#channels);
    const text = JSON.stringify(thresholds);
    if (text === this.#asked) return;
    this.#asked = text;
    if (!thresholds) this.#accounts = {};
    this.#render();
    ask("thresholds", { thresholds });
  }

  #render() {
    const place = byId("alerts");
    const { of, texts } = this.#accounts[this.#account] ?? { of: 0, texts: [] };
    place.hidden = this.#asked === "null";
    if (place.hidden) return;
    setText(place.firstElementChild, of === 0 ? "No alerts" : of === 1 ? "1 alert" : `${number(of)} alerts`);
    const lines = texts.map((textContent) => element("li", { textContent }));
    const rest = of - texts.length;
    place.lastElementChild.replaceChildren(...lines, rest > 0 ? element("li", { textContent: `and ${number(rest)} more` }) : "");
  }
}
