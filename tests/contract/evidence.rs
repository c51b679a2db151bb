//! What every [`EvidenceLog`] does.

use viva::ports::clock::UnixMs;
use viva::ports::evidence::{EvidenceLog, Observation, Observed};
use viva::ports::ids::{CourseId, TenantId, UserId};

macro_rules! evidence_contract {
    ($make:path) => {
        contract!(
            evidence,
            $make,
            [
                what_was_observed_comes_back_in_its_order,
                the_same_id_again_replaces_what_was_observed,
                of_much_the_newest_comes_back_and_that_there_is_more,
                who_has_any_is_told_page_by_page,
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

/// All that was observed of somebody.
pub(crate) async fn all(
    log: &dyn EvidenceLog,
    tenant: &TenantId,
    course: &CourseId,
    user: &UserId,
) -> Vec<Observation> {
    let Observed { observations, truncated } = log.newest(tenant, course, user, 1_000).await.unwrap();
    assert!(!truncated);
    observations
}

async fn everybody(log: &dyn EvidenceLog, tenant: &TenantId, course: &CourseId) -> Vec<String> {
    log.users(tenant, course, None, 1_000).await.unwrap().iter().map(UserId::to_string).collect()
}

pub(crate) async fn what_was_observed_comes_back_in_its_order(log: &dyn EvidenceLog) {
    let (tenant, course, ada) = places();
    assert_eq!(all(log, &tenant, &course, &ada).await, []);
    log.record(&tenant, &course, &ada, Vec::new()).await.unwrap();
    let (a, b, c) = (observation("a", 200, "x"), observation("b", 100, "y"), observation("c", 200, "z"));
    log.record(&tenant, &course, &ada, vec![c.clone(), a.clone()]).await.unwrap();
    log.record(&tenant, &course, &ada, vec![b.clone()]).await.unwrap();
    assert_eq!(all(log, &tenant, &course, &ada).await, [b, a, c]);
}

pub(crate) async fn the_same_id_again_replaces_what_was_observed(log: &dyn EvidenceLog) {
    let (tenant, course, ada) = places();
    for _ in 0..2 {
        log.record(&tenant, &course, &ada, vec![observation("a", 1, "x"), observation("b", 2, "y")]).await.unwrap();
    }
    let newer = observation("a", 3, "confirmed");
    // The last of two that a list names.
    log.record(&tenant, &course, &ada, vec![observation("a", 9, "z"), newer.clone()]).await.unwrap();
    assert_eq!(all(log, &tenant, &course, &ada).await, [observation("b", 2, "y"), newer]);
}

pub(crate) async fn of_much_the_newest_comes_back_and_that_there_is_more(log: &dyn EvidenceLog) {
    let (tenant, course, ada) = places();
    let (a, b, c) = (observation("a", 5, "x"), observation("b", 5, "y"), observation("c", 9, "z"));
    log.record(&tenant, &course, &ada, vec![b.clone(), c.clone(), a.clone()]).await.unwrap();
    let all = [a, b, c];
    for limit in 0..5 {
        let expected = Observed { observations: all[3 - limit.min(3)..].to_vec(), truncated: limit < 3 };
        assert_eq!(log.newest(&tenant, &course, &ada, limit).await.unwrap(), expected, "{limit}");
    }
    // What was observed anew is as new as it was observed.
    let anew = observation("a", 10, "confirmed");
    log.record(&tenant, &course, &ada, vec![anew.clone()]).await.unwrap();
    let newest = Observed { observations: vec![anew], truncated: true };
    assert_eq!(log.newest(&tenant, &course, &ada, 1).await.unwrap(), newest);
}

pub(crate) async fn who_has_any_is_told_page_by_page(log: &dyn EvidenceLog) {
    let (tenant, course, _) = places();
    assert_eq!(everybody(log, &tenant, &course).await, [""; 0]);
    for user in ["eve", "ada", "Zoë", "bob", "adam"] {
        let observed = (0..3).map(|n| observation(&format!("o{n}"), n, "x")).collect();
        log.record(&tenant, &course, &UserId::new(user), observed).await.unwrap();
    }
    log.record(&tenant, &CourseId::new("law-2"), &UserId::new("cem"), vec![observation("a", 1, "x")]).await.unwrap();
    let mut pages = Vec::new();
    let mut after = None;
    loop {
        let page = log.users(&tenant, &course, after.as_ref(), 2).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.clone());
        pages.push(page.iter().map(UserId::to_string).collect::<Vec<_>>());
    }
    assert_eq!(pages, [vec!["Zoë", "ada"], vec!["adam", "bob"], vec!["eve"]]);
    assert_eq!(everybody(log, &tenant, &course).await, ["Zoë", "ada", "adam", "bob", "eve"]);
    assert_eq!(log.users(&tenant, &course, Some(&UserId::new("ad")), 1).await.unwrap(), [UserId::new("ada")]);
}

pub(crate) async fn nothing_is_seen_of_another_user_course_or_tenant(log: &dyn EvidenceLog) {
    let (tenant, course, ada) = places();
    let (other_tenant, other_course, bob) = (TenantId::new("other"), CourseId::new("law-2"), UserId::new("bob"));
    log.record(&tenant, &course, &ada, vec![observation("a", 1, "x")]).await.unwrap();
    assert_eq!(all(log, &other_tenant, &course, &ada).await, []);
    assert_eq!(all(log, &tenant, &other_course, &ada).await, []);
    assert_eq!(all(log, &tenant, &course, &bob).await, []);
    assert_eq!(everybody(log, &other_tenant, &course).await, [""; 0]);
    assert_eq!(everybody(log, &tenant, &other_course).await, [""; 0]);
    // The same id elsewhere is another observation.
    log.record(&tenant, &other_course, &ada, vec![observation("a", 2, "y")]).await.unwrap();
    log.record(&tenant, &course, &bob, vec![observation("a", 3, "z")]).await.unwrap();
    assert_eq!(all(log, &tenant, &course, &ada).await, [observation("a", 1, "x")]);
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
    assert_eq!(all(log, &tenant, &course, &ada).await.len(), 22);
}
