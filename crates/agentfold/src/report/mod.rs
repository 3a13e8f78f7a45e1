//! Reports: how long, how busy and how fast, in buckets; adherence to a schedule; corrections.

mod adherence;
mod agent_report;
mod buckets;
mod correction;
mod every;
mod row;
mod row_place;
mod stored_row;
mod sums;
mod zone;

pub use adherence::Scheduled;
pub use agent_report::RollUp;
pub use buckets::Buckets;
pub use correction::{Correction, corrections};
pub use every::{BadLength, Every};
pub use row::{
    About, AdherenceRow, ChannelRow, ChatRow, EngagementsTime, Removed, Row, StateTime, StatusTime,
    Times, UnifiedStateRow,
};
pub use row_place::{Placed, RowKey, RowPlace};
pub use stored_row::StoredRow;
pub use zone::{Utc, Zone};
