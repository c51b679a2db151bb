//! Filing: what changed of a session where it lives is brought to where reports are listed, and the end of an interview is announced.
//!
//! It is told which session changed, not what: it files what is there now. So it may be told twice, late, or of several changes at once.

use crate::ports::announcements::{AnnounceError, Announced, Announcements, InterviewFinished};
use crate::ports::ids::SessionKey;
use crate::ports::reports::{Reports, ReportsError};
use std::sync::Arc;

#[derive(Clone)]
pub struct Filing {
    /// Where sessions write.
    pub fresh: Arc<dyn Reports>,
    pub filed: Arc<dyn Reports>,
    pub announcements: Arc<dyn Announcements>,
    pub announced: Arc<dyn Announced>,
}

impl std::fmt::Debug for Filing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Filing").finish_non_exhaustive()
    }
}

/// What was done for a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filed {
    /// It is not there: deleted, or expired.
    Nothing,
    Filed,
    /// And its end was announced.
    Announced,
}

#[derive(Debug, thiserror::Error)]
pub enum FilingError {
    #[error(transparent)]
    Reports(#[from] ReportsError),
    #[error(transparent)]
    Announce(#[from] AnnounceError),
}

impl Filing {
    pub async fn file(&self, key: &SessionKey) -> Result<Filed, FilingError> {
        let Some((summary, report_json)) = self.fresh.get(key).await? else { return Ok(Filed::Nothing) };
        let finished = InterviewFinished::of(&summary);
        // The report first: who finds an end in the list finds the report with it.
        if let Some(json) = report_json {
            self.filed.put_report(key, json).await?;
        }
        self.filed.put(summary).await?;
        match finished {
            Some(finished) => self.announce(key, &finished).await,
            None => Ok(Filed::Filed),
        }
    }

    /// Told first, marked then: who dies in between tells it twice, and nobody's end is kept from the platform.
    async fn announce(&self, key: &SessionKey, finished: &InterviewFinished) -> Result<Filed, FilingError> {
        if self.announced.is_marked(key).await? {
            return Ok(Filed::Filed);
        }
        self.announcements.publish(finished).await?;
        self.announced.mark(key).await?;
        Ok(Filed::Announced)
    }
}
