//! The stack that a test deploys for itself: emulator, database, issuer and, where the interview is heard by it, Transcribe's stand-in.
//!
//! Everything ends with it. What is deployed is `template.yaml` by the script that also deploys to AWS, with the functions as
//! `scripts/build-lambdas.sh` packed them.

use crate::front::Front;
use crate::jwks::Issuer;
use crate::ministack::Ministack;
use crate::postgres::Postgres;
use crate::transcribe::{Options, TranscribeStandIn};
use jsonwebtoken::Algorithm;
use loadtest::client::Connector;
use serde_json::{Value, json};
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use tokio::time::{Instant, sleep};
use viva::cloud::postgres::migrate::migrate;

/// Who hears.
pub(crate) enum Ears {
    /// The script that ships, in the worker.
    Scripted,
    /// Transcribe's adapter, with a stand-in at its other end.
    Transcribe(Box<TranscribeStandIn>),
}

impl Ears {
    /// Within a runtime.
    pub(crate) fn transcribe(options: Options) -> Self {
        Self::Transcribe(Box::new(TranscribeStandIn::start(options)))
    }
}

pub(crate) struct Stack {
    pub(crate) front: Front,
    /// As the script printed them.
    pub(crate) outputs: Value,
    pub(crate) transcribe: Option<Box<TranscribeStandIn>>,
    issuer: Issuer,
    database: Postgres,
    emulator: Ministack,
}

impl Stack {
    pub(crate) async fn start(ears: Ears) -> Self {
        Self::start_with(ears, &[]).await
    }

    /// With further parameters; later ones hold.
    pub(crate) async fn start_with(ears: Ears, further: &[(&'static str, String)]) -> Self {
        assert_packed();
        let database = Postgres::start();
        migrate(&database.url(), None).await.expect("a fresh database is migrated");
        let issuer = Issuer::start().await;
        let emulator = Ministack::start(&[]);
        let front = Front::start(SocketAddr::from(([127, 0, 0, 1], emulator.port()))).await;
        let mut variables = vec![
            ("AWS_ENDPOINT_URL", format!("http://{}", front.addr)),
            ("SupabaseUrl", issuer.origin().to_owned()),
            ("DATABASE_URL", database.url()),
            ("Model", "builtin".to_owned()),
            ("BUILD", "no".to_owned()),
        ];
        let transcribe = match ears {
            Ears::Scripted => {
                variables.push(("Recognizer", "scripted".to_owned()));
                None
            }
            Ears::Transcribe(stand_in) => {
                variables.push(("Recognizer", "transcribe".to_owned()));
                variables.push(("TranscribeEndpoint", stand_in.url()));
                variables.push(("CaBundle", stand_in.ca_path().display().to_string()));
                Some(stand_in)
            }
        };
        variables.extend_from_slice(further);
        let outputs = tokio::task::spawn_blocking(move || deploy(&variables)).await.expect("the deploy does not panic");
        Self { front, outputs, transcribe, issuer, database, emulator }
    }

    pub(crate) fn output(&self, name: &str) -> &str {
        self.outputs[name].as_str().unwrap_or_else(|| panic!("no output {name} in {}", self.outputs))
    }

    pub(crate) fn web_socket_url(&self) -> &str {
        self.output("WebSocketUrl")
    }

    /// A client of this user's.
    pub(crate) fn connector(&self, user: &str) -> Connector {
        Connector::new(self.web_socket_url(), self.token(user))
    }

    pub(crate) fn token(&self, user: &str) -> String {
        self.issuer.token(user)
    }

    /// Of a user who is somebody in a course.
    pub(crate) fn token_in(&self, user: &str, course: &str, role: &str) -> String {
        let mut claims = self.issuer.claims(user);
        claims["app_metadata"]["courses"] = json!({ course: role });
        self.issuer.current().sign(&claims)
    }

    /// Signed by a key that calls itself by the name of a published one.
    pub(crate) fn forged_token(&self, user: &str) -> String {
        let mut forged = self.issuer.make(Algorithm::ES256);
        forged.id = self.issuer.current().id;
        forged.sign(&self.issuer.claims(user))
    }

    pub(crate) fn expired_token(&self, user: &str) -> String {
        let mut claims = self.issuer.claims(user);
        for name in ["iat", "exp"] {
            claims[name] = Value::from(claims[name].as_i64().expect("a moment") - 7_200);
        }
        self.issuer.current().sign(&claims)
    }

    /// Signed well, for somebody else's application.
    pub(crate) fn foreign_token(&self, user: &str) -> String {
        let mut claims = self.issuer.claims(user);
        claims["iss"] = "https://elsewhere.example/auth/v1".into();
        self.issuer.current().sign(&claims)
    }

    /// Kills every process of the worker's function, as a crash does.
    pub(crate) fn kill_workers(&self) {
        self.kill("InterviewFunction");
    }

    /// Kills every process of the function that this output names.
    pub(crate) fn kill(&self, output: &str) {
        let pids = self.pids(self.output(output));
        assert!(!pids.is_empty(), "no process is there to be killed:\n{}", self.said());
        for pid in pids {
            let killed = Command::new("kill").arg("-KILL").arg(&pid).status().expect("there is kill");
            assert!(killed.success(), "process {pid} could not be killed");
        }
    }

    fn pids(&self, function: &str) -> Vec<String> {
        let ours = format!("AWS_ENDPOINT_URL=http://{}", self.front.addr);
        let function = format!("AWS_LAMBDA_FUNCTION_NAME={function}");
        let processes = fs::read_dir("/proc").expect("there is /proc").flatten();
        let is_worker = |folder: &Path| {
            let variables = fs::read(folder.join("environ")).unwrap_or_default();
            let has = |wanted: &str| variables.split(|byte| *byte == 0).any(|variable| variable == wanted.as_bytes());
            has(&ours) && has(&function)
        };
        processes
            .filter(|process| is_worker(&process.path()))
            .map(|process| process.file_name().to_string_lossy().into_owned())
            .collect()
    }

    /// A queue that hears of whatever is published on the stack's bus; its address.
    pub(crate) fn listen_to_bus(&self) -> String {
        let bus = self.output("EventBus");
        let queue = self.aws(&["sqs", "create-queue", "--queue-name", "ends"])["QueueUrl"].as_str().unwrap().to_owned();
        let of = ["sqs", "get-queue-attributes", "--attribute-names", "QueueArn", "--queue-url", &queue];
        let arn = self.aws(&of)["Attributes"]["QueueArn"].as_str().unwrap().to_owned();
        let pattern = r#"{"source":["viva"]}"#;
        self.aws(&["events", "put-rule", "--event-bus-name", bus, "--name", "ends", "--event-pattern", pattern]);
        let target = format!("Id=ends,Arn={arn}");
        self.aws(&["events", "put-targets", "--event-bus-name", bus, "--rule", "ends", "--targets", &target]);
        queue
    }

    /// What came to a queue since it was last asked.
    pub(crate) fn received(&self, queue: &str) -> Vec<Value> {
        self.bodies(queue).iter().map(|body| serde_json::from_str(body).unwrap()).collect()
    }

    /// The same, whatever it is.
    pub(crate) fn bodies(&self, queue: &str) -> Vec<String> {
        let answer = self.aws(&["sqs", "receive-message", "--max-number-of-messages", "10", "--queue-url", queue]);
        let messages = answer["Messages"].as_array().cloned().unwrap_or_default();
        messages.iter().map(|message| message["Body"].as_str().unwrap().to_owned()).collect()
    }

    /// What AWS's own command line answers.
    pub(crate) fn aws(&self, arguments: &[&str]) -> Value {
        let asked = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("target/venv/bin/aws"))
            .args(arguments)
            .args(["--output", "json", "--endpoint-url", &self.emulator.url()])
            .envs([
                ("AWS_ACCESS_KEY_ID", "emulator"),
                ("AWS_SECRET_ACCESS_KEY", "emulator"),
                ("AWS_DEFAULT_REGION", "us-east-1"),
            ])
            .output()
            .expect("the command line is installed");
        assert!(asked.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&asked.stderr));
        serde_json::from_slice(&asked.stdout).unwrap_or(Value::Null)
    }

