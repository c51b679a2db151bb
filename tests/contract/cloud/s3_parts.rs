//! The suite of parts against S3 as the emulator serves it, and what only S3 can get wrong: what lies in the bucket meanwhile and afterwards,
//! and where somebody broke off between two of its steps.

use super::Made;
use super::s3::{in_a_bucket, reqwest_client, serve};
use crate::cloud::ministack::aws_at;
use crate::object_parts::{Shelf, Store, content, cut_of, key, part, send_all, terms_of};
use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use std::time::Duration;
use viva::cloud::s3::S3Objects;
use viva::ports::objects::{Cut, ObjectError, ObjectParts, Objects, SignedUpload, UploadError};

const TTL: Duration = Duration::from_secs(600);

/// A bucket with a client that looks into it, and a browser's way to send.
pub(crate) struct Bucket {
    objects: S3Objects,
    client: Client,
    name: String,
    http: reqwest::Client,
}

async fn bucket() -> Made<Bucket> {
    let (objects, client, name) = in_a_bucket().await;
    Made::new(Bucket { objects, client, name, http: reqwest_client() }, ())
}

mod suite {
    object_parts_contract!(super::bucket);
}

impl Bucket {
    async fn keys(&self) -> Vec<String> {
        let listed = self.client.list_objects_v2().bucket(&self.name).send().await.unwrap();
        listed.contents().iter().map(|object| object.key().unwrap().to_owned()).collect()
    }

    /// Key and id of each multipart upload that takes parts.
    async fn uploads(&self) -> Vec<(String, String)> {
        let listed = self.client.list_multipart_uploads().bucket(&self.name).send().await.unwrap();
        let named = |upload: &aws_sdk_s3::types::MultipartUpload| {
            (upload.key().unwrap().to_owned(), upload.upload_id().unwrap().to_owned())
        };
        listed.uploads().iter().map(named).collect()
    }

    /// What a function has done that dies as soon as S3 has put the parts together.
    async fn complete_and_die(&self) {
        let (at, upload) = self.uploads().await.pop().unwrap();
        let listed = self.client.list_parts().bucket(&self.name).key(&at).upload_id(&upload).send().await.unwrap();
        let parts = listed.parts().iter().map(|part| {
            CompletedPart::builder().set_part_number(part.part_number).set_e_tag(part.e_tag.clone()).build()
        });
        let all = CompletedMultipartUpload::builder().set_parts(Some(parts.collect())).build();
        let request = self.client.complete_multipart_upload().bucket(&self.name).key(at).upload_id(upload);
        request.multipart_upload(all).send().await.unwrap();
    }
}

#[async_trait]
impl Shelf for Bucket {
    fn store(&self) -> &dyn Store {
        &self.objects
    }

    async fn send(&self, signed: &SignedUpload, content: &[u8]) -> bool {
        let mut request = self.http.put(&signed.url).body(content.to_vec());
        for (name, value) in &signed.headers {
            request = request.header(name, value);
        }
        let answer = request.send().await.unwrap();
        let (status, said) = (answer.status().as_u16(), answer.text().await.unwrap());
        assert!([200, 403].contains(&status), "{status}: {said}");
        status == 200
    }
}

#[tokio::test]
async fn an_address_takes_one_part_outside_of_what_s3_tells_of() {
    let made = bucket().await;
    let bucket = made.port();
    let content = content();
    let signed = bucket.objects.signed_part(&key(), cut_of(&content), 3, TTL).await.unwrap();
    let path = format!("/{}/parts/documents/school/d1/u1/whole?", bucket.name);
    assert!(signed.url.contains(&path) && signed.url.contains("partNumber=3"), "{}", signed.url);
    assert!(signed.url.contains("X-Amz-SignedHeaders=content-length%3Bhost"), "{}", signed.url);
    assert!(signed.url.contains("X-Amz-Expires=600"), "{}", signed.url);
    assert!(signed.headers.is_empty(), "{:?}", signed.headers);
    let other = SignedUpload { url: signed.url.replace("partNumber=3", "partNumber=2"), ..signed };
    assert!(!bucket.send(&other, part(&content, 3)).await, "the number is signed");
    send_all(bucket, &key(), &content).await;
    let keys = bucket.keys().await;
    assert_eq!(keys, ["parts/documents/school/d1/u1/upload"], "before it is joined");
}

