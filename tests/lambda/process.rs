//! The functions as processes, under the Lambda runtime's API as AWS documents it: what they answer, what they log and count.

use crate::rig::{SECRET, ann, token};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use viva::embedded::system::SystemClock;
use viva::ports::clock::Clock as _;

/// Far longer than any answer takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// A function that runs, and is ended with the test.
struct Running {
    process: Child,
    answers: Receiver<(String, Value)>,
}

impl Drop for Running {
    fn drop(&mut self) {
        // Gone already, or gone now.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

impl Running {
    /// Starts a function and gives it these events, one after another.
    fn start(program: &str, variables: &[(&str, &str)], events: Vec<String>) -> Self {
        let api = TcpListener::bind("127.0.0.1:0").unwrap();
        let process = Command::new(program)
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", api.local_addr().unwrap().to_string())
            .envs([("AWS_LAMBDA_FUNCTION_NAME", "function"), ("AWS_LAMBDA_FUNCTION_VERSION", "1")])
            .envs([("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"), ("AWS_LAMBDA_LOG_STREAM_NAME", "stream")])
            .envs([("AWS_LAMBDA_LOG_GROUP_NAME", "group"), ("VIVA_ENVIRONMENT", "test")])
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, answers) = channel();
        std::thread::spawn(move || {
            let mut events = events.into_iter();
            for stream in api.incoming().map_while(Result::ok) {
                let mut stream = BufReader::new(stream);
                while let Some((line, body)) = request(&mut stream) {
                    if line.starts_with("GET ") {
                        // Without another event the function waits, as on AWS.
                        let Some(event) = events.next() else { return };
                        give(stream.get_mut(), &event);
                    } else {
                        stream.get_mut().write_all(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n").unwrap();
                        let kind = line.split([' ', '/']).nth_back(2).unwrap_or_default().to_owned();
                        sender.send((kind, serde_json::from_slice(&body).unwrap())).unwrap();
                    }
                }
            }
        });
        Self { process, answers }
    }

    /// What it answered: `response` or `error`, and its body.
    fn answer(&self) -> (String, Value) {
        self.answers.recv_timeout(PATIENCE).expect("the function answers")
    }

    /// Everything that it logged; it is ended for that.
    fn logged(mut self) -> String {
        self.process.kill().unwrap();
        let mut logged = String::new();
        self.process.stdout.take().unwrap().read_to_string(&mut logged).unwrap();
        logged
    }
}

fn request(stream: &mut BufReader<TcpStream>) -> Option<(String, Vec<u8>)> {
    let mut first = String::new();
    if stream.read_line(&mut first).ok()? == 0 {
        return None;
    }
    let mut length = 0;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).ok()?;
        match line.trim().to_ascii_lowercase().split_once(": ") {
            Some(("content-length", value)) => length = value.parse().unwrap(),
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some((first.trim().to_owned(), body))
}

fn give(stream: &mut TcpStream, event: &str) {
    let deadline = SystemClock.now().plus_ms(29_000).0;
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Lambda-Runtime-Aws-Request-Id: 8476a536-e9f4-11e8-9739-2dfe598c3fcd\r\nLambda-Runtime-Deadline-Ms: {deadline}\r\n\
         Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-west-1:123456789012:function:function\r\n\r\n",
        event.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(event.as_bytes()).unwrap();
}

fn authorizing(token: &str) -> String {
    include_str!("events/authorize_connect.json").replace("TOKEN", token)
}

#[test]
fn a_function_answers_one_event_after_another_and_logs_nothing_personal() {
    let (good, bad) = (token(&ann()), "not.a.token");
    let events = vec![authorizing(&good), authorizing(bad), "{}".to_owned()];
    let program = env!("CARGO_BIN_EXE_authorizer");
    let running = Running::start(program, &[("VIVA_TOKEN_SECRET", SECRET), ("VIVA_LOG", "debug")], events);
    let effect = |answer: &Value| answer["policyDocument"]["Statement"][0]["Effect"].clone();

    let (kind, allowed) = running.answer();
    assert_eq!((kind.as_str(), effect(&allowed)), ("response", json!("Allow")));
    let (kind, denied) = running.answer();
    assert_eq!((kind.as_str(), effect(&denied)), ("response", json!("Deny")));
    let (kind, error) = running.answer();
    assert_eq!((kind.as_str(), &error["errorType"]), ("error", &json!("FunctionError")));

    let logged = running.logged();
    let lines: Vec<Value> = logged
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    let counted: Vec<&Value> = lines.iter().filter(|line| line.get("_aws").is_some()).collect();
    assert_eq!(counted.len(), 1, "{logged}");
    assert_eq!(counted[0]["viva_tokens_refused_total"], 1.0);
    assert_eq!((&counted[0]["environment"], &counted[0]["function"]), (&json!("test"), &json!("authorizer")));
    for secret in [good.as_str(), bad, SECRET, "\"ann\"", "192.0.2.1"] {
        assert!(!logged.contains(secret), "{secret} was logged: {logged}");
    }
}

#[test]
fn a_function_without_its_configuration_says_what_is_missing_and_ends() {
    let output = Command::new(env!("CARGO_BIN_EXE_authorizer")).env_clear().output().unwrap();
    assert!(!output.status.success());
    let logged = String::from_utf8(output.stdout).unwrap();
    assert!(logged.contains("VIVA_ISSUER"), "{logged}");
}
