//! The comparison of a report with an earlier one.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use agentfold::report::{Correction, Row, corrections};

use super::{Report, ReportArgs, tables};
use crate::failure::Failure;
use crate::input;
use crate::output::{Output, tell};

/// How many bytes a row may have.
const ROW: u64 = 1 << 20;

/// Reads a report from its JSON lines.
pub(super) fn read(file: &Path) -> Result<Vec<Row>, Failure> {
    let name = file.display();
    let wrong = |error| Failure::WrongUse(format!("cannot read {name}: {error}"));
    let mut rows = Vec::new();
    let mut lines = BufReader::new(input::open(file).map_err(wrong)?);
    for number in 1.. {
        let mut line = Vec::new();
        if lines.by_ref().take(ROW + 1).read_until(b'\n', &mut line).map_err(wrong)? == 0 {
            break;
        }
        if line.len() as u64 > ROW {
            let most = ROW >> 20;
            return Err(Failure::WrongUse(format!(
                "{name}:{number}: not a row of a report: longer than {most} MiB"
            )));
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        rows.push(serde_json::from_slice(&line).map_err(|error| {
            Failure::WrongUse(format!(
                "{name}:{}: not a row of a report: {error}; save a report with `agentfold report ... > {name}`",
                number
            ))
        })?);
    }
    Ok(rows)
}

/// Prints the rows that differ, as before and after.
pub(super) fn print(
    before: &[Row],
    report: &Report,
    args: &ReportArgs,
    output: &mut Output,
) -> Result<(), Failure> {
    let before: Vec<Row> = before.iter().filter(|row| report.takes(row)).cloned().collect();
    let after: Vec<Row> = report.rows().collect();
    let corrections = corrections(&before, &after).map_err(|error| {
        Failure::WrongUse(format!(
            "cannot compare with the earlier report: {error}: give the same --from, --to, --every, --tz and \
             --boundaries"
        ))
    })?;
    if args.table && !corrections.is_empty() {
        output.line(&tables::corrections(&corrections, report.names.as_ref(), args.tz))?;
    }
    if !args.table {
        for correction in &corrections {
            output.json(correction)?;
        }
    }
    output.flush()?;
    let gone = |correction: &&Correction| correction.after.is_none();
    let rows = after.len() + corrections.iter().filter(gone).count();
    tell(&format!("{} of {rows} rows differ", corrections.len()));
    Ok(())
}
