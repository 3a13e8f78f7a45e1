//! How history is measured: intervals, spans, reports (`measures.md`).

mod adherence;
mod basis;
mod buckets;
mod chat_span;
mod correction;
mod floor;
mod history;
mod interval;
mod report;
mod row;
mod row_place;
mod span;
mod stored_row;
mod stretch;
mod sums;
mod track_transition;
mod window;

pub use adherence::Scheduled;
pub use basis::Basis;
pub use buckets::Buckets;
pub use chat_span::ChatSpan;
pub use correction::{Correction, corrections};
pub use floor::{ChannelFloor, Doubt, FloorAgent, StateCount, Trust};
pub use interval::Interval;
pub use report::RollUp;
pub use row::{
    About, AdherenceRow, ChannelRow, ChatRow, EngagementsTime, Removed, Row, StateTime, StatusTime,
    Times, UnifiedStateRow,
};
pub use row_place::{Placed, RowKey, RowPlace};
pub use span::{Move, WorkItemSpan};
pub use stored_row::StoredRow;
pub use track_transition::TrackTransition;
pub use window::Window;

pub(crate) use history::History;
pub(crate) use interval::histories;
pub(crate) use report::loads;
