//! Many students submit one quiz at the same moment, some of them twice: nothing may be lost or doubled. And how long analytics take.
//!
//!     cargo run --release --example quiz_submissions_bench -- [STUDENTS] [ANALYSED]
//!
//! The gateway listens on a free port in this process, with a SQLite store in a folder of its own; every request comes over HTTP. A third of
//! the students send their submission twice at once, a third send it again after the answer. Attempts, marks and evidence are counted in the
//! store afterwards; whatever is wrong ends the program with an error.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Barrier;
use viva::auth::{CourseRole, Identity, LocalKey};
use viva::config::{Config, Environment};
use viva::embedded::machine::raise_open_files;
use viva::embedded::system::SystemClock;
use viva::gateway::Gateway;
use viva::handlers::Quizzes;
use viva::ports::attempts::{
    Attempt, AttemptFilter, AttemptKey, AttemptQuery, AttemptState, Marks, NewAttempt, Started,
};
use viva::ports::clock::Clock;
use viva::ports::ids::{CourseId, TenantId, UserId};
use viva::ports::quizzes::{NewQuiz, QuizChange, QuizKey, QuizState};
use viva::quiz::answer::Answer;
use viva::quiz::item::{Body, Choice, Item, ItemId, OptionId};
use viva::quiz::paper::{Edition, Paper, Settings};
use viva::quiz::score::total;
use viva::quiz::sitting::Sitting;

const SECRET: &str = "a secret for this measurement alone";
const COURSE: &str = "bench";
const ITEMS: usize = 20;
/// Items of the quiz that is analysed.
const ANALYSED_ITEMS: usize = 40;

#[tokio::main]
#[expect(clippy::print_stdout, reason = "a measurement for people")]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let students: usize = arguments.next().map_or(Ok(1_000), |text| text.parse())?;
    let analysed: usize = arguments.next().map_or(Ok(10_000), |text| text.parse())?;
    raise_open_files();
    let folder = tempfile::tempdir()?;
    let mut environment = Environment::default();
    for (name, value) in [("VIVA_ADDR", "127.0.0.1:0"), ("VIVA_ADMIN_ADDR", "127.0.0.1:0"), ("VIVA_RECOGNIZER", "none")]
    {
        environment.set(name, value);
    }
    environment.set("VIVA_TOKEN_SECRET", SECRET);
    environment.set("VIVA_DATA", folder.path().to_string_lossy());
    let config = Config::read(&environment)?;
    let parts = viva::wiring::embedded(&config).await?;
    let quizzes = parts.handlers.quizzes.clone().context("this server has no quizzes")?;
    let gateway = Gateway::bind(&config.gateway, parts)?;
    let base = format!("http://{}", gateway.addr()?);
    tokio::spawn(gateway.run(std::future::pending()));

    let (quiz, edition) = published(&quizzes, ITEMS).await?;
    let (starting, times) = submit_all(&base, &quiz, students).await?;
    println!("{students} students, {ITEMS} items each, started in {starting:.1?}");
    println!("{} submissions at once: {}", times.len(), spread(times));
    count(&quizzes, &quiz, &edition, students).await?;
    println!(
        "counted: {students} attempts, {students} marks, {} pieces of evidence; none lost, none doubled",
        students * ITEMS
    );

    let (quiz, edition) = published(&quizzes, ANALYSED_ITEMS).await?;
    fill(&quizzes, &quiz, &edition, analysed).await?;
    for _ in 0..3 {
        let took = analytics(&base, &quiz, analysed).await?;
        println!("analytics of {analysed} attempts at {ANALYSED_ITEMS} items over HTTP, reading included: {took:.2?}");
    }
    Ok(())
}

/// A choice of four for each item, the first of them right.
fn items(count: usize) -> Vec<Item> {
    let options = |at: usize| {
        (0..4).map(move |option| Choice { id: OptionId::new(format!("o{option}")), text: format!("{at} {option}") })
    };
    let body = |at| Body::SingleChoice { options: options(at).collect(), keys: vec![OptionId::new("o0")] };
    let item = |at: usize| Item::new(format!("i{at}"), "en", format!("Question {at}?"), body(at));
    (0..count).map(|at| Item { skill: Some(format!("skill {}", at % 5)), ..item(at) }).collect()
}

/// What a student says to an item: right for one in two or three, depending on both.
fn said(student: usize, at: usize) -> String {
    format!("o{}", (student * 7 + at * 3) % (2 + at % 2))
}

