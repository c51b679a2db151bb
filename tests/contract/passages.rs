//! What every [`Passages`] does.

use viva::ports::extraction::Locator;
use viva::ports::ids::{CourseId, DocumentId, TenantId};
use viva::ports::passages::{Passage, PassageId, PassageQuery, Passages, Put};

macro_rules! passages_contract {
    ($make:path) => {
        contract!(
            passages,
            $make,
            [
                what_was_stored_is_found_by_its_words_and_their_forms,
                the_better_match_comes_first,
                a_search_sees_its_courses_documents_and_tenant_alone,
                free_text_of_any_shape_is_no_syntax,
                passages_come_back_by_id_and_in_order,
                storing_the_same_again_changes_nothing,
                a_newer_version_takes_the_place_of_the_older_whole,
                what_comes_late_for_an_older_version_changes_nothing,
                what_was_removed_stays_removed,
                a_long_document_comes_and_goes_in_parts,
            ]
        );
    };
}

/// What an index of meanings adds to the words.
macro_rules! semantic_passages_contract {
    ($make:path) => {
        contract!(
            passages,
            $make,
            [
                what_means_the_same_is_found_without_a_word_in_common,
                meaning_sees_its_courses_documents_and_tenant_alone,
                what_is_late_is_not_finished,
            ]
        );
    };
}

fn tenant() -> TenantId {
    TenantId::new("school")
}

fn document(name: &str) -> DocumentId {
    DocumentId::new(name)
}

fn passage(of: &str, version: u64, ordinal: u32, text: &str) -> Passage {
    Passage {
        document: document(of),
        version,
        ordinal,
        course: CourseId::new("law-1"),
        name: format!("{of}.pdf"),
        text: text.into(),
        locator: Locator { path: vec!["Torts".into()], ..Locator::page(ordinal) },
    }
}

fn query(text: &str) -> PassageQuery {
    PassageQuery {
        tenant: tenant(),
        courses: vec![CourseId::new("law-1")],
        documents: None,
        text: text.into(),
        limit: 10,
    }
}

async fn put(passages: &dyn Passages, of: &str, version: u64, texts: &[&str]) -> Put {
    let all = texts.iter().zip(1..).map(|(text, ordinal)| passage(of, version, ordinal, text)).collect();
    let put = passages.put(&tenant(), &document(of), version, all).await.unwrap();
    if put == Put::Stored {
        assert_eq!(passages.finish(&tenant(), &document(of), version).await.unwrap(), Put::Stored);
    }
    put
}

async fn found(passages: &dyn Passages, query: &PassageQuery) -> Vec<String> {
    let hits = passages.search(query).await.unwrap();
    hits.into_iter().map(|hit| hit.passage.id().to_string()).collect()
}

const NONE: [String; 0] = [];

pub(crate) async fn what_was_stored_is_found_by_its_words_and_their_forms(passages: &dyn Passages) {
    put(passages, "d1", 1, &["A duty of care is owed to neighbours.", "Damages are limited by Überlegung."]).await;
    for text in ["duty", "Duties?", "Who is a NEIGHBOUR to whom care is owed?"] {
        assert_eq!(found(passages, &query(text)).await, ["d1-1-1"], "{text}");
    }
    for text in ["damage", "limiting", "uberlegung", "the überlegung"] {
        assert_eq!(found(passages, &query(text)).await, ["d1-1-2"], "{text}");
    }
    assert_eq!(found(passages, &query("photosynthesis")).await, NONE);
    let hit = passages.search(&query("duty")).await.unwrap().remove(0);
    assert_eq!(hit.passage, passage("d1", 1, 1, "A duty of care is owed to neighbours."));
}

pub(crate) async fn the_better_match_comes_first(passages: &dyn Passages) {
    let filler = "The weather in the courtroom was described by several witnesses at length.";
    let texts = [filler, "Negligence once.", "Negligence is breach; negligence is causation.", filler, filler];
    put(passages, "d1", 1, &texts).await;
    let hits = passages.search(&query("negligence causation")).await.unwrap();
    let ids: Vec<_> = hits.iter().map(|hit| hit.passage.id().to_string()).collect();
    assert_eq!(ids, ["d1-1-3", "d1-1-2"]);
    assert!(hits[0].score > hits[1].score);
    assert_eq!(found(passages, &PassageQuery { limit: 1, ..query("negligence") }).await.len(), 1);
    assert_eq!(found(passages, &PassageQuery { limit: 0, ..query("negligence") }).await, NONE);
}

