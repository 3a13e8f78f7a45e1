//! Reports: how long, how busy and how fast, in buckets; sessions; adherence to a schedule and the
//! exceptions to it; corrections.

mod adherence;
mod agent_report;
mod buckets;
mod buffered;
mod correction;
mod every;
mod exception;
mod lengths;
mod report_sums;
mod row;
mod row_place;
mod schedule_warning;
mod sessions;
mod stored_row;
mod sums;
mod zone;

pub use adherence::Scheduled;
pub use agent_report::RollUp;
pub use buckets::Buckets;
pub use correction::{Correction, corrections};
pub use every::{BadLength, Every};
pub use exception::ExceptionKind;
pub use report_sums::ReportSums;
pub use row::{
    About, AdherenceRow, ChannelRow, ChatRow, EngagementsTime, ExceptionRow, Removed, Row,
    SessionsRow, StateTime, StatusTime, Times, UnifiedStateRow,
};
pub use row_place::{Placed, RowKey, RowPlace};
pub use schedule_warning::{ScheduleWarning, ScheduleWarningCode};
pub use stored_row::StoredRow;
pub use zone::{Utc, Zone};

pub(crate) use row::ratio;
pub(crate) use sessions::is_logged_in;
