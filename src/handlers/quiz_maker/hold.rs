//! A worker's hold on a quiz: taken, renewed and stored by compare-and-set, and lost as soon as somebody else says so.

use super::{QuizMaker, QuizMakerError, Ran, Stop, failure};
use crate::config::limits::{
    QUIZ_CANCEL_LOOK_MS, QUIZ_LEASE_MS, QUIZ_MAKING_ATTEMPTS_MAX, QUIZ_MAKING_RETRY_MS, QUIZ_MAKING_RETRY_MS_MAX,
    QUIZ_REJECTED_MAX,
};
use crate::handlers::quizzes::judged;
use crate::ports::clock::UnixMs;
use crate::ports::quizzes::{Quiz, QuizChange, QuizKey, QuizSummary, QuizzesError};
use crate::quiz::generation::Harvest;
use crate::quiz::item::Kind;
use crate::quiz::paper::{Making, MakingFailure, MakingState, Paper};
use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

pub(super) struct Hold<'m> {
    maker: &'m QuizMaker,
    quiz: Quiz,
    paper: Paper,
    /// The paper's, which has one as long as it is held.
    making: Making,
    until: Option<UnixMs>,
    /// The text of every passage that an item cites.
    texts: Arc<BTreeMap<String, String>>,
}

pub(super) enum Taken<'m> {
    Held(Box<Hold<'m>>),
    /// It was begun often enough.
    GivenUp,
    Refused,
}

/// Whether what was found of the items is worked out anew before a change is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdicts {
    Stand,
    Anew,
}

