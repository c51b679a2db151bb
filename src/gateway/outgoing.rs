//! What waits to be sent to one client: bounded in bytes, filled by anybody, emptied by the connection's own task.

use crate::config::limits::{ADMIN_POST_BYTES_MAX, OUTGOING_BYTES_MAX};
use crate::ports::connections::SendError;
use futures::task::AtomicWaker;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::Waker;

/// Why the server closes a connection: the code and the reason of the close frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Closing {
    pub(crate) code: u16,
    pub(crate) reason: &'static str,
}

impl Closing {
    pub(crate) const DELETED: Self = Self { code: 1000, reason: "closed by the server" };
    pub(crate) const GOING_AWAY: Self = Self { code: 1001, reason: "going away" };
    pub(crate) const IDLE: Self = Self { code: 1001, reason: "idle for too long" };
    pub(crate) const MAX_DURATION: Self = Self { code: 1001, reason: "connected for as long as one may be" };
    pub(crate) const NO_BINARY: Self = Self { code: 1003, reason: "text messages only" };
    pub(crate) const NOT_UTF8: Self = Self { code: 1007, reason: "a text message is UTF-8" };
    pub(crate) const TOKEN_EXPIRED: Self = Self { code: 1008, reason: "the token has expired" };
    pub(crate) const TOO_LARGE: Self = Self { code: 1009, reason: "the frame or message is too large" };
    pub(crate) const PROTOCOL: Self = Self { code: 1002, reason: "not the WebSocket protocol" };
}

/// One connection's queue.
#[derive(Debug, Default)]
pub(crate) struct Outgoing {
    state: Mutex<State>,
    waker: AtomicWaker,
}

#[derive(Debug, Default)]
struct State {
    queue: VecDeque<Arc<str>>,
    bytes: usize,
    closing: Option<Closing>,
    gone: bool,
}

impl Outgoing {
    /// Queues a message, or says why not; never waits.
    pub(crate) fn send(&self, text: Arc<str>) -> Result<(), SendError> {
        if text.len() > ADMIN_POST_BYTES_MAX {
            return Err(SendError::TooLarge);
        }
        let mut state = self.lock();
        if state.gone || state.closing.is_some() {
            return Err(SendError::Gone);
        }
        if !state.queue.is_empty() && state.bytes + text.len() > OUTGOING_BYTES_MAX {
            return Err(SendError::Busy);
        }
        state.bytes += text.len();
        state.queue.push_back(text);
        drop(state);
        self.waker.wake();
        Ok(())
    }

    /// Asks for the connection's end; the first one who asks says why. What is queued is still sent before.
    pub(crate) fn close(&self, closing: Closing) -> Result<(), SendError> {
        let mut state = self.lock();
        if state.gone {
            return Err(SendError::Gone);
        }
        state.closing.get_or_insert(closing);
        drop(state);
        self.waker.wake();
        Ok(())
    }

    pub(crate) fn pop(&self) -> Option<Arc<str>> {
        let mut state = self.lock();
        let text = state.queue.pop_front()?;
        state.bytes -= text.len();
        Some(text)
    }

    /// Why the connection is to be closed, once nothing is queued any more.
    pub(crate) fn closing(&self) -> Option<Closing> {
        let state = self.lock();
        state.closing.filter(|_| state.queue.is_empty())
    }

    /// Nobody will empty the queue any more.
    pub(crate) fn end(&self) {
        let mut state = self.lock();
        state.gone = true;
        state.queue = VecDeque::new();
        state.bytes = 0;
    }

    /// Wakes `waker` at the next `send` or `close`.
    pub(crate) fn register(&self, waker: &Waker) {
        self.waker.register(waker);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it holds the queue")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: usize) -> Arc<str> {
        "x".repeat(bytes).into()
    }

    #[test]
    fn a_full_queue_is_busy_until_something_is_taken() {
        let outgoing = Outgoing::default();
        for _ in 0..OUTGOING_BYTES_MAX / ADMIN_POST_BYTES_MAX {
            assert_eq!(outgoing.send(text(ADMIN_POST_BYTES_MAX)), Ok(()));
        }
        assert_eq!(outgoing.send(text(1)), Err(SendError::Busy));
        assert!(outgoing.pop().is_some());
        assert_eq!(outgoing.send(text(1)), Ok(()));
    }

    #[test]
    fn a_message_above_128_kib_is_too_large() {
        assert_eq!(Outgoing::default().send(text(ADMIN_POST_BYTES_MAX + 1)), Err(SendError::TooLarge));
    }

    #[test]
    fn what_was_queued_before_the_end_is_still_there_and_nothing_is_added() {
        let outgoing = Outgoing::default();
        assert_eq!(outgoing.send(text(1)), Ok(()));
        assert_eq!(outgoing.close(Closing::DELETED), Ok(()));
        assert_eq!(outgoing.close(Closing::IDLE), Ok(()));
        assert_eq!(outgoing.send(text(1)), Err(SendError::Gone));
        assert_eq!(outgoing.closing(), None);
        assert_eq!(outgoing.pop(), Some(text(1)));
        assert_eq!(outgoing.closing(), Some(Closing::DELETED));
        outgoing.end();
        assert_eq!(outgoing.close(Closing::IDLE), Err(SendError::Gone));
    }
}
