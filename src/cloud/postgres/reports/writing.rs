//! What is filed, reviewed and deleted. Every statement may be run again and comes to the same.

use super::reading::{self, kind_text, state_text};
use crate::cloud::postgres::columns::{signed, storable};
use crate::cloud::postgres::request::{Claims, Role, alone, once};
use crate::ports::ids::SessionKey;
use crate::ports::reports::{NewReview, Review, Reviewed, SessionSummary};
use sqlx::PgPool;

/// An older summary does not replace a newer one; a deleted session stays deleted.
pub(super) async fn put(pool: &PgPool, summary: &SessionSummary) -> sqlx::Result<()> {
    let SessionSummary { key, kind, state, title, course, created, updated, questions, duration_ms, usage_json } =
        summary;
    let title = storable(title);
    let mut transaction = Claims::of_session(Role::Filing, key).begin(pool).await?;
    alone(&mut transaction, key).await?;
    once(
        "INSERT INTO viva.summaries AS kept (tenant, usr, session, kind, state, title, title_folded, course, created, updated, \
         questions, duration_ms, usage) SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13::json \
         WHERE NOT EXISTS (SELECT FROM viva.deleted WHERE tenant = $1 AND usr = $2 AND session = $3) \
         ON CONFLICT (tenant, usr, session) DO UPDATE SET kind = excluded.kind, state = excluded.state, title = excluded.title, \
         title_folded = excluded.title_folded, course = excluded.course, created = excluded.created, updated = excluded.updated, \
         questions = excluded.questions, duration_ms = excluded.duration_ms, usage = excluded.usage \
         WHERE kept.updated <= excluded.updated",
    )
    .bind(key.tenant.as_str())
    .bind(key.user.as_str())
    .bind(key.session.as_str())
    .bind(kind_text(*kind))
    .bind(state_text(*state))
    .bind(&title)
    .bind(title.to_lowercase())
    .bind(course.as_deref())
    .bind(signed(created.0))
    .bind(signed(updated.0))
    .bind(i64::from(*questions))
    .bind(signed(*duration_ms))
    .bind(usage_json.as_deref())
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await
}

pub(super) async fn put_report(pool: &PgPool, key: &SessionKey, report_json: &str) -> sqlx::Result<()> {
    let mut transaction = Claims::of_session(Role::Filing, key).begin(pool).await?;
    alone(&mut transaction, key).await?;
    once(
        "INSERT INTO viva.reports (tenant, usr, session, report) SELECT $1, $2, $3, $4::json \
         WHERE NOT EXISTS (SELECT FROM viva.deleted WHERE tenant = $1 AND usr = $2 AND session = $3) \
         ON CONFLICT (tenant, usr, session) DO UPDATE SET report = excluded.report",
    )
    .bind(key.tenant.as_str())
    .bind(key.user.as_str())
    .bind(key.session.as_str())
    .bind(report_json)
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await
}

/// Only what is there is reviewed: a session without a summary has nothing to be rated. Writers of a session go one after another, so that
/// the last review stays the last until this one is stored.
pub(super) async fn review(pool: &PgPool, key: &SessionKey, review: NewReview) -> sqlx::Result<Reviewed> {
    let review = NewReview {
        criterion: storable(&review.criterion),
        comment: review.comment.as_deref().map(storable),
        ..review
    };
    let mut transaction = Claims::of_session(Role::App, key).begin(pool).await?;
    alone(&mut transaction, key).await?;
    let last = reading::last_review(&mut transaction, key, &review.criterion).await?;
    let revision = match last {
        Some(last) if review.repeats(&last) => return Ok(Reviewed::Same(last)),
        Some(last) if review.seen.is_some_and(|seen| seen != last.revision) => return Ok(Reviewed::Conflict(last)),
        Some(last) => last.revision + 1,
        None => 1,
    };
    let newest = reading::newest_review(&mut transaction, key).await?;
    let review = review.later_than(newest).numbered(revision);
    let Review { criterion, revision, rating, comment, reviewer, at } = &review;
    let stored = once(
        "INSERT INTO viva.reviews (tenant, usr, session, criterion, revision, reviewer, rating, comment, at) \
         SELECT tenant, usr, session, $4, $5, $6, $7, $8, $9 FROM viva.summaries \
         WHERE tenant = $1 AND usr = $2 AND session = $3",
    )
    .bind(key.tenant.as_str())
    .bind(key.user.as_str())
    .bind(key.session.as_str())
    .bind(criterion)
    .bind(i32::try_from(*revision).unwrap_or(i32::MAX))
    .bind(reviewer.as_str())
    .bind(i16::from(*rating))
    .bind(comment.as_deref())
    .bind(signed(at.0))
    .execute(&mut *transaction)
    .await?
    .rows_affected();
    transaction.commit().await?;
    Ok(if stored == 0 { Reviewed::Unknown } else { Reviewed::New(review) })
}

pub(super) async fn delete(pool: &PgPool, key: &SessionKey) -> sqlx::Result<()> {
    let mut transaction = Claims::of_session(Role::App, key).begin(pool).await?;
    alone(&mut transaction, key).await?;
    // Reports and reviews are seen through their summary, so that goes last.
    for sql in [
        "INSERT INTO viva.deleted (tenant, usr, session) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        "DELETE FROM viva.reviews WHERE tenant = $1 AND usr = $2 AND session = $3",
        "DELETE FROM viva.reports WHERE tenant = $1 AND usr = $2 AND session = $3",
        "DELETE FROM viva.summaries WHERE tenant = $1 AND usr = $2 AND session = $3",
    ] {
        once(sql)
            .bind(key.tenant.as_str())
            .bind(key.user.as_str())
            .bind(key.session.as_str())
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await
}
