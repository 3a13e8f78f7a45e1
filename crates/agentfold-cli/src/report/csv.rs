//! A report as CSV: one kind of row, durations in seconds.

use std::collections::{BTreeMap, BTreeSet};

use super::Report;
use super::columns::{self, Extra, Field};
use crate::failure::Failure;
use crate::output::{Output, seconds};
use crate::zone::Zone;

/// Prints the rows of the one kind that is asked for.
pub(super) fn print(report: &Report, zone: Zone, output: &mut Output) -> Result<(), Failure> {
    let kind = report.kinds[0];
    // Which columns there are is known at the end: the rows are walked through twice, not kept.
    let extras: BTreeSet<Extra> =
        report.rows().flat_map(|row| columns::fields(&row).1).map(|(extra, _)| extra).collect();
    let mut csv = csv::Writer::from_writer(output);
    let fixed = columns::about_names(report.by, kind).iter().chain(columns::names(kind));
    let fixed = fixed.map(|name| (*name).to_owned());
    csv.write_record(fixed.chain(extras.iter().map(Extra::to_string)))?;
    for row in report.rows() {
        let (fixed, of_row) = columns::fields(&row);
        let of_row: BTreeMap<Extra, Field> = of_row.into_iter().collect();
        let of_row = extras.iter().map(|e| of_row.get(e).cloned().unwrap_or_else(|| e.none()));
        let fields = columns::about(&row).into_iter().chain(fixed).chain(of_row);
        csv.write_record(fields.map(|field| field.exact(zone)))?;
    }
    Ok(csv.flush()?)
}

impl Field {
    /// As text, with nothing lost; durations in seconds.
    pub(super) fn exact(&self, zone: Zone) -> String {
        match self {
            Field::Nothing => String::new(),
            Field::Text(text) => text.clone(),
            Field::Count(count) => count.to_string(),
            Field::At(at) => zone.rfc3339(*at),
            Field::Time(ns) => seconds(*ns),
            Field::Share(number) | Field::Average(number) => number.to_string(),
        }
    }
}