fn rights(student: usize, items: usize) -> f64 {
    (0..items).filter(|at| said(student, *at) == "o0").count() as f64
}

async fn published(quizzes: &Quizzes, count: usize) -> Result<(QuizKey, Edition)> {
    let key = QuizKey { tenant: TenantId::new("default"), quiz: quizzes.ids.quiz() };
    let paper = Paper { items: items(count), ..Paper::new("en", Settings::default()) };
    let edition = paper.edition("Bench");
    let change = |state, edition_json| QuizChange {
        title: "Bench".into(),
        state,
        items: count as u32,
        sources: Vec::new(),
        work_due: None,
        paper_json: paper.to_json(),
        edition_json,
        at: SystemClock.now(),
    };
    let draft = change(QuizState::Draft, None);
    let new = NewQuiz { key: key.clone(), course: CourseId::new(COURSE), owner: UserId::new("tom"), draft };
    quizzes.quizzes.create(new, None, &quizzes.quota).await?;
    quizzes.quizzes.change(&key, 1, change(QuizState::Published, Some(edition.to_json()))).await?;
    Ok((key, edition))
}

/// How long starting took, and each submission.
#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
async fn submit_all(base: &str, quiz: &QuizKey, students: usize) -> Result<(Duration, Vec<Duration>)> {
    let http = reqwest::Client::new();
    let barrier = Arc::new(Barrier::new(students));
    let begun = Instant::now();
    let people = (0..students).map(|student| {
        let (http, barrier, base, quiz) = (http.clone(), Arc::clone(&barrier), base.to_owned(), quiz.quiz.to_string());
        tokio::spawn(async move {
            let token = token(&format!("s{student}"), CourseRole::Student)?;
            let start = http.post(format!("{base}/api/quizzes/{quiz}/attempts")).bearer_auth(&token);
            let attempt: Value = start.send().await?.error_for_status()?.json().await?;
            let id = attempt["id"].as_str().context("no id")?.to_owned();
            barrier.wait().await;
            let started = begun.elapsed();
            let answers =
                (0..ITEMS).map(|at| (format!("i{at}"), json!({"type": "choice", "value": said(student, at)})));
            let body = json!({"answers": answers.collect::<serde_json::Map<_, _>>()}).to_string();
            let submit = || submission(&http, &base, &token, &id, &body);
            let mut times = match student % 3 {
                0 => vec![submit().await],
                1 => <[_; 2]>::from(tokio::join!(submit(), submit())).into(),
                _ => vec![submit().await, submit().await],
            };
            let points = rights(student, ITEMS);
            let times = times.drain(..).map(|time| {
                let (time, found) = time?;
                ensure!(found == points, "student {student} has {found} points, not {points}");
                Ok(time)
            });
            Ok::<_, anyhow::Error>((started, times.collect::<Result<Vec<_>>>()?))
        })
    });
    let (mut starting, mut all) = (Duration::ZERO, Vec::new());
    for person in futures::future::join_all(people).await {
        let (started, times) = person??;
        starting = starting.max(started);
        all.extend(times);
    }
    Ok((starting, all))
}

/// How long it took, and the points.
#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
async fn submission(http: &reqwest::Client, base: &str, token: &str, id: &str, body: &str) -> Result<(Duration, f64)> {
    let begun = Instant::now();
    let post = http.post(format!("{base}/api/attempts/{id}/submit")).bearer_auth(token);
    let response = post.header("content-type", "application/json").body(body.to_owned()).send().await?;
    let results: Value = response.error_for_status()?.json().await?;
    let points = results["attempt"]["points"].as_f64().context("no points")?;
    Ok((begun.elapsed(), points))
}

async fn all_of(quizzes: &Quizzes, quiz: &QuizKey) -> Result<Vec<Attempt>> {
    let mut query = AttemptQuery {
        quiz: quiz.clone(),
        filter: AttemptFilter { previews: true, ..AttemptFilter::default() },
        cursor: None,
        limit: 200,
    };
    let mut all = Vec::new();
    loop {
        let page = quizzes.attempts.list(query.clone()).await?;
        all.extend(page.attempts);
        match page.cursor {
            Some(cursor) => query.cursor = Some(cursor),
            None => return Ok(all),
        }
    }
}

