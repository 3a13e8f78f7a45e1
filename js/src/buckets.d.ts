import type { Buckets, Instant } from "../dist/agentfold.js";

/** What buckets are made of. */
export interface BucketsOptions {
  from: Instant;
  to: Instant;
  /** Up to 1440 minutes, 24 hours or 366 days, such as `15m`, `1h` or `1d`. `7d` begin on Mondays. */
  every: string;
  /** An IANA time zone, such as `Europe/Berlin`; `UTC` by default. */
  tz?: string;
  /** The latest instant of which anything is known; `to` by default. */
  as_of?: Instant;
}

/**
 * The buckets of a report from one instant to another, which begin at whole times of day on the clocks of
 * a time zone, right across daylight saving, by the host's own tables.
 *
 * @throws {AgentfoldError} `bad_instant`, `bad_argument`, `unknown_time_zone` or `too_many_buckets`.
 * @example
 * const day = buckets({ from: "2026-03-28T23:00:00Z", to: "2026-03-29T22:00:00Z", every: "1h",
 *   tz: "Europe/Berlin" });
 * day.boundaries.length; // 24: the day has 23 hours
 */
export declare function buckets(options: BucketsOptions): Buckets;
