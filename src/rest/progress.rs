//! `/api/progress`, and `/api/courses/{course}/progress`.

use super::{Asked, At, Refused, Rest, Speaker, answer};
use crate::handlers::quizzes::{AskClass, AskProgress, CourseProgressView, ProgressView};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use std::sync::Arc;

/// See what one knows of a course, and what to review
#[utoipa::path(
    get, path = "/api/progress", tag = "progress", params(AskProgress),
    responses((status = 200, description = "One's own progress", body = ProgressView), Refused)
)]
pub(crate) async fn own(
    State(rest): State<Arc<Rest>>,
    Speaker(who): Speaker,
    Asked(asked): Asked<AskProgress>,
) -> Result<Response, Refused> {
    Ok(answer(StatusCode::OK, rest.quizzes()?.progress(&who, asked).await?))
}

/// See how a course's students stand
#[utoipa::path(
    get, path = "/api/courses/{course}/progress", tag = "progress",
    params(("course" = String, Path), AskClass),
    responses(
        (status = 200, description = "Of whom anything is known, for teachers; with the first page the class as a whole", body = CourseProgressView),
        Refused,
    )
)]
pub(crate) async fn of_course(
    State(rest): State<Arc<Rest>>,
    Speaker(who): Speaker,
    At(course): At<String>,
    Asked(asked): Asked<AskClass>,
) -> Result<Response, Refused> {
    Ok(answer(StatusCode::OK, rest.quizzes()?.course_progress(&who, &course, asked).await?))
}

/// See a student's progress in a course
#[utoipa::path(
    get, path = "/api/courses/{course}/progress/{user}", tag = "progress",
    params(("course" = String, Path), ("user" = String, Path)),
    responses((status = 200, description = "The student's progress, for teachers", body = ProgressView), Refused)
)]
pub(crate) async fn of_student(
    State(rest): State<Arc<Rest>>,
    Speaker(who): Speaker,
    At((course, user)): At<(String, String)>,
) -> Result<Response, Refused> {
    Ok(answer(StatusCode::OK, rest.quizzes()?.student_progress(&who, &course, &user).await?))
}
