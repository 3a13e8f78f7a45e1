//! The same events in every format and order.

use std::io::Write;

use agentfold_simulate::Feed;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use crate::events::{half_a_day, ndjson};
use crate::run::Folder;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory takes all bytes");
    encoder.finish().expect("memory takes all bytes")
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).expect("memory takes all bytes")
}

/// The records, each over many lines and with its keys in another order.
fn pretty(lines: &[String]) -> Vec<String> {
    let value = |line: &String| serde_json::from_str::<Value>(line).expect("an event is JSON");
    lines.iter().map(|line| format!("{:#}", value(line))).collect()
}

/// The events in several JSON formats.
fn wrapped(lines: &[String]) -> Vec<(&'static str, String)> {
    let pretty = pretty(lines);
    vec![
        ("NDJSON", ndjson(lines)),
        ("NDJSON without the last line's end", lines.join("\n")),
        ("NDJSON with carriage returns", lines.join("\r\n")),
        ("objects one after another", lines.concat()),
        ("objects over many lines", pretty.join("\n")),
        ("an array", format!("[{}]", lines.join(","))),
        ("an array, an event a line", format!("[\n{}\n]\n", lines.join(",\n"))),
        ("an array over many lines", format!("[{}]", pretty.join(", "))),
    ]
}

/// What the command prints and saves.
fn folded(folder: &Folder, arguments: &str) -> (String, Vec<u8>) {
    let run = folder.run(&format!("state {arguments} --save out.fold"));
    assert_eq!(run.stderr, "", "{arguments}");
    (run.printed(), folder.read("out.fold"))
}

#[track_caller]
fn all_are_alike(forms: impl IntoIterator<Item = (&'static str, Vec<u8>)>) {
    let folder = Folder::new();
    let mut first = None;
    for (form, bytes) in forms {
        folder.write("events", &bytes);
        let as_file = folded(&folder, "events");
        let input = folder.run_on(&bytes, "state --save out.fold");
        let as_input = (input.printed(), folder.read("out.fold"));
        let first = first.get_or_insert_with(|| as_file.clone());
        assert!(!first.0.is_empty());
        assert!(as_file == *first, "{form}, as a file");
        assert!(as_input == *first, "{form}, by standard input");
    }
}

#[test]
fn every_wrapping_of_the_same_events_gives_the_same_state() {
    let lines = half_a_day(Feed::Both);
    all_are_alike(wrapped(&lines).into_iter().map(|(form, text)| (form, text.into_bytes())));
}

#[test]
fn pages_of_the_chat_export_give_the_same_state_as_their_records() {
    let lines = half_a_day(Feed::Chat);
    let page = |lines: &[String]| {
        let events = lines.join(",");
        format!(
            r#"{{"agent_events":[{events}],"count":{},"end_time":1540176932.8872,"next_page":""}}"#,
            lines.len()
        )
    };
    let (first, second) = lines.split_at(lines.len() / 3);
    let pages = [page(first), page(second)];
    let pretty_page = pretty(&[page(&lines)]).concat();
    let mut forms = wrapped(&lines);
    forms.extend([
        ("a page", page(&lines)),
        ("a page over many lines", pretty_page),
        ("pages, one a line", ndjson(&pages)),
        ("an array of pages", format!("[{}]", pages.join(","))),
        ("a page and records", format!("{}\n{}", pages[0], second.join("\n"))),
    ]);
    all_are_alike(forms.into_iter().map(|(form, text)| (form, text.into_bytes())));
}

#[test]
fn compressed_events_give_the_same_state_as_plain_ones() {
    let text = ndjson(&half_a_day(Feed::Both)).into_bytes();
    // Split inside a record, so that neither part is valid alone.
    let (first, second) = text.split_at(text.len() / 2 + 10);
    all_are_alike([
        ("plain", text.clone()),
        ("gzip", gzip(&text)),
        ("gzip of two members", [gzip(first), gzip(second)].concat()),
        ("gzip with an empty member", [gzip(&text), gzip(b"")].concat()),
        ("zstd", zstd(&text)),
        ("zstd of two frames", [zstd(first), zstd(second)].concat()),
    ]);
}

#[test]
fn several_files_in_any_order_give_the_same_state() {
    let lines = half_a_day(Feed::Both);
    let (morning, rest) = lines.split_at(lines.len() / 3);
    let (noon, evening) = rest.split_at(rest.len() / 2);
    let array = format!("[{}]", evening.join(","));
    let folder = Folder::with("all", ndjson(&lines))
        .and("morning", ndjson(morning))
        .and("noon.gz", gzip(ndjson(noon).as_bytes()))
        .and("evening.zst", zstd(array.as_bytes()));
    let whole = folded(&folder, "all");
    for order in [
        "morning noon.gz evening.zst",
        "evening.zst noon.gz morning",
        "noon.gz evening.zst morning",
        "noon.gz morning noon.gz evening.zst all",
    ] {
        assert!(folded(&folder, order) == whole, "{order}");
    }
}

#[test]
fn a_dash_among_the_files_is_standard_input() {
    let lines = half_a_day(Feed::Availability);
    let (morning, evening) = lines.split_at(lines.len() / 2);
    let folder =
        Folder::with("morning", ndjson(morning)).and("all", format!("{}\n", lines.join("\n")));
    let whole = folder.run("state all").printed();
    assert_eq!(folder.run_on(ndjson(evening), "state morning -").printed(), whole);
    assert_eq!(folder.run_on(gzip(ndjson(evening).as_bytes()), "state - morning").printed(), whole);
    assert_eq!(folder.run_on(ndjson(&lines), "state -").printed(), whole);
}

#[test]
fn empty_input_is_not_an_error() {
    for nothing in [b"".to_vec(), b" \n\n".to_vec(), b"[]".to_vec(), gzip(b""), zstd(b"")] {
        let run = Folder::new().run_on(nothing, "state");
        assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (Some(0), "", ""));
    }
}

