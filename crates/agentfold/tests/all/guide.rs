//! The pages of the guide name every limit and every code.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use agentfold::export::{BadQueryCode, NoteCode, PauseReason, RefusalCode};
use agentfold::floor::Doubt;
use agentfold::names::Names;
use agentfold::report::{Buckets, ScheduleWarningCode};
use agentfold::webhook::{FlawCode, Handled, Policy};
use agentfold::{Code, ErrorKind, Limit, Limits, Options};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn page(name: &str) -> String {
    fs::read_to_string(root().join("docs").join(name)).expect("a page of the guide")
}

/// The words of one of the core's lists.
macro_rules! words {
    ($list:ty) => {
        <$list>::ALL.iter().map(|word| word.as_str().to_owned())
    };
}

/// The cells of each row of the tables in a text.
fn rows(text: &str) -> impl Iterator<Item = Vec<&str>> {
    let lines = text.lines().filter(|line| line.starts_with("| "));
    lines.map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
}

/// What stands in backticks in a cell.
fn marked(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

fn grouped(number: impl ToString) -> String {
    let digits = number.to_string();
    let group = |(at, digit): (usize, char)| {
        let comma = (at > 0 && (digits.len() - at).is_multiple_of(3)).then_some(',');
        comma.into_iter().chain([digit])
    };
    digits.chars().enumerate().flat_map(group).collect()
}

/// The part of a page under a heading of the second level.
fn section<'a>(page: &'a str, heading: &str) -> &'a str {
    let (_, rest) = page.split_once(&format!("\n## {heading}\n")).expect("the heading");
    rest.split_once("\n## ").map_or(rest, |(section, _)| section)
}

/// The codes that a section of a page has lines for: all that its tables have in their first column.
fn told<'a>(page: &'a str, heading: &str) -> BTreeSet<&'a str> {
    let first = rows(section(page, heading))
        .filter_map(|cells| cells[0].strip_prefix('`')?.strip_suffix('`'));
    first.collect()
}

/// The texts of a list of types: those of TypeScript and Python that begin with a name.
fn list_in(file: &str, name: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(root().join(file)).expect("the types");
    let (_, rest) = text.split_once(name).expect("the list");
    let end = rest.find([';', ']']).expect("its end");
    rest[..end].split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Adds the sources of the server, and the codes that they answer with.
fn problems_in(folder: &Path, sources: &mut String, codes: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            problems_in(&path, sources, codes);
            continue;
        }
        let source = fs::read_to_string(&path).expect("a source");
        let calls =
            ["problem(", "Failure::new(", "new Refusal("].map(|call| source.split(call).skip(1));
        for arguments in calls.into_iter().flatten() {
            // The code is the first text, after a status or nothing. The message has spaces.
            let Some((before, rest)) = arguments.split_once('"') else { continue };
            let code = rest.split('"').next().unwrap_or_default();
            if !before.contains([';', '{', ')']) && !code.contains(' ') {
                codes.insert(code.to_owned());
            }
        }
        sources.push_str(&source);
    }
}

#[test]
fn every_code_has_a_line_in_its_section_and_no_other_word_has_one() {
    let page = page("troubleshooting.md");
    let pull = words!(RefusalCode).chain(words!(PauseReason)).chain(words!(NoteCode));
    let mut packages = list_in("bindings/wasm/types.d.ts", "type BindingCode =");
    packages.extend(list_in("python/agentfold/types.py", "BindingCode = Literal["));
    let sections: [(&str, BTreeSet<String>); 8] = [
        ("Events and names", words!(Code).collect()),
        ("Outcomes", words!(Handled).collect()),
        ("Questions and folds", words!(ErrorKind).collect()),
        ("Deliveries that are not trusted", words!(FlawCode).collect()),
        ("The pull of the Chat export", pull.collect()),
        ("The served export", words!(BadQueryCode).collect()),
        ("Doubts and warnings", words!(Doubt).chain(words!(ScheduleWarningCode)).collect()),
        ("Errors of the packages", packages),
    ];
    for (heading, codes) in sections {
        let codes: BTreeSet<&str> = codes.iter().map(String::as_str).collect();
        assert_eq!(told(&page, heading), codes, "{heading}");
    }
    let limits: BTreeSet<&str> = marked(section(&page, "Outcomes")).collect();
    assert!(Limit::ALL.iter().all(|limit| limits.contains(limit.as_str())), "{limits:?}");
}

#[test]
fn every_code_that_the_server_or_the_worker_answers_has_a_line() {
    let page = page("troubleshooting.md");
    let (mut sources, mut answered) = (String::new(), BTreeSet::new());
    for folder in ["crates/agentfold-server/src", "js/worker/src"] {
        problems_in(&root().join(folder), &mut sources, &mut answered);
    }
    assert!(
        answered.contains("unavailable") && answered.contains("window_too_long"),
        "{answered:?}"
    );
    let anywhere: BTreeSet<&str> =
        rows(&page).filter_map(|cells| marked(cells[0]).next()).collect();
    let missing: Vec<&String> =
        answered.iter().filter(|code| !anywhere.contains(&***code)).collect();
    assert!(missing.is_empty(), "no line for {missing:?}");
    for code in told(&page, "The server and the Worker") {
        assert!(sources.contains(&format!("\"{code}\"")), "nothing answers `{code}`");
    }
}

