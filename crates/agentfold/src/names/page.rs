//! [`Page`]: names as JSON, and where the next page of them is.

use super::{Names, TWO_NAMES, Whose, checked, csv, not_too_many};
use crate::Id;
use crate::issue::{Code, Issue, Severity};
use crate::issues::Issues;
use crate::read::fields::{Fields, Notes, boolean, number_id, text, type_of, wrong};
use crate::read::{format, parts};

/// A page of names: `users.json` or `groups.json` of Zendesk's API.
///
/// ```
/// use agentfold::names::Page;
///
/// let page = Page::parse(br#"{"groups": [{"id": 360, "name": "Tier 2"}],
///     "meta": {"has_more": true, "after_cursor": "x"},
///     "links": {"next": "https://example.zendesk.com/api/v2/groups.json?page[after]=x"}}"#)?;
/// assert_eq!(page.names.group("360"), Some("Tier 2"));
/// assert!(page.next.expect("a link").ends_with("after]=x"));
/// # Ok::<(), agentfold::Issues>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Page {
    /// Its names.
    pub names: Names,
    /// The URL of the next page, if there is one: `links.next`, unless `meta.has_more` is false, or
    /// `next_page`. Send credentials only to a host that you know, whatever the URL says.
    pub next: Option<String>,
}

impl Page {
    /// Reads a page, or any other form that [`Names::parse`] reads.
    ///
    /// # Errors
    /// As [`Names::parse`].
    pub fn parse(bytes: &[u8]) -> Result<Page, Issues> {
        let notes = Notes::default();
        let mut page = Page::default();
        let read = page.read(bytes, &notes);
        let (mut issues, _) = notes.into_inner();
        issues.retain(|issue| issue.severity == Severity::Error);
        match read {
            Some(()) if issues.is_empty() => Ok(page),
            _ => Err(Issues::of_refused(issues)),
        }
    }

    fn read<'a>(&mut self, bytes: &'a [u8], notes: &Notes<'a>) -> Option<()> {
        if bytes.len() > Names::MAX_BYTES {
            return notes.issue(Code::TooLarge, "", "the text has more than 64 MiB");
        }
        if let Some(words) = format::packed(bytes) {
            return notes.issue(Code::OtherFormat, "", words);
        }
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let Ok(text) = str::from_utf8(bytes) else {
            return notes.issue(Code::NotJson, "", "the text is not UTF-8: save it as UTF-8");
        };
        if !text.trim_start().starts_with(['{', '[']) {
            return csv::read(text, &mut self.names, notes);
        }
        let json = notes.whole(text)?;
        let is_list = |key: &str| ["users", "agents", "groups"].contains(&key);
        match parts::members(json) {
            Some(members) if !members.iter().any(|(key, _)| is_list(key)) => {
                self.named(json, Whose::Either, "", notes)
            }
            _ => self.lists(json, notes),
        }
    }

    /// Reads the lists of an object, and where the next page is.
    fn lists<'a>(&mut self, json: &'a str, notes: &Notes<'a>) -> Option<()> {
        let mut fields = Fields::open(json, String::new(), notes)?;
        for (key, whose) in
            [("users", Whose::Agent), ("agents", Whose::Agent), ("groups", Whose::Group)]
        {
            match fields.take(key) {
                None | Some("null") => {}
                Some(list) if list.starts_with('[') || key == "users" => {
                    self.listed(list, whose, key, notes);
                }
                Some(named) => {
                    self.named(named, whose, &format!("/{key}"), notes);
                }
            }
        }
        let has_more = fields.optional_object("meta", |meta| meta.optional("has_more", boolean));
        let link = fields.optional_object("links", |links| links.optional("next", text));
        let next = link.or(fields.optional("next_page", text));
        self.next = next.filter(|_| has_more != Some(false)).map(String::from);
        Some(())
    }

    /// Reads a list of objects with `id` and `name`.
    fn listed<'a>(
        &mut self,
        json: &'a str,
        whose: Whose,
        key: &str,
        notes: &Notes<'a>,
    ) -> Option<()> {
        let Some(items) = parts::items(json) else {
            let message = format!("expected a list, found {}", type_of(json));
            return notes.issue(Code::WrongType, format!("/{key}"), message);
        };
        not_too_many(items.len(), &format!("/{key}"), notes)?;
        for (i, item) in items.into_iter().enumerate() {
            let path = format!("/{key}/{i}");
            let Some(mut fields) = Fields::open(item, path.clone(), notes) else {
                continue;
            };
            if key == "users" && fields.take("role") == Some(r#""end-user""#) {
                continue;
            }
            let id = fields.required("id", number_id);
            let name = fields.required("name", name);
            if let (Some(id), Some(name)) = (id, name)
                && !self.names.add(whose, id, name)
            {
                notes.issue::<()>(Code::DuplicateKey, format!("{path}/id"), TWO_NAMES);
            }
        }
        Some(())
    }

    /// Reads an object of names by id.
    fn named<'a>(
        &mut self,
        json: &'a str,
        whose: Whose,
        path: &str,
        notes: &Notes<'a>,
    ) -> Option<()> {
        let Some(members) = parts::members(json) else {
            let message = format!("expected an object or a list, found {}", type_of(json));
            return notes.issue(Code::WrongType, path, message);
        };
        not_too_many(members.len(), path, notes)?;
        for (i, (key, json)) in members.into_iter().enumerate() {
            // A key that is no id may be a name, so that no path may contain it.
            let Ok(id) = key.parse::<Id>() else {
                let message = format!(
                    "the key of entry {} is not an id: expected `{{id: name}}`, or `users` or `groups` of \
                     Zendesk's API",
                    i + 1
                );
                notes.issue::<()>(Code::BadId, path, message);
                continue;
            };
            let path = format!("{path}/{id}");
            let wrong = match name(json).map(|name| self.names.add(whose, id, name)) {
                Ok(true) => continue,
                Ok(false) => Issue::new(Code::DuplicateKey, path, TWO_NAMES),
                Err(code) => Issue::new(code, path, wrong(code, "name", json)),
            };
            notes.push(wrong);
        }
        Some(())
    }
}

/// Reads a name from JSON.
fn name(json: &str) -> Result<String, Code> {
    match json {
        "null" => Err(Code::EmptyName),
        json => checked(&text(json)?),
    }
}