/// Holds what is stored against what was sent.
async fn count(quizzes: &Quizzes, quiz: &QuizKey, edition: &Edition, students: usize) -> Result<()> {
    let attempts = all_of(quizzes, quiz).await?;
    ensure!(attempts.len() == students, "{} attempts of {students} students", attempts.len());
    for student in 0..students {
        let user = UserId::new(format!("s{student}"));
        let own: Vec<&Attempt> = attempts.iter().filter(|attempt| attempt.user == user).collect();
        ensure!(own.len() == 1 && own[0].number == 1, "student {student} has {} attempts", own.len());
        ensure!(own[0].state == AttemptState::Marked, "student {student}: {:?}", own[0].state);
        let results = Sitting::from_json(&own[0].sitting_json)?.results;
        let points = rights(student, ITEMS);
        ensure!(
            own[0].points == Some(points) && total(&results).points == points,
            "student {student}: {:?}",
            own[0].points
        );
        ensure!(results.len() == edition.items.len(), "student {student}: {} results", results.len());
    }
    let (log, course) = (&quizzes.evidence, CourseId::new(COURSE));
    let users = log.users(&quiz.tenant, &course, None, students + 1).await?;
    ensure!(users.len() == students, "evidence of {} students", users.len());
    for user in users {
        let found = log.newest(&quiz.tenant, &course, &user, ITEMS + 1).await?.observations;
        ensure!(found.len() == ITEMS, "{user} has {} pieces of evidence", found.len());
    }
    Ok(())
}

/// Marked attempts, straight into the store.
async fn fill(quizzes: &Quizzes, quiz: &QuizKey, edition: &Edition, count: usize) -> Result<()> {
    let fill = |student: usize| async move {
        let key = AttemptKey { tenant: quiz.tenant.clone(), attempt: quizzes.ids.attempt() };
        let started = SystemClock.now();
        let new = NewAttempt {
            key: key.clone(),
            quiz: quiz.quiz.clone(),
            course: CourseId::new(COURSE),
            user: UserId::new(format!("s{student}")),
            edition: 1,
            preview: false,
            seed: 1,
            started,
            due: None,
            sitting_json: Sitting::default().to_json(),
        };
        let Started::New(attempt) = quizzes.attempts.start(new, None).await? else { anyhow::bail!("it is there") };
        let answers = (0..edition.items.len())
            .map(|at| (ItemId::new(format!("i{at}")), Answer::Choice(OptionId::new(said(student, at)))));
        let item_ms = (0..edition.items.len()).map(|at| (ItemId::new(format!("i{at}")), 1_000 + at as u64));
        let sitting = Sitting { answers: answers.collect(), item_ms: item_ms.collect(), ..Sitting::default() };
        let sitting = sitting.marked(edition);
        let sum = total(&sitting.results);
        let marks = Marks {
            sitting_json: sitting.to_json(),
            points: sum.points,
            max: sum.max,
            pending: false,
            observations: Vec::new(),
            at: started.plus_ms(60_000),
        };
        quizzes.attempts.submit(&attempt.key, attempt.revision, marks).await?;
        Ok(())
    };
    use futures::{StreamExt, TryStreamExt};
    futures::stream::iter(0..count)
        .map(|student| Ok(fill(student)))
        .try_buffer_unordered(64)
        .try_collect::<Vec<()>>()
        .await?;
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
async fn analytics(base: &str, quiz: &QuizKey, expected: usize) -> Result<Duration> {
    let begun = Instant::now();
    let get = reqwest::Client::new().get(format!("{base}/api/quizzes/{}/analytics", quiz.quiz));
    let response = get.bearer_auth(token("tom", CourseRole::Teacher)?).send().await?;
    let found: Value = response.error_for_status()?.json().await?;
    ensure!(found["attempts"] == expected, "{} attempts analysed", found["attempts"]);
    Ok(begun.elapsed())
}

fn token(user: &str, role: CourseRole) -> Result<String> {
    let identity = Identity {
        tenant: TenantId::new("default"),
        user: UserId::new(user),
        role: None,
        courses: [(COURSE.to_owned(), role)].into(),
        expires: SystemClock.now().plus_ms(3_600_000),
    };
    Ok(LocalKey::new(SECRET).issue(&identity)?)
}

fn spread(mut times: Vec<Duration>) -> String {
    times.sort();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1_000.0;
    format!("p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms, most {:.1} ms", at(0.5), at(0.95), at(0.99), at(1.0))
}
