//! PocketSphinx behind Transcribe's stand-in understands as much as PocketSphinx itself. Where it is not installed this says so and passes.

use crate::hearing::{read_wav, texts, word_errors};
use crate::playing::{as_opus, as_pcm, finals, pieces, say, with};
use crate::transcribe::Options;
use std::sync::Arc;
use viva::embedded::pocketsphinx::{PocketSphinxConfig, PocketSphinxRecognizer};
use viva::ports::recognizer::{AudioPiece, Payload, Recognized, Recognizer};

/// The words of it all, with a pause at the end.
async fn heard(recognizer: &dyn Recognizer, mut fed: Vec<AudioPiece>) -> String {
    fed.push(AudioPiece { duration_ms: 1_200, voiced: false, payload: Payload::None });
    let said = say(recognizer, fed).await;
    assert!(said.iter().all(Result::is_ok), "{:?}", said.last());
    let text = |said: Recognized| match said {
        Recognized::Final { text, .. } => text,
        Recognized::Partial { .. } | Recognized::Progress { .. } => String::new(),
    };
    finals(&said).into_iter().map(text).collect::<Vec<_>>().join(" ")
}

#[tokio::test(flavor = "multi_thread")]
async fn error_rates_through_transcribe_and_directly_differ_by_at_most_3_points() {
    let direct = match PocketSphinxRecognizer::load(&PocketSphinxConfig::default()) {
        Ok(recognizer) => Arc::new(recognizer),
        Err(error) => return eprintln!("SKIPPED, nothing was tested: {error}"),
    };
    let (_stand_in, transcribe) =
        with(Options { speech: Arc::clone(&direct) as Arc<dyn Recognizer>, ..Options::default() });
    let (mut words, mut wrong) = (0, [0; 4]);
    for (_, path, text) in texts() {
        let samples = read_wav(&path.with_extension("wav"));
        let (pcm, opus) = (as_pcm(&samples), as_opus(&samples));
        let of = [
            heard(&*direct, pieces(&*direct, pcm.clone())).await,
            heard(&transcribe, pieces(&transcribe, pcm)).await,
            heard(&*direct, pieces(&*direct, opus.clone())).await,
            heard(&transcribe, pieces(&transcribe, opus)).await,
        ];
        for (wrong, heard) in wrong.iter_mut().zip(of) {
            let (errors, of) = word_errors(&text, &heard);
            *wrong += errors;
            words += of;
        }
    }
    let words = words / wrong.len();
    let rates = wrong.map(|wrong| 100.0 * wrong as f64 / words as f64);
    eprintln!(
        "words wrong of {words}: PCM {:.1} % directly, {:.1} % through Transcribe; Opus {:.1} % and {:.1} %",
        rates[0], rates[1], rates[2], rates[3]
    );
    assert!((rates[0] - rates[1]).abs() <= 3.0 && (rates[2] - rates[3]).abs() <= 3.0, "{rates:?}");
}
