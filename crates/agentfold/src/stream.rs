//! Reading records from a stream of bytes.

pub use crate::read::{Iter, Next, Record, RecordText, Records, Unreadable};