pub(crate) async fn a_search_sees_its_courses_documents_and_tenant_alone(passages: &dyn Passages) {
    put(passages, "d1", 1, &["estoppel here"]).await;
    put(passages, "d2", 1, &["estoppel there"]).await;
    let elsewhere = Passage { course: CourseId::new("law-2"), ..passage("d3", 1, 1, "estoppel elsewhere") };
    passages.put(&tenant(), &document("d3"), 1, vec![elsewhere]).await.unwrap();
    passages.finish(&tenant(), &document("d3"), 1).await.unwrap();
    let foreign = TenantId::new("other");
    passages.put(&foreign, &document("d4"), 1, vec![passage("d4", 1, 1, "estoppel abroad")]).await.unwrap();
    passages.finish(&foreign, &document("d4"), 1).await.unwrap();
    let mut both = found(passages, &query("estoppel")).await;
    both.sort();
    assert_eq!(both, ["d1-1-1", "d2-1-1"]);
    let of = |documents: &[&str]| Some(documents.iter().map(|name| document(name)).collect());
    let one = PassageQuery { documents: of(&["d2", "d3"]), ..query("estoppel") };
    assert_eq!(found(passages, &one).await, ["d2-1-1"]);
    assert_eq!(found(passages, &PassageQuery { documents: of(&[]), ..query("estoppel") }).await, NONE);
    assert_eq!(found(passages, &PassageQuery { courses: Vec::new(), ..query("estoppel") }).await, NONE);
    let other = PassageQuery { courses: vec![CourseId::new("law-2")], ..query("estoppel") };
    assert_eq!(found(passages, &other).await, ["d3-1-1"]);
    let abroad = PassageQuery { tenant: foreign, ..query("estoppel") };
    assert_eq!(found(passages, &abroad).await, ["d4-1-1"]);
}

pub(crate) async fn free_text_of_any_shape_is_no_syntax(passages: &dyn Passages) {
    put(passages, "d1", 1, &["consideration and promise"]).await;
    for text in [
        "consideration AND NOT promise",
        "\"consideration",
        "consideration*)(",
        "text : consideration",
        "NEAR(consideration promise)",
        "consideration'; DROP TABLE passages; --",
        "^consideration - + { } [ ] \\ \u{0} \u{fffd}",
    ] {
        assert_eq!(found(passages, &query(text)).await, ["d1-1-1"], "{text}");
    }
    let long = "zebra ".repeat(50_000);
    for text in ["", "   ", "\"\"", "()", "* : ^", "\u{0}", "🎓🎓", long.as_str(), "the of with"] {
        assert_eq!(found(passages, &query(text)).await, NONE, "{text}");
    }
}

pub(crate) async fn passages_come_back_by_id_and_in_order(passages: &dyn Passages) {
    put(passages, "d1", 1, &["one", "two", "three"]).await;
    let ids = [
        "d1-1-3",
        "none",
        "d1-1-9",
        "d1-2-1",
        "d1-1-1",
        "--",
        "d1-99999999999999999999-1",
        "d9-18446744073709551615-1",
    ];
    let ids: Vec<_> = ids.iter().map(|id| PassageId::new(*id)).collect();
    let got = passages.get(&tenant(), &ids).await.unwrap();
    assert_eq!(got, [passage("d1", 1, 3, "three"), passage("d1", 1, 1, "one")]);
    assert_eq!(passages.get(&TenantId::new("other"), &ids).await.unwrap(), []);
    let read = passages.read(&tenant(), &document("d1"), 2, 10).await.unwrap();
    assert_eq!(read, [passage("d1", 1, 2, "two"), passage("d1", 1, 3, "three")]);
    assert_eq!(passages.read(&tenant(), &document("d1"), 1, 1).await.unwrap(), [passage("d1", 1, 1, "one")]);
}

pub(crate) async fn storing_the_same_again_changes_nothing(passages: &dyn Passages) {
    for _ in 0..3 {
        assert_eq!(put(passages, "d1", 1, &["mens rea", "actus reus"]).await, Put::Stored);
    }
    assert_eq!(found(passages, &query("mens")).await, ["d1-1-1"]);
    assert_eq!(passages.read(&tenant(), &document("d1"), 1, 10).await.unwrap().len(), 2);
    // The same id with another text: the text is replaced, in the index too.
    put(passages, "d1", 1, &["novation"]).await;
    assert_eq!(found(passages, &query("mens")).await, NONE);
    assert_eq!(found(passages, &query("novation")).await, ["d1-1-1"]);
}

pub(crate) async fn a_newer_version_takes_the_place_of_the_older_whole(passages: &dyn Passages) {
    put(passages, "d1", 1, &["laches", "estoppel", "waiver"]).await;
    assert_eq!(put(passages, "d1", 2, &["estoppel anew"]).await, Put::Stored);
    assert_eq!(found(passages, &query("laches waiver")).await, NONE);
    assert_eq!(found(passages, &query("estoppel")).await, ["d1-2-1"]);
    assert_eq!(passages.get(&tenant(), &[PassageId::new("d1-1-1")]).await.unwrap(), []);
    // A version without text takes the older one's place, too.
    assert_eq!(put(passages, "d1", 3, &[]).await, Put::Stored);
    assert_eq!(found(passages, &query("estoppel")).await, NONE);
}

