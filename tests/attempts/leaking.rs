//! Nothing that is secret before submission, and nothing of another student ever, can be had: by any operation, as anybody, in body, header or
//! log.

use crate::rig::{COURSE, Reply, School, choices, essay, id, identity, ids, item, quiz_key, student, teacher, token};
use crate::walk::{For, Step, Targets, check_complete, served, steps};
use serde_json::{Value, json};
use std::io::Write;
use std::sync::{Arc, Mutex};
use viva::auth::{CourseRole, Identity};
use viva::ports::attempts::AttemptKey;
use viva::ports::ids::{AttemptId, TenantId};
use viva::quiz::item::{
    Accepted, Body, Gap, Item, NumericKey, OptionId, PairRule, Part, Source, TextKey, Tolerance, Typos,
};
use viva::quiz::paper::{Feedback, Paper, Settings};

/// Words that stand for what is secret; each quiz has its own by a prefix.
const SECRETS: [&str; 8] =
    ["Keyword", "Refusedword", "Gapword", "Explained", "Quoted", "Passageid", "Documentid", "Skilled"];
const NUMBER: &str = "7712345";
/// Names of fields that only keys and their like have.
const FIELDS: [&str; 12] = [
    "\"key\"",
    "\"keys\"",
    "\"accepted\"",
    "\"isKey\"",
    "\"expected\"",
    "\"explanation\"",
    "\"quote\"",
    "\"passage\"",
    "\"rubric\"",
    "\"sample\"",
    "\"seed\"",
    "\"secondAnswer\"",
];
const OTHERS: [&str; 4] = ["bob-the-other", "Bobsaid", "carl-the-third", "Carlsaid"];

fn planted(prefix: &str) -> Vec<Item> {
    let word = |name: &str| format!("{prefix}{name}");
    let key = |text: String| TextKey {
        accepted: vec![Accepted::whole(text)],
        refused: vec![word("Refusedword")],
        typos: Typos::One,
    };
    let gap = Gap { kind: viva::quiz::item::GapKind::Text { key: key(word("Gapword")) }, ..Gap::text("g1", ["x"]) };
    let bodies = [
        Body::SingleChoice { options: choices(&["one", "two"]), keys: ids(&["two"]) },
        Body::ShortText { key: key(word("Keyword")) },
        Body::Numeric { keys: vec![NumericKey::whole(7_712_345.0, Tolerance::Absolute(0.0))], unit: None },
        Body::Matching {
            prompts: choices(&["left"]),
            targets: choices(&["right", "wrong"]),
            key: [(OptionId::of("left"), OptionId::of("right"))].into(),
            rule: PairRule::Each,
        },
        Body::Cloze { parts: vec![Part::Text("x ".into()), Part::Gap(gap)], rule: PairRule::Each },
    ];
    let mut items: Vec<Item> = bodies.into_iter().enumerate().map(|(at, body)| item(at + 1, body)).collect();
    let mut essay = essay(9);
    if let Body::FreeText { sample, .. } = &mut essay.body {
        *sample = Some(word("Sampled"));
    }
    items.push(essay);
    for item in &mut items {
        item.stem = word("Stem");
        item.skill = Some(word("Skilled"));
        item.explanation = Some(word("Explained"));
        item.source = Some(Source {
            document: word("Documentid"),
            version: 1,
            passage: word("Passageid"),
            quote: word("Quoted"),
            locator: Default::default(),
        });
    }
    items
}

/// A school with three quizzes: one published that shows all after submission, one that shows points alone, and a draft.
struct Scene {
    school: School,
    full: String,
    points: String,
    ann: Identity,
    bob: Identity,
    carl: Identity,
    ann_attempts: [String; 2],
    targets: Targets,
    seeds: Vec<String>,
}

