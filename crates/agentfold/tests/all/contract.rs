//! The sections of the contract that the documentation links to exist.

use std::fs;
use std::path::Path;

/// Returns the anchors that rustdoc generates for a document's headings.
fn anchors(document: &str) -> Vec<String> {
    let headings = document.lines().filter_map(|line| line.strip_prefix('#'));
    let texts = headings.map(|line| line.trim_start_matches('#').trim());
    texts.map(|text| text.to_lowercase().replace(' ', "-")).collect()
}

fn sources(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(fs::read_to_string(path).expect("a source"));
        }
    }
}

#[test]
fn every_section_that_is_cited_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut texts = Vec::new();
    sources(&root.join("src"), &mut texts);
    let mut cited = 0;
    for text in &texts {
        for citation in text.split("crate::contract::").skip(1) {
            let link = citation.split([')', '\n']).next().unwrap_or_default();
            let Some((document, anchor)) = link.split_once('#') else { continue };
            let file = root.join(format!("docs/contract/{document}.md"));
            let document = fs::read_to_string(&file).expect("a document of the contract");
            assert!(anchors(&document).contains(&anchor.to_owned()), "{}#{anchor}", file.display());
            cited += 1;
        }
    }
    assert!(cited > 10, "only {cited} citations were found");
}
