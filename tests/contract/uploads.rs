//! What every [`Uploads`] does.

use viva::ports::clock::UnixMs;
use viva::ports::documents::{Content, Documents, NewDocument, Replacement, Stored};
use viva::ports::ids::{CourseId, DocumentId, TenantId, UploadId, UserId};
use viva::ports::objects::ObjectKey;
use viva::ports::uploads::{
    Began, Exceeded, Idempotency, Quota, Upload, UploadQuery, UploadState, Uploads, UploadsError,
};

macro_rules! uploads_contract {
    ($make:path) => {
        contract!(
            uploads,
            $make,
            [
                an_upload_is_settled_once,
                of_many_who_settle_at_once_one_says_how,
                the_same_key_and_request_give_the_same_upload,
                of_many_requests_with_one_key_one_is_admitted,
                a_quota_admits_no_more_than_it_has_room_for,
                of_many_that_begin_at_once_no_more_get_in_than_may,
                pending_uploads_are_listed_newest_first,
                what_begins_while_a_list_is_paged_moves_nothing,
                what_expired_is_found_and_forgotten,
            ]
        );
    };
}

const QUOTA: Quota = Quota { documents_max: 100, bytes_max: 100_000, pending_max: 50 };

fn tenant() -> TenantId {
    TenantId::new("school")
}

fn upload(name: &str, bytes: u64) -> Upload {
    Upload {
        tenant: tenant(),
        upload: UploadId::new(name),
        owner: UserId::new("tom"),
        course: CourseId::new("law-1"),
        document: DocumentId::new(format!("doc-{name}")),
        replaces: false,
        content: Content {
            object: ObjectKey(format!("documents/{name}")),
            name: "Torts.pdf".into(),
            media_type: "application/pdf".into(),
            bytes,
            sha256: "ab".repeat(32),
        },
        state: UploadState::Pending,
        created: UnixMs(100),
        expires: UnixMs(1_000),
    }
}

fn idempotency(key: &str, fingerprint: &str) -> Option<Idempotency> {
    Some(Idempotency { key: key.into(), fingerprint: fingerprint.into() })
}

pub(crate) async fn an_upload_is_settled_once(uploads: &dyn Uploads) {
    let one = upload("u1", 10);
    assert_eq!(uploads.begin(one.clone(), None, &QUOTA).await.unwrap(), Began::New(one.clone()));
    assert_eq!(uploads.get(&tenant(), &one.upload).await.unwrap(), Some(one.clone()));
    assert_eq!(uploads.get(&TenantId::new("other"), &one.upload).await.unwrap(), None);
    for to in [UploadState::Completed, UploadState::Aborted, UploadState::Completed] {
        let settled = uploads.settle(&tenant(), &one.upload, to).await.unwrap();
        assert_eq!(settled, Some(UploadState::Completed));
    }
    let known = uploads.get(&tenant(), &one.upload).await.unwrap();
    assert_eq!(known, Some(Upload { state: UploadState::Completed, ..one }));
    assert_eq!(uploads.settle(&tenant(), &UploadId::new("none"), UploadState::Aborted).await.unwrap(), None);
}

pub(crate) async fn of_many_who_settle_at_once_one_says_how(uploads: &dyn Uploads) {
    let one = upload("u1", 10);
    uploads.begin(one.clone(), None, &QUOTA).await.unwrap();
    let place = tenant();
    let settles = (0..20).map(|n| {
        let to = if n % 2 == 0 { UploadState::Completed } else { UploadState::Aborted };
        uploads.settle(&place, &one.upload, to)
    });
    let told: Vec<_> = futures::future::join_all(settles).await.into_iter().map(|told| told.unwrap()).collect();
    assert!(told.iter().all(|state| *state == told[0]), "{told:?}");
    assert_eq!(uploads.get(&tenant(), &one.upload).await.unwrap().map(|upload| upload.state), told[0]);
}

pub(crate) async fn of_many_requests_with_one_key_one_is_admitted(uploads: &dyn Uploads) {
    let begins = (0..20).map(|n| uploads.begin(upload(&format!("u{n}"), 10), idempotency("k", "f"), &QUOTA));
    let began: Vec<Began> = futures::future::join_all(begins).await.into_iter().map(|began| began.unwrap()).collect();
    let admitted: Vec<&Upload> =
        began.iter().filter_map(|began| if let Began::New(upload) = began { Some(upload) } else { None }).collect();
    assert_eq!(admitted.len(), 1, "{began:?}");
    let same = began.iter().filter(|began| **began == Began::Same(admitted[0].clone())).count();
    assert_eq!(same, 19, "{began:?}");
}

