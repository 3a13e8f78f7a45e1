// Instants as text, and what clocks of a time zone show.

/** Whether one is before another; as texts they compare without their `Z`. */
export function isBefore(a, b) {
  return a.slice(0, -1) < b.slice(0, -1);
}

export function earlier(a, b) {
  return isBefore(a, b) ? a : b;
}

/** The day after another: `2026-01-06`. */
export function dayAfter(day) {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}

/** What clocks show, as `datetime-local` fields have it: `2026-01-05T08:00:00`. */
export function localText(instant, zone) {
  return formats(zone).format(new Date(instant)).replace(" ", "T");
}

/** The instant at which clocks show this; where they leap over it, one close by. */
export function instantOf(local, zone) {
  const wanted = Date.parse(`${local}Z`);
  const offset = (at) => Date.parse(`${localText(at, zone)}Z`) - Math.floor(at / 1000) * 1000;
  const near = wanted - offset(wanted);
  return new Date(wanted - offset(near)).toISOString().replace(".000Z", "Z");
}

const known = new Map();

function formats(zone) {
  if (!known.has(zone)) {
    // Swedes write dates as ISO 8601 does.
    known.set(zone, new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "medium", timeZone: zone }));
  }
  return known.get(zone);
}
