// Instants as text, and the local time of a time zone.

/** Returns whether `a` is before `b`. Instants sort as text once the `Z` is removed. */
export function isBefore(a, b) {
  return a.slice(0, -1) < b.slice(0, -1);
}

export function earlier(a, b) {
  return isBefore(a, b) ? a : b;
}

/** Returns the following day, such as `2026-01-06`. */
export function dayAfter(day) {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}

/** Returns the local time in the format of `datetime-local` fields: `2026-01-05T08:00:00`. */
export function localText(instant, zone) {
  return formats(zone).format(new Date(instant)).replace(" ", "T");
}

/** Returns the instant of a local time, or one close by if clocks skip it. */
export function instantOf(local, zone) {
  const wanted = Date.parse(`${local}Z`);
  const offset = (at) => Date.parse(`${localText(at, zone)}Z`) - Math.floor(at / 1000) * 1000;
  const near = wanted - offset(wanted);
  return new Date(wanted - offset(near)).toISOString().replace(".000Z", "Z");
}

const known = new Map();

function formats(zone) {
  if (!known.has(zone)) {
    // The Swedish locale formats dates as ISO 8601.
    known.set(zone, new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "medium", timeZone: zone }));
  }
  return known.get(zone);
}
