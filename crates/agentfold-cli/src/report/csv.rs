//! A report as CSV: rows of one kind, durations in seconds.

use std::collections::{BTreeMap, BTreeSet};

use super::Report;
use super::columns::{self, Extra, Field};
use crate::failure::Failure;
use crate::output::{Output, seconds};
use crate::spreadsheet::Csv;
use crate::zone::Zone;

/// Prints the rows of the one requested kind.
pub(super) fn print(
    report: &Report,
    zone: Zone,
    how: Csv,
    output: &mut Output,
) -> Result<(), Failure> {
    let kind = report.kinds[0];
    // The extra columns are known only after all rows: compute the rows twice rather than keep
    // them.
    let extras: BTreeSet<Extra> =
        report.rows().flat_map(|row| columns::fields(&row).1).map(|(extra, _)| extra).collect();
    let mut csv = csv::Writer::from_writer(output);
    let told = report.names.as_ref();
    let about = columns::about(report.by, kind, told);
    let names = about.iter().map(|(name, _)| *name).chain(columns::names(kind));
    let names = names.map(str::to_owned).chain(extras.iter().map(Extra::to_string));
    csv.write_record(names.map(|name| how.cell(&name).into_owned()))?;
    for row in report.rows() {
        let (fixed, of_row) = columns::fields(&row);
        let of_row: BTreeMap<Extra, Field> = of_row.into_iter().collect();
        let of_row = extras.iter().map(|e| of_row.get(e).cloned().unwrap_or_else(|| e.none()));
        let fields = about.iter().map(|(_, field)| field(row.about(), told));
        let fields = fields.chain(fixed).chain(of_row);
        csv.write_record(fields.map(|field| match field {
            Field::Text(text) => how.cell(&text).into_owned(),
            ours => ours.exact(zone),
        }))?;
    }
    Ok(csv.flush()?)
}

impl Field {
    /// The value as text, at full precision; durations in seconds.
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
