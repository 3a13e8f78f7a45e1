//! [`Argument`]: an argument of a call, read as a type.

use std::time::Duration;

use serde::de::{Deserialize, DeserializeOwned, Deserializer};

use super::failure::Failure;
use super::given::Given;
use super::reader::{Reader, Wrong};
use crate::event::{Chat, Event};
use crate::stream::{Record, Records};
use crate::{Id, Instant, pointer, seconds};

/// An argument as plain data of the host language, such as an object of options.
///
/// Fields that are null, or the language's equivalent, count as missing. Every failure has the code
/// `bad_argument` and a path that begins with the argument's name.
///
/// ```
/// use agentfold::Options;
/// use agentfold::border::Argument;
///
/// let given = serde_json::json!({ "max_byts": 16 });
/// let failure = Argument::new("options", given)?.read::<Options>().expect_err("misspelt");
/// assert_eq!((failure.code(), failure.path()), ("bad_argument", "/options/max_byts"));
/// assert_eq!(failure.message(), "`max_byts` is not an option; did you mean `max_bytes`?");
///
/// let given = serde_json::json!({ "max_bytes": "16" });
/// let failure = Argument::new("options", given)?.read::<Options>().expect_err("a string");
/// assert_eq!(failure.path(), "/options/max_bytes");
/// assert_eq!(failure.message(), "`max_bytes` must be a whole number, 0 or more");
/// # Ok::<(), agentfold::border::Failure>(())
/// ```
#[derive(Debug)]
pub struct Argument {
    name: &'static str,
    given: Given,
    /// Known fields that the type does not have.
    beside: Vec<&'static str>,
}

impl Argument {
    /// Takes an argument and its name. With an empty name, its fields are the arguments, as for
    /// keyword arguments.
    ///
    /// # Errors
    /// `bad_argument` if it is not plain data.
    pub fn new<'de, D: Deserializer<'de>>(
        name: &'static str,
        given: D,
    ) -> Result<Argument, Failure> {
        let given = Given::deserialize(given).map_err(|_| Failure::argument(name))?;
        Ok(Argument { name, given, beside: Vec::new() })
    }

