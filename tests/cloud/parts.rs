//! Large files in parts on the deployed stack: sent to S3 part by part by signed links, joined by the function, and told of by S3 once they
//! are what was promised.

use crate::desk::Desk;
use crate::making;
use crate::stack::{Ears, Stack};
use serde_json::{Value, json};
use viva::config::limits::UPLOAD_PART_BYTES;

const PART_BYTES: usize = UPLOAD_PART_BYTES as usize;

/// A book of one page, and a bit more than two parts.
fn large() -> Vec<u8> {
    let padding: Vec<u8> =
        (0..2 * PART_BYTES as u64 + 1_000).map(|at| (at.wrapping_mul(0x9E37_79B9) >> 13) as u8).collect();
    let text = "BT /F1 11 Tf 14 TL 72 720 Td\n(Estoppel stops whoever made others rely on it.) Tj T*\nET";
    let page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> /Contents 5 0 R >>";
    making::pdf_of(
        &[
            b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
            b"<< /Type /Pages /Kids [4 0 R] /Count 1 >>".to_vec(),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_vec(),
            page.as_bytes().to_vec(),
            making::stream("", text.as_bytes()),
            making::stream("", &padding),
        ],
        "",
    )
}

fn part(content: &[u8], number: usize) -> &[u8] {
    content.chunks(PART_BYTES).nth(number - 1).unwrap()
}

fn path(ticket: &Value) -> String {
    format!("/api/uploads/{}", ticket["upload"]["id"].as_str().unwrap())
}

async fn received(desk: &Desk<'_>, ticket: &Value) -> Value {
    desk.get(&path(ticket)).await["parts"]["received"].clone()
}

async fn send(desk: &Desk<'_>, ticket: &Value, content: &[u8], number: usize) {
    let address = desk.part_address(ticket, number).await;
    assert_eq!(desk.send(&address, part(content, number)).await, 200, "part {number}");
}

/// Keys of what lies in the bucket of uploads.
fn stored(stack: &Stack) -> Vec<String> {
    let listed = stack.aws(&["s3api", "list-objects-v2", "--bucket", stack.output("UploadsBucket")]);
    let objects = listed["Contents"].as_array().cloned().unwrap_or_default();
    objects.iter().map(|object| object["Key"].as_str().unwrap().to_owned()).collect()
}

/// How many multipart uploads take parts.
fn open_uploads(stack: &Stack) -> usize {
    let listed = stack.aws(&["s3api", "list-multipart-uploads", "--bucket", stack.output("UploadsBucket")]);
    listed["Uploads"].as_array().map_or(0, Vec::len)
}

#[tokio::test]
async fn a_large_file_comes_in_parts_goes_on_where_it_broke_off_and_is_made_ready_by_its_event() {
    let stack = Stack::start(Ears::Scripted).await;
    let mut ann = Desk::open(&stack, "ann").await;
    let content = large();
    let ticket = ann.begin("equity.pdf", &content).await;
    assert_eq!(ticket["parts"], json!({ "bytes": PART_BYTES, "count": 3, "received": [] }), "{ticket}");
    assert_eq!(ticket["send"]["method"], "PUT", "it may come whole, too: {ticket}");
    let complete = format!("{}/complete", path(&ticket));
    for number in [3, 1] {
        send(&ann, &ticket, &content, number).await;
    }
    assert_eq!(ann.ask("POST", &complete, Value::Null).await.1["code"], "upload_incomplete");
    assert_eq!(received(&ann, &ticket).await, json!([1, 3]), "whoever comes back is told what is there");
    let second = ann.part_address(&ticket, 2).await;
    assert!((400..500).contains(&ann.send(&second, part(&content, 3)).await), "another length");
    assert_eq!(received(&ann, &ticket).await, json!([1, 3]));

    // Another content of the same length is found out when they are joined.
    let mut other = part(&content, 2).to_vec();
    other[40] ^= 1;
    assert_eq!(ann.send(&second, &other).await, 200);
    let (status, refused) = ann.ask("POST", &complete, Value::Null).await;
    assert_eq!((status, &refused["code"]), (422, &json!("checksum_mismatch")), "{refused}\n{}", stack.said());
    assert_eq!((received(&ann, &ticket).await, stored(&stack), open_uploads(&stack)), (json!([]), vec![], 0));

    for number in [2, 3, 1, 2] {
        send(&ann, &ticket, &content, number).await;
    }
    let ben = Desk::open(&stack, "ben").await;
    assert_eq!(ben.ask("POST", &complete, Value::Null).await.0, 404);
    let both = tokio::join!(ann.ask("POST", &complete, Value::Null), ann.ask("POST", &complete, Value::Null));
    for (status, document) in [both.0, both.1] {
        assert_eq!((status, &document["bytes"]), (200, &json!(content.len())), "{document}\n{}", stack.said());
    }
    let id = ticket["upload"]["document"].as_str().unwrap().to_owned();
    let ready = ann.document(&id, &["ready", "failed"]).await;
    assert_eq!((&ready["state"], &ready["pages"]), (&json!("ready"), &json!(1)), "{ready}\n{}", stack.said());
    let link = ann.get(&format!("/api/documents/{id}/file")).await["url"].as_str().unwrap().to_owned();
    assert!(ann.fetch(&link).await.as_deref() == Some(&content[..]), "the file is another");
    assert_eq!((stored(&stack).len(), open_uploads(&stack)), (1, 0), "{:?}", stored(&stack));
    assert!(ann.get(&path(&ticket)).await.get("parts").is_none());
}

#[tokio::test]
async fn a_large_file_may_come_whole_and_what_is_given_up_leaves_nothing() {
    let stack = Stack::start(Ears::Scripted).await;
    let mut ann = Desk::open(&stack, "ann").await;
    let content = large();
    let dropped = ann.begin("dropped.pdf", &content).await;
    let address = ann.part_address(&dropped, 1).await;
    assert_eq!(ann.send(&address, part(&content, 1)).await, 200);
    assert_eq!(ann.ask("DELETE", &path(&dropped), Value::Null).await.0, 204);
    assert_eq!((stored(&stack), open_uploads(&stack)), (vec![], 0));
    assert!((400..500).contains(&ann.send(&address, part(&content, 1)).await), "its address leads nowhere");
    let again = ann.ask("POST", &format!("{}/parts/1", path(&dropped)), Value::Null).await;
    assert_eq!(again.1["code"], "upload_aborted", "{again:?}");

    // Whole, although it could come in parts, of which one did: nobody says that it is complete.
    let ticket = ann.begin("equity.pdf", &content).await;
    send(&ann, &ticket, &content, 2).await;
    assert_eq!(ann.send(&ticket, &content).await, 200);
    let id = ticket["upload"]["document"].as_str().unwrap().to_owned();
    assert_eq!(ann.document(&id, &["ready", "failed"]).await["state"], "ready", "{}", stack.said());
    let complete = format!("{}/complete", path(&ticket));
    assert_eq!(ann.ask("POST", &complete, Value::Null).await.1["state"], "ready");
}
