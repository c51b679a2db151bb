//! A session's life: whole, left, abandoned, swept, with holes, with credit.

use crate::client::Plan;
use crate::held::{Setup, hold};
use viva::ports::journal::SessionState;

#[tokio::test(start_paused = true)]
async fn a_spoken_interview_is_held_to_its_report() {
    let held = hold(Setup::default()).await;
    held.check_log();
    held.check_client();
    let answers: Vec<(u32, String)> = held.client.answers().into_iter().collect();
    assert_eq!(answers, [(1, "w100 w101 w102 w103".to_owned()), (2, "w200 w201 w202 w203".to_owned())]);
    assert_eq!(held.heard(), answers);
    assert!(held.client.partials > 0, "words were shown while they were spoken");
    assert!(held.client.statuses.len() > 3, "a status came every second");
    assert_eq!(held.client.errors, []);
    let state = held.world.state();
    assert_eq!(state.row.as_ref().unwrap().state, SessionState::Finished);
    assert_eq!(state.summary.as_ref().unwrap().state, SessionState::Finished);
    assert!(state.report.is_some());
    let (content_type, file) = &state.objects["recordings/default/ann/s1.ogg"];
    assert_eq!(content_type, "audio/ogg");
    assert!(file.starts_with(b"OggS"));
    assert!(state.spent.recognizer_ms > 0 && state.spent.tokens > 0, "{:?}", state.spent);
}

#[tokio::test(start_paused = true)]
async fn a_typed_interview_needs_no_audio() {
    let plan = Plan { spoken: false, ..Plan::default() };
    let held = hold(Setup { plan, ..Setup::default() }).await;
    held.check_log();
    held.check_client();
    assert_eq!(held.client.answers()[&2], "w200 w200 w200 w201 w201 w201 w202 w202 w202 w203 w203 w203");
    assert!(held.world.state().objects.is_empty());
}
