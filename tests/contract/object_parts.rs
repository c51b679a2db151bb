//! What every [`ObjectParts`] does, sent as a client sends them: by the signed addresses alone.

use async_trait::async_trait;
use futures::future::join_all;
use sha2::{Digest, Sha256};
use std::time::Duration;
use viva::ports::objects::{
    Cut, ObjectError, ObjectKey, ObjectMeta, ObjectParts, Objects, SignedUpload, UploadError, UploadTerms,
};

macro_rules! object_parts_contract {
    ($make:path) => {
        contract!(
            object_parts,
            $make,
            [
                parts_in_any_order_make_the_object_and_are_gone,
                parts_that_make_something_else_are_gone_and_nothing_is_stored,
                a_part_of_another_length_is_refused,
                addresses_asked_for_at_once_lead_to_one_object,
                joining_at_once_makes_one_object,
                discarded_parts_make_nothing,
                joining_and_discarding_at_once_leave_the_object_or_nothing,
                parts_of_one_object_are_not_anothers,
                keys_of_parts_that_lead_elsewhere_are_refused,
            ]
        );
    };
}

pub(crate) trait Store: Objects + ObjectParts {}

impl<T: Objects + ObjectParts> Store for T {}

/// An adapter, with what sends to its addresses.
#[async_trait]
pub(crate) trait Shelf: Send + Sync {
    fn store(&self) -> &dyn Store;

    /// Whether it was taken.
    async fn send(&self, signed: &SignedUpload, content: &[u8]) -> bool;
}

/// The smallest that S3 takes where others follow.
const PART_BYTES: usize = 5 * 1024 * 1024;
const TTL: Duration = Duration::from_secs(60);

pub(crate) fn key() -> ObjectKey {
    ObjectKey("documents/school/d1/u1".into())
}

/// Two parts and a bit of noise.
pub(crate) fn content() -> Vec<u8> {
    (0..PART_BYTES as u64 * 2 + 1_000).map(|at| (at.wrapping_mul(0x9E37_79B9) >> 13) as u8).collect()
}

pub(crate) fn cut_of(content: &[u8]) -> Cut {
    Cut { bytes: content.len() as u64, part_bytes: PART_BYTES as u64 }
}

pub(crate) fn terms_of(content: &[u8]) -> UploadTerms {
    UploadTerms {
        bytes: content.len() as u64,
        sha256: Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect(),
        content_type: "application/pdf".into(),
    }
}

pub(crate) fn part(content: &[u8], number: u32) -> &[u8] {
    content.chunks(PART_BYTES).nth(number as usize - 1).unwrap()
}

async fn send_part(shelf: &dyn Shelf, at: &ObjectKey, content: &[u8], number: u32) {
    let signed = shelf.store().signed_part(at, cut_of(content), number, TTL).await.unwrap();
    assert_eq!(signed.method, "PUT");
    assert!(shelf.send(&signed, part(content, number)).await, "part {number}");
}

pub(crate) async fn send_all(shelf: &dyn Shelf, at: &ObjectKey, content: &[u8]) {
    for number in cut_of(content).numbers() {
        send_part(shelf, at, content, number).await;
    }
}

async fn whole(shelf: &dyn Shelf, at: &ObjectKey) -> Option<Vec<u8>> {
    match shelf.store().get(at, 0, u64::MAX).await {
        Ok(content) => Some(content.to_vec()),
        Err(ObjectError::NotFound) => None,
        Err(error) => panic!("{error}"),
    }
}

fn is_missing(joined: &Result<(), UploadError>) -> bool {
    matches!(joined, Err(UploadError::Object(ObjectError::NotFound)))
}

