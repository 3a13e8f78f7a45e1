// Splits a long list into pages, so that it stays short on the screen and in a screen reader.
import { element, setText } from "./element.js";
import { number } from "./format.js";

export class Pager {
  #first = 0;
  #of = 0;
  #size;
  #turned;
  #text = element("span", { className: "pager-text" });
  #back = element("button", { type: "button", textContent: "Back" });
  #next = element("button", { type: "button", textContent: "Next" });

  constructor(place, size, what, turned) {
    this.#size = size;
    this.#turned = turned;
    this.#back.setAttribute("aria-label", `Back: ${what}`);
    this.#next.setAttribute("aria-label", `Next: ${what}`);
    this.#back.onclick = () => this.#turn(-this.#size);
    this.#next.onclick = () => this.#turn(this.#size);
    place.classList.add("pager");
    place.replaceChildren(this.#text, this.#back, this.#next);
  }

  /** Returns the index of the first row to show, of `of` rows. `counts` says what the rows are, if not what is paged. */
  first(of, counts) {
    this.#of = of;
    if (this.#first >= of) this.#first = Math.max(0, Math.floor((of - 1) / this.#size) * this.#size);
    const last = Math.min(this.#first + this.#size, of);
    const range = of === 0 ? "none" : `${number(this.#first + 1)}–${number(last)} of ${number(of)}`;
    const rows = of > this.#size ? `; rows ${range}` : "";
    setText(this.#text, counts === undefined ? range : `${counts}${rows}`);
    this.#back.hidden = of <= this.#size;
    this.#next.hidden = of <= this.#size;
    // `aria-disabled`: a disabled button would lose the keyboard focus.
    this.#back.setAttribute("aria-disabled", this.#first === 0);
    this.#next.setAttribute("aria-disabled", last >= of);
    return this.#first;
  }

  get at() {
    return this.#first;
  }

  restart() {
    this.#first = 0;
  }

  /** Changes how many rows a page has. */
  resize(size) {
    this.#first = Math.floor(this.#first / size) * size;
    this.#size = size;
  }

  get size() {
    return this.#size;
  }

  /** Turns to the next page, or from the last one to the first. */
  turnOn() {
    this.#first = this.#first + this.#size < this.#of ? this.#first + this.#size : 0;
    this.#turned();
  }

  #turn(by) {
    const button = by < 0 ? this.#back : this.#next;
    if (button.getAttribute("aria-disabled") === "true") return;
    this.#first = Math.max(0, this.#first + by);
    this.#turned();
  }
}
