//! [`unevaluated`]: text in a cell of a spreadsheet.

use std::borrow::Cow;

/// What a formula begins with, in a spreadsheet of any language.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// Text for a cell of CSV. What begins like a formula gets an apostrophe, which spreadsheets take as the sign of
/// text.
///
/// ```
/// use agentfold::border::unevaluated;
///
/// assert_eq!(unevaluated("away = lunch"), "away = lunch");
/// assert_eq!(unevaluated("=1+1"), "'=1+1");
/// assert_eq!(unevaluated("\t\"＝1"), "'\t\"＝1");
/// ```
pub fn unevaluated(text: &str) -> Cow<'_, str> {
    // Spreadsheets skip spaces and quotes before a formula.
    let is_skipped = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '\u{feff}');
    match text.trim_start_matches(is_skipped).starts_with(FORMULA) {
        true => Cow::Owned(format!("'{text}")),
        false => Cow::Borrowed(text),
    }
}