pub(crate) async fn parts_in_any_order_make_the_object_and_are_gone(shelf: &dyn Shelf) {
    let at = key();
    let content = content();
    let (cut, terms) = (cut_of(&content), terms_of(&content));
    assert!(shelf.store().received(&at, cut).await.unwrap().is_empty());
    send_part(shelf, &at, &content, 3).await;
    assert_eq!(shelf.store().received(&at, cut).await.unwrap(), [3]);
    let signed = shelf.store().signed_part(&at, cut, 1, TTL).await.unwrap();
    assert!(shelf.send(&signed, &vec![7; PART_BYTES]).await);
    assert_eq!(shelf.store().received(&at, cut).await.unwrap(), [1, 3]);
    let joined = shelf.store().join(&at, cut, &terms).await;
    assert!(is_missing(&joined), "{joined:?}");
    assert_eq!(shelf.store().received(&at, cut).await.unwrap(), [1, 3], "what came stays");
    send_part(shelf, &at, &content, 2).await;
    // The last that came counts.
    send_part(shelf, &at, &content, 1).await;
    assert_eq!(shelf.store().received(&at, cut).await.unwrap(), [1, 2, 3]);
    assert_eq!(shelf.store().meta(&at).await.unwrap(), None, "parts are no object");

    shelf.store().join(&at, cut, &terms).await.unwrap();
    let meta = ObjectMeta { bytes: cut.bytes, content_type: "application/pdf".into() };
    assert_eq!(shelf.store().meta(&at).await.unwrap(), Some(meta));
    assert!(whole(shelf, &at).await.as_deref() == Some(&content[..]), "the content is another");
    assert!(shelf.store().received(&at, cut).await.unwrap().is_empty());
    let again = shelf.store().join(&at, cut, &terms).await;
    assert!(is_missing(&again), "{again:?}");
}

pub(crate) async fn parts_that_make_something_else_are_gone_and_nothing_is_stored(shelf: &dyn Shelf) {
    let at = key();
    let content = content();
    let (cut, terms) = (cut_of(&content), terms_of(&content));
    let mut other = content.clone();
    other[PART_BYTES] ^= 1;
    send_all(shelf, &at, &other).await;
    let joined = shelf.store().join(&at, cut, &terms).await;
    assert!(matches!(joined, Err(UploadError::Checksum)), "{joined:?}");
    assert_eq!(shelf.store().meta(&at).await.unwrap(), None);
    assert!(shelf.store().received(&at, cut).await.unwrap().is_empty());
    let joined = shelf.store().join(&at, cut, &terms).await;
    assert!(is_missing(&joined), "{joined:?}");
    send_all(shelf, &at, &content).await;
    shelf.store().join(&at, cut, &terms).await.unwrap();
    assert!(whole(shelf, &at).await.as_deref() == Some(&content[..]), "the content is another");
}

pub(crate) async fn a_part_of_another_length_is_refused(shelf: &dyn Shelf) {
    let at = key();
    let content = content();
    let (first, last) = (part(&content, 1), part(&content, 3));
    let longer = [last, b"x"].concat();
    for (number, sent) in [(1, &first[1..]), (1, last), (3, &last[1..]), (3, &longer[..]), (3, &[])] {
        let signed = shelf.store().signed_part(&at, cut_of(&content), number, TTL).await.unwrap();
        assert!(!shelf.send(&signed, sent).await, "{} bytes as part {number}", sent.len());
    }
    assert!(shelf.store().received(&at, cut_of(&content)).await.unwrap().is_empty());
}

pub(crate) async fn addresses_asked_for_at_once_lead_to_one_object(shelf: &dyn Shelf) {
    let at = key();
    let content = content();
    let cut = cut_of(&content);
    let asked = cut.numbers().chain(cut.numbers()).map(|number| shelf.store().signed_part(&at, cut, number, TTL));
    let signed: Vec<_> = join_all(asked).await.into_iter().map(Result::unwrap).collect();
    // Of the two addresses of each part either one is as good.
    for (number, of_both) in [(1, 0), (2, 4), (3, 2)] {
        assert!(shelf.send(&signed[of_both], part(&content, number)).await, "part {number}");
    }
    assert_eq!(shelf.store().received(&at, cut).await.unwrap(), [1, 2, 3]);
    shelf.store().join(&at, cut, &terms_of(&content)).await.unwrap();
    assert!(whole(shelf, &at).await.as_deref() == Some(&content[..]), "the content is another");
}

