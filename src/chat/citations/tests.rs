//! Citations that hold stay, all others go.

use super::check;
use crate::ports::extraction::Locator;
use crate::ports::ids::{CourseId, DocumentId};
use crate::ports::passages::Passage;

fn passage(ordinal: u32, text: &str) -> Passage {
    Passage {
        document: DocumentId::new("doc"),
        version: 1,
        ordinal,
        course: CourseId::new("web"),
        name: "caching.pdf".to_owned(),
        text: text.to_owned(),
        locator: Locator::page(ordinal),
    }
}

fn passages() -> Vec<Passage> {
    vec![
        passage(1, "Caching saves time. An ETag names one version of a resource. It was added in 1999."),
        passage(2, "Whales are mammals that live in the sea."),
    ]
}

#[test]
fn a_citation_that_supports_its_sentence_stays_with_a_quote() {
    let checked = check("An ETag is a name of one version of a resource [1].", &passages());
    assert_eq!(checked.text, "An ETag is a name of one version of a resource [1].");
    assert_eq!(checked.citations.len(), 1);
    assert_eq!(checked.citations[0].quote, "An ETag names one version of a resource.");
    assert_eq!((checked.citations[0].number, checked.dropped), (1, 0));
}

#[test]
fn a_citation_of_another_matter_is_taken_out() {
    let checked = check("An ETag names a version [2]. Whales live in the sea [1] [2].", &passages());
    assert_eq!(checked.text, "An ETag names a version. Whales live in the sea [2].");
    assert_eq!((checked.citations.len(), checked.citations[0].number, checked.dropped), (1, 2, 2));
}

#[test]
fn a_passage_that_does_not_exist_cannot_be_cited() {
    let checked = check("An ETag names a version [7][0].", &passages());
    assert_eq!((checked.text.as_str(), checked.citations.len()), ("An ETag names a version.", 0));
}

#[test]
fn a_figure_that_the_passage_lacks_takes_the_citation_away() {
    assert_eq!(check("The ETag was added in 1999 [1].", &passages()).citations.len(), 1);
    assert_eq!(check("The ETag was added in 1989 [1].", &passages()).citations.len(), 0);
}

#[test]
fn marks_after_a_full_stop_belong_to_the_sentence_before() {
    let checked = check("An ETag names one version. [1] Nothing else is known here.", &passages());
    assert_eq!(checked.text, "An ETag names one version. [1] Nothing else is known here.");
    assert_eq!(checked.citations.len(), 1);
}

#[test]
fn several_numbers_in_one_mark_are_checked_one_by_one() {
    let checked = check("An ETag names one version [1, 2].", &passages());
    assert_eq!((checked.text.as_str(), checked.dropped), ("An ETag names one version [1].", 1));
}

#[test]
fn brackets_that_are_no_marks_stay() {
    let text = "Use `list[0]` and [a link](x), or [see].";
    assert_eq!(check(text, &passages()).text, text);
}
