//! One message of a client: read, checked, and given to what does it. Whatever its bytes are, the client gets an answer or an event.

use crate::auth::{AuthError, Identity};
use crate::handlers::Handlers;
use crate::handlers::caller::Caller;
use crate::handlers::refusal::Refusal;
use crate::ports::clock::UnixMs;
use crate::ports::feed::{Appended, Entry, FeedError};
use crate::ports::ids::{ConnectionId, SessionKey};
use crate::ports::journal::{SessionKind, SessionRow, SessionState};
use protocol::v1::{self, Audio, ClientMessage, DecodeError, ErrorCode, Re};

impl Handlers {
    /// Does what a message says. `text` is what came, of any size and shape.
    pub async fn message(&self, caller: &mut Caller, text: &str) {
        let now = self.clock.now();
        let message = match v1::decode_client(text.as_bytes()) {
            Ok(message) => message,
            Err(error) => return self.refuse_undecoded(caller, error, now).await,
        };
        let re = re_of(&message);
        metrics::counter!("viva_messages_total", "type" => kind_of(&message)).increment(1);
        if let Err(refusal) = self.admit(caller, &message, now).await {
            return self.refuse(&caller.connection, refusal, re).await;
        }
        let done = match message {
            ClientMessage::Audio(audio) => self.audio(caller, audio, now).await,
            ClientMessage::InterviewStart(start) => self.interview_start(caller, &start, text, now).await,
            ClientMessage::AnswerEnd(_)
            | ClientMessage::AnswerText(_)
            | ClientMessage::AnswerCorrect(_)
            | ClientMessage::QuestionSkip(_)
            | ClientMessage::QuestionRepeat(_)
            | ClientMessage::Rendered(_)
            | ClientMessage::InterviewFinish(_) => self.control(caller, &message, text, now).await,
            ClientMessage::Hello(hello) => self.hello(caller, hello).await,
            ClientMessage::Ping(ping) => self.ping(caller, ping, now).await,
            ClientMessage::AuthRefresh(refresh) => self.auth_refresh(caller, refresh, now).await,
            ClientMessage::SessionResume(resume) => self.session_resume(caller, resume, now).await,
            ClientMessage::SessionList(list) => self.session_list(caller, list).await,
            ClientMessage::SessionGet(get) => self.session_get(caller, get, now).await,
            ClientMessage::SessionDelete(delete) => self.session_delete(caller, delete).await,
            ClientMessage::ReportReview(review) => self.report_review(caller, review, now).await,
            ClientMessage::ChatSend(send) => self.chat_send(caller, send, now).await,
            ClientMessage::ChatEdit(edit) => self.chat_edit(caller, edit, now).await,
            ClientMessage::ChatRegenerate(regenerate) => self.chat_regenerate(caller, regenerate, now).await,
            ClientMessage::ChatStop(stop) => self.chat_stop(caller, stop, now).await,
            ClientMessage::ChatRename(rename) => self.chat_rename(caller, rename, now).await,
            ClientMessage::ChatFeedback(feedback) => self.chat_feedback(caller, feedback).await,
            ClientMessage::ChatHistory(history) => self.chat_history(caller, history).await,
            ClientMessage::DocumentsList(list) => self.documents_list(caller, list).await,
        };
        if let Err(refusal) = done {
            self.refuse(&caller.connection, refusal, re).await;
        }
    }

    /// Answers a message of which the shell cannot say who sent it.
    pub async fn refuse_stranger(&self, connection: &ConnectionId) {
        let refusal = Refusal::new(ErrorCode::Unauthorized, "this connection belongs to nobody; connect again");
        self.refuse(connection, refusal, Re::default()).await;
    }

    /// Whether this speaker may speak now: the token's end, then the pace.
    async fn admit(&self, caller: &mut Caller, message: &ClientMessage, now: UnixMs) -> Result<(), Refusal> {
        if caller.identity.expired(now) && !matches!(message, ClientMessage::AuthRefresh(_)) {
            self.look_up_renewed(caller, now).await?;
        }
        let Some(memory) = &mut caller.memory else { return Ok(()) };
        let audio_ms = match message {
            ClientMessage::Audio(audio) => memory.media_ms_of(audio),
            _ => 0,
        };
        let paced = memory.pace.message(now).and_then(|()| memory.pace.audio(audio_ms, now));
        paced.map_err(|too_fast| {
            Refusal::new(ErrorCode::RateLimited, "this comes faster than it may").after_ms(too_fast.retry_after_ms)
        })
    }

    /// The token that came with the connection is over; another process may have seen a newer one.
    async fn look_up_renewed(&self, caller: &mut Caller, now: UnixMs) -> Result<(), Refusal> {
        let registered = self.register.get(&caller.connection).await?;
        let renewed = registered.and_then(|registered| serde_json::from_str::<Identity>(&registered.speaker).ok());
        match renewed {
            Some(identity) if !identity.expired(now) => {
                caller.identity = identity;
                Ok(())
            }
            _ => Err(AuthError::Expired.into()),
        }
    }

