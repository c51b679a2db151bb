//! Large files in parts: resumed where they broke off, and checked as a whole.

use super::rest::Rest;
use crate::rig::identity;
use serde_json::{Value, json};
use viva::config::limits::UPLOAD_PART_BYTES;

/// A bit more than two parts of noise.
fn large() -> Vec<u8> {
    (0..UPLOAD_PART_BYTES * 2 + 1_000).map(|at| (at.wrapping_mul(0x9E37_79B9) >> 13) as u8).collect()
}

fn part(content: &[u8], number: usize) -> &[u8] {
    let bytes = UPLOAD_PART_BYTES as usize;
    &content[(number - 1) * bytes..content.len().min(number * bytes)]
}

async fn address(rest: &Rest, upload: &str, number: usize) -> Value {
    let (status, send) = rest.ask("ann", "POST", &format!("/api/uploads/{upload}/parts/{number}"), None).await;
    assert_eq!(status, 200, "{send}");
    json!({ "send": send })
}

async fn code(response: reqwest::Response) -> Value {
    response.json::<Value>().await.unwrap()["code"].take()
}

#[tokio::test]
async fn a_large_file_comes_in_parts_in_any_order_and_goes_on_where_it_broke_off() {
    let rest = Rest::start().await;
    let content = large();
    let ticket = rest.begun(&identity("ann"), "large.pdf", &content, json!({})).await;
    assert_eq!(ticket["parts"], json!({"bytes": UPLOAD_PART_BYTES, "count": 3, "received": []}));
    let id = ticket["upload"]["id"].as_str().unwrap();
    for number in [3, 1] {
        let ticket = address(&rest, id, number).await;
        assert_eq!(rest.send(&ticket, part(&content, number)).await.status(), 200);
    }
    let complete = format!("/api/uploads/{id}/complete");
    let path = format!("/api/uploads/{id}");
    assert_eq!(rest.ask("ann", "POST", &complete, None).await.1["code"], "upload_incomplete");
    // Whoever comes back is told what is there.
    assert_eq!(rest.get("ann", &path).await["parts"]["received"], json!([1, 3]));
    let second = address(&rest, id, 2).await;
    assert_eq!(code(rest.send(&second, part(&content, 3)).await).await, "length_mismatch");
    assert_eq!(rest.get("ann", &path).await["parts"]["received"], json!([1, 3]));
    assert_eq!(rest.send(&second, part(&content, 2)).await.status(), 200);
    for _ in 0..2 {
        let (status, document) = rest.ask("ann", "POST", &complete, None).await;
        assert_eq!((status, &document["bytes"]), (200, &json!(content.len())), "{document}");
    }
    assert!(rest.get("ann", &path).await.get("parts").is_none());
    let (status, refused) = rest.ask("ann", "POST", &format!("{path}/parts/1"), None).await;
    assert_eq!((status, &refused["code"]), (409, &json!("conflict")));
}

#[tokio::test]
async fn parts_that_are_not_the_promised_file_make_none() {
    let rest = Rest::start().await;
    let content = large();
    let mut other = content.clone();
    other[UPLOAD_PART_BYTES as usize] ^= 1;
    let ticket = rest.begun(&identity("ann"), "large.pdf", &content, json!({})).await;
    let id = ticket["upload"]["id"].as_str().unwrap();
    for number in 1..=3 {
        let ticket = address(&rest, id, number).await;
        assert_eq!(rest.send(&ticket, part(&other, number)).await.status(), 200);
    }
    let (status, refused) = rest.ask("ann", "POST", &format!("/api/uploads/{id}/complete"), None).await;
    assert_eq!((status, &refused["code"]), (422, &json!("checksum_mismatch")));
    // Nobody knows which part was wrong: all are to be sent again.
    assert_eq!(rest.get("ann", &format!("/api/uploads/{id}")).await["parts"]["received"], json!([]));
}

#[tokio::test]
async fn what_is_no_part_has_no_address() {
    let rest = Rest::start().await;
    let content = large();
    let ticket = rest.begun(&identity("ann"), "large.pdf", &content, json!({})).await;
    let path = format!("/api/uploads/{}", ticket["upload"]["id"].as_str().unwrap());
    for (number, status, problem) in [
        ("0", 422, "invalid_field"),
        ("4", 422, "invalid_field"),
        ("one", 400, "malformed_request"),
        ("-1", 400, "malformed_request"),
    ] {
        let (found, refused) = rest.ask("ann", "POST", &format!("{path}/parts/{number}"), None).await;
        assert_eq!((found, &refused["code"]), (status, &json!(problem)), "{number}: {refused}");
    }
    assert_eq!(rest.ask("bob", "POST", &format!("{path}/parts/1"), None).await.0, 404);
    let small = rest.begun(&identity("ann"), "small.md", b"# A\n", json!({})).await;
    assert!(small.get("parts").is_none());
    let small = format!("/api/uploads/{}/parts/1", small["upload"]["id"].as_str().unwrap());
    assert_eq!(rest.ask("ann", "POST", &small, None).await.1["code"], "invalid_field");
    // What was given up takes no parts, and keeps none.
    assert_eq!(
        rest.send(
            &json!({"send": rest.ask("ann", "POST", &format!("{path}/parts/1"), None).await.1}),
            part(&content, 1)
        )
        .await
        .status(),
        200
    );
    assert_eq!(rest.ask("ann", "DELETE", &path, None).await.0, 204);
    assert_eq!(rest.ask("ann", "POST", &format!("{path}/parts/2"), None).await.1["code"], "upload_aborted");
}
