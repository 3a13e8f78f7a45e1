//! [`Form`]: how the values of a table are stored.

use arrow_schema::TimeUnit;
use serde::Deserialize;

/// How the values of a table are stored in columns, as options say.
#[derive(Debug, Clone, Copy, Default)]
pub struct Form {
    /// How words are stored.
    pub strings: Strings,
    /// The unit of instants.
    pub unit: Unit,
    /// The unit of durations.
    pub durations: Durations,
    /// Whether counts are signed.
    pub signed: bool,
    /// Whether columns with fields are a column for each field.
    pub flat: bool,
}

/// How words are stored that repeat.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strings {
    /// Each word once.
    #[default]
    Dictionary,
    /// In each row.
    Plain,
}

/// The unit of instants.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Nanoseconds.
    #[default]
    Ns,
    /// Microseconds.
    Us,
    /// Milliseconds.
    Ms,
}

/// The unit of durations.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Durations {
    /// Whole nanoseconds.
    #[default]
    Ns,
    /// Seconds with fractions.
    Seconds,
}

/// Whose types a table has.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// Arrow's own.
    #[default]
    Arrow,
    /// Those that Apache Spark has.
    Spark,
}

impl Unit {
    /// Converts nanoseconds, rounding down; `None` if 64 bits can't hold the result.
    pub(crate) fn of(self, ns: i128) -> Option<i64> {
        let size = match self {
            Unit::Ns => return i64::try_from(ns).ok(),
            Unit::Us => 1_000,
            Unit::Ms => 1_000_000,
        };
        i64::try_from(ns.div_euclid(size)).ok()
    }

    pub(crate) fn of_arrow(self) -> TimeUnit {
        match self {
            Unit::Ns => TimeUnit::Nanosecond,
            Unit::Us => TimeUnit::Microsecond,
            Unit::Ms => TimeUnit::Millisecond,
        }
    }
}

impl From<Dialect> for Form {
    fn from(dialect: Dialect) -> Form {
        match dialect {
            Dialect::Arrow => Form::default(),
            Dialect::Spark => {
                Form { strings: Strings::Plain, unit: Unit::Us, signed: true, ..Form::default() }
            }
        }
    }
}
