//! [`Asked`]: the parameters of a question.

use std::borrow::Cow;

use agentfold::border::Failure;

use crate::openapi;
use crate::rows::Format;

/// The parameters of a question, each given once, and each one that the question has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Asked(Vec<(String, String)>);

impl Asked {
    /// Reads the query of a URL, without `?`, that is sent to a path of [`ROUTES`](crate::routes::ROUTES).
    ///
    /// # Errors
    /// `bad_argument` if a parameter is unknown or given twice, or is not one of the words that it can be.
    pub(crate) fn parse(path: &str, query: &str) -> Result<Asked, Failure> {
        let known = openapi::parameters(path);
        let mut asked: Vec<(String, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let Some(parameter) = known.iter().find(|known| known.name == name) else {
                return Err(wrong(&name, unknown(&name, &known)));
            };
            if asked.iter().any(|(other, _)| *other == name) {
                return Err(wrong(&name, format!("`{name}` is given twice")));
            }
            if !parameter.words.is_empty() && !parameter.words.contains(&&*value) {
                let words = listed(parameter.words.iter().copied());
                return Err(wrong(&name, format!("`{name}` must be one of {words}")));
            }
            asked.push((name.into_owned(), value.into_owned()));
        }
        Ok(Asked(asked))
    }

    /// A parameter as given.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// A parameter that counts as missing if it is empty.
    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// How the rows of the answer are written.
    pub(crate) fn format(&self) -> Format {
        self.get("format").and_then(Format::named).unwrap_or_default()
    }
}

/// What is said of a parameter that is not known.
fn unknown(name: &str, known: &[openapi::Parameter<'_>]) -> String {
    let shown: Cow<'_, str> = match name.char_indices().nth(LONGEST) {
        Some((end, _)) => Cow::Borrowed(&name[..end]),
        None => Cow::Borrowed(name),
    };
    if known.is_empty() {
        return format!("`{shown}` is not a parameter; there are none");
    }
    let names = listed(known.iter().map(|known| known.name));
    let distances =
        known.iter().map(|known| (strsim::osa_distance(&shown, known.name), known.name));
    let near = match distances.min() {
        Some((distance, near)) if distance <= 1 + near.len() / 4 => {
            format!("; did you mean `{near}`?")
        }
        _ => String::new(),
    };
    format!("`{shown}` is not a parameter; the parameters are {names}{near}")
}

/// How many characters of an unknown name are shown.
const LONGEST: usize = 40;

fn listed<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

#[cold]
fn wrong(name: &str, message: String) -> Failure {
    Failure::new("bad_argument", format!("/{name}"), message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_that_is_not_known_is_refused_with_the_known_ones_and_a_near_one() {
        for (path, query, told) in [
            (
                "/accounts/{account}/state",
                "agnt=7",
                "`agnt` is not a parameter; the parameters are `agent`, `at`, `format`; did you mean `agent`?",
            ),
            (
                "/api/floor",
                "whatever=1",
                "`whatever` is not a parameter; the parameters are `account`, `at`, `agent`, `channel`, `format`",
            ),
            ("/accounts/{account}/names", "a=1", "`a` is not a parameter; there are none"),
            ("/accounts/{account}/state", "agent=7&agent=8", "`agent` is given twice"),
            (
                "/accounts/{account}/report",
                "by=team",
                "`by` must be one of `agent`, `channel`, `account`, `group`, `group_split`",
            ),
        ] {
            let failure = Asked::parse(path, query).expect_err(query);
            let name = query.split('=').next().expect("a name");
            assert_eq!((failure.code(), failure.path()), ("bad_argument", &*format!("/{name}")));
            assert_eq!(failure.message(), told);
        }
    }

    #[test]
    fn parameters_are_read_as_a_browser_writes_them() {
        let asked =
            Asked::parse("/api/report", "tz=Asia%2FKathmandu&channel=a+b&format=csv&agent=");
        let asked = asked.expect("good");
        assert_eq!(asked.get("tz"), Some("Asia/Kathmandu"));
        assert_eq!(asked.filled("channel"), Some("a b"));
        assert_eq!((asked.get("agent"), asked.filled("agent")), (Some(""), None));
        assert_eq!(asked.format(), Format::Csv);
        assert_eq!(Asked::default().format(), Format::Json);
    }
}
