//! What every [`Documents`] does.

use viva::ports::clock::UnixMs;
use viva::ports::documents::{
    Content, Document, DocumentKey, DocumentQuery, DocumentState, Documents, DocumentsError, Failure, NewDocument,
    Replacement, Step, Stored,
};
use viva::ports::ids::{CourseId, DocumentId, TenantId, UserId};
use viva::ports::objects::ObjectKey;

macro_rules! documents_contract {
    ($make:path) => {
        contract!(
            documents,
            $make,
            [
                a_document_is_created_once_and_comes_back,
                a_step_is_taken_by_whoever_has_seen_the_newest,
                of_many_who_create_at_once_all_get_the_same,
                of_many_steps_at_once_one_is_taken,
                of_many_replacements_at_once_one_is_made,
                replacing_begins_the_next_version,
                a_deleted_document_is_seen_by_nobody_and_nothing_brings_it_back,
                whatever_happens_at_the_same_time_a_deletion_holds,
                lists_are_newest_first_of_their_courses_and_paged_without_gaps,
                what_is_added_while_a_list_is_paged_moves_nothing,
                a_list_s_cursor_that_is_not_ours_is_refused,
                whoever_has_work_left_is_found_longest_waiting_first,
                what_a_user_stores_is_counted,
                what_is_replaced_counts_for_whoever_replaced_it,
            ]
        );
    };
}

fn key(document: &str) -> DocumentKey {
    DocumentKey { tenant: TenantId::new("school"), document: DocumentId::new(document) }
}

fn content(object: &str) -> Content {
    Content {
        object: ObjectKey(object.into()),
        name: "Torts.pdf".into(),
        media_type: "application/pdf".into(),
        bytes: 1_000,
        sha256: "ab".repeat(32),
    }
}

fn replacement(object: &str, at: u64) -> Replacement {
    Replacement { owner: UserId::new("uma"), content: content(object), at: UnixMs(at) }
}

fn new(document: &str, at: u64) -> NewDocument {
    NewDocument {
        key: key(document),
        course: CourseId::new("law-1"),
        owner: UserId::new("tom"),
        content: content("o1"),
        at: UnixMs(at),
    }
}

fn query() -> DocumentQuery {
    DocumentQuery {
        tenant: TenantId::new("school"),
        courses: vec![CourseId::new("law-1")],
        text: None,
        cursor: None,
        limit: 100,
    }
}

async fn listed(documents: &dyn Documents, query: DocumentQuery) -> Vec<String> {
    let page = documents.list(query).await.unwrap();
    page.documents.into_iter().map(|document| document.key.document.to_string()).collect()
}

pub(crate) async fn a_document_is_created_once_and_comes_back(documents: &dyn Documents) {
    assert_eq!(documents.get(&key("d1")).await.unwrap(), None);
    let created = documents.create(new("d1", 100)).await.unwrap();
    let expected = Document {
        key: key("d1"),
        course: CourseId::new("law-1"),
        owner: UserId::new("tom"),
        content: content("o1"),
        state: DocumentState::Uploaded,
        version: 1,
        revision: 1,
        attempts: 0,
        failure: None,
        title: None,
        pages: None,
        passages: None,
        stale: Vec::new(),
        created: UnixMs(100),
        updated: UnixMs(100),
    };
    assert_eq!(created, expected);
    let again = NewDocument { content: content("other"), ..new("d1", 999) };
    assert_eq!(documents.create(again).await.unwrap(), expected);
    assert_eq!(documents.get(&key("d1")).await.unwrap(), Some(expected));
}

pub(crate) async fn a_step_is_taken_by_whoever_has_seen_the_newest(documents: &dyn Documents) {
    let first = documents.create(new("d1", 100)).await.unwrap();
    let step = Step {
        attempts: 1,
        failure: Some(Failure { code: "broken".into(), reason: "it cannot be read".into() }),
        title: Some("Torts".into()),
        pages: Some(12),
        passages: Some(40),
        ..Step::to(&first, DocumentState::Failed, UnixMs(200))
    };
    let second = documents.advance(&key("d1"), 1, step.clone()).await.unwrap();
    assert_eq!((second.state, second.revision, second.version), (DocumentState::Failed, 2, 1));
    assert_eq!((&second.failure, &second.title), (&step.failure, &step.title));
    assert_eq!((second.attempts, second.pages, second.passages, second.updated), (1, Some(12), Some(40), UnixMs(200)));
    for seen in [1, 3] {
        let late = documents.advance(&key("d1"), seen, step.clone()).await;
        assert!(matches!(late, Err(DocumentsError::Stale)), "{late:?}");
    }
    assert_eq!(documents.get(&key("d1")).await.unwrap(), Some(second));
    let nowhere = documents.advance(&key("d9"), 1, step).await;
    assert!(matches!(nowhere, Err(DocumentsError::Unknown)), "{nowhere:?}");
}

