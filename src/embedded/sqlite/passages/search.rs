//! From free text to a query of FTS5: words in quotes, joined by OR, so that nothing in it can be syntax; and its answer.
//!
//! BM25 ranks.

use super::{PASSAGE, read};
use crate::config::limits::PASSAGES_PAGE_MAX;
use crate::embedded::sqlite::error::DbError;
use crate::ports::ids::{CourseId, TenantId};
use crate::ports::passages::{Hit, PassageQuery};
use crate::retrieval::terms::terms;
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
        // The index of words comes first (CROSS JOIN keeps the order): asked for one passage after another it is looked through each time.
        // Texts are read of the best alone.
        "WITH best AS MATERIALIZED ( \
         SELECT p.id, -bm25(passages_text, 0.0, 0.5, 1.5, 1.0) AS score \
         FROM passages_text CROSS JOIN passages p ON p.id = passages_text.rowid \
         CROSS JOIN passage_documents d ON d.tenant = p.tenant AND d.document = p.document \
         WHERE passages_text MATCH :match AND p.tenant = :tenant AND d.deleted = 0 AND p.version = d.version \
         AND p.course IN (SELECT value FROM json_each(:courses)) \
         AND (:documents IS NULL OR p.document IN (SELECT value FROM json_each(:documents))) \
         ORDER BY score DESC, p.document, p.ordinal LIMIT :limit) \
         SELECT {PASSAGE}, best.score AS score FROM best JOIN passages p USING (id) \
         ORDER BY best.score DESC, p.document, p.ordinal"
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
        |row| Ok(Hit { passage: read(row)?, score: row.get("score")?, similarity: None }),
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

/// One word that stands for tenant and course.
pub(super) fn shelf(tenant: &TenantId, course: &CourseId) -> String {
    let digest = Sha256::new().chain_update(tenant.as_str()).chain_update([0]).chain_update(course.as_str()).finalize();
    let digits: String = digest[..12].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("shelf{digits}")
}
