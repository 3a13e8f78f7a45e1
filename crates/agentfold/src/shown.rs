//! [`Shown`]: text of events as people may read it.

use std::fmt::{self, Display, Write};

/// A text from events, file names or arguments, as people may read it on a terminal or in a picture:
/// characters that control a terminal, change the direction of text or take no space are shown as
/// escapes.
///
/// All messages of this crate show text in this way. Data keeps it as it is.
///
/// ```
/// use agentfold::Shown;
///
/// assert_eq!(Shown("Grüße, 東京").to_string(), "Grüße, 東京");
/// assert_eq!(Shown("a\u{1b}[31mb\nc\u{202e}").to_string(), r"a\u{1b}[31mb\nc\u{202e}");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Shown<T>(pub T);

impl<T: AsRef<str>> Display for Shown<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for char in self.0.as_ref().chars() {
            match char {
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                _ if is_shown_as_escape(char) => write!(f, "\\u{{{:x}}}", u32::from(char))?,
                _ => f.write_char(char)?,
            }
        }
        Ok(())
    }
}

/// Whether a character is shown as an escape: a control character, or one of format or separation that
/// can't be seen. (Unicode's categories Cc, Cf, Zl and Zp, and the tags.)
///
/// ```
/// assert!(['\u{9b}', '\u{200b}', '\u{2066}'].into_iter().all(agentfold::is_shown_as_escape));
/// assert!(!agentfold::is_shown_as_escape('é'));
/// ```
pub fn is_shown_as_escape(char: char) -> bool {
    matches!(
        char,
        '\0'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{ad}'
            | '\u{600}'..='\u{605}'
            | '\u{61c}'
            | '\u{6dd}'
            | '\u{70f}'
            | '\u{890}'..='\u{891}'
            | '\u{8e2}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{110bd}'
            | '\u{110cd}'
            | '\u{13430}'..='\u{1343f}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e007f}'
    )
}
