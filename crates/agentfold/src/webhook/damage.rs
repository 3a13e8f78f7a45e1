//! What other programs do to a body before it is verified, and how to undo it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_PAD_INDIFFERENT, URL_SAFE_PAD_INDIFFERENT};

use super::flaw::{BODY, Flaw, FlawCode};
use crate::read::parts::{self, items, members, whole};

/// What one mistake did to a body: the bytes before it, and the mistake.
pub(super) struct Undone {
    pub(super) bytes: Vec<u8>,
    pub(super) flaw: Flaw,
}

/// The bytes that a body may have been before one mistake: distinct ones that differ from the body.
pub(super) fn undone(body: &[u8]) -> Vec<Undone> {
    let mut all: Vec<Undone> = Vec::new();
    let mut add = |bytes: Option<Vec<u8>>, code, message: &str| {
        let is_new = |bytes: &Vec<u8>| {
            !bytes.is_empty()
                && bytes != body.trim_ascii()
                && all.iter().all(|known: &Undone| known.bytes != *bytes)
        };
        if let Some(bytes) = bytes.filter(is_new) {
            all.push(Undone { bytes, flaw: Flaw::new(code, BODY, message) });
        }
    };
    let mark = "the body has a byte order mark before it: verify the bytes as received";
    add(body.strip_prefix(MARK).map(<[u8]>::to_vec), FlawCode::ByteOrderMark, mark);
    for bytes in other_charsets(body) {
        let charset = "the body was decoded in the wrong character set and encoded again: verify \
                       the bytes as received";
        add(bytes, FlawCode::WrongCharset, charset);
    }
    let Ok(text) = str::from_utf8(body) else {
        return all;
    };
    let text = text.trim();
    let base64 = "the body is encoded in base64: decode it before you verify it";
    add(from_base64(text), FlawCode::Base64Body, base64);
    for bytes in [quoted(text), escaped(text)] {
        let quoted = "the body is a JSON string that contains the body: verify the bytes as \
                      received, before anything quotes them";
        add(bytes, FlawCode::QuotedBody, quoted);
    }
    add(
        from_hex(text),
        FlawCode::EncodedBody,
        "the body is in hexadecimal digits: decode it first",
    );
    for bytes in from_form(text) {
        let form = "the body is URL-encoded, as in a form: verify the bytes as received";
        add(bytes, FlawCode::EncodedBody, form);
    }
    let html = "the body has escapes of HTML, such as `&quot;`: verify the bytes as received";
    add(from_html(text), FlawCode::EncodedBody, html);
    for bytes in [from_numbers(text), from_literal(text)] {
        let printed = "the body is a text that shows bytes, such as `b'{'` or a list of numbers: \
                       verify the bytes themselves";
        add(bytes, FlawCode::EncodedBody, printed);
    }
    all
}

/// What a body that nothing can be undone in looks like. Only a guess.
pub(super) fn likely(body: &[u8]) -> Option<Flaw> {
    let flaw = |code, message: &str| Some(Flaw::new(code, BODY, message));
    if body.trim_ascii().is_empty() {
        let message = "the body is empty: something read it before, such as a body parser";
        return flaw(FlawCode::EmptyBody, message);
    }
    if is_compressed(body) || undone(body).iter().any(|undone| is_compressed(&undone.bytes)) {
        let message = "the body is compressed, and Zendesk signs the uncompressed bytes: \
                       uncompress it before you verify it";
        return flaw(FlawCode::CompressedBody, message);
    }
    let lost = "the body has characters of the wrong character set, and some were lost: verify the \
                bytes as received";
    let Ok(text) = str::from_utf8(body) else {
        return flaw(FlawCode::WrongCharset, lost);
    };
    if is_printed(text.trim()) {
        let message = "the body is what a parsed object prints as, such as `[object Object]`: \
                       verify the bytes as received, before anything parses them";
        return flaw(FlawCode::ParsedBody, message);
    }
    if whole(text).is_err() {
        let message = "the body is not JSON, so it is not what Zendesk sent: it was cut off or \
                       changed, or is of another request";
        return flaw(FlawCode::NoJson, message);
    }
    if text.contains(char::REPLACEMENT_CHARACTER) || text.contains("\\ufffd") {
        return flaw(FlawCode::WrongCharset, lost);
    }
    is_decomposed(text).then(|| {
        let message = "the body has accents as characters of their own, so it was probably \
                       normalised (NFD): verify the bytes as received";
        Flaw::new(FlawCode::NormalisedBody, BODY, message)
    })
}

