//! Measures PocketSphinx behind its port, through intake and gate: word error rates for other voices, speeds, noise and Opus, how fast it is, and
//! how many people can speak at once. `cargo run --release --example wer` prints Markdown. Needs flite, espeak-ng and sox; it judges nothing.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it prints its tables")]
#![expect(clippy::disallowed_methods, reason = "speech takes the time it takes")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a tool that measures may stop at what it did not expect")]

#[path = "../tests/speech/hearing.rs"]
mod hearing;

use hearing::{Pace, hear, read_wav, texts, word_errors};
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use viva::embedded::pocketsphinx::{PocketSphinxConfig, PocketSphinxRecognizer};

type Change = fn(Vec<i16>) -> Vec<i16>;

/// What is measured: a name, the command that speaks `TEXT` to `WAV`, and what becomes of the samples.
const CASES: &[(&str, &[&str], Change)] = &[
    ("flite slt (shipped)", &["flite", "-voice", "slt"], same),
    ("flite rms", &["flite", "-voice", "rms"], same),
    ("flite awb", &["flite", "-voice", "awb"], same),
    ("flite kal16", &["flite", "-voice", "kal16"], same),
    ("flite kal (8 kHz)", &["flite", "-voice", "kal"], same),
    ("flite slt, slow (× 0.75)", &["flite", "-voice", "slt", "--setf", "duration_stretch=1.33"], same),
    ("flite slt, fast (× 1.33)", &["flite", "-voice", "slt", "--setf", "duration_stretch=0.75"], same),
    ("espeak-ng en-us, 130 words/min", &["espeak-ng", "-v", "en-us", "-s", "130"], same),
    ("espeak-ng en-us, 175 words/min", &["espeak-ng", "-v", "en-us", "-s", "175"], same),
    ("espeak-ng en-us, 220 words/min", &["espeak-ng", "-v", "en-us", "-s", "220"], same),
    ("flite slt, white noise at 10 dB", &["flite", "-voice", "slt"], in_white_noise),
    ("flite slt, pink noise at 10 dB", &["flite", "-voice", "slt"], in_pink_noise),
    ("flite rms, white noise at 10 dB", &["flite", "-voice", "rms"], in_white_noise),
    ("flite rms, pink noise at 10 dB", &["flite", "-voice", "rms"], in_pink_noise),
    ("flite slt, quiet (− 20 dB)", &["flite", "-voice", "slt"], quietly),
    ("flite slt, Opus at 24 kbit/s", &["flite", "-voice", "slt"], through_opus_24),
    ("flite slt, Opus at 12 kbit/s", &["flite", "-voice", "slt"], through_opus_12),
];

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        match std::env::args().nth(1).as_deref() {
            Some("--at-once") => at_once().await,
            _ => {
                error_rates().await;
                at_once().await;
            }
        }
    });
}

async fn error_rates() {
    let config = PocketSphinxConfig { threads: NonZeroUsize::new(1), ..PocketSphinxConfig::default() };
    let recognizer = PocketSphinxRecognizer::load(&config).unwrap_or_else(|error| panic!("{error}"));
    println!("| voice | words wrong | of | CPU for each second of audio |\n|---|---|---|---|");
    for (name, command, change) in CASES {
        let (mut wrong, mut words, mut audio, mut cpu) = (0, 0, Duration::ZERO, Duration::ZERO);
        for (answer, path, text) in texts() {
            let samples = change(speak(command, &path));
            audio += Duration::from_millis(samples.len() as u64 / 16);
            let before = cpu_time();
            let heard = hear(&recognizer, &samples, Pace::AsTaken).await.unwrap();
            cpu += cpu_time() - before;
            let (errors, of) = word_errors(&text, &heard.text());
            eprintln!("{name}, {answer}: {errors} of {of}: {}", heard.text());
            wrong += errors;
            words += of;
        }
        let rate = 100.0 * wrong as f64 / words as f64;
        println!("| {name} | {rate:.1} % | {words} | {:.0} ms |", 1_000.0 * cpu.as_secs_f64() / audio.as_secs_f64());
    }
    println!();
}

/// Speakers who all speak at once in real time, each a shipped answer of about 15 s.
async fn at_once() {
    let recognizer =
        PocketSphinxRecognizer::load(&PocketSphinxConfig::default()).unwrap_or_else(|error| panic!("{error}"));
    let recognizer = Arc::new(recognizer);
    println!("| people speaking at once | words wrong | slowest final after the audio's end |\n|---|---|---|");
    for count in [1, 2, 4, 6, 8] {
        let answers = texts();
        let speakers: Vec<_> = (0..count)
            .map(|speaker| {
                let (_, path, text) = answers[speaker % answers.len()].clone();
                let recognizer = Arc::clone(&recognizer);
                let samples = read_wav(&path.with_extension("wav"));
                tokio::spawn(async move { (hear(&*recognizer, &samples, Pace::RealTime).await.unwrap(), text) })
            })
            .collect();
        let (mut wrong, mut words, mut slowest) = (0, 0, Duration::ZERO);
        for speaker in speakers {
            let (heard, text) = speaker.await.unwrap();
            let (errors, of) = word_errors(&text, &heard.text());
            wrong += errors;
            words += of;
            slowest = slowest.max(heard.final_after);
        }
        println!("| {count} | {:.1} % | {} ms |", 100.0 * wrong as f64 / words as f64, slowest.as_millis());
    }
}