    /// Adds fields that the caller reads elsewhere. They are only used as suggestions for an unknown
    /// field.
    pub fn beside(mut self, fields: &[&'static str]) -> Argument {
        self.beside.extend(fields);
        self
    }

    /// Takes a field out, so that the rest can be read as a type without it. `None` if the field is
    /// missing.
    ///
    /// # Errors
    /// `bad_argument` if its value is of another type.
    ///
    /// ```
    /// use agentfold::Options;
    /// use agentfold::border::Argument;
    ///
    /// let given = serde_json::json!({ "strict": true, "max_depth": 8 });
    /// let mut argument = Argument::new("options", given)?;
    /// assert_eq!(argument.take::<bool>("strict")?, Some(true));
    /// assert_eq!(argument.take::<bool>("strict")?, None);
    /// assert_eq!(argument.read::<Options>()?.max_depth, 8);
    /// # Ok::<(), agentfold::border::Failure>(())
    /// ```
    pub fn take<T: DeserializeOwned>(&mut self, field: &'static str) -> Result<Option<T>, Failure> {
        self.beside.push(field);
        let Given::Fields(fields) = &mut self.given else {
            return Ok(None);
        };
        let Some(place) = fields.iter().position(|(key, _)| key == field) else {
            return Ok(None);
        };
        let (_, given) = fields.swap_remove(place);
        let value = Option::deserialize(Reader(&given));
        value.map_err(|wrong| self.failure(wrong.within(field)))
    }

    /// Reads the argument, without the fields that were taken, as a type.
    ///
    /// # Errors
    /// `bad_argument` if it has an unknown field, lacks a required one, or has a value of the wrong
    /// type. The path and the message name the field.
    pub fn read<'de, T: Deserialize<'de>>(&'de self) -> Result<T, Failure> {
        T::deserialize(Reader(&self.given)).map_err(|wrong| self.failure(wrong))
    }

    /// Reads the argument as a type, and names all that is wrong at once: for data that is written by hand,
    /// such as a file of settings.
    ///
    /// # Errors
    /// As for [`Argument::read`], of the first problem. The failure has every problem as an issue, at most
    /// 32, sorted by path.
    ///
    /// ```
    /// use agentfold::alert::Thresholds;
    /// use agentfold::border::Argument;
    ///
    /// let given = serde_json::json!({
    ///     "state": [{ "state": "away", "longer_then": "30m" }, { "state": "away", "longer_than": "soon" }],
    ///     "silense": { "longer_than": 60 },
    /// });
    /// let failure = Argument::new("thresholds", given)?.read_all::<Thresholds>().expect_err("bad");
    /// let problems = failure.more().issues.iter().map(|issue| (issue.code.as_str(), &*issue.path));
    /// assert_eq!(problems.collect::<Vec<_>>(), [
    ///     ("unknown_field", "/thresholds/silense"),
    ///     ("missing_field", "/thresholds/state/0/longer_than"),
    ///     ("unknown_field", "/thresholds/state/0/longer_then"),
    ///     ("out_of_range", "/thresholds/state/1/longer_than"),
    /// ]);
    /// # Ok::<(), agentfold::border::Failure>(())
    /// ```
    pub fn read_all<T: DeserializeOwned>(mut self) -> Result<T, Failure> {
        let mut wrongs: Vec<Wrong> = Vec::new();
        loop {
            let wrong = match T::deserialize(Reader(&self.given)) {
                Ok(_) if !wrongs.is_empty() => break,
                Ok(value) => return Ok(value),
                Err(wrong) => wrong,
            };
            // What is wrong is taken out, so that the next reading finds the next problem. What is missing
            // cannot be taken out, so that takes out what it is missing from.
            let mut path = wrong.path().to_owned();
            if !wrongs.iter().any(|known| known.path() == path) {
                wrongs.push(wrong);
            }
            while !path.is_empty() && !self.given.take_out(&path) {
                path.truncate(pointer::split(&path).0.len());
            }
            if path.is_empty() || wrongs.len() == MOST_WRONG {
                break;
            }
        }
        // In an order that does not depend on that of the keys.
        wrongs.sort_by(|a, b| a.path().cmp(b.path()));
        let failures = wrongs.into_iter().map(|wrong| (wrong.code(), self.failure(wrong)));
        Err(Failure::of_several(failures.collect()))
    }

    #[cold]
    fn failure(&self, wrong: Wrong) -> Failure {
        let is_outermost = wrong.path().rfind('/') == Some(0);
        let wrong = if self.name.is_empty() { wrong } else { wrong.within(self.name) };
        let message = wrong.message(if is_outermost { &self.beside } else { &[] });
        Failure::new("bad_argument", wrong.path().to_owned(), message)
    }
}

/// How many problems of an argument are named at most.
const MOST_WRONG: usize = 32;

/// Reads an argument as a type.
///
/// # Errors
/// As [`Argument::new`] and [`Argument::read`].
///
/// ```
/// use agentfold::border;
/// use agentfold::report::RollUp;
///
/// let by: RollUp = border::read("by", serde_json::json!("account"))?;
/// assert_eq!(by, RollUp::Account);
///
/// let failure = border::read::<RollUp, _>("by", serde_json::json!("team")).expect_err("unknown");
/// assert_eq!(failure.message(), "`by` must be `agent`, `channel`, `account`, `group` or `group_split`");
/// # Ok::<(), agentfold::border::Failure>(())
/// ```
pub fn read<'de, T: DeserializeOwned, D: Deserializer<'de>>(
    name: &'static str,
    given: D,
) -> Result<T, Failure> {
    Argument::new(name, given)?.read()
}

/// Reads a text argument as an instant.
///
/// # Errors
/// `bad_instant`
pub fn instant(name: &str, text: &str) -> Result<Instant, Failure> {
    text.parse().map_err(|error| {
        Failure::new("bad_instant", format!("/{name}"), format!("`{name}` is {error}"))
    })
}

/// Reads a text argument as an id.
///
/// # Errors
/// `bad_id`
pub fn id(name: &str, text: &str) -> Result<Id, Failure> {
    text.parse().map_err(|_| Failure::bad_id(name))
}

/// Reads a number of seconds as a length of time. One too long for a [`Duration`] is
/// [`Duration::MAX`].
///
/// # Errors
/// `bad_argument` if it is negative or not a number.
pub fn seconds(name: &str, seconds: f64) -> Result<Duration, Failure> {
    let wrong = || Failure::bad_argument(name, format!("`{name}`: {}", seconds::MUST_BE));
    seconds::length(seconds).ok_or_else(wrong)
}

/// Reads the events of the Chat export from a text argument.
///
/// # Errors
/// The issues of an event that can't be read, and `bad_argument` for an event that is not of the
/// export.
pub fn chats<'a>(name: &str, bytes: &'a [u8]) -> Result<Vec<Chat<'a>>, Failure> {
    let chat = |record| match record {
        Record::Event(Event::Chat(chat)) => Ok(chat),
        Record::Event(_) => Err(Failure::bad_argument(
            name,
            format!("`{name}` has an event that is not of the Chat export"),
        )),
        Record::Unreadable(bad) => Err(bad.issues.into()),
    };
    Records::iter(bytes).map(chat).collect()
}
