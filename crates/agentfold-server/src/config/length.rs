//! [`Length`]: a length of time.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A length of time, as in `400d` or `1h 30m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Length(pub Duration);

impl FromStr for Length {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Length, &'static str> {
        let length = humantime::parse_duration(text);
        length
            .map(Length)
            .map_err(|_| "must be a length of time, such as `90s`, `30m`, `8h` or `400d`")
    }
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let units = [(86_400, "d"), (3600, "h"), (60, "m"), (1, "s")];
        let unit = units.iter().find(|(unit, _)| seconds.is_multiple_of(*unit) && seconds > 0);
        match unit {
            Some((unit, name)) if self.0.subsec_nanos() == 0 => {
                write!(f, "{}{name}", seconds / unit)
            }
            _ => write!(f, "{}", humantime::format_duration(self.0)),
        }
    }
}

impl Serialize for Length {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Length {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Length, D::Error> {
        String::deserialize(from)?.parse().map_err(de::Error::custom)
    }
}