pub(crate) async fn of_many_steps_at_once_one_is_taken(documents: &dyn Documents) {
    let first = documents.create(new("d1", 100)).await.unwrap();
    let at = key("d1");
    let steps = (0..20).map(|n| documents.advance(&at, 1, Step::to(&first, DocumentState::Checking, UnixMs(n))));
    let taken = futures::future::join_all(steps).await.into_iter().filter(Result::is_ok).count();
    assert_eq!(taken, 1);
}

pub(crate) async fn of_many_who_create_at_once_all_get_the_same(documents: &dyn Documents) {
    let creations =
        (0..20).map(|n| documents.create(NewDocument { content: content(&format!("o{n}")), ..new("d1", n) }));
    let created: Vec<Document> =
        futures::future::join_all(creations).await.into_iter().map(|created| created.unwrap()).collect();
    assert!(created.iter().all(|document| *document == created[0]), "{created:?}");
    assert_eq!(documents.get(&key("d1")).await.unwrap().as_ref(), created.first());
}

pub(crate) async fn of_many_replacements_at_once_one_is_made(documents: &dyn Documents) {
    documents.create(new("d1", 100)).await.unwrap();
    let at = key("d1");
    let replacements = (2..22).map(|n| documents.replace(&at, 1, replacement(&format!("o{n}"), 200)));
    let replaced: Vec<_> = futures::future::join_all(replacements).await;
    let made: Vec<&Document> = replaced.iter().filter_map(|replaced| replaced.as_ref().ok()).collect();
    assert_eq!(made.len(), 1);
    assert!(replaced.iter().flat_map(|replaced| replaced.as_ref().err()).all(|e| matches!(e, DocumentsError::Stale)));
    assert_eq!((made[0].version, &made[0].stale), (2, &vec![ObjectKey("o1".into())]));
    assert_eq!(documents.get(&at).await.unwrap().as_ref(), Some(made[0]));
}

pub(crate) async fn replacing_begins_the_next_version(documents: &dyn Documents) {
    let first = documents.create(new("d1", 100)).await.unwrap();
    let ready = Step { passages: Some(3), ..Step::to(&first, DocumentState::Ready, UnixMs(200)) };
    documents.advance(&key("d1"), 1, ready).await.unwrap();
    let stale = documents.replace(&key("d1"), 1, replacement("o2", 300)).await;
    assert!(matches!(stale, Err(DocumentsError::Stale)), "{stale:?}");
    for _ in 0..2 {
        let replaced = documents.replace(&key("d1"), 2, replacement("o2", 300)).await.unwrap();
        assert_eq!((replaced.state, replaced.version, replaced.revision), (DocumentState::Uploaded, 2, 3));
        assert_eq!((replaced.passages, &replaced.content), (None, &content("o2")));
        assert_eq!((&replaced.owner, &replaced.course), (&UserId::new("uma"), &CourseId::new("law-1")));
        assert_eq!((replaced.stale, replaced.created), (vec![ObjectKey("o1".into())], UnixMs(100)));
    }
    // Two replacements before anybody cleaned up.
    let third = documents.replace(&key("d1"), 3, replacement("o3", 400)).await.unwrap();
    assert_eq!(third.stale, [ObjectKey("o1".into()), ObjectKey("o2".into())]);
}

