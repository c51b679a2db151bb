//! The stream of the table of sessions: whatever changed of a session's summary or report is filed.
//!
//! Of a record only its keys and its number are read. Records that fail are named, so that the rest of their batch is not repeated for
//! them; those that are of no session are passed over.

use crate::handlers::filing::{Filed, Filing};
use crate::lambda::{Function, FunctionError, Invocation};
use crate::ports::ids::SessionKey;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// Files every session of a batch once.
#[derive(Debug)]
pub struct FileReports {
    pub filing: Filing,
    /// The session whose partition this is, as the table's adapter writes it.
    pub session_of: fn(&str) -> Option<SessionKey>,
}

#[derive(Debug, Deserialize)]
pub struct Batch {
    #[serde(rename = "Records")]
    records: Vec<Record>,
}

#[derive(Debug, Deserialize)]
struct Record {
    dynamodb: Change,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Change {
    keys: Keys,
    sequence_number: String,
}

#[derive(Debug, Deserialize)]
struct Keys {
    pk: Text,
    sk: Text,
}

#[derive(Debug, Deserialize)]
struct Text {
    #[serde(rename = "S")]
    text: String,
}

/// The first record of each session that could not be filed: the stream goes on from the lowest.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failures {
    pub batch_item_failures: Vec<Failure>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    pub item_identifier: String,
}

impl Function for FileReports {
    type Event = Batch;
    type Answer = Failures;

    async fn call(&self, batch: Batch, _: Invocation) -> Result<Failures, FunctionError> {
        let mut failures = Failures::default();
        for (key, sequence_number) in self.sessions_of(batch) {
            let outcome = match self.filing.file(&key).await {
                Ok(Filed::Nothing) => "nothing",
                Ok(Filed::Filed) => "filed",
                Ok(Filed::Announced) => "announced",
                Err(error) => {
                    tracing::error!(%error, "a session could not be filed; the stream repeats it");
                    failures.batch_item_failures.push(Failure { item_identifier: sequence_number });
                    "failed"
                }
            };
            metrics::counter!("viva_filed_total", "outcome" => outcome).increment(1);
        }
        Ok(failures)
    }
}

impl FileReports {
    /// Each session once, by its first record.
    fn sessions_of(&self, batch: Batch) -> Vec<(SessionKey, String)> {
        let mut seen = HashSet::new();
        let mut sessions = Vec::new();
        for Record { dynamodb: Change { keys, sequence_number } } in batch.records {
            if !FILED.contains(&keys.sk.text.as_str()) || !seen.insert(keys.pk.text.clone()) {
                continue;
            }
            match (self.session_of)(&keys.pk.text) {
                Some(key) => sessions.push((key, sequence_number)),
                None => tracing::error!("a summary lies in a partition that is no session's; it is passed over"),
            }
        }
        sessions
    }
}

/// The sort keys of what is filed.
const FILED: [&str; 2] = ["summary", "report"];
