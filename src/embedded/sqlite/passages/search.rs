//! From free text to a query of FTS5: words in quotes, joined by OR, so that nothing in it can be syntax; and its answer.
//!
//! BM25 ranks. Words that stand in every text say nothing about this one and are left out, unless there are no others. The words left
//! out are English; in other languages BM25 alone gives common words little weight.

use super::{PASSAGE, read};
use crate::config::limits::{PASSAGES_PAGE_MAX, SEARCH_TERM_CHARS_MAX, SEARCH_TERMS_MAX};
use crate::embedded::sqlite::error::DbError;
use crate::ports::ids::{CourseId, TenantId};
use crate::ports::passages::{Hit, PassageQuery};
use rusqlite::{Connection, named_params};
use sha2::{Digest, Sha256};

pub(super) fn search(db: &Connection, query: &PassageQuery) -> Result<Vec<Hit>, DbError> {
    let terms = terms(&query.text);
    if terms.is_empty() || query.courses.is_empty() || query.limit == 0 {
        return Ok(Vec::new());
    }
    let courses: Vec<&str> = query.courses.iter().map(CourseId::as_str).collect();
    let documents = query.documents.as_ref().map(|documents| {
        let documents: Vec<&str> = documents.iter().map(|document| document.as_str()).collect();
        serde_json::to_string(&documents)
    });
    let sql = format!(
        "SELECT {PASSAGE}, -bm25(passages_text, 0.0, 0.5, 1.5, 1.0) AS score \
         FROM passages_text JOIN passages p ON p.id = passages_text.rowid JOIN passage_documents d USING (tenant, document) \
         WHERE passages_text MATCH :match AND p.tenant = :tenant AND d.deleted = 0 AND p.version = d.version \
         AND p.course IN (SELECT value FROM json_each(:courses)) \
         AND (:documents IS NULL OR p.document IN (SELECT value FROM json_each(:documents))) \
         ORDER BY score DESC, p.document, p.ordinal LIMIT :limit"
    );
    let mut select = db.prepare_cached(&sql)?;
    let rows = select.query_map(
        named_params! {
            ":match": matching(query, &terms),
            ":tenant": query.tenant.as_str(),
            ":courses": serde_json::to_string(&courses)?,
            ":documents": documents.transpose()?,
            ":limit": query.limit.min(PASSAGES_PAGE_MAX),
        },
        |row| Ok(Hit { passage: read(row)?, score: row.get("score")? }),
    )?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn matching(query: &PassageQuery, terms: &[String]) -> String {
    let any =
        |words: &mut dyn Iterator<Item = String>| words.map(|word| quoted(&word)).collect::<Vec<_>>().join(" OR ");
    let shelves = any(&mut query.courses.iter().map(|course| shelf(&query.tenant, course)));
    let words = any(&mut terms.iter().cloned());
    format!("shelf : ({shelves}) AND {{name headings text}} : ({words})")
}

fn quoted(word: &str) -> String {
    format!("\"{}\"", word.replace('"', "\"\""))
}

/// The words to look for, each once, in their order.
fn terms(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    // What lies far beyond any question is not read.
    for word in text.split(|c| !is_in_a_word(c)).filter(|word| !word.is_empty()).take(WORDS_READ_MAX) {
        let word: String = word.to_lowercase().chars().take(SEARCH_TERM_CHARS_MAX).collect();
        if word.chars().any(char::is_alphanumeric) && !words.contains(&word) {
            words.push(word);
        }
    }
    let says_something = |word: &String| !STOP_WORDS.contains(&word.as_str());
    if words.iter().any(says_something) {
        words.retain(says_something);
    }
    words.truncate(SEARCH_TERMS_MAX);
    words
}

/// Letters, digits, and the marks that belong to the letter before them.
fn is_in_a_word(c: char) -> bool {
    c.is_alphanumeric() || ('\u{300}'..='\u{36f}').contains(&c)
}

/// One word that stands for tenant and course.
pub(super) fn shelf(tenant: &TenantId, course: &CourseId) -> String {
    let digest = Sha256::new().chain_update(tenant.as_str()).chain_update([0]).chain_update(course.as_str()).finalize();
    let digits: String = digest[..12].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("shelf{digits}")
}

/// Words of a text that are looked at.
const WORDS_READ_MAX: usize = 4 * SEARCH_TERMS_MAX;

const STOP_WORDS: &[&str] = &[
    "a", "about", "above", "after", "again", "all", "also", "am", "an", "and", "any", "are", "as", "at", "be",
    "because", "been", "before", "being", "below", "between", "both", "but", "by", "can", "could", "did", "do", "does",
    "doing", "down", "during", "each", "explain", "few", "for", "from", "further", "had", "has", "have", "having",
    "he", "her", "here", "hers", "him", "his", "how", "i", "if", "in", "into", "is", "it", "its", "just", "me", "more",
    "most", "my", "no", "nor", "not", "now", "of", "off", "on", "once", "only", "or", "other", "our", "out", "over",
    "own", "please", "same", "she", "should", "so", "some", "such", "tell", "than", "that", "the", "their", "them",
    "then", "there", "these", "they", "this", "those", "through", "to", "too", "under", "until", "up", "very", "was",
    "we", "were", "what", "when", "where", "which", "while", "who", "whom", "whose", "why", "will", "with", "would",
    "you", "your",
];

#[cfg(test)]
mod tests {
    use super::terms;

    #[test]
    fn words_without_meaning_are_left_out_unless_there_are_no_others() {
        assert_eq!(terms("What is the rule of perpetuities?"), ["rule", "perpetuities"]);
        assert_eq!(terms("to be or not to be"), ["to", "be", "or", "not"]);
        assert_eq!(terms("… ?! \" * ( ) ^"), Vec::<String>::new());
    }

    #[test]
    fn letters_with_marks_are_one_word() {
        assert_eq!(terms("cafe\u{301}s ÜBUNG naïve_x"), ["cafe\u{301}s", "übung", "naïve", "x"]);
    }

    #[test]
    fn a_text_of_any_length_gives_a_bounded_query() {
        let long: String = (0..100_000).map(|n| format!("w{n} ")).collect();
        assert_eq!(terms(&long).len(), super::SEARCH_TERMS_MAX);
        assert!(terms(&"x".repeat(100_000))[0].len() <= super::SEARCH_TERM_CHARS_MAX);
    }
}
