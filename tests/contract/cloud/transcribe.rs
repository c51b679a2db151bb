//! The suite of recognizers against Transcribe's stand-in, over the wire.

use super::Made;
use super::transcribe_server::{Options, TranscribeStandIn};
use viva::cloud::transcribe::TranscribeRecognizer;
use viva::config::TranscribeConfig;

async fn transcribe() -> Made<TranscribeRecognizer, TranscribeStandIn> {
    let stand_in = TranscribeStandIn::start(Options::default());
    Made::new(TranscribeRecognizer::new(&stand_in.aws(), TranscribeConfig::default()), stand_in)
}

mod suite {
    recognizer_contract!(super::transcribe);
}
