// The time axis of charts: ticks at round local times.
import { day, hour } from "./format.js";
import { localText } from "./instant.js";

const MINUTE = 60_000;
const DAY = 1440;
/** The distances of ticks that are allowed, in minutes. */
const STEPS = [1, 5, 15, 30, 60, 120, 180, 240, 360, 720, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 28 * DAY];
/** The room between labels, and that of a character, in pixels. */
const BETWEEN = 24;
const CHARACTER = 7;

/** Returns the options of an axis of time: as many ticks as there is room for. Midnight has the date if there are several days. */
export function hoursOf({ zone, window, width }) {
  const [from, to] = [Date.parse(window.from), Date.parse(window.to)];
  const minutes = (to - from) / MINUTE;
  const room = BETWEEN + CHARACTER * hour(window.from, zone).length;
  const most = Math.max(2, Math.floor(width / room));
  const every = STEPS.find((step) => minutes / step <= most) ?? STEPS.at(-1);
  // Offsets of time zones are multiples of a quarter of an hour.
  const step = Math.min(every, 15) * MINUTE;
  const ticks = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) {
    const local = Date.parse(`${localText(at, zone)}Z`);
    if (local % (every * MINUTE) === 0) ticks.push(new Date(at));
  }
  const isLong = minutes > DAY;
  const isMidnight = (at) => Date.parse(`${localText(at, zone)}Z`) % (DAY * MINUTE) === 0;
  return { ticks, tickFormat: (at) => (isLong && isMidnight(at) ? day(at, zone) : hour(at, zone)), tickSize: 0 };
}
