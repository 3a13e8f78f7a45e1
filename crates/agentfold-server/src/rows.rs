//! [`Rows`]: the rows of an answer, written while they are computed.

use std::io;

use agentfold::border::{Failure, unevaluated};
use agentfold::names::Names;
use agentfold_arrow::Layout;
use indexmap::IndexMap;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::arrow::ArrowStream;
use crate::database::StoreError;

/// How many rows, and how many bytes of them, are written at a time.
const PAGE: usize = 64;
const PAGE_BYTES: usize = 64 << 10;
/// How many bytes the reader must take without a pause.
const PART_BYTES: usize = 2 * PAGE_BYTES;

/// Where an answer goes.
///
/// The thread that computes an answer calls it often, so that answers are computed in turn.
pub(crate) trait Sink {
    /// Waits until it is this answer's turn again. Fails if its reader has left, or if it took too long.
    fn turn(&mut self) -> Result<(), Stopped>;

    /// Writes a part of the answer. Waits for the reader, and fails if that takes too long. This answer's turn is over
    /// then: a reader of the last part may leave.
    fn write(&mut self, part: Vec<u8>) -> Result<(), Stopped>;
}

/// Why an answer is not computed to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Stopped {
    #[error("the reader has left")]
    Left,
    #[error("the answer took too long")]
    TooLong,
    /// The reason was logged.
    #[error("the answer has failed")]
    Failed,
}

/// Why there is no answer, or only a part of it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unanswered {
    /// The question is refused, with status 400, unless a part of the answer was written already.
    #[error("{0}")]
    Refused(Failure),
    #[error(transparent)]
    Stopped(#[from] Stopped),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Failure> for Unanswered {
    fn from(failure: Failure) -> Unanswered {
        Unanswered::Refused(failure)
    }
}

impl From<agentfold::Error> for Unanswered {
    fn from(error: agentfold::Error) -> Unanswered {
        Unanswered::Refused(error.into())
    }
}

/// How rows are written: as a JSON array, each as JSON on a line of its own, as CSV, or as an Arrow stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Format {
    #[default]
    Json,
    Ndjson,
    Csv,
    Arrow,
}

impl Format {
    pub(crate) fn named(name: &str) -> Option<Format> {
        match name {
            "json" => Some(Format::Json),
            "ndjson" => Some(Format::Ndjson),
            "csv" => Some(Format::Csv),
            "arrow" => Some(Format::Arrow),
            _ => None,
        }
    }

    /// The content type of an answer.
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Format::Json => "application/json",
            Format::Ndjson => "application/x-ndjson",
            Format::Csv => "text/csv; charset=utf-8",
            Format::Arrow => "application/vnd.apache.arrow.stream",
        }
    }
}

/// The rows of an answer, which are written to a sink a page at a time.
pub(crate) struct Rows<'a> {
    sink: &'a mut dyn Sink,
    writing: Writing,
    names: &'a Names,
    /// What is not written yet, and how many rows were appended to it.
    page: Vec<u8>,
    rows: usize,
    is_first: bool,
}

/// A [`Format`], and what it needs to remember.
enum Writing {
    Json,
    Ndjson,
    /// The columns of the first row.
    Csv(Vec<String>),
    Arrow(Box<ArrowStream>),
}

