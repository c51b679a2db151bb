//! Every operation that the OpenAPI document describes has a route of its own in template.yaml, behind the authorizer, to a function that
//! knows it.

use crate::asking::{json_of, request};
use crate::classroom::Classroom;
use crate::rig::{ann, invocation, speaker};
use crate::shelf::Shelf;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use viva::lambda::Function as _;

pub(crate) fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// Each operation that the document describes, with the function that is to answer it.
fn operations() -> BTreeMap<String, &'static str> {
    let document: Value = serde_json::from_str(&read("docs/openapi.json")).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let of_path = |(path, operations): (&String, &Value)| -> Vec<(String, &'static str)> {
        let of_method = |(method, operation): (&String, &Value)| {
            let function = match operation["tags"][0].as_str().unwrap() {
                "uploads" | "documents" | "passages" => "Files",
                "quizzes" | "attempts" | "progress" => "Quizzes",
                other => panic!("nobody answers what is tagged {other}"),
            };
            (format!("{} {path}", method.to_uppercase()), function)
        };
        operations.as_object().unwrap().iter().map(of_method).collect()
    };
    paths.iter().flat_map(of_path).collect()
}

/// Each route with its whole resource.
fn routes(template: &str) -> BTreeMap<String, String> {
    let resources = template.split("\n\n").filter(|resource| resource.contains("Type: AWS::ApiGatewayV2::Route"));
    let keyed = resources.map(|resource| {
        let key = resource.lines().find_map(|line| line.trim().strip_prefix("RouteKey: ")).unwrap();
        (key.to_owned(), resource.to_owned())
    });
    keyed.filter(|(key, _)| !key.ends_with("/me") && !key.ends_with(".json")).collect()
}

#[tokio::test]
async fn everything_that_is_described_is_there_and_has_a_route_of_its_own() {
    let (shelf, classroom) = (Shelf::new(), Classroom::new());
    let (operations, routes) = (operations(), routes(&read("template.yaml")));
    let described: BTreeSet<_> = operations.keys().collect();
    assert_eq!(routes.keys().collect::<BTreeSet<_>>(), described);
    for (operation, function) in &operations {
        let route = &routes[operation];
        assert!(route.contains("AuthorizationType: CUSTOM"), "{operation} needs no token");
        assert!(route.contains(&format!("integrations/${{{function}Integration}}")), "{operation} is not {function}'s");
        let (method, path) = operation.split_once(' ').unwrap();
        let path = ["{id}", "{item}", "{user}"].iter().fold(path.to_owned(), |path, name| path.replace(name, "none"));
        let path = path.replace("{course}", "ann").replace("{number}", "1");
        let event = request(&speaker(&ann()), method, &path, "{}");
        let event = serde_json::from_value(event).unwrap();
        let answer = match *function {
            "Files" => shelf.files.call(event, invocation()).await.unwrap(),
            _ => classroom.quizzes.call(event, invocation()).await.unwrap(),
        };
        let (status, body) = (&answer["statusCode"], json_of(&answer));
        assert!(*status != json!(405) && !(*status == json!(404) && body.is_null()), "{operation}: {answer}");
        assert!(!body.to_string().contains("on this server"), "{operation} reached a function that has none: {answer}");
    }
}
