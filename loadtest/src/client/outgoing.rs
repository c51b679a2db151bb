//! What a client says in a session: numbering, credit, what is unacknowledged, when it is sent again. No socket, no clock.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use protocol::v1::limits::WINDOW_SEQS;
use protocol::v1::{SeqRange, SessionResumed, SessionStatus};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Utf8Bytes;

/// The numbered messages of one session.
#[derive(Debug)]
pub(super) struct Outgoing {
    /// Unacknowledged messages, in order; the first has the number `through_seq` + 1.
    said: VecDeque<Said>,
    through_seq: u64,
    window_through_seq: u64,
    /// Up to here all was sent at least once on this connection.
    sent_through_seq: u64,
    again: BTreeSet<u64>,
    paced_until: Option<Instant>,
    resent: u64,
}

#[derive(Debug)]
struct Said {
    text: Utf8Bytes,
    audio: Duration,
    first_sent: Option<Instant>,
    last_sent: Option<Instant>,
    spent: bool,
}

/// What is to be done next.
#[derive(Debug, PartialEq)]
pub(super) enum Next {
    /// Send this now.
    Send(Utf8Bytes),
    /// Nothing before this moment.
    Wait(Instant),
    /// Nothing before something comes.
    Idle,
}

impl Default for Outgoing {
    fn default() -> Self {
        Self {
            said: VecDeque::new(),
            through_seq: 0,
            window_through_seq: WINDOW_SEQS,
            sent_through_seq: 0,
            again: BTreeSet::new(),
            paced_until: None,
            resent: 0,
        }
    }
}

impl Outgoing {
    /// The number that the next message will have.
    pub(super) fn next_seq(&self) -> u64 {
        self.through_seq + self.said.len() as u64 + 1
    }

    /// All up to here is acknowledged.
    pub(super) fn through_seq(&self) -> u64 {
        self.through_seq
    }

    /// How many messages were sent more than once.
    pub(super) fn resent(&self) -> u64 {
        self.resent
    }

    /// Takes a message, already written with the number [`Self::next_seq`].
    pub(super) fn say(&mut self, text: Utf8Bytes, audio: Duration) {
        self.said.push_back(Said { text, audio, first_sent: None, last_sent: None, spent: false });
    }

    /// What to send now. Audio that waited is sent at most [`CATCH_UP`] times as fast as it was recorded.
    pub(super) fn poll(&mut self, now: Instant) -> Next {
        if let Some(until) = self.paced_until.filter(|until| *until > now) {
            return Next::Wait(until);
        }
        while let Some(seq) = self.again.pop_first() {
            if let Some(text) = self.send(seq, now) {
                return Next::Send(text);
            }
        }
        while self.sent_through_seq + 1 < self.next_seq() && self.sent_through_seq < self.window_through_seq {
            self.sent_through_seq += 1;
            if let Some(text) = self.send(self.sent_through_seq, now) {
                return Next::Send(text);
            }
        }
        Next::Idle
    }

    /// Learns what is stored, and gives back how long each newly acknowledged message took.
    pub(super) fn handle_status(&mut self, status: &SessionStatus, now: Instant) -> Vec<Duration> {
        let SessionStatus { inbox_through_seq, window_through_seq, missing, .. } = status;
        self.window_through_seq = self.window_through_seq.max(*window_through_seq);
        let acknowledged = self.acknowledge(*inbox_through_seq, now);
        // What was sent a moment ago may simply not have arrived yet.
        let due = |said: &Said| said.last_sent.is_some_and(|sent| now >= sent + MISSING_AFTER);
        for SeqRange { from_seq, through_seq } in missing {
            let known = *from_seq..=(*through_seq).min(self.next_seq());
            let again: Vec<u64> = known.filter(|seq| self.entry(*seq).is_some_and(due)).collect();
            self.again.extend(again);
        }
        self.overdue(now);
        acknowledged
    }

