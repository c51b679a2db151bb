//! What every [`Objects`] does.

use bytes::Bytes;
use std::time::Duration;
use viva::ports::objects::{ObjectError, ObjectKey, ObjectMeta, Objects};

macro_rules! objects_contract {
    ($make:path) => {
        contract!(
            objects,
            $make,
            [
                an_object_comes_back_whole_and_in_ranges,
                putting_again_replaces_content_and_type,
                an_absent_object_is_not_found,
                deleting_is_idempotent,
                keys_that_lead_elsewhere_are_refused,
                an_object_and_one_below_its_name_are_two,
                many_puts_at_once_leave_one_of_them_whole,
            ]
        );
    };
}

fn key(text: &str) -> ObjectKey {
    ObjectKey(text.to_owned())
}

async fn whole(objects: &dyn Objects, at: &ObjectKey) -> Bytes {
    objects.get(at, 0, u64::MAX).await.unwrap()
}

pub(crate) async fn an_object_comes_back_whole_and_in_ranges(objects: &dyn Objects) {
    let at = key("recordings/default/ada/s1.ogg");
    let content: Vec<u8> = (0..10_000_u32).map(|byte| byte as u8).collect();
    objects.put(&at, "audio/ogg", Bytes::from(content.clone())).await.unwrap();
    let meta = ObjectMeta { bytes: 10_000, content_type: "audio/ogg".into() };
    assert_eq!(objects.meta(&at).await.unwrap(), Some(meta));
    assert_eq!(whole(objects, &at).await, content);
    for (offset, length) in [(0, 1), (1, 10), (9_990, 10), (9_990, 1_000), (10_000, 5), (20_000, 5), (7, 0)] {
        let end = (offset + length).min(10_000);
        let expected = content.get(offset..end).unwrap_or_default();
        assert_eq!(objects.get(&at, offset as u64, length as u64).await.unwrap(), expected, "{offset} {length}");
    }
    let empty = key("empty");
    objects.put(&empty, "text/plain", Bytes::new()).await.unwrap();
    assert_eq!(whole(objects, &empty).await, Bytes::new());
}

pub(crate) async fn putting_again_replaces_content_and_type(objects: &dyn Objects) {
    let at = key("a/b");
    objects.put(&at, "audio/ogg", Bytes::from_static(b"first and longer")).await.unwrap();
    objects.put(&at, "audio/wav", Bytes::from_static(b"second")).await.unwrap();
    assert_eq!(objects.meta(&at).await.unwrap(), Some(ObjectMeta { bytes: 6, content_type: "audio/wav".into() }));
    assert_eq!(whole(objects, &at).await, &b"second"[..]);
}

pub(crate) async fn an_absent_object_is_not_found(objects: &dyn Objects) {
    objects.put(&key("there"), "text/plain", Bytes::from_static(b"x")).await.unwrap();
    for absent in [key("absent"), key("a/b/c"), key("there/below")] {
        assert_eq!(objects.meta(&absent).await.unwrap(), None);
        let got = objects.get(&absent, 0, 1).await;
        assert!(matches!(got, Err(ObjectError::NotFound)), "{got:?}");
    }
}

pub(crate) async fn deleting_is_idempotent(objects: &dyn Objects) {
    let at = key("a/b");
    objects.put(&at, "audio/ogg", Bytes::from_static(b"x")).await.unwrap();
    objects.delete(&at).await.unwrap();
    objects.delete(&at).await.unwrap();
    objects.delete(&key("never/was")).await.unwrap();
    assert_eq!(objects.meta(&at).await.unwrap(), None);
}

pub(crate) async fn keys_that_lead_elsewhere_are_refused(objects: &dyn Objects) {
    let long = "x".repeat(2_000);
    let deep = ["a"; 600].join("/");
    for bad in [
        "",
        "/",
        "/etc/passwd",
        "..",
        "../x",
        "a/../../x",
        "a/./b",
        ".",
        "a//b",
        "a/",
        "a b",
        "a\\b",
        "a\0b",
        "ä",
        "a+b",
        "a%2e%2e/b",
        &long,
        &deep,
    ] {
        let bad = key(bad);
        let put = objects.put(&bad, "text/plain", Bytes::from_static(b"x")).await;
        assert!(matches!(put, Err(ObjectError::Key)), "{bad:?}: {put:?}");
        assert!(matches!(objects.get(&bad, 0, 1).await, Err(ObjectError::Key)));
        assert!(matches!(objects.meta(&bad).await, Err(ObjectError::Key)));
        assert!(matches!(objects.delete(&bad).await, Err(ObjectError::Key)));
        assert!(matches!(objects.signed_url(&bad, Duration::from_secs(1)).await, Err(ObjectError::Key)));
    }
    for good in ["...", "..a", "a..", ".hidden/x", "A~b_c-d.9"] {
        objects.put(&key(good), "text/plain", Bytes::from_static(b"x")).await.unwrap();
    }
}

pub(crate) async fn an_object_and_one_below_its_name_are_two(objects: &dyn Objects) {
    objects.put(&key("a"), "text/plain", Bytes::from_static(b"above")).await.unwrap();
    objects.put(&key("a/b"), "text/plain", Bytes::from_static(b"below")).await.unwrap();
    assert_eq!(whole(objects, &key("a")).await, &b"above"[..]);
    assert_eq!(whole(objects, &key("a/b")).await, &b"below"[..]);
}

pub(crate) async fn many_puts_at_once_leave_one_of_them_whole(objects: &dyn Objects) {
    let at = key("contested");
    let puts = (0..20_u8).map(|byte| objects.put(&at, "text/plain", Bytes::from(vec![byte; 50_000])));
    for put in futures::future::join_all(puts).await {
        put.unwrap();
    }
    let content = whole(objects, &at).await;
    assert_eq!(content.len(), 50_000);
    assert!(content.iter().all(|byte| *byte == content[0]));
}
