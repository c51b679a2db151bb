//! What an embeddings server answers: as many vectors as texts, each in its place, or nothing.

use super::{failed, passing};
use crate::config::limits::{EMBEDDING_ANSWER_BYTES_MAX, EMBEDDING_DIMENSIONS_MAX};
use crate::ports::embeddings::{EmbeddingsError, normalised};
use crate::retrieval::patience::Setback;
use reqwest::Response;
use serde::Deserialize;

#[derive(Deserialize)]
struct Answer {
    data: Vec<Datum>,
}

#[derive(Deserialize)]
struct Datum {
    /// Some servers leave it out; then the order says it.
    index: Option<usize>,
    embedding: Vec<f32>,
}

/// Of length 1, in the order of the texts that were asked for.
pub(super) async fn vectors(response: Response, count: usize) -> Result<Vec<Vec<f32>>, Setback<EmbeddingsError>> {
    let body = whole(response).await?;
    let senseless = |what: &str| Setback::Final(failed(what));
    let answer: Answer = serde_json::from_slice(&body).map_err(|_| senseless("the answer is not what was expected"))?;
    let mut placed: Vec<Option<Vec<f32>>> = vec![None; count];
    if answer.data.len() != count {
        return Err(senseless("not as many vectors came as texts were sent"));
    }
    for (order, Datum { index, embedding }) in answer.data.into_iter().enumerate() {
        if embedding.len() > EMBEDDING_DIMENSIONS_MAX {
            return Err(senseless("a vector has too many dimensions"));
        }
        let vector = normalised(embedding).ok_or_else(|| senseless("a vector has no direction"))?;
        match placed.get_mut(index.unwrap_or(order)) {
            Some(place @ None) => *place = Some(vector),
            Some(Some(_)) | None => return Err(senseless("a vector is in no text's place")),
        }
    }
    Ok(placed.into_iter().flatten().collect())
}

async fn whole(mut response: Response) -> Result<Vec<u8>, Setback<EmbeddingsError>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| passing(failed("the answer broke off")))? {
        body.extend_from_slice(&chunk);
        if body.len() > EMBEDDING_ANSWER_BYTES_MAX {
            return Err(Setback::Final(failed("the answer is too long")));
        }
    }
    Ok(body)
}