pub(crate) async fn the_same_key_and_request_give_the_same_upload(uploads: &dyn Uploads) {
    let one = upload("u1", 10);
    uploads.begin(one.clone(), idempotency("k", "f"), &QUOTA).await.unwrap();
    let again = uploads.begin(upload("u2", 10), idempotency("k", "f"), &QUOTA).await.unwrap();
    assert_eq!(again, Began::Same(one.clone()));
    let other = uploads.begin(upload("u3", 10), idempotency("k", "g"), &QUOTA).await.unwrap();
    assert_eq!(other, Began::Conflict);
    uploads.settle(&tenant(), &one.upload, UploadState::Aborted).await.unwrap();
    let settled = uploads.begin(upload("u4", 10), idempotency("k", "f"), &QUOTA).await.unwrap();
    assert_eq!(settled, Began::Same(Upload { state: UploadState::Aborted, ..one }));
    let another_s = Upload { owner: UserId::new("uma"), ..upload("u5", 10) };
    let began = uploads.begin(another_s.clone(), idempotency("k", "f"), &QUOTA).await.unwrap();
    assert_eq!(began, Began::New(another_s));
}

pub(crate) async fn a_quota_admits_no_more_than_it_has_room_for(uploads: &dyn Uploads) {
    let exceeded = async |upload: Upload, quota: Quota| match uploads.begin(upload, None, &quota).await.unwrap() {
        Began::Exceeded { exceeded, .. } => Some(exceeded),
        _ => None,
    };
    uploads.begin(upload("u1", 60), None, &QUOTA).await.unwrap();
    assert_eq!(exceeded(upload("u2", 41), Quota { bytes_max: 100, ..QUOTA }).await, Some(Exceeded::Bytes));
    assert_eq!(exceeded(upload("u2", 1), Quota { documents_max: 1, ..QUOTA }).await, Some(Exceeded::Documents));
    assert_eq!(exceeded(upload("u2", 1), Quota { pending_max: 1, ..QUOTA }).await, Some(Exceeded::Pending));
    assert_eq!(uploads.get(&tenant(), &UploadId::new("u2")).await.unwrap(), None);
    // Another's uploads do not count; nor does what expired.
    let another_s = Upload { owner: UserId::new("uma"), ..upload("u4", 100) };
    assert_eq!(exceeded(another_s, Quota { bytes_max: 100, ..QUOTA }).await, None);
    let later = Upload { created: UnixMs(2_000), expires: UnixMs(3_000), ..upload("u5", 100) };
    assert_eq!(exceeded(later, Quota { bytes_max: 100, ..QUOTA }).await, None);
}

pub(crate) async fn of_many_that_begin_at_once_no_more_get_in_than_may(uploads: &dyn Uploads) {
    let quota = Quota { bytes_max: 50, ..QUOTA };
    let begins = (0..20).map(|n| uploads.begin(upload(&format!("u{n}"), 10), None, &quota));
    let began = futures::future::join_all(begins).await;
    let admitted = began.into_iter().filter(|began| matches!(began, Ok(Began::New(_)))).count();
    assert_eq!(admitted, 5);
}

pub(crate) async fn pending_uploads_are_listed_newest_first(uploads: &dyn Uploads) {
    for number in 0..12_u64 {
        let one = Upload { created: UnixMs(100 + number / 3), ..upload(&format!("u{number:02}"), 1) };
        uploads.begin(one, None, &QUOTA).await.unwrap();
    }
    uploads.settle(&tenant(), &UploadId::new("u04"), UploadState::Completed).await.unwrap();
    let mut query = UploadQuery { tenant: tenant(), owner: UserId::new("tom"), cursor: None, limit: 5 };
    let mut found = Vec::new();
    loop {
        let page = uploads.list(query.clone()).await.unwrap();
        found.extend(page.uploads);
        match page.cursor {
            Some(cursor) => query.cursor = Some(cursor),
            None => break,
        }
    }
    assert_eq!(found.len(), 11);
    assert!(found.is_sorted_by(|a, b| a.created >= b.created));
    let bad = uploads.list(UploadQuery { cursor: Some("x".into()), ..query.clone() }).await;
    assert!(matches!(bad, Err(UploadsError::Cursor)), "{bad:?}");
    let uma = UploadQuery { owner: UserId::new("uma"), cursor: None, ..query };
    assert_eq!(uploads.list(uma).await.unwrap().uploads, []);
}

pub(crate) async fn what_begins_while_a_list_is_paged_moves_nothing(uploads: &dyn Uploads) {
    for number in 0..7 {
        uploads.begin(upload(&format!("u{number}"), 1), None, &QUOTA).await.unwrap();
    }
    let mut query = UploadQuery { tenant: tenant(), owner: UserId::new("tom"), cursor: None, limit: 2 };
    let mut found = Vec::new();
    for round in 0.. {
        let page = uploads.list(query.clone()).await.unwrap();
        found.extend(page.uploads.into_iter().map(|upload| upload.upload.to_string()));
        let later = Upload { created: UnixMs(200), ..upload(&format!("later{round}"), 1) };
        uploads.begin(later, None, &QUOTA).await.unwrap();
        if let Some(last) = found.last() {
            uploads.settle(&tenant(), &UploadId::new(last), UploadState::Completed).await.unwrap();
        }
        match page.cursor {
            Some(cursor) => query.cursor = Some(cursor),
            None => break,
        }
    }
    assert_eq!(found, (0..7).map(|number| format!("u{number}")).collect::<Vec<_>>());
}

