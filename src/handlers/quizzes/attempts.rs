//! Attempts as whoever takes a quiz asks for them: what to expect, begun, gone on with, saved, submitted.
//!
//! An attempt is its user's alone until it is submitted. One whose time is over is submitted with what was saved in time, by whoever looks
//! next; nobody waits for it. What answers are worth is `marking`'s business.

use super::Quizzes;
use super::attempt_views::{AttemptSummary, AttemptView, CoverView, ResultsView, SaveAnswers, SavedView};
use super::marking::marks;
use crate::auth::Identity;
use crate::auth::claims::is_id;
use crate::config::limits::{
    ATTEMPT_ANSWERS_BYTES_MAX, ATTEMPT_GRACE_MS, ATTEMPT_TRIES_MAX, ATTEMPTS_OVERDUE_AT_ONCE_MAX, LIST_PAGE_MAX,
    QUIZ_ATTEMPTS_MAX, QUIZ_PREVIEWS_MAX,
};
use crate::handlers::files::{Made, own_course};
use crate::handlers::problem::{Problem, ProblemCode};
use crate::ports::attempts::{
    Attempt, AttemptFilter, AttemptKey, AttemptQuery, AttemptState, AttemptsError, NewAttempt, Started, Submitted,
};
use crate::ports::clock::UnixMs;
use crate::ports::ids::{AttemptId, CourseId};
use crate::ports::quizzes::{Quiz, QuizKey, QuizState};
use crate::quiz::fit::fit;
use crate::quiz::paper::Edition;
use crate::quiz::sitting::{Sitting, shown};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

impl Quizzes {
    pub async fn cover(&self, who: &Identity, id: &str) -> Result<CoverView, Problem> {
        let (quiz, number, edition) = self.given(who, id).await?;
        let attempts = self.attempts_of(who, &quiz, Vec::new()).await?;
        let left = edition.settings.attempts_max.filter(|_| !is_preview(who, &quiz.summary.course));
        let open = attempts.iter().find(|attempt| attempt.state == AttemptState::Open);
        Ok(CoverView {
            id: quiz.summary.key.quiz.to_string(),
            course: quiz.summary.course.to_string(),
            title: edition.title.clone(),
            description: Some(edition.description.clone()).filter(|description| !description.is_empty()),
            language: edition.language.clone(),
            state: quiz.summary.state.as_str().to_owned(),
            edition: number,
            items: edition.items.len(),
            points: edition.items.iter().map(|item| item.points).sum(),
            open_attempt: open.map(|open| open.key.attempt.to_string()),
            attempts: AttemptSummary::of_all(&attempts)?,
            attempts_left: left.map(|max| max.saturating_sub(in_earnest(&attempts))),
            settings: edition.settings,
        })
    }

    /// Begins an attempt, or goes on with the one that is open. A quiz that is given anew or archived meanwhile is read again.
    pub async fn start_attempt(&self, who: &Identity, id: &str) -> Result<(Made, AttemptView), Problem> {
        for _ in 0..ATTEMPT_TRIES_MAX {
            let (quiz, number, edition) = self.given(who, id).await?;
            if quiz.summary.state != QuizState::Published {
                let open = self.attempts_of(who, &quiz, vec![AttemptState::Open]).await?.into_iter().next();
                let open = open.filter(|open| open.state == AttemptState::Open);
                let open = open.ok_or_else(|| Problem::new(ProblemCode::Conflict, "the quiz is archived"))?;
                return Ok((Made::Before, self.view(&open).await?));
            }
            let new = self.new_attempt(who, &quiz, number, &edition);
            let attempts_max = attempts_max(&edition, new.preview);
            match self.attempts.start(new, Some(attempts_max)).await? {
                Started::New(attempt) => return Ok((Made::New, self.view(&attempt).await?)),
                Started::Open(open) => {
                    let open = self.settled(open).await?;
                    if open.state == AttemptState::Open {
                        return Ok((Made::Before, self.view(&open).await?));
                    }
                }
                Started::Exhausted => {
                    return Err(Problem::new(ProblemCode::AttemptsExhausted, "there are no more than the quiz allows"));
                }
                Started::Unknown => return Err(Problem::not_found("quiz")),
                Started::Changed => {}
            }
        }
        Err(AttemptsError::Stale.into())
    }

    fn new_attempt(&self, who: &Identity, quiz: &Quiz, number: u32, edition: &Edition) -> NewAttempt {
        let started = self.clock.now();
        NewAttempt {
            key: AttemptKey { tenant: who.tenant.clone(), attempt: self.ids.attempt() },
            quiz: quiz.summary.key.quiz.clone(),
            course: quiz.summary.course.clone(),
            user: who.user.clone(),
            edition: number,
            preview: is_preview(who, &quiz.summary.course),
            seed: self.ids.seed(),
            started,
            due: edition.settings.time_limit_ms.map(|limit| started.plus_ms(limit)),
            sitting_json: Sitting::default().to_json(),
        }
    }

    pub async fn attempt(&self, who: &Identity, id: &str) -> Result<AttemptView, Problem> {
        let attempt = self.own_attempt(who, id).await?;
        self.view(&self.settled(attempt).await?).await
    }

