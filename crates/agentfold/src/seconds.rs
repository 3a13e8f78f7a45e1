//! Lengths of time as numbers of seconds, as they stand in data.

use std::time::Duration;

use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Serialize, Serializer};

/// Whole seconds as an integer.
pub(crate) fn serialize<S: Serializer>(length: &Duration, to: S) -> Result<S::Ok, S::Error> {
    match length.subsec_nanos() {
        0 => length.as_secs().serialize(to),
        _ => length.as_secs_f64().serialize(to),
    }
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    length(f64::deserialize(from)?).ok_or_else(|| D::Error::custom(MUST_BE))
}

/// What a number of seconds has to be.
pub(crate) const MUST_BE: &str = "must be a number of seconds, 0 or more";

/// A length of time; what is longer than a [`Duration`] is the longest one, which is without end.
pub(crate) fn length(seconds: f64) -> Option<Duration> {
    (seconds >= 0.0).then(|| Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
}
