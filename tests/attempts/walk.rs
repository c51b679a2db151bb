//! Every operation of the REST API as a request that is well-formed, so that it is refused for who asks and not for how.

use crate::rig::COURSE;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Whom an operation on another's quiz is for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum For {
    /// It is about what is one's own, or open to all.
    Everybody,
    /// Members of the quiz's course, each with an attempt of one's own.
    Members,
    /// Teachers of the course.
    Teachers,
}

/// All of them. Whoever adds one to the API adds it here, and thinks about what it may tell to whom.
const OPERATIONS: &[(&str, &str, For)] = &[
    ("POST", "/api/uploads", For::Everybody),
    ("GET", "/api/uploads", For::Everybody),
    ("GET", "/api/uploads/{id}", For::Everybody),
    ("DELETE", "/api/uploads/{id}", For::Everybody),
    ("POST", "/api/uploads/{id}/parts/{number}", For::Everybody),
    ("POST", "/api/uploads/{id}/complete", For::Everybody),
    ("GET", "/api/documents", For::Everybody),
    ("GET", "/api/documents/{id}", For::Everybody),
    ("DELETE", "/api/documents/{id}", For::Everybody),
    ("GET", "/api/documents/{id}/file", For::Everybody),
    ("GET", "/api/passages", For::Everybody),
    ("GET", "/api/passages/{id}", For::Everybody),
    ("POST", "/api/quizzes", For::Everybody),
    ("GET", "/api/quizzes", For::Everybody),
    ("POST", "/api/quizzes/import", For::Everybody),
    ("GET", "/api/quizzes/{id}", For::Teachers),
    ("PATCH", "/api/quizzes/{id}", For::Teachers),
    ("DELETE", "/api/quizzes/{id}", For::Teachers),
    ("POST", "/api/quizzes/{id}/make", For::Teachers),
    ("POST", "/api/quizzes/{id}/cancel", For::Teachers),
    ("POST", "/api/quizzes/{id}/publish", For::Teachers),
    ("POST", "/api/quizzes/{id}/archive", For::Teachers),
    ("POST", "/api/quizzes/{id}/items", For::Teachers),
    ("POST", "/api/quizzes/{id}/items/order", For::Teachers),
    ("PUT", "/api/quizzes/{id}/items/{item}", For::Teachers),
    ("DELETE", "/api/quizzes/{id}/items/{item}", For::Teachers),
    ("GET", "/api/quizzes/{id}/export", For::Teachers),
    ("GET", "/api/quizzes/{id}/attempts", For::Teachers),
    ("GET", "/api/quizzes/{id}/analytics", For::Teachers),
    ("GET", "/api/quizzes/{id}/cover", For::Members),
    ("GET", "/api/attempts/{id}", For::Members),
    ("PATCH", "/api/attempts/{id}", For::Members),
    ("GET", "/api/attempts/{id}/results", For::Members),
    ("POST", "/api/attempts/{id}/marks", For::Teachers),
    ("GET", "/api/progress", For::Everybody),
    ("GET", "/api/courses/{course}/progress", For::Teachers),
    ("GET", "/api/courses/{course}/progress/{user}", For::Teachers),
    ("POST", "/api/quizzes/{id}/attempts", For::Members),
    ("POST", "/api/attempts/{id}/submit", For::Members),
];

/// A request of the walk.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) method: &'static str,
    pub(crate) operation: &'static str,
    pub(crate) path: String,
    pub(crate) body: Option<String>,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) whose: For,
}

/// What the requests are about.
pub(crate) struct Targets {
    /// Methods and paths of the operations.
    pub(crate) served: BTreeSet<(String, String)>,
    /// Ids and versions.
    pub(crate) quizzes: Vec<(String, u64)>,
    pub(crate) attempts: Vec<String>,
    pub(crate) users: Vec<String>,
}

/// What the server's document says is served.
pub(crate) fn served(openapi: &Value) -> BTreeSet<(String, String)> {
    let methods = ["get", "put", "post", "delete", "patch", "head", "options", "trace"];
    let paths = openapi["paths"].as_object().unwrap().iter();
    paths
        .flat_map(|(path, operations)| {
            let operations = operations.as_object().unwrap().keys().filter(|method| methods.contains(&method.as_str()));
            operations.map(|method| (method.to_uppercase(), path.clone())).collect::<Vec<_>>()
        })
        .collect()
}