    /// Merges changes into what is saved. With `seen` only where nothing has changed since that revision.
    pub async fn save_answers(
        &self,
        who: &Identity,
        id: &str,
        changes: SaveAnswers,
        seen: Option<u64>,
    ) -> Result<SavedView, Problem> {
        let mut attempt = self.own_attempt(who, id).await?;
        let edition = self.edition(&attempt.quiz_key(), attempt.edition).await?;
        for _ in 0..ATTEMPT_TRIES_MAX {
            attempt = self.settled(attempt).await?;
            if attempt.state != AttemptState::Open {
                return Err(AttemptsError::Closed.into());
            }
            check_seen(seen, &attempt)?;
            let now = self.clock.now();
            let sitting = merged(&attempt, &edition, &changes, now)?;
            match self.attempts.save(&attempt.key, attempt.revision, sitting.to_json()).await {
                Ok(Attempt { revision, due, .. }) => {
                    return Ok(SavedView { revision, saved_unix_ms: now.0, due_unix_ms: due.map(|due| due.0) });
                }
                Err(AttemptsError::Stale) => attempt = self.own_attempt(who, id).await?,
                Err(error) => return Err(error.into()),
            }
        }
        Err(AttemptsError::Stale.into())
    }

    /// Submits an attempt with its last changes. One that is submitted, or whose time is over, is what it is.
    pub async fn submit_attempt(
        &self,
        who: &Identity,
        id: &str,
        changes: SaveAnswers,
        seen: Option<u64>,
    ) -> Result<ResultsView, Problem> {
        let attempt = self.own_attempt(who, id).await?;
        let attempt = self.submitted(attempt, &changes, seen).await?;
        self.results_of(who, &attempt).await
    }

    /// The attempt as it stands now: one whose time is over is submitted first.
    pub(super) async fn settled(&self, attempt: Attempt) -> Result<Attempt, Problem> {
        if attempt.state == AttemptState::Open && is_over(&attempt, self.clock.now()) {
            return self.submitted(attempt, &SaveAnswers::default(), None).await;
        }
        Ok(attempt)
    }

    /// Submits whatever of a quiz is open beyond its time, as far as one look may take. One that cannot be does not keep the others.
    pub(super) async fn settle_overdue(&self, quiz: &QuizKey) -> Result<(), Problem> {
        let over = UnixMs(self.clock.now().0.saturating_sub(ATTEMPT_GRACE_MS));
        let mut editions: BTreeMap<u32, Edition> = BTreeMap::new();
        for attempt in self.attempts.overdue(quiz, over, ATTEMPTS_OVERDUE_AT_ONCE_MAX).await? {
            if let Entry::Vacant(unread) = editions.entry(attempt.edition) {
                match self.edition(quiz, attempt.edition).await {
                    Ok(edition) => drop(unread.insert(edition)),
                    Err(problem) => {
                        tracing::error!(attempt = %attempt.key.attempt, ?problem, "an attempt's edition was not read");
                        continue;
                    }
                }
            }
            let name = attempt.key.attempt.clone();
            let edition = &editions[&attempt.edition];
            if let Err(problem) = self.submitted_with(attempt, edition, &SaveAnswers::default(), None).await {
                tracing::error!(attempt = %name, ?problem, "an attempt whose time is over was not submitted");
            }
        }
        Ok(())
    }

    async fn submitted(&self, attempt: Attempt, changes: &SaveAnswers, seen: Option<u64>) -> Result<Attempt, Problem> {
        if attempt.state != AttemptState::Open {
            return Ok(attempt);
        }
        let edition = self.edition(&attempt.quiz_key(), attempt.edition).await?;
        self.submitted_with(attempt, &edition, changes, seen).await
    }

    /// Marks come from the answers that this very revision holds: another device that saves meanwhile has them read again.
    async fn submitted_with(
        &self,
        mut attempt: Attempt,
        edition: &Edition,
        changes: &SaveAnswers,
        seen: Option<u64>,
    ) -> Result<Attempt, Problem> {
        for _ in 0..ATTEMPT_TRIES_MAX {
            let now = self.clock.now();
            let (sitting, at) = if is_over(&attempt, now) {
                (Sitting::from_json(&attempt.sitting_json)?, attempt.due.unwrap_or(now))
            } else {
                check_seen(seen, &attempt)?;
                (merged(&attempt, edition, changes, now)?, now)
            };
            let marks = marks(&attempt, edition, &sitting.marked(edition), at);
            match self.attempts.submit(&attempt.key, attempt.revision, marks).await {
                Ok(Submitted::Now(attempt) | Submitted::Before(attempt)) => return Ok(attempt),
                Err(AttemptsError::Stale) => attempt = self.known(&attempt.key).await?,
                Err(error) => return Err(error.into()),
            }
            if attempt.state != AttemptState::Open {
                return Ok(attempt);
            }
        }
        Err(AttemptsError::Stale.into())
    }

    async fn known(&self, key: &AttemptKey) -> Result<Attempt, Problem> {
        self.attempts.get(key).await?.ok_or_else(|| Problem::not_found("attempt"))
    }

