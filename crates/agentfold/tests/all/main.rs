//! All tests of the public interface but those that sanitizers and Miri run. They are one program, since each is
//! linked with the whole crate.

mod adversary;
mod agents;
mod alerts;
#[cfg(all(feature = "chrono-tz", feature = "jiff"))]
mod buckets;
mod bulk;
mod case;
mod changes;
mod contract;
#[cfg(feature = "export")]
mod cursor;
mod damage;
mod doubt;
mod event;
#[cfg(feature = "jiff")]
mod examples;
#[cfg(feature = "export")]
mod export;
mod guide;
mod laws;
mod limits;
mod measures;
mod million;
mod names;
mod no_panic;
mod rest;
mod rows;
#[cfg(feature = "schema")]
mod schema;
#[cfg(all(feature = "names", feature = "scrub"))]
mod scrub;
#[cfg(feature = "export")]
mod told;
mod truth;
mod vectors;
#[cfg(feature = "webhook")]
mod webhook;
