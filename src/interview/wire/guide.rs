//! Guides and their places, on their way to a client. Notes, keywords and what is prepared stay here: they are the teacher's.

use crate::interview::guide::{Place, Summary};
use protocol::v1;

pub(super) fn guide(summary: &Summary) -> v1::Guide {
    let Summary { document, version, title, questions, duration_ms } = summary;
    v1::Guide {
        document: v1::DocumentId::new(document.as_str()).expect("a document's id was checked when it came"),
        version: *version,
        title: title.clone(),
        questions: *questions,
        duration_ms: *duration_ms,
    }
}

pub(super) fn place(place: Place) -> v1::GuidePlace {
    let Place { question, follow_up } = place;
    v1::GuidePlace { question, follow_up }
}
