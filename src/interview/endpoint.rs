//! How long a silence ends an answer: shorter when it reads complete, longer when it breaks off, never beyond a maximum. Media time.

use crate::config::limits;
use crate::interview::completeness::Completeness;
use crate::interview::params::TurnTaking;

/// What is known at some moment of the silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    pub silence_ms: u64,
    pub completeness: Completeness,
    /// The recognizer's words reach to the end of the voice.
    pub caught_up: bool,
    /// The words were all said while the question was still being read aloud: they may be no answer.
    pub said_over_question: bool,
}

/// Whether this silence ends the answer.
pub fn is_over(turn_taking: TurnTaking, pause: Pause) -> bool {
    silence_needed_ms(turn_taking, pause).is_some_and(|needed| pause.silence_ms >= needed)
}

/// `None`: silence never ends it.
fn silence_needed_ms(turn_taking: TurnTaking, pause: Pause) -> Option<u64> {
    let uncertain = !pause.caught_up || pause.said_over_question;
    match turn_taking {
        TurnTaking::Manual => None,
        TurnTaking::Auto if uncertain => Some(limits::SILENCE_MS_MAX),
        TurnTaking::Auto => Some(match pause.completeness {
            Completeness::Complete => limits::SILENCE_COMPLETE_MS,
            Completeness::Plain => limits::SILENCE_PLAIN_MS,
            Completeness::Short => limits::SILENCE_SHORT_MS,
            Completeness::BrokenOff => limits::SILENCE_BROKEN_OFF_MS,
            Completeness::GoingOn => limits::SILENCE_GOING_ON_MS,
        }),
        TurnTaking::Patient if uncertain => Some(limits::SILENCE_PATIENT_MS_MAX),
        TurnTaking::Patient => Some(match pause.completeness {
            Completeness::Complete | Completeness::Plain => limits::SILENCE_PATIENT_MS,
            Completeness::Short | Completeness::BrokenOff | Completeness::GoingOn => limits::SILENCE_PATIENT_MS_MAX,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::{Pause, silence_needed_ms};
    use crate::interview::completeness::Completeness;
    use crate::interview::params::TurnTaking;

    const ALL: [Completeness; 5] = [
        Completeness::Complete,
        Completeness::Plain,
        Completeness::Short,
        Completeness::BrokenOff,
        Completeness::GoingOn,
    ];

    fn needed(turn_taking: TurnTaking, completeness: Completeness, caught_up: bool) -> Option<u64> {
        silence_needed_ms(turn_taking, Pause { silence_ms: 0, completeness, caught_up, said_over_question: false })
    }

    #[test]
    fn auto_waits_longer_the_less_complete_an_answer_reads() {
        let waits: Vec<_> = ALL.iter().map(|completeness| needed(TurnTaking::Auto, *completeness, true)).collect();
        assert_eq!(waits, [Some(500), Some(700), Some(1_000), Some(1_800), Some(2_500)]);
    }

    #[test]
    fn nothing_waits_beyond_the_maximum() {
        for completeness in ALL {
            assert_eq!(needed(TurnTaking::Auto, completeness, false), Some(3_000));
            assert_eq!(needed(TurnTaking::Patient, completeness, false), Some(8_000));
            assert!(needed(TurnTaking::Patient, completeness, true) >= Some(3_000));
        }
    }

    #[test]
    fn manual_answers_are_never_ended_by_silence() {
        assert_eq!(needed(TurnTaking::Manual, Completeness::Complete, true), None);
    }
}