#[tokio::test]
async fn nothing_but_the_object_is_left_however_it_ends() {
    let made = bucket().await;
    let (bucket, content) = (made.port(), content());
    let (at, cut) = (key(), cut_of(&content));
    let begun = futures::future::join_all((0..8).map(|_| bucket.objects.signed_part(&at, cut, 1, TTL))).await;
    assert!(begun.iter().all(Result::is_ok), "{begun:?}");
    assert_eq!(bucket.uploads().await.len(), 1, "who begins too late gives up what it began");
    bucket.objects.discard(&key()).await.unwrap();
    assert_eq!((bucket.keys().await.len(), bucket.uploads().await.len()), (0, 0));

    send_all(bucket, &key(), &content).await;
    let mut terms = terms_of(&content);
    terms.sha256.replace_range(..1, if terms.sha256.starts_with('0') { "1" } else { "0" });
    let joined = bucket.objects.join(&key(), cut, &terms).await;
    assert!(matches!(joined, Err(UploadError::Checksum)), "{joined:?}");
    assert_eq!((bucket.keys().await.len(), bucket.uploads().await.len()), (0, 0));

    send_all(bucket, &key(), &content).await;
    bucket.objects.join(&key(), cut, &terms_of(&content)).await.unwrap();
    assert_eq!((bucket.keys().await, bucket.uploads().await.len()), (vec![key().0], 0));
}

#[tokio::test]
async fn who_dies_after_s3_put_the_parts_together_is_followed_by_who_goes_on_there() {
    let made = bucket().await;
    let (bucket, content) = (made.port(), content());
    let (cut, terms) = (cut_of(&content), terms_of(&content));
    send_all(bucket, &key(), &content).await;
    bucket.complete_and_die().await;
    assert_eq!(bucket.objects.received(&key(), cut).await.unwrap(), [1, 2, 3], "nothing is to be sent again");
    assert_eq!(bucket.objects.meta(&key()).await.unwrap(), None);
    bucket.objects.join(&key(), cut, &terms).await.unwrap();
    assert_eq!(bucket.objects.meta(&key()).await.unwrap().unwrap().bytes, cut.bytes);
    assert_eq!(bucket.keys().await, [key().0]);
}

#[tokio::test]
async fn what_a_dead_function_left_is_discarded_and_does_not_stop_who_begins_anew() {
    let made = bucket().await;
    let (bucket, content) = (made.port(), content());
    let (cut, terms) = (cut_of(&content), terms_of(&content));
    send_all(bucket, &key(), &content).await;
    bucket.complete_and_die().await;
    bucket.objects.discard(&key()).await.unwrap();
    assert_eq!(bucket.keys().await, Vec::<String>::new());

    // The multipart upload that is named takes no parts any more.
    send_all(bucket, &key(), &content).await;
    let (at, upload) = bucket.uploads().await.pop().unwrap();
    bucket.client.abort_multipart_upload().bucket(&bucket.name).key(at).upload_id(upload).send().await.unwrap();
    assert!(bucket.objects.received(&key(), cut).await.unwrap().is_empty());
    let joined = bucket.objects.join(&key(), cut, &terms).await;
    assert!(matches!(joined, Err(UploadError::Object(ObjectError::NotFound))), "{joined:?}");
    send_all(bucket, &key(), &content).await;
    bucket.objects.join(&key(), cut, &terms).await.unwrap();
    assert_eq!(bucket.keys().await, [key().0]);
}

#[tokio::test]
async fn parts_are_listed_to_the_last_page_and_counted_by_their_length() {
    let page = |is_truncated: bool, next: u32, parts: &str| -> &'static str {
        let head = "<?xml version=\"1.0\"?><ListPartsResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
        let text = format!(
            "{head}<NextPartNumberMarker>{next}</NextPartNumberMarker><IsTruncated>{is_truncated}</IsTruncated>{parts}</ListPartsResult>"
        );
        text.leak()
    };
    let part = |number: u32, bytes: u32| {
        format!("<Part><PartNumber>{number}</PartNumber><ETag>\"e{number}\"</ETag><Size>{bytes}</Size></Part>")
    };
    let first = page(true, 2, &[part(1, 10), part(2, 9)].concat());
    let last = page(false, 4, &[part(3, 10), part(4, 5)].concat());
    let (url, asked) = serve([(200, "upload-1", "ETag: \"m\"\r\n"), (200, first, ""), (200, last, "")]);
    let objects = S3Objects::new(&aws_at(&url), "bucket");
    let received = objects.received(&key(), Cut { bytes: 35, part_bytes: 10 }).await.unwrap();
    assert_eq!(received, [1, 3, 4], "the second is too short");
    assert_eq!(asked.join().unwrap(), 3);
}

#[tokio::test]
async fn a_refusal_is_not_taken_for_a_part_that_is_missing() {
    let refused = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
    let cut = Cut { bytes: 35, part_bytes: 10 };
    let (url, _) = serve([(403, refused, "")]);
    let received = S3Objects::new(&aws_at(&url), "bucket").received(&key(), cut).await;
    assert!(matches!(&received, Err(ObjectError::Failed(why)) if why.contains("AccessDenied")), "{received:?}");
    let (url, _) = serve([(403, refused, "")]);
    let joined = S3Objects::new(&aws_at(&url), "bucket").join(&key(), cut, &terms_of(b"x")).await;
    assert!(matches!(joined, Err(UploadError::Object(ObjectError::Failed(_)))), "{joined:?}");
}
