//! Enums of words: each variant has one text, the same in data, in messages and in every language.

use std::fmt;

/// Why a text can't be parsed as an enum of words, such as [`RollUp`](crate::report::RollUp).
///
/// The message lists the words, and does not hold the text.
///
/// ```
/// use agentfold::report::RollUp;
///
/// let unknown = "team".parse::<RollUp>().expect_err("no such word");
/// assert_eq!(unknown.to_string(), "must be `agent`, `channel`, `account`, `group` or `group_split`");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownWord {
    words: &'static [&'static str],
}

impl UnknownWord {
    pub(crate) fn new(words: &'static [&'static str]) -> UnknownWord {
        UnknownWord { words }
    }
}

impl fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("must be ")?;
        listed(f, self.words, "or")
    }
}

impl std::error::Error for UnknownWord {}

/// Writes words as a sentence has them: `a`, `b` or `c`.
pub(crate) fn listed(f: &mut impl fmt::Write, words: &[&str], before_last: &str) -> fmt::Result {
    for (place, word) in words.iter().enumerate() {
        match place {
            0 => {}
            _ if place + 1 == words.len() => write!(f, " {before_last} ")?,
            _ => f.write_str(", ")?,
        }
        write!(f, "`{word}`")?;
    }
    Ok(())
}

/// Declares an enum of words, or gives one its texts: `as_str`, `Display`, `FromStr` and serde both ways.
macro_rules! words {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $($(#[$about:meta])* $variant:ident = $text:literal,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub enum $name {
            $(
                $(#[$about])*
                #[cfg_attr(feature = "schema", schemars(rename = $text))]
                $variant,
            )+
        }

        impl $name {
            /// All of them, in their order.
            pub const ALL: &[$name] = &[$($name::$variant,)+];
        }

        crate::word::words!(impl $name { $($variant = $text,)+ });
    };
    (impl $name:ident { $($variant:ident = $text:literal,)+ }) => {
        impl $name {
            const WORDS: &[&str] = &[$($text,)+];

            /// The word for it, as it stands in data.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text,)+ }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = crate::UnknownWord;

            fn from_str(text: &str) -> Result<$name, crate::UnknownWord> {
                match text {
                    $($text => Ok($name::$variant),)+
                    _ => Err(crate::UnknownWord::new($name::WORDS)),
                }
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<$name, D::Error> {
                let text = ::std::borrow::Cow::<str>::deserialize(deserializer)?;
                text.parse().map_err(|_| ::serde::de::Error::unknown_variant(&text, $name::WORDS))
            }
        }
    };
}

pub(crate) use words;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::alert::{AlertKind, MessageForm, Turn};
    use crate::event::InstantFrom;
    use crate::export::{BadQueryCode, Endpoint, NoteCode, PauseReason, RefusalCode, Unit};
    use crate::floor::Doubt;
    use crate::history::Basis;
    use crate::report::RollUp;
    use crate::webhook::{FlawCode, Handled};
    use crate::{Code, ErrorKind, Limit, Severity};

    #[test]
    fn every_word_reads_back_from_text_and_from_data() {
        macro_rules! reads_back {
            ($($name:ident)+) => {$(
                for word in $name::ALL.iter().copied() {
                    assert_eq!(word.to_string().parse(), Ok(word));
                    assert_eq!(json!(word), json!(word.as_str()));
                    assert_eq!(serde_json::from_value::<$name>(json!(word)).ok(), Some(word));
                }
                assert!("another".parse::<$name>().is_err());
            )+};
        }
        reads_back!(BadQueryCode Basis Code Doubt Endpoint ErrorKind FlawCode Handled InstantFrom);
        reads_back!(AlertKind Limit MessageForm Turn);
        reads_back!(NoteCode PauseReason RefusalCode RollUp Severity Unit);
    }
}
