// The range of the timeline: a day, or from one local time to another, moved and zoomed by buttons, keys and dragging.
import { address } from "./address.js";
import { byId, element, setAttribute } from "./element.js";
import { dayAfter, instantOf, localText } from "./instant.js";
import { hide } from "./tips.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const SHORTEST = 5 * MINUTE;
const LONGEST = 31 * DAY;
/** Movements of the pointer below this are no drag, in pixels. */
const CLICK = 6;
const FIELDS = ["day", "timeline-from", "timeline-to"];

export class Range {
  #zone;
  #heard;
  #at;
  #changed;
  #tell;

  /** Calls `changed` when another range is chosen, and `tell` with a text if one can't be. */
  constructor(changed, tell) {
    this.#changed = changed;
    this.#tell = tell;
    byId("day").onchange = () => {
      this.#clear();
      this.#keep();
      this.#changed();
    };
    address.onMove(() => this.#restore());
    this.#restore();
    for (const id of ["timeline-from", "timeline-to"]) byId(id).onchange = () => this.#chosen();
    const buttons = { earlier: () => this.#move(-1), later: () => this.#move(1), "zoom-in": () => this.#zoom(0.5), "zoom-out": () => this.#zoom(2) };
    for (const [id, act] of Object.entries(buttons)) {
      byId(id).onclick = () => byId(id).getAttribute("aria-disabled") === "true" || act();
    }
  }

  show({ zone, heard, at }) {
    [this.#zone, this.#heard, this.#at] = [zone, heard, at];
    if (!byId("day").value) byId("day").value = this.#local(at).slice(0, 10);
    if (!byId("timeline-from").value || !byId("timeline-to").value) this.#clear();
    this.#buttons();
  }

  /** Forgets the range of the previous source. */
  clear() {
    for (const id of FIELDS) byId(id).value = "";
    address.set({ day: null, start: null, end: null });
  }

  /** Returns the window to show. Begins at the hour of the first event, if that is later. */
  get window() {
    const { from, to } = this.#ends;
    const first = Math.floor(Date.parse(this.#heard.first) / HOUR) * HOUR;
    const instant = (at) => new Date(at).toISOString();
    return { from: instant(first > from && first < to ? first : from), to: instant(to) };
  }

  /** Acts on a key; returns whether it was one that moves or zooms. */
  key({ key, shiftKey, ctrlKey, metaKey, altKey }) {
    if (ctrlKey || metaKey || altKey) return false;
    const id = { "+": "zoom-in", "=": "zoom-in", "-": "zoom-out", ...(shiftKey && { ArrowLeft: "earlier", ArrowRight: "later" }) }[key];
    if (!id) return false;
    byId(id).click();
    return true;
  }

  /** Lets a drag across the plots choose the range; `timeOf` returns the time at a horizontal position. */
  drag(plots, timeOf) {
    plots.onpointerdown = (event) => {
      const [start, { left }] = [event.clientX, plots.getBoundingClientRect()];
      if (event.button !== 0 || timeOf(start) === null) return;
      const area = element("div", { className: "drawn" });
      const over = new AbortController();
      const listen = (name, act) => addEventListener(name, act, { signal: over.signal });
      const end = () => {
        over.abort();
        area.remove();
      };
      listen("pointermove", ({ clientX }) => {
        if (Math.abs(clientX - start) < CLICK) return;
        hide();
        plots.append(area);
        area.style.left = `${Math.min(start, clientX) - left}px`;
        area.style.width = `${Math.abs(clientX - start)}px`;
      });
      listen("pointerup", ({ clientX }) => {
        end();
        if (Math.abs(clientX - start) >= CLICK) this.#set(...[timeOf(start), timeOf(clientX)].sort((a, b) => a - b));
      });
      listen("pointercancel", end);
      listen("keydown", ({ key }) => key === "Escape" && end());
    };
  }

  /** Sets the fields from the address. Without them there, the range is the day of the instant that the page shows. */
  #restore() {
    ["day", "start", "end"].forEach((name, i) => (byId(FIELDS[i]).value = address.get(name) ?? ""));
    if (byId("timeline-from").value) byId("day").value = byId("timeline-from").value.slice(0, 10);
  }

  /** Keeps the range in the address: a day, or both ends. */
  #keep() {
    const [day, start, end] = FIELDS.map((id) => byId(id).value);
    const isDay = start === `${day}T00:00` && end === `${dayAfter(day)}T00:00`;
    address.set({ day: isDay ? day : null, start: isDay ? null : start, end: isDay ? null : end });
  }

  get #ends() {
    const [from, to] = ["timeline-from", "timeline-to"].map((id) => Date.parse(instantOf(byId(id).value, this.#zone)));
    return { from, to };
  }

  #local(at) {
    return localText(at, this.#zone);
  }

  /** Sets the range to the whole day. */
  #clear() {
    const day = byId("day").value;
    if (!day) return;
    byId("timeline-from").value = `${day}T00:00`;
    byId("timeline-to").value = `${dayAfter(day)}T00:00`;
    if (this.#heard) this.#buttons();
  }

  #chosen() {
    if (!byId("timeline-from").value || !byId("timeline-to").value) return;
    const { from, to } = this.#ends;
    if (to <= from) return this.#tell("The end of the range must be after its beginning.");
    if (to - from > LONGEST) return this.#tell("The timeline shows at most 31 days at once.");
    byId("day").value = byId("timeline-from").value.slice(0, 10);
    this.#keep();
    this.#buttons();
    return this.#changed();
  }

  /** Moves by a whole range of days, or by half of a shorter one. */
  #move(sign) {
    const { from, to } = this.#ends;
    const length = to - from;
    const isDays = [from, to].every((at) => this.#local(at).endsWith("T00:00:00"));
    if (!isDays) return this.#set(from + (sign * length) / 2, to + (sign * length) / 2);
    // Days with a change of the clocks are longer or shorter.
    const days = Math.round(length / DAY);
    const moved = (at) => {
      const local = new Date(Date.parse(`${this.#local(at).slice(0, 10)}T00:00:00Z`) + sign * days * DAY);
      return Date.parse(instantOf(local.toISOString().slice(0, 19), this.#zone));
    };
    return this.#set(moved(from), moved(to));
  }

  #zoom(by) {
    const { from, to } = this.window;
    const end = Math.min(Date.parse(to), Math.max(Date.parse(this.#at), Date.parse(from) + SHORTEST));
    const [center, length] = [(Date.parse(from) + end) / 2, (end - Date.parse(from)) * by];
    const most = Math.min(LONGEST, Math.max(length, SHORTEST));
    this.#set(center - most / 2, center + most / 2);
  }

  /** Sets the range, in whole minutes. */
  #set(from, to) {
    const start = Math.floor(from / MINUTE) * MINUTE;
    const end = Math.max(Math.ceil(to / MINUTE) * MINUTE, start + SHORTEST);
    byId("timeline-from").value = this.#local(start).slice(0, 16);
    byId("timeline-to").value = this.#local(end).slice(0, 16);
    byId("day").value = this.#local(start).slice(0, 10);
    this.#keep();
    this.#buttons();
    this.#changed();
  }

  #buttons() {
    const { from, to } = this.#ends;
    const disable = (id, isDisabled) => setAttribute(byId(id), "aria-disabled", isDisabled);
    disable("earlier", from <= Date.parse(this.#heard.first));
    disable("later", to >= Date.parse(this.#at));
    disable("zoom-in", to - from <= SHORTEST);
    disable("zoom-out", (from <= Date.parse(this.#heard.first) && to >= Date.parse(this.#at)) || to - from >= LONGEST);
  }
}
