//! Envelopes in which deliveries arrive: CloudEvents, and messages of queues, topics and gateways.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::frame::MARK;
use super::records::Records;
use super::{Options, parts, strict};
use crate::event::Event;
use crate::issue::{Code, Issue};
use crate::issues::Issues;
use crate::pointer::escape;
use crate::stream::Next;

/// How many envelopes may be around an event.
const MOST: usize = 8;

/// An event with its warnings, or why it is none.
pub(crate) type Read<'a> = Result<(Event<'a>, Vec<Issue>), Issues>;

/// What a record carries.
#[expect(clippy::large_enum_variant, reason = "one event is the usual case")]
pub(crate) enum Carried<'a> {
    /// One event.
    One(Read<'a>),
    /// The events of an envelope with several.
    Many(Vec<Read<'static>>),
}

/// A part of an envelope that holds events.
struct Content<'a> {
    /// Where it is in the envelope.
    path: String,
    held: Inner<'a>,
}

enum Inner<'a> {
    Json(&'a str),
    Text(Cow<'a, [u8]>),
    /// It can't be decoded.
    Damaged,
}

/// Reads what a record carries: an event, or an envelope around events, which is known by its fields.
/// `depth` is how many envelopes are around the record.
pub(crate) fn read_carried<'a>(bytes: &'a [u8], options: &Options, depth: usize) -> Carried<'a> {
    let bytes = bytes.strip_prefix(MARK).unwrap_or(bytes);
    let fits = bytes.len() <= options.max_bytes && depth < MOST;
    if fits && let Some(content) = cloud_event(bytes) {
        return read_contents(vec![content], options, depth);
    }
    let read = strict::read_plain(bytes, options);
    if fits
        && let Err(issues) = &read
        && let [Issue { code: Code::MissingField, path, .. }] = &issues[..]
        && path == "/type"
        && let Some(contents) = std::str::from_utf8(bytes).ok().and_then(contents)
    {
        return read_contents(contents, options, depth);
    }
    Carried::One(read)
}

/// Every problem of what a record carries: errors first, then by path.
pub(crate) fn check(bytes: &[u8], options: &Options) -> Vec<Issue> {
    let issues = |read: Read<'_>| match read {
        Ok((_, warnings)) => warnings,
        Err(issues) => issues.into_vec(),
    };
    match read_carried(bytes, options, 0) {
        Carried::One(read) => issues(read),
        Carried::Many(all) => {
            let mut all: Vec<Issue> = all.into_iter().flat_map(issues).collect();
            all.sort_by(|a, b| (a.severity, &a.path, a.code).cmp(&(b.severity, &b.path, b.code)));
            all
        }
    }
}

/// An HTTP request as a gateway passes it on: an event of API Gateway, a function URL or a load balancer.
///
/// A webhook's signature is over the body in it, which may be in Base64.
///
/// ```
/// use agentfold::webhook::Request;
///
/// let request = Request::parse(br#"{"headers": {"X-Zendesk-Account-Id": "2"}, "body": "e30=",
///     "isBase64Encoded": true}"#).expect("an event of API Gateway");
/// assert_eq!(request.body, b"{}");
/// assert_eq!(request.headers, [("X-Zendesk-Account-Id".to_owned(), "2".to_owned())]);
/// assert_eq!(Request::parse(b"{}"), None);
/// ```
#[cfg(feature = "webhook")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The names and values of its headers.
    pub headers: Vec<(String, String)>,
    /// Its body as it was sent.
    pub body: Vec<u8>,
}

#[cfg(feature = "webhook")]
impl Request {
    /// Reads the event of a gateway; `None` if the bytes are not one.
    pub fn parse(bytes: &[u8]) -> Option<Request> {
        let fields = Fields::of(std::str::from_utf8(bytes).ok()?)?;
        let body = parts::text(fields.get("body")?)?;
        let body = match fields.get("isBase64Encoded") {
            Some("true") => STANDARD.decode(&*body).ok()?,
            _ => body.into_owned().into_bytes(),
        };
        let headers = Fields::of(fields.get("headers")?)?.0.into_iter();
        let headers = headers
            .filter_map(|(name, json)| Some((name.into_owned(), parts::text(json)?.into_owned())));
        Some(Request { headers: headers.collect(), body })
    }
}

