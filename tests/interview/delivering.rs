//! The metrics of delivery, with figures worked out by hand.

use crate::rig::{model, params, recognizer};
use viva::interview::delivery;
use viva::interview::event::{CommitReason, Event, Progress, Word};
use viva::interview::history::History;
use viva::interview::metric::{Evidence, Metric, MetricName, MetricStatus};
use viva::interview::params::{Params, Playback};

/// A word and its times: `When 3000-3200`.
fn words(spelled: &str) -> Vec<Word> {
    let mut parts = spelled.split_whitespace();
    let mut words = Vec::new();
    while let (Some(text), Some(times)) = (parts.next(), parts.next()) {
        let (start, end) = times.split_once('-').expect("start-end");
        let ms = |text: &str| text.parse().expect("milliseconds");
        words.push(Word { text: text.to_owned(), start_ms: ms(start), end_ms: ms(end), confidence: 0.9 });
    }
    words
}

fn history(params: Params) -> History {
    let mut history = History::default();
    history.apply(&Event::Started { params, recognizer: Some(recognizer()), model: model(), guide: None });
    history
}

/// A question that was heard from `from_ms` through `through_ms`, and its answer.
fn add_turn(history: &mut History, turn: u32, heard: (u64, u64), words: Vec<Word>) {
    let text: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    let text = text.join(" ");
    let question = "How was it?".to_owned();
    let end_ms = words.last().map_or(heard.1, |word| word.end_ms);
    for event in [
        Event::QuestionStarted { turn, attempt: 1, media_ms: heard.0, place: None, limit_ms: None },
        Event::QuestionDone { turn, attempt: 1, text: question, media_ms: heard.0, progress: Progress::default() },
        Event::QuestionHeard { turn, attempt: 1, chars: 11, finished: true, media_ms: heard.1 },
        Event::TranscriptFinal { turn, segment: 1, text: text.clone(), words },
        Event::AnswerCommitted {
            turn,
            text,
            metrics: Vec::new(),
            reason: CommitReason::Silence,
            media_ms: end_ms + 500,
            typed: None,
            progress: Progress::default(),
        },
    ] {
        history.apply(&event);
    }
}

fn voice() -> Params {
    Params { playback: Playback::Voice, ..params() }
}

/// 16 words in a window of 5,500 ms, with gaps of 1,700, 300 and 300 ms.
const ANSWER: &str = "When 3000-3200 I 3200-3300 was 3300-3500 um 3500-3800 there 5500-5700 I 5700-5800 had 5800-6000 \
     to 6000-6100 actually 6400-6800 fix 6800-7000 it 7000-7100 so 7400-7500 I 7500-7600 wrote 7600-7900 \
     tests 7900-8200 right 8200-8500";

fn metric(metrics: &[Metric], name: MetricName) -> Metric {
    metrics.iter().find(|metric| metric.name == name).expect("every metric is told").clone()
}

fn of_answer(spelled: &str) -> Vec<Metric> {
    let mut history = history(voice());
    add_turn(&mut history, 1, (0, 2_000), words(spelled));
    delivery::of_turn(&history, &history.turns[0])
}

fn evidence(quote: &str, start_ms: u64, end_ms: u64, note: Option<&str>) -> Evidence {
    Evidence {
        turn: 1,
        quote: quote.to_owned(),
        start_ms: Some(start_ms),
        end_ms: Some(end_ms),
        note: note.map(str::to_owned),
    }
}

fn measured(name: MetricName, value: f64, unit: &str, band: Option<&str>, evidence: Vec<Evidence>) -> Metric {
    Metric {
        name,
        status: MetricStatus::Measured,
        value: Some(value),
        unit: Some(unit.to_owned()),
        band: band.map(str::to_owned),
        reason: None,
        evidence,
    }
}

