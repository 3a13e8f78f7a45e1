//! agentfold for Python: names, conversions and errors. It contains no rule about agents.
//!
//! Arguments are bytes, text, dicts and aware `datetime`s. Results are plain data, built as Python
//! objects. Ids and instants are strings, nanoseconds `int`s. Errors are raised as an `AgentfoldError`
//! with `code`, `path` and `message`. `python/agentfold/types.py` has the types.

mod alert;
mod argument;
mod arrow;
mod buckets;
mod data;
mod event;
mod event_table;
mod export;
mod files;
mod fold;
mod headers;
mod instant;
mod names;
mod object;
mod parsed;
mod raised;
mod read;
mod records;
mod report_rows;
mod report_sums;
mod request;
mod scrubber;
mod shown;
mod source;
mod tables;
mod turns;
mod wanted;
mod webhook;

use pyo3::prelude::*;

/// The native module of the package `agentfold`. Import from that package.
#[pymodule]
mod _agentfold {
    #[pymodule_export]
    use crate::alert::{alert_message, episodes};
    #[pymodule_export]
    use crate::arrow::ArrowStream;
    #[pymodule_export]
    use crate::buckets::buckets_by_offset;
    #[pymodule_export]
    use crate::event::{check_event, parse_event, print_event, to_cloud_event};
    #[pymodule_export]
    use crate::export::{ExportCursor, answer_export, told_corrections};
    #[pymodule_export]
    use crate::files::fold_files;
    #[pymodule_export]
    use crate::fold::{Fold, corrections};
    #[pymodule_export]
    use crate::instant::{to_instant, to_ns};
    #[pymodule_export]
    use crate::names::parse_names;
    #[pymodule_export]
    use crate::records::{EventReader, Records, read_events};
    #[pymodule_export]
    use crate::report_sums::ReportSums;
    #[pymodule_export]
    use crate::scrubber::Scrubber;
    #[pymodule_export]
    use crate::shown::shown;
    #[pymodule_export]
    use crate::webhook::{
        advise_webhook, explain_webhook, parse_webhook, receive_into, receive_webhook,
        sign_webhook, verify_webhook,
    };
}
