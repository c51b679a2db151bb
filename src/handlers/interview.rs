//! `interview.start`: whether it may begin, and its first entry. All else that is said in an interview is only appended (`message`).

use crate::handlers::Handlers;
use crate::handlers::caller::Caller;
use crate::handlers::refusal::Refusal;
use crate::ports::budgets::{BudgetLimits, Exhausted, Reserved, Resource, Whose};
use crate::ports::clock::UnixMs;
use crate::ports::feed::{Appended, Entry, FeedError};
use crate::ports::ids::SessionKey;
use crate::ports::journal::{Created, SessionKind, SessionRow, SessionState};
use crate::ports::reports::SessionSummary;
use protocol::v1::{ErrorCode, InterviewStart, Params};

impl Handlers {
    /// Order matters: what is refused leaves nothing behind, and each step may be repeated by the client's sending the same again.
    pub(crate) async fn interview_start(
        &self,
        caller: &mut Caller,
        start: &InterviewStart,
        text: &str,
        now: UnixMs,
    ) -> Result<(), Refusal> {
        let key = caller.identity.session_key(start.session.as_str());
        let entry = Entry::Control { json: text.to_owned() };
        let row = match self.journal.row(&key).await? {
            Some(row) => {
                // What began before and has no first entry yet is begun by whatever comes now.
                if row.kind == SessionKind::Interview
                    && row.state == SessionState::Open
                    && self.feed_head(&key, 0).await?.head_seq == 0
                {
                    self.check_params(caller, &start.params)?;
                    if let Some(followed) = self.check_material(caller, &start.params).await? {
                        self.keep_guide(&key, &followed).await?;
                    }
                }
                self.start_again(&key, row, entry).await?
            }
            None => {
                self.check_params(caller, &start.params)?;
                let followed = self.check_material(caller, &start.params).await?;
                self.take_place(caller, &key).await?;
                if let Err(refusal) = self.reserve(&key, now).await {
                    self.register.unbind(&caller.connection, &key).await?;
                    return Err(refusal);
                }
                if let Some(followed) = &followed
                    && let Err(refusal) = self.keep_guide(&key, followed).await
                {
                    self.budgets.release(&key).await?;
                    self.register.unbind(&caller.connection, &key).await?;
                    return Err(refusal);
                }
                self.start_anew(&key, start, entry, now).await?
            }
        };
        if let Some(memory) = &mut caller.memory {
            memory.remember(key.clone(), now);
        }
        if row.connection.as_ref() != Some(&caller.connection) {
            self.bind(caller, &key, 0).await?;
        }
        self.start_worker(&key, &row, now).await
    }

    async fn start_anew(
        &self,
        key: &SessionKey,
        start: &InterviewStart,
        entry: Entry,
        now: UnixMs,
    ) -> Result<SessionRow, Refusal> {
        let row = match self.journal.create(key, SessionKind::Interview, now).await? {
            Created::Existing(row) => return self.start_again(key, row, entry).await,
            Created::New(row) => row,
        };
        let summary = SessionSummary {
            key: key.clone(),
            kind: SessionKind::Interview,
            state: SessionState::Open,
            title: start.params.topic.clone(),
            course: start.params.course.as_ref().map(ToString::to_string),
            created: now,
            updated: now,
            questions: 0,
            duration_ms: 0,
            usage_json: None,
        };
        self.reports.put(summary).await?;
        self.append_first(key, start.seq, entry).await?;
        Ok(row)
    }

    /// The same start as before is a no-op, which may mend what a crash left undone; another is refused.
    async fn start_again(&self, key: &SessionKey, row: SessionRow, entry: Entry) -> Result<SessionRow, Refusal> {
        if row.kind != SessionKind::Interview {
            return Err(Refusal::new(ErrorCode::SessionExists, "a session of this name is no interview"));
        }
        match row.state {
            SessionState::Open => {}
            SessionState::Finished | SessionState::Abandoned => return Err(Refusal::session_finished()),
            SessionState::Deleted => {
                let message = "a session of this name was deleted; take a new one";
                return Err(Refusal::new(ErrorCode::SessionExists, message));
            }
        }
        self.append_first(key, 1, entry).await?;
        Ok(row)
    }

    async fn append_first(&self, key: &SessionKey, seq: u64, entry: Entry) -> Result<(), Refusal> {
        match self.feed.append(key, seq, entry).await {
            Ok(Appended::New | Appended::Same) => Ok(()),
            Err(FeedError::Deleted) => Err(self.inbox_is_gone(key).await),
            Err(error) => Err(error.into()),
            Ok(Appended::Conflict) => {
                Err(Refusal::new(ErrorCode::SessionExists, "the session was started before, with other parameters"))
            }
        }
    }

    /// What the shape does not tell: the course, the recognizer, the language.
    fn check_params(&self, caller: &Caller, params: &Params) -> Result<(), Refusal> {
        if let Some(course) = &params.course
            && !caller.identity.is_member(course.as_str())
        {
            return Err(Refusal::new(ErrorCode::Forbidden, "params.course: the token does not name this course"));
        }
        if params.audio.is_none() {
            return Ok(());
        }
        let Some(recognizer) = &self.offer.recognizer else {
            return Err(Refusal::new(ErrorCode::RecognizerUnavailable, self.offer.recognizer_absent.clone()));
        };
        if !recognizer.speaks(params.language.as_str()) {
            let message = format!(
                "the recognizer {} does not understand {}; it knows {}. Answers can be typed.",
                recognizer.name,
                params.language,
                recognizer.languages.join(", ")
            );
            return Err(Refusal::new(ErrorCode::LanguageUnsupported, message));
        }
        Ok(())
    }

    /// Takes the session's place in the budgets of its user and its tenant.
    async fn reserve(&self, key: &SessionKey, now: UnixMs) -> Result<(), Refusal> {
        let limits = self.limits.budgets.limits();
        match self.budgets.reserve(key, now.day(), &limits).await? {
            Reserved::Granted => Ok(()),
            Reserved::Refused(exhausted) => Err(over_budget(exhausted, &limits, now)),
        }
    }
}

fn over_budget(exhausted: Exhausted, limits: &BudgetLimits, now: UnixMs) -> Refusal {
    let Exhausted { whose, resource } = exhausted;
    let (of, allowance) = match whose {
        Whose::User => ("", limits.user),
        Whose::Tenant => ("your organisation's ", limits.tenant),
    };
    let used_up = |what| {
        let message = format!("today's budget of {what} is used up");
        Refusal::new(ErrorCode::BudgetExceeded, message).after_ms(now.ms_left_of_day())
    };
    match resource {
        Resource::SessionsOpen => {
            let open = allowance.sessions_open_max;
            let message = format!("as many of {of}interviews are open as there may be ({open})");
            Refusal::new(ErrorCode::TooManySessions, message)
        }
        Resource::Recognizer => used_up(format!("{of}recognized speech")),
        Resource::Tokens => used_up(format!("{of}questions and feedback")),
    }
}
