// Formats numbers, times and states for the locale of the reader.

const locale = navigator.language;
const numbers = new Intl.NumberFormat(locale);
const shares = new Intl.NumberFormat(locale, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
const averages = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const zones = new Map();

export const browserZone = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "UTC";

const NOTHING = "–";

export function number(value) {
  return value === null || value === undefined ? NOTHING : numbers.format(value);
}

/** Formats an average with one decimal. */
export function average(value) {
  return value === null ? NOTHING : averages.format(value);
}

export function share(value) {
  return value === null ? NOTHING : shares.format(value);
}

/** Formats milliseconds as `h:mm:ss`. */
export function duration(milliseconds) {
  if (milliseconds === null || Number.isNaN(milliseconds)) return NOTHING;
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (value) => String(value).padStart(2, "0");
  return `${numbers.format(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

export function dateTime(instant, zone) {
  return of(zone, "dateTime", { dateStyle: "medium", timeStyle: "medium" }).format(new Date(instant));
}

/** Formats an instant without seconds, for the boundaries of buckets. */
export function minute(instant, zone) {
  return of(zone, "minute", { dateStyle: "medium", timeStyle: "short" }).format(new Date(instant));
}

export function time(instant, zone) {
  return of(zone, "time", { timeStyle: "medium" }).format(new Date(instant));
}

export function hour(instant, zone) {
  return of(zone, "hour", { hour: "2-digit", minute: "2-digit" }).format(new Date(instant));
}

/** Formats the day of an instant without the year, for the ticks of a chart. */
export function day(instant, zone) {
  return of(zone, "day", { day: "numeric", month: "short" }).format(new Date(instant));
}

function of(zone, name, options) {
  const key = `${name} ${zone}`;
  if (!zones.has(key)) zones.set(key, new Intl.DateTimeFormat(locale, { ...options, timeZone: zone }));
  return zones.get(key);
}

/** Returns the name of a state in words: `unknown` if no event has stated it. */
export function stateName(state) {
  return state === null || state === undefined ? "unknown" : state.replaceAll("_", " ");
}

/** The reasons why an agent is doubtful, in words. */
export const doubtWords = {
  gap: "an event is missing",
  orphan: "an item that was not open has changed",
  conflict: "two events disagree",
  missing_versions: "a version is missing",
  silent: "silent for too long",
  unconfirmed: "a version is missing since it was stated",
};

/** The same in short, where there is little room. */
export const shortDoubts = {
  gap: "event missing",
  orphan: "item unclear",
  conflict: "events disagree",
  missing_versions: "version missing",
  silent: "silent",
  unconfirmed: "unconfirmed",
};

/** The colours of custom states, in the order in which they are found. */
const own = new Map();

/** Returns the colour of a state. Zendesk's own states have one each; custom states share six. */
export function tone(state) {
  if (state === null || state === undefined) return "unknown";
  if (["online", "away", "offline", "transfers_only", "invisible"].includes(state)) return state;
  if (!own.has(state)) own.set(state, own.size % 6);
  return `own-${own.get(state)}`;
}

const ranks = new Map([["online", 0], ["transfers_only", 1], ["away", 2], ["offline", 4], ["invisible", 4], [null, 5]]);

/** Returns the sort order of a state: online first, then away and custom states, then offline and unknown. */
export function rank(state) {
  return ranks.get(state) ?? 3;
}