fn document_of(upload: &Upload) -> NewDocument {
    NewDocument {
        key: upload.document_key(),
        course: upload.course.clone(),
        owner: upload.owner.clone(),
        content: upload.content.clone(),
        at: UnixMs(200),
    }
}

/// Documents count against the quota of uploads, and an upload that becomes one counts all along.
pub(crate) async fn what_is_stored_counts_against_the_quota(uploads: &dyn Uploads, documents: &dyn Documents) {
    let quota = Quota { bytes_max: 100, documents_max: 3, ..QUOTA };
    let first = upload("u0", 60);
    uploads.begin(first.clone(), None, &quota).await.unwrap();
    for round in 0..10 {
        // While it turns into a document, in this order, another would take its room.
        let complete = async {
            documents.create(document_of(&first)).await.unwrap();
            uploads.settle(&tenant(), &first.upload, UploadState::Completed).await.unwrap();
        };
        let ((), began) = tokio::join!(complete, uploads.begin(upload(&format!("v{round}"), 60), None, &quota));
        assert!(matches!(began, Ok(Began::Exceeded { exceeded: Exceeded::Bytes, .. })), "{began:?}");
    }
    let stored = Stored { documents: 1, bytes: 60 };
    let refused = uploads.begin(upload("u2", 41), None, &quota).await.unwrap();
    assert_eq!(refused, Began::Exceeded { exceeded: Exceeded::Bytes, stored });
    documents.delete(&first.document_key(), UnixMs(300)).await.unwrap();
    assert!(matches!(uploads.begin(upload("u3", 100), None, &quota).await.unwrap(), Began::New(_)));
}

/// What replaces one's own document is no further one; what replaces another's is, from when it begins, and leaves the other room.
pub(crate) async fn a_replacement_counts_for_whoever_replaces(uploads: &dyn Uploads, documents: &dyn Documents) {
    let quota = Quota { documents_max: 2, ..QUOTA };
    let begin = async |upload: &Upload| match uploads.begin(upload.clone(), None, &quota).await.unwrap() {
        Began::Exceeded { exceeded, stored } => Some((exceeded, stored.documents)),
        Began::New(_) => None,
        other => panic!("{other:?}"),
    };
    let settle = async |upload: &Upload| {
        uploads.settle(&tenant(), &upload.upload, UploadState::Completed).await.unwrap();
    };
    let (first, second) = (upload("u1", 10), upload("u2", 10));
    for one in [&first, &second] {
        assert_eq!(begin(one).await, None);
        documents.create(document_of(one)).await.unwrap();
        settle(one).await;
    }
    let full = Some((Exceeded::Documents, 2));
    assert_eq!(begin(&upload("u3", 10)).await, full);
    let anew = |name: &str, owner: &str| Upload {
        owner: UserId::new(owner),
        document: first.document.clone(),
        replaces: true,
        ..upload(name, 10)
    };
    let own = anew("u4", "tom");
    assert_eq!(begin(&own).await, None, "it is counted already");
    assert_eq!(begin(&upload("u5", 10)).await, full);
    settle(&own).await;
    let uma_s = |name: &str| Upload { owner: UserId::new("uma"), ..upload(name, 10) };
    assert_eq!(begin(&uma_s("u6")).await, None);
    let another_s = anew("u7", "uma");
    assert_eq!(begin(&another_s).await, None);
    assert_eq!(begin(&uma_s("u8")).await, full);
    let replacement = Replacement { owner: UserId::new("uma"), content: another_s.content.clone(), at: UnixMs(300) };
    documents.replace(&first.document_key(), 1, replacement).await.unwrap();
    assert_eq!(begin(&upload("u9", 10)).await, None, "there is room in its place");
    settle(&another_s).await;
    assert_eq!(begin(&uma_s("u10")).await, full);
    assert_eq!(begin(&anew("u11", "tom")).await, full, "it is another's by now");
}

pub(crate) async fn what_expired_is_found_and_forgotten(uploads: &dyn Uploads) {
    let old = upload("old", 1);
    let fresh = Upload { expires: UnixMs(9_000), ..upload("fresh", 1) };
    for one in [&old, &fresh] {
        uploads.begin(one.clone(), None, &QUOTA).await.unwrap();
    }
    assert_eq!(uploads.expired(UnixMs(1_000), 10).await.unwrap(), []);
    assert_eq!(uploads.expired(UnixMs(1_001), 10).await.unwrap(), std::slice::from_ref(&old));
    for _ in 0..2 {
        uploads.forget(&tenant(), &old.upload).await.unwrap();
    }
    assert_eq!(uploads.expired(UnixMs(1_001), 10).await.unwrap(), []);
}
