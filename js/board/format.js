// Numbers, times and words, as the page's reader writes them.

const locale = navigator.language;
const numbers = new Intl.NumberFormat(locale);
const shares = new Intl.NumberFormat(locale, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
const zones = new Map();

export const browserZone = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "UTC";

const NOTHING = "–";

export function number(value) {
  return value === null || value === undefined ? NOTHING : numbers.format(value);
}

export function share(value) {
  return value === null ? NOTHING : shares.format(value);
}

/** `h:mm:ss`, of milliseconds. */
export function duration(milliseconds) {
  if (milliseconds === null || Number.isNaN(milliseconds)) return NOTHING;
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (value) => String(value).padStart(2, "0");
  return `${numbers.format(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

export function dateTime(instant, zone) {
  return of(zone, "dateTime", { dateStyle: "medium", timeStyle: "medium" }).format(new Date(instant));
}

/** Without seconds, as buckets begin. */
export function minute(instant, zone) {
  return of(zone, "minute", { dateStyle: "medium", timeStyle: "short" }).format(new Date(instant));
}

export function time(instant, zone) {
  return of(zone, "time", { timeStyle: "medium" }).format(new Date(instant));
}

export function hour(instant, zone) {
  return of(zone, "hour", { hour: "2-digit", minute: "2-digit" }).format(new Date(instant));
}

function of(zone, name, options) {
  const key = `${name} ${zone}`;
  if (!zones.has(key)) zones.set(key, new Intl.DateTimeFormat(locale, { ...options, timeZone: zone }));
  return zones.get(key);
}

/** A state's name in words; what was never told is unknown. */
export function stateName(state) {
  return state === null || state === undefined ? "unknown" : state.replaceAll("_", " ");
}

/** Why an agent is doubtful, in words. */
export const doubtWords = {
  gap: "an event was missed",
  orphan: "an item changed that was not open",
  conflict: "two events disagree",
  missing_versions: "a version never came",
  silent: "silent for too long",
};

/** In the order in which they are met. */
const own = new Map();

/** Which colour a state has: what Zendesk has by itself, and six for those that accounts invent. */
export function tone(state) {
  if (state === null || state === undefined) return "unknown";
  if (["online", "away", "offline", "transfers_only", "invisible"].includes(state)) return state;
  if (!own.has(state)) own.set(state, own.size % 6);
  return `own-${own.get(state)}`;
}

const ranks = new Map([["online", 0], ["transfers_only", 1], ["away", 2], ["offline", 4], ["invisible", 4], [null, 5]]);

/** Online first, who is away or otherwise busy next, those who went last. */
export function rank(state) {
  return ranks.get(state) ?? 3;
}
