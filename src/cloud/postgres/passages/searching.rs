//! From free text to words, any of which may be there, and their ranking.
//!
//! `ts_rank_cd` does not know how rare a word is; without that, a question's commonest word decides. So each word is ranked by itself,
//! saturating, and weighted by ln(1 + passages searched ÷ passages that hold it), as BM25 weights words (Robertson and Zaragoza, "The
//! Probabilistic Relevance Framework: BM25 and Beyond", 2009; here without the text's length, as passages are of about one length).

use super::passage;
use crate::cloud::postgres::request::{Claims, once};
use crate::config::limits::PASSAGES_PAGE_MAX;
use crate::ports::ids::{CourseId, DocumentId};
use crate::ports::passages::{Hit, PassageQuery};
use crate::retrieval::terms::terms;
use sqlx::{PgPool, Row};

pub(super) async fn search(pool: &PgPool, query: &PassageQuery) -> sqlx::Result<Vec<Hit>> {
    let words = terms(&query.text);
    if words.is_empty() || query.courses.is_empty() || query.limit == 0 {
        return Ok(Vec::new());
    }
    let courses: Vec<&str> = query.courses.iter().map(CourseId::as_str).collect();
    let documents: Option<Vec<&str>> =
        query.documents.as_ref().map(|documents| documents.iter().map(DocumentId::as_str).collect());
    let asked = once(SEARCH)
        .bind(query.tenant.as_str())
        .bind(&courses)
        .bind(documents)
        .bind(words)
        .bind(query.limit.min(PASSAGES_PAGE_MAX) as i64);
    let rows = Claims::of_courses(&query.tenant, courses.iter().copied()).all(pool, asked).await?;
    rows.iter().map(|row| Ok(Hit { passage: passage(row)?, score: row.try_get("score")?, similarity: None })).collect()
}

/// Weights of name (C), text (B) and headings (A) among `{D, C, B, A}`; 32 makes a rank saturate: rank ÷ (rank + 1).
const SEARCH: &str = "\
WITH scope AS MATERIALIZED ( \
    SELECT p.document, p.ordinal, p.search FROM viva.passages p JOIN viva.passage_documents d USING (tenant, document) \
    WHERE p.tenant = $1 AND p.course = ANY ($2) AND ($3::text[] IS NULL OR p.document = ANY ($3)) \
    AND NOT d.deleted AND p.version = d.version \
), asked AS MATERIALIZED ( \
    SELECT DISTINCT word.query FROM unnest($4::text[]) AS given (word) \
    CROSS JOIN LATERAL (SELECT plainto_tsquery('pg_catalog.english', viva.folded(given.word)) AS query) AS word \
    WHERE numnode(word.query) > 0 \
), held AS MATERIALIZED ( \
    SELECT scope.document, scope.ordinal, asked.query, \
    ts_rank_cd('{0, 0.33, 0.67, 1}', scope.search, asked.query, 32) AS rank \
    FROM scope JOIN asked ON scope.search @@ asked.query \
), weights AS ( \
    SELECT query, ln(1 + (SELECT count(*) FROM scope)::float8 / count(*)) AS weight FROM held GROUP BY query \
), ranked AS ( \
    SELECT held.document, held.ordinal, sum(held.rank * weights.weight) AS score \
    FROM held JOIN weights USING (query) GROUP BY held.document, held.ordinal \
    ORDER BY score DESC, held.document, held.ordinal LIMIT $5 \
) \
SELECT p.document, p.version, p.ordinal, p.course, p.name, p.text, p.locator::text AS locator, ranked.score \
FROM ranked JOIN viva.passages p ON p.tenant = $1 AND p.document = ranked.document AND p.ordinal = ranked.ordinal \
JOIN viva.passage_documents d ON d.tenant = p.tenant AND d.document = p.document AND d.version = p.version AND NOT d.deleted \
ORDER BY ranked.score DESC, p.document, p.ordinal";