pub(crate) async fn joining_at_once_makes_one_object(shelf: &dyn Shelf) {
    let at = key();
    let content = content();
    let (cut, terms) = (cut_of(&content), terms_of(&content));
    send_all(shelf, &at, &content).await;
    let joined = join_all((0..4).map(|_| shelf.store().join(&at, cut, &terms))).await;
    assert!(joined.iter().any(Result::is_ok), "{joined:?}");
    assert!(joined.iter().all(|joined| joined.is_ok() || is_missing(joined)), "{joined:?}");
    assert!(whole(shelf, &at).await.as_deref() == Some(&content[..]), "the content is another");
    assert!(shelf.store().received(&at, cut).await.unwrap().is_empty());
}

pub(crate) async fn discarded_parts_make_nothing(shelf: &dyn Shelf) {
    let at = key();
    let content = content();
    let (cut, terms) = (cut_of(&content), terms_of(&content));
    shelf.store().discard(&at).await.unwrap();
    send_all(shelf, &at, &content).await;
    for _ in 0..2 {
        shelf.store().discard(&at).await.unwrap();
        assert!(shelf.store().received(&at, cut).await.unwrap().is_empty());
    }
    let joined = shelf.store().join(&at, cut, &terms).await;
    assert!(is_missing(&joined), "{joined:?}");
    assert_eq!(shelf.store().meta(&at).await.unwrap(), None);
    send_part(shelf, &at, &content, 2).await;
    assert_eq!(shelf.store().received(&at, cut).await.unwrap(), [2], "it may begin anew");
}

pub(crate) async fn joining_and_discarding_at_once_leave_the_object_or_nothing(shelf: &dyn Shelf) {
    let at = key();
    let content = content();
    let (cut, terms) = (cut_of(&content), terms_of(&content));
    for _ in 0..3 {
        send_all(shelf, &at, &content).await;
        let (joined, discarded) = futures::join!(shelf.store().join(&at, cut, &terms), shelf.store().discard(&at));
        discarded.unwrap();
        assert!(joined.is_ok() || is_missing(&joined), "{joined:?}");
        let stored = whole(shelf, &at).await;
        assert_eq!(stored.is_some(), joined.is_ok());
        assert!(stored.is_none_or(|stored| stored == content), "the content is another");
        shelf.store().discard(&at).await.unwrap();
        assert!(shelf.store().received(&at, cut).await.unwrap().is_empty());
        shelf.store().delete(&at).await.unwrap();
    }
}

pub(crate) async fn parts_of_one_object_are_not_anothers(shelf: &dyn Shelf) {
    let at = key();
    let content = content();
    let (cut, longer) = (cut_of(&content), ObjectKey(format!("{}0", key().0)));
    send_part(shelf, &longer, &content, 2).await;
    assert!(shelf.store().received(&at, cut).await.unwrap().is_empty());
    send_part(shelf, &at, &content, 1).await;
    assert_eq!(shelf.store().received(&at, cut).await.unwrap(), [1]);
    shelf.store().discard(&at).await.unwrap();
    assert_eq!(shelf.store().received(&longer, cut).await.unwrap(), [2]);
}

pub(crate) async fn keys_of_parts_that_lead_elsewhere_are_refused(shelf: &dyn Shelf) {
    let (cut, terms) = (cut_of(&[1]), terms_of(&[1]));
    for bad in ["", "/etc/passwd", "../x", "a//b", "a b"] {
        let bad = ObjectKey(bad.into());
        assert!(matches!(shelf.store().signed_part(&bad, cut, 1, TTL).await, Err(ObjectError::Key)), "{bad:?}");
        assert!(matches!(shelf.store().received(&bad, cut).await, Err(ObjectError::Key)), "{bad:?}");
        assert!(
            matches!(shelf.store().join(&bad, cut, &terms).await, Err(UploadError::Object(ObjectError::Key))),
            "{bad:?}"
        );
        assert!(matches!(shelf.store().discard(&bad).await, Err(ObjectError::Key)), "{bad:?}");
    }
}
