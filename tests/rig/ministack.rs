//! The AWS emulator that tests start for themselves: DynamoDB, S3, Lambda, API Gateway and others over the wire, on a free port of this machine.
//!
//! One serves all tests of a process; their tables and buckets have names of their own. It ends when the process does, however that ends.
//! It shows that requests and conditions are right; it is no place to judge latency or load.

#![allow(dead_code, reason = "each test crate uses its part")]

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use viva::cloud::aws::Aws;
use viva::config::Environment;

/// Far longer than a start takes, also on a machine that does much else.
const START_MAX: Duration = Duration::from_secs(60);
const REGION: &str = "us-east-1";

/// A running emulator; dropping it ends it.
#[derive(Debug)]
pub(crate) struct Ministack {
    port: u16,
    log: PathBuf,
    /// A shell that ends the emulator when its standard input is closed, which the end of this process does by itself.
    shell: Child,
}

impl Ministack {
    /// The emulator of this process, started by the first who asks.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: OnceLock<Ministack> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(&[]))
    }

    /// One more, with further variables; blocks until it answers.
    pub(crate) fn start(variables: &[(&str, &str)]) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let python = root.join("target/venv/bin/python");
        assert!(python.exists(), "{} is not there: run scripts/setup.sh test", python.display());
        let port = free_port();
        // It unpacks the functions' code where temporary files lie, and leaves it there.
        let folder = std::env::temp_dir().join(format!("viva-ministack-{}-{port}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("the temporary folder takes another");
        let log = folder.join("log");
        let file = std::fs::File::create(&log).expect("the temporary folder takes a file");
        let shell = Command::new("sh")
            .args(["-c", r#""$0" "$1" & emulator=$!; read -r _; kill $emulator; wait $emulator; rm -rf "$TMPDIR""#])
            .arg(&python)
            .arg(root.join("scripts/emulator.py"))
            .env("GATEWAY_PORT", port.to_string())
            .env("BIND_HOST", "127.0.0.1")
            .env("TMPDIR", &folder)
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(file.try_clone().expect("a file handle can be cloned"))
            .stderr(file)
            .spawn()
            .expect("there is a shell");
        let emulator = Self { port, log, shell };
        emulator.wait_until_it_answers();
        emulator
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What the emulator has said so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// The variables that lead every client to it.
    pub(crate) fn environment(&self) -> Environment {
        environment_at(&self.url())
    }

    pub(crate) fn aws(&self) -> Aws {
        aws_at(&self.url())
    }

    fn wait_until_it_answers(&self) {
        let deadline = Instant::now() + START_MAX;
        while !self.answers() {
            assert!(Instant::now() < deadline, "the emulator did not start:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn answers(&self) -> bool {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let Ok(mut stream) = TcpStream::connect_timeout(&address, Duration::from_secs(1)) else { return false };
        let request = b"GET /_ministack/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        let mut head = [0; 12];
        let patience = Some(Duration::from_secs(5));
        stream.set_read_timeout(patience).is_ok()
            && stream.write_all(request).is_ok()
            && stream.read_exact(&mut head).is_ok()
            && head.ends_with(b"200")
    }
}

impl Drop for Ministack {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        // It ends by itself; whoever drops it need not wait for a fault of it.
        drop(self.shell.wait());
    }
}

/// The variables that lead every client to what listens at `url`.
pub(crate) fn environment_at(url: &str) -> Environment {
    Environment::from([
        ("AWS_REGION", REGION),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_ENDPOINT_URL", url),
    ])
}

pub(crate) fn aws_at(url: &str) -> Aws {
    Aws::of_function(&environment_at(url)).expect("the variables are complete")
}

/// A name that nobody else in this process has.
pub(crate) fn unique(name: &str) -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("{name}-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port of this machine is free");
    listener.local_addr().expect("it is bound").port()
}