    /// A number was refused: with `retryable` it is sent again after a while, otherwise it is spent.
    pub(super) fn handle_refusal(&mut self, seq: u64, retryable: bool, retry_after: Duration, now: Instant) {
        if retryable {
            self.again.extend(self.entry(seq).map(|_| seq));
            self.paced_until = self.paced_until.max(Some(now + retry_after));
        } else if let Some(at) = self.index(seq) {
            self.said[at].spent = true;
        }
    }

    /// On a new connection: all that is not stored is sent again. One who has said nothing goes on after what is stored.
    pub(super) fn handle_resumed(&mut self, at: &SessionResumed, now: Instant) -> Vec<Duration> {
        if self.next_seq() == 1 {
            self.through_seq = at.inbox_head_seq;
        }
        let acknowledged = self.acknowledge(at.inbox_through_seq, now);
        self.window_through_seq = self.window_through_seq.max(at.window_through_seq);
        self.restart();
        acknowledged
    }

    /// The server knows nothing of the session: all is said anew, from its start.
    pub(super) fn restart(&mut self) {
        self.again.clear();
        self.sent_through_seq = self.through_seq;
        self.paced_until = None;
    }

    fn acknowledge(&mut self, through_seq: u64, now: Instant) -> Vec<Duration> {
        let mut waits = Vec::new();
        while self.through_seq < through_seq {
            let Some(said) = self.said.pop_front() else { break };
            self.through_seq += 1;
            if let (Some(sent), false) = (said.first_sent, said.spent) {
                waits.push(now - sent);
            }
        }
        self.sent_through_seq = self.sent_through_seq.max(self.through_seq);
        self.again = self.again.split_off(&(self.through_seq + 1));
        waits
    }

    /// What is unacknowledged for long, in spite of statuses, is sent again.
    fn overdue(&mut self, now: Instant) {
        for (at, said) in self.said.iter().enumerate() {
            match said.last_sent {
                Some(sent) if now >= sent + RESEND_AFTER => {
                    self.again.insert(self.through_seq + 1 + at as u64);
                }
                Some(_) => {}
                None => break,
            }
        }
    }

    fn send(&mut self, seq: u64, now: Instant) -> Option<Utf8Bytes> {
        let at = self.index(seq)?;
        let said = &mut self.said[at];
        if said.spent {
            return None;
        }
        self.resent += u64::from(said.first_sent.is_some());
        said.first_sent.get_or_insert(now);
        said.last_sent = Some(now);
        if !said.audio.is_zero() {
            let from = self.paced_until.unwrap_or(now).max(now - CATCH_UP_BURST);
            self.paced_until = Some(from + said.audio / CATCH_UP);
        }
        Some(said.text.clone())
    }

    fn index(&self, seq: u64) -> Option<usize> {
        let at = seq.checked_sub(self.through_seq + 1)? as usize;
        (at < self.said.len()).then_some(at)
    }

    fn entry(&self, seq: u64) -> Option<&Said> {
        self.index(seq).map(|at| &self.said[at])
    }
}

/// Audio that waited is sent at most so many times as fast as it was recorded.
pub(super) const CATCH_UP: u32 = 4;
/// How far the pace may lag behind the clock before it is forgotten: timers are coarse.
const CATCH_UP_BURST: Duration = Duration::from_millis(20);
/// What is unacknowledged for so long in spite of statuses is sent again.
const RESEND_AFTER: Duration = Duration::from_secs(3);
/// A message that is said to be missing is sent again when it was sent so long ago.
const MISSING_AFTER: Duration = Duration::from_millis(250);

#[cfg(test)]
mod tests {
    use protocol::v1::{SessionId, SessionState};

    use super::*;

    fn status(through: u64, window: u64, missing: &[(u64, u64)]) -> SessionStatus {
        SessionStatus {
            session: SessionId::new("s").expect("an id"),
            epoch: 1,
            inbox_through_seq: through,
            window_through_seq: window,
            missing: missing
                .iter()
                .map(|(from_seq, through_seq)| SeqRange { from_seq: *from_seq, through_seq: *through_seq })
                .collect(),
            outbox_head_seq: 0,
            buffered_ms: 0,
        }
    }