impl<'a> Rows<'a> {
    /// Begins an answer. Only an Arrow stream has the columns of `layout`, and it has them also without rows.
    pub(crate) fn new(
        sink: &'a mut dyn Sink,
        format: Format,
        names: &'a Names,
        layout: &Layout,
    ) -> Rows<'a> {
        let writing = match format {
            Format::Json => Writing::Json,
            Format::Ndjson => Writing::Ndjson,
            Format::Csv => Writing::Csv(Vec::new()),
            Format::Arrow => Writing::Arrow(Box::new(ArrowStream::new(layout))),
        };
        Rows { sink, writing, names, page: Vec::new(), rows: 0, is_first: true }
    }

    /// Lets other answers be computed.
    pub(crate) fn turn(&mut self) -> Result<(), Stopped> {
        self.sink.turn()
    }

    /// Writes a row.
    pub(crate) fn row(&mut self, row: &impl Serialize) -> Result<(), Stopped> {
        match &mut self.writing {
            Writing::Json => {
                self.page.push(if self.is_first { b'[' } else { b',' });
                json(row, &mut self.page);
            }
            Writing::Ndjson => {
                json(row, &mut self.page);
                self.page.push(b'\n');
            }
            Writing::Csv(columns) => csv(row, columns, self.names, &mut self.page),
            Writing::Arrow(stream) => {
                stream.push(row);
                self.page.append(&mut stream.take());
            }
        }
        self.is_first = false;
        self.rows += 1;
        if self.rows >= PAGE || self.page.len() >= PAGE_BYTES {
            self.flush()?;
            self.sink.turn()?;
        }
        Ok(())
    }

    /// Writes rows.
    pub(crate) fn all<R: Serialize>(
        &mut self,
        rows: impl IntoIterator<Item = R>,
    ) -> Result<(), Stopped> {
        rows.into_iter().try_for_each(|row| self.row(&row))
    }

    /// Ends the answer.
    pub(crate) fn end(mut self) -> Result<(), Stopped> {
        match &mut self.writing {
            Writing::Json => {
                self.page.extend_from_slice(if self.is_first { b"[]" } else { b"]" });
            }
            Writing::Ndjson | Writing::Csv(_) => {}
            Writing::Arrow(stream) => {
                stream.end();
                self.page.append(&mut stream.take());
            }
        }
        self.flush()
    }

    fn flush(&mut self) -> Result<(), Stopped> {
        self.rows = 0;
        // A batch of Arrow is long, and a reader that is slow has time for each part.
        let page = std::mem::take(&mut self.page);
        page.chunks(PART_BYTES).try_for_each(|part| self.sink.write(part.to_vec()))
    }
}

/// Writes a row as CSV (RFC 4180), with the columns of the first row, and the names of agents and groups beside their
/// ids.
fn csv(row: &impl Serialize, columns: &mut Vec<String>, names: &Names, page: &mut Vec<u8>) {
    let mut text = Vec::new();
    json(row, &mut text);
    let cells = cells(&text, names);
    if columns.is_empty() {
        *columns = cells.keys().cloned().collect();
        line(page, columns.iter().map(String::as_str));
    }
    let empty = String::new();
    let of_columns = columns.iter().map(|column| cells.get(column).unwrap_or(&empty));
    line(page, of_columns.map(String::as_str));
}

fn json(row: &impl Serialize, out: &mut Vec<u8>) {
    serde_json::to_writer(out, row).expect("INVARIANT: a row is JSON");
}

/// The fields of an object, in their order, each as JSON.
type Fields<'j> = IndexMap<String, &'j RawValue>;

/// The cells of a row by column. Numbers that belong together, such as those of a time, have columns of their own.
fn cells(row: &[u8], names: &Names) -> IndexMap<String, String> {
    let row: Fields<'_> = serde_json::from_slice(row).expect("INVARIANT: a row is an object");
    let mut cells = IndexMap::new();
    for (key, value) in row {
        if let Some(parts) = numbers(value) {
            cells.extend(parts.iter().map(|(part, n)| (format!("{key}.{part}"), cell(n))));
            continue;
        }
        let id = serde_json::from_str::<String>(value.get()).ok();
        let name = |name: Option<&str>| {
            name.map_or_else(String::new, |name| unevaluated(name).into_owned())
        };
        let beside = match &*key {
            "agent_id" => {
                let id = id.as_ref().and_then(|id| id.parse::<agentfold::Id>().ok());
                Some(("agent_name", name(id.and_then(|id| names.agent(id)))))
            }
            "group_id" => Some(("group_name", name(id.and_then(|id| names.group(&id))))),
            _ => None,
        };
        cells.insert(key, cell(value));
        cells.extend(beside.map(|(column, name)| (column.to_owned(), name)));
    }
    cells
}

/// The fields of a value that has nothing but numbers, some of them null.
fn numbers(value: &RawValue) -> Option<Fields<'_>> {
    let fields: Fields<'_> = serde_json::from_str(value.get()).ok()?;
    let is_number =
        |value: &RawValue| value.get().starts_with(|c: char| c == '-' || c.is_ascii_digit());
    let are_numbers = fields.values().all(|value| value.get() == "null" || is_number(value));
    (!fields.is_empty() && are_numbers).then_some(fields)
}