/// Holds the walk against the document that the server serves.
pub(crate) fn check_complete(openapi: &Value) {
    let walked: BTreeSet<(String, String)> =
        OPERATIONS.iter().map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned())).collect();
    let missing: Vec<_> = served(openapi).difference(&walked).cloned().collect();
    assert!(missing.is_empty(), "operations that nobody walks: {missing:?}; add them to OPERATIONS in walk.rs");
}

/// Every operation with everything that it can be about.
pub(crate) fn steps(targets: &Targets) -> Vec<Step> {
    let mut steps = Vec::new();
    let is_served = |method: &str, path: &str| targets.served.contains(&(method.to_owned(), path.to_owned()));
    for (method, operation, whose) in OPERATIONS.iter().filter(|(method, path, _)| is_served(method, path)) {
        for (path, version) in paths(operation, targets) {
            for query in queries(method, operation) {
                steps.push(Step {
                    method,
                    operation,
                    path: format!("{path}{query}"),
                    body: body(method, operation),
                    headers: vec![("if-match", format!("\"v{version}\""))],
                    whose: *whose,
                });
            }
        }
    }
    // An attempt's revision is not a quiz's version.
    for step in &mut steps {
        if step.operation.starts_with("/api/attempts") {
            step.headers.clear();
        }
    }
    steps
}

fn paths(operation: &str, targets: &Targets) -> Vec<(String, u64)> {
    let filled =
        |name: &str, with: &str| operation.replace(name, with).replace("{item}", "i1").replace("{number}", "1");
    if operation.starts_with("/api/quizzes/{id}") {
        return targets.quizzes.iter().map(|(id, version)| (filled("{id}", id), *version)).collect();
    }
    if operation.starts_with("/api/attempts/{id}") {
        return targets.attempts.iter().map(|id| (filled("{id}", id), 0)).collect();
    }
    if operation.contains("{user}") {
        let users = targets.users.iter();
        return users.map(|user| (filled("{user}", user).replace("{course}", COURSE), 0)).collect();
    }
    vec![(filled("{id}", "none").replace("{course}", COURSE), 0)]
}

fn queries(method: &str, operation: &str) -> Vec<String> {
    let some = |queries: &[&str]| queries.iter().map(|query| (*query).to_owned()).collect();
    match (method, operation) {
        ("GET", "/api/passages") => some(&["?query=what", "?query=law-1&course=law-1"]),
        ("GET", "/api/documents" | "/api/quizzes" | "/api/progress") => {
            vec![String::new(), format!("?course={COURSE}")]
        }
        ("GET", "/api/quizzes/{id}/export") => some(&["?format=moodle", "?format=gift", "?format=qti"]),
        ("GET", "/api/quizzes/{id}/analytics") => some(&["", "?edition=1&counting=all"]),
        ("GET", "/api/quizzes/{id}/attempts") => some(&["", "?state=open", "?state=pending"]),
        ("POST", "/api/quizzes/import") => some(&["?format=gift&title=Own", "?format=gift&title=Own&course=law-1"]),
        _ => vec![String::new()],
    }
}

fn body(method: &str, operation: &str) -> Option<String> {
    let item = json!({"stem": "What is new?", "body": {"type": "true_false", "key": true}});
    let make = json!({"documents": [], "topic": "law", "counts": {"true_false": 1}});
    let body = match (method, operation) {
        ("POST", "/api/uploads") => json!({"name": "own.md", "bytes": 1, "sha256": "0".repeat(64)}),
        ("POST", "/api/quizzes") => json!({"title": "Own"}),
        ("POST", "/api/quizzes/import") => return Some("::Own:: Is it? {TRUE}".to_owned()),
        ("PATCH", "/api/quizzes/{id}") => json!({"title": "Own"}),
        ("POST", "/api/quizzes/{id}/make") => make,
        ("POST", "/api/quizzes/{id}/items") | ("PUT", "/api/quizzes/{id}/items/{item}") => item,
        ("POST", "/api/quizzes/{id}/items/order") => json!({"items": ["i1"]}),
        // An answer that fits nothing: its refusal must not tell what would.
        ("PATCH", "/api/attempts/{id}") => json!({"answers": {"i1": {"type": "true_false", "value": true}}}),
        ("POST", "/api/attempts/{id}/submit") => json!({"answers": {}}),
        ("POST", "/api/attempts/{id}/marks") => json!({"item": "i9", "awarded": {}}),
        _ => return None,
    };
    Some(body.to_string())
}