#[test]
fn an_answers_metrics_are_those_worked_out_by_hand() {
    let window = || vec![evidence("When I was um there I", 3_000, 8_500, Some("16 words"))];
    let around = |quote: &str, start: u64, end: u64, filler: &str| evidence(quote, start, end, Some(filler));
    assert_eq!(
        of_answer(ANSWER),
        [
            // 16 words ÷ 5.5 s.
            measured(MetricName::Pace, 174.55, "wordsPerMinute", Some("fast"), window()),
            // 16 words ÷ (5.5 − 2.3) s.
            measured(MetricName::Articulation, 300.0, "wordsPerMinute", None, window()),
            // um, actually, so, right: 4 ÷ 5.5 s.
            measured(
                MetricName::Fillers,
                43.64,
                "perMinute",
                Some("distracting"),
                vec![
                    around("was um there", 3_300, 5_700, "um"),
                    around("to actually fix", 6_000, 7_000, "actually"),
                    around("it so I", 7_000, 7_600, "so"),
                    around("tests right", 7_900, 8_500, "right"),
                ]
            ),
            measured(
                MetricName::LongPauses,
                1.0,
                "count",
                None,
                vec![evidence("um there", 3_800, 5_500, Some("a pause of 1.7 s between these words"))]
            ),
            measured(
                MetricName::LongestPause,
                1_700.0,
                "ms",
                None,
                vec![evidence("um there", 3_800, 5_500, Some("a pause of 1.7 s between these words"))]
            ),
            measured(MetricName::ResponseLatency, 1_000.0, "ms", None, vec![evidence("When", 3_000, 3_200, None)]),
            // 3.2 s of 3.2 + 2 s.
            measured(MetricName::TalkShare, 0.62, "ratio", Some("usual"), Vec::new()),
            measured(
                MetricName::LongestMonologue,
                3_000.0,
                "ms",
                None,
                vec![evidence("there I had to actually fix", 5_500, 8_500, None)]
            ),
            measured(
                MetricName::Structure,
                3.0,
                "count",
                None,
                vec![
                    evidence("When I was um there I had to", 3_000, 6_100, Some("situation")),
                    evidence("I had to actually fix it so I", 5_700, 7_600, Some("task")),
                    evidence("so I wrote tests right", 7_400, 8_500, Some("action")),
                ]
            ),
        ]
    );
}

#[test]
fn the_whole_interview_adds_up_its_answers() {
    let mut history = history(voice());
    add_turn(&mut history, 1, (0, 2_000), words(ANSWER));
    // 4 words in 4 s, the first 3 s after the question: one pause of 2 s.
    add_turn(
        &mut history,
        2,
        (9_000, 10_000),
        words("We 13000-13500 learned 13500-14000 a 16000-16500 lot 16500-17000"),
    );
    let metrics = delivery::of_interview(&history);
    let values: Vec<Option<f64>> = metrics.iter().map(|metric| metric.value).collect();
    // 20 words ÷ 9.5 s; 20 ÷ (3.2 + 2) s; 4 ÷ 9.5 s; 2 pauses; the longer; the median of 1 and 3 s; 5.2 of 5.2 + 3 s; 3 s; 3.
    let expected = [126.32, 230.77, 25.26, 2.0, 2_000.0, 2_000.0, 0.63, 3_000.0, 3.0];
    assert_eq!(values, expected.map(Some));
}

#[test]
fn bands_have_dead_zones() {
    // n words of 200 ms each, with gaps that make the window 6 s.
    let band = |count: u64| {
        let step = 6_000 / count;
        let spelled: Vec<String> = (0..count)
            .map(|n| {
                let end = if n + 1 == count { 9_000 } else { 3_000 + n * step + step / 2 };
                format!("word {}-{end}", 3_000 + n * step)
            })
            .collect();
        metric(&of_answer(&spelled.join(" ")), MetricName::Pace).band
    };
    // Ten times the count is the pace.
    assert_eq!(band(9).as_deref(), Some("slow"));
    assert_eq!(band(10).as_deref(), Some("comfortable"));
    assert_eq!(band(17).as_deref(), Some("comfortable"));
    assert_eq!(band(18).as_deref(), Some("fast"));
}

#[test]
fn fillers_that_were_never_written_down_are_not_measured_and_never_0() {
    let metrics = of_answer("I 3000-3300 wrote 3300-3600 the 3600-3900 parser 3900-4200");
    let fillers = metric(&metrics, MetricName::Fillers);
    assert_eq!((fillers.status, fillers.value), (MetricStatus::NotMeasured, None));
    assert!(fillers.reason.is_some_and(|reason| reason.contains("\"um\"")));
}

#[test]
fn fillers_beside_unwritten_hesitations_are_unreliable() {
    let fillers =
        metric(&of_answer("I 3000-3300 basically 3300-3600 wrote 3600-3900 it 3900-4200"), MetricName::Fillers);
    assert_eq!((fillers.status, fillers.value, fillers.band), (MetricStatus::Unreliable, Some(50.0), None));
}