impl<'m> Hold<'m> {
    pub(super) async fn take(
        maker: &'m QuizMaker,
        key: &QuizKey,
        until: Option<UnixMs>,
    ) -> Result<Taken<'m>, QuizMakerError> {
        let Some(quiz) = maker.quizzes.get(key).await? else { return Ok(Taken::Refused) };
        let paper = Paper::from_json(&quiz.paper_json)?;
        let now = maker.clock.now();
        let Some(making) = paper.making.clone().filter(|making| making.state.is_at_work()) else {
            return Ok(Taken::Refused);
        };
        if quiz.summary.work_due.is_none_or(|due| due > now) {
            return Ok(Taken::Refused);
        }
        let mut hold = Self { maker, quiz, paper, making, until, texts: Arc::default() };
        let taken = if hold.making.attempts >= QUIZ_MAKING_ATTEMPTS_MAX {
            let reason =
                "making its items was begun several times and never came to an end; try again with fewer documents";
            let failure = hold.making.failure.clone().unwrap_or_else(|| failure("broken", reason));
            hold.settle(MakingState::Failed, Some(failure)).await.map(|()| Taken::GivenUp)
        } else {
            let model = maker.model.info().name;
            let taken = hold.store(Some(now.plus_ms(QUIZ_LEASE_MS)), |_, making| {
                if making.made == 0 && making.missing.is_empty() {
                    making.missing = making.wanted.counts.clone();
                }
                making.state = MakingState::Running;
                making.attempts += 1;
                making.model = Some(model.clone());
            });
            taken.await.map(|()| Taken::Held(Box::new(hold)))
        };
        match taken {
            Ok(taken) => Ok(taken),
            Err(Stop::Broken(error)) => Err(error),
            Err(Stop::Overtaken | Stop::TimeOver | Stop::PutOff { .. } | Stop::Failed(_)) => Ok(Taken::Refused),
        }
    }

    pub(super) fn summary(&self) -> &QuizSummary {
        &self.quiz.summary
    }

    pub(super) fn paper(&self) -> &Paper {
        &self.paper
    }

    pub(super) fn making(&self) -> &Making {
        &self.making
    }

    pub(super) fn know(&mut self, texts: BTreeMap<String, String>) {
        Arc::make_mut(&mut self.texts).extend(texts);
    }

    /// Stored at once, so that whoever looks on sees it.
    pub(super) async fn tell_language(&mut self, language: &str) -> Result<(), Stop> {
        let due = self.maker.clock.now().plus_ms(QUIZ_LEASE_MS);
        self.store(Some(due), |paper, _| paper.tell_language(language)).await
    }

    /// Does the work while looking now and then whether it is still wanted. Where it is not, the work is dropped.
    pub(super) async fn during<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Stop> {
        let mut work = pin!(work);
        loop {
            let now = self.maker.clock.now();
            let left_ms = self.until.map_or(QUIZ_CANCEL_LOOK_MS, |until| until.since_ms(now));
            tokio::select! {
                done = &mut work => return Ok(done),
                () = tokio::time::sleep(Duration::from_millis(left_ms.min(QUIZ_CANCEL_LOOK_MS))) => self.look().await?,
            }
        }
    }

    /// Adds what was made. Something came of it, so that attempts count anew.
    pub(super) async fn keep(&mut self, harvest: Harvest, missing: BTreeMap<Kind, u32>) -> Result<(), Stop> {
        let Harvest { items, second, rejected } = harvest;
        let due = self.maker.clock.now().plus_ms(QUIZ_LEASE_MS);
        let verdicts = if items.is_empty() { Verdicts::Stand } else { Verdicts::Anew };
        self.store_as(Some(due), verdicts, move |paper, making| {
            if !items.is_empty() {
                making.attempts = 1;
                making.failure = None;
            }
            making.made += u32::try_from(items.len()).unwrap_or(u32::MAX);
            making.missing.clone_from(&missing);
            making.rejected.extend(rejected.iter().cloned());
            let surplus = making.rejected.len().saturating_sub(QUIZ_REJECTED_MAX);
            making.rejected.drain(..surplus);
            paper.second.extend(second.clone());
            paper.items.extend(items.iter().cloned());
        })
        .await
    }

    pub(super) async fn settle(&mut self, state: MakingState, failure: Option<MakingFailure>) -> Result<(), Stop> {
        metrics::counter!("viva_quizzes_made_total", "state" => state.as_str()).increment(1);
        self.store(None, |_, making| {
            making.state = state;
            making.failure.clone_from(&failure);
        })
        .await
    }

    /// To be taken up at once by another.
    pub(super) async fn leave(&mut self) -> Result<(), Stop> {
        self.store(Some(self.maker.clock.now()), |_, making| making.state = MakingState::Queued).await
    }

    /// To be taken up again, unless that was the last time.
    pub(super) async fn put_off(&mut self, failure: MakingFailure, wait_ms: Option<u64>) -> Result<Ran, Stop> {
        let attempts = self.making.attempts;
        if attempts >= QUIZ_MAKING_ATTEMPTS_MAX {
            return self.settle(MakingState::Failed, Some(failure)).await.map(|()| Ran::Settled);
        }
        let doubled = QUIZ_MAKING_RETRY_MS << attempts.saturating_sub(1);
        let wait_ms = wait_ms.unwrap_or(0).max(doubled).min(QUIZ_MAKING_RETRY_MS_MAX);
        let due = self.maker.clock.now().plus_ms(wait_ms);
        self.store(Some(due), |_, making| {
            making.state = MakingState::Queued;
            making.failure = Some(failure.clone());
        })
        .await
        .map(|()| Ran::Later)
    }

    /// Whether it is still ours; renews the hold in time.
    async fn look(&mut self) -> Result<(), Stop> {
        let now = self.maker.clock.now();
        if self.until.is_some_and(|until| now >= until) {
            return Err(Stop::TimeOver);
        }
        self.reread().await?;
        let is_half_over = self.summary().work_due.is_none_or(|due| due.since_ms(now) < QUIZ_LEASE_MS / 2);
        if is_half_over {
            return self.store(Some(now.plus_ms(QUIZ_LEASE_MS)), |_, _| {}).await;
        }
        Ok(())
    }

    /// The quiz as it is now, where the making is as we left it.
    async fn reread(&mut self) -> Result<(), Stop> {
        let Some(quiz) = self.maker.quizzes.get(&self.quiz.summary.key).await? else { return Err(Stop::Overtaken) };
        if quiz.summary.version == self.quiz.summary.version {
            return Ok(());
        }
        let paper = Paper::from_json(&quiz.paper_json)?;
        match &paper.making {
            Some(making) if *making == self.making => {
                (self.quiz, self.paper) = (quiz, paper);
                Ok(())
            }
            Some(making) => {
                if making.state == MakingState::Cancelled {
                    self.maker.notices.quiz(&quiz.summary, making).await;
                }
                Err(Stop::Overtaken)
            }
            None => Err(Stop::Overtaken),
        }
    }

    /// Stores a change, and tells of it where it shows. What another changed meanwhile without touching the making stays.
    async fn store(&mut self, due: Option<UnixMs>, change: impl Fn(&mut Paper, &mut Making)) -> Result<(), Stop> {
        self.store_as(due, Verdicts::Stand, change).await
    }

    async fn store_as(
        &mut self,
        due: Option<UnixMs>,
        verdicts: Verdicts,
        change: impl Fn(&mut Paper, &mut Making),
    ) -> Result<(), Stop> {
        loop {
            let (mut paper, mut making) = (self.paper.clone(), self.making.clone());
            change(&mut paper, &mut making);
            if verdicts == Verdicts::Anew {
                paper = judged(paper, Arc::clone(&self.texts)).await?;
            }
            let shows = making != self.making;
            paper.making = Some(making.clone());
            let QuizSummary { key, title, state, version, .. } = &self.quiz.summary;
            let changed = QuizChange {
                title: title.clone(),
                state: *state,
                items: u32::try_from(paper.items.len()).unwrap_or(u32::MAX),
                sources: paper.sources(),
                work_due: due,
                paper_json: paper.to_json(),
                edition_json: None,
                at: self.maker.clock.now(),
            };
            match self.maker.quizzes.change(key, *version, changed).await {
                Ok(quiz) => {
                    (self.quiz, self.paper, self.making) = (quiz, paper, making);
                    if shows {
                        self.maker.notices.quiz(&self.quiz.summary, &self.making).await;
                    }
                    return Ok(());
                }
                // Each round reads what was newer, so that it ends when others let it be.
                Err(QuizzesError::Stale) => self.reread().await?,
                Err(QuizzesError::Unknown) => return Err(Stop::Overtaken),
                Err(error) => return Err(error.into()),
            }
        }
    }
}