impl Scene {
    async fn set() -> Self {
        let school = School::start().await;
        let full = school.published(COURSE, "tom", Settings::default(), planted("F")).await;
        let few = Settings { feedback: Feedback::Points, ..Settings::default() };
        let points = school.published(COURSE, "tom", few, planted("P")).await;
        // What is in the draft alone.
        let edited =
            Paper { items: planted("Draft"), description: "Draftonly".into(), ..Paper::new("en", Settings::default()) };
        school.redrafted(&full, &edited).await;
        let draft = school.drafted(COURSE, "tom", &edited).await;
        let (ann, bob, carl) = (student("ann"), student(OTHERS[0]), student(OTHERS[2]));
        let mut attempts = Vec::new();
        for quiz in [&full, &points] {
            for (who, said) in [(&ann, "Annsaid"), (&bob, OTHERS[1]), (&carl, OTHERS[3]), (&teacher("tom"), "Tomsaid")]
            {
                let attempt = id(&school.begun(who, quiz).await).to_owned();
                let answers = json!({"i9": {"type": "text", "value": said}, "i2": {"type": "text", "value": said}});
                let path = format!("/api/attempts/{attempt}");
                school.ask(who, "PATCH", &path, json!({"answers": answers})).await.ok();
                if *who == carl {
                    school.submitted(who, &attempt, json!({})).await;
                }
                attempts.push(attempt);
            }
        }
        let mut seeds = Vec::new();
        for attempt in &attempts {
            let key = AttemptKey { tenant: TenantId::new("default"), attempt: AttemptId::new(attempt) };
            seeds.push(school.quizzes.attempts.get(&key).await.unwrap().unwrap().seed.to_string());
        }
        let mut quizzes = Vec::new();
        for quiz in [&full, &points, &draft] {
            let version = school.quizzes.quizzes.get(&quiz_key(quiz)).await.unwrap().unwrap().summary.version;
            quizzes.push((quiz.clone(), version));
        }
        let served = served(&school.send(None, "GET", "/api/openapi.json", None, &[]).await.json);
        let ann_attempts = [attempts[0].clone(), attempts[4].clone()];
        let users = vec![OTHERS[0].to_owned(), OTHERS[2].to_owned()];
        Self {
            school,
            full,
            points,
            ann,
            bob,
            carl,
            ann_attempts,
            targets: Targets { served, quizzes, attempts, users },
            seeds,
        }
    }

    /// Walks every operation as somebody and gives each reply to be looked at.
    async fn walk(&self, who: Option<&Identity>, skip: &[&str], mut look: impl FnMut(&Step, &Reply)) {
        let token = who.map(token);
        for step in steps(&self.targets) {
            if skip.contains(&step.path.as_str()) && step.method == "POST" {
                continue;
            }
            let headers: Vec<(&str, &str)> = step.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let reply = self.school.send(token.as_deref(), step.method, &step.path, step.body.clone(), &headers).await;
            assert!(reply.status < 500 && reply.status != 429, "{step:?}: {} {}", reply.status, reply.text);
            look(&step, &reply);
        }
    }

    fn secrets(&self) -> Vec<String> {
        let prefixes = ["F", "P", "Draft"];
        let words = SECRETS.iter().chain(&["Sampled"]);
        let mut words: Vec<String> =
            words.flat_map(|word| prefixes.iter().map(move |prefix| format!("{prefix}{word}"))).collect();
        words.extend([NUMBER, "Draftonly", "DraftStem"].map(str::to_owned));
        words.extend(FIELDS.map(str::to_owned));
        words.extend(self.seeds.iter().cloned());
        words
    }
}

#[track_caller]
fn check_free_of(words: &[String], what: &str, step: &Step, reply: &Reply) {
    let headers: String = reply.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
    // Whoever makes a quiz of one's own is shown its keys.
    let is_own = step.method == "POST" && ["/api/quizzes", "/api/quizzes/import"].contains(&step.operation);
    // Whoever names a thing knows it.
    let is_known = |word: &String| is_own && word.starts_with('"') || step.path.contains(word.as_str());
    for word in words.iter().filter(|word| !is_known(word)) {
        assert!(
            !reply.text.contains(word.as_str()),
            "{what} is told {word} by {} {}: {}",
            step.method,
            step.path,
            reply.text
        );
        assert!(!headers.contains(word.as_str()), "{what} is told {word} by {} {}: {headers}", step.method, step.path);
    }
}

