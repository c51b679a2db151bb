//! Seeds of trouble: the network, the store, the recognizer, the model, two workers at once. A failing seed is named in the panic.

use crate::client::{Network, Plan};
use crate::held::{Held, Setup, hold};
use crate::speech::{self, StreamFault};
use crate::world::Odds;
use protocol::v1::ServerMessage;
use viva::config::limits::MODEL_TOKEN_GAP_MS_MAX;
use viva::embedded::scripted_model::{Fault, ModelScript, Play};

const SEEDS: u64 = 25;

/// Names the seed of whatever panics while it lives.
struct Named(u64);

impl Drop for Named {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the seed is {}", self.0);
        }
    }
}

async fn for_every_seed(setup: impl Fn(u64) -> Setup, check: impl Fn(&Held)) {
    for seed in 1..=SEEDS {
        let _named = Named(seed);
        let held = hold(Setup { seed, ..setup(seed) }).await;
        held.check_log();
        held.check_client();
        check(&held);
    }
}

fn same_words(held: &Held) {
    let answers: Vec<(u32, String)> = held.client.answers().into_iter().collect();
    assert_eq!(answers, [(1, "w100 w101 w102 w103".to_owned()), (2, "w200 w201 w202 w203".to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn a_network_that_loses_repeats_and_reorders_changes_no_word() {
    let network = Network { loses: 60, repeats: 60, delays: 120, breaks: 5 };
    for_every_seed(|_| Setup { plan: Plan { network, ..Plan::default() }, ..Setup::default() }, same_words).await;
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_and_forgets_to_answer_changes_no_word() {
    let odds = Odds { append_fails: 100, append_unanswered: 100, read_fails: 20, renew_fails: 200, ..Odds::default() };
    for_every_seed(|_| Setup { odds, ..Setup::default() }, same_words).await;
}

#[tokio::test(start_paused = true)]
async fn a_busy_connection_gets_everything_in_the_end() {
    let odds = Odds { send_busy: 300, send_fails: 50, ..Odds::default() };
    for_every_seed(|_| Setup { odds, ..Setup::default() }, same_words).await;
}

#[tokio::test(start_paused = true)]
async fn two_workers_that_both_think_the_session_theirs_write_one_log() {
    let odds = Odds { leases_lie: true, append_unanswered: 50, ..Odds::default() };
    for_every_seed(|_| Setup { odds, rivals: true, ..Setup::default() }, same_words).await;
}

#[tokio::test(start_paused = true)]
async fn all_of_it_at_once_with_workers_stopped_changes_no_word() {
    let network = Network { loses: 30, repeats: 30, delays: 60, breaks: 3 };
    let odds = Odds {
        append_fails: 40,
        append_unanswered: 40,
        read_fails: 10,
        renew_fails: 50,
        send_busy: 100,
        send_fails: 20,
        leases_lie: false,
    };
    let setup = |seed: u64| Setup {
        odds,
        plan: Plan { network, ..Plan::default() },
        kills: (1..5).map(|nth| 1 + ((seed * 53 + nth * 97) % 400) as usize).collect(),
        ..Setup::default()
    };
    for_every_seed(setup, same_words).await;
}

#[tokio::test(start_paused = true)]
async fn a_recognizer_that_fails_or_stalls_is_fed_again_and_changes_no_word() {
    let faults = [
        vec![StreamFault::OpenFails, StreamFault::OpenFails],
        vec![StreamFault::Busy; 8],
        vec![StreamFault::FailsAfterMs(400), StreamFault::FailsAfterMs(900)],
        vec![StreamFault::StallsAfterMs(600)],
        vec![StreamFault::Floods(200)],
    ];
    for streams in faults {
        let held = hold(Setup { streams: streams.clone(), ..Setup::default() }).await;
        held.check_log();
        held.check_client();
        let heard: Vec<(u32, String)> = held.heard();
        assert_eq!(heard[0].1, "w100 w101 w102 w103", "{streams:?}");
        same_words(&held);
    }
}

#[tokio::test(start_paused = true)]
async fn a_recognizer_that_is_slower_than_speech_ends_no_answer_early() {
    let plan = Plan { words: 40, ..Plan::default() };
    let held = hold(Setup { streams: vec![StreamFault::Lags(2); 8], plan, ..Setup::default() }).await;
    held.check_log();
    held.check_client();
    let answer = |turn: u16| (0..40).map(|nth| format!("w{}", turn * 100 + nth)).collect::<Vec<_>>().join(" ");
    let committed = |message: &ServerMessage| match message {
        ServerMessage::AnswerCommitted(committed) => Some(committed.text.clone()),
        _ => None,
    };
    let committed: Vec<String> = held.client.applied.iter().filter_map(committed).collect();
    assert_eq!(committed, [answer(1), answer(2)]);
}

#[tokio::test(start_paused = true)]
async fn a_recognizer_that_says_nothing_to_a_long_answer_is_given_it_again() {
    let plan = Plan { questions: 1, words: 8, ..Plan::default() };
    let held = hold(Setup { streams: vec![StreamFault::Mute], plan, ..Setup::default() }).await;
    held.check_log();
    held.check_client();
    assert_eq!(held.heard(), [(1, "w100 w101 w102 w103 w104 w105 w106 w107".to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn a_recognizer_that_is_gone_for_good_is_told_and_typing_goes_on() {
    let streams = vec![StreamFault::OpenFails; 20];
    let plan = Plan { types_when_unheard: true, ..Plan::default() };
    let held = hold(Setup { streams, plan, ..Setup::default() }).await;
    held.check_log();
    held.check_client();
    assert!(held.client.errors.iter().any(|error| error.code == protocol::v1::ErrorCode::RecognizerFailed));
    same_words(&held);
}

#[tokio::test(start_paused = true)]
async fn a_model_that_stalls_fails_or_floods_does_not_end_the_interview() {
    let play = |fault| Play { tokens: 5, fault: Some(fault), ..Play::default() };
    let faults = [
        play(Fault::Failure { after_tokens: 0 }),
        play(Fault::Failure { after_tokens: 2 }),
        play(Fault::Stall { after_tokens: 2 }),
        play(Fault::Busy { after_tokens: 0, retry_after_ms: Some(500) }),
        play(Fault::Flood),
    ];
    for fault in faults {
        let script = ModelScript { usual: Play { tokens: 5, ..Play::default() }, plays: vec![fault.clone()] };
        let held = hold(Setup { model: Some(script), ..Setup::default() }).await;
        held.check_log();
        held.check_client();
        assert_eq!(held.client.answers().len(), 2, "{fault:?}");
    }
}

/// A typed interview of two questions whose first debrief breaks off after three of its five tokens.
fn debrief_that(fault: Fault) -> Setup {
    let usual = Play { tokens: 5, ..Play::default() };
    let plays = vec![usual.clone(), usual.clone(), Play { fault: Some(fault), ..usual.clone() }];
    let plan = Plan { spoken: false, ..Plan::default() };
    Setup { plan, model: Some(ModelScript { usual, plays }), ..Setup::default() }
}

/// Two questions, what there was of the first debrief, and the second.
const BOOKED: u64 = 5 + 5 + 3 + 5;

#[tokio::test(start_paused = true)]
async fn what_a_debrief_used_that_broke_off_is_booked_once() {
    let faults = [
        Fault::Failure { after_tokens: 3 },
        Fault::Refusal { after_tokens: 3 },
        Fault::Busy { after_tokens: 3, retry_after_ms: None },
        Fault::Stall { after_tokens: 3 },
    ];
    for fault in faults {
        let held = hold(debrief_that(fault.clone())).await;
        held.check_log();
        held.check_client();
        assert_eq!(held.world.state().booked.tokens, BOOKED, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_debrief_used_that_its_worker_left_is_booked_by_the_successor() {
    let stall = Fault::Stall { after_tokens: 3 };
    let whole = hold(debrief_that(stall.clone())).await;
    let records = whole.world.records();
    let ends = records.first().zip(records.last()).unwrap();
    let at_ms = ends.1.committed.since_ms(ends.0.committed) - MODEL_TOKEN_GAP_MS_MAX / 2;
    let held = hold(Setup { retires_ms: vec![(at_ms, at_ms)], ..debrief_that(stall) }).await;
    held.check_log();
    held.check_client();
    assert_eq!((held.retired, held.world.state().booked.tokens), (1, BOOKED));
}

#[tokio::test(start_paused = true)]
async fn a_busy_recognizer_is_told_and_asked_again_until_it_is_free() {
    let plan = Plan { questions: 1, words: 8, ..Plan::default() };
    let held = hold(Setup { streams: vec![StreamFault::Busy; 9], plan, ..Setup::default() }).await;
    held.check_log();
    held.check_client();
    let told: Vec<&protocol::v1::Error> =
        held.client.errors.iter().filter(|error| error.code == protocol::v1::ErrorCode::RecognizerBusy).collect();
    assert_eq!(told.len(), 9, "{:?}", held.client.errors);
    assert!(told.iter().all(|error| error.retryable && error.retry_after_ms.is_some()), "{told:?}");
    assert_eq!(held.heard(), [(1, "w100 w101 w102 w103 w104 w105 w106 w107".to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn a_network_that_stands_still_leaves_no_stream_without_audio_and_loses_no_word() {
    // Early in the question, in mid-answer, in the pause after it; for less and for much more than a stream may wait.
    for from_ms in [500, 2_000, 2_600, 3_300, 4_500, 6_000] {
        for length_ms in [3_000, 9_000, 20_000, 40_000] {
            let stuck_ms = Some((from_ms, length_ms));
            let plan = Plan { stuck_ms, words: 8, ..Plan::default() };
            let held = hold(Setup { plan, ..Setup::default() }).await;
            held.check_log();
            held.check_client();
            let failed = |error: &protocol::v1::Error| error.code == protocol::v1::ErrorCode::RecognizerFailed;
            assert!(!held.client.errors.iter().any(failed), "{stuck_ms:?}: {:?}", held.client.errors);
            let heard = held.heard();
            let mut words: Vec<&str> = heard.iter().flat_map(|(_, text)| text.split(' ')).collect();
            if length_ms > 14_000 {
                // A word that the stream's end cut in two may be heard in both.
                words.dedup();
            }
            let expected: Vec<String> = [100..108, 200..208].into_iter().flatten().map(speech::word).collect();
            assert_eq!(words, expected, "{stuck_ms:?}");
        }
    }
}
