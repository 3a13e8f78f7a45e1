//! Names what is given in place of events: files of other formats, and names of files.

/// How far to look for the end of the first line.
const LINE: usize = 4096;

/// What a stream looks like from its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Looks {
    /// Like events, or like nothing that is known.
    Usual,
    /// Like text of another format, with a first line of this length. Events may follow on later lines.
    Lines(usize),
    /// Like another format, in which no events can be read, and which begins with this many bytes.
    Packed(usize),
    /// More bytes are needed.
    Unsure,
}

/// The first bytes of other formats, and what to say of them.
const FIRST: &[(&[u8], &str)] = &[
    (b"BZh", "this is bzip2: unpack it first, such as with `bunzip2`"),
    (b"\xfd7zXZ\0", "this is xz: unpack it first, such as with `unxz`"),
    (b"7z\xbc\xaf\x27\x1c", "this is a 7z archive: unpack it first"),
    (b"PK\x03\x04", "this is a zip archive or a workbook: unpack it, or export it as JSON, first"),
    (b"PK\x05\x06", "this is an empty zip archive"),
    (b"Rar!\x1a\x07", "this is a rar archive: unpack it first"),
    (b"\x04\x22\x4d\x18", "this is lz4: unpack it first, such as with `unlz4`"),
    (b"\xff\x06\0\0sNaPpY", "this is snappy: unpack it first"),
    (b"LZIP", "this is lzip: unpack it first"),
    (b"\x1f\x9d", "this is compress (.Z): unpack it first, such as with `uncompress`"),
    (b"\x1f\x8b", "this is gzip within the bytes: unpack it first, such as with `gunzip`"),
    (b"\x28\xb5\x2f\xfd", "this is zstd within the bytes: unpack it first, such as with `unzstd`"),
    (b"\x78\x01", "this is zlib: inflate it first"),
    (b"\x78\x9c", "this is zlib: inflate it first"),
    (b"\x78\xda", "this is zlib: inflate it first"),
    (b"PAR1", "this is Parquet: read it as a table, and pass the column that holds the events"),
    (b"PARE", "this is encrypted Parquet: read it as a table first"),
    (b"ORC", "this is ORC: read it as a table, and pass the column that holds the events"),
    (b"Obj\x01", "this is Avro: read it first, and pass the events as JSON"),
    (b"ARROW1", "this is Arrow: read it as a table, and pass the column that holds the events"),
    (b"FEA1", "this is Feather: read it as a table, and pass the column that holds the events"),
    (b"SQLite format 3\0", "this is a SQLite database: export the events as JSON first"),
    (b"\xd0\xcf\x11\xe0", "this is an Excel workbook: export the events as JSON first"),
    (b"%PDF-", "this is a PDF"),
    (
        b"\xff\xfe",
        "this is UTF-16 (or UTF-32): convert it to UTF-8 first, such as with `iconv -f utf-16`",
    ),
    (b"\xfe\xff", "this is UTF-16: convert it to UTF-8 first, such as with `iconv -f utf-16`"),
    (b"\0\0\xfe\xff", "this is UTF-32: convert it to UTF-8 first, such as with `iconv -f utf-32`"),
    (
        b"{\0",
        "this is UTF-16 without its mark: convert it to UTF-8 first, such as with `iconv -f utf-16le`",
    ),
    (
        b"[\0",
        "this is UTF-16 without its mark: convert it to UTF-8 first, such as with `iconv -f utf-16le`",
    ),
    (
        b"\0{",
        "this is UTF-16 without its mark: convert it to UTF-8 first, such as with `iconv -f utf-16be`",
    ),
    (
        b"\0[",
        "this is UTF-16 without its mark: convert it to UTF-8 first, such as with `iconv -f utf-16be`",
    ),
];

const CSV: &str = "this is CSV, not JSON: pass the events as JSON, one on each line";
const NAME: &str = "this looks like the name of a file: pass the file, or its bytes, in its place";

/// The endings of the names of files with events.
const ENDINGS: &[&str] =
    &[".json", ".ndjson", ".jsonl", ".gz", ".zst", ".csv", ".txt", ".log", ".parquet"];

/// What a stream looks like from its first bytes.
pub(crate) fn of_stream(bytes: &[u8], end: bool) -> Looks {
    if let Some((first, _)) = FIRST.iter().find(|(first, _)| bytes.starts_with(first)) {
        return Looks::Packed(first.len());
    }
    if !end && FIRST.iter().any(|(first, _)| first.starts_with(bytes)) {
        return Looks::Unsure;
    }
    if matches!(bytes.first(), None | Some(b'{' | b'[')) {
        return Looks::Usual;
    }
    match line(bytes) {
        Some(line) if is_csv(line) => Looks::Lines(line.len()),
        None if !end && bytes.len() < LINE => Looks::Unsure,
        None if end && bytes.len() < LINE && is_csv(bytes) => Looks::Lines(bytes.len()),
        _ => Looks::Usual,
    }
}

/// What bytes are that are not JSON, in words; `None` if that is not known.
pub(crate) fn of_record(bytes: &[u8]) -> Option<&'static str> {
    if let Some(words) = packed(bytes) {
        return Some(words);
    }
    let first = line(bytes).unwrap_or(&bytes[..bytes.len().min(LINE)]);
    if is_csv(first) {
        return Some(CSV);
    }
    let name = bytes.trim_ascii();
    let is_name = name.len() <= LINE
        && !name.iter().any(|byte| matches!(byte, b'{' | b'}' | b'"' | b'\n' | 0))
        && std::str::from_utf8(name)
            .is_ok_and(|name| ENDINGS.iter().any(|ending| name.ends_with(ending)));
    is_name.then_some(NAME)
}

/// What bytes are that begin like another format that is no text, in words.
pub(crate) fn packed(bytes: &[u8]) -> Option<&'static str> {
    let first = FIRST.iter().find(|(first, _)| bytes.starts_with(first));
    first.map(|(_, words)| *words)
}

fn line(bytes: &[u8]) -> Option<&[u8]> {
    let near = &bytes[..bytes.len().min(LINE)];
    memchr::memchr(b'\n', near).map(|end| &near[..end])
}

/// Whether a line is the header of a table: two or more names with commas, semicolons or tabs between
/// them.
fn is_csv(line: &[u8]) -> bool {
    let line = line.trim_ascii_end();
    let is_name = |cell: &[u8]| {
        let cell =
            cell.strip_prefix(b"\"").and_then(|cell| cell.strip_suffix(b"\"")).unwrap_or(cell);
        cell.first().is_some_and(u8::is_ascii_alphabetic)
            && cell.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(byte))
    };
    b",;\t".iter().any(|comma| {
        let mut cells = line.split(|byte| byte == comma);
        line.contains(comma) && cells.all(is_name)
    })
}
