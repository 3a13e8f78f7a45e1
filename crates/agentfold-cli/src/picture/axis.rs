//! [`Axis`]: the positions of instants, and the hours and days of a time zone.

use agentfold::Instant;
use agentfold::history::Window;
use chrono::{
    DateTime, Datelike, Days, LocalResult, Months, NaiveDate, NaiveTime, Offset, TimeDelta,
    TimeZone,
};
use chrono_tz::Tz;

use super::escaped;

/// The time axis of a picture.
pub(super) struct Axis {
    from: Instant,
    to: Instant,
    zone: Tz,
    left: f64,
    width: f64,
}

/// A mark on the axis.
pub(super) struct Tick {
    pub(super) x: f64,
    pub(super) label: String,
    /// Whether a day begins here and the other ticks are times of day.
    pub(super) is_midnight: bool,
}

/// The distance from one tick to the next.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// Seconds of the local clock, a divisor of a day.
    Seconds(u32),
    Days(i32),
    Months(i32),
}

const STEPS: [Step; 33] = {
    use Step::{Days, Months, Seconds};
    [
        Seconds(1),
        Seconds(2),
        Seconds(5),
        Seconds(10),
        Seconds(15),
        Seconds(30),
        Seconds(60),
        Seconds(120),
        Seconds(300),
        Seconds(600),
        Seconds(900),
        Seconds(1_800),
        Seconds(3_600),
        Seconds(7_200),
        Seconds(10_800),
        Seconds(21_600),
        Seconds(43_200),
        Days(1),
        Days(2),
        Days(7),
        Days(14),
        Months(1),
        Months(2),
        Months(3),
        Months(6),
        Months(12),
        Months(24),
        Months(60),
        Months(120),
        Months(240),
        Months(600),
        Months(1_200),
        Months(6_000),
    ]
};

/// The format of a local time, to the second.
const TIME: &str = "%Y-%m-%d %H:%M:%S";

/// The minimum distance between two ticks.
const ROOM: f64 = 56.0;

impl Axis {
    pub(super) fn new(window: &Window, zone: Tz, left: f64, width: f64) -> Axis {
        Axis { from: window.from, to: window.to, zone, left, width }
    }

    /// The position of an instant, to a tenth of a pixel.
    pub(super) fn x(&self, at: Instant) -> f64 {
        let share = seconds(self.from, at) / seconds(self.from, self.to);
        ((self.left + share * self.width) * 10.0).round() / 10.0
    }

    /// An instant in local time, to the second.
    pub(super) fn time(&self, at: Instant) -> String {
        self.local(at).format(TIME).to_string()
    }

    /// A stretch of time in local time, with its length.
    pub(super) fn stretch(&self, from: Instant, to: Instant) -> String {
        let (start, end) = (self.local(from), self.local(to));
        let is_one_day = start.date_naive() == end.date_naive();
        let is_one_offset = start.offset().fix() == end.offset().fix();
        let start = start.format(if is_one_offset { TIME } else { "%Y-%m-%d %H:%M:%S %Z" });
        let end = end.format(if is_one_day { "%H:%M:%S %Z" } else { "%Y-%m-%d %H:%M:%S %Z" });
        format!("{start} to {end} ({})", length(from, to))
    }

    /// The name of the zone, and its offsets from UTC in the window.
    pub(super) fn zone(&self) -> String {
        if self.zone == Tz::UTC {
            return "UTC".to_owned();
        }
        // Often enough for clocks that change twice a year.
        let (from, to) = (self.from.unix_seconds(), self.to.unix_seconds());
        let step = ((to - from) / 10).clamp(1, 30 * 86_400);
        let mut offsets: Vec<String> = Vec::new();
        for second in (from..to).step_by(step.unsigned_abs() as usize).chain([to]) {
            let at = Instant::from_unix(second, 0).unwrap_or(self.to);
            let offset = self.local(at).format("UTC%:z").to_string();
            if !offsets.contains(&offset) {
                offsets.push(offset);
            }
        }
        format!("{} ({})", self.zone, offsets.join(", "))
    }

    /// The marks of the local clock and calendar, as many as fit.
    pub(super) fn ticks(&self) -> Vec<Tick> {
        let step = self.step();
        let end = self.local(self.to).date_naive();
        let mut marks = Vec::new();
        let mut date = Some(step.first(self.local(self.from).date_naive()));
        while let Some(day) = date.filter(|day| *day <= end) {
            let is_hours = matches!(step, Step::Seconds(_));
            marks.extend(self.midnight(day).map(|at| (at, is_hours)));
            if let Step::Seconds(each) = step {
                let seconds = (0..86_400).step_by(each as usize).skip(1);
                marks.extend(
                    seconds.flat_map(|second| self.of_day(day, second)).map(|at| (at, false)),
                );
            }
            date = step.next(day);
        }
        // An hour occurs twice when the clock is set back.
        marks.sort_unstable();
        let mut ticks: Vec<Tick> = Vec::new();
        for (at, is_midnight) in marks {
            let x = self.x(at);
            let is_far = ticks.last().is_none_or(|last| x - last.x >= 0.7 * ROOM);
            if self.from <= at && at <= self.to && is_far {
                let label = self.local(at).format(step.format()).to_string();
                ticks.push(Tick { x, label, is_midnight });
            }
        }
        ticks
    }

