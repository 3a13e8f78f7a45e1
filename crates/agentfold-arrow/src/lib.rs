//! The states, history and reports of Zendesk's agents in Arrow columns.
//!
//! A [`Layout`] says which columns a table has, of which types. Its [`Builder`] takes the rows of
//! [agentfold](https://docs.rs/agentfold) and returns record batches of arrow-rs. The Python package and the server
//! make their tables of it, so these have the same columns.
//!
//! ```
//! use agentfold::Fold;
//! use agentfold_arrow::{Form, Layout, tables};
//!
//! let fold = Fold::new();
//! let layout = Layout::new(tables::ANOMALIES, Form::default());
//! let mut builder = layout.builder();
//! for anomaly in fold.anomalies() {
//!     builder.push(&anomaly)?;
//! }
//! let batch = builder.batch();
//! assert_eq!((batch.num_rows(), batch.schema()), (0, layout.schema()));
//! # Ok::<(), agentfold_arrow::Misshapen>(())
//! ```

mod column;
mod form;
mod layout;
mod report;
pub mod tables;

pub use crate::column::{Misshapen, Named, Shape};
pub use crate::form::{Dialect, Durations, Form, Strings, Unit};
pub use crate::layout::{Builder, Layout};
pub use crate::report::RowKind;
