//! What the attempts at an edition say about it: which count, read page by page, and the figures that `quiz::analytics` makes of them.
//!
//! An attempt in which something waits for a teacher has no whole mark: where it is the one that counts, it is left out, as Moodle leaves it
//! out, and counted.

use super::Quizzes;
use super::attempt_views::{AnalysedItem, AnalyticsView, AskAnalytics, Counted};
use crate::auth::Identity;
use crate::config::limits::{ATTEMPTS_ANALYSED_MAX, ATTEMPTS_PAGE};
use crate::handlers::problem::{Problem, ProblemCode};
use crate::ports::attempts::{Attempt, AttemptFilter, AttemptQuery, AttemptState};
use crate::ports::ids::UserId;
use crate::ports::quizzes::QuizKey;
use crate::quiz::analytics::{Column, Row, analyse};
use crate::quiz::answer::Answer;
use crate::quiz::item::{Body, Choice, Item, OptionId};
use crate::quiz::paper::{Edition, PaperError};
use crate::quiz::progress::guess;
use crate::quiz::sitting::Sitting;
use std::collections::BTreeMap;

impl Quizzes {
    pub async fn analytics(&self, who: &Identity, id: &str, asked: AskAnalytics) -> Result<AnalyticsView, Problem> {
        let (quiz, _) = self.taught(who, id).await?;
        let quiz = quiz.summary;
        let newest = quiz.edition().ok_or_else(|| Problem::new(ProblemCode::NotFound, "it was never published"))?;
        let number = asked.edition.unwrap_or(newest);
        if !(1..=newest).contains(&number) {
            return Err(Problem::not_found("edition"));
        }
        let edition = self.edition(&quiz.key, number).await?;
        let counting = match asked.counting {
            Some(counting) => counting,
            None if number == newest => edition.settings.counting.into(),
            None => self.edition(&quiz.key, newest).await?.settings.counting.into(),
        };
        self.settle_overdue(&quiz.key).await?;
        let Counting { rows, pending, truncated } = self.rows(&quiz.key, number, &edition, counting).await?;
        let columns: Vec<Column> = edition.items.iter().map(column).collect();
        let statistics = analyse(&columns, &rows)?;
        Ok(AnalyticsView {
            quiz: quiz.key.quiz.to_string(),
            edition: number,
            counting,
            attempts: rows.len(),
            pending,
            truncated: truncated.then_some(true),
            points: totals(&rows),
            statistics,
            items: edition.items.iter().map(analysed).collect(),
        })
    }

    /// The attempts that count.
    async fn rows(
        &self,
        quiz: &QuizKey,
        number: u32,
        edition: &Edition,
        counting: Counted,
    ) -> Result<Counting, Problem> {
        let states = vec![AttemptState::Pending, AttemptState::Marked];
        let filter = AttemptFilter { user: None, edition: Some(number), states, previews: false };
        let mut query = AttemptQuery { quiz: quiz.clone(), filter, cursor: None, limit: ATTEMPTS_PAGE };
        let mut chosen = Chosen::new(counting);
        let (mut read, mut truncated) = (0, false);
        loop {
            let page = self.attempts.list(query.clone()).await?;
            read += page.attempts.len();
            for attempt in &page.attempts {
                chosen.take(attempt, edition)?;
            }
            match page.cursor {
                Some(cursor) if read < ATTEMPTS_ANALYSED_MAX => query.cursor = Some(cursor),
                Some(_) => {
                    tracing::warn!(read, "a quiz has more attempts than are analysed");
                    truncated = true;
                    break;
                }
                None => break,
            }
            // The next page may be there at once: others have their turn.
            tokio::task::yield_now().await;
        }
        let (rows, pending) = chosen.rows();
        Ok(Counting { rows, pending, truncated })
    }
}

/// What is looked at.
struct Counting {
    rows: Vec<Row>,
    /// Attempts that would count, but wait.
    pending: usize,
    /// Whether older attempts were not read.
    truncated: bool,
}