    /// Where each day begins in the picture, with its name if it fits. Months if the ticks are
    /// days, years if they are months.
    pub(super) fn periods(&self) -> Vec<(f64, String)> {
        let (formats, step) = match self.step() {
            Step::Seconds(_) => (["%a %-d %b %Y", "%-d %b"], Step::Days(1)),
            Step::Days(_) => (["%B %Y", "%b"], Step::Months(1)),
            Step::Months(1..12) => (["%Y", "%Y"], Step::Months(12)),
            Step::Months(_) => return Vec::new(),
        };
        let right = self.left + self.width;
        let x = |date| match self.midnight(date) {
            Some(at) if at > self.from => self.x(at).min(right),
            _ => self.left,
        };
        let end = self.local(self.to).date_naive();
        let mut periods = Vec::new();
        let mut date = Some(step.first(self.local(self.from).date_naive()));
        while let Some(first) = date.filter(|date| *date <= end) {
            date = step.next(first);
            let (start, end) = (x(first), date.map_or(right, x));
            let mut names = formats.iter().map(|format| first.format(format).to_string());
            let name = names.find(|name| escaped::width(name, 11.0) + 10.0 < end - start);
            periods.extend(name.map(|name| (start, name)));
        }
        periods
    }

    fn local(&self, at: Instant) -> DateTime<Tz> {
        let utc = DateTime::from_timestamp(at.unix_seconds(), at.subsec_nanos());
        utc.unwrap_or_default().with_timezone(&self.zone)
    }

    /// The smallest step that leaves enough room between ticks.
    fn step(&self) -> Step {
        let room = |step: &&Step| step.seconds() / seconds(self.from, self.to) * self.width >= ROOM;
        STEPS.iter().find(room).copied().unwrap_or(STEPS[STEPS.len() - 1])
    }

    /// When the local clock shows a second of a day: once, twice if the clock is set back across
    /// it, or never if the clock skips it.
    fn of_day(&self, day: NaiveDate, second: u32) -> impl Iterator<Item = Instant> {
        let time = NaiveTime::from_num_seconds_from_midnight_opt(second, 0);
        let found = time.map(|time| self.zone.from_local_datetime(&day.and_time(time)));
        let (first, again) = match found {
            Some(LocalResult::Single(at)) => (Some(at), None),
            Some(LocalResult::Ambiguous(first, again)) => (Some(first), Some(again)),
            _ => (None, None),
        };
        first.into_iter().chain(again).filter_map(|at| instant(&at))
    }

    /// When a local day begins: at midnight, or at the first time of the day if midnight is
    /// skipped.
    fn midnight(&self, day: NaiveDate) -> Option<Instant> {
        let midnight = day.and_time(NaiveTime::MIN);
        let starts = (0..48).map(|half_hours| midnight + TimeDelta::minutes(30 * half_hours));
        let mut starts =
            starts.filter_map(|start| self.zone.from_local_datetime(&start).earliest());
        instant(&starts.next()?)
    }
}

impl Step {
    /// The approximate length in seconds.
    fn seconds(self) -> f64 {
        match self {
            Step::Seconds(seconds) => f64::from(seconds),
            Step::Days(days) => 86_400.0 * f64::from(days),
            Step::Months(months) => 2_629_746.0 * f64::from(months),
        }
    }

    fn format(self) -> &'static str {
        match self {
            Step::Seconds(1..60) => "%H:%M:%S",
            Step::Seconds(_) => "%H:%M",
            Step::Days(1) => "%a %-d",
            Step::Days(_) => "%-d %b",
            Step::Months(1..12) => "%b",
            Step::Months(_) => "%Y",
        }
    }

    /// The date of the last tick at or before a date.
    fn first(self, date: NaiveDate) -> NaiveDate {
        let back = |days| date.checked_sub_days(Days::new(days)).unwrap_or(date);
        match self {
            Step::Seconds(_) => date,
            // Day 1 of the common era was a Monday.
            Step::Days(days) => {
                back((date.num_days_from_ce() - 1).rem_euclid(days).unsigned_abs().into())
            }
            Step::Months(months) => {
                let month = date.year() * 12 + date.month0().cast_signed();
                let month = month - month.rem_euclid(months);
                let first = month.rem_euclid(12).unsigned_abs() + 1;
                NaiveDate::from_ymd_opt(month.div_euclid(12), first, 1).unwrap_or(date)
            }
        }
    }

    fn next(self, date: NaiveDate) -> Option<NaiveDate> {
        match self {
            Step::Seconds(_) => date.succ_opt(),
            Step::Days(days) => date.checked_add_days(Days::new(days.unsigned_abs().into())),
            Step::Months(months) => date.checked_add_months(Months::new(months.unsigned_abs())),
        }
    }
}

fn instant(at: &DateTime<Tz>) -> Option<Instant> {
    Instant::from_unix(at.timestamp(), at.timestamp_subsec_nanos())
}

fn seconds(from: Instant, to: Instant) -> f64 {
    (to.unix_nanos() - from.unix_nanos()) as f64 / 1e9
}

/// A length of time in its two largest units.
fn length(from: Instant, to: Instant) -> String {
    let all = seconds(from, to);
    let whole = all as u64;
    let (days, hours, minutes) = (whole / 86_400, whole / 3_600 % 24, whole / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{all:.1} s"),
        (0, 0, _) => format!("{minutes} min {} s", whole % 60),
        (0, ..) => format!("{hours} h {minutes} min"),
        _ => format!("{days} d {hours} h"),
    }
}