    fn resumed(through: u64) -> SessionResumed {
        SessionResumed {
            session: SessionId::new("s").expect("an id"),
            state: SessionState::Open,
            epoch: 1,
            outbox_head_seq: 0,
            inbox_through_seq: through,
            inbox_head_seq: through,
            window_through_seq: through + 64,
            media_ms: 0,
        }
    }

    fn say(outgoing: &mut Outgoing, count: u64, audio_ms: u64) {
        for _ in 0..count {
            let text = outgoing.next_seq().to_string();
            outgoing.say(text.into(), Duration::from_millis(audio_ms));
        }
    }

    /// All that can be sent by `now`.
    fn drain(outgoing: &mut Outgoing, now: Instant) -> Vec<u64> {
        let mut sent = Vec::new();
        while let Next::Send(text) = outgoing.poll(now) {
            sent.push(text.parse().expect("a number"));
        }
        sent
    }

    #[test]
    fn nothing_is_sent_beyond_the_credit() {
        let (mut outgoing, now) = (Outgoing::default(), Instant::now());
        say(&mut outgoing, 70, 0);
        assert_eq!(drain(&mut outgoing, now), (1..=64).collect::<Vec<_>>());
        outgoing.handle_status(&status(3, 67, &[]), now);
        assert_eq!(drain(&mut outgoing, now), vec![65, 66, 67]);
    }

    #[test]
    fn what_is_missing_or_overdue_is_sent_again() {
        let (mut outgoing, now) = (Outgoing::default(), Instant::now());
        say(&mut outgoing, 5, 0);
        drain(&mut outgoing, now);
        let later = now + Duration::from_millis(500);
        let waits = outgoing.handle_status(&status(1, 65, &[(2, 3)]), later);
        assert_eq!(waits, vec![Duration::from_millis(500)]);
        assert_eq!(drain(&mut outgoing, later), vec![2, 3]);
        let late = now + Duration::from_millis(3_100);
        outgoing.handle_status(&status(1, 65, &[]), late);
        assert_eq!(drain(&mut outgoing, late), vec![4, 5]);
        assert_eq!(outgoing.resent(), 4);
    }

    #[test]
    fn a_spent_number_is_not_sent_again_but_a_retryable_one_is() {
        let (mut outgoing, now) = (Outgoing::default(), Instant::now());
        say(&mut outgoing, 3, 0);
        drain(&mut outgoing, now);
        outgoing.handle_refusal(1, false, Duration::ZERO, now);
        outgoing.handle_refusal(2, true, Duration::from_millis(40), now);
        assert_eq!(outgoing.poll(now), Next::Wait(now + Duration::from_millis(40)));
        assert_eq!(drain(&mut outgoing, now + Duration::from_millis(40)), vec![2]);
        outgoing.handle_resumed(&resumed(0), now);
        assert_eq!(drain(&mut outgoing, now + Duration::from_secs(1)), vec![2, 3]);
    }

    #[test]
    fn one_who_lost_count_goes_on_after_what_is_stored() {
        let mut outgoing = Outgoing::default();
        outgoing.handle_resumed(&resumed(17), Instant::now());
        assert_eq!(outgoing.next_seq(), 18);
    }

    #[test]
    fn after_a_resume_the_rest_is_caught_up_at_four_times_real_time() {
        let (mut outgoing, now) = (Outgoing::default(), Instant::now());
        say(&mut outgoing, 10, 100);
        outgoing.handle_resumed(&resumed(0), now);
        let mut at = now;
        let mut sent = 0;
        while sent < 10 {
            match outgoing.poll(at) {
                Next::Send(_) => sent += 1,
                Next::Wait(until) => at = until,
                Next::Idle => panic!("there is more to send"),
            }
        }
        assert!(at - now >= Duration::from_millis(200), "1 s of audio went out within {:?}", at - now);
    }
}
