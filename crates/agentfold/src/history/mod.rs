//! History: intervals of each track, work item spans, chat spans, and signs of missed events.

mod basis;
mod chat_span;
mod doubt;
mod interval;
mod item_history;
mod load;
mod span;
mod stretch;
mod track_transition;
mod window;

pub use basis::Basis;
pub use chat_span::ChatSpan;
pub use doubt::DoubtfulPart;
pub use interval::Interval;
pub use span::{Move, WorkItemSpan};
pub use track_transition::TrackTransition;
pub use window::Window;

pub use crate::fold::{Anomaly, Place, Sign};

pub(crate) use doubt::{Gaps, doubtful_at, load_doubts, plain_doubts};
pub(crate) use interval::{histories, of_target};
pub(crate) use item_history::{Happening, History, What};
pub(crate) use load::loads;
pub(crate) use stretch::{Life, PlainSteps, Steps, Stretch, plain};
