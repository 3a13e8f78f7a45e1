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

fn byte(bytes: &[u8], at: usize) -> Result<u8, Stop> {
    bytes.get(at).copied().ok_or(Stop::Short)
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
    rest_of_string(bytes, &mut at)?;
    Ok(at)
}

/// Steps from within a string to its end. If the bytes end in it, `at` is where to go on.
pub(crate) fn rest_of_string(bytes: &[u8], at: &mut usize) -> Result<(), Stop> {
    loop {
        while let Some(chunk) = bytes.get(*at..).and_then(<[u8]>::first_chunk::<8>) {
            let count = swar::first_special(swar::word(*chunk));
            *at += count;
            if count < 8 {
                break;
            }
        }
        match byte(bytes, *at)? {
            b'"' => {
                *at += 1;
                return Ok(());
            }
            b'\\' => match byte(bytes, *at + 1)? {
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => *at += 2,
                b'u' => {
                    for i in *at + 2..*at + 6 {
                        if !byte(bytes, i)?.is_ascii_hexdigit() {
                            return Err(Stop::Broken(i));
                        }
                    }
                    *at += 6;
                }
                _ => return Err(Stop::Broken(*at)),
            },
            0..0x20 => return Err(Stop::Broken(*at)),
            _ => *at += 1,
        }
    }
}

/// Where the number at `at` ends. It may end with the bytes.
pub(crate) fn skip_number(bytes: &[u8], mut at: usize) -> Result<usize, Stop> {
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

pub(crate) fn skip_word(bytes: &[u8], at: usize, word: &[u8]) -> Result<usize, Stop> {
    let end = at + word.len();
    match bytes.get(at..end) {
        Some(found) if found == word => Ok(end),
        Some(_) => Err(Stop::Broken(at)),
        None if word.starts_with(&bytes[at..]) => Err(Stop::Short),
        None => Err(Stop::Broken(at)),
    }
}
