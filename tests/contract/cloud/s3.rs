//! The suite of objects against S3 as the emulator serves it, and what only S3 can get wrong.

use super::Made;
use super::ministack::{Ministack, aws_at, unique};
use bytes::Bytes;
use sha2::{Digest, Sha256};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;
use viva::cloud::s3::S3Objects;
use viva::ports::objects::{ObjectError, ObjectKey, ObjectMeta, Objects, UploadTerms};

async fn objects() -> Made<S3Objects> {
    let (objects, ..) = in_a_bucket().await;
    Made::new(objects, ())
}

/// Objects in a bucket of their own, whose client and name others may look into it with.
pub(super) async fn in_a_bucket() -> (S3Objects, aws_sdk_s3::Client, String) {
    let (aws, bucket) = (Ministack::shared().aws(), unique("viva-recordings"));
    let client = aws_sdk_s3::Client::from_conf(
        aws_sdk_s3::config::Builder::from(&aws.of_service("S3")).force_path_style(true).build(),
    );
    client.create_bucket().bucket(&bucket).send().await.unwrap();
    (S3Objects::new(&aws, &bucket), client, bucket)
}

mod suite {
    objects_contract!(super::objects);
}

#[tokio::test]
async fn a_presigned_url_reads_that_object_without_credentials() {
    let made = objects().await;
    let key = ObjectKey("recordings/default/ada/s1.ogg".into());
    made.port().put(&key, "audio/ogg", Bytes::from_static(b"OggS and more")).await.unwrap();
    let url = made.port().signed_url(&key, Duration::from_secs(600)).await.unwrap();
    assert!(url.contains("X-Amz-Expires=600") && url.contains("X-Amz-Signature="), "{url}");
    let got = reqwest_client().get(&url).send().await.unwrap();
    assert_eq!(got.status(), 200);
    assert_eq!(got.headers()["content-type"], "audio/ogg");
    assert_eq!(got.bytes().await.unwrap(), &b"OggS and more"[..]);
    let long = made.port().signed_url(&key, Duration::from_secs(30 * 24 * 3_600)).await.unwrap();
    assert!(long.contains("X-Amz-Expires=604800"), "{long}");
}

#[tokio::test]
async fn a_signed_upload_takes_what_was_promised_and_nothing_else() {
    const CONTENT: &[u8] = b"# Torts\n\nA tort is a civil wrong.\n";
    let made = objects().await;
    let key = ObjectKey("documents/school/d1/u1".into());
    let sha256 = Sha256::digest(CONTENT).iter().map(|byte| format!("{byte:02x}")).collect();
    let terms = UploadTerms { bytes: CONTENT.len() as u64, sha256, content_type: "text/markdown".into() };
    let signed = made.port().signed_upload(&key, &terms, Duration::from_secs(600)).await.unwrap();
    assert_eq!(signed.method, "PUT");
    let covered = "X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost%3Bx-amz-checksum-sha256";
    assert!(signed.url.contains(covered) && signed.url.contains("X-Amz-Expires=600"), "{}", signed.url);

    let send = async |content: &'static [u8], headers: &[(String, String)]| {
        let mut request = reqwest_client().put(&signed.url).body(content);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        request.send().await.unwrap().status().as_u16()
    };
    let without = |left_out: &str| -> Vec<(String, String)> {
        signed.headers.iter().filter(|(name, _)| name != left_out).cloned().collect()
    };
    let other_type = [without("content-type"), vec![("content-type".into(), "text/html".into())]].concat();
    for (what, content, headers) in [
        ("other content", &b"# Torts\n\nA tort is a civil wronG.\n"[..], signed.headers.clone()),
        ("less of it", &CONTENT[1..], signed.headers.clone()),
        ("another type", CONTENT, other_type),
        ("no checksum", CONTENT, without("x-amz-checksum-sha256")),
    ] {
        let status = send(content, &headers).await;
        assert!((400..500).contains(&status), "{what}: {status}");
        assert_eq!(made.port().meta(&key).await.unwrap(), None, "{what}");
    }
    assert_eq!(send(CONTENT, &signed.headers).await, 200);
    let meta = ObjectMeta { bytes: CONTENT.len() as u64, content_type: "text/markdown".into() };
    assert_eq!(made.port().meta(&key).await.unwrap(), Some(meta));
}

pub(super) fn reqwest_client() -> reqwest::Client {
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::new()
}

#[tokio::test]
async fn an_overloaded_service_is_asked_again() {
    let busy = "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>";
    let answers = [(503, busy, ""), (500, "", ""), (200, "", "Content-Type: audio/ogg\r\n")];
    let (url, asked) = serve(answers);
    let objects = S3Objects::new(&aws_at(&url), "bucket");
    let put = objects.put(&ObjectKey("a".into()), "audio/ogg", Bytes::from_static(b"x")).await;
    put.unwrap();
    assert_eq!(asked.join().unwrap(), 3);
}

#[tokio::test]
async fn a_refusal_is_not_taken_for_an_absence() {
    let refused = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
    let (url, asked) = serve([(403, refused, "")]);
    let got = S3Objects::new(&aws_at(&url), "bucket").get(&ObjectKey("a".into()), 0, 1).await;
    assert!(matches!(&got, Err(ObjectError::Failed(why)) if why.contains("AccessDenied")), "{got:?}");
    asked.join().unwrap();
}

#[tokio::test]
async fn an_object_that_is_read_while_it_is_replaced_is_one_or_the_other() {
    let made = objects().await;
    let (port, key) = (made.port(), ObjectKey("contested".into()));
    port.put(&key, "text/plain", Bytes::from(vec![0; 40_000])).await.unwrap();
    let writes = async {
        for byte in 1..10_u8 {
            port.put(&key, "text/plain", Bytes::from(vec![byte; 40_000])).await.unwrap();
        }
    };
    let reads = async {
        for _ in 0..10 {
            let content = port.get(&key, 0, u64::MAX).await.unwrap();
            assert!(content.len() == 40_000 && content.iter().all(|byte| *byte == content[0]));
        }
    };
    tokio::join!(writes, reads);
    assert_eq!(port.meta(&key).await.unwrap(), Some(ObjectMeta { bytes: 40_000, content_type: "text/plain".into() }));
}

/// Answers one request after another with what is given, and tells how many there were.
pub(super) fn serve<const N: usize>(
    answers: [(u16, &'static str, &'static str); N],
) -> (String, std::thread::JoinHandle<usize>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serving = std::thread::spawn(move || {
        for (status, body, headers) in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            let mut piece = [0; 4_096];
            while !request.windows(4).any(|end| end == b"\r\n\r\n") {
                let read = stream.read(&mut piece).unwrap();
                request.extend_from_slice(&piece[..read]);
            }
            let length = body.len();
            let answer =
                format!("HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n{body}");
            stream.write_all(answer.as_bytes()).unwrap();
        }
        N
    });
    (url, serving)
}