/// Attempts as they are chosen; what does not count is dropped at once.
struct Chosen {
    counting: Counted,
    all: Vec<Option<Row>>,
    of_users: BTreeMap<UserId, Candidate>,
}

struct Candidate {
    number: u32,
    points: f64,
    /// `None`: something in it waits for a teacher.
    row: Option<Row>,
}

impl Chosen {
    fn new(counting: Counted) -> Self {
        Self { counting, all: Vec::new(), of_users: BTreeMap::new() }
    }

    fn take(&mut self, attempt: &Attempt, edition: &Edition) -> Result<(), PaperError> {
        if self.counting == Counted::All {
            self.all.push(row(attempt, edition)?);
            return Ok(());
        }
        // As in Moodle, one that waits is worth nothing yet.
        let points = attempt.points.filter(|_| attempt.state == AttemptState::Marked).unwrap_or(0.0);
        let number = attempt.number;
        let is_better = self.of_users.get(&attempt.user).is_none_or(|held| match self.counting {
            Counted::First => number < held.number,
            Counted::Last => number > held.number,
            Counted::Best | Counted::All => points > held.points || (points == held.points && number < held.number),
        });
        if is_better {
            let candidate = Candidate { number, points, row: row(attempt, edition)? };
            self.of_users.insert(attempt.user.clone(), candidate);
        }
        Ok(())
    }

    /// The oldest first, of equal users in their order; and how many are left out since they wait.
    fn rows(self) -> (Vec<Row>, usize) {
        let mut chosen = self.all;
        chosen.reverse();
        chosen.extend(self.of_users.into_values().map(|candidate| candidate.row));
        let pending = chosen.iter().filter(|row| row.is_none()).count();
        (chosen.into_iter().flatten().collect(), pending)
    }
}

fn totals(rows: &[Row]) -> Vec<f64> {
    let mut totals: Vec<f64> = rows.iter().map(|row| row.marks.iter().sum()).collect();
    totals.sort_by(f64::total_cmp);
    totals
}

fn row(attempt: &Attempt, edition: &Edition) -> Result<Option<Row>, PaperError> {
    if attempt.state != AttemptState::Marked {
        return Ok(None);
    }
    let sitting = Sitting::from_json(&attempt.sitting_json)?;
    let answers = edition.items.iter().map(|item| sitting.answers.get(&item.id));
    Ok(Some(Row {
        marks: sitting.results.iter().map(|result| result.points.unwrap_or(0.0)).collect(),
        chosen: answers.map(chosen).collect(),
        item_ms: edition.items.iter().map(|item| sitting.item_ms.get(&item.id).copied()).collect(),
        duration_ms: attempt.submitted.map(|submitted| submitted.since_ms(attempt.started)),
    }))
}

fn chosen(answer: Option<&Answer>) -> Vec<OptionId> {
    match answer {
        Some(Answer::Choice(chosen)) => vec![chosen.clone()],
        Some(Answer::Choices(chosen)) => chosen.iter().cloned().collect(),
        Some(Answer::TrueFalse(_) | Answer::Text(_) | Answer::Order(_) | Answer::Pairs(_) | Answer::Gaps(_)) | None => {
            Vec::new()
        }
    }
}

fn column(item: &Item) -> Column {
    let (options, keys) = match &item.body {
        Body::SingleChoice { options, keys } | Body::MultipleChoice { options, keys, rule: _ } => {
            (options.iter().map(|option| option.id.clone()).collect(), keys.clone())
        }
        _ => (Vec::new(), Vec::new()),
    };
    Column { item: item.id.clone(), max: item.points, guess: Some(guess(&item.body)), options, keys }
}

fn analysed(item: &Item) -> AnalysedItem {
    let options: Option<Vec<Choice>> = match &item.body {
        Body::SingleChoice { options, .. } | Body::MultipleChoice { options, .. } => Some(options.clone()),
        _ => None,
    };
    AnalysedItem { item: item.id.clone(), stem: item.stem.clone(), kind: item.body.kind(), max: item.points, options }
}