/// The links of a page to files, with the parts after `#`.
fn links(page: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    let targets = page.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0));
    let files = targets.filter(|target| !target.contains("://"));
    files.map(|target| {
        target.split_once('#').map_or((target, None), |(file, part)| (file, Some(part)))
    })
}

#[test]
fn the_index_has_every_example_and_no_dead_link() {
    let folder = root().join("examples");
    let index = fs::read_to_string(folder.join("README.md")).expect("the index");
    let linked: BTreeSet<PathBuf> = links(&index)
        .map(|(file, _)| {
            fs::canonicalize(folder.join(file)).unwrap_or_else(|_| panic!("{file} is not there"))
        })
        .collect();
    for of in [
        "crates/agentfold/examples",
        "python/examples",
        "js/examples",
        "js/create/folder",
        "deploy",
    ] {
        // Not all languages have a folder of examples.
        let Ok(entries) = fs::read_dir(root().join(of)) else { continue };
        for entry in entries {
            let path = fs::canonicalize(entry.expect("an entry").path()).expect("a path");
            let is_about_it = path.ends_with("README.md") || path.ends_with("gitignore");
            assert!(
                !path.is_file() || is_about_it || linked.contains(&path),
                "{} is missing",
                path.display()
            );
        }
    }
}

#[test]
fn no_link_of_these_pages_is_dead() {
    for name in ["names.md", "webhooks.md", "limits.md", "troubleshooting.md"] {
        let text = page(name);
        for (file, part) in links(&text) {
            let target = match file {
                "" => text.clone(),
                file => {
                    let path = root().join("docs").join(file);
                    assert!(path.exists(), "{name}: {file} is not there");
                    match file.ends_with(".md") {
                        true => fs::read_to_string(path).expect("a page"),
                        false => continue,
                    }
                }
            };
            if let Some(part) = part {
                assert!(anchors(&target).contains(part), "{name}: {file} has no #{part}");
            }
        }
    }
}

/// The anchors of a page's headings, as GitHub makes them.
fn anchors(page: &str) -> BTreeSet<String> {
    let headings = page.lines().filter_map(|line| line.strip_prefix('#'));
    let anchor = |text: &str| {
        let kept = text.chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
        kept.collect::<String>().to_lowercase().replace(' ', "-")
    };
    headings.map(|line| anchor(line.trim_start_matches('#').trim())).collect()
}

#[test]
fn every_limit_is_on_its_page_with_its_default() {
    let page = page("limits.md");
    let (options, limits) = (Options::default(), Limits::default());
    let tolerance = Policy::default().tolerance.as_secs();
    let mut expected: Vec<(&str, String)> = vec![
        ("too_large", grouped(options.max_bytes)),
        ("too_large", grouped(Names::MAX_BYTES)),
        ("too_large", grouped(Names::MAX_ENTRIES)),
        ("too_large", grouped(Names::MAX_NAME)),
        ("too_deep", grouped(options.max_depth)),
        ("stale", grouped(tolerance)),
        ("future", grouped(tolerance)),
        ("out_of_range", grouped(u32::MAX)),
        ("bad_id", grouped(u64::MAX)),
        ("too_many_buckets", grouped(Buckets::MAX)),
        ("too_many_rows", grouped(Buckets::ROW_LIMIT)),
        ("bad_limit", grouped(agentfold::export::Limit::MAX.count())),
    ];
    for limit in Limit::ALL {
        let most = match limit {
            Limit::Agents => limits.agents,
            Limit::Channels => limits.channels,
            Limit::WorkItems => limits.work_items,
            Limit::Names => limits.names,
            Limit::VersionRanges => limits.version_ranges,
            _ => panic!("a new limit: {limit}"),
        };
        expected.push((limit.as_str(), grouped(most)));
    }
    for (code, most) in expected {
        let is_it = |cells: &Vec<&str>| {
            let numbers = cells.get(1).into_iter().flat_map(|cell| cell.split(' '));
            numbers.into_iter().any(|it| it == most)
                && cells.iter().skip(2).any(|cell| marked(cell).any(|it| it == code))
        };
        assert!(rows(&page).any(|cells| is_it(&cells)), "no row of `{code}` has {most}");
    }
    let all = words!(Code).chain(words!(ErrorKind)).chain(words!(FlawCode));
    let all = all.chain(words!(RefusalCode)).chain(words!(PauseReason)).chain(words!(BadQueryCode));
    let of_limits = |code: &String| code.contains("too_") || code.contains("limit");
    let told: BTreeSet<&str> = rows(&page).flatten().flat_map(marked).collect();
    let missing: Vec<String> =
        all.filter(of_limits).filter(|code| !told.contains(&**code)).collect();
    assert!(missing.is_empty(), "docs/limits.md does not name {missing:?}");
}