#[test]
fn a_recognizer_that_writes_hesitations_can_tell_that_there_were_none() {
    let mut history = history(voice());
    add_turn(&mut history, 1, (0, 2_000), words("Um 3000-3300 yes 3300-3600"));
    add_turn(&mut history, 2, (5_000, 6_000), words("I 7000-7300 wrote 7300-7600 it 7600-7900"));
    let fillers = metric(&delivery::of_turn(&history, &history.turns[1]), MetricName::Fillers);
    assert_eq!(
        (fillers.status, fillers.value, fillers.band.as_deref()),
        (MetricStatus::Measured, Some(0.0), Some("harmless"))
    );
}

#[test]
fn like_is_a_filler_only_where_it_neither_compares_nor_is_a_verb() {
    let count = |text: &str| {
        let spelled: Vec<String> = format!("um {text}")
            .split_whitespace()
            .enumerate()
            .map(|(n, word)| format!("{word} {}-{}", 3_000 + n * 200, 3_200 + n * 200))
            .collect();
        let metrics = of_answer(&spelled.join(" "));
        metric(&metrics, MetricName::Fillers).evidence.len() - 1
    };
    assert_eq!(count("it was like a bridge"), 0);
    assert_eq!(count("it looks like rain"), 0);
    assert_eq!(count("I like tests"), 0);
    assert_eq!(count("and like we had two"), 1);
    assert_eq!(count("it is you know hard"), 1);
    assert_eq!(count("do you know it"), 0);
    assert_eq!(count("I did so yesterday"), 0);
}

#[test]
fn words_of_little_confidence_make_the_figures_unreliable() {
    let mut history = history(voice());
    let mut spoken = words(ANSWER);
    spoken.iter_mut().for_each(|word| word.confidence = 0.4);
    add_turn(&mut history, 1, (0, 2_000), spoken);
    let metrics = delivery::of_turn(&history, &history.turns[0]);
    let pace = metric(&metrics, MetricName::Pace);
    assert_eq!((pace.status, pace.value, pace.band), (MetricStatus::Unreliable, Some(174.55), None));
    assert_eq!(metric(&metrics, MetricName::Structure).status, MetricStatus::Measured);
}

#[test]
fn fewer_than_ten_words_a_minute_are_unreliable() {
    let pace = metric(&of_answer("one 3000-3500 two 30000-30500"), MetricName::Pace);
    assert_eq!((pace.status, pace.value), (MetricStatus::Unreliable, Some(4.36)));
}

#[test]
fn a_typed_answer_has_a_structure_but_no_pace() {
    let mut history = history(voice());
    add_turn(&mut history, 1, (0, 2_000), Vec::new());
    let mut typed = history.turns[0].clone();
    if let Some(answer) = &mut typed.answer {
        answer.text = "When I was at school I had to write a long report, and in the end it was read.".to_owned();
    }
    let metrics = delivery::of_turn(&history, &typed);
    let not_measured: Vec<MetricName> =
        metrics.iter().filter(|metric| metric.status == MetricStatus::NotMeasured).map(|metric| metric.name).collect();
    assert_eq!(not_measured.len(), 8);
    assert!(metrics.iter().filter(|metric| metric.value.is_none()).all(|metric| metric.reason.is_some()));
    assert_eq!(metric(&metrics, MetricName::Structure).value, Some(3.0));
}

#[test]
fn other_languages_say_what_is_known_for_english_alone() {
    let mut history = history(Params { language: "de-DE".to_owned(), ..voice() });
    add_turn(&mut history, 1, (0, 2_000), words(ANSWER));
    let metrics = delivery::of_turn(&history, &history.turns[0]);
    for name in [MetricName::Fillers, MetricName::Structure] {
        let metric = metric(&metrics, name);
        assert_eq!(metric.status, MetricStatus::NotMeasured);
        assert!(metric.reason.is_some_and(|reason| reason.contains("English alone")));
    }
    assert_eq!(metric(&metrics, MetricName::Pace).status, MetricStatus::Measured);
}

#[test]
fn an_answer_that_began_over_the_question_has_no_latency() {
    let latency = metric(&of_answer("I 1500-1800 know 1800-2100 it 2100-2400"), MetricName::ResponseLatency);
    assert_eq!((latency.status, latency.value), (MetricStatus::NotMeasured, None));
}

#[test]
fn every_quote_stands_in_the_transcript() {
    let mut history = history(voice());
    add_turn(&mut history, 1, (0, 2_000), words(ANSWER));
    let text = history.turns[0].answer.as_ref().map(|answer| answer.text.clone()).expect("an answer");
    for metric in delivery::of_turn(&history, &history.turns[0]) {
        assert!(metric.evidence.iter().all(|evidence| text.contains(&evidence.quote)), "{metric:?}");
    }
}
