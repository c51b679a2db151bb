//! What every school of a test has: settings and a folder of its own, a whole server, and people who are in courses.

use serde_json::Value;
use std::net::SocketAddr;
use std::path::Path;
use tokio::sync::oneshot;
use viva::auth::{CourseRole, Identity, LocalKey};
use viva::config::{Config, Environment};
use viva::embedded::system::SystemClock;
use viva::gateway::{Gateway, Parts};
use viva::ports::clock::Clock;
use viva::ports::ids::{TenantId, UserId};

const SECRET: &str = "a secret of the school, for tests alone";
pub(crate) const COURSE: &str = "law-1";

/// A server that keeps everything in this folder, with these settings besides.
pub(crate) fn config(data: &Path, more: &[(&str, &str)]) -> Config {
    let mut environment = Environment::default();
    for (name, value) in [
        ("VIVA_ADDR", "127.0.0.1:0"),
        ("VIVA_ADMIN_ADDR", "127.0.0.1:0"),
        ("VIVA_DATA", &data.to_string_lossy()),
        ("VIVA_EXTRACTOR", env!("CARGO_BIN_EXE_viva")),
        ("VIVA_TOKEN_SECRET", SECRET),
        ("VIVA_RECOGNIZER", "none"),
        ("VIVA_MODEL", "builtin"),
    ] {
        environment.set(name, value);
    }
    more.iter().for_each(|(name, value)| environment.set(name, *value));
    Config::read(&environment).unwrap()
}

/// Where it is; it stops once the sender is dropped.
pub(crate) fn serve(config: &Config, parts: Parts) -> (SocketAddr, oneshot::Sender<()>) {
    let gateway = Gateway::bind(&config.gateway, parts).unwrap();
    let addr = gateway.addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    tokio::spawn(async move {
        let stopped = async {
            // A dropped sender is an error, and stops the server, too.
            let _ = stopped.await;
        };
        gateway.run(stopped).await.unwrap();
    });
    (addr, stop)
}

pub(crate) fn identity(user: &str, courses: &[(&str, CourseRole)]) -> Identity {
    Identity {
        tenant: TenantId::new("default"),
        user: UserId::new(user),
        role: None,
        courses: courses.iter().map(|(course, role)| ((*course).to_owned(), *role)).collect(),
        expires: SystemClock.now().plus_ms(3_600_000),
    }
}

pub(crate) fn token(who: &Identity) -> String {
    LocalKey::new(SECRET).issue(who).unwrap()
}

/// The id of whatever has one.
#[track_caller]
pub(crate) fn id(view: &Value) -> &str {
    view["id"].as_str().unwrap_or_else(|| panic!("it has an id: {view}"))
}
