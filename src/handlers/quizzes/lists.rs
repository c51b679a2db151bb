//! Quizzes in a list: to those who make them as drafts, to others as they were given. What becomes stale is worked out here, on reading.

use super::Quizzes;
use super::drafts::stale;
use super::views::{ListQuizzes, QuizList, QuizSummaryView};
use crate::auth::Identity;
use crate::config::limits::QUIZ_LOOKUPS_AT_ONCE;
use crate::handlers::files::{courses_to_read, may_write, page_size};
use crate::handlers::problem::Problem;
use crate::ports::ids::DocumentId;
use crate::ports::quizzes::{QuizPage, QuizQuery, QuizSummary};
use futures::{StreamExt, TryStreamExt};
use std::collections::BTreeMap;

impl Quizzes {
    pub async fn list_quizzes(&self, who: &Identity, asked: ListQuizzes) -> Result<QuizList, Problem> {
        let ListQuizzes { course, cursor, limit } = asked;
        let courses = courses_to_read(who, course.as_deref())?;
        let published_only = courses.iter().filter(|course| !may_write(who, course)).cloned().collect();
        let limit = page_size(limit)?;
        let query = QuizQuery { tenant: who.tenant.clone(), courses, published_only, cursor, limit };
        let QuizPage { quizzes, cursor } = self.quizzes.list(query).await?;
        let edited = quizzes.iter().filter(|quiz| may_write(who, &quiz.course));
        let cited = edited.flat_map(|quiz| quiz.sources.iter().map(|source| source.document.clone())).collect();
        let versions = self.versions(&who.tenant, cited).await?;
        let views = futures::stream::iter(quizzes).map(|quiz| self.listed(who, quiz, &versions));
        let views: Vec<_> = views.buffered(QUIZ_LOOKUPS_AT_ONCE).try_collect().await?;
        Ok(QuizList { quizzes: views.into_iter().flatten().collect(), cursor })
    }

    /// `None`: there is nothing (any more) that the caller could take.
    async fn listed(
        &self,
        who: &Identity,
        quiz: QuizSummary,
        versions: &BTreeMap<DocumentId, u64>,
    ) -> Result<Option<QuizSummaryView>, Problem> {
        if may_write(who, &quiz.course) {
            let mut sources = quiz.sources.iter();
            let is_stale = sources.any(|source| stale(versions, &source.document, source.version).is_some());
            return Ok(Some(QuizSummaryView::edited(&quiz, is_stale)));
        }
        let Some(number) = quiz.edition else { return Ok(None) };
        // It may have been deleted since it was listed.
        let Some(edition) = self.quizzes.edition(&quiz.key, number).await? else { return Ok(None) };
        let edition = crate::quiz::paper::Edition::from_json(&edition)?;
        let items = u32::try_from(edition.items.len()).unwrap_or(u32::MAX);
        Ok(Some(QuizSummaryView::given(&quiz, edition.title, items)))
    }
}