fn read_contents<'a>(contents: Vec<Content<'a>>, options: &Options, depth: usize) -> Carried<'a> {
    let mut all: Vec<Read<'a>> = Vec::new();
    for Content { path, held } in contents {
        let within = |read: Read<'a>| match read {
            Ok((event, warnings)) => Ok((event, prefixed(&path, warnings))),
            Err(issues) => Err(Issues::of_refused(prefixed(&path, issues.into_vec()))),
        };
        match held {
            Inner::Json(json) if json.starts_with('{') => {
                match read_carried(json.as_bytes(), options, depth + 1) {
                    Carried::One(read) => all.push(within(read)),
                    Carried::Many(many) => all.extend(many.into_iter().map(within)),
                }
            }
            Inner::Json(json) if !json.starts_with('[') => {
                all.push(within(strict::read_plain(json.as_bytes(), options)));
            }
            Inner::Json(json) => {
                all.extend(read_text(json.as_bytes(), options, depth).into_iter().map(within));
            }
            Inner::Text(text) => {
                all.extend(read_text(&text, options, depth).into_iter().map(within));
            }
            Inner::Damaged => {
                all.push(Err(Issue::new(Code::NotJson, path, "the text is not Base64").into()));
            }
        }
    }
    match all.len() {
        1 => Carried::One(all.remove(0)),
        _ => Carried::Many(all.into_iter().map(owned).collect()),
    }
}

fn prefixed(path: &str, mut issues: Vec<Issue>) -> Vec<Issue> {
    issues.iter_mut().for_each(|issue| issue.path.insert_str(0, path));
    issues
}

fn owned(read: Read<'_>) -> Read<'static> {
    read.map(|(event, warnings)| (event.into_owned(), warnings))
}

/// Reads the records of a text that stands in an envelope.
fn read_text(text: &[u8], options: &Options, depth: usize) -> Vec<Read<'static>> {
    let (mut records, mut rest, mut all) = (Records::within(options, depth + 1), text, Vec::new());
    while let (used, Next::Item(record)) = records.next_text(rest, true) {
        rest = &rest[used..];
        if record.is_warning() {
            continue;
        }
        match read_carried(record.bytes, options, depth + 1) {
            Carried::One(read) => all.push(owned(read)),
            Carried::Many(many) => all.extend(many),
        }
    }
    if all.is_empty() {
        all.push(Err(Issue::new(Code::NotJson, "", "the text holds no event").into()));
    }
    all
}

/// The data of a CloudEvent; `None` if the bytes are not one.
fn cloud_event(bytes: &[u8]) -> Option<Content<'_>> {
    // Most bytes are not a CloudEvent, and this check is quick.
    memchr::memmem::find(bytes, b"\"specversion\"")?;
    let fields = Fields::of(std::str::from_utf8(bytes).ok()?)?;
    fields.get("specversion")?.starts_with("\"1.").then_some(())?;
    let data = fields.json_or_text("data").filter(|data| match &data.held {
        Inner::Json(json) => json.starts_with('{'),
        Inner::Text(text) => looks_like_json(text),
        Inner::Damaged => false,
    });
    data.or_else(|| fields.base64("data_base64")).or_else(|| {
        Some(Content { path: "/data".to_owned(), held: Inner::Json(fields.get("data")?) })
    })
}

