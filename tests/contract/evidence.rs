//! What every [`EvidenceLog`] does.

use std::collections::BTreeMap;
use viva::ports::clock::UnixMs;
use viva::ports::evidence::{EvidenceLog, Observation};
use viva::ports::ids::{CourseId, TenantId, UserId};

macro_rules! evidence_contract {
    ($make:path) => {
        contract!(
            evidence,
            $make,
            [
                what_was_observed_comes_back_in_its_order,
                the_same_id_again_replaces_what_was_observed,
                of_a_course_comes_back_everybody_who_has_any,
                nothing_is_seen_of_another_user_course_or_tenant,
                of_many_who_record_at_once_nothing_is_lost,
            ]
        );
    };
}

pub(crate) fn observation(id: &str, at: u64, says: &str) -> Observation {
    let evidence_json = format!(r#"{{ "says":"{says}", "odd":"\u0000 é" }}"#);
    Observation { id: id.into(), at: UnixMs(at), evidence_json }
}

fn places() -> (TenantId, CourseId, UserId) {
    (TenantId::new("school"), CourseId::new("law-1"), UserId::new("ada"))
}

pub(crate) async fn what_was_observed_comes_back_in_its_order(log: &dyn EvidenceLog) {
    let (tenant, course, ada) = places();
    assert_eq!(log.of_user(&tenant, &course, &ada).await.unwrap(), []);
    log.record(&tenant, &course, &ada, Vec::new()).await.unwrap();
    let (a, b, c) = (observation("a", 200, "x"), observation("b", 100, "y"), observation("c", 200, "z"));
    log.record(&tenant, &course, &ada, vec![c.clone(), a.clone()]).await.unwrap();
    log.record(&tenant, &course, &ada, vec![b.clone()]).await.unwrap();
    assert_eq!(log.of_user(&tenant, &course, &ada).await.unwrap(), [b, a, c]);
}

pub(crate) async fn the_same_id_again_replaces_what_was_observed(log: &dyn EvidenceLog) {
    let (tenant, course, ada) = places();
    for _ in 0..2 {
        log.record(&tenant, &course, &ada, vec![observation("a", 1, "x"), observation("b", 2, "y")]).await.unwrap();
    }
    let newer = observation("a", 3, "confirmed");
    // The last of two that a list names.
    log.record(&tenant, &course, &ada, vec![observation("a", 9, "z"), newer.clone()]).await.unwrap();
    assert_eq!(log.of_user(&tenant, &course, &ada).await.unwrap(), [observation("b", 2, "y"), newer]);
}

pub(crate) async fn of_a_course_comes_back_everybody_who_has_any(log: &dyn EvidenceLog) {
    let (tenant, course, ada) = places();
    assert_eq!(log.of_course(&tenant, &course).await.unwrap(), BTreeMap::new());
    let bob = UserId::new("bob");
    log.record(&tenant, &course, &ada, vec![observation("b", 5, "x"), observation("a", 5, "y")]).await.unwrap();
    log.record(&tenant, &course, &bob, vec![observation("a", 1, "z")]).await.unwrap();
    let expected = BTreeMap::from([
        (ada, vec![observation("a", 5, "y"), observation("b", 5, "x")]),
        (bob, vec![observation("a", 1, "z")]),
    ]);
    assert_eq!(log.of_course(&tenant, &course).await.unwrap(), expected);
}

pub(crate) async fn nothing_is_seen_of_another_user_course_or_tenant(log: &dyn EvidenceLog) {
    let (tenant, course, ada) = places();
    let (other_tenant, other_course, bob) = (TenantId::new("other"), CourseId::new("law-2"), UserId::new("bob"));
    log.record(&tenant, &course, &ada, vec![observation("a", 1, "x")]).await.unwrap();
    assert_eq!(log.of_user(&other_tenant, &course, &ada).await.unwrap(), []);
    assert_eq!(log.of_user(&tenant, &other_course, &ada).await.unwrap(), []);
    assert_eq!(log.of_user(&tenant, &course, &bob).await.unwrap(), []);
    assert_eq!(log.of_course(&other_tenant, &course).await.unwrap(), BTreeMap::new());
    assert_eq!(log.of_course(&tenant, &other_course).await.unwrap(), BTreeMap::new());
    // The same id elsewhere is another observation.
    log.record(&tenant, &other_course, &ada, vec![observation("a", 2, "y")]).await.unwrap();
    log.record(&tenant, &course, &bob, vec![observation("a", 3, "z")]).await.unwrap();
    assert_eq!(log.of_user(&tenant, &course, &ada).await.unwrap(), [observation("a", 1, "x")]);
}

pub(crate) async fn of_many_who_record_at_once_nothing_is_lost(log: &dyn EvidenceLog) {
    let (tenant, course, ada) = places();
    // Each names what the others name, too, in another order.
    let records = (0..20).map(|n| {
        let mut observed =
            vec![observation("same", 1, "x"), observation(&format!("o{n:02}"), 2, "y"), observation("both", 1, "z")];
        if n % 2 == 0 {
            observed.reverse();
        }
        log.record(&tenant, &course, &ada, observed)
    });
    for recorded in futures::future::join_all(records).await {
        recorded.unwrap();
    }
    assert_eq!(log.of_user(&tenant, &course, &ada).await.unwrap().len(), 22);
}
