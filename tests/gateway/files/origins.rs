//! Pages of other origins: those that are allowed may use the REST API from a browser, others may not.

use super::rest::Rest;
use crate::rig::{Options, token};
use reqwest::{Method, Response};

const PLATFORM: &str = "https://learn.example";

async fn ask(rest: &Rest, method: Method, path: &str, headers: &[(&str, &str)]) -> Response {
    let mut request = reqwest::Client::new().request(method, rest.server.url(path));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

fn allowed(response: &Response) -> Option<&str> {
    Some(response.headers().get("access-control-allow-origin")?.to_str().unwrap())
}

#[tokio::test]
async fn a_page_of_an_allowed_origin_uses_the_api() {
    let rest = Rest::start_with(Options::default().set("VIVA_ORIGINS", PLATFORM)).await;
    let preflight = [
        ("origin", PLATFORM),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "authorization,content-type,idempotency-key"),
    ];
    for path in ["/api/uploads", "/api/me", "/api/objects/signed", "/api/documents/d"] {
        let response = ask(&rest, Method::OPTIONS, path, &preflight).await;
        assert_eq!((response.status().as_u16(), allowed(&response)), (204, Some(PLATFORM)), "{path}");
        let headers = response.headers();
        for (name, word) in [
            ("access-control-allow-methods", "DELETE"),
            ("access-control-allow-methods", "PUT"),
            ("access-control-allow-methods", "PATCH"),
            ("access-control-allow-headers", "authorization"),
            ("access-control-allow-headers", "idempotency-key"),
            ("access-control-allow-headers", "if-match"),
        ] {
            assert!(headers[name].to_str().unwrap().contains(word), "{path}: {name}");
        }
        assert!(!headers.contains_key("access-control-allow-credentials"));
    }
    let bearer = format!("Bearer {}", token("ann"));
    let response = ask(&rest, Method::GET, "/api/documents", &[("origin", PLATFORM), ("authorization", &bearer)]).await;
    assert_eq!((response.status().as_u16(), allowed(&response)), (200, Some(PLATFORM)));
    assert_eq!(response.headers()["vary"], "origin");
    assert!(response.headers()["access-control-expose-headers"].to_str().unwrap().contains("etag"));
    // A refusal can be read by the page, too.
    let response = ask(&rest, Method::GET, "/api/documents", &[("origin", PLATFORM)]).await;
    assert_eq!((response.status().as_u16(), allowed(&response)), (401, Some(PLATFORM)));
}

#[tokio::test]
async fn other_origins_are_told_nothing() {
    let rest = Rest::start_with(Options::default().set("VIVA_ORIGINS", PLATFORM)).await;
    let bearer = format!("Bearer {}", token("ann"));
    for origin in ["https://learn.example.evil", "https://evil.example", "null"] {
        let preflight = [("origin", origin), ("access-control-request-method", "GET")];
        let response = ask(&rest, Method::OPTIONS, "/api/documents", &preflight).await;
        assert_eq!(allowed(&response), None, "{origin}");
        assert_ne!(response.status(), 204, "{origin}");
        let headers = [("origin", origin), ("authorization", bearer.as_str())];
        let response = ask(&rest, Method::GET, "/api/documents", &headers).await;
        assert_eq!(allowed(&response), None, "{origin}");
    }
    let own = rest.server.url("").trim_end_matches('/').to_owned();
    let response = ask(&rest, Method::GET, "/api/documents", &[("origin", &own), ("authorization", &bearer)]).await;
    assert_eq!((response.status().as_u16(), allowed(&response)), (200, None));
    let page = ask(&rest, Method::GET, "/config.json", &[("origin", PLATFORM)]).await;
    assert_eq!(allowed(&page), None, "only the API is shared");
}
