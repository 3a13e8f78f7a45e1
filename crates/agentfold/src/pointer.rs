//! Tokens of JSON Pointers (RFC 6901).

use std::borrow::Cow;

/// A key as a token of a JSON Pointer.
pub(crate) fn escape(key: &str) -> Cow<'_, str> {
    if !key.contains(['~', '/']) {
        return Cow::Borrowed(key);
    }
    Cow::Owned(key.replace('~', "~0").replace('/', "~1"))
}

/// The key that a token of a JSON Pointer stands for.
pub(crate) fn unescape(token: &str) -> Cow<'_, str> {
    if !token.contains('~') {
        return Cow::Borrowed(token);
    }
    Cow::Owned(token.replace("~1", "/").replace("~0", "~"))
}

/// A JSON Pointer as the pointer of its parent and its last token; the whole has neither.
pub(crate) fn split(pointer: &str) -> (&str, &str) {
    pointer.rsplit_once('/').unwrap_or(("", pointer))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    proptest! {
        #[test]
        fn a_pointer_of_an_escaped_key_finds_it(key in "[~/01a]{0,8}|.{0,4}") {
            let pointer = format!("/a/{}", escape(&key));
            let value = json!({ "a": { key.as_str(): 1 } });
            prop_assert_eq!(value.pointer(&pointer), Some(&json!(1)), "{}", pointer);
            let (parent, token) = split(&pointer);
            prop_assert_eq!((parent, &*unescape(token)), ("/a", key.as_str()));
        }
    }
}
