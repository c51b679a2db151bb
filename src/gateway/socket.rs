//! One WebSocket: a task that reads, gives each message to the handlers, and writes what waits, all in one loop.
//!
//! A message is handled before the next is read, so that order holds; while a handler waits, writing goes on. Writes are gathered: what is
//! queued while messages are read is flushed once nothing more is to be read.

use crate::config::limits::{
    CLOSE_MS_MAX, CONNECTION_IDLE_MS_MAX, CONNECTION_LIFE_MS_MAX, EXPIRED_TOKEN_GRACE_MS, GO_AWAY_NOTICE_MS,
    SLOW_READER_MS_MAX, UPLOAD_SILENT_MS_MAX,
};
use crate::gateway::metrics::Stopwatch;
use crate::gateway::outgoing::Closing;
use crate::gateway::sockets::Peer;
use crate::handlers::{Caller, Handlers};
use crate::ports::clock::UnixMs;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use futures::{Sink, SinkExt as _, Stream, StreamExt as _};
use protocol::v1::{self, GoAway, GoAwayReason};
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Sleep, timeout};
use tokio_tungstenite::tungstenite;

/// How long a connection may live, rest and lag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SocketLimits {
    pub idle_ms_max: u64,
    pub life_ms_max: u64,
    pub go_away_notice_ms: u64,
    pub expired_token_grace_ms: u64,
    pub slow_reader_ms_max: u64,
    /// Of a file that is being sent.
    pub upload_silent_ms_max: u64,
}

impl Default for SocketLimits {
    fn default() -> Self {
        Self {
            idle_ms_max: CONNECTION_IDLE_MS_MAX,
            life_ms_max: CONNECTION_LIFE_MS_MAX,
            go_away_notice_ms: GO_AWAY_NOTICE_MS,
            expired_token_grace_ms: EXPIRED_TOKEN_GRACE_MS,
            slow_reader_ms_max: SLOW_READER_MS_MAX,
            upload_silent_ms_max: UPLOAD_SILENT_MS_MAX,
        }
    }
}

/// Serves a connection until it is over.
pub(crate) async fn serve(
    socket: WebSocket,
    peer: Arc<Peer>,
    mut caller: Caller,
    handlers: &Handlers,
    limits: SocketLimits,
) {
    let now = handlers.clock.now();
    let mut connection = Connection {
        writer: Writer { socket, peer, unflushed: false, stalled_since: None, since_write: 0 },
        limits,
        noticed: Vec::new(),
        timer: Box::pin(tokio::time::sleep(Duration::ZERO)),
    };
    connection.rest(now);
    let handled = metrics::histogram!("viva_message_seconds");
    let closing = loop {
        match connection.next(handlers).await {
            Happened::Text(text) => {
                let now = handlers.clock.now();
                connection.writer.peer.active(now);
                let stopwatch = Stopwatch::start();
                let mut handling = pin!(handlers.message(&mut caller, text.as_str()));
                let alive = poll_fn(|cx| {
                    if handling.as_mut().poll(cx).is_ready() {
                        return Poll::Ready(true);
                    }
                    match connection.writer.poll_write(cx, now) {
                        Poll::Ready(Wrote::Failed) => Poll::Ready(false),
                        Poll::Ready(Wrote::Closing(_)) | Poll::Pending => Poll::Pending,
                    }
                })
                .await;
                handled.record(stopwatch.seconds());
                if !alive {
                    break None;
                }
            }
            Happened::Time => {
                if let Some(closing) = connection.look_at_the_clock(handlers.clock.now()) {
                    break Some(closing);
                }
            }
            Happened::Closing(closing) => break Some(closing),
            Happened::Over => break None,
        }
    };
    match closing {
        Some(closing) => connection.writer.close(closing).await,
        None => connection.writer.finish().await,
    }
}

struct Connection {
    writer: Writer,
    limits: SocketLimits,
    /// The ends that the client was warned of: at most one entry for each reason and moment.
    noticed: Vec<(GoAwayReason, UnixMs)>,
    timer: Pin<Box<Sleep>>,
}

enum Happened {
    Text(Utf8Bytes),
    Time,
    Closing(Closing),
    Over,
}

impl Connection {
    async fn next(&mut self, handlers: &Handlers) -> Happened {
        poll_fn(|cx| self.poll_next(cx, handlers)).await
    }

