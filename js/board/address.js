// The address of the page holds what the page shows, so that it can be shared, reloaded and kept as a bookmark.
//
// The settings stand after `#`, which browsers send to no server: `#view=timeline&agent=123&zone=UTC`. A setting in
// the query, such as `?at=`, counts until it is changed. A view stores its own settings with `get` and `set`, or
// lets a form control be kept with `keep`. Tokens and names of people never belong here.
//
// Names in use: source, name, account (source.js); view, at, zone, agent (board.js); find, state, channel, group,
// free, sort, rows, dense (floor.js); kiosk (kiosk.js); day, start, end (range.js); track (timeline.js); every, by, who,
// of, period, from, to, order (report.js).
import { chosen, choose } from "./element.js";

const listeners = [];

export const address = {
  /** Returns a setting as text, or null. */
  get(name) {
    return new URLSearchParams(location.hash.slice(1)).get(name) ?? new URLSearchParams(location.search).get(name);
  },

  /** Changes settings; null and "" remove them. A step can be undone with the browser's Back button. */
  set(values, { isStep = false } = {}) {
    const url = new URL(location);
    const settings = new URLSearchParams(url.hash.slice(1));
    for (const [name, value] of Object.entries(values)) {
      if (url.searchParams.has(name)) url.searchParams.delete(name);
      if (value === null || value === undefined || value === "") settings.delete(name);
      else settings.set(name, value);
    }
    url.hash = settings;
    if (url.href.replace(/#$/, "") === location.href.replace(/#$/, "")) return;
    history[isStep ? "pushState" : "replaceState"](null, "", url);
  },

  /**
   * Keeps the value of a form control as a setting, unless it is the standard value. Takes the value from the
   * address now, whenever the address moves, and once a `select` has that option.
   */
  keep(control, name, standard = chosen(control)) {
    const restore = () => choose(control, address.get(name) ?? standard);
    restore();
    listeners.push(restore);
    control.addEventListener("input", () => {
      const value = chosen(control);
      address.set({ [name]: value === standard ? null : value });
    });
  },

  /** Calls a listener when the user moves back or forward, or edits the address. */
  onMove(listener) {
    listeners.push(listener);
  },
};

addEventListener("popstate", () => {
  for (const listener of listeners) listener();
});
