//! Vectors of passages beside their text: compared one by one, exactly, within the scope that is searched.
//!
//! A course has thousands of passages, not millions; a scan of them is quick enough and never misses one. An index of neighbours would be
//! faster, and wrong at times.

use super::Store;
use super::error::DbError;
use super::rows::Batch;
use crate::config::limits::PASSAGES_PAGE_MAX;
use crate::ports::ids::{CourseId, DocumentId, TenantId};
use crate::ports::passages::{PassageId, PassagesError};
use crate::ports::vectors::{Near, PassageVector, VectorKey, VectorQuery, Vectors};
use async_trait::async_trait;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, named_params, params};
use std::cmp::Ordering;
use std::collections::BinaryHeap;

#[async_trait]
impl Vectors for Store {
    async fn known(&self, tenant: &TenantId, document: &DocumentId) -> Result<Vec<VectorKey>, PassagesError> {
        let (tenant, document) = (tenant.clone(), document.clone());
        let known = move |db: &Connection| {
            let mut select = db.prepare_cached(
                "SELECT p.version, p.ordinal, v.fingerprint FROM passages p JOIN passage_vectors v ON v.passage = p.id \
                 WHERE p.tenant = ?1 AND p.document = ?2",
            )?;
            let rows = select.query_map([tenant.as_str(), document.as_str()], |row| {
                Ok(VectorKey {
                    document: document.clone(),
                    version: row.get(0)?,
                    ordinal: row.get(1)?,
                    fingerprint: row.get(2)?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        };
        Ok(self.readers.read(known).await?)
    }

    /// A vector without its passage has no place here.
    async fn put(&self, tenant: &TenantId, model: &str, vectors: Vec<PassageVector>) -> Result<(), PassagesError> {
        let (tenant, model) = (tenant.clone(), model.to_owned());
        let put = move |batch: &mut Batch<'_>| {
            let mut insert = batch.db.prepare_cached(
                "INSERT INTO passage_vectors (passage, model, fingerprint, vector) \
                 SELECT p.id, :model, :fingerprint, :vector FROM passages p JOIN passage_documents d USING (tenant, document) \
                 WHERE p.tenant = :tenant AND p.document = :document AND p.version = :version AND p.ordinal = :ordinal \
                 AND d.deleted = 0 AND d.version = p.version \
                 ON CONFLICT (passage) DO UPDATE SET model = excluded.model, fingerprint = excluded.fingerprint, vector = excluded.vector",
            )?;
            for PassageVector { key, course: _, values } in &vectors {
                insert.execute(named_params! {
                    ":tenant": tenant.as_str(),
                    ":document": key.document.as_str(),
                    ":version": key.version,
                    ":ordinal": key.ordinal,
                    ":model": model,
                    ":fingerprint": key.fingerprint,
                    ":vector": bytes_of(values),
                })?;
            }
            Ok(())
        };
        Ok(self.writer.write(put).await?)
    }

    async fn remove(&self, tenant: &TenantId, keys: &[VectorKey]) -> Result<(), PassagesError> {
        let (tenant, keys) = (tenant.clone(), keys.to_vec());
        let remove = move |batch: &mut Batch<'_>| {
            let mut delete = batch.db.prepare_cached(
                "DELETE FROM passage_vectors WHERE fingerprint = ?5 AND passage = (SELECT id FROM passages \
                 WHERE tenant = ?1 AND document = ?2 AND version = ?3 AND ordinal = ?4)",
            )?;
            for key in &keys {
                let of = (tenant.as_str(), key.document.as_str(), key.version, key.ordinal, &key.fingerprint);
                delete.execute(of)?;
            }
            Ok(())
        };
        Ok(self.writer.write(remove).await?)
    }

    /// What is committed is shown.
    async fn shows(&self, _: &TenantId, _: &VectorKey) -> Result<bool, PassagesError> {
        Ok(true)
    }

    async fn nearest(&self, query: &VectorQuery) -> Result<Vec<Near>, PassagesError> {
        let query = query.clone();
        Ok(self.readers.read(move |db| nearest(db, &query)).await?)
    }
}

impl Store {
    /// Documents that count and have passages without a vector of that model, a few of them.
    pub async fn unembedded(
        &self,
        model: &str,
        limit: usize,
    ) -> Result<Vec<(TenantId, DocumentId, u64)>, PassagesError> {
        let model = model.to_owned();
        let unembedded = move |db: &Connection| {
            let mut select = db.prepare_cached(
                "SELECT DISTINCT p.tenant, p.document, p.version FROM passages p JOIN passage_documents d USING (tenant, document) \
                 LEFT JOIN passage_vectors v ON v.passage = p.id AND v.model = ?1 \
                 WHERE v.passage IS NULL AND d.deleted = 0 AND d.version = p.version LIMIT ?2",
            )?;
            let rows = select.query_map(params![model, limit], |row| {
                Ok((TenantId::new(row.get::<_, String>(0)?), DocumentId::new(row.get::<_, String>(1)?), row.get(2)?))
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        };
        Ok(self.readers.read(unembedded).await?)
    }
}

fn nearest(db: &Connection, query: &VectorQuery) -> Result<Vec<Near>, DbError> {
    let limit = query.limit.min(PASSAGES_PAGE_MAX);
    if limit == 0 || query.courses.is_empty() {
        return Ok(Vec::new());
    }
    let courses: Vec<&str> = query.courses.iter().map(CourseId::as_str).collect();
    let documents = query.documents.as_ref().map(|documents| {
        let documents: Vec<&str> = documents.iter().map(DocumentId::as_str).collect();
        serde_json::to_string(&documents)
    });
    let mut select = db.prepare_cached(
        "SELECT p.document, p.version, p.ordinal, v.vector, v.fingerprint FROM passages p INDEXED BY passages_scope \
         JOIN passage_documents d ON d.tenant = p.tenant AND d.document = p.document AND d.version = p.version AND d.deleted = 0 \
         CROSS JOIN passage_vectors v ON v.passage = p.id AND v.model = :model \
         WHERE p.tenant = :tenant AND p.course IN (SELECT value FROM json_each(:courses)) \
         AND (:documents IS NULL OR p.document IN (SELECT value FROM json_each(:documents)))",
    )?;
    let mut rows = select.query(named_params! {
        ":tenant": query.tenant.as_str(),
        ":courses": serde_json::to_string(&courses)?,
        ":documents": documents.transpose()?,
        ":model": query.model,
    })?;
    let mut best: BinaryHeap<Ranked> = BinaryHeap::with_capacity(limit + 1);
    while let Some(row) = rows.next()? {
        let ValueRef::Blob(vector) = row.get_ref(3)? else { continue };
        let Some(similarity) = cosine(&query.values, vector) else { continue };
        let least = best.peek().filter(|_| best.len() == limit).map_or(query.similarity_min, |worst| worst.similarity);
        if similarity < least {
            continue;
        }
        let document = DocumentId::new(row.get::<_, String>(0)?);
        best.push(Ranked { similarity, passage: (document, row.get(1)?, row.get(2)?), fingerprint: row.get(4)? });
        if best.len() > limit {
            best.pop();
        }
    }
    let near = |Ranked { similarity, passage: (document, version, ordinal), fingerprint }| Near {
        passage: PassageId::of(&document, version, ordinal),
        similarity,
        fingerprint: Some(fingerprint),
    };
    Ok(best.into_sorted_vec().into_iter().map(near).collect())
}

/// Orders by what is worse, so that a heap's top is the first to go; equals by their place.
struct Ranked {
    similarity: f32,
    passage: (DocumentId, u64, u32),
    fingerprint: String,
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        other.similarity.total_cmp(&self.similarity).then_with(|| self.passage.cmp(&other.passage))
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Ranked {}

/// The product of two vectors of length 1, as the second lies in the database; `None` where they are not of one size. Eight sums that do not wait
/// for each other let the compiler use the processor's vectors.
fn cosine(query: &[f32], stored: &[u8]) -> Option<f32> {
    const LANES: usize = 8;
    const BYTES: usize = size_of::<f32>();
    if stored.len() != query.len() * BYTES {
        return None;
    }
    let number = |bytes: &[u8]| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    let mut sums = [0.0_f32; LANES];
    let (whole, rest) = query.split_at(query.len() - query.len() % LANES);
    let (stored_whole, stored_rest) = stored.split_at(whole.len() * BYTES);
    for (query, stored) in whole.chunks_exact(LANES).zip(stored_whole.chunks_exact(LANES * BYTES)) {
        for lane in 0..LANES {
            sums[lane] += query[lane] * number(&stored[lane * BYTES..(lane + 1) * BYTES]);
        }
    }
    let rest: f32 = rest.iter().zip(stored_rest.chunks_exact(BYTES)).map(|(x, bytes)| x * number(bytes)).sum();
    Some(sums.iter().sum::<f32>() + rest)
}

fn bytes_of(vector: &[f32]) -> Vec<u8> {
    vector.iter().flat_map(|x| x.to_le_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::{bytes_of, cosine};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_product_is_the_product(pairs in proptest::collection::vec((-1.0_f32..1.0, -1.0_f32..1.0), 0..70)) {
            let (one, other): (Vec<f32>, Vec<f32>) = pairs.iter().copied().unzip();
            let plain: f64 = pairs.iter().map(|(x, y)| f64::from(*x) * f64::from(*y)).sum();
            let fast = cosine(&one, &bytes_of(&other)).expect("they are of one size");
            prop_assert!((f64::from(fast) - plain).abs() < 1e-4);
        }
    }

    #[test]
    fn vectors_of_other_sizes_are_not_compared() {
        assert_eq!(cosine(&[1.0, 0.0], &bytes_of(&[1.0])), None);
        assert_eq!(cosine(&[1.0], &bytes_of(&[1.0, 0.0])), None);
    }
}