const MARK: &[u8] = "\u{feff}".as_bytes();

/// The characters of windows-1252 for the bytes from 0x80 to 0x9f. Bytes without one are control
/// characters, as browsers read them.
const WINDOWS: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// The body if it was UTF-8 that was read as windows-1252, or Latin-1, and written as UTF-8; if it was
/// written in one of these; and if it was written as UTF-16.
fn other_charsets(body: &[u8]) -> Vec<Option<Vec<u8>>> {
    if let Some(utf16) = from_utf16(body) {
        return vec![Some(utf16)];
    }
    let Ok(text) = str::from_utf8(body) else {
        let windows = |byte: &u8| match byte {
            0x80..=0x9f => WINDOWS[usize::from(byte - 0x80)],
            _ => char::from(*byte),
        };
        let read = |char: &dyn Fn(&u8) -> char| body.iter().map(char).collect::<String>();
        return vec![
            Some(read(&windows).into_bytes()),
            Some(read(&|byte| char::from(*byte)).into_bytes()),
        ];
    };
    let byte = |char: char| {
        let windows = WINDOWS.iter().zip(0x80..).find(|(known, _)| **known == char);
        u8::try_from(char).ok().or(windows.map(|(_, byte)| byte))
    };
    vec![text.chars().map(byte).collect()]
}

fn from_utf16(body: &[u8]) -> Option<Vec<u8>> {
    let (pairs, []) = body.as_chunks::<2>() else {
        return None;
    };
    let unit: fn([u8; 2]) -> u16 = match pairs.first()? {
        [0xff, 0xfe] | [0x01..=0xff, 0] => u16::from_le_bytes,
        [0xfe, 0xff] | [0, 0x01..=0xff] => u16::from_be_bytes,
        _ => return None,
    };
    let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
    let text = String::from_utf16(&units).ok()?;
    Some(text.trim_start_matches('\u{feff}').as_bytes().to_vec())
}

fn from_base64(text: &str) -> Option<Vec<u8>> {
    let text = match text.split_once(";base64,") {
        Some((kind, rest)) if kind.starts_with("data:") => rest,
        _ => text,
    };
    let text = text.trim_matches('"');
    let text: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let engines = [&STANDARD_PAD_INDIFFERENT, &URL_SAFE_PAD_INDIFFERENT];
    engines.iter().find_map(|engine| engine.decode(&text).ok())
}

/// The content of a JSON string, or of a text between other quotes.
fn quoted(text: &str) -> Option<Vec<u8>> {
    if let Some(text) = parts::text(text) {
        return Some(text.into_owned().into_bytes());
    }
    let inner = ['"', '\'', '`']
        .iter()
        .find_map(|quote| text.strip_prefix(*quote).and_then(|text| text.strip_suffix(*quote)));
    inner.map(|inner| inner.as_bytes().to_vec())
}

/// The content of a JSON string that has lost its quotes.
fn escaped(text: &str) -> Option<Vec<u8>> {
    let text = text.contains("\\\"").then(|| format!("\"{text}\""))?;
    Some(parts::text(&text)?.into_owned().into_bytes())
}

pub(super) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
        return None;
    };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let byte = |[high, low]: &[u8; 2]| u8::try_from(digit(*high)? * 16 + digit(*low)?).ok();
    pairs.iter().map(byte).collect()
}

/// The bytes of a URL-encoded text, and of the first key or value of a form.
fn from_form(text: &str) -> Vec<Option<Vec<u8>>> {
    let is_name =
        |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let value = text.split_once('=').filter(|(name, _)| is_name(name)).map(|(_, value)| value);
    let mut all = Vec::new();
    for text in [Some(text), text.strip_suffix('='), value].into_iter().flatten() {
        all.push(Some(text.as_bytes().to_vec()));
        all.push(from_percent(text));
        all.push(from_percent(&text.replace('+', " ")));
    }
    all
}

/// The bytes of a text with `%` and two hexadecimal digits for some of them.
pub(super) fn from_percent(text: &str) -> Option<Vec<u8>> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        bytes.extend(from_hex(digits)?);
        bytes.extend(rest.as_bytes());
    }
    Some(bytes)
}