fn of(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[tokio::test]
async fn the_walk_takes_every_operation_that_is_served() {
    let school = School::start().await;
    let served = school.send(None, "GET", "/api/openapi.json", None, &[]).await;
    check_complete(&served.json);
}

#[tokio::test]
async fn before_submission_nobody_can_have_a_key_or_anything_of_another() {
    let log = Log::kept();
    let scene = Scene::set().await;
    let secrets = scene.secrets();
    let stems = of(&["FStem", "PStem"]);
    let others = of(&OTHERS);
    let anns = of(&["Annsaid"]);
    scene
        .walk(None, &[], |step, reply| {
            assert_eq!(reply.status, 401, "{step:?}");
            check_free_of(
                &[secrets.clone(), stems.clone(), others.clone(), anns.clone()].concat(),
                "nobody",
                step,
                reply,
            );
        })
        .await;

    let elsewhere = identity("tim", &[("law-2", CourseRole::Teacher)]);
    let mut foreign = identity("tom", &[(COURSE, CourseRole::Teacher)]);
    foreign.tenant = TenantId::new("other");
    let starts: Vec<String> =
        scene.targets.quizzes.iter().map(|(quiz, _)| format!("/api/quizzes/{quiz}/attempts")).collect();
    let starts: Vec<&str> = starts.iter().map(String::as_str).collect();
    let outsiders = [("a teacher of another course", &elsewhere), ("a teacher of another tenant", &foreign)];
    let newcomer = student("sam");
    for (what, who) in outsiders.into_iter().chain([("a student without attempt", &newcomer)]) {
        let skip: &[&str] = if what == "a student without attempt" { &starts } else { &[] };
        let hidden = [secrets.clone(), stems.clone(), others.clone(), anns.clone()].concat();
        scene
            .walk(Some(who), skip, |step, reply| {
                check_free_of(&hidden, what, step, reply);
                check_refused(what, step, reply);
            })
            .await;
    }

    let own = |attempts: &[String]| attempts.iter().map(|id| format!("/api/attempts/{id}/submit")).collect::<Vec<_>>();
    let ann_submits = own(&scene.ann_attempts);
    let skip: Vec<&str> = ann_submits.iter().map(String::as_str).collect();
    let hidden = [secrets.clone(), others].concat();
    scene
        .walk(Some(&scene.ann), &skip, |step, reply| {
            check_free_of(&hidden, "a student with an open attempt", step, reply);
            check_members_refused(step, reply);
        })
        .await;
    let bob_submits = own(&[scene.targets.attempts[1].clone(), scene.targets.attempts[5].clone()]);
    let skip: Vec<&str> = bob_submits.iter().map(String::as_str).collect();
    let hidden = [secrets.clone(), anns, of(&OTHERS[2..])].concat();
    scene
        .walk(Some(&scene.bob), &skip, |step, reply| {
            check_free_of(&hidden, "another student with an open attempt", step, reply);
            check_members_refused(step, reply);
        })
        .await;
    for word in [secrets, stems, of(&OTHERS), of(&["Annsaid"])].concat() {
        // Names of fields are words of the program, too.
        assert!(word.starts_with('"') || !log.holds(&word), "the log tells {word}");
    }
}

/// What belongs to a quiz of a course that one is no member of looks as if it were not there.
fn check_refused(what: &str, step: &Step, reply: &Reply) {
    // A course of the same name in another tenant is another course.
    if what == "a teacher of another tenant" && step.operation.starts_with("/api/courses") {
        return;
    }
    let is_cover = step.operation.ends_with("/cover");
    match step.whose {
        For::Everybody => {}
        For::Members if is_cover && what == "a student without attempt" => {}
        For::Members | For::Teachers => {
            assert!([403, 404].contains(&reply.status), "{what}: {step:?}: {} {}", reply.status, reply.text);
        }
    }
}

fn check_members_refused(step: &Step, reply: &Reply) {
    if step.whose == For::Teachers {
        assert!([403, 404].contains(&reply.status), "{step:?}: {} {}", reply.status, reply.text);
    }
}

#[tokio::test]
async fn after_submission_everybody_sees_what_is_for_them() {
    let scene = Scene::set().await;
    let Scene { school, ann, bob, carl, .. } = &scene;
    let of_full: Vec<String> = SECRETS
        .iter()
        .filter(|word| !["Refusedword", "Skilled"].contains(word))
        .map(|word| format!("F{word}"))
        .collect();
    let [in_full, in_points] = &scene.ann_attempts;
    let full = school.ask(ann, "POST", &format!("/api/attempts/{in_full}/submit"), Value::Null).await;
    for word in &of_full {
        assert!(full.text.contains(word), "{word} is shown: {}", full.text);
    }
    let points = school.ask(ann, "POST", &format!("/api/attempts/{in_points}/submit"), Value::Null).await;
    assert_eq!((&points.json["shown"], points.json.get("items")), (&json!("points"), None));

    // Ann sees the keys of the one quiz, and still nothing of the other, of the draft, of what teachers mark by, or of others.
    let own: Vec<String> =
        SECRETS.iter().map(|word| format!("F{word}")).chain(of(&[NUMBER, "PSkilled"])).chain(of(&FIELDS)).collect();
    let mut hidden: Vec<String> = scene.secrets().into_iter().filter(|word| !own.contains(word)).collect();
    hidden.extend(of(&["FSampled", "FRefusedword", "\"rubric\"", "\"sample\"", "\"seed\""]));
    hidden.extend(of(&OTHERS));
    scene
        .walk(Some(ann), &[], |step, reply| {
            check_free_of(&hidden, "a student who has submitted", step, reply);
            check_members_refused(step, reply);
        })
        .await;

    // Whoever has not submitted yet sees no more than before; whoever had, nothing of the others.
    let submits: Vec<String> =
        [1, 5].map(|at| format!("/api/attempts/{}/submit", scene.targets.attempts[at])).into_iter().collect();
    let skip: Vec<&str> = submits.iter().map(String::as_str).collect();
    let hidden_from_bob = [scene.secrets(), of(&["Annsaid"]), of(&OTHERS[2..])].concat();
    scene
        .walk(Some(bob), &skip, |step, reply| {
            check_free_of(&hidden_from_bob, "a student who has not submitted", step, reply)
        })
        .await;
    let hidden_from_carl =
        [scene.seeds.clone(), of(&["Annsaid"]), of(&OTHERS[..2]), of(&["FSampled", "PKeyword"])].concat();
    scene
        .walk(Some(carl), &[], |step, reply| check_free_of(&hidden_from_carl, "another who has submitted", step, reply))
        .await;
}

#[tokio::test]
async fn teachers_see_what_their_students_submitted_and_no_seed() {
    let scene = Scene::set().await;
    let tom = teacher("tom");
    let carls = &scene.targets.attempts[2];
    let results = scene.school.get(&tom, &format!("/api/attempts/{carls}/results")).await;
    for word in ["Carlsaid", "FKeyword", "FSampled", "FQuoted", "carl-the-third"] {
        assert!(results.text.contains(word), "{word}: {}", results.text);
    }
    for quiz in [&scene.full, &scene.points] {
        let listed = scene.school.get(&tom, &format!("/api/quizzes/{quiz}/attempts")).await;
        assert_eq!(listed.json["attempts"].as_array().unwrap().len(), 4);
    }
    // What an open attempt holds is its user's alone.
    let hidden = [scene.seeds.clone(), of(&["Annsaid", "Bobsaid"])].concat();
    let token = token(&tom);
    for step in steps(&scene.targets).into_iter().filter(|step| step.method == "GET") {
        let reply = scene.school.send(Some(&token), step.method, &step.path, None, &[]).await;
        check_free_of(&hidden, "a teacher", &step, &reply);
    }
}

/// What this process logs, all of it.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn kept() -> Self {
        let log = Self::default();
        let writer = log.clone();
        let subscriber =
            tracing_subscriber::fmt().with_env_filter("viva=trace,error").with_writer(move || writer.clone()).finish();
        tracing::subscriber::set_global_default(subscriber).unwrap();
        log
    }

    fn holds(&self, word: &str) -> bool {
        String::from_utf8_lossy(&self.0.lock().unwrap()).contains(word)
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
