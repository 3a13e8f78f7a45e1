//! The parts of a JSON value: an object's members, a list's elements, a string's text.

use std::borrow::Cow;

use super::json::{Stop, skip_key, skip_space, skip_string};
use super::walk::skip_value;

/// Returns a text that is one value, without the white space around it.
///
/// # Errors
/// Where the text stops being one value.
pub(crate) fn whole(text: &str) -> Result<&str, Stop> {
    let bytes = text.as_bytes();
    let (from, to) = (skip_space(bytes, 0), skip_value(bytes, 0)?);
    match skip_space(bytes, to) {
        end if end == bytes.len() => Ok(&text[from..to]),
        end => Err(Stop::Broken(end)),
    }
}

/// The members of an object in order, with repeated keys; `None` if the value is not an object, or a
/// key is not a text.
pub(crate) fn members(json: &str) -> Option<Vec<(Cow<'_, str>, &str)>> {
    let mut members = Vec::new();
    each(json, b'{', |bytes, from| {
        let value = skip_key(bytes, from).ok()?;
        let key = quoted(&json[from..skip_string(bytes, from).ok()?])?;
        let (from, to) = (skip_space(bytes, value), skip_value(bytes, value).ok()?);
        members.push((key, &json[from..to]));
        Some(to)
    })?;
    Some(members)
}

/// The elements of a list; `None` if the value is not a list.
pub(crate) fn items(json: &str) -> Option<Vec<&str>> {
    let mut items = Vec::new();
    each(json, b'[', |bytes, from| {
        let to = skip_value(bytes, from).ok()?;
        items.push(&json[from..to]);
        Some(to)
    })?;
    Some(items)
}

/// Steps through the parts between the brackets of a value. `part` takes where a part begins and
/// returns where it ends.
fn each(json: &str, open: u8, mut part: impl FnMut(&[u8], usize) -> Option<usize>) -> Option<()> {
    let bytes = json.as_bytes();
    // In ASCII, each closing bracket is two after its opening one.
    let close = open + 2;
    let mut at = skip_space(bytes, 0);
    (*bytes.get(at)? == open).then_some(())?;
    at = skip_space(bytes, at + 1);
    if *bytes.get(at)? == close {
        return Some(());
    }
    loop {
        at = skip_space(bytes, part(bytes, at)?);
        match *bytes.get(at)? {
            b',' => at = skip_space(bytes, at + 1),
            found => return (found == close).then_some(()),
        }
    }
}

/// The text of a string, borrowed if it has no escapes; `None` if the value is not a string, or holds
/// half of a surrogate pair.
pub(crate) fn text(json: &str) -> Option<Cow<'_, str>> {
    quoted(whole(json).ok()?)
}

/// The same for a value that is known to be JSON.
fn quoted(json: &str) -> Option<Cow<'_, str>> {
    unescaped(json.strip_prefix('"')?.strip_suffix('"')?)
}

/// The text that stands between the quotes of a string.
pub(crate) fn unescaped(raw: &str) -> Option<Cow<'_, str>> {
    if !raw.contains('\\') {
        return Some(Cow::Borrowed(raw));
    }
    let mut text = String::with_capacity(raw.len());
    unescape(raw, &mut text)?;
    Some(Cow::Owned(text))
}

/// Adds the text that stands between the quotes of a string.
pub(crate) fn unescape(mut rest: &str, text: &mut String) -> Option<()> {
    while let Some(plain) = memchr::memchr(b'\\', rest.as_bytes()) {
        text.push_str(&rest[..plain]);
        let escaped = &rest[plain + 1..];
        let kind = escaped.chars().next()?;
        rest = &escaped[kind.len_utf8()..];
        text.push(match kind {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => match unit(&mut rest)? {
                first @ 0xd800..0xdc00 => {
                    rest = rest.strip_prefix("\\u")?;
                    char::decode_utf16([first, unit(&mut rest)?]).next()?.ok()?
                }
                unit => char::from_u32(u32::from(unit))?,
            },
            other => other,
        });
    }
    text.push_str(rest);
    Some(())
}

/// Removes four hexadecimal digits from the beginning of a text, and returns their UTF-16 unit.
fn unit(rest: &mut &str) -> Option<u16> {
    let (digits, after) = rest.split_at_checked(4)?;
    *rest = after;
    digits.chars().try_fold(0, |unit, digit| Some(unit << 4 | digit.to_digit(16)? as u16))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde_json::value::RawValue;

    use super::*;

    proptest! {
        #[test]
        fn a_string_is_what_serde_reads(
            json in r#" ?"(\\["\\/bfnrtux]|\\u[dD][89a-fA-F][0-9a-f]{2}|\\u[0-9a-fA-F]{3,4}|[a-zé𝄞"\t])*" ?|[0-9]"#,
        ) {
            let theirs: Option<String> = serde_json::from_str(&json).ok();
            prop_assert_eq!(text(&json).map(Cow::into_owned), theirs, "{}", json);
        }

        #[test]
        fn parts_are_what_serde_finds(
            json in r#" ?[\[{] ?("(a|b|\\n|\\ud800)" ?: ?)?(1|"x"|\{"c":\[\]\}|\[1, 2\]|-)? ?(, ?("(a|b)":)?(2|\[\]|null))? ?,?[\]}] ?x?"#,
        ) {
            let theirs: Option<Vec<&RawValue>> = serde_json::from_str(&json).ok();
            let theirs = theirs.map(|items| items.iter().map(|item| item.get()).collect::<Vec<_>>());
            let ours = whole(&json).ok().and_then(items);
            prop_assert_eq!(ours, theirs, "{}", json);

            let theirs: Option<BTreeMap<String, &RawValue>> = serde_json::from_str(&json).ok();
            let ours = whole(&json).ok().and_then(members);
            let ours: Option<BTreeMap<_, _>> = ours.map(|all| all.into_iter().collect());
            prop_assert_eq!(ours.is_some(), theirs.is_some(), "{}", json);
            for (key, value) in theirs.unwrap_or_default() {
                prop_assert_eq!(ours.as_ref().map(|ours| ours[&*key]), Some(value.get()));
            }
        }
    }
}
