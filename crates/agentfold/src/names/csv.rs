//! Names as CSV.

use csv_core::{ReadFieldResult, Reader, ReaderBuilder};

use super::{Names, TWO_NAMES, Whose, checked, not_too_many};
use crate::issue::{Code, Issue};
use crate::read::fields::{Notes, wrong};

/// What separates columns, in the order of preference.
const COMMAS: [u8; 3] = [b',', b';', b'\t'];

/// Reads CSV with a header.
pub(super) fn read(text: &str, names: &mut Names, notes: &Notes<'_>) -> Option<()> {
    let mut rows = Rows::new(text);
    let (_, header) = rows.next().unwrap_or_default();
    let columns = Columns::of(&header, notes)?;
    for (row, (line, cells)) in rows.enumerate() {
        not_too_many(row + 1, "", notes)?;
        if cells.iter().all(String::is_empty) {
            continue;
        }
        let mut note = |code, column: &str, message: &str| {
            let path =
                if column.is_empty() { format!("/{row}") } else { format!("/{row}/{column}") };
            notes.push(Issue::new(code, path, format!("line {line}: {message}")));
        };
        columns.read(&cells, names, &mut note);
    }
    Some(())
}

/// The rows of a text: the line on which each begins, and its cells without the spaces around them.
struct Rows<'t> {
    reader: Reader,
    rest: &'t [u8],
    /// Longer than the text, so that every cell has room.
    cell: Vec<u8>,
}

impl<'t> Rows<'t> {
    fn new(text: &'t str) -> Rows<'t> {
        let first = text.lines().next().unwrap_or_default().as_bytes();
        let comma = COMMAS.into_iter().find(|comma| first.contains(comma)).unwrap_or(b',');
        let reader = ReaderBuilder::new().delimiter(comma).build();
        Rows { reader, rest: text.as_bytes(), cell: vec![0; text.len() + 1] }
    }
}

impl Iterator for Rows<'_> {
    type Item = (u64, Vec<String>);

    fn next(&mut self) -> Option<(u64, Vec<String>)> {
        let (line, mut cells, mut end) = (self.reader.line(), Vec::new(), 0);
        loop {
            let (read, used, written) = self.reader.read_field(self.rest, &mut self.cell[end..]);
            self.rest = &self.rest[used..];
            end += written;
            match read {
                ReadFieldResult::InputEmpty => {}
                ReadFieldResult::Field { record_end } => {
                    cells.push(String::from_utf8_lossy(&self.cell[..end]).trim().to_owned());
                    end = 0;
                    if record_end {
                        return Some((line, cells));
                    }
                }
                ReadFieldResult::OutputFull | ReadFieldResult::End => return None,
            }
        }
    }
}

/// The places of the columns.
struct Columns {
    id: usize,
    name: usize,
    kind: Option<usize>,
    count: usize,
}

impl Columns {
    fn of(header: &[String], notes: &Notes<'_>) -> Option<Columns> {
        let place = |name: &str| header.iter().position(|cell| cell.eq_ignore_ascii_case(name));
        let (id, name) = (place("id"), place("name"));
        if id.is_none() && name.is_none() {
            let message = "neither JSON nor CSV with a header that has the columns `id` and `name`";
            return notes.issue(Code::OtherFormat, "", message);
        }
        for (column, place) in [("id", id), ("name", name)] {
            if place.is_none() {
                let message = format!("the header has no column `{column}`");
                notes.issue::<()>(Code::MissingField, "", message);
            }
        }
        let kind = place("kind").or(place("type"));
        Some(Columns { id: id?, name: name?, kind, count: header.len() })
    }

    /// Reads a row, and notes what is wrong with it.
    fn read(&self, cells: &[String], names: &mut Names, note: &mut dyn FnMut(Code, &str, &str)) {
        if cells.iter().skip(self.count).any(|cell| !cell.is_empty()) {
            let message = "more fields than the header has: is a comma not in quotes?";
            return note(Code::BadRow, "", message);
        }
        let cell = |place: usize| cells.get(place).map_or("", String::as_str);
        let whose = match self.kind.map_or("", cell) {
            "" => Some(Whose::Either),
            kind if kind.eq_ignore_ascii_case("agent") => Some(Whose::Agent),
            kind if kind.eq_ignore_ascii_case("group") => Some(Whose::Group),
            _ => {
                note(Code::BadRow, "kind", "neither `agent` nor `group`");
                None
            }
        };
        let id = cell(self.id).parse().ok();
        if id.is_none() {
            note(Code::BadId, "id", &wrong(Code::BadId, "id", ""));
        }
        let name = checked(cell(self.name)).map_err(|code| {
            note(code, "name", &wrong(code, "name", ""));
        });
        if let (Some(whose), Some(id), Ok(name)) = (whose, id, name)
            && !names.add(whose, id, name)
        {
            note(Code::DuplicateKey, "id", TWO_NAMES);
        }
    }
}