fn from_html(text: &str) -> Option<Vec<u8>> {
    let escapes = [
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#x22;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ];
    let read = |text: Cow<'_, str>, (escape, char)| text.replace(escape, char).into();
    Some(escapes.into_iter().fold(text.into(), read).into_owned().into_bytes())
}

/// The bytes of a list of numbers: as JSON, as `toString` writes it, or as Node writes a `Buffer`.
fn from_numbers(text: &str) -> Option<Vec<u8>> {
    let byte = |json: &str| json.parse().ok();
    let bytes = |list: &str| items(list)?.into_iter().map(byte).collect();
    let listed = format!("[{text}]");
    let json = whole(text).or_else(|_| whole(&listed)).ok()?;
    let Some(members) = members(json) else {
        return bytes(json);
    };
    let fields: BTreeMap<_, _> = members.into_iter().collect();
    let data = fields.get("data").filter(|data| data.starts_with('['));
    data.map_or_else(
        || (0..fields.len()).map(|i| byte(fields.get(&*i.to_string())?)).collect(),
        |data| bytes(data),
    )
}

/// The bytes of Python's literal `b'…'`.
fn from_literal(text: &str) -> Option<Vec<u8>> {
    let text = text.strip_prefix("bytearray(").map_or(text, |text| text.trim_end_matches(')'));
    let text = text.strip_prefix('b')?;
    let inner = ['\'', '"']
        .iter()
        .find_map(|quote| text.strip_prefix(*quote).and_then(|text| text.strip_suffix(*quote)))?;
    let (mut bytes, mut rest) = (Vec::new(), inner.bytes());
    while let Some(byte) = rest.next() {
        bytes.push(match (byte, byte == b'\\') {
            (byte, false) => byte,
            (_, true) => match rest.next()? {
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                b'x' => {
                    let digits = [rest.next()?, rest.next()?];
                    *from_hex(str::from_utf8(&digits).ok()?)?.first()?
                }
                other => other,
            },
        });
    }
    Some(bytes)
}

/// Whether bytes begin as gzip, zlib or zstd do, also after they were decoded as UTF-8.
fn is_compressed(bytes: &[u8]) -> bool {
    let starts: [&[u8]; 7] = [
        b"\x1f\x8b",
        b"\x1f\xef\xbf\xbd\x08",
        b"\x78\x01",
        b"\x78\x5e",
        b"\x78\x9c",
        b"\x78\xda",
        b"\x28\xb5\x2f\xfd",
    ];
    starts.iter().any(|start| bytes.starts_with(start))
}

/// Whether a text is what programs print for a parsed object.
fn is_printed(text: &str) -> bool {
    let starts = [
        "[object ",
        "{'",
        "[{'",
        "{:",
        "{\"account_id\"=>",
        "map[",
        "<Buffer ",
        "<class ",
        "OrderedDict(",
        "Array",
        "{account_id",
        "{ account_id",
        "{detail",
        "{ detail",
        "undefined",
        "null",
        "None",
    ];
    starts.iter().any(|start| text.starts_with(start))
        || text.contains("\"=>")
        || text.contains("\" => ")
}

/// Whether a text has letters with combining marks that Unicode has as one character.
fn is_decomposed(text: &str) -> bool {
    let mut last = ' ';
    text.chars().any(|char| {
        let base = std::mem::replace(&mut last, char);
        match char {
            '\u{300}'..='\u{36f}' => base.is_ascii_alphabetic() || !base.is_ascii(),
            '\u{3099}' | '\u{309a}' => true,
            // The vowels of Korean syllables.
            '\u{1161}'..='\u{1175}' => true,
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "{\"name\":\"Zoë €\"}";

    /// Whether undoing one or two mistakes gives the body.
    fn is_undone(body: &[u8]) -> bool {
        let first = undone(body);
        let second = first.iter().flat_map(|first| undone(&first.bytes));
        let mut all =
            first.iter().map(|first| first.bytes.clone()).chain(second.map(|it| it.bytes));
        all.any(|bytes| bytes == BODY.as_bytes())
    }

    #[test]
    fn what_was_undone_is_new_and_told_once() {
        for body in ["", " ", "7b7d", "e30=", "a=b", "pay_load=%7B%7D", "pay-load=%7B%7D", BODY] {
            let all: Vec<Vec<u8>> =
                undone(body.as_bytes()).into_iter().map(|undone| undone.bytes).collect();
            let distinct: std::collections::BTreeSet<&Vec<u8>> = all.iter().collect();
            assert_eq!(distinct.len(), all.len(), "{body}");
            assert!(
                all.iter().all(|bytes| !bytes.is_empty() && bytes != body.trim().as_bytes()),
                "{body}"
            );
            // A name of a form has letters, digits and `_`.
            assert_eq!(
                all.contains(&b"{}".to_vec()),
                ["7b7d", "e30=", "pay_load=%7B%7D"].contains(&body),
                "{body}"
            );
        }
    }

    #[test]
    fn what_other_programs_did_is_undone() {
        let windows = |text: &str| -> String {
            text.bytes()
                .map(|byte| match byte {
                    0x80..=0x9f => WINDOWS[usize::from(byte - 0x80)],
                    _ => char::from(byte),
                })
                .collect()
        };
        let numbers: Vec<String> = BODY.bytes().map(|byte| byte.to_string()).collect();
        let fields: Vec<String> =
            BODY.bytes().enumerate().map(|(i, b)| format!("\"{i}\":{b}")).collect();
        let utf16: Vec<u8> = BODY.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let percent: String = BODY.bytes().map(|byte| format!("%{byte:02x}")).collect();
        for body in [
            format!("\u{feff}{BODY}"),
            windows(BODY),
            windows(&windows(BODY)),
            BODY.bytes().map(char::from).collect(),
            "eyJuYW1lIjoiWm/DqyDigqwifQ==".to_owned(),
            "eyJuYW1lIjoiWm/DqyDigqwifQ\n".to_owned(),
            "data:application/json;base64,eyJuYW1lIjoiWm_DqyDigqwifQ".to_owned(),
            "\"eyJuYW1lIjoi\nWm/DqyDigqwifQ==\"".to_owned(),
            serde_json::to_string(BODY).expect("a string"),
            serde_json::to_string(&serde_json::to_string(BODY).expect("a string"))
                .expect("a string"),
            format!("'{BODY}'"),
            "{\\\"name\\\":\\\"Zo\\u00eb €\\\"}".to_owned(),
            BODY.bytes().map(|byte| format!("{byte:02X}")).collect(),
            percent.clone(),
            format!("payload={percent}"),
            format!("{BODY}="),
            "payload=%7B%22name%22%3A%22Zo%C3%AB+%E2%82%AC%22%7D".to_owned(),
            BODY.replace('"', "&quot;"),
            numbers.join(","),
            format!("[{}]", numbers.join(", ")),
            format!("{{\"type\":\"Buffer\",\"data\":[{}]}}", numbers.join(",")),
            format!("{{{}}}", fields.join(",")),
            "b'{\"name\":\"Zo\\xc3\\xab \\xe2\\x82\\xac\"}'".to_owned(),
            "bytearray(b'{\"name\":\"Zo\\xc3\\xab \\xe2\\x82\\xac\"}')".to_owned(),
        ] {
            assert!(is_undone(body.as_bytes()), "{body}");
        }
        assert!(is_undone(b"{\"name\":\"Zo\xeb \x80\"}"));
        assert!(is_undone(&utf16));
        assert!(is_undone(&[b"\xff\xfe", &utf16[..]].concat()));
    }

    #[test]
    fn what_cannot_be_undone_is_guessed() {
        let code = |body: &[u8]| likely(body).map(|flaw| flaw.code.as_str());
        assert_eq!(code(b" \n"), Some("empty_body"));
        assert_eq!(code(b"\x1f\x8b\x08\x00"), Some("compressed_body"));
        assert_eq!(code(b"H4sIAAAAAAAAA6uu"), Some("compressed_body"));
        assert_eq!(code("\u{1f}\u{fffd}\u{8}".as_bytes()), Some("compressed_body"));
        assert_eq!(code(b"{\"a\":\"\xff\"}"), Some("wrong_charset"));
        assert_eq!(code("{\"a\":\"Zo\u{fffd}\"}".as_bytes()), Some("wrong_charset"));
        assert_eq!(code(b"[object Object]"), Some("parsed_body"));
        assert_eq!(code(b"{'account_id': 2}"), Some("parsed_body"));
        assert_eq!(code(b"{\"account_id\"=>2}"), Some("parsed_body"));
        assert_eq!(code(b"{\"account_id\":2"), Some("no_json"));
        assert_eq!(code("{\"a\":\"Zoe\u{308}\"}".as_bytes()), Some("normalised_body"));
        assert_eq!(
            code("{\"a\":\"\u{1112}\u{1161}\u{11ab}\"}".as_bytes()),
            Some("normalised_body")
        );
        assert_eq!(code("{\"a\":\"Zoë ก็ हिन्दी\"}".as_bytes()), None);
    }
}
