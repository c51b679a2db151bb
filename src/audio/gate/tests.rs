//! The gate: what is fed, when streams open and close, and the way back to media time.

use super::*;
use proptest::prelude::*;

/// Pushes 100 ms pieces, `v` voiced and `.` not, and writes what happens: `O`pen, `C`lose, fed pieces as they are, `_` not fed.
struct Run {
    gate: Gate,
    at_ms: u64,
    told: String,
}

impl Run {
    fn new() -> Self {
        Self { gate: Gate::new(), at_ms: 0, told: String::new() }
    }

    fn push(&mut self, pieces: &str) -> &mut Self {
        for piece in pieces.chars() {
            let piece = AudioPiece { duration_ms: 100, voiced: piece == 'v', payload: Payload::Pcm16k(vec![0; 1_600]) };
            let actions = self.gate.push(TimedPiece { from_ms: self.at_ms, piece });
            self.at_ms += 100;
            if actions.is_empty() {
                self.told.push('_');
            }
            self.tell(actions);
        }
        self
    }

    fn tell(&mut self, actions: Vec<GateAction>) {
        for action in actions {
            self.told.push(match action {
                GateAction::Open => 'O',
                GateAction::Close => 'C',
                GateAction::Feed(piece) if piece.voiced => 'v',
                GateAction::Feed(_) => '.',
            });
        }
    }

    fn told(&mut self) -> String {
        std::mem::take(&mut self.told)
    }
}

#[test]
fn silence_opens_nothing() {
    let mut run = Run::new();
    run.push(&".".repeat(300));
    assert_eq!(run.told(), "_".repeat(300));
    assert_eq!(run.gate.settled_ms(), 30_000);
}

#[test]
fn speech_is_fed_with_what_came_just_before_and_enough_of_the_pause() {
    let mut run = Run::new();
    run.push("......vv").push(&".".repeat(15)).push("v");
    assert_eq!(run.told(), format!("______O...vv{}___...v", ".".repeat(12)));
}

#[test]
fn a_stream_closes_after_12_silent_seconds_and_opens_at_most_every_15() {
    let mut run = Run::new();
    run.push("v").push(&".".repeat(148));
    assert_eq!(run.told(), format!("Ov{}{}", ".".repeat(12), "_".repeat(136)));
    run.push("..");
    assert_eq!(run.told(), "_C");
    run.push("v");
    assert_eq!(run.told(), "O...v");
    run.gate.closed();
    run.push("....vv");
    assert_eq!(run.told(), "______");
    let waited = run.gate.waited(13_900);
    run.tell(waited);
    assert_eq!(run.told(), "");
    let waited = run.gate.waited(600);
    run.tell(waited);
    assert_eq!(run.told(), "O...vv");
    run.push(".v");
    assert_eq!(run.told(), ".v");
}

#[test]
fn an_open_stream_without_audio_closes_by_the_clock() {
    let mut run = Run::new();
    run.push("v").push(&".".repeat(12));
    run.told();
    assert_eq!(run.gate.waited(11_999), []);
    assert!(run.gate.is_open());
    assert_eq!(run.gate.waited(2_000), [GateAction::Close]);
    assert!(!run.gate.is_open());
}

#[test]
fn an_answer_ended_by_hand_gets_its_silence_at_once() {
    let mut run = Run::new();
    run.push("vv...");
    run.told();
    assert_eq!(run.gate.hush(), [GateAction::Feed(silence(900))]);
    assert_eq!(run.gate.hush(), []);
    run.push("..v");
    assert_eq!(run.told(), "__..v");
    // 500 ms of media, 900 ms of silence that is none, then media from 500 ms on.
    assert_eq!([0, 499, 500, 1_399, 1_400, 1_650].map(|ms| run.gate.media_of(ms)), [0, 499, 500, 500, 500, 750]);
}

#[test]
fn the_streams_time_leads_back_to_media_time() {
    let mut run = Run::new();
    run.push("...v").push(&".".repeat(20)).push("v");
    // Fed: 0 to 1,600 (with the pause), then 2,100 to 2,500.
    assert_eq!(
        [0, 1_599, 1_600, 1_700, 2_000, 9_000].map(|ms| run.gate.media_of(ms)),
        [0, 1_599, 2_100, 2_200, 2_500, 2_500]
    );
}

#[test]
fn speech_is_settled_by_its_final() {
    let mut run = Run::new();
    run.push("....vv....");
    assert_eq!(run.gate.settled_ms(), 100);
    run.gate.final_through(550);
    assert_eq!(run.gate.settled_ms(), 650);
    run.push(&".".repeat(10));
    run.gate.final_through(550);
    assert_eq!(run.gate.settled_ms(), 2_000);
    run.push("v");
    assert_eq!(run.gate.settled_ms(), 1_800);
    assert_eq!(run.gate.flush(), [GateAction::Close]);
    assert_eq!(run.gate.settled_ms(), 1_800);
    run.gate.drained();
    assert_eq!(run.gate.settled_ms(), 2_100);
}

#[test]
fn a_long_silent_piece_ends_the_pause_and_leaves_a_pre_roll() {
    let mut run = Run::new();
    run.push("v");
    run.told();
    let gap = TimedPiece { from_ms: 100, piece: silence(5_000) };
    assert_eq!(run.gate.push(gap), [GateAction::Feed(silence(1_200))]);
    run.at_ms = 5_100;
    run.push("v");
    assert_eq!(run.told(), ".v");
    assert_eq!(run.gate.media_of(1_300), 4_800);
}

#[test]
fn flushing_feeds_what_was_held() {
    let mut run = Run::new();
    run.push("v");
    run.gate.closed();
    run.push("v");
    run.told();
    let flushed = run.gate.flush();
    run.tell(flushed);
    assert_eq!(run.told(), "OvC");
    assert_eq!(run.gate.flush(), []);
}

proptest! {
    #[test]
    fn all_speech_is_fed_once_and_leads_back_to_where_it_was(pieces in "[v.]{0,400}") {
        let mut gate = Gate::new();
        let (mut open, mut stream_ms, mut opened_at, mut voiced) = (false, 0, None::<u64>, 0);
        let mut expected = Vec::new();
        for (index, piece) in pieces.chars().enumerate() {
            let from_ms = index as u64 * 100;
            let is_voiced = piece == 'v';
            let piece = AudioPiece { duration_ms: 100, voiced: is_voiced, payload: Payload::Pcm16k(vec![0; 1_600]) };
            if is_voiced {
                expected.push(from_ms);
            }
            for action in gate.push(TimedPiece { from_ms, piece }) {
                match action {
                    GateAction::Open => {
                        prop_assert!(!open);
                        prop_assert!(opened_at.is_none_or(|at| from_ms >= at + GATE_OPEN_EVERY_MS));
                        (open, stream_ms, opened_at) = (true, 0, Some(from_ms));
                    }
                    GateAction::Close => {
                        prop_assert!(open);
                        open = false;
                    }
                    GateAction::Feed(piece) => {
                        prop_assert!(open);
                        if piece.voiced {
                            prop_assert_eq!(gate.media_of(stream_ms), expected[voiced]);
                            voiced += 1;
                        }
                        stream_ms += piece.duration_ms;
                    }
                }
            }
        }
        prop_assert_eq!(voiced, expected.len());
    }
}
