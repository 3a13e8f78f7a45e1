//! Serialises a JSON text as other programs would, to find which bytes were signed.

use std::fmt::Write;

use crate::read::json::is_space;
use crate::read::parts;

/// Where white space is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spacing {
    AsItIs,
    /// None: JavaScript, Go, Ruby.
    Compact,
    /// After commas and colons: Python.
    Spaced,
    /// One value a line, indented by two spaces for each open bracket.
    Lines,
}

/// How strings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Escapes {
    AsTheyAre,
    /// Only the characters that must be.
    Few,
    /// All characters outside ASCII: Python, PHP.
    NotAscii,
    /// The characters that are special in HTML: Rails, Go.
    Html,
}

/// The body as other programs would have written it: distinct spellings that differ from the body.
///
/// The order of keys and the spelling of numbers are kept.
pub(super) fn spellings(body: &[u8], max_depth: usize) -> Vec<Vec<u8>> {
    let mut spellings = vec![body.trim_ascii().to_vec(), [body.trim_ascii(), b"\n"].concat()];
    if let Ok(text) = str::from_utf8(body) {
        let lines = text.replace("\r\n", "\n");
        for end in ["\n", "\r\n", "\r", ""] {
            spellings.push(lines.replace('\n', end).into_bytes());
        }
        for spacing in [Spacing::AsItIs, Spacing::Compact, Spacing::Spaced, Spacing::Lines] {
            for escapes in [Escapes::AsTheyAre, Escapes::Few, Escapes::NotAscii, Escapes::Html] {
                let spelled = spell(text, spacing, escapes, max_depth);
                spellings.extend(spelled.map(String::into_bytes));
            }
        }
    }
    spellings.sort();
    spellings.dedup();
    spellings.retain(|spelling| spelling != body);
    spellings
}

fn spell(text: &str, spacing: Spacing, escapes: Escapes, max_depth: usize) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let (mut rest, mut depth) = (text, 0_usize);
    while let Some(first) = rest.chars().next() {
        let length = if first == '"' { string_length(rest)? } else { first.len_utf8() };
        let (token, after) = rest.split_at(length);
        rest = after;
        if first == '"' {
            string(&mut out, token, escapes);
            continue;
        }
        if spacing == Spacing::AsItIs {
            out.push(first);
            continue;
        }
        if first.is_ascii() && is_space(first as u8) {
            continue;
        }
        // A deeper text is not an event, and its indentation would be long.
        match first {
            '{' | '[' if depth == max_depth => return None,
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        let is_empty = out.ends_with(['{', '[']);
        if spacing == Spacing::Lines && matches!(first, '}' | ']') && !is_empty {
            line(&mut out, depth);
        }
        out.push(first);
        let closes_next = rest.trim_start().starts_with(['}', ']']);
        match (spacing, first) {
            (Spacing::Spaced, ',' | ':') | (Spacing::Lines, ':') => out.push(' '),
            (Spacing::Lines, ',') => line(&mut out, depth),
            (Spacing::Lines, '{' | '[') if !closes_next => line(&mut out, depth),
            _ => {}
        }
    }
    Some(out)
}

fn line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}

/// The length of the string at the beginning of a text, with its quotes.
fn string_length(text: &str) -> Option<usize> {
    let mut bytes = text.bytes().enumerate().skip(1);
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' => drop(bytes.next()),
            b'"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

fn string(out: &mut String, token: &str, escapes: Escapes) {
    let value = match escapes {
        Escapes::AsTheyAre => None,
        _ => parts::text(token),
    };
    let few = value.and_then(|value| serde_json::to_string(&value).ok());
    for char in few.as_deref().unwrap_or(token).chars() {
        let is_escaped = match escapes {
            Escapes::AsTheyAre | Escapes::Few => false,
            Escapes::NotAscii => !char.is_ascii(),
            Escapes::Html => matches!(char, '<' | '>' | '&' | '\u{2028}' | '\u{2029}'),
        };
        if !is_escaped {
            out.push(char);
            continue;
        }
        for unit in char.encode_utf16(&mut [0; 2]) {
            write!(out, "\\u{unit:04x}").expect("strings take all text");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(text: &str, spacing: Spacing, escapes: Escapes) -> String {
        spell(text, spacing, escapes, 64).expect("JSON")
    }

    #[test]
    fn spaces_stand_where_other_programs_put_them() {
        let text = r#"{"a": [1.0,  {}], "b":{"c, d":"\"x\": "} , "e":[ ], "f":"\", x"}"#;
        let spaced = |spacing| spelled(text, spacing, Escapes::AsTheyAre);
        assert_eq!(spaced(Spacing::AsItIs), text);
        assert_eq!(
            spaced(Spacing::Compact),
            r#"{"a":[1.0,{}],"b":{"c, d":"\"x\": "},"e":[],"f":"\", x"}"#
        );
        assert_eq!(
            spaced(Spacing::Spaced),
            r#"{"a": [1.0, {}], "b": {"c, d": "\"x\": "}, "e": [], "f": "\", x"}"#
        );
        let value: serde_json::Value = serde_json::from_str(text).expect("JSON");
        let pretty = serde_json::to_string_pretty(&value).expect("JSON");
        assert_eq!(spaced(Spacing::Lines), pretty);
    }

    #[test]
    fn strings_are_escaped_as_other_programs_do() {
        let text = r#"["\u00e9\/<&\n", "😀\ud800"]"#;
        let escaped = |escapes| spelled(text, Spacing::Compact, escapes);
        assert_eq!(escaped(Escapes::AsTheyAre), r#"["\u00e9\/<&\n","😀\ud800"]"#);
        assert_eq!(escaped(Escapes::Few), r#"["é/<&\n","😀\ud800"]"#);
        assert_eq!(escaped(Escapes::NotAscii), r#"["\u00e9/<&\n","\ud83d\ude00\ud800"]"#);
        assert_eq!(escaped(Escapes::Html), r#"["é/\u003c\u0026\n","😀\ud800"]"#);
    }

    #[test]
    fn what_is_nested_deeper_than_allowed_is_not_spelled() {
        let deep = "[".repeat(1_000_000);
        assert_eq!(spell(&deep, Spacing::Lines, Escapes::AsTheyAre, 64), None);
    }
}
