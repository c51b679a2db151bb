//! A PostgreSQL server that a test starts for itself: a cluster of its own in a temporary folder, reached through a Unix socket there.
//!
//! It ends when the test's process does, however that ends. Its owner is no superuser, as in a hosted database: `viva_owner` may make roles
//! and owns the database, and that is all.

#![allow(dead_code, reason = "each test crate uses its part")]

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Far longer than a start takes, also on a machine that does much else.
const START_MAX: Duration = Duration::from_secs(60);

/// Where nobody else's is.
const PORT: u16 = 5432;

/// A running server; dropping it ends it.
#[derive(Debug)]
pub(crate) struct Postgres {
    folder: TempDir,
    port: u16,
    /// A shell that ends the server when its standard input is closed, which the end of this process does by itself.
    shell: Child,
}

impl Postgres {
    /// Blocks until it answers.
    pub(crate) fn start() -> Self {
        Self::start_with(PORT, |_| Vec::new())
    }

    /// The same, also on a port of `localhost`, under this certificate and its key (PEM).
    pub(crate) fn start_over_tls(port: u16, certificate: &str, key: &str) -> Self {
        Self::start_with(port, |data| {
            for (name, pem) in [("server.crt", certificate), ("server.key", key)] {
                let path = data.join(name);
                fs::write(&path, pem).expect("the cluster's folder takes a file");
                fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("our own file");
                if is_root() {
                    let (uid, gid) = id_of("postgres");
                    chown(&path, Some(uid), Some(gid)).expect("root gives files away");
                }
            }
            vec!["listen_addresses=localhost", "ssl=on"]
        })
    }

    /// With the settings that `prepare` returns for the cluster's folder; later ones hold.
    fn start_with(port: u16, prepare: impl FnOnce(&Path) -> Vec<&'static str>) -> Self {
        let programs = programs();
        let folder = tempfile::Builder::new().prefix("viva-postgres-").tempdir_in("/tmp").expect("/tmp takes a folder");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("our own folder");
        // PostgreSQL refuses to run as root.
        let user = is_root().then(|| id_of("postgres"));
        if let Some((uid, gid)) = user {
            chown(folder.path(), Some(uid), Some(gid)).expect("root gives folders away");
        }
        let data = folder.path().join("data");
        let made = as_user(user, &programs.join("initdb"))
            .args(["-N", "-A", "trust", "-U", "postgres", "--no-locale", "-E", "UTF8", "-D"])
            .arg(&data)
            .output()
            .expect("initdb can be run");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let script = r#""$@" & server=$!; read -r _; kill -INT $server; wait $server"#;
        let mut shell = Command::new("sh");
        shell.args(["-c", script, "sh"]);
        let mut server = as_user(user, &programs.join("postgres"));
        server.arg("-D").arg(&data).arg("-k").arg(folder.path());
        for setting in ["listen_addresses=", "fsync=off", "shared_buffers=16MB", "autovacuum=off", "max_connections=30"]
        {
            server.args(["-c", setting]);
        }
        server.arg("-p").arg(port.to_string());
        for setting in prepare(&data) {
            server.arg("-c").arg(setting);
        }
        let log = fs::File::create(folder.path().join("log")).expect("the folder takes a file");
        let shell = shell
            .arg(server.get_program())
            .args(server.get_args())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("there is a shell");
        let started = Self { folder, port, shell };
        started.wait_until_it_answers(&programs);
        started.psql("postgres", "CREATE ROLE viva_owner LOGIN CREATEROLE");
        started.psql("postgres", "CREATE DATABASE viva OWNER viva_owner");
        started
    }

    /// Where viva's database is reached by its owner.
    pub(crate) fn url(&self) -> String {
        self.url_of("viva_owner", "viva")
    }

    pub(crate) fn url_of(&self, user: &str, database: &str) -> String {
        format!("postgres://{user}@localhost/{database}?host={}", self.folder.path().display())
    }

    /// What a superuser gets for a statement, bare.
    pub(crate) fn psql(&self, database: &str, sql: &str) -> String {
        let told = Command::new(programs().join("psql"))
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-d", database, "-c", sql, "-h"])
            .arg(self.folder.path())
            .arg("-p")
            .arg(self.port.to_string())
            .output()
            .expect("psql can be run");
        assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
        String::from_utf8_lossy(&told.stdout).trim().to_owned()
    }

    /// Runs a file of the repository as viva's owner would.
    pub(crate) fn run_file(&self, file: &str, variables: &[(&str, &str)]) {
        let mut psql = Command::new(programs().join("psql"));
        psql.args(["-X", "-q", "-U", "viva_owner", "-d", "viva", "-h"]).arg(self.folder.path());
        psql.arg("-p").arg(self.port.to_string());
        for (name, value) in variables {
            psql.arg("-v").arg(format!("{name}={value}"));
        }
        let told =
            psql.arg("-f").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).output().expect("psql can be run");
        assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    }

    fn wait_until_it_answers(&self, programs: &Path) {
        let deadline = Instant::now() + START_MAX;
        let ready = || {
            let mut asked = Command::new(programs.join("pg_isready"));
            asked
                .args(["-q", "-p", &self.port.to_string(), "-h"])
                .arg(self.folder.path())
                .status()
                .is_ok_and(|status| status.success())
        };
        while !ready() {
            let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            assert!(Instant::now() < deadline, "PostgreSQL did not start:\n{log}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        // It ends by itself; whoever drops it need not wait for a fault of it.
        drop(self.shell.wait());
    }
}

/// The newest that is installed.
fn programs() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions.map(|entry| entry.path().join("bin")).filter(|bin| bin.join("initdb").exists()).max();
    newest.expect("there is no PostgreSQL: run scripts/setup.sh test")
}

fn as_user(user: Option<(u32, u32)>, program: &Path) -> Command {
    let Some((uid, gid)) = user else { return Command::new(program) };
    let mut command = Command::new("setpriv");
    command.arg(format!("--reuid={uid}")).arg(format!("--regid={gid}")).arg("--clear-groups").arg(program);
    command
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

fn id_of(user: &str) -> (u32, u32) {
    let users = fs::read_to_string("/etc/passwd").expect("there are users");
    let found = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, uid, gid) = (fields.next()?, fields.nth(1)?, fields.next()?);
        Some((name == user).then_some(())?).and(Some((uid.parse().ok()?, gid.parse().ok()?)))
    });
    found.expect("the package postgresql makes a user of this name")
}