    fn poll_next(&mut self, cx: &mut Context<'_>, handlers: &Handlers) -> Poll<Happened> {
        if self.writer.since_write < READS_BEFORE_WRITE
            && let Poll::Ready(happened) = self.poll_read(cx, handlers)
        {
            return Poll::Ready(happened);
        }
        match self.writer.poll_write(cx, handlers.clock.now()) {
            Poll::Ready(Wrote::Closing(closing)) => return Poll::Ready(Happened::Closing(closing)),
            Poll::Ready(Wrote::Failed) => return Poll::Ready(Happened::Over),
            Poll::Pending => {}
        }
        if self.writer.since_write >= READS_BEFORE_WRITE {
            self.writer.since_write = 0;
            if let Poll::Ready(happened) = self.poll_read(cx, handlers) {
                return Poll::Ready(happened);
            }
        }
        self.timer.as_mut().poll(cx).map(|()| Happened::Time)
    }

    fn poll_read(&mut self, cx: &mut Context<'_>, handlers: &Handlers) -> Poll<Happened> {
        loop {
            let happened = match ready!(Pin::new(&mut self.writer.socket).poll_next(cx)) {
                Some(Ok(Message::Text(text))) => {
                    self.writer.since_write += 1;
                    Happened::Text(text)
                }
                Some(Ok(Message::Binary(_))) => Happened::Closing(Closing::NO_BINARY),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {
                    // The answer to a ping is written with the next flush.
                    self.writer.unflushed = true;
                    self.writer.peer.active(handlers.clock.now());
                    continue;
                }
                Some(Ok(Message::Close(_))) | None => Happened::Over,
                Some(Err(error)) => reason(error).map_or(Happened::Over, Happened::Closing),
            };
            return Poll::Ready(happened);
        }
    }

    /// Closes what is over, warns of what will be, and rests until the next moment that matters.
    fn look_at_the_clock(&mut self, now: UnixMs) -> Option<Closing> {
        for end in self.ends() {
            if end.at <= now {
                return Some(end.closing);
            }
            if now.plus_ms(self.limits.go_away_notice_ms) >= end.warned_for
                && !self.noticed.contains(&(end.reason, end.at))
            {
                self.noticed.retain(|(reason, _)| *reason != end.reason);
                self.noticed.push((end.reason, end.at));
                let go_away = GoAway { reason: end.reason, remaining_ms: end.warned_for.since_ms(now) };
                let text = v1::encode_server(&go_away.into());
                // A client that cannot take this is about to be cut off for that.
                drop(self.writer.peer.outgoing.send(text.into()));
            }
        }
        if let Some(since) = self.writer.stalled_since
            && now.since_ms(since) >= self.limits.slow_reader_ms_max
        {
            metrics::counter!("viva_slow_readers_total").increment(1);
            tracing::info!("a client that took nothing for too long is cut off");
            return Some(Closing::GOING_AWAY);
        }
        self.rest(now);
        None
    }

    fn rest(&mut self, now: UnixMs) {
        let stall = self.writer.stalled_since.map(|since| since.plus_ms(self.limits.slow_reader_ms_max));
        let moments = self.ends().into_iter().flat_map(|end| {
            let notice = UnixMs(end.warned_for.0.saturating_sub(self.limits.go_away_notice_ms));
            [(!self.noticed.contains(&(end.reason, end.at))).then_some(notice), Some(end.at)]
        });
        let next = moments.chain([stall]).flatten().min().unwrap_or(now);
        let rest_ms = next.since_ms(now).clamp(REST_MS_MIN, self.limits.slow_reader_ms_max.max(REST_MS_MIN));
        self.timer.set(tokio::time::sleep(Duration::from_millis(rest_ms)));
    }

    fn ends(&self) -> [End; 3] {
        let peer = &self.writer.peer;
        let idle = peer.last_active().plus_ms(self.limits.idle_ms_max);
        let life = peer.connected().plus_ms(self.limits.life_ms_max);
        let expires = peer.expires();
        let grace = expires.plus_ms(self.limits.expired_token_grace_ms);
        [
            End { at: life, warned_for: life, reason: GoAwayReason::MaxDuration, closing: Closing::MAX_DURATION },
            End { at: grace, warned_for: expires, reason: GoAwayReason::TokenExpired, closing: Closing::TOKEN_EXPIRED },
            End { at: idle, warned_for: idle, reason: GoAwayReason::Idle, closing: Closing::IDLE },
        ]
    }
}

