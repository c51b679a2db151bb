//! Sessions as they are looked at afterwards: `session.list`, `session.get`, `session.delete`. What teachers say of them is `reviews`'.
//!
//! A teacher sees the sessions of the courses that the token says are taught; what is not theirs to see looks the same as what is not
//! there.

use crate::config::limits::{RECORDING_URL_TTL_MS, SESSION_PAGE_MAX};
use crate::handlers::Handlers;
use crate::handlers::caller::Caller;
use crate::handlers::refusal::Refusal;
use crate::handlers::resume::{unreadable, wire_state};
use crate::handlers::reviews::not_taught;
use crate::interview::driver::{guide_key, recording_key};
use crate::interview::params::Codec;
use crate::interview::{Interview, State, wire};
use crate::ports::clock::UnixMs;
use crate::ports::ids::{SessionId, SessionKey, UserId};
use crate::ports::journal::{SessionKind, SessionState};
use crate::ports::objects::ObjectKey;
use crate::ports::reports::{SessionSummary, SummaryQuery};
use crate::session::snapshots;
use protocol::v1::{
    self, Done, ErrorCode, ResultBody, SessionDelete, SessionDetail, SessionGet, SessionList, SessionPage,
};
use std::time::Duration;

impl Handlers {
    pub(crate) async fn session_list(&self, caller: &Caller, list: SessionList) -> Result<(), Refusal> {
        if list.kind == Some(v1::SessionKind::Chat) {
            return self.list_chats(caller, list).await;
        }
        let SessionList { id, kind: _, course, user, query, cursor } = list;
        let identity = &caller.identity;
        let other = user.filter(|user| user.as_str() != identity.user.as_str());
        let course = course.map(|course| course.to_string());
        let of_all = other.is_none() && course.as_deref().is_some_and(|course| identity.teaches(course));
        let (user, courses) = match (other, course) {
            (Some(other), Some(course)) if identity.teaches(&course) => {
                (Some(UserId::new(other.as_str())), Some(vec![course]))
            }
            (Some(other), None) if !identity.taught().is_empty() => {
                (Some(UserId::new(other.as_str())), Some(identity.taught()))
            }
            (Some(_), _) => return Err(not_taught()),
            (None, course) if of_all => (None, course.map(|course| vec![course])),
            (None, course) => (Some(identity.user.clone()), course.map(|course| vec![course])),
        };
        let own = user.as_ref() == Some(&identity.user);
        let page = self
            .reports
            .list(SummaryQuery {
                tenant: identity.tenant.clone(),
                user,
                courses,
                text: query,
                cursor,
                limit: SESSION_PAGE_MAX,
            })
            .await?;
        let sessions = page.sessions.into_iter().filter_map(|summary| summary_to(summary, own)).collect();
        self.answer(caller, id, ResultBody::Sessions(SessionPage { sessions, cursor: page.cursor })).await;
        Ok(())
    }

    pub(crate) async fn session_get(&self, caller: &Caller, get: SessionGet, now: UnixMs) -> Result<(), Refusal> {
        let SessionGet { id, session, user, cursor } = get;
        let key = self.key_to_show(caller, session.as_str(), user.as_ref()).await?;
        let row = self.row_to_show(&key).await?;
        if row.kind == SessionKind::Chat {
            return Err(Refusal::new(ErrorCode::InvalidField, "session: it is a conversation; ask for chat.history"));
        }
        let interview = self.interview(&key).await?;
        let (report, reviews) = match interview.report() {
            Some(report) => {
                let reviews = self.reports.reviews(&key).await?;
                (Some(wire::with_reviews(report.clone(), &reviews)), reviews)
            }
            None => (None, Vec::new()),
        };
        let course = interview.params().and_then(|params| params.course.as_deref());
        let shows_reviews = course.is_some_and(|course| caller.identity.teaches(course));
        let recording = match cursor {
            None => self.recording(&key, now).await?,
            Some(_) => None,
        };
        let detail = wire::Detail {
            key: &key,
            // The log knows first: its row follows when the worker has put everything away.
            state: match interview.state() {
                State::Finished => SessionState::Finished,
                State::Abandoned => SessionState::Abandoned,
                State::New | State::Open => row.state,
            },
            created: row.created,
            interview: &interview,
            report: report.as_ref(),
            reviews: if shows_reviews { wire::reviews(&reviews) } else { Vec::new() },
            recording,
        };
        let detail: Option<SessionDetail> = wire::session_detail(detail, cursor.as_deref())
            .map_err(|error| Refusal::new(ErrorCode::InvalidField, format!("cursor: {error}")))?;
        let detail =
            detail.ok_or_else(|| Refusal::new(ErrorCode::SessionUnknown, "the interview has not begun yet"))?;
        self.answer(caller, id, ResultBody::Session(Box::new(detail))).await;
        Ok(())
    }

