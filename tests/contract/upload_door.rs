//! What every [`Objects`] does that takes in signed uploads itself ([`UploadDoor`]).

use crate::object_parts::{Shelf, Store};
use async_trait::async_trait;
use bytes::Bytes;
use sha2::{Digest, Sha256};
use std::time::Duration;
use viva::embedded::objects::FileObjects;
use viva::ports::objects::{ObjectKey, ObjectMeta, Objects, SignedUpload, UploadDoor, UploadError, UploadTerms};

macro_rules! upload_door_contract {
    ($make:path) => {
        contract!(
            upload_door,
            $make,
            [
                what_was_promised_is_stored_whole,
                what_was_not_promised_is_not_stored,
                an_upload_that_breaks_off_leaves_nothing,
                addresses_are_for_one_purpose,
            ]
        );
    };
}

const CONTENT: &[u8] = b"# Torts\n\nA tort is a civil wrong.\n";

fn key() -> ObjectKey {
    ObjectKey("documents/school/d1/u1".into())
}

fn terms() -> UploadTerms {
    UploadTerms {
        bytes: CONTENT.len() as u64,
        sha256: Sha256::digest(CONTENT).iter().map(|byte| format!("{byte:02x}")).collect(),
        content_type: "text/markdown".into(),
    }
}

async fn token(objects: &FileObjects) -> String {
    let signed = objects.signed_upload(&key(), &terms(), Duration::from_secs(60)).await.unwrap();
    assert_eq!(signed.method, "PUT");
    signed.url.rsplit('/').next().unwrap().to_owned()
}

async fn send(objects: &FileObjects, pieces: &[&'static [u8]]) -> Result<(), UploadError> {
    let mut incoming = objects.open(&token(objects).await, Some(CONTENT.len() as u64)).await?;
    for piece in pieces {
        incoming.write(Bytes::from_static(piece)).await?;
    }
    incoming.finish().await
}

pub(crate) async fn what_was_promised_is_stored_whole(objects: &FileObjects) {
    for pieces in [vec![CONTENT], vec![&CONTENT[..5], &CONTENT[5..5], &CONTENT[5..]]] {
        send(objects, &pieces).await.unwrap();
        let meta = ObjectMeta { bytes: CONTENT.len() as u64, content_type: "text/markdown".into() };
        assert_eq!(objects.meta(&key()).await.unwrap(), Some(meta));
        assert_eq!(objects.get(&key(), 0, 1_000).await.unwrap(), CONTENT);
    }
}

pub(crate) async fn what_was_not_promised_is_not_stored(objects: &FileObjects) {
    let other: &'static [u8] = b"# Torts\n\nA tort is a civil wronG.\n";
    let refused = send(objects, &[other]).await;
    assert!(matches!(refused, Err(UploadError::Checksum)), "{refused:?}");
    for pieces in [vec![&CONTENT[..10]], vec![CONTENT, b"more"], vec![]] {
        let refused = send(objects, &pieces).await;
        assert!(matches!(refused, Err(UploadError::Length { promised: 34 })), "{refused:?}");
    }
    let token = token(objects).await;
    let declared = objects.open(&token, Some(33)).await.err();
    assert!(matches!(declared, Some(UploadError::Length { .. })), "{declared:?}");
    let declared = objects.open(&token, None).await.err();
    assert!(matches!(declared, Some(UploadError::LengthMissing)), "{declared:?}");
    assert_eq!(objects.meta(&key()).await.unwrap(), None);
}

pub(crate) async fn an_upload_that_breaks_off_leaves_nothing(objects: &FileObjects) {
    let mut incoming = objects.open(&token(objects).await, Some(CONTENT.len() as u64)).await.unwrap();
    incoming.write(Bytes::from_static(&CONTENT[..10])).await.unwrap();
    drop(incoming);
    assert_eq!(objects.meta(&key()).await.unwrap(), None);
}

pub(crate) async fn addresses_are_for_one_purpose(objects: &FileObjects) {
    let writing = token(objects).await;
    assert!(objects.verify(&writing).is_err());
    let reading = objects.signed_url(&key(), Duration::from_secs(60)).await.unwrap();
    let opened = objects.open(reading.rsplit('/').next().unwrap(), Some(34)).await.err();
    assert!(matches!(opened, Some(UploadError::Forged)), "{opened:?}");
    let over = objects.signed_upload(&key(), &terms(), Duration::ZERO).await.unwrap();
    let opened = objects.open(over.url.rsplit('/').next().unwrap(), Some(34)).await.err();
    assert!(matches!(opened, Some(UploadError::Expired)), "{opened:?}");
}

/// As the gateway takes in what is sent to an address.
#[async_trait]
impl Shelf for FileObjects {
    fn store(&self) -> &dyn Store {
        self
    }

    async fn send(&self, signed: &SignedUpload, content: &[u8]) -> bool {
        let token = signed.url.rsplit('/').next().unwrap();
        let sent = async {
            let mut incoming = self.open(token, Some(content.len() as u64)).await?;
            incoming.write(Bytes::copy_from_slice(content)).await?;
            incoming.finish().await
        };
        match sent.await {
            Ok(()) => true,
            Err(UploadError::Length { .. }) => false,
            Err(error) => panic!("{error}"),
        }
    }
}