    /// Waits until the session's summary and report stand in Postgres.
    pub(crate) async fn until_filed(&self, session: &str) {
        let deadline = Instant::now() + Duration::from_secs(60);
        let sql = format!("SELECT count(*) FROM viva.reports WHERE session = '{session}'");
        while self.database.psql("viva", &sql) != "1" {
            assert!(Instant::now() < deadline, "{session} was not filed:\n{}", self.said());
            sleep(Duration::from_millis(200)).await;
        }
    }

    /// The end of what the emulator and the functions have said, for whoever reads why a test failed.
    pub(crate) fn said(&self) -> String {
        let log = self.emulator.log();
        let start = log.len().saturating_sub(20_000);
        let start = (start..log.len()).find(|at| log.is_char_boundary(*at)).unwrap_or(0);
        log[start..].to_owned()
    }
}

/// What is deployed is what was built with this test.
fn assert_packed() {
    let changed = |path: &Path| fs::metadata(path).and_then(|file| file.modified()).ok();
    let built = changed(Path::new(env!("CARGO_BIN_EXE_interview"))).expect("it was built");
    let packed = changed(&Path::new(env!("CARGO_MANIFEST_DIR")).join("target/lambda/interview.zip"));
    assert!(
        packed.is_some_and(|packed| packed > built),
        "the functions are not packed: run scripts/build-lambdas.sh --built"
    );
}

/// The outputs of the stack.
fn deploy(variables: &[(&str, String)]) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/deploy-emulator.sh");
    let deployed = Command::new(script)
        .envs(variables.iter().map(|(name, value)| (*name, value.as_str())))
        .stdin(Stdio::null())
        .output()
        .expect("the script can be run");
    let said = String::from_utf8_lossy(&deployed.stderr);
    assert!(deployed.status.success(), "the stack was not deployed:\n{said}");
    serde_json::from_slice(&deployed.stdout).unwrap_or_else(|error| panic!("{error}: no outputs:\n{said}"))
}
