/** The clocks of the last zone, kept because creating a format takes longer than using it. */
let last;

/** Returns the clocks of a time zone by the host's data; `undefined` if no zone has this name. */
export function clocks(tz) {
  try {
    if (last?.tz !== tz) last = new Clocks(tz);
    return last;
  } catch {
    return undefined;
  }
}

/** No zone changes its clocks before this second, and some hosts use another calendar before it. */
const FIRST = Date.UTC(1700, 0) / 1000;
const DAY = 24 * 60 * 60;

class Clocks {
  #format;

  constructor(tz) {
    const fields = { day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" };
    const calendar = "en-u-ca-iso8601-nu-latn";
    this.#format = new Intl.DateTimeFormat(calendar, { ...fields, hourCycle: "h23", timeZone: tz });
    this.tz = tz;
  }

  /** Returns how many seconds the clocks are ahead of UTC at a second since 1970. */
  offset(second) {
    const at = new Date(Math.max(second, FIRST) * 1000);
    const [day, hours, minutes, seconds] = this.#format.format(at).match(/\d+/g).map(Number);
    const days = day - at.getUTCDate();
    // Across the end of a month the difference is large and has the wrong sign.
    const ahead = Math.abs(days) > 1 ? -Math.sign(days) : days;
    const [utc, local] = [at.getTime() / 1000, (hours * 60 + minutes) * 60 + seconds];
    return ahead * DAY + local - (((utc % DAY) + DAY) % DAY);
  }
}
