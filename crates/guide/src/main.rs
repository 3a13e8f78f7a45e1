//! Builds the guide into `target/site`: mdBook renders the documents that `docs/SUMMARY.md` lists.
//!
//! A page has the path that its document has in the repository, without `docs/`, and a `README.md` is the index of its
//! folder. Links to documents lead to their pages. Pictures are copied. Links to other files lead to the repository.

use std::collections::BTreeSet;
use std::error::Error;
use std::ops::Range;
use std::path::{Component, Path, PathBuf};
use std::{env, fs};

use mdbook_driver::MDBook;
use mdbook_markdown::pulldown_cmark::{Event, LinkType, Tag};
use mdbook_markdown::{MarkdownOptions, new_cmark_parser};

const PICTURES: [&str; 2] = ["png", "svg"];

fn main() -> Result<(), Box<dyn Error>> {
    let revision = env::args().nth(1).ok_or("name a branch or tag, for links to files")?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    let mut book = MDBook::load(root.join("docs"))?;
    let html = book.config.html_config().unwrap_or_default();
    let mut site = Site {
        repository: html.git_repository_url.ok_or("docs/book.toml names no repository")?,
        revision,
        pages: book
            .book
            .chapters()
            .filter_map(|one| one.source_path.as_deref())
            .map(document)
            .collect(),
        pictures: BTreeSet::new(),
        dead: 0,
        root,
    };
    book.book.for_each_chapter_mut(|chapter| {
        if let Some(path) = chapter.source_path.as_deref().map(document) {
            chapter.content = site.linked(&path, &chapter.content);
            chapter.path = Some(place(&path));
        }
    });
    if site.dead > 0 {
        return Err("documents link to files that do not exist".into());
    }
    book.config.book.src = site.copied()?;
    Ok(book.build()?)
}

/// Returns the path in the repository of what `docs/SUMMARY.md` lists.
fn document(listed: &Path) -> PathBuf {
    resolved(&Path::new("docs").join(listed))
}

/// Returns the path in the site of a document or picture.
fn place(path: &Path) -> PathBuf {
    let place = path.strip_prefix("docs").unwrap_or(path);
    if place.ends_with("README.md") { place.with_file_name("index.md") } else { place.to_owned() }
}

/// Returns the path without `.` and `..`.
fn resolved(path: &Path) -> PathBuf {
    let mut resolved = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(resolved.pop()),
            Component::CurDir => {}
            part => resolved.push(part),
        }
    }
    resolved
}

struct Site {
    root: PathBuf,
    repository: String,
    revision: String,
    pages: BTreeSet<PathBuf>,
    /// The pictures that pages link to.
    pictures: BTreeSet<PathBuf>,
    /// How many links lead nowhere.
    dead: usize,
}

impl Site {
    /// Returns the text of a document with the links of its page.
    fn linked(&mut self, document: &Path, text: &str) -> String {
        let mut linked = text.to_owned();
        for range in links(text).into_iter().rev() {
            if let Some(target) = self.target(document, &text[range.clone()]) {
                linked.replace_range(range, &target);
            }
        }
        linked
    }

    /// Returns where a link of a document leads in the site; `None` if it stays as it is.
    fn target(&mut self, document: &Path, link: &str) -> Option<String> {
        let (path, anchor) = link.split_at(link.find('#').unwrap_or(link.len()));
        // Packages have absolute links, since their READMEs are also read elsewhere.
        let path = match path.strip_prefix(&format!("{}/blob/main/", self.repository)) {
            Some(path) => PathBuf::from(path),
            None if path.is_empty() || path.contains(':') => return None,
            None => resolved(&document.with_file_name(path)),
        };
        let file = self.root.join(&path);
        if !file.exists() {
            eprintln!("{}: `{link}` does not exist", document.display());
            self.dead += 1;
            return None;
        }
        let is_picture = path.extension().is_some_and(|end| PICTURES.iter().any(|one| end == *one));
        if !is_picture && !self.pages.contains(&path) {
            let kind = if file.is_dir() { "tree" } else { "blob" };
            let Self { repository, revision, .. } = self;
            return Some(format!("{repository}/{kind}/{revision}/{}{anchor}", path.display()));
        }
        let up = "../".repeat(place(document).components().count() - 1);
        let target = format!("{up}{}{anchor}", place(&path).display());
        if is_picture {
            self.pictures.insert(path);
        }
        Some(target)
    }

    /// Copies the pictures to their places in a folder, and returns the folder.
    fn copied(&self) -> std::io::Result<PathBuf> {
        let folder = self.root.join("target/pictures");
        for picture in &self.pictures {
            let copy = folder.join(place(picture));
            fs::create_dir_all(copy.parent().unwrap_or(&folder))?;
            fs::copy(self.root.join(picture), copy)?;
        }
        Ok(folder)
    }
}

/// Returns where Markdown spells the targets of its links and pictures, in order.
fn links(text: &str) -> Vec<Range<usize>> {
    let events = new_cmark_parser(text, &MarkdownOptions::default()).into_offset_iter();
    let definitions = events.reference_definitions().iter();
    let mut links: Vec<_> =
        definitions.map(|(_, link)| (link.span.clone(), link.dest.to_string())).collect();
    links.extend(events.filter_map(|(event, range)| match event {
        Event::Start(
            Tag::Link { link_type: LinkType::Inline, dest_url, .. }
            | Tag::Image { link_type: LinkType::Inline, dest_url, .. },
        ) => Some((range, dest_url.to_string())),
        _ => None,
    }));
    // A picture inside the text of a link stands before the link's own target.
    let spelled = |(range, target): (Range<usize>, String)| {
        let start = range.start + text[range].rfind(&target)?;
        Some(start..start + target.len())
    };
    let mut links: Vec<_> = links.into_iter().filter_map(spelled).collect();
    links.sort_by_key(|range| range.start);
    links
}
