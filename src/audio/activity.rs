//! Whether somebody speaks: `earshot`'s verdict on every 16 ms, the level alone where nobody will look for words, or the Opus packets' own
//! flag; made calm by an onset and a hangover.
//!
//! It does not decide when an answer is over; that is the interview's.

use crate::config::limits::{
    VOICE_HANGOVER_MS, VOICE_LEVEL_RMS_MIN, VOICE_ONSET_FRAMES, VOICE_RMS_MIN, VOICE_SCORE_MIN,
};
use std::fmt;

/// A run of samples with one verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    pub samples: usize,
    pub voiced: bool,
}

/// Judges 16 kHz mono samples as they come.
pub struct Activity {
    /// None: the level alone decides.
    detector: Option<Box<earshot::Detector>>,
    frame: Vec<i16>,
    loud_frames: u32,
    calm: Calm,
}

impl Activity {
    /// Tells voices from noise, at a few milliseconds of work at most for a second of audio.
    pub fn new() -> Self {
        Self { detector: Some(Box::default()), ..Self::by_level() }
    }

    /// Tells loud from quiet, at next to no cost: for audio that no recognizer listens to.
    pub fn by_level() -> Self {
        Self { detector: None, frame: Vec::with_capacity(FRAME_SAMPLES), loud_frames: 0, calm: Calm::default() }
    }

    /// Runs in order that cover exactly these samples. A frame that is not full yet has the verdict of the one before it.
    pub fn judge(&mut self, samples: &[i16]) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        let mut rest = samples;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(FRAME_SAMPLES - self.frame.len()));
            self.frame.extend_from_slice(now);
            if self.frame.len() == FRAME_SAMPLES {
                self.judge_frame();
            }
            match runs.last_mut() {
                Some(run) if run.voiced == self.calm.voiced() => run.samples += now.len(),
                _ => runs.push(Run { samples: now.len(), voiced: self.calm.voiced() }),
            }
            rest = later;
        }
        runs
    }

    /// Forgets everything: the audio goes on elsewhere.
    pub fn reset(&mut self) {
        if let Some(detector) = &mut self.detector {
            detector.reset();
        }
        self.frame.clear();
        self.loud_frames = 0;
        self.calm = Calm::default();
    }

    fn judge_frame(&mut self) {
        let level = root_mean_square(&self.frame);
        let voice = match &mut self.detector {
            // Near-silence needs no network, and a muted microphone must never count as a voice.
            Some(detector) => level >= VOICE_RMS_MIN && detector.predict_i16(&self.frame) >= VOICE_SCORE_MIN,
            None => level >= VOICE_LEVEL_RMS_MIN,
        };
        self.loud_frames = if voice { self.loud_frames + 1 } else { 0 };
        let holds_on = voice && self.calm.voiced();
        self.calm.hear(holds_on || self.loud_frames >= VOICE_ONSET_FRAMES, FRAME_MS);
        self.frame.clear();
    }
}

impl Default for Activity {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Activity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Activity").field("calm", &self.calm).finish_non_exhaustive()
    }
}

/// Keeps a voice on for a while after each sign of it, so that the pauses within words do not chop it up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Calm {
    left_ms: u64,
}

impl Calm {
    /// Takes the bare verdict on the next `ms` and answers the calm one.
    pub fn hear(&mut self, voice: bool, ms: u64) -> bool {
        if voice {
            self.left_ms = VOICE_HANGOVER_MS;
            return true;
        }
        let voiced = self.left_ms > 0;
        self.left_ms = self.left_ms.saturating_sub(ms);
        voiced
    }

    pub fn voiced(self) -> bool {
        self.left_ms > 0
    }
}

fn root_mean_square(frame: &[i16]) -> f32 {
    let sum: i64 = frame.iter().map(|sample| i64::from(*sample) * i64::from(*sample)).sum();
    (sum as f32 / frame.len() as f32).sqrt()
}

const FRAME_SAMPLES: usize = 256;
const FRAME_MS: u64 = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn silence_and_faint_hum_are_no_voice() {
        let hum: Vec<i16> = (0..32_000).map(|i| (20.0 * (i as f32 * 0.02).sin()) as i16).collect();
        let mut activity = Activity::new();
        assert!(activity.judge(&vec![0; 32_000]).iter().all(|run| !run.voiced));
        assert!(activity.judge(&hum).iter().all(|run| !run.voiced));
    }

    #[test]
    fn the_level_alone_takes_what_is_loud_for_a_voice() {
        let loud: Vec<i16> = (0..16_000).map(|i| if i % 40 < 20 { 900 } else { -900 }).collect();
        let mut activity = Activity::by_level();
        assert!(activity.judge(&vec![40; 16_000]).iter().all(|run| !run.voiced));
        let runs = activity.judge(&loud);
        assert!(runs.last().is_some_and(|run| run.voiced && run.samples > 15_000), "{runs:?}");
    }

    #[test]
    fn a_voice_lasts_through_its_hangover_and_no_longer() {
        let mut calm = Calm::default();
        assert!(!calm.hear(false, 20));
        assert!(calm.hear(true, 20));
        let held = (0..100).take_while(|_| calm.hear(false, 20)).count() as u64;
        assert_eq!(held * 20, VOICE_HANGOVER_MS.next_multiple_of(20));
        assert!(!calm.voiced());
    }

    proptest! {
        #[test]
        fn runs_cover_exactly_what_was_given(chunks in proptest::collection::vec(proptest::collection::vec(any::<i16>(), 0..600), 0..8)) {
            let mut activity = Activity::new();
            for chunk in chunks {
                let covered: usize = activity.judge(&chunk).iter().map(|run| run.samples).sum();
                prop_assert_eq!(covered, chunk.len());
            }
        }
    }
}