/// A value as a cell: text as it is, nothing for null, and anything else as JSON.
fn cell(value: &RawValue) -> String {
    match value.get() {
        "null" => String::new(),
        text if text.starts_with('"') => {
            let text: String = serde_json::from_str(text).expect("INVARIANT: a JSON string");
            unevaluated(&text).into_owned()
        }
        json => json.to_owned(),
    }
}

fn line<'a>(page: &mut Vec<u8>, cells: impl Iterator<Item = &'a str>) {
    let page: &mut dyn io::Write = page;
    let mut line = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(page);
    line.write_record(cells).expect("INVARIANT: memory takes all");
}

#[cfg(test)]
pub(crate) mod tests {
    use agentfold_arrow::Form;
    use serde_json::json;

    use super::*;

    /// A sink that keeps the answer, until its reader leaves.
    #[derive(Debug, Default)]
    pub(crate) struct Kept {
        pub(crate) body: Vec<u8>,
        pub(crate) longest_part: usize,
        pub(crate) turns: usize,
        pub(crate) leaves_after: Option<usize>,
    }

    impl Sink for Kept {
        fn turn(&mut self) -> Result<(), Stopped> {
            self.turns += 1;
            match self.leaves_after {
                Some(turns) if self.turns > turns => Err(Stopped::Left),
                _ => Ok(()),
            }
        }

        fn write(&mut self, part: Vec<u8>) -> Result<(), Stopped> {
            self.longest_part = self.longest_part.max(part.len());
            self.body.extend(part);
            Ok(())
        }
    }

    /// No columns.
    fn none() -> Layout {
        Layout::new(&[], Form::default())
    }

    fn written<R: Serialize>(
        format: Format,
        names: &Names,
        rows: impl IntoIterator<Item = R>,
    ) -> String {
        let mut kept = Kept::default();
        let mut out = Rows::new(&mut kept, format, names, &none());
        out.all(rows).expect("written");
        out.end().expect("ended");
        String::from_utf8(kept.body).expect("text")
    }

    #[test]
    fn rows_are_written_in_each_format() {
        let names = Names::parse(br#"{"agents": {"8": "=Bo Li"}}"#).expect("names");
        let rows = [
            r#"{"account_id":"2","agent_id":"8","channel":"a,\"b\"","time":{"count":1,"min_ns":null},"list":[{"a":1}],"open":true}"#,
            r#"{"account_id":"2","agent_id":"9","channel":"\t ＠1","time":{"count":2,"min_ns":5},"list":[],"open":null}"#,
        ];
        let raw = rows.map(|row| RawValue::from_string(row.to_owned()).expect("JSON"));
        assert_eq!(written(Format::Json, &names, &raw), format!("[{}]", rows.join(",")));
        assert_eq!(written(Format::Ndjson, &names, &raw), format!("{}\n{}\n", rows[0], rows[1]));
        assert_eq!(
            written(Format::Csv, &names, &raw),
            "account_id,agent_id,agent_name,channel,time.count,time.min_ns,list,open\r\n\
             2,8,'=Bo Li,\"a,\"\"b\"\"\",1,,\"[{\"\"a\"\":1}]\",true\r\n\
             2,9,,'\t ＠1,2,5,[],\r\n"
        );
    }

    #[test]
    fn an_answer_without_rows_is_an_empty_list() {
        let none: [u8; 0] = [];
        let names = Names::default();
        assert_eq!(written(Format::Json, &names, none), "[]");
        assert_eq!(written(Format::Ndjson, &names, none), "");
        assert_eq!(written(Format::Csv, &names, none), "");
    }

    #[test]
    fn an_answer_is_written_in_pages_and_ends_when_its_reader_leaves() {
        let (names, row) = (Names::default(), json!({ "a": 1 }));
        let mut kept = Kept { leaves_after: Some(1), ..Kept::default() };
        let mut out = Rows::new(&mut kept, Format::Ndjson, &names, &none());
        assert_eq!(out.all(vec![row; 1000]), Err(Stopped::Left));
        assert_eq!(kept.body.len(), 2 * PAGE * "{\"a\":1}\n".len());
    }
}