pub(crate) async fn what_comes_late_for_an_older_version_changes_nothing(passages: &dyn Passages) {
    put(passages, "d1", 2, &["estoppel anew"]).await;
    assert_eq!(put(passages, "d1", 1, &["laches"]).await, Put::Late);
    assert_eq!(found(passages, &query("laches")).await, NONE);
    assert_eq!(found(passages, &query("estoppel")).await, ["d1-2-1"]);
}

pub(crate) async fn what_was_removed_stays_removed(passages: &dyn Passages) {
    put(passages, "d1", 1, &["laches"]).await;
    put(passages, "d2", 1, &["laches"]).await;
    for _ in 0..2 {
        passages.remove(&tenant(), &document("d1")).await.unwrap();
    }
    for version in [1, 2] {
        assert_eq!(put(passages, "d1", version, &["laches"]).await, Put::Late);
    }
    assert_eq!(found(passages, &query("laches")).await, ["d2-1-1"]);
    assert_eq!(passages.read(&tenant(), &document("d1"), 1, 10).await.unwrap(), []);
    // Removed before anything of it came.
    passages.remove(&tenant(), &document("d3")).await.unwrap();
    assert_eq!(put(passages, "d3", 1, &["laches"]).await, Put::Late);
}

pub(crate) async fn a_long_document_comes_and_goes_in_parts(passages: &dyn Passages) {
    for part in 0..5 {
        let texts = (1..=64).map(|n| passage("d1", 1, part * 64 + n, "bailment")).collect();
        passages.put(&tenant(), &document("d1"), 1, texts).await.unwrap();
    }
    passages.finish(&tenant(), &document("d1"), 1).await.unwrap();
    let all = PassageQuery { limit: 100, ..query("bailment") };
    assert_eq!(found(passages, &all).await.len(), 100);
    assert_eq!(passages.read(&tenant(), &document("d1"), 300, 100).await.unwrap().len(), 21);
    passages.remove(&tenant(), &document("d1")).await.unwrap();
    assert_eq!(found(passages, &all).await, NONE);
}

pub(crate) async fn what_means_the_same_is_found_without_a_word_in_common(passages: &dyn Passages) {
    assert!(passages.embeds());
    put(passages, "d1", 1, &["The automobile was repaired.", "A harvest of wheat."]).await;
    assert_eq!(found(passages, &query("cars")).await, ["d1-1-1"]);
    let similarity = passages.search(&query("cars")).await.unwrap().remove(0).similarity;
    assert!(similarity.is_some_and(|similarity| similarity > 0.25), "{similarity:?}");
    put(passages, "d1", 2, &["The physician was late."]).await;
    assert_eq!(found(passages, &query("cars")).await, NONE);
    assert_eq!(found(passages, &query("doctors")).await, ["d1-2-1"]);
    passages.remove(&tenant(), &document("d1")).await.unwrap();
    assert_eq!(found(passages, &query("doctors")).await, NONE);
}

pub(crate) async fn meaning_sees_its_courses_documents_and_tenant_alone(passages: &dyn Passages) {
    put(passages, "d1", 1, &["The automobile here."]).await;
    put(passages, "d2", 1, &["The automobile there."]).await;
    let elsewhere = Passage { course: CourseId::new("law-2"), ..passage("d3", 1, 1, "The automobile elsewhere.") };
    passages.put(&tenant(), &document("d3"), 1, vec![elsewhere]).await.unwrap();
    passages.finish(&tenant(), &document("d3"), 1).await.unwrap();
    let mut both = found(passages, &query("cars")).await;
    both.sort();
    assert_eq!(both, ["d1-1-1", "d2-1-1"]);
    let one = PassageQuery { documents: Some(vec![document("d2"), document("d3")]), ..query("cars") };
    assert_eq!(found(passages, &one).await, ["d2-1-1"]);
    assert_eq!(found(passages, &PassageQuery { documents: Some(Vec::new()), ..query("cars") }).await, NONE);
    assert_eq!(found(passages, &PassageQuery { courses: Vec::new(), ..query("cars") }).await, NONE);
    let abroad = PassageQuery { tenant: TenantId::new("other"), ..query("cars") };
    assert_eq!(found(passages, &abroad).await, NONE);
}

pub(crate) async fn what_is_late_is_not_finished(passages: &dyn Passages) {
    put(passages, "d1", 2, &["The automobile was repaired."]).await;
    assert_eq!(passages.finish(&tenant(), &document("d1"), 1).await.unwrap(), Put::Late);
    assert_eq!(found(passages, &query("cars")).await, ["d1-2-1"]);
}