#[test]
fn damaged_compression_loses_nothing_that_comes_before_the_damage() {
    let lines = half_a_day(Feed::Availability);
    let text = ndjson(&lines).into_bytes();
    let folder = Folder::with("good", &text);
    let whole = folder.run("state good").printed();
    for packed in [gzip(&text), zstd(&text)] {
        // Zeros are padding.
        folder.write("day", [&packed[..], &[0; 512]].concat());
        assert_eq!(folder.run("state day").printed(), whole);

        folder.write("day", [&packed[..], b"garbage"].concat());
        let run = folder.run("state day");
        assert_eq!((run.code, &run.stdout), (Some(1), &whole));
        let place = format!(" at byte {}", packed.len());
        assert!(run.stderr.starts_with("day:"), "{}", run.stderr);
        assert!(run.stderr.contains("damaged_stream"), "{}", run.stderr);
        assert!(run.stderr.contains(&place) || run.stderr.contains(" at byte "), "{}", run.stderr);

        folder.write("day", &packed[..packed.len() / 2]);
        let run = folder.run("state good day");
        assert_eq!((run.code, &run.stdout), (Some(1), &whole));
        assert!(run.stderr.contains("damaged_stream"), "{}", run.stderr);
        let half = folder.run("state day");
        assert_eq!(half.code, Some(1));
        assert!(!half.stdout.is_empty());
        assert_eq!(folder.run("check day").code, Some(1));
    }
}

#[test]
fn a_file_that_is_read_as_a_whole_is_limited_by_its_unpacked_bytes() {
    let zeros = zstd(&vec![b'0'; 300 << 20]);
    assert!(zeros.len() < 100_000);
    let folder = Folder::with("zeros", zeros).and("good", ndjson(&half_a_day(Feed::Availability)));
    for command in [
        "report good --every 1h --schedule zeros --rows adherence",
        "report good --every 1h --against zeros",
        "reconcile good --account 2 --record zeros",
    ] {
        let message = folder.run(command).refused(2);
        assert!(message.contains(" MiB"), "{command}: {message}");
    }
}