    /// Deletes all that belongs to one of the caller's own sessions. Repeating it finishes what a fault left undone.
    pub(crate) async fn session_delete(&self, caller: &mut Caller, delete: SessionDelete) -> Result<(), Refusal> {
        let SessionDelete { id, session } = delete;
        let key = caller.identity.session_key(session.as_str());
        self.journal.row(&key).await?.ok_or_else(Refusal::session_unknown)?;
        self.journal.delete(&key).await?;
        // The worker, if there is one, finds the tombstone and stops before the rest is taken away.
        self.feed.nudge(&key).await?;
        self.feed.delete(&key).await?;
        for recording in recordings(&key) {
            self.objects.delete(&recording).await?;
        }
        self.objects.delete(&guide_key(&key)).await?;
        self.reports.delete(&key).await?;
        if let Some(conversations) = &self.conversations {
            conversations.delete(&key).await?;
        }
        self.budgets.release(&key).await?;
        if let Some(memory) = &mut caller.memory {
            memory.forget(session.as_str());
        }
        self.register.unbind(&caller.connection, &key).await?;
        self.answer(caller, id, ResultBody::Done(Done {})).await;
        Ok(())
    }

    /// The key of a session that the caller may look at: one's own, or, by `user`, one of a course that one teaches.
    async fn key_to_show(
        &self,
        caller: &Caller,
        session: &str,
        user: Option<&v1::UserId>,
    ) -> Result<SessionKey, Refusal> {
        match user.filter(|user| user.as_str() != caller.identity.user.as_str()) {
            None => Ok(caller.identity.session_key(session)),
            Some(other) => {
                let user = UserId::new(other.as_str());
                let key = SessionKey::new(caller.identity.tenant.clone(), user, SessionId::new(session));
                self.check_taught(caller, &key).await?;
                Ok(key)
            }
        }
    }

    /// The interview as its log tells it.
    async fn interview(&self, key: &SessionKey) -> Result<Interview, Refusal> {
        let stored = snapshots::load::<Interview>(&*self.journal, key, Interview::SNAPSHOT_SCHEMA).await?;
        let mut interview = stored.state.unwrap_or_else(Interview::new);
        for event in stored.records.iter().flat_map(|record| &record.events) {
            interview.apply(&wire::decode_event(event).map_err(|error| unreadable(&error))?);
        }
        Ok(interview)
    }

    async fn recording(&self, key: &SessionKey, now: UnixMs) -> Result<Option<(String, UnixMs)>, Refusal> {
        for recording in recordings(key) {
            if self.objects.meta(&recording).await?.is_some() {
                let ttl = Duration::from_millis(RECORDING_URL_TTL_MS);
                let url = self.objects.signed_url(&recording, ttl).await?;
                return Ok(Some((url, now.plus_ms(RECORDING_URL_TTL_MS))));
            }
        }
        Ok(None)
    }
}

/// Where a session's recording lies, if it has one.
fn recordings(key: &SessionKey) -> [ObjectKey; 2] {
    [Codec::Opus, Codec::PcmS16le].map(|codec| recording_key(key, codec))
}

fn summary_to(summary: SessionSummary, own: bool) -> Option<v1::SessionSummary> {
    let SessionSummary { key, kind, state, title, course, created, updated, questions, duration_ms, usage_json: _ } =
        summary;
    Some(v1::SessionSummary {
        session: wire::session_id(&key),
        kind: match kind {
            SessionKind::Interview => v1::SessionKind::Interview,
            SessionKind::Chat => v1::SessionKind::Chat,
        },
        state: wire_state(state),
        title,
        created_unix_ms: created.0,
        updated_unix_ms: updated.0,
        questions,
        duration_ms,
        user: if own { None } else { Some(v1::UserId::new(key.user.as_str()).ok()?) },
        course: course.and_then(|course| v1::CourseId::new(course).ok()),
    })
}