/// What this process has used of the processors, as Linux counts it: unlike the time that passes, it does not depend on who else is at work.
fn cpu_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let (_, fields) = stat.rsplit_once(')').unwrap();
    let ticks: u64 = fields.split_whitespace().skip(11).take(2).map(|field| field.parse::<u64>().unwrap()).sum();
    Duration::from_millis(ticks * 10)
}

fn speak(command: &[&str], text: &Path) -> Vec<i16> {
    let folder = tempfile::tempdir().unwrap();
    let (spoken, resampled) = (folder.path().join("spoken.wav"), folder.path().join("16k.wav"));
    let mut speaking = Command::new(command[0]);
    speaking.args(&command[1..]);
    match command[0] {
        "flite" => speaking.arg("-f").arg(text).arg("-o").arg(&spoken),
        _ => speaking.arg("-f").arg(text).arg("-w").arg(&spoken),
    };
    assert!(speaking.status().is_ok_and(|status| status.success()), "{} failed", command[0]);
    let status = Command::new("sox").arg(&spoken).args(["-r", "16000", "-c", "1", "-b", "16"]).arg(&resampled).status();
    assert!(status.is_ok_and(|status| status.success()), "sox failed");
    read_wav(&resampled)
}

fn same(samples: Vec<i16>) -> Vec<i16> {
    samples
}

fn quietly(samples: Vec<i16>) -> Vec<i16> {
    samples.into_iter().map(|sample| sample / 10).collect()
}

fn in_white_noise(samples: Vec<i16>) -> Vec<i16> {
    mix(samples, random())
}

/// Paul Kellet's filter: white noise to pink.
fn in_pink_noise(samples: Vec<i16>) -> Vec<i16> {
    let mut random = random();
    let mut state = [0.0; 3];
    mix(samples, || {
        let white = random();
        state[0] = 0.997_65 * state[0] + white * 0.099_046;
        state[1] = 0.963 * state[1] + white * 0.296_516_4;
        state[2] = 0.57 * state[2] + white * 1.052_691_3;
        state.iter().sum::<f64>() + white * 0.184_8
    })
}

/// Adds noise 10 dB below the speech, whose level is taken where it is not silent.
fn mix(samples: Vec<i16>, mut noise: impl FnMut() -> f64) -> Vec<i16> {
    let noise: Vec<f64> = samples.iter().map(|_| noise()).collect();
    let power = |samples: &[f64]| samples.iter().map(|sample| sample * sample).sum::<f64>() / samples.len() as f64;
    let speech: Vec<f64> = samples
        .chunks(320)
        .filter(|frame| frame.iter().any(|sample| sample.abs() > 300))
        .flatten()
        .map(|sample| f64::from(*sample))
        .collect();
    let gain = (power(&speech) / 10.0 / power(&noise)).sqrt();
    let mixed = samples.iter().zip(&noise).map(|(sample, noise)| f64::from(*sample) + gain * noise);
    mixed.map(|sample| sample.clamp(-32_768.0, 32_767.0) as i16).collect()
}

fn random() -> impl FnMut() -> f64 {
    let mut state = 7_u64;
    move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1_u32 << 30) - 1.0
    }
}

fn through_opus_24(samples: Vec<i16>) -> Vec<i16> {
    through_opus(&samples, 24_000)
}

fn through_opus_12(samples: Vec<i16>) -> Vec<i16> {
    through_opus(&samples, 12_000)
}

fn through_opus(samples: &[i16], bits: i32) -> Vec<i16> {
    let mut encoder = opus::Encoder::new(16_000, opus::Channels::Mono, opus::Application::Voip).unwrap();
    encoder.set_bitrate(opus::Bitrate::Bits(bits)).unwrap();
    let mut decoder = opus::Decoder::new(16_000, opus::Channels::Mono).unwrap();
    let mut decoded = Vec::new();
    for frame in samples.chunks_exact(320) {
        let packet = encoder.encode_vec(frame, 1_500).unwrap();
        let mut output = vec![0; 320];
        decoder.decode(&packet, &mut output, false).unwrap();
        decoded.extend(output);
    }
    decoded
}
