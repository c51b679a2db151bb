//! `PUT /api/objects/{signed}`: a file on its way in, for whoever holds the signed address.

use crate::config::limits::UPLOAD_MS_MAX;
use crate::gateway::Shared;
use crate::handlers::problem::{Problem, ProblemCode};
use crate::ports::objects::Incoming;
use crate::rest::Refused;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use futures::StreamExt;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

pub(crate) async fn put(
    State(shared): State<Arc<Shared>>,
    Path(signed): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Refused> {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let incoming = shared.upload_door.open(&signed, length).await?;
    let silent = Duration::from_millis(shared.limits.upload_silent_ms_max);
    // Whoever drips a file is done before the upload is forgotten.
    match timeout(Duration::from_millis(UPLOAD_MS_MAX), receive(incoming, body, silent)).await {
        Ok(received) => received,
        Err(_) => Err(Problem::new(ProblemCode::TooSlow, "it took too long; send it again").into()),
    }
}

async fn receive(mut incoming: Box<dyn Incoming>, body: Body, patience: Duration) -> Result<StatusCode, Refused> {
    let mut pieces = body.into_data_stream();
    loop {
        match timeout(patience, pieces.next()).await {
            Ok(Some(Ok(piece))) => incoming.write(piece).await?,
            Ok(Some(Err(error))) => {
                tracing::debug!(%error, "an upload broke off");
                return Err(Problem::new(ProblemCode::LengthMismatch, "the file broke off; send it again").into());
            }
            Ok(None) => break,
            Err(_) => return Err(Problem::new(ProblemCode::TooSlow, "nothing came; send it again").into()),
        }
    }
    incoming.finish().await?;
    Ok(StatusCode::OK)
}