pub(crate) async fn a_deleted_document_is_seen_by_nobody_and_nothing_brings_it_back(documents: &dyn Documents) {
    let first = documents.create(new("d1", 100)).await.unwrap();
    documents.replace(&key("d1"), 1, replacement("o2", 150)).await.unwrap();
    for _ in 0..2 {
        let tombstone = documents.delete(&key("d1"), UnixMs(200)).await.unwrap().unwrap();
        assert_eq!((tombstone.state, &tombstone.content.object.0), (DocumentState::Deleted, &"o2".to_owned()));
        assert_eq!(tombstone.stale, [ObjectKey("o1".into())]);
    }
    assert_eq!(documents.get(&key("d1")).await.unwrap(), None);
    assert_eq!(listed(documents, query()).await, Vec::<String>::new());
    assert_eq!(documents.unfinished(10).await.unwrap().len(), 1);
    documents.purged(&key("d1")).await.unwrap();
    assert_eq!(documents.unfinished(10).await.unwrap(), []);
    assert_eq!(documents.delete(&key("d1"), UnixMs(300)).await.unwrap(), None);
    assert_eq!(documents.delete(&key("d9"), UnixMs(300)).await.unwrap(), None);
    let created = documents.create(new("d1", 400)).await;
    assert!(matches!(created, Err(DocumentsError::Deleted)), "{created:?}");
    for seen in 1..6 {
        let step = Step::to(&first, DocumentState::Ready, UnixMs(400));
        let advanced = documents.advance(&key("d1"), seen, step).await;
        assert!(matches!(advanced, Err(DocumentsError::Deleted)), "{advanced:?}");
        let replaced = documents.replace(&key("d1"), seen, replacement("o3", 400)).await;
        assert!(matches!(replaced, Err(DocumentsError::Deleted)), "{replaced:?}");
    }
    assert_eq!(documents.get(&key("d1")).await.unwrap(), None);
}

pub(crate) async fn lists_are_newest_first_of_their_courses_and_paged_without_gaps(documents: &dyn Documents) {
    for number in 0..23_u64 {
        documents.create(new(&format!("d{number:02}"), 100 + number / 4)).await.unwrap();
    }
    let elsewhere = NewDocument { course: CourseId::new("law-2"), ..new("other", 900) };
    documents.create(elsewhere).await.unwrap();
    let mut found = Vec::new();
    let mut next = DocumentQuery { limit: 5, ..query() };
    loop {
        let page = documents.list(next.clone()).await.unwrap();
        assert!(page.documents.len() <= 5);
        found.extend(page.documents);
        match page.cursor {
            Some(cursor) => next.cursor = Some(cursor),
            None => break,
        }
    }
    assert_eq!(found.len(), 23);
    assert!(found.is_sorted_by(|a, b| a.created >= b.created));
    let named = NewDocument { content: Content { name: "ÜBUNG 3.md".into(), ..content("o9") }, ..new("named", 1) };
    documents.create(named).await.unwrap();
    let words = DocumentQuery { text: Some("übung .md".into()), ..query() };
    assert_eq!(listed(documents, words).await, ["named"]);
    let both = vec![CourseId::new("law-1"), CourseId::new("law-2")];
    assert_eq!(listed(documents, DocumentQuery { courses: both, ..query() }).await.len(), 25);
    assert_eq!(listed(documents, DocumentQuery { courses: vec![], ..query() }).await.len(), 0);
    assert_eq!(listed(documents, DocumentQuery { tenant: TenantId::new("other"), ..query() }).await.len(), 0);
}

pub(crate) async fn whatever_happens_at_the_same_time_a_deletion_holds(documents: &dyn Documents) {
    for round in 0..10 {
        let name = format!("d{round}");
        let (first, at) = (documents.create(new(&name, 100)).await.unwrap(), key(&name));
        let (advanced, replaced, created, deleted) = tokio::join!(
            documents.advance(&at, 1, Step::to(&first, DocumentState::Ready, UnixMs(200))),
            documents.replace(&at, 1, replacement("o2", 200)),
            documents.create(new(&name, 300)),
            documents.delete(&at, UnixMs(200)),
        );
        assert!(advanced.is_err() || replaced.is_err(), "both have seen the same");
        drop(created);
        assert_eq!(deleted.unwrap().unwrap().state, DocumentState::Deleted);
        assert_eq!(documents.get(&at).await.unwrap(), None);
        // Whichever came first, what there is of it is known to whoever cleans up.
        let tombstone = documents.delete(&at, UnixMs(300)).await.unwrap().unwrap();
        let objects: Vec<_> =
            tombstone.stale.iter().chain([&tombstone.content.object]).map(|key| key.0.as_str()).collect();
        assert!(objects == ["o1"] || objects == ["o1", "o2"], "{objects:?}");
        assert_eq!(replaced.is_ok(), objects.len() == 2);
    }
    assert_eq!(listed(documents, query()).await, Vec::<String>::new());
    assert_eq!(documents.unfinished(100).await.unwrap().len(), 10);
}

