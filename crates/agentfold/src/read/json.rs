//! The grammar of JSON (RFC 8259), just far enough to find where a value ends.

use crate::swar;

/// Why the end of a value was not found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The bytes end within the value.
    Short,
    /// The bytes from this index on are not JSON.
    Broken(usize),
}

impl Stop {
    /// Says what is wrong with a text, and where.
    pub(crate) fn describe(self, text: &str) -> String {
        let Stop::Broken(at) = self else {
            return "not a JSON text: it ends too early".to_owned();
        };
        let before = &text.as_bytes()[..at];
        let line = before.split(|byte| *byte == b'\n').next_back().unwrap_or_default();
        let lines = before.iter().filter(|byte| **byte == b'\n').count();
        format!("not a JSON text: syntax error at line {}, byte {}", lines + 1, line.len() + 1)
    }
}

#[inline]
pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\t' | b'\r')
}

/// Where the white space at `at` ends.
pub(crate) fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at).is_some_and(|byte| is_space(*byte)) {
        at += 1;
    }
    at
}

/// Where the value at `at` ends. Does not check that its strings are UTF-8.
pub(crate) fn skip_value(bytes: &[u8], mut at: usize) -> Result<usize, Stop> {
    // The closing bytes of the open brackets.
    let mut open = Vec::new();
    loop {
        at = skip_space(bytes, at);
        at = match byte(bytes, at)? {
            b'{' if closes(bytes, at + 1, b'}')? => skip_space(bytes, at + 1) + 1,
            b'[' if closes(bytes, at + 1, b']')? => skip_space(bytes, at + 1) + 1,
            b'{' => {
                open.push(b'}');
                at = skip_key(bytes, at + 1)?;
                continue;
            }
            b'[' => {
                open.push(b']');
                at += 1;
                continue;
            }
            b'"' => skip_string(bytes, at)?,
            b'-' | b'0'..=b'9' => skip_number(bytes, at)?,
            b't' => skip_word(bytes, at, b"true")?,
            b'f' => skip_word(bytes, at, b"false")?,
            b'n' => skip_word(bytes, at, b"null")?,
            _ => return Err(Stop::Broken(at)),
        };
        loop {
            let Some(close) = open.last() else {
                return Ok(at);
            };
            at = skip_space(bytes, at);
            match byte(bytes, at)? {
                b',' if *close == b'}' => {
                    at = skip_key(bytes, at + 1)?;
                    break;
                }
                b',' => {
                    at += 1;
                    break;
                }
                found if found == *close => {
                    open.pop();
                    at += 1;
                }
                _ => return Err(Stop::Broken(at)),
            }
        }
    }
}

fn byte(bytes: &[u8], at: usize) -> Result<u8, Stop> {
    bytes.get(at).copied().ok_or(Stop::Short)
}

/// Whether the bracket that opened before `at` is empty.
fn closes(bytes: &[u8], at: usize, close: u8) -> Result<bool, Stop> {
    Ok(byte(bytes, skip_space(bytes, at))? == close)
}

/// Where the value after a key begins: past the key at `at` and its colon.
pub(crate) fn skip_key(bytes: &[u8], at: usize) -> Result<usize, Stop> {
    let at = skip_space(bytes, at);
    if byte(bytes, at)? != b'"' {
        return Err(Stop::Broken(at));
    }
    let at = skip_space(bytes, skip_string(bytes, at)?);
    if byte(bytes, at)? != b':' {
        return Err(Stop::Broken(at));
    }
    Ok(at + 1)
}

/// Where the string that opens at `at` ends.
pub(crate) fn skip_string(bytes: &[u8], at: usize) -> Result<usize, Stop> {
    let mut at = at + 1;
    loop {
        while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
            let count = swar::first_special(swar::word(*chunk));
            at += count;
            if count < 8 {
                break;
            }
        }
        match byte(bytes, at)? {
            b'"' => return Ok(at + 1),
            b'\\' => match byte(bytes, at + 1)? {
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => at += 2,
                b'u' => {
                    for i in at + 2..at + 6 {
                        if !byte(bytes, i)?.is_ascii_hexdigit() {
                            return Err(Stop::Broken(i));
                        }
                    }
                    at += 6;
                }
                _ => return Err(Stop::Broken(at)),
            },
            0..0x20 => return Err(Stop::Broken(at)),
            _ => at += 1,
        }
    }
}

/// Where the number at `at` ends. It may end with the bytes.
fn skip_number(bytes: &[u8], mut at: usize) -> Result<usize, Stop> {
    let digits = |mut at: usize| {
        let first = byte(bytes, at)?;
        if !first.is_ascii_digit() {
            return Err(Stop::Broken(at));
        }
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        Ok(at)
    };
    if bytes[at] == b'-' {
        at += 1;
    }
    let whole = at;
    at = digits(at)?;
    if bytes[whole] == b'0' && at > whole + 1 {
        return Err(Stop::Broken(whole));
    }
    if bytes.get(at) == Some(&b'.') {
        at = digits(at + 1)?;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        at += 1;
        if matches!(bytes.get(at), Some(b'+' | b'-')) {
            at += 1;
        }
        at = digits(at)?;
    }
    Ok(at)
}

fn skip_word(bytes: &[u8], at: usize, word: &[u8]) -> Result<usize, Stop> {
    let end = at + word.len();
    match bytes.get(at..end) {
        Some(found) if found == word => Ok(end),
        Some(_) => Err(Stop::Broken(at)),
        None if word.starts_with(&bytes[at..]) => Err(Stop::Short),
        None => Err(Stop::Broken(at)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::value::RawValue;

    use super::*;

    proptest! {
        #[test]
        fn a_value_ends_where_serde_says(
            text in r#"[\[\]{}:,"\\0-9eE+.\-a-f tru nl]{0,24}|(\[|\{"a":)?"(\\["\\/bfnrtu]|\\u[0-9a-fA-F]{2,4}|[a-z])*"[\]},]?|-?[0-9]{1,3}(\.[0-9]{0,2})?([eE][+-]?[0-9]{0,2})?"#,
        ) {
            let ours = skip_value(text.as_bytes(), 0);
            let mut theirs = serde_json::Deserializer::from_str(&text).into_iter::<&RawValue>();
            match theirs.next() {
                Some(Ok(value)) => {
                    let end = skip_space(text.as_bytes(), 0) + value.get().len();
                    prop_assert_eq!(ours, Ok(end), "{}", text);
                }
                // serde_json checks the four digits of an incomplete escape at once.
                Some(Err(error)) if error.is_eof() => {
                    prop_assert!(ours == Err(Stop::Short) || ours.is_err() && text.contains("\\u"), "{text}");
                }
                // There are two differences. serde_json calls an incomplete number invalid. It also
                // requires a delimiter after a value, which our callers check.
                Some(Err(error)) => match ours {
                    Err(Stop::Broken(_)) => {}
                    Err(Stop::Short) => prop_assert!(error.to_string().starts_with("invalid number"), "{text} {error}"),
                    Ok(_) => prop_assert!(error.to_string().starts_with("trailing"), "{text} {error}"),
                },
                None => prop_assert_eq!(ours, Err(Stop::Short)),
            }
        }
    }
}