/// A moment at which the connection is over, as things stand.
struct End {
    at: UnixMs,
    /// What `goAway` counts down to.
    warned_for: UnixMs,
    reason: GoAwayReason,
    closing: Closing,
}

struct Writer {
    socket: WebSocket,
    peer: Arc<Peer>,
    unflushed: bool,
    /// Since when the client has taken nothing.
    stalled_since: Option<UnixMs>,
    /// Messages read since something was last written.
    since_write: u32,
}

enum Wrote {
    /// All is written, and the connection is to be closed.
    Closing(Closing),
    Failed,
}

impl Writer {
    /// Writes what waits, as far as the client takes it. Pending once all is written, too.
    fn poll_write(&mut self, cx: &mut Context<'_>, now: UnixMs) -> Poll<Wrote> {
        self.peer.outgoing.register(cx.waker());
        match self.poll_drain(cx) {
            Poll::Ready(Ok(())) => {
                self.stalled_since = None;
                self.since_write = 0;
                self.peer.outgoing.closing().map_or(Poll::Pending, |closing| Poll::Ready(Wrote::Closing(closing)))
            }
            Poll::Ready(Err(error)) => {
                tracing::debug!(%error, "the connection broke while it was written to");
                Poll::Ready(Wrote::Failed)
            }
            Poll::Pending => {
                self.stalled_since.get_or_insert(now);
                Poll::Pending
            }
        }
    }

    fn poll_drain(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), axum::Error>> {
        let mut socket = Pin::new(&mut self.socket);
        loop {
            ready!(socket.as_mut().poll_ready(cx))?;
            let Some(text) = self.peer.outgoing.pop() else { break };
            socket.as_mut().start_send(Message::Text(Utf8Bytes::from(&*text)))?;
            self.unflushed = true;
        }
        if self.unflushed {
            ready!(socket.poll_flush(cx))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }

    /// Answers the close frame of a client that is still there to read it.
    async fn finish(&mut self) {
        match timeout(Duration::from_millis(CLOSE_MS_MAX), self.socket.close()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "the client had gone already"),
            Err(_) => tracing::debug!("the client did not read the close frame"),
        }
    }

    /// The closing handshake, as far as the client plays along. After a fault of framing nothing more can be read, so that the client is
    /// given a moment to read the reason: closing at once with unread input would reset the connection.
    async fn close(&mut self, closing: Closing) {
        let frame = CloseFrame { code: closing.code, reason: Utf8Bytes::from_static(closing.reason) };
        let limit = Duration::from_millis(CLOSE_MS_MAX);
        let handshake = async {
            self.socket.send(Message::Close(Some(frame))).await?;
            while let Some(message) = self.socket.next().await {
                message?;
            }
            Ok::<(), axum::Error>(())
        };
        match timeout(limit, handshake).await {
            Ok(Ok(())) if matches!(closing, Closing::TOO_LARGE | Closing::PROTOCOL | Closing::NOT_UTF8) => {
                tokio::time::sleep(Duration::from_millis(LINGER_MS)).await;
            }
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "the connection broke while it was closed"),
            Err(_) => tracing::debug!("the client did not answer the close frame"),
        }
    }
}

/// What a fault of the connection is answered with; `None`: nobody is there to be answered.
fn reason(error: axum::Error) -> Option<Closing> {
    let error = error.into_inner();
    match error.downcast_ref::<tungstenite::Error>()? {
        tungstenite::Error::Capacity(_) => Some(Closing::TOO_LARGE),
        tungstenite::Error::Utf8(_) => Some(Closing::NOT_UTF8),
        tungstenite::Error::Protocol(tungstenite::error::ProtocolError::ResetWithoutClosingHandshake) => None,
        tungstenite::Error::Protocol(_) => Some(Closing::PROTOCOL),
        _ => None,
    }
}

/// Messages read before what they were answered is written although more is to be read.
const READS_BEFORE_WRITE: u32 = 64;
/// The clock is not looked at more often than this.
const REST_MS_MIN: u64 = 10;
/// How long a connection that can no longer be read stays open after its close frame.
const LINGER_MS: u64 = 500;