pub(crate) async fn what_is_added_while_a_list_is_paged_moves_nothing(documents: &dyn Documents) {
    for number in 0..9 {
        documents.create(new(&format!("d{number}"), 100)).await.unwrap();
    }
    let mut next = DocumentQuery { limit: 2, ..query() };
    let mut found = Vec::new();
    for round in 0.. {
        let page = documents.list(next.clone()).await.unwrap();
        found.extend(page.documents.into_iter().map(|document| document.key.document.to_string()));
        // Newer, of the same moment but before the page's end, and of the last that was shown.
        documents.create(new(&format!("later{round}"), 200)).await.unwrap();
        documents.create(new(&format!("a{round}"), 100)).await.unwrap();
        if let Some(last) = found.last() {
            documents.delete(&key(last), UnixMs(300)).await.unwrap();
        }
        match page.cursor {
            Some(cursor) => next.cursor = Some(cursor),
            None => break,
        }
    }
    assert_eq!(found, (0..9).map(|number| format!("d{number}")).collect::<Vec<_>>());
}

pub(crate) async fn a_list_s_cursor_that_is_not_ours_is_refused(documents: &dyn Documents) {
    for bad in ["", "x", "%%%", "AAAA", "MTIz"] {
        let listed = documents.list(DocumentQuery { cursor: Some(bad.into()), ..query() }).await;
        assert!(matches!(listed, Err(DocumentsError::Cursor)), "{bad:?}: {listed:?}");
    }
}

pub(crate) async fn whoever_has_work_left_is_found_longest_waiting_first(documents: &dyn Documents) {
    for (name, at) in [("d2", 200), ("d1", 100), ("d3", 300)] {
        documents.create(new(name, at)).await.unwrap();
    }
    let names = async || {
        let found = documents.unfinished(10).await.unwrap();
        found.into_iter().map(|document| document.key.document.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(names().await, ["d1", "d2", "d3"]);
    let seen = documents.get(&key("d1")).await.unwrap().unwrap();
    let seen = documents.advance(&key("d1"), 1, Step::to(&seen, DocumentState::Extracting, UnixMs(400))).await.unwrap();
    assert_eq!(names().await, ["d2", "d3", "d1"]);
    for (state, expected) in [(DocumentState::Ready, 2), (DocumentState::Chunking, 3), (DocumentState::NeedsOcr, 2)] {
        let now = documents.get(&key("d1")).await.unwrap().unwrap();
        documents.advance(&key("d1"), now.revision, Step::to(&seen, state, UnixMs(500))).await.unwrap();
        assert_eq!(names().await.len(), expected, "{state:?}");
    }
    assert_eq!(documents.unfinished(1).await.unwrap().len(), 1);
}

pub(crate) async fn what_a_user_stores_is_counted(documents: &dyn Documents) {
    documents.create(new("d1", 100)).await.unwrap();
    documents.create(new("d2", 100)).await.unwrap();
    documents.create(NewDocument { owner: UserId::new("uma"), ..new("d3", 100) }).await.unwrap();
    let (tenant, tom) = (TenantId::new("school"), UserId::new("tom"));
    assert_eq!(documents.stored_by(&tenant, &tom).await.unwrap(), Stored { documents: 2, bytes: 2_000 });
    documents.delete(&key("d1"), UnixMs(200)).await.unwrap();
    assert_eq!(documents.stored_by(&tenant, &tom).await.unwrap(), Stored { documents: 1, bytes: 1_000 });
}

pub(crate) async fn what_is_replaced_counts_for_whoever_replaced_it(documents: &dyn Documents) {
    let counted = async || {
        let tenant = key("d1").tenant;
        let tom = documents.stored_by(&tenant, &UserId::new("tom")).await.unwrap();
        [tom, documents.stored_by(&tenant, &UserId::new("uma")).await.unwrap()]
    };
    documents.create(new("d1", 100)).await.unwrap();
    documents.create(new("d2", 100)).await.unwrap();
    let one = Stored { documents: 1, bytes: 1_000 };
    let larger = Replacement { content: Content { bytes: 5_000, ..content("o2") }, ..replacement("o2", 200) };
    for _ in 0..2 {
        documents.replace(&key("d1"), 1, larger.clone()).await.unwrap();
        assert_eq!(counted().await, [one, Stored { documents: 1, bytes: 5_000 }]);
    }
    // Whoever is too late changes nothing; whoever takes it back has it back, at its size.
    let back = Replacement { owner: UserId::new("tom"), ..replacement("o3", 300) };
    let late = documents.replace(&key("d1"), 1, back.clone()).await;
    assert!(matches!(late, Err(DocumentsError::Stale)), "{late:?}");
    assert_eq!(counted().await, [one, Stored { documents: 1, bytes: 5_000 }]);
    documents.replace(&key("d1"), 2, back).await.unwrap();
    assert_eq!(counted().await, [Stored { documents: 2, bytes: 2_000 }, Stored::default()]);
}
