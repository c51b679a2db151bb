//! The suite of recognizers against the one that follows a script. Those that hear need speech: see the crate of speech tests.

use viva::embedded::scripted::{Script, ScriptedRecognizer};

struct Made(ScriptedRecognizer);

impl Made {
    fn port(&self) -> &ScriptedRecognizer {
        &self.0
    }
}

async fn scripted() -> Made {
    Made(ScriptedRecognizer::new(Script { languages: vec!["en".into()], ..Script::default() }))
}

mod suite {
    recognizer_contract!(super::scripted);
}
