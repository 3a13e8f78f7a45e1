//! [`Escaped`]: text in XML.

use std::fmt::{self, Display, Formatter, Write};

use agentfold::Shown;

/// A text as the content of an XML element: escapes special characters, and shows characters that XML
/// cannot contain, or that change the direction of text, as escapes. Line breaks stay.
pub(super) struct Escaped<T>(pub(super) T);

impl<T: AsRef<str>> Display for Escaped<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for char in self.0.as_ref().chars() {
            match char {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '\n' => f.write_char(char)?,
                '\u{fffe}' | '\u{ffff}' => f.write_char(char::REPLACEMENT_CHARACTER)?,
                _ => Shown(char.encode_utf8(&mut [0; 4])).fmt(f)?,
            }
        }
        Ok(())
    }
}

/// The approximate width of a text in a sans-serif font of a size.
pub(super) fn width(text: &str, size: f64) -> f64 {
    let em = |char| match char {
        'i' | 'j' | 'l' | 't' | 'f' | 'r' | ' ' | '.' | ',' | ':' | '\'' => 0.36,
        'm' | 'w' | 'M' | 'W' => 0.9,
        'A'..='Z' => 0.7,
        // Scripts with square characters.
        '\u{1100}'.. => 1.05,
        _ => 0.6,
    };
    text.chars().map(em).sum::<f64>() * size
}

/// A text, truncated if it is wider than `most`.
pub(super) fn fitted(text: &str, size: f64, most: f64) -> String {
    let text = Shown(text).to_string();
    if width(&text, size) <= most {
        return text;
    }
    let mut cut = text;
    while !cut.is_empty() && width(&cut, size) + size > most {
        cut.pop();
    }
    cut + "…"
}