    /// A message that is no message. One that names session and number is stored as refused, so that the line goes on.
    async fn refuse_undecoded(&self, caller: &mut Caller, error: DecodeError, now: UnixMs) {
        let DecodeError { code, message, re } = error;
        let mut refusal = Refusal::new(code, message);
        if caller.identity.expired(now) {
            if let Err(expired) = self.look_up_renewed(caller, now).await {
                refusal = expired;
            }
        } else if let Some(memory) = &mut caller.memory
            && let Err(too_fast) = memory.pace.message(now)
        {
            refusal =
                Refusal::new(ErrorCode::RateLimited, "this comes faster than it may").after_ms(too_fast.retry_after_ms);
        }
        if !refusal.code.retryable()
            && let (Some(session), Some(seq)) = (&re.session, re.seq)
            && seq > 1
            && let Err(other) = self.store_refused(caller, session.as_str(), seq, refusal.code, now).await
            && other.code != ErrorCode::SessionUnknown
        {
            refusal = other;
        }
        self.refuse(&caller.connection, refusal, re).await;
    }

    async fn store_refused(
        &self,
        caller: &mut Caller,
        session: &str,
        seq: u64,
        code: ErrorCode,
        now: UnixMs,
    ) -> Result<(), Refusal> {
        let key = self.open_session(caller, session, now).await?;
        self.append(&key, seq, Entry::Refused { code: code.as_str().to_owned() }).await
    }

    async fn audio(&self, caller: &mut Caller, audio: Audio, now: UnixMs) -> Result<(), Refusal> {
        let Audio { session, seq, media_ms, data } = audio;
        let key = match caller.memory {
            Some(_) => self.open_session(caller, session.as_str(), now).await?,
            None => caller.identity.session_key(session.as_str()),
        };
        refuse_first(seq)?;
        self.append(&key, seq, Entry::Audio { media_ms, data }).await
    }

    /// Anything else that is numbered: its shape is good; what it means is the worker's to say. Where the worker has died, another is
    /// started.
    async fn control(
        &self,
        caller: &mut Caller,
        message: &ClientMessage,
        text: &str,
        now: UnixMs,
    ) -> Result<(), Refusal> {
        let (session, seq) = message.session().zip(message.seq()).expect("what is said in an interview has both");
        let key = caller.identity.session_key(session.as_str());
        let row = self.row_of_open(&key).await?;
        if let Some(memory) = &mut caller.memory {
            memory.remember(key.clone(), now);
        }
        refuse_first(seq)?;
        self.append(&key, seq, Entry::Control { json: text.to_owned() }).await?;
        if self.start_worker(&key, &row, now).await.is_err() {
            // What was said is stored, so that this is no refusal of it; the next `ping` starts a worker.
            tracing::warn!("a message was stored, and there is no worker for it yet");
        }
        Ok(())
    }

    /// The key of one of the caller's own sessions that is open.
    pub(crate) async fn open_session(
        &self,
        caller: &mut Caller,
        session: &str,
        now: UnixMs,
    ) -> Result<SessionKey, Refusal> {
        if let Some(key) = caller.memory.as_ref().and_then(|memory| memory.open_session(session, now)) {
            return Ok(key.clone());
        }
        let key = caller.identity.session_key(session);
        self.row_of_open(&key).await?;
        if let Some(memory) = &mut caller.memory {
            memory.remember(key.clone(), now);
        }
        Ok(key)
    }

    pub(crate) async fn append(&self, key: &SessionKey, seq: u64, entry: Entry) -> Result<(), Refusal> {
        match self.feed.append(key, seq, entry).await {
            Ok(Appended::New | Appended::Same) => Ok(()),
            Ok(Appended::Conflict) => {
                Err(Refusal::new(ErrorCode::SeqConflict, format!("seq: {seq} was stored with other content")))
            }
            // What was said is not kept beyond an interview's end, unless it was to be recorded.
            Err(FeedError::Deleted) => Err(self.inbox_is_gone(key).await),
            Err(FeedError::Exceeded) => {
                // Its number is spent, so that the line goes on.
                let refused = Entry::Refused { code: ErrorCode::BudgetExceeded.as_str().to_owned() };
                self.feed.append(key, seq, refused).await?;
                Err(FeedError::Exceeded.into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// An inbox goes before its session is given back, so that its row may still say that it is open.
    pub(crate) async fn inbox_is_gone(&self, key: &SessionKey) -> Refusal {
        self.row_of_open(key).await.err().unwrap_or_else(Refusal::session_finished)
    }

    async fn row_of_open(&self, key: &SessionKey) -> Result<SessionRow, Refusal> {
        let row = self.journal.row(key).await?.ok_or_else(Refusal::session_unknown)?;
        match row.state {
            SessionState::Open if row.kind == SessionKind::Interview => Ok(row),
            SessionState::Open => Err(Refusal::session_unknown()),
            SessionState::Finished | SessionState::Abandoned => Err(Refusal::session_finished()),
            SessionState::Deleted => Err(Refusal::session_unknown()),
        }
    }
}

/// A message's type as a label that lives for ever.
fn kind_of(message: &ClientMessage) -> &'static str {
    match message {
        ClientMessage::Audio(_) => "audio",
        other => ClientMessage::TYPES.iter().find(|kind| **kind == other.kind()).copied().unwrap_or_default(),
    }
}

/// What a message is about.
fn re_of(message: &ClientMessage) -> Re {
    Re { id: message.id().cloned(), session: message.session().cloned(), seq: message.seq() }
}

fn refuse_first(seq: u64) -> Result<(), Refusal> {
    if seq == 1 {
        return Err(Refusal::new(ErrorCode::SeqConflict, "seq: 1 belongs to interview.start"));
    }
    Ok(())
}
