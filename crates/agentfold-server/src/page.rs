//! The page that shows the floor.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

use crate::problem::problem;

/// The files of the page. There are none if it was not built before this crate.
#[derive(RustEmbed)]
#[folder = "$OUT_DIR/page"]
struct Page;

/// The headers of the page, as a Worker's static assets have them.
const HEADERS: &str = "_headers";

/// Whether this program has the page, which is built before it.
pub fn has_page() -> bool {
    Page::iter().next().is_some()
}

/// Returns a file of the page.
pub(crate) fn page(name: &str, asked: &HeaderMap) -> Response {
    let name = if name.is_empty() { "index.html" } else { name };
    let Some(file) = Page::get(name).filter(|_| name != HEADERS) else {
        let message = match has_page() {
            true => "this path does not exist",
            false => "this program was built without the page; see CONTRIBUTING.md",
        };
        return problem(StatusCode::NOT_FOUND, "not_found", "", message);
    };
    let tag = format!("\"{}\"", hex(&file.metadata.sha256_hash()));
    let mut headers = common();
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    if asked.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind(name)));
    (headers, file.data).into_response()
}

fn common() -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    let file = Page::get(HEADERS).map(|file| file.data).unwrap_or_default();
    for line in String::from_utf8_lossy(&file).lines().filter(|line| line.starts_with(' ')) {
        if let Some((name, value)) = line.trim().split_once(": ")
            && let (Ok(name), Ok(value)) =
                (header::HeaderName::try_from(name), HeaderValue::from_str(value))
        {
            headers.insert(name, value);
        }
    }
    headers
}

fn kind(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("wasm") => "application/wasm",
        _ => "application/octet-stream",
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