/// Whether a text begins like an object or a list.
fn looks_like_json(text: &[u8]) -> bool {
    matches!(text.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// The parts that hold events; `None` if the text is no envelope.
fn contents<'t>(text: &'t str) -> Option<Vec<Content<'t>>> {
    let fields = Fields::of(text)?;
    let listed = |path: &str, items: Vec<&'t str>| -> Vec<Content<'t>> {
        let content = |(i, json)| Content { path: format!("{path}/{i}"), held: Inner::Json(json) };
        items.into_iter().enumerate().map(content).collect()
    };
    // Batches of SQS, SNS, Kinesis and Firehose as AWS Lambda gets them, and what SQS and Pub/Sub answer.
    for list in ["Records", "Messages", "receivedMessages", "records"] {
        if let Some(items) = fields.get(list).and_then(parts::items) {
            return Some(listed(&format!("/{list}"), items));
        }
    }
    // A batch of Kafka as AWS Lambda gets it: a list for each partition.
    if let Some(partitions) = fields.get("records").and_then(parts::members) {
        let mut all = Vec::new();
        for (name, list) in partitions {
            all.extend(listed(&format!("/records/{}", escape(&name)), parts::items(list)?));
        }
        return Some(all);
    }
    fields.content().map(|content| vec![content])
}

/// The fields of an object.
struct Fields<'a>(Vec<(Cow<'a, str>, &'a str)>);

impl<'a> Fields<'a> {
    fn of(text: &'a str) -> Option<Fields<'a>> {
        parts::members(parts::whole(text).ok()?).map(Fields)
    }

    /// The JSON of a field that stands once in the object.
    fn get(&self, name: &str) -> Option<&'a str> {
        let mut found = self.0.iter().filter(|(key, _)| key == name);
        found.next().filter(|_| found.next().is_none()).map(|(_, json)| *json)
    }

    fn has(&self, names: &[&str]) -> bool {
        self.0.iter().any(|(key, _)| names.contains(&&**key))
    }

    /// The part that holds the events, of an envelope with one.
    fn content(&self) -> Option<Content<'a>> {
        // EventBridge.
        if self.has(&["detail-type"])
            && let Some(detail) = self.json_or_text("detail")
        {
            return Some(detail);
        }
        // API Gateway, function URLs and load balancers; a message of SQS.
        let packed = self.get("isBase64Encoded") == Some("true");
        for name in ["body", "Body"] {
            let body = if packed { self.base64(name) } else { self.json_or_text(name) };
            if body.is_some() {
                return body;
            }
        }
        // A message of Pub/Sub, and a record of Kinesis or Firehose.
        const DATA: &[&str] = &[
            "messageId",
            "message_id",
            "publishTime",
            "partitionKey",
            "sequenceNumber",
            "recordId",
        ];
        if self.has(DATA)
            && let Some(data) = self.base64("data")
        {
            return Some(data);
        }
        // A record of Kafka, as its REST proxy and AWS Lambda pass it on.
        if self.has(&["offset"])
            && let Some(value) = self.json_or_text("value")
        {
            return match &value.held {
                Inner::Text(text) if !looks_like_json(text) => self.base64("value"),
                _ => Some(value),
            };
        }
        // SNS, Kafka Connect, and what is around messages of SNS, Pub/Sub and Kinesis.
        ["Message", "payload", "Sns", "message", "kinesis"]
            .iter()
            .find_map(|name| self.json_or_text(name))
    }

    /// A field that holds JSON, as it is or as text.
    fn json_or_text(&self, name: &str) -> Option<Content<'a>> {
        let json = self.get(name)?;
        let held = match json.as_bytes()[0] {
            b'{' | b'[' => Inner::Json(json),
            b'"' => Inner::Text(match parts::text(json)? {
                Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
                Cow::Owned(text) => Cow::Owned(text.into_bytes()),
            }),
            _ => return None,
        };
        Some(Content { path: format!("/{name}"), held })
    }

    /// A field that holds text in Base64.
    fn base64(&self, name: &str) -> Option<Content<'a>> {
        let text = parts::text(self.get(name)?)?;
        let held = STANDARD.decode(&*text).map_or(Inner::Damaged, |text| Inner::Text(text.into()));
        Some(Content { path: format!("/{name}"), held })
    }
}
