//! The OpenAPI document of the server.
//!
//! It is the Worker's, on which `changes.json` is applied as a JSON merge patch (RFC 7396): what both serve stands in one
//! place. Paths under `/api` that answer the same as those of an account are made from these.

use std::sync::LazyLock;

use serde_json::{Map, Value as Json, json};

use crate::routes::{ROUTES, Route};

static DOCUMENT: LazyLock<Json> = LazyLock::new(document);

/// The document.
pub(crate) fn text() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| DOCUMENT.to_string());
    &TEXT
}

/// A parameter of a query.
pub(crate) struct Parameter<'d> {
    pub(crate) name: &'d str,
    /// The words that it can be, if they are listed.
    pub(crate) words: Vec<&'d str>,
}

/// The parameters of a query to a path that is read. An unknown path has none.
pub(crate) fn parameters(path: &str) -> Vec<Parameter<'static>> {
    let given = DOCUMENT["paths"][path]["get"]["parameters"].as_array();
    let all = given.into_iter().flatten().map(resolved);
    let in_query = all.filter(|parameter| parameter["in"] == "query");
    let known = in_query.map(|parameter| {
        let words = parameter["schema"]["enum"].as_array().into_iter().flatten();
        let name = parameter["name"].as_str().unwrap_or_default();
        Parameter { name, words: words.filter_map(Json::as_str).collect() }
    });
    known.collect()
}

/// What a part of the document refers to, or the part itself.
fn resolved(part: &'static Json) -> &'static Json {
    match part["$ref"].as_str().and_then(|at| DOCUMENT.pointer(at.strip_prefix('#')?)) {
        Some(referred) => referred,
        None => part,
    }
}

fn document() -> Json {
    let parsed = |text| serde_json::from_str::<Json>(text).expect("INVARIANT: a test reads it");
    let mut document = parsed(include_str!("openapi/worker.json"));
    document["paths"]["/webhooks/zendesk"] = document["paths"]["/zendesk"].take();
    merge(&mut document, parsed(include_str!("openapi/changes.json")));
    document["info"]["version"] = json!(env!("CARGO_PKG_VERSION"));
    let twins: Vec<(&str, Json)> =
        ROUTES.iter().filter_map(|route| Some((route.path, twin(&document, route)?))).collect();
    for (path, twin) in twins {
        document["paths"][path] = twin;
    }
    document
}

/// The description of a path under `/api` that is served as a path of an account is.
fn twin(document: &Json, route: &Route) -> Option<Json> {
    let of_account =
        |other: &&Route| other.serves == route.serves && other.path.starts_with("/accounts/");
    let original = ROUTES.iter().find(of_account).filter(|_| route.path.starts_with("/api/"))?;
    let mut operation = document["paths"][original.path]["get"].clone();
    let name = route.path.rsplit('/').next().unwrap_or_default();
    operation["operationId"] = json!(format!("{name}OfToken"));
    let mut parameters = vec![json!({ "$ref": "#/components/parameters/of_account" })];
    parameters.extend(operation["parameters"].as_array().into_iter().flatten().cloned());
    operation["parameters"] = json!(parameters);
    Some(json!({ "get": operation }))
}

/// Applies a JSON merge patch.
fn merge(target: &mut Json, patch: Json) {
    let Json::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Json::Object(Map::new());
    }
    for (key, value) in patch {
        match (value, target.as_object_mut()) {
            (Json::Null, Some(fields)) => drop(fields.remove(&key)),
            (value, _) => merge(&mut target[key], value),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_route_is_documented_and_each_documented_path_is_a_route() {
        let paths = DOCUMENT["paths"].as_object().expect("paths");
        let documented: BTreeSet<(String, &str)> = paths
            .iter()
            .flat_map(|(path, item)| {
                let item = item.as_object().expect("an item");
                let methods = item.keys().filter(|key| *key != "parameters");
                methods.map(move |method| (method.to_uppercase(), path.as_str()))
            })
            .collect();
        let routes = ROUTES.iter().map(|route| (route.method.to_owned(), route.path));
        assert_eq!(routes.collect::<BTreeSet<_>>(), documented);
    }

    #[test]
    fn the_document_says_what_needs_a_token() {
        for route in ROUTES {
            let operation = &DOCUMENT["paths"][route.path][route.method.to_lowercase()];
            let security = operation["security"].as_array();
            let has_token =
                security.is_none_or(|ways| ways.iter().any(|way| way.get("bearer").is_some()));
            assert_eq!(has_token, route.needs_token, "{}", route.path);
        }
    }

    #[test]
    fn all_references_lead_somewhere_and_all_components_are_used() {
        let mut references = BTreeSet::new();
        refer(&DOCUMENT, &mut references);
        for reference in &references {
            let pointer = reference.strip_prefix('#').expect("within the document");
            assert!(DOCUMENT.pointer(pointer).is_some(), "{reference}");
        }
        for kind in ["parameters", "responses", "schemas"] {
            for name in DOCUMENT["components"][kind].as_object().expect("components").keys() {
                assert!(references.contains(&format!("#/components/{kind}/{name}")), "{name}");
            }
        }
    }

    fn refer(part: &Json, references: &mut BTreeSet<String>) {
        match part {
            Json::Object(fields) => {
                references.extend(fields.get("$ref").and_then(Json::as_str).map(str::to_owned));
                fields.values().for_each(|part| refer(part, references));
            }
            Json::Array(items) => items.iter().for_each(|part| refer(part, references)),
            _ => {}
        }
    }

    #[test]
    fn each_operation_has_an_id_of_its_own_and_none_is_about_the_worker() {
        let operations = DOCUMENT["paths"].as_object().expect("paths").values();
        let operations = operations.flat_map(|item| item.as_object().expect("an item").values());
        let ids: Vec<&str> = operations.filter_map(|part| part["operationId"].as_str()).collect();
        assert_eq!(ids.len(), ROUTES.len());
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{ids:?}");
        assert!(!text().contains("Worker"), "the Worker's name is replaced");
    }
}
