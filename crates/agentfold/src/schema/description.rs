//! [`plain`]: turns doc comments into descriptions for people who do not know Rust.

use schemars::Schema;
use serde_json::Value as Json;

/// Turns a doc comment into a description. Removes the example, links, references to the contract and
/// line breaks within paragraphs, and replaces `None` by null.
pub(super) fn plain(schema: &mut Schema) {
    if let Some(Json::String(description)) = schema.get_mut("description") {
        *description = words(description);
    }
}

fn words(doc: &str) -> String {
    // Examples are the last thing in a doc comment.
    let prose = doc.split("\n```").next().unwrap_or_default().trim();
    let paragraphs = prose.split("\n\n").map(|paragraph| paragraph.replace('\n', " "));
    let prose = paragraphs.collect::<Vec<_>>().join("\n\n");
    let prose = without_contract(&unlinked(&prose));
    prose.replace("`Some(None)`", "null").replace("`None`", "null")
}

/// Text without links to Rust items: "[`explain`](super::explain)" becomes "`explain`".
fn unlinked(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, link)) = rest.split_once("[`") {
        let Some((name, after)) = link.split_once("`]") else {
            break;
        };
        plain.extend([before, "`", name, "`"]);
        rest = match after.strip_prefix('(').and_then(|target| target.split_once(')')) {
            Some((_, after)) => after,
            None => after,
        };
    }
    plain + rest
}

/// Text without "([the contract](crate::contract::fold))": schemas have no links.
fn without_contract(text: &str) -> String {
    let mut parts = text.split(" ([the contract](");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    parts.for_each(|part| plain.push_str(part.split_once("))").map_or("", |(_, after)| after)));
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doc_comment_becomes_prose() {
        let doc = "A stretch, see [`explain`](super::explain)\nand [`Row`]; `None` for none.\n\n\
                   More.\n\n```\nlet x = [`1`];\n```";
        assert_eq!(words(doc), "A stretch, see `explain` and `Row`; null for none.\n\nMore.");
        assert_eq!(words("as [`broken"), "as [`broken");
        let doc = "A row ([the contract](crate::contract::measures#rows)).\nOne (`a`) more.";
        assert_eq!(words(doc), "A row. One (`a`) more.");
    }
}
