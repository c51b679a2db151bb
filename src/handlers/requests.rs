//! The small requests: `hello`, `ping`, `auth.refresh`.

use crate::auth::AuthError;
use crate::handlers::Handlers;
use crate::handlers::caller::Caller;
use crate::handlers::connect::speaker;
use crate::handlers::refusal::Refusal;
use crate::ports::clock::UnixMs;
use crate::ports::ids::SessionKey;
use crate::ports::journal::{SessionRow, SessionState};
use protocol::v1::limits::{
    ANSWER_CHARS_MAX, AUDIO_BYTES_MAX, AUDIO_MS_MAX, DURATION_MS_MAX, MESSAGE_BYTES_MAX, QUESTIONS_MAX,
    UNSENT_AUDIO_MS_MAX, WINDOW_SEQS,
};
use protocol::v1::{
    AuthRefresh, AuthRefreshed, ErrorCode, Hello, Limits, Ping, Pong, RequestId, RequestResult, ResultBody,
    SUBPROTOCOL, ServerMessage, SessionStatus, UserId, Welcome,
};

impl Handlers {
    pub(crate) async fn hello(&self, caller: &Caller, hello: Hello) -> Result<(), Refusal> {
        let welcome = Welcome {
            protocol: SUBPROTOCOL.to_owned(),
            connection: caller.connection.to_string(),
            user: wire_user(caller)?,
            limits: Limits {
                message_bytes_max: MESSAGE_BYTES_MAX as u32,
                audio_ms_max: AUDIO_MS_MAX as u32,
                audio_bytes_max: AUDIO_BYTES_MAX as u32,
                window_seqs: WINDOW_SEQS as u32,
                unsent_audio_ms_max: UNSENT_AUDIO_MS_MAX as u32,
                sessions_open_max: self.limits.budgets.user.sessions_open_max as u32,
                text_chars_max: ANSWER_CHARS_MAX as u32,
                questions_max: QUESTIONS_MAX,
                duration_ms_max: DURATION_MS_MAX,
            },
            features: Vec::new(),
            expires_unix_ms: caller.identity.expires.0,
            id: hello.id,
        };
        self.reply(&caller.connection, &welcome.into()).await;
        Ok(())
    }

    /// `pong`. With a session: its worker is started anew where it has died, and a client of a session that is over learns how far its
    /// events go.
    pub(crate) async fn ping(&self, caller: &Caller, ping: Ping, now: UnixMs) -> Result<(), Refusal> {
        let Ping { id, session } = ping;
        if let Some(session) = &session {
            let key = caller.identity.session_key(session.as_str());
            let row = self.journal.row(&key).await?.ok_or_else(Refusal::session_unknown)?;
            match row.state {
                SessionState::Open => self.start_worker(&key, &row, now).await?,
                SessionState::Finished | SessionState::Abandoned => {
                    let outbox_head_seq = self.journal.head_seq(&key).await?;
                    let head = self.feed_head(&key, outbox_head_seq).await?;
                    let status = SessionStatus {
                        session: session.clone(),
                        epoch: row.epoch as u32,
                        inbox_through_seq: head.through_seq,
                        window_through_seq: head.through_seq + WINDOW_SEQS,
                        missing: Vec::new(),
                        outbox_head_seq,
                        buffered_ms: 0,
                    };
                    self.reply(&caller.connection, &status.into()).await;
                }
                SessionState::Deleted => return Err(Refusal::session_unknown()),
            }
        }
        self.reply(&caller.connection, &Pong { id, session }.into()).await;
        Ok(())
    }

    /// A newer token of the same user.
    pub(crate) async fn auth_refresh(
        &self,
        caller: &mut Caller,
        refresh: AuthRefresh,
        now: UnixMs,
    ) -> Result<(), Refusal> {
        let identity = self.keys.verify(&refresh.token, now).await.map_err(|error| match error {
            unavailable @ AuthError::Unavailable => unavailable.into(),
            // Its own token is at fault, not the connection's: sending the same again is of no use.
            AuthError::Expired => Refusal::new(ErrorCode::Unauthorized, "token: it has expired"),
            other => Refusal::new(ErrorCode::Unauthorized, format!("token: {other}")),
        })?;
        if (&identity.tenant, &identity.user) != (&caller.identity.tenant, &caller.identity.user) {
            return Err(Refusal::new(ErrorCode::Forbidden, "token: it is another user's"));
        }
        self.register.refresh(&caller.connection, speaker(&identity), identity.expires).await?;
        let expires_unix_ms = identity.expires.0;
        caller.identity = identity;
        self.answer(caller, refresh.id, ResultBody::Refreshed(AuthRefreshed { expires_unix_ms })).await;
        Ok(())
    }

    /// A `result`.
    pub(crate) async fn answer(&self, caller: &Caller, id: RequestId, body: ResultBody) {
        self.reply(&caller.connection, &ServerMessage::RequestResult(RequestResult { id, body })).await;
    }

    /// Starts a worker where none holds the session. Two at once do no harm: the second finds the row taken.
    pub(crate) async fn start_worker(&self, key: &SessionKey, row: &SessionRow, now: UnixMs) -> Result<(), Refusal> {
        let live = row.owner.is_some() && row.lease_until > now;
        if live { Ok(()) } else { Ok(self.workers.start(key).await?) }
    }
}

pub(crate) fn wire_user(caller: &Caller) -> Result<UserId, Refusal> {
    UserId::new(caller.identity.user.as_str())
        .map_err(|error| Refusal::new(ErrorCode::Internal, format!("the token's subject: {error}")))
}
