//! [`Csv`]: how text is written into cells of CSV.

use std::borrow::Cow;

use agentfold::Shown;
use agentfold::border::unevaluated;

/// How text of events is written into cells of CSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Csv {
    /// So that a spreadsheet runs nothing: what begins like a formula has an apostrophe before it, and
    /// what is not printable, but for line breaks, is shown as an escape.
    Safe,
    /// As it is.
    Exact,
}

impl Csv {
    /// How to write CSV, by the options `--csv` and `--exact`; `None` without CSV.
    pub(crate) fn of(csv: bool, exact: bool) -> Option<Csv> {
        csv.then_some(if exact { Csv::Exact } else { Csv::Safe })
    }

    /// The text in a cell.
    pub(crate) fn cell(self, text: &str) -> Cow<'_, str> {
        if self == Csv::Exact {
            return Cow::Borrowed(text);
        }
        let lines: Vec<String> = text.split('\n').map(|line| Shown(line).to_string()).collect();
        Cow::Owned(unevaluated(&lines.join("\n")).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_made_safe() {
        for (text, cell) in [
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            (" \"=1", "' \"=1"),
            ("'=1", "''=1"),
            ("＋1", "'＋1"),
            ("\t=1", "\\t=1"),
            ("\n=1", "'\n=1"),
            ("a\n=1", "a\n=1"),
            ("-", "'-"),
            ("away = lunch", "away = lunch"),
            ("12.5", "12.5"),
            ("a\u{1b}[2J", "a\\u{1b}[2J"),
        ] {
            assert_eq!(Csv::Safe.cell(text), cell);
            assert_eq!(Csv::Exact.cell(text), text);
        }
    }
}
