//! From any sample rate that is announced to the 16 kHz that recognizers and voice activity want: a windowed sinc in polyphase form,
//! whose state goes on from message to message. Mixing channels and cutting pieces are `intake`'s.

/// The rate that everything behind the intake works at.
pub const RATE_HZ: u32 = 16_000;

#[derive(Debug)]
pub struct Resampler {
    /// One row of taps for each of the output's phases.
    phases: Vec<Vec<f32>>,
    up: usize,
    down: usize,
    /// The last input samples, as many as there are taps less one, then what has come since.
    history: Vec<f32>,
    /// Where the next output sample lies, in steps of 1/`up` input samples after the start of `history`.
    next: usize,
}

impl Resampler {
    /// `from_hz` to 16 kHz. Rates are checked by the caller; the tables stay small for multiples of 25 Hz.
    pub fn new(from_hz: u32) -> Self {
        let divisor = greatest_common_divisor(from_hz, RATE_HZ);
        let up = (RATE_HZ / divisor) as usize;
        let down = (from_hz / divisor) as usize;
        // Cut off below the lower of the two Nyquist frequencies, relative to the input's rate.
        let cutoff = 0.5 * CUTOFF * f64::from(RATE_HZ.min(from_hz)) / f64::from(from_hz);
        let half = (f64::from(ZERO_CROSSINGS) * 0.5 / cutoff).ceil() as usize;
        let taps = 2 * half;
        let phases = (0..up).map(|phase| row(taps, half as f64 - 1.0 + phase as f64 / up as f64, cutoff)).collect();
        // The middle of the filter starts on the first sample, so that output and input stay in step.
        Self { phases, up, down, history: vec![0.0; half - 1], next: 0 }
    }

    /// Takes mono samples and gives what they complete at 16 kHz; the rest waits for the next call.
    pub fn process(&mut self, input: &[i16]) -> Vec<i16> {
        self.history.extend(input.iter().map(|sample| f32::from(*sample)));
        let taps = self.phases[0].len();
        let mut output = Vec::with_capacity(input.len() * self.up / self.down + 1);
        while self.next / self.up + taps <= self.history.len() {
            let window = &self.history[self.next / self.up..][..taps];
            let sum: f32 = window.iter().zip(&self.phases[self.next % self.up]).map(|(sample, tap)| sample * tap).sum();
            output.push(sum.round().clamp(f32::from(i16::MIN), f32::from(i16::MAX)) as i16);
            self.next += self.down;
        }
        let used = (self.next / self.up).min(self.history.len());
        self.history.drain(..used);
        self.next -= used * self.up;
        output
    }
}

/// The taps that weigh `count` input samples for an output sample at `centre` among them.
fn row(count: usize, centre: f64, cutoff: f64) -> Vec<f32> {
    let half = count as f64 / 2.0;
    let raw: Vec<f64> = (0..count)
        .map(|i| {
            let distance = i as f64 - centre;
            let window = 0.5 + 0.5 * (std::f64::consts::PI * (distance / half).clamp(-1.0, 1.0)).cos();
            window * sinc(2.0 * cutoff * distance)
        })
        .collect();
    let sum: f64 = raw.iter().sum();
    raw.iter().map(|tap| (tap / sum) as f32).collect()
}

fn sinc(x: f64) -> f64 {
    let x = std::f64::consts::PI * x;
    if x.abs() < 1e-9 { 1.0 } else { x.sin() / x }
}

fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

/// Of the Nyquist frequency; the rest is the filter's slope.
const CUTOFF: f64 = 0.92;
const ZERO_CROSSINGS: u32 = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tone(rate: u32, hz: f64, samples: usize) -> Vec<i16> {
        (0..samples)
            .map(|i| (10_000.0 * (std::f64::consts::TAU * hz * i as f64 / f64::from(rate)).sin()) as i16)
            .collect()
    }

    #[test]
    fn a_tone_keeps_its_pitch_phase_and_level_at_every_rate() {
        for rate in [8_000, 11_025, 12_000, 22_050, 24_000, 32_000, 44_100, 48_000] {
            let output = Resampler::new(rate).process(&tone(rate, 440.0, rate as usize));
            let wanted = tone(RATE_HZ, 440.0, output.len());
            assert!(output.len() > 15_900 && output.len() <= 16_000, "{rate}: {}", output.len());
            let worst = output[100..].iter().zip(&wanted[100..]).map(|(a, b)| (a - b).abs()).max().unwrap_or(0);
            assert!(worst < 120, "{rate}: off by {worst}");
        }
    }

    #[test]
    fn what_16_khz_cannot_hold_is_removed() {
        let output = Resampler::new(48_000).process(&tone(48_000, 11_000.0, 48_000));
        let loudest = output[200..].iter().map(|sample| sample.abs()).max().unwrap_or(0);
        assert!(loudest < 100, "an alias of {loudest} is left");
    }

    proptest! {
        #[test]
        fn cutting_the_input_anywhere_changes_nothing(cuts in proptest::collection::vec(1_usize..700, 1..12)) {
            let input = tone(44_100, 700.0, 4_410);
            let whole = Resampler::new(44_100).process(&input);
            let mut resampler = Resampler::new(44_100);
            let (mut pieces, mut rest) = (Vec::new(), &input[..]);
            for cut in cuts {
                let (now, later) = rest.split_at(cut.min(rest.len()));
                pieces.extend(resampler.process(now));
                rest = later;
            }
            pieces.extend(resampler.process(rest));
            prop_assert_eq!(pieces, whole);
        }
    }
}
