import { AgentfoldError } from "./error.js";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** 1970 began on a Thursday. */
const MONDAY = 4 * DAY;
/** More than anybody reads. */
const MOST = 1_000_000;

/**
 * The buckets of a report from one instant to another: a bucket begins when the clocks of a zone show a
 * multiple of the length, a time of day that is the same on all days, or midnight. If they were put
 * forward over it, it begins at that instant; if they were put back over it, it begins again once a whole
 * length has passed.
 */
export function buckets({ from, to, every, tz = "UTC", as_of = to }) {
  const [begin, end] = [milliseconds(from, "from"), milliseconds(to, "to")];
  const { days, minutes } = length(every);
  const whole = days * minutes * MINUTE;
  if ((end - begin) / whole > MOST) {
    throw new AgentfoldError("too_many_buckets", "/every", `there would be more than ${MOST} buckets`);
  }
  const zone = new Zone(tz);
  const beginnings = new Set();
  const midnight = (at) => Math.floor(zone.local(at) / DAY) * DAY;
  for (let date = midnight(begin) - DAY; date <= midnight(end) + DAY; date += DAY) {
    if ((date - MONDAY) % (days * DAY) !== 0) continue;
    const still = zone.isStill(date - DAY, date + 2 * DAY);
    for (let minute = 0; minute < 24 * 60; minute += minutes) {
      const local = date + minute * MINUTE;
      const [first, again] = still ? [local - zone.offset(date)] : zone.shown(local);
      beginnings.add(first);
      if (again - first >= whole) beginnings.add(again);
    }
  }
  // A bucket may begin within the last millisecond that `to` has only a part of.
  const last = /\.\d{3}\d*[1-9]/.test(to) ? end + 1 : end;
  const inner = [...beginnings].filter((at) => begin < at && at < last).sort((a, b) => a - b);
  const texts = inner.map((at) => new Date(at).toISOString().replace(".000Z", "Z"));
  return { boundaries: [from, ...texts, to], as_of };
}

function milliseconds(text, name) {
  const at = typeof text === "string" && text.includes("T") ? Date.parse(text) : NaN;
  if (Number.isNaN(at)) {
    throw new AgentfoldError("bad_instant", `/${name}`, `\`${name}\` is not an RFC 3339 instant`);
  }
  return at;
}

/** A length of up to 1440 minutes, 24 hours or 366 days. */
function length(every) {
  const [, digits, unit] = /^(\d{1,4})([mhd])$/.exec(every) ?? [];
  const count = Number(digits);
  const most = { m: 1440, h: 24, d: 366 }[unit];
  if (!(count >= 1 && count <= most)) {
    throw new AgentfoldError(
      "bad_argument",
      "/every",
      "`every` is a length of up to 1440 minutes, 24 hours or 366 days, such as `15m`, `1h` or `1d`",
    );
  }
  if (unit === "d") return { days: count, minutes: 24 * 60 };
  return { days: 1, minutes: unit === "h" ? count * 60 : count };
}

/** A time zone, by the host's own tables. Local times are milliseconds, as if they were in UTC. */
class Zone {
  #format;

  constructor(tz) {
    const fields = ["year", "month", "day", "hour", "minute", "second"];
    const numeric = Object.fromEntries(fields.map((field) => [field, "numeric"]));
    try {
      const calendar = "en-u-ca-iso8601-nu-latn";
      this.#format = new Intl.DateTimeFormat(calendar, { ...numeric, hourCycle: "h23", timeZone: tz });
    } catch {
      const message = "no IANA time zone has this name; one is `Europe/Berlin`";
      throw new AgentfoldError("unknown_time_zone", "/tz", message);
    }
  }

  /** What clocks show at an instant, to the second. */
  local(at) {
    const shown = {};
    for (const { type, value } of this.#format.formatToParts(at)) shown[type] = Number(value);
    return Date.UTC(shown.year, shown.month - 1, shown.day, shown.hour, shown.minute, shown.second);
  }

  /** How far clocks are ahead of UTC. */
  offset(at) {
    return this.local(at) - Math.floor(at / 1000) * 1000;
  }

  /** Whether clocks are not changed between two local times. */
  isStill(from, to) {
    return this.offset(from) === this.offset(to);
  }

  /** When clocks show a local time: once, twice, or in place of never the instant of the jump over it. */
  shown(local) {
    const offsets = new Set([-DAY, 0, DAY].map((shift) => this.offset(local + shift)));
    const times = [...offsets].map((offset) => local - offset);
    const right = times.filter((at) => this.local(at) === local).sort((a, b) => a - b);
    return right.length > 0 ? right : [this.#jump(local)];
  }

  /** The instant at which clocks were put forward over a local time. */
  #jump(local) {
    // No zone was ever 16 hours or more from UTC. Past at the end, not at the begin.
    let [begin, end] = [-16 * 3600, 16 * 3600];
    while (end - begin > 1) {
      const middle = Math.floor((begin + end) / 2);
      if (this.local(local + middle * 1000) >= local) end = middle;
      else begin = middle;
    }
    return local + end * 1000;
  }
}
