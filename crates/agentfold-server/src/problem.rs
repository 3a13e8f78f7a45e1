//! [`problem`]: what a request that fails is answered.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

#[derive(Serialize)]
struct Problem<'a> {
    code: &'a str,
    path: &'a str,
    message: &'a str,
}

/// Returns an error response with `code`, `path` and `message`.
pub(crate) fn problem(status: StatusCode, code: &str, path: &str, message: &str) -> Response {
    private((status, Json(Problem { code, path, message })).into_response())
}

/// Marks a response as one that nobody stores or takes for something else.
pub(crate) fn private(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// The answer if something can't be read now.
pub(crate) fn unavailable() -> Response {
    let message = "temporarily unavailable; retry later";
    after(problem(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "", message), 5)
}

/// Adds after how many seconds to ask again.
pub(crate) fn after(mut response: Response, seconds: u64) -> Response {
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
    response
}
