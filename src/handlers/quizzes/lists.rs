//! Quizzes in a list: to those who make them as drafts, to others as they were given. What becomes stale is worked out here, on reading.

use super::Quizzes;
use super::drafts::stale;
use super::views::{ListQuizzes, QuizList, QuizSummaryView};
use crate::auth::Identity;
use crate::handlers::files::{courses_to_read, may_write, page_size};
use crate::handlers::problem::Problem;
use crate::ports::quizzes::{QuizPage, QuizQuery, QuizSummary};

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
        let is_stale = |quiz: &QuizSummary| {
            quiz.sources.iter().any(|source| stale(&versions, &source.document, source.version).is_some())
        };
        let listed = |quiz: &QuizSummary| match may_write(who, &quiz.course) {
            true => Some(QuizSummaryView::edited(quiz, is_stale(quiz))),
            false => QuizSummaryView::given(quiz),
        };
        Ok(QuizList { quizzes: quizzes.iter().filter_map(listed).collect(), cursor })
    }
}