    async fn own_attempt(&self, who: &Identity, id: &str) -> Result<Attempt, Problem> {
        let attempt = self.attempts.get(&attempt_key(who, id)?).await?;
        attempt.filter(|attempt| attempt.user == who.user).ok_or_else(|| Problem::not_found("attempt"))
    }

    /// The caller's own attempts at a quiz, newest first, each as it stands now.
    pub(super) async fn attempts_of(
        &self,
        who: &Identity,
        quiz: &Quiz,
        states: Vec<AttemptState>,
    ) -> Result<Vec<Attempt>, Problem> {
        let filter = AttemptFilter { user: Some(who.user.clone()), edition: None, states, previews: true };
        let query = AttemptQuery { quiz: quiz.summary.key.clone(), filter, cursor: None, limit: LIST_PAGE_MAX };
        let mut attempts = self.attempts.list(query).await?.attempts;
        for attempt in &mut attempts {
            if attempt.state == AttemptState::Open {
                *attempt = self.settled(attempt.clone()).await?;
            }
        }
        Ok(attempts)
    }

    async fn view(&self, attempt: &Attempt) -> Result<AttemptView, Problem> {
        let edition = self.edition(&attempt.quiz_key(), attempt.edition).await?;
        Ok(AttemptView {
            id: attempt.key.attempt.to_string(),
            quiz: attempt.quiz.to_string(),
            number: attempt.number,
            preview: attempt.preview,
            state: attempt.state.as_str().to_owned(),
            started_unix_ms: attempt.started.0,
            due_unix_ms: attempt.due.map(|due| due.0),
            now_unix_ms: self.clock.now().0,
            items: shown(&edition, attempt.seed),
            answers: Sitting::from_json(&attempt.sitting_json)?.answers,
            revision: attempt.revision,
            title: edition.title,
        })
    }
}

/// What a client names, in the caller's tenant alone. What is no id names nothing.
pub(super) fn attempt_key(who: &Identity, id: &str) -> Result<AttemptKey, Problem> {
    if !is_id(id) {
        return Err(Problem::not_found("attempt"));
    }
    Ok(AttemptKey { tenant: who.tenant.clone(), attempt: AttemptId::new(id) })
}

/// How many there may be.
fn attempts_max(edition: &Edition, preview: bool) -> u32 {
    if preview { QUIZ_PREVIEWS_MAX } else { edition.settings.attempts_max.unwrap_or(QUIZ_ATTEMPTS_MAX) }
}

/// How many of one's attempts count against what a quiz allows: previews do not.
pub(super) fn in_earnest(attempts: &[Attempt]) -> u32 {
    let count = attempts.iter().filter(|attempt| !attempt.preview).count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Teachers look at their course's quizzes; whoever takes a quiz of one's own takes it in earnest.
fn is_preview(who: &Identity, course: &CourseId) -> bool {
    *course != own_course(who) && who.teaches(course.as_str())
}

fn is_over(attempt: &Attempt, now: UnixMs) -> bool {
    attempt.due.is_some_and(|due| due.plus_ms(ATTEMPT_GRACE_MS) <= now)
}

fn check_seen(seen: Option<u64>, attempt: &Attempt) -> Result<(), Problem> {
    match seen {
        Some(seen) if seen != attempt.revision => {
            Err(Problem::new(ProblemCode::PreconditionFailed, "read the attempt again, then ask again"))
        }
        Some(_) | None => Ok(()),
    }
}

/// What is saved with the changes in it, where each of them fits its item.
fn merged(attempt: &Attempt, edition: &Edition, changes: &SaveAnswers, now: UnixMs) -> Result<Sitting, Problem> {
    let mut sitting = Sitting::from_json(&attempt.sitting_json)?;
    for (id, answer) in changes.answers.iter().flatten() {
        let item = edition.items.iter().find(|item| item.id == *id);
        let item = item.ok_or_else(|| Problem::field("answers", "the quiz has no such item"))?;
        match answer {
            None => {
                sitting.answers.remove(id);
            }
            Some(answer) => {
                let misfit = |misfit| Problem::new(ProblemCode::AnswerMisfit, format!("answers.{id}: {misfit}"));
                fit(item, answer).map_err(misfit)?;
                sitting.answers.insert(id.clone(), answer.clone());
            }
        }
    }
    // Nobody can have looked at an item for longer than there was time.
    let elapsed_ms = now.since_ms(attempt.started);
    for (id, ms) in changes.item_ms.iter().flatten() {
        if !edition.items.iter().any(|item| item.id == *id) {
            return Err(Problem::field("itemMs", "the quiz has no such item"));
        }
        // Of two devices each has seen a part.
        let known = sitting.item_ms.entry(id.clone()).or_default();
        *known = (*known).max((*ms).min(elapsed_ms));
    }
    let bytes = serde_json::to_string(&sitting.answers).map_or(usize::MAX, |json| json.len());
    if bytes > ATTEMPT_ANSWERS_BYTES_MAX {
        return Err(Problem::new(ProblemCode::BodyTooLarge, "all answers together are longer than they may be"));
    }
    Ok(sitting)
}
